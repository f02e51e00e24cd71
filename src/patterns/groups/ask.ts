import { countingYear, countingYearOf, type Dimension, weeklyRates } from '../../absence/index.ts';
import { type AcademicYear, startYearOf, yearsAfter } from '../../base/academicYear.ts';
import { type Day, daysAfter } from '../../base/day.ts';
import type { Urn } from '../../base/identifiers.ts';
import { perCommit, type Stores, workedOutKinds } from '../../stores/index.ts';
import { compareGroups, type Compared, type Group } from './compare.ts';
import { groupings, groupSums, type GroupSumsRow } from './groups.sql.ts';
import { noPupils, type PupilSums, together } from './sums.ts';

/** Whose pupils: a school’s by every URN that it had, or an area’s. */
export type GroupPlace = { urns: readonly Urn[]; level: 'school' | 'la'; area?: string };

/** Of which pupils, in which of the two periods. */
export type GroupKey = {
  period: 'weeks' | 'year';
  by: readonly Dimension[];
  values: readonly string[];
};

export type GroupsOfPlace = Compared<GroupKey> & {
  year: AcademicYear;
  /** The year so far, and its last six weeks with registers. */
  periods: Record<GroupKey['period'], { from: Day; to: Day }>;
  pupils: Record<GroupKey['period'], number>;
  /** Of an area: each group is set beside the other pupils of the same schools. */
  isWithinSchools: boolean;
};

const weeksLookedAt = 6;

const known = perCommit(async () => new Map<string, Promise<GroupsOfPlace | undefined>>(), {
  ignoring: workedOutKinds,
});

/** Every group of a place beside its other pupils, up to a day; undefined where no register is here of this year or the last. */
export async function groupsOf(
  stores: Stores,
  place: GroupPlace,
  today: Day,
): Promise<GroupsOfPlace | undefined> {
  const kept = await known(stores);
  const key = JSON.stringify([place, today]);
  const asked = kept.get(key) ?? compareGroupsOf(stores, place, today);
  kept.set(key, asked);
  asked.catch(() => kept.delete(key));
  return asked;
}

async function compareGroupsOf(
  stores: Stores,
  place: GroupPlace,
  today: Day,
): Promise<GroupsOfPlace | undefined> {
  if (place.urns.length === 0) return undefined;
  const present = countingYearOf(today);
  for (const year of [present, yearsAfter(present, -1)]) {
    const weeks = await weeklyRates(
      stores,
      place.level === 'school'
        ? { level: 'school', urns: place.urns }
        : { level: 'la', area: place.area ?? '' },
      year,
    );
    const mondays = weeks.map(({ monday }) => monday).filter((monday) => monday <= today);
    const [last, first] = [mondays.at(-1), mondays.at(-weeksLookedAt) ?? mondays[0]];
    if (last === undefined || first === undefined) continue;
    const whole = countingYear(year);
    const to = [daysAfter(last, 6), today, whole.to].reduce((a, b) => (a < b ? a : b));
    const periods = {
      weeks: { from: first < whole.from ? whole.from : first, to },
      year: { from: whole.from, to },
    };
    const rows = {
      weeks: await rowsOf(stores, place, { ...periods.weeks, year }),
      year: await rowsOf(stores, place, { ...periods.year, year }),
    };
    const groups = [...groupsIn(rows.weeks, 'weeks'), ...groupsIn(rows.year, 'year')];
    return {
      ...compareGroups(groups),
      ...{ year, periods, isWithinSchools: place.level === 'la' },
      pupils: { weeks: totalOf(rows.weeks).pupils, year: totalOf(rows.year).pupils },
    };
  }
  return undefined;
}

function rowsOf(
  stores: Stores,
  { urns, level }: GroupPlace,
  { year, from, to }: { year: AcademicYear; from: Day; to: Day },
): Promise<GroupSumsRow[]> {
  const startYear = startYearOf(year);
  const bySchool: 0 | 1 = level === 'la' ? 1 : 0;
  return stores.read(groupSums, { urns: [...urns], startYear, from, to, bySchool });
}

const totalOf = (rows: readonly GroupSumsRow[]) =>
  sumsOf(rows.filter(({ division }) => division.length === 0));

/** What is not known of a pupil makes no group. */
const unclassified = 'Unclassified';

function groupsIn(rows: readonly GroupSumsRow[], period: GroupKey['period']): Group<GroupKey>[] {
  const all = totalOf(rows);
  const bySchool = new Map(
    rows
      .filter(({ division, school }) => division.length === 0 && school !== 0)
      .map((row) => [row.school, sumsOf([row])]),
  );
  const groups = [...Map.groupBy(rows, ({ division, told }) => `${division.join()} ${told}`)].map(
    ([name, own]) => ({ name, own, sums: sumsOf(own) }),
  );
  const pupils = new Map(groups.map(({ name, sums }) => [name, sums.pupils]));
  return groups.flatMap(({ own, sums }) => {
    const [{ division, told } = { division: [], told: '' }] = own;
    const values = told.split('|');
    const singles = division.map((at, place) => pupils.get(`${at} ${values[place]}`));
    // The whole school under another name, or in a pair one of its two groups: the same pupils are compared once.
    const isAnother =
      sums.pupils === all.pupils || (singles.length > 1 && singles.includes(sums.pupils));
    if (division.length === 0 || values.includes(unclassified) || isAnother) return [];
    const by = division.flatMap((at) => groupings[at - 1] ?? []);
    const schools = own.flatMap((row) => {
      const ofSchool = bySchool.get(row.school);
      return ofSchool ? [{ sums: sumsOf([row]), all: ofSchool }] : [];
    });
    return [{ key: { period, by, values }, sums, all, ...(bySchool.size > 0 ? { schools } : {}) }];
  });
}

function sumsOf(rows: readonly GroupSumsRow[]): PupilSums {
  return rows.reduce(
    (sum, row) =>
      together(sum, {
        ...{ pupils: row.pupils, possible: row.possible, absent: row.absent },
        ...{ absentSquared: row.absent_squared, crossed: row.crossed },
        possibleSquared: row.possible_squared,
      }),
    noPupils,
  );
}
