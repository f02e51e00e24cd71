import { type Day, daysAfter, isWeekday } from '../../base/day.ts';
import { randomStream } from '../../stats/randomStream.ts';
import type { Stores } from '../../stores/index.ts';

/** A school whose registers a test lays: so many pupils in Years 7 and 8. */
export type LaidSchool = {
  urn: number;
  laCode: string;
  laestab: number;
  regionCode: string;
  pupils: number;
};

export type Laying = {
  schools: readonly LaidSchool[];
  from: Day;
  to: Day;
  /** Weekdays on which a school is closed. */
  closed?: (school: LaidSchool, day: Day) => boolean;
  /** Whether a school’s register comes. */
  comes?: (school: LaidSchool, day: Day) => boolean;
  /** The chance that a pupil misses a day; about one in twenty without it. */
  absence?: (school: LaidSchool, day: Day, pupil: number) => number;
  /** When a day’s marks were entered, UTC; at ten on that day without it. */
  enteredAt?: (school: LaidSchool, day: Day) => string;
};

export function weekdaysBetween(from: Day, to: Day): Day[] {
  const days: Day[] = [];
  for (let day = from; day <= to; day = daysAfter(day, 1)) if (isWeekday(day)) days.push(day);
  return days;
}

/** Lays calendars, rolls and marks of some schools under one receipt, as a history that came at once. */
export async function layPatterns(stores: Stores, laying: Laying): Promise<void> {
  const { schools, from, to } = laying;
  const { closed = () => false, comes = () => true, absence = () => 0.05 } = laying;
  const { enteredAt = (_, day) => `${day} 10:00:00` } = laying;
  const days = weekdaysBetween(from, to);
  await stores.write(async ({ warehouse, begin }) => {
    const bringing = { kind: 'marks', scope: `patterns ${from}`, title: 'Registers', digest: from };
    const { id, detail } = await begin(bringing);
    detail['history'] = true;
    const placed = ['receipt', 'urn', 'laestab', 'name', 'phase', 'la_code', 'region_code'];
    await warehouse.append(
      'register_schools',
      placed,
      schools.map(({ urn, laestab, laCode, regionCode }) => [
        ...[id, urn, laestab, `School ${urn}`, 'secondary', laCode, regionCode],
      ]),
    );
    for (const school of schools) {
      const { urn } = school;
      const pupils = Array.from({ length: school.pupils }, (_, at) => at + 1);
      await warehouse.append(
        'register_days',
        ['receipt', 'urn', 'date', 'session', 'open', 'reason'],
        days.flatMap((day) =>
          [0, 1].map((session) => [id, urn, day, session, !closed(school, day), '']),
        ),
      );
      await warehouse.append(
        'enrolments',
        [
          ...['receipt', 'urn', 'pupil', 'entry_date', 'leaving_date', 'year_group', 'sex'],
          ...['fsm', 'sen', 'eal', 'ethnicity', 'born'],
        ],
        pupils.map((pupil) => [
          ...[id, urn, urn * 1000 + pupil, '2025-09-01', '2149-06-06', 7 + (pupil % 2)],
          ...[pupil % 4 < 2 ? 'F' : 'M', pupil % 3 === 0, 'N', false, 'WBRI', '2014-01-01'],
        ]),
      );
      await warehouse.append(
        'marks',
        ['receipt', 'urn', 'pupil', 'date', 'session', 'code', 'entered_at', 'entry'],
        pupils.flatMap((pupil) => {
          const chance = randomStream('patterns', urn, pupil);
          return days.flatMap((day) => {
            const isAway = chance.uniform() < absence(school, day, pupil);
            if (closed(school, day) || !comes(school, day)) return [];
            return ['/', '\\'].map((present, session) => [
              ...[id, urn, urn * 1000 + pupil, day, session, isAway ? 'I' : present],
              ...[enteredAt(school, day), 0],
            ]);
          });
        }),
      );
    }
  });
}
