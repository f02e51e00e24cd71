import { schoolsWithRegisters } from '../../absence/index.ts';
import { type Day, daysAfter } from '../../base/day.ts';
import type { School } from '../../schools/index.ts';
import type { Stores } from '../../stores/index.ts';
import { registerDaysOn, type RegisterDays } from './days.ts';
import { groupName, isOfYear } from './families.ts';
import { usualPossible } from './series.ts';

/** School days that are looked at, and calendar days that have so many whatever holidays there are. */
const schoolDays = 5;
const calendarDays = 40;

/** A day of which a school’s register, or that of some year groups, has not come. `years`: blank where none came at all. */
export type NotIn = { day: Day; years: string[] };

/** The registers that have not come of a school’s last open days; undefined where none of its registers ever came. */
export async function registersNotIn(
  stores: Stores,
  school: School,
  on: Day,
): Promise<{ notIn: NotIn[]; since: Day } | undefined> {
  const own = new Set(school.chain.map((record) => record.urn));
  const urn = (await schoolsWithRegisters(stores)).findLast((each) => own.has(each));
  if (urn === undefined) return undefined;
  const days = await registerDaysOn(stores, {
    schools: [{ urn, laCode: school.laCode, easting: null, northing: null }],
    ...{ from: daysAfter(on, -calendarDays), on, isNow: true, daysAlone: true },
  });
  return notInOf(days);
}

/** The same of one school’s days. */
export function notInOf(days: RegisterDays): { notIn: NotIn[]; since: Day } | undefined {
  const width = days.days.length;
  const all = days.groups.get('');
  const open = days.days.flatMap((_, at) =>
    days.open[at] === 1 || (days.open[at] === 0 && (all?.possible[at] ?? 0) > 0) ? [at] : [],
  );
  const lately = open.slice(-schoolDays);
  const since = days.days[lately[0] ?? -1];
  if (since === undefined || !all) return undefined;
  const years = [...days.groups].filter(
    ([key, sessions]) => isOfYear(key) && usualPossible(sessions, 0, width) > 0,
  );
  const notIn = lately.toReversed().flatMap((at): NotIn[] => {
    const day = days.days[at] as Day;
    if ((all.possible[at] ?? 0) === 0) return [{ day, years: [] }];
    const missing = years.filter(([, sessions]) => (sessions.possible[at] ?? 0) === 0);
    return missing.length === 0 ? [] : [{ day, years: missing.map(([key]) => groupName(key)) }];
  });
  return { notIn, since };
}
