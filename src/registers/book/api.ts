import { Type } from 'typebox';
import { apiRoute, type Route } from '../../access/index.ts';
import { countShape, orNull, shape, urnShape } from '../../base/shapes.ts';
import { type ListedPupil, subjectOfPupilList } from '../../pupils/index.ts';
import { groupAndWeek } from './page.ts';
import { type BookParts, showRegister } from './show.ts';
import { showUnexplained } from './unexplained.ts';
import { kindOf, sessionNames, totalsOf } from './week.ts';

const dayShape = Type.String({
  pattern: '^\\d{4}-\\d\\d-\\d\\d$',
  description: 'a day, as 2026-11-02',
});
const sessionShape = Type.Union([Type.Literal('AM'), Type.Literal('PM')], {
  description: 'AM or PM',
});
const textShape = (description: string) => Type.String({ maxLength: 20, description });

const childShape = shape('RegisterChild', {
  record: Type.Integer({ description: 'the child’s number here' }),
  restricted: Type.Boolean({ description: 'the record is restricted: nothing more is told of it' }),
  surname: orNull(Type.String()),
  forename: orNull(Type.String()),
  class: orNull(Type.String()),
  year_group: orNull(Type.String()),
});

const entryShape = shape('RegisterEntry', {
  date: dayShape,
  session: sessionShape,
  state: Type.Union(
    [
      ...([Type.Literal('mark'), Type.Literal('unmarked'), Type.Literal('closed')] as const),
      ...([Type.Literal('not on roll'), Type.Literal('to come')] as const),
    ],
    { description: 'whether there is a mark, and why not' },
  ),
  code: orNull(Type.String()),
  meaning: orNull(Type.String()),
  counts_as: orNull(Type.String({ description: 'attending, absent or not possible' })),
  entered_more_than_once: Type.Boolean(),
});

const rowShape = shape('RegisterRow', { child: childShape, entries: Type.Array(entryShape) });

const totalShape = shape('RegisterTotals', {
  date: dayShape,
  session: sessionShape,
  closed: orNull(Type.String({ description: 'why the school is closed; null where it is open' })),
  attending: countShape,
  absent: countShape,
  not_possible: countShape,
  unmarked: countShape,
});

const unexplainedShape = shape('UnexplainedAbsence', {
  child: childShape,
  date: dayShape,
  session: sessionShape,
  due: orNull(dayShape),
  overdue: Type.Boolean(),
});

function childData(pupil: ListedPupil) {
  const nothing = { surname: null, forename: null, class: null, year_group: null };
  if (pupil.restricted) return { record: pupil.id, restricted: true, ...nothing };
  const { id, surname, forename, className, yearGroup } = pupil;
  return {
    ...{ record: id, restricted: false, surname, forename },
    ...{ class: className, year_group: yearGroup },
  };
}

const countsAs = { attending: 'attending', absent: 'absent', notPossible: 'not possible' } as const;

/** A week of a register, and the absences without a reason, as the pages have them. */
export function bookApi(parts: BookParts): Route[] {
  const { directories } = parts;
  const ofSchool = {
    needs: 'pupil attendance',
    purpose: 'attendance',
    params: Type.Object({ urn: urnShape }),
    subject: async ({ urn }: { urn: number }) =>
      subjectOfPupilList(parts, (await directories()).get(urn)),
  } as const;
  return [
    apiRoute({
      ...ofSchool,
      path: '/api/v1/schools/:urn/register',
      summary: 'A week of the register of a class or a year group',
      description:
        'Of the children on the roll in that week whom whoever asks may see; who has left since is shown to the school itself. Without a class or a year group, the first class; without a day, this week or the last that has a mark.',
      query: Type.Object(
        {
          class: Type.Optional(textShape('a class, as 7B')),
          year: Type.Optional(textShape('a year group: R or 1 to 14')),
          week: Type.Optional(dayShape),
        },
        { additionalProperties: false },
      ),
      reply: shape('Register', {
        urn: urnShape,
        monday: dayShape,
        class: orNull(Type.String()),
        year_group: orNull(Type.String()),
        data: Type.Array(rowShape),
        totals: Type.Array(totalShape),
      }),
      async answer({ viewer, purpose, params, query, may }) {
        const school = (await directories()).get(params.urn);
        const asked = groupAndWeek(
          Object.fromEntries(
            Object.entries(query).filter(
              (entry): entry is [string, string] => entry[1] !== undefined,
            ),
          ),
        );
        const register = await showRegister(parts, { viewer, purpose, school, ...asked });
        for (const { pupil } of register.rows) may('pupil attendance', pupil.subject);
        const { week, rows, group, monday } = register;
        const totals = totalsOf(rows.map(({ cells }) => cells).filter(({ length }) => length > 0));
        return {
          body: {
            ...{ urn: school.urn, monday },
            class: group?.kind === 'class' ? group.name : null,
            year_group: group?.kind === 'year' ? group.name : null,
            data: rows.map(({ pupil, cells }) => ({
              child: childData(pupil),
              entries: cells.map((cell, at) => {
                const of = week[at] ?? { date: '', session: 0 as const };
                const mark = cell.kind === 'mark' ? cell : undefined;
                const kind = kindOf(mark?.meaning);
                return {
                  ...{ date: of.date, session: sessionNames[of.session], state: cell.kind },
                  code: mark?.code ?? null,
                  meaning: mark?.meaning?.meaning ?? null,
                  counts_as: kind ? countsAs[kind] : null,
                  entered_more_than_once: mark?.changed ?? false,
                };
              }),
            })),
            totals: week.map(({ date, session, closed }, at) => ({
              ...{ date, session: sessionNames[session], closed },
              attending: totals[at]?.attending ?? 0,
              absent: totals[at]?.absent ?? 0,
              not_possible: totals[at]?.notPossible ?? 0,
              unmarked: totals[at]?.unmarked ?? 0,
            })),
          },
        };
      },
    }),
    apiRoute({
      ...ofSchool,
      path: '/api/v1/schools/:urn/unexplained',
      summary: 'Absences of a school whose reason is not established yet',
      description:
        'Every N that stands, of the children whom whoever asks may see. “overdue” is one that stands for more than five of the school’s own days; “due” is the fifth of them.',
      reply: shape('UnexplainedAbsences', {
        urn: urnShape,
        data: Type.Array(unexplainedShape),
        of_others: countShape,
      }),
      async answer({ viewer, purpose, params, may }) {
        const school = (await directories()).get(params.urn);
        const { entries, others } = await showUnexplained(parts, { viewer, purpose, school });
        for (const { pupil } of entries) may('pupil attendance', pupil.subject);
        return {
          body: {
            urn: school.urn,
            data: entries.map(({ pupil, date, session, due, overdue }) => ({
              ...{ child: childData(pupil), date, due, overdue },
              session: session === 0 ? ('AM' as const) : ('PM' as const),
            })),
            of_others: others,
          },
        };
      },
    }),
  ];
}
