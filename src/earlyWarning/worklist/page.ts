import { type Ask, decide, type Route, type Trail } from '../../access/index.ts';
import { Refusal } from '../../base/problem.ts';
import { subjectOfPupilList } from '../../pupils/index.ts';
import type { School } from '../../schools/index.ts';
import { pageNumber } from '../../ui/index.ts';
import {
  capacityFault,
  noteFault,
  possibleHolders,
  putHolder,
  setCapacity,
  writeNote,
} from './keep.ts';
import { type Typed, worklistModel } from './model.ts';
import { listParts, showWorklist, type WorklistOptions } from './show.ts';

export type WorklistPagesOptions = WorklistOptions & { trail: Trail };

/** A school’s worklist, and what its people write on it. */
export function worklistPages(options: WorklistPagesOptions): Route[] {
  const { directories } = options;
  const schoolOf = async ({ urn = '' }: Ask['params']) => (await directories()).getTyped(urn);
  const ofSchool = {
    needs: 'worklist',
    shows: ['pupil attendance'],
    purpose: 'attendance',
    subject: async (params: Ask['params']) => subjectOfPupilList(options, await schoolOf(params)),
  } as const satisfies Partial<Route>;
  const writerOf = async ({ viewer, purpose, from, params }: Ask) => ({
    ...{ viewer, purpose, from, school: await schoolOf(params) },
  });
  return [
    {
      ...ofSchool,
      method: 'GET',
      path: '/schools/:urn/worklist',
      summary: 'A school’s worklist: which children’s weeks need somebody, and who has them',
      answer: async (ask) => worklistPage(options, ask, await schoolOf(ask.params)),
    },
    {
      ...ofSchool,
      method: 'POST',
      path: '/schools/:urn/worklist/notes',
      summary: 'Write down what was tried or found of a child on the worklist',
      async answer(ask) {
        const writer = await writerOf(ask);
        const pupil = numberIn(ask.form['pupil']);
        const { text = '' } = ask.form;
        const fault = noteFault(text);
        if (fault) {
          return worklistPage(options, ask, writer.school, { field: 'note', pupil, text, fault });
        }
        await writeNote(options, writer, { pupil, text });
        return toChild(writer.school, pupil);
      },
    },
    {
      ...ofSchool,
      method: 'POST',
      path: '/schools/:urn/worklist/holder',
      summary: 'Take on a child of the worklist, hand it over or let it go',
      async answer(ask) {
        const writer = await writerOf(ask);
        const pupil = numberIn(ask.form['pupil']);
        const { holder = '' } = ask.form;
        if (holder !== 'nobody' && numberIn(holder) === 0) {
          throw new Refusal('bad-input', 'Choose who takes the child on, or that nobody has it.');
        }
        await putHolder(options, writer, {
          ...{ pupil, holder: holder === 'nobody' ? null : numberIn(holder) },
        });
        return toChild(writer.school, pupil);
      },
    },
    {
      ...ofSchool,
      method: 'POST',
      path: '/schools/:urn/worklist/capacity',
      summary: 'Say how many children the school can see to',
      async answer(ask) {
        const writer = await writerOf(ask);
        const { children: text = '' } = ask.form;
        const fault = capacityFault(text);
        if (fault) {
          const typed = { field: 'capacity', pupil: 0, text, fault } as const;
          return worklistPage(options, ask, writer.school, typed);
        }
        await setCapacity(options, writer, text);
        return { kind: 'redirect', to: `/schools/${writer.school.urn}/worklist#capacity` };
      },
    },
  ];
}

const numberIn = (text = '') => (/^[1-9]\d{0,8}$/.test(text) ? Number(text) : 0);

/** Back to the list, on the page that the child stands on now. */
function toChild({ urn }: School, pupil: number) {
  const to = `/schools/${urn}/worklist?child=${pupil}#child-${pupil}`;
  return { kind: 'redirect', to } as const;
}

async function worklistPage(options: WorklistOptions, ask: Ask, school: School, typed?: Typed) {
  const { viewer, purpose, query, may } = ask;
  const shown = await showWorklist(options, {
    ...{ viewer, purpose, school, page: pageNumber(query['page']) },
    child: typed?.pupil || numberIn(query['child']),
    part: listParts.find((each) => each === query['show']) ?? 'all',
  });
  // Each child on the page was looked at: the family can be told of every one.
  for (const { child } of shown.entries) {
    may('worklist', child.subject);
    may('pupil attendance', child.subject);
  }
  const subject = await subjectOfPupilList(options, school);
  const mayChange = decide(viewer, 'worklist', subject, { act: 'change', purpose }).allowed;
  const people = mayChange ? await possibleHolders(options, school) : [];
  return {
    kind: 'page',
    template: 'earlyWarning/worklist/worklist.njk',
    model: worklistModel(shown, { viewer, mayChange, people, typed: typed ?? null }),
  } as const;
}
