import { Type } from 'typebox';
import { apiRoute, type Route } from '../../access/index.ts';
import { countShape, dateShape, orNull, shape, urnShape } from '../../base/shapes.ts';
import { subjectOfPupilList } from '../../pupils/index.ts';
import { sessionKinds } from '../../ui/index.ts';
import { modelText } from '../model.ts';
import { type ShownEntry, showWorklist, type WorklistOptions } from './show.ts';

const noteShape = shape('WorklistNote', {
  on: dateShape,
  by: Type.String({ description: 'who wrote it' }),
  text: Type.String(),
});

const kindShape = Type.String({
  description: `${Object.keys(sessionKinds).join(', ')} or blank`,
});

const probabilityShape = orNull(
  Type.Number({
    ...{ minimum: 0, maximum: 1 },
    description: 'null while too few of the child’s half days are counted this year',
  }),
);

const entryShape = shape('WorklistEntry', {
  record: Type.Integer({ description: 'the child’s number here' }),
  surname: Type.String(),
  forename: Type.String(),
  class: orNull(Type.String()),
  year_group: Type.String(),
  because: Type.String({
    description: 'likely; capacity: the school can see to so many; or held: somebody has it',
  }),
  nobody_wrote: Type.Boolean({
    description: 'missed a tenth or more, and nobody has written anything of it this year',
  }),
  probability_persistent: probabilityShape,
  probability_next_4_weeks: probabilityShape,
  reasons: Type.Array(Type.String()),
  arithmetic: orNull(Type.String()),
  weeks: Type.Array(
    shape('WorklistWeek', {
      monday: dateShape,
      sessions: Type.Array(kindShape, { description: 'Monday morning to Friday afternoon' }),
    }),
  ),
  notes: Type.Array(noteShape, { description: 'newest first' }),
  holder: orNull(
    shape('WorklistHolder', {
      name: Type.String(),
      since: dateShape,
      can_see: Type.Boolean({
        description:
          'acts for the school today and may see the child; if not, somebody else has to',
      }),
    }),
  ),
});

/** A school’s worklist, as its page has it. It is written on by a person on the page alone. */
export function worklistApi(parts: WorklistOptions): Route[] {
  const { directories } = parts;
  return [
    apiRoute({
      path: '/api/v1/schools/:urn/worklist',
      summary: 'A school’s worklist: which children’s weeks need somebody',
      description:
        'In the order of its page, 25 to a page, for the school alone. It decides nothing; “model” says what the probabilities rest on. What is written on it is written by a person who has signed in, on the page.',
      needs: 'worklist',
      shows: ['pupil attendance'],
      purpose: 'attendance',
      params: Type.Object({ urn: urnShape }),
      query: Type.Object(
        { page: Type.Integer({ minimum: 1, maximum: 1000, default: 1, description: 'a page' }) },
        { additionalProperties: false },
      ),
      reply: shape('Worklist', {
        urn: urnShape,
        on: dateShape,
        model: Type.String(),
        scored: countShape,
        restricted: Type.Integer({
          description: 'records of the school that are kept and not looked at here',
        }),
        total: countShape,
        nobody_wrote: countShape,
        capacity: Type.Integer({ description: 'as the school said, or a twentieth of its roll' }),
        data: Type.Array(entryShape),
      }),
      subject: async ({ urn }) => subjectOfPupilList(parts, (await directories()).get(urn)),
      async answer({ viewer, purpose, params, query, may }) {
        const school = (await directories()).get(params.urn);
        const shown = await showWorklist(parts, { viewer, purpose, school, page: query.page });
        for (const { child } of shown.entries) {
          may('worklist', child.subject);
          may('pupil attendance', child.subject);
        }
        return {
          body: {
            ...{ urn: school.urn, on: shown.today, model: modelText(shown.model) },
            ...{
              scored: shown.scored,
              restricted: shown.restricted,
              total: shown.counts.all,
              nobody_wrote: shown.counts.unwritten,
            },
            capacity: shown.capacity?.children ?? shown.usual,
            data: shown.entries.map(replyOf),
          },
        };
      },
    }),
  ];
}

function replyOf(entry: ShownEntry) {
  const { child, score, holder } = entry;
  return {
    ...{ record: child.id, surname: child.surname, forename: child.forename },
    ...{ class: child.className, year_group: child.yearGroup },
    ...{ because: entry.because, nobody_wrote: entry.unseen },
    probability_persistent: score?.probability_persistent ?? null,
    probability_next_4_weeks: score?.probability_next_4_weeks ?? null,
    ...{ reasons: entry.why, arithmetic: entry.arithmetic },
    weeks: entry.strip.map(({ monday, cells }) => ({ monday, sessions: [...cells] })),
    notes: entry.notes.map(({ on, by, text }) => ({ on, by, text })),
    holder: holder && { name: holder.name, since: holder.since, can_see: holder.canSee },
  };
}
