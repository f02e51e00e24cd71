import { type Day, daysAfter, isWeekday } from '../base/day.ts';
import type { Enrolment, Ground, Mark } from './reference.ts';
import type { Question } from './question.ts';
import { countingYear } from './windows.ts';

/*
 * How we count, as small tables: what a register says, and what comes of it. The tests hold every implementation against
 * them, and docs/counting is written from them.
 */

export type Case = {
  title: string;
  /** The rule, its source, or that it is our choice. */
  says: string;
  pupils: readonly CasePupil[];
  /** Sessions in which the school is closed: `2025-09-10 PM`. */
  closed?: readonly string[];
  ask?: Partial<Question>;
  /** The rows that come of it, by the names of the columns of `absence`; columns not named are not looked at. */
  rows: readonly Readonly<Record<string, string | number | null>>[];
};

export type CasePupil = Partial<Omit<Enrolment, 'pupil'>> & {
  /** A, B, …: the same letter twice is the same pupil, enrolled twice. */
  name: string;
  /** `2025-09-08: / \`, or every weekday of `2025-09-08 to 2025-09-19: / \`. */
  marks: readonly string[];
  /** Entered later, on the day after `@`: `2025-09-08: I \ @ 2025-09-10`. */
  amended?: readonly string[];
};

const all = (letters: string, pupil: Omit<CasePupil, 'name'>): CasePupil[] =>
  [...letters].map((name) => ({ ...pupil, name }));

/** Ten pupils who are always there, so that a census does not leave the school out. */
const others = (marks: string) => all('PQRSTU', { marks: [marks] });

export const cases: readonly Case[] = [
  {
    title: 'A code counts as what it meant on the day',
    says: 'Codes changed on 19 August 2024 (SI 2024/208). J was attendance (an interview as an approved educational activity); J1 is authorised absence. H was a holiday that the school authorised. Y made a session not possible, as Y1 to Y7 do now. A code that was none on a day counts nowhere.',
    pupils: [{ name: 'A', marks: ['2024-07-15: J H', '2024-07-16: Y \\', '2024-07-17: / J1'] }],
    ask: { year: 202324 },
    rows: [
      { sess_possible: 4, sess_overall: 1, sess_authorised: 1, sess_J: 1, sess_H: 1, sess_Y: 1 },
    ],
  },
  {
    title: 'The same letters after 19 August 2024',
    says: 'J1 and C2 are authorised absence, K is attendance, Q and Y4 make no possible session; J and H are codes no longer.',
    pupils: [
      {
        name: 'A',
        marks: ['2024-09-09: J1 K', '2024-09-10: Q Y4', '2024-09-11: J H', '2024-09-12: C2 \\'],
      },
    ],
    ask: { year: 202425 },
    rows: [
      {
        sess_possible: 4,
        sess_overall: 2,
        sess_authorised: 2,
        sess_J1: 1,
        sess_K: 1,
        sess_Q: 1,
        sess_Y4: 1,
        sess_C2: 1,
      },
    ],
  },
  {
    title: 'A tenth is persistent, to the session',
    says: 'Persistent: 10 × absent ≥ possible, in whole numbers; exactly 10.00 % is persistent (DfE, pupil absence statistics, since 2015/16). Each enrolment by its own possible sessions.',
    pupils: [
      { name: 'A', marks: ['2025-09-08 to 2025-09-18: / \\', '2025-09-19: I I'] },
      { name: 'B', marks: ['2025-09-08 to 2025-09-18: / \\', '2025-09-19: I \\'] },
      { name: 'C', marks: ['2025-09-08: I \\', '2025-09-09: / \\'] },
    ],
    rows: [
      {
        enrolments: 3,
        sess_possible: 44,
        sess_overall: 4,
        enrolments_pa_10_exact: 2,
        enrolments_pa_50_exact: 0,
        enrolments_absent_10_percent: 1,
        enrolments_absent_25_percent: 1,
        enrolments_absent_5_percent: 1,
      },
    ],
  },
  {
    title: 'A half is severe, to the session',
    says: 'Severe: 2 × absent ≥ possible. Who is severely absent is persistently absent too.',
    pupils: [
      { name: 'A', marks: ['2025-09-08: I I', '2025-09-09: / \\'] },
      { name: 'B', marks: ['2025-09-08: I \\', '2025-09-09: / \\'] },
    ],
    rows: [
      {
        enrolments: 2,
        enrolments_pa_10_exact: 2,
        enrolments_pa_50_exact: 1,
        enrolments_pa_50_exact_percent: 50,
      },
    ],
  },
  {
    title: 'What is not possible is in neither number of a rate',
    says: 'D, Q, X, Y1 to Y7, Z and # are counted under their own codes and nowhere else (DfE, pupil attendance in schools: methodology). An enrolment without any possible session is no enrolment of the daily series’ figures, though its marks stand under their codes.',
    pupils: [
      {
        name: 'A',
        marks: ['2025-09-08: D Q', '2025-09-09: X Y1', '2025-09-10: Z #', '2025-09-11: O \\'],
      },
      { name: 'B', marks: ['2025-09-08: X X'] },
    ],
    rows: [
      {
        enrolments: 1,
        sess_possible: 2,
        sess_overall: 1,
        sess_unauthorised: 1,
        sess_overall_percent: 50,
        sess_D: 1,
        sess_Q: 1,
        sess_X: 3,
        sess_Y1: 1,
        sess_Z: 1,
        sess_hash: 1,
      },
    ],
  },
  {
    title: 'Late before the register closed is present; after it, an unauthorised absence',
    says: 'L is present, U is unauthorised absence; late sessions are L + U, as the feed has them.',
    pupils: [{ name: 'A', marks: ['2025-09-08: L U', '2025-09-09: / \\'] }],
    rows: [
      {
        sess_possible: 4,
        sess_present: 3,
        sess_unauthorised: 1,
        sess_late: 2,
        days_possible: 2,
        days_overall: 0.5,
      },
    ],
  },
  {
    title: 'Rates are pooled',
    says: 'All absent sessions over all possible sessions; never the mean of rates.',
    pupils: [
      { name: 'A', marks: ['2025-09-08: I I'] },
      { name: 'B', marks: ['2025-09-08 to 2025-09-11: / \\'] },
    ],
    rows: [{ sess_overall_percent: 20, sess_attended_percent: 80 }],
  },
  {
    title: 'A mover counts once at each school',
    says: 'Enrolments are counted, not pupils, each with its own possible sessions (DfE, pupil absence statistics: methodology). Here 10 sessions at one school with one absence, and 2 at another without.',
    pupils: [
      {
        name: 'A',
        leaving_date: '2025-09-12',
        marks: ['2025-09-08: I \\', '2025-09-09 to 2025-09-12: / \\'],
      },
      { name: 'A', urn: 900002, entry_date: '2025-09-15', marks: ['2025-09-15: / \\'] },
    ],
    rows: [{ enrolments: 2, sess_possible: 12, sess_overall: 1, enrolments_pa_10_exact: 1 }],
  },
  {
    title: 'Coming back to the same school is a new enrolment',
    says: 'Our choice: the registers say when a pupil left and came back, and each time has its own possible sessions.',
    pupils: [
      { name: 'A', leaving_date: '2025-09-09', marks: ['2025-09-08: I I', '2025-09-09: / \\'] },
      { name: 'A', entry_date: '2025-10-06', marks: ['2025-10-06: / \\'] },
    ],
    rows: [{ enrolments: 2, sess_possible: 6, enrolments_pa_10_exact: 1 }],
  },
  {
    title: 'Marks outside the enrolment count nowhere',
    says: 'From the day of entry to the day of leaving, both in it (DfE, Monitor your school attendance: user guide).',
    pupils: [
      {
        name: 'A',
        entry_date: '2025-09-09',
        leaving_date: '2025-09-10',
        marks: ['2025-09-08 to 2025-09-11: I \\'],
      },
    ],
    rows: [{ enrolments: 1, sess_possible: 4, sess_overall: 2, sess_I: 2 }],
  },
  {
    title: 'A closed session is nobody’s, whatever was marked',
    says: 'A mark for a session in which the calendar says that the school is closed makes no possible session. Our choice: under codes that make none anyway (# for the closure itself, Y4) it stands in their column.',
    closed: ['2025-09-09 AM', '2025-09-09 PM', '2025-09-10 PM'],
    pupils: [{ name: 'A', marks: ['2025-09-08: / \\', '2025-09-09: # I', '2025-09-10: / I'] }],
    rows: [{ sess_possible: 3, sess_overall: 0, sess_I: 0, sess_hash: 1 }],
  },
  {
    title: 'Pupils aged 5 to 15 on 31 August before the year',
    says: 'Both series (DfE, pupil absence statistics: methodology). Born in August 2020: 5 then, counted; in September 2020: 4, not counted. Born in September 2009: 15; in August 2009: 16, not counted. Our choice where the month of birth is not known: as the year group has it.',
    pupils: [
      { name: 'A', born: '2020-08-01', marks: ['2025-09-08: / \\'] },
      { name: 'B', born: '2020-09-01', marks: ['2025-09-08: I I'] },
      { name: 'C', born: '2009-09-01', marks: ['2025-09-08: / \\'] },
      { name: 'D', born: '2009-08-01', marks: ['2025-09-08: I I'] },
      { name: 'E', born: '1900-01-01', year_group: 11, marks: ['2025-09-08: / \\'] },
      { name: 'F', born: '1900-01-01', year_group: 0, marks: ['2025-09-08: I I'] },
    ],
    rows: [{ enrolments: 3, sess_possible: 6, sess_overall: 0 }],
  },
  {
    title: 'The mark that stands is the newest',
    says: 'Marks are only ever added. The newest by when it was entered stands; what was known on a day rests on what had been entered by its end.',
    pupils: [
      {
        name: 'A',
        marks: ['2025-09-08: N N', '2025-09-09: / \\'],
        amended: ['2025-09-08: I N @ 2025-09-15'],
      },
    ],
    rows: [{ sess_I: 1, sess_N: 1, sess_authorised: 1, sess_unauthorised: 1 }],
  },
  {
    title: 'As known on a day',
    says: 'The same register, a day before the amendment was entered. Marks count that had been entered and sent by the end of the day; of each school’s rolls, of the calendars of each session and of the lists of schools the newest that had been imported by then. What came first stands for the time before it, so that a later import never changes what was known. What was withdrawn since is not counted for any day, and trusts are those last published.',
    pupils: [
      {
        name: 'A',
        marks: ['2025-09-08: N N', '2025-09-09: / \\'],
        amended: ['2025-09-08: I N @ 2025-09-15'],
      },
    ],
    ask: { asKnownOn: '2025-09-14' },
    rows: [{ sess_I: 0, sess_N: 2, sess_authorised: 0, sess_unauthorised: 2 }],
  },
  {
    title: 'Up to a day is not as known on that day',
    says: 'The last session day cuts sessions off, the day of knowledge cuts off what was entered.',
    pupils: [
      {
        name: 'A',
        marks: ['2025-09-08: N N', '2025-09-09: I I'],
        amended: ['2025-09-08: I I @ 2025-09-15'],
      },
    ],
    ask: { to: '2025-09-08' },
    rows: [{ sess_possible: 2, sess_I: 2 }],
  },
  {
    title: 'Census: the second half of summer is not counted for pupils aged 15',
    says: 'From the spring bank holiday on, neither possible nor absent, because of examinations (DfE, pupil absence statistics: methodology).',
    pupils: [
      { name: 'A', born: '2010-03-01', marks: ['2026-05-18: / \\', '2026-06-01: I I'] },
      { name: 'B', born: '2011-03-01', marks: ['2026-05-18: / \\', '2026-06-01: I I'] },
      ...others('2026-05-18: / \\'),
    ],
    ask: { series: 'census' },
    rows: [{ enrolments: 8, sess_possible: 18, sess_overall: 2 }],
  },
  {
    title: 'Daily: it is counted',
    says: 'The same register in the daily series.',
    pupils: [
      { name: 'A', born: '2010-03-01', marks: ['2026-05-18: / \\', '2026-06-01: I I'] },
      { name: 'B', born: '2011-03-01', marks: ['2026-05-18: / \\', '2026-06-01: I I'] },
      ...others('2026-05-18: / \\'),
    ],
    rows: [{ enrolments: 8, sess_possible: 20, sess_overall: 4 }],
  },
  {
    title: 'Census: who comes in the second half of summer is left out',
    says: 'Enrolments that begin on or after the spring bank holiday are not collected (DfE, pupil absence statistics: methodology).',
    pupils: [
      { name: 'A', entry_date: '2026-05-25', marks: ['2026-06-01: I I'] },
      { name: 'B', entry_date: '2026-05-22', marks: ['2026-06-01: / \\'] },
      ...others('2026-06-01: / \\'),
    ],
    ask: { series: 'census' },
    rows: [{ enrolments: 7, sess_possible: 14, sess_overall: 0 }],
  },
  {
    title: 'Census: a school with fewer than six enrolments is left out',
    says: 'Fewer than six aged 5 to 15 (DfE, pupil absence statistics: methodology). Our choice: of those enrolled at any time in the period, sessions or none. The second school has five.',
    pupils: [
      ...others('2025-09-08: / \\'),
      ...all('ABCDE', { urn: 900002, marks: ['2025-09-08: I I'] }),
    ],
    ask: { series: 'census', level: 'school' },
    rows: [{ urn: 900001, enrolments: 6, sess_possible: 12 }],
  },
  {
    title: 'Census: an enrolment without a possible session is removed with all its marks',
    says: 'Zero possible sessions are removed; more absences than possible sessions cannot come from a register (DfE, pupil absence statistics: methodology).',
    pupils: [{ name: 'A', marks: ['2025-09-08: X X'] }, ...others('2025-09-08: / \\')],
    ask: { series: 'census' },
    rows: [{ enrolments: 6, sess_possible: 12, sess_X: 0 }],
  },
  {
    title:
      'Census: a day without a possible session is kept of an enrolment that has one on another',
    says: 'Whether an enrolment has a possible session is asked of the whole period, not of each day or term of it: days, weeks and terms add up to the period. A has none on the first day, and B none at all.',
    pupils: [
      { name: 'A', marks: ['2025-09-08: X X', '2025-09-09: / \\'] },
      { name: 'B', marks: ['2025-09-08: X X'] },
      ...others('2025-09-09: / \\'),
    ],
    ask: { series: 'census', time: 'day' },
    rows: [
      { time_identifier: '2025-09-08', enrolments: 0, sess_possible: 0, sess_X: 2 },
      { time_identifier: '2025-09-09', enrolments: 7, sess_possible: 14, sess_X: 0 },
    ],
  },
  {
    title: 'Terms are the census’s windows',
    says: 'Autumn to 31 December; spring to Easter Sunday; summer from Easter Monday (DfE, school census). In both series; a school’s own term dates make no difference.',
    pupils: [
      {
        name: 'A',
        marks: ['2025-12-19: I \\', '2026-01-05: / \\', '2026-04-02: / O', '2026-04-20: G \\'],
      },
    ],
    ask: { time: 'term' },
    rows: [
      {
        time_identifier: 'Autumn term',
        sess_possible: 2,
        sess_overall: 1,
        enrolments_pa_10_exact: 1,
      },
      {
        time_identifier: 'Spring term',
        sess_possible: 4,
        sess_overall: 1,
        enrolments_pa_10_exact: 1,
      },
      {
        time_identifier: 'Summer term',
        sess_possible: 2,
        sess_overall: 1,
        enrolments_pa_10_exact: 1,
      },
    ],
  },
  {
    title: 'Weeks are named by their Monday, and nobody is persistently absent in one',
    says: 'Persistent absence is not defined for a day or a week (DfE, pupil attendance in schools: methodology): blank, with the reason.',
    pupils: [{ name: 'A', marks: ['2025-09-12: I \\', '2025-09-15: / \\'] }],
    ask: { time: 'week' },
    rows: [
      {
        time_identifier: 'Week of 2025-09-08',
        sess_possible: 2,
        sess_overall: 1,
        enrolments_pa_10_exact: null,
      },
      {
        time_identifier: 'Week of 2025-09-15',
        sess_possible: 2,
        sess_overall: 0,
        enrolments_pa_10_exact: null,
      },
    ],
  },
  {
    title: 'Groups, and what is not known of a pupil',
    says: 'As the pupils file has them; a value that it does not give is “Unclassified”.',
    pupils: [
      { name: 'A', fsm: true, sen: 'K', marks: ['2025-09-08: I I'] },
      { name: 'B', fsm: false, sen: 'N', marks: ['2025-09-08: / \\'] },
      { name: 'C', fsm: null, sen: '', marks: ['2025-09-08: / I'] },
    ],
    ask: { by: ['fsm', 'sen'] },
    rows: [
      { breakdown_topic: 'fsm,sen', breakdown: '0,N', enrolments: 1, sess_overall: 0 },
      { breakdown_topic: 'fsm,sen', breakdown: '1,K', enrolments: 1, sess_overall: 2 },
      {
        breakdown_topic: 'fsm,sen',
        breakdown: 'Unclassified,Unclassified',
        enrolments: 1,
        sess_overall: 1,
      },
    ],
  },
];

const firstEntered = '2025-09-08 08:00:00';

/** The rows that a case’s register is in the warehouse. */
export function groundOf({ pupils, closed = [], ask = {} }: Case): Ground {
  const entered =
    ask.year !== undefined && ask.year < 202526 ? '2024-07-17 08:00:00' : firstEntered;
  return {
    schools: [900001, 900002].map((urn, at) => ({
      ...{ receipt: 1, urn, laestab: 9994000 + at, la_code: '999', region_code: 'E12000001' },
    })),
    trusts: [],
    days: closed.map((text) => {
      const [date = '', half = ''] = text.split(' ');
      return { receipt: 10, urn: 900001, date, session: half === 'PM' ? 1 : 0, open: false };
    }),
    enrolments: pupils.map((pupil) => ({
      ...{ urn: 900001, entry_date: '2020-09-01', leaving_date: '2149-06-06', year_group: 7 },
      ...{ sex: 'F', fsm: false, sen: 'N', eal: false, ethnicity: 'WBRI', born: '2013-11-01' },
      ...onlyEnrolment(pupil),
      pupil: numberOf(pupil),
    })),
    marks: pupils.flatMap((pupil) => [
      ...pupil.marks.flatMap((text) => marksOf(pupil, text, entered)),
      ...(pupil.amended ?? []).flatMap((text) => {
        const [register = '', day = ''] = text.split(' @ ');
        return marksOf(pupil, register, `${day} 12:00:00`);
      }),
    ]),
  };
}

const numberOf = ({ name }: CasePupil) => name.charCodeAt(0);

function onlyEnrolment({ name: _, marks: __, amended: ___, ...enrolment }: CasePupil) {
  return enrolment;
}

function marksOf(pupil: CasePupil, text: string, enteredAt: string): Mark[] {
  const [when = '', codes = ''] = text.split(': ');
  const [first = '', last = first] = when.split(' to ');
  return weekdays(first, last).flatMap((date) =>
    codes.split(' ').map((code, session) => ({
      ...{ receipt: 30, urn: pupil.urn ?? 900001, pupil: numberOf(pupil) },
      ...{ date, session, code, entered_at: enteredAt, entry: 0 },
    })),
  );
}

function weekdays(first: Day, last: Day): Day[] {
  const days: Day[] = [];
  for (let day = first; day <= last; day = daysAfter(day, 1)) {
    if (isWeekday(day)) days.push(day);
  }
  return days;
}

/** What is asked of a case: England’s year, in the daily series, unless it says otherwise. */
export function questionOfCase({ ask = {} }: Case): Question {
  const year = ask.year ?? 202526;
  return {
    ...{ level: 'national', by: [], series: 'daily', time: 'year', asKnownOn: null, urns: [] },
    ...{ year, ...countingYear(year), ...ask },
  };
}
