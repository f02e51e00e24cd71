import { type Ask, decide, type Route, type Trail } from '../../access/index.ts';
import { subjectOfPupilList } from '../../pupils/index.ts';
import type { School } from '../../schools/index.ts';
import { pageNumber } from '../../ui/index.ts';
import { capacityFault, keepOfChild, setCapacity } from './keep.ts';
import { type Kept, keptKinds, type Typed, worklistModel } from './model.ts';
import { peopleOf } from './people.ts';
import { type ListPart, listParts, showWorklist, urnsOf, type WorklistOptions } from './show.ts';

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
      path: '/schools/:urn/worklist/child',
      summary:
        'Write down what was tried or found of a child on the worklist; take it on, hand it over or let it go',
      async answer(ask) {
        const writer = await writerOf(ask);
        const pupil = numberIn(ask.form['pupil']);
        const { text = '', holder: chosen = '', after = '' } = ask.form;
        const fault = await keepOfChild(options, writer, {
          ...{ pupil, text, after: numberIn(after) },
          ...(chosen === '' ? {} : { holder: chosen === 'nobody' ? null : numberIn(chosen) }),
        });
        if (fault === null) return toList(ask, writer.school, { kept: 'child', pupil });
        return worklistPage(options, ask, writer.school, { pupil, text, chosen, ...fault });
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
          const typed = { field: 'capacity', pupil: 0, text, chosen: '', fault } as const;
          return worklistPage(options, ask, writer.school, typed);
        }
        await setCapacity(options, writer, text);
        return toList(ask, writer.school, { kept: 'capacity', pupil: 0 });
      },
    },
  ];
}

const numberIn = (text = '') => (/^[1-9]\d{0,8}$/.test(text) ? Number(text) : 0);

/** Back to the part of the list that was looked at, to where the child stands on it now. */
function toList(ask: Ask, { urn }: School, { kept, pupil }: { kept: Kept; pupil: number }) {
  const { part, page } = placeOf(ask);
  const query = new URLSearchParams({
    ...(part === 'all' ? {} : { show: part }),
    ...(page === 1 ? {} : { page: String(page) }),
    ...(pupil === 0 ? {} : { child: String(pupil) }),
    kept,
  });
  return { kind: 'redirect', to: `/schools/${urn}/worklist?${query}` } as const;
}

/** Which part of the list is looked at, and which page of it: a form says it again. */
function placeOf({ query, form }: Ask): { part: ListPart; page: number } {
  const said = (name: string) => form[name] ?? query[name];
  return {
    part: listParts.find((each) => each === said('show')) ?? 'all',
    page: pageNumber(said('page')),
  };
}

async function worklistPage(options: WorklistOptions, ask: Ask, school: School, typed?: Typed) {
  const { viewer, purpose, query, may } = ask;
  const shown = await showWorklist(options, {
    ...{ viewer, purpose, school, ...placeOf(ask) },
    child: typed?.pupil || numberIn(query['child']),
    ...{ hasToStand: typed !== undefined, orLast: true },
  });
  // Each child on the page was looked at: the family can be told of every one.
  const seen = [
    ...shown.entries.map(({ child }) => child),
    ...(shown.asked ? [shown.asked.child] : []),
  ];
  for (const subject of new Set(seen.map((child) => child.subject))) {
    may('worklist', subject);
    may('pupil attendance', subject);
  }
  const subject = await subjectOfPupilList(options, school);
  const mayChange = decide(viewer, 'worklist', subject, { act: 'change', purpose }).allowed;
  const people = mayChange ? await peopleOf(options, urnsOf(school)) : [];
  const kept = keptKinds.find((each) => each === query['kept']) ?? null;
  return {
    kind: 'page',
    template: 'earlyWarning/worklist/worklist.njk',
    model: worklistModel(shown, { viewer, mayChange, people, kept, typed: typed ?? null }),
  } as const;
}
