import type { Warehouse } from '../../warehouse/index.ts';
import { makeEngland } from '../madeUpEngland.ts';
import { numberOfDay } from '../registers/calendar.ts';
import type { EventSettings } from '../registers/events.ts';
import { fillRegisters } from '../registers/fill.ts';
import { type RegisterYear, registerYear, schoolCalendar } from '../registers/year.ts';
import type { MadeUpSchool } from '../school.ts';

/** A made-up England to fit on or to judge by: its seed, what is built into it, and of its schools one in so many and its neighbour. */
export type Setting = {
  name: string;
  seed: string;
  events: EventSettings;
  oneSchoolIn: number;
  /** Whether the year before is looked at. */
  seesLast: boolean;
};

/** Whose registers of last year and of this one lie in a warehouse, under receipts of their own. */
export type MadeUpRegisters = {
  setting: Setting;
  receipts: number[];
  schools: readonly MadeUpSchool[];
  /** The year that is judged, whose children were drawn with the same chance the year before. */
  year: RegisterYear;
};

const judgedYear = 202526;
const seam = '2025-09-01';

/** Brings the calendars, enrolments and marks of two years of some schools, under receipts from `first` on. */
export async function bringRegisters(
  warehouse: Warehouse,
  setting: Setting,
  first: number,
): Promise<MadeUpRegisters> {
  const { seed, events, oneSchoolIn } = setting;
  const england = makeEngland({ schools: 24_000, seed });
  const ofYear = (year: number, roll: NonNullable<RegisterYear['roll']>) => ({
    ...registerYear(england, { year, events, castOf: judgedYear }),
    roll,
  });
  const last = ofYear(judgedYear - 101, { rollTo: numberOfDay(seam) - 1 });
  const year = ofYear(judgedYear, { rollFrom: numberOfDay(seam) });
  const chosen = year.schools.filter((_, at) => at % oneSchoolIn === oneSchoolIn - 1);
  // With the school to which each one’s movers go: a child’s last year may be at the other.
  const urns = new Set(chosen.flatMap(({ urn }) => [urn, year.goesTo.get(urn)?.urn ?? urn]));
  const schools = year.schools.filter(({ urn }) => urns.has(urn));
  for (const each of [last, year]) {
    await fillRegisters(warehouse, each, {
      ...{ schools, key: ['1', '2'] },
      receipts: { enrolments: first + 1, marks: first + 2 },
    });
    await warehouse.append(
      'register_days',
      ['receipt', 'urn', 'date', 'session', 'open', 'reason'],
      schools.flatMap((school) =>
        schoolCalendar(each, school).weekdays.flatMap(({ date, open, reason }) =>
          [0, 1].map((session) => [first, school.urn, date, session, open, reason]),
        ),
      ),
    );
  }
  return { setting, schools, year, receipts: [first, first + 1, first + 2] };
}
