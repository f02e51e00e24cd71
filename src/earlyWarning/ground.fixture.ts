import { randomStream } from '../stats/randomStream.ts';
import { daysAfter, isWeekday } from '../base/day.ts';

/*
 * Registers of a few children at three schools: last year and this one, with everything in them that is counted. The
 * receipts are those of `layGround`: 20 the rolls, 30 the marks, 10 the calendars.
 */

export const schools = [900001, 900002, 900003] as const;
type Mark = {
  receipt: number;
  urn: number;
  pupil: number;
  date: string;
  session: number;
  code: string;
  entered_at: string;
  entry: number;
};

/** A Friday in January. */
export const day = '2026-01-16';
/** At two schools, the one after the other. */
export const mover = 40;
/** On two rolls at once. */
export const dual = 41;

const codes = ['I', 'I', 'O', 'M', 'U', 'L', 'L', 'X', 'C', 'N', 'B', 'D'];

export function weekdays(from: string, to: string): string[] {
  const days: string[] = [];
  for (let each = from; each <= to; each = daysAfter(each, 1)) {
    if (isWeekday(each)) days.push(each);
  }
  return days;
}

export const lastYear = weekdays('2025-03-03', '2025-04-04');
export const thisYear = weekdays('2025-09-03', '2026-02-27').filter(
  (each) => !(each >= '2025-12-20' && each < '2026-01-05'),
);

const enrolment = (
  urn: number,
  pupil: number,
  part: { entry_date?: string; leaving_date?: string } = {},
) => ({
  ...{ receipt: 20, urn, pupil, entry_date: '2023-09-01', leaving_date: '2149-06-06' },
  ...{ year_group: 5, sex: 'F', fsm: false, sen: 'N', eal: false, ethnicity: 'WBRI' },
  ...{ born: '2015-11-01', ...part },
});

/** Marks of a child on these days, as each was entered on its day. */
export function marksOf(urn: number, pupil: number, days: readonly string[], share = 0.12): Mark[] {
  const chance = randomStream('early warning', urn, pupil, days[0] ?? '');
  let spell = 0;
  let code = '/';
  return days.flatMap((date) =>
    [0, 1].map((session): Mark => {
      if (spell <= 0 && chance.uniform() < share) {
        spell = 1 + chance.integer(7);
        code = chance.pick(codes);
      }
      const said = spell > 0 ? code : session === 0 ? '/' : '\\';
      spell -= 1;
      const entered_at = `${date} ${session === 0 ? '09:30:00' : '13:30:00'}`;
      return { receipt: 30, urn, pupil, date, session, code: said, entered_at, entry: 0 };
    }),
  );
}

export function registers() {
  const pupils = Array.from({ length: 36 }, (_, at) => at + 1);
  const placeOf = (pupil: number) => schools[pupil % 3] as number;
  const enrolments = [
    ...pupils.map((pupil) => enrolment(placeOf(pupil), pupil)),
    enrolment(schools[0], mover, { leaving_date: '2025-11-14' }),
    enrolment(schools[1], mover, { entry_date: '2025-11-17' }),
    ...[schools[0], schools[2]].map((urn) => enrolment(urn, dual)),
    // Only after the day.
    enrolment(schools[1], 42, { entry_date: '2026-02-02' }),
  ];
  const marks = enrolments.flatMap(({ urn, pupil, entry_date, leaving_date }) =>
    [lastYear, thisYear].flatMap((days) =>
      marksOf(
        urn,
        pupil,
        days.filter((date) => date >= entry_date && date <= leaving_date),
        pupil % 5 === 0 ? 0.4 : 0.08,
      ),
    ),
  );
  return {
    schools: [],
    trusts: [],
    days: ['2025-10-06', '2025-10-07'].flatMap((date) =>
      [0, 1].map((session) => ({ receipt: 10, urn: schools[0], date, session, open: false })),
    ),
    enrolments,
    marks,
  };
}
