import type { AcademicYear } from '../base/academicYear.ts';
import type { Urn } from '../base/identifiers.ts';
import { isSchoolType, type SchoolType } from '../base/schoolType.ts';
import { perCommit, registerKinds, type Stores, workedOutKinds } from '../stores/index.ts';
import {
  type AreaYearRow,
  allSchoolYears,
  areaSchools,
  areaYears,
  nationalQuartiles,
  type SampleYearRow,
  type SchoolYearsRow,
  sampleYears,
} from './published.sql.ts';
import { type AreaLevel, type Hiding, hidingOf } from './smallNumbers.ts';

/**
 * One published year of one school. Percentages are unrounded, recomputed from the counts; where only percentages
 * were published (the sample of 2021/22 and 2022/23) the counts are null.
 */
export type PublishedYear = {
  year: AcademicYear;
  urn: Urn;
  absencePercent: number;
  persistentPercent: number | null;
  authorisedPercent: number | null;
  unauthorisedPercent: number | null;
  enrolments: number | null;
  /** Enrolments that missed 10 % or more. */
  persistentAbsentees: number | null;
  sessionsPossible: number | null;
};

/** The published years of every URN before `before`, in order. */
export async function publishedYearsBefore(
  stores: Stores,
  before: AcademicYear,
): Promise<Map<Urn, PublishedYear[]>> {
  const work = { work: true };
  return byUrn(
    await stores.read(allSchoolYears, { before }, work),
    await stores.read(sampleYears, { before }, work),
  );
}

/** Every published year there is, kept while nothing else is committed: pages ask about schools all the time. */
const everyPublishedYear = perCommit((stores) => publishedYearsBefore(stores, afterEveryYear), {
  ignoring: [...workedOutKinds, ...registerKinds],
});
const afterEveryYear: AcademicYear = 999_999;

/** The published years of these URNs, in order. */
export async function publishedYearsOf(
  stores: Stores,
  urns: readonly Urn[],
): Promise<Map<Urn, PublishedYear[]>> {
  const every = await everyPublishedYear(stores);
  return new Map(urns.flatMap((urn) => (every.has(urn) ? [[urn, every.get(urn) ?? []]] : [])));
}

function byUrn(counted: SchoolYearsRow[], sampled: SampleYearRow[]): Map<Urn, PublishedYear[]> {
  const years = new Map<Urn, PublishedYear[]>();
  for (const row of counted) years.set(row.urn, yearsOfRow(row));
  for (const row of sampled) {
    if (row.overall_absence_percent === null) continue;
    const known = years.get(row.urn) ?? [];
    if (known.some((each) => each.year === row.time_period)) continue; // counts say more than percentages
    years.set(row.urn, [
      ...known,
      {
        year: row.time_period,
        urn: row.urn,
        absencePercent: row.overall_absence_percent,
        persistentPercent: row.persistent_absence_percent,
        authorisedPercent: null,
        unauthorisedPercent: null,
        enrolments: null,
        persistentAbsentees: null,
        sessionsPossible: null,
      },
    ]);
  }
  return years;
}

function yearsOfRow(row: SchoolYearsRow): PublishedYear[] {
  return row.time_periods.flatMap((year, index) => {
    const possible = row.sess_possible[index] as number;
    const enrolments = row.enrolments[index] as number;
    if (possible === 0) return [];
    return [
      {
        year,
        urn: row.urn,
        absencePercent: (100 * (row.sess_overall[index] as number)) / possible,
        persistentPercent:
          enrolments === 0 ? null : (100 * (row.persistent[index] as number)) / enrolments,
        authorisedPercent: (100 * (row.sess_authorised[index] as number)) / possible,
        unauthorisedPercent: (100 * (row.sess_unauthorised[index] as number)) / possible,
        enrolments,
        persistentAbsentees: row.persistent[index] as number,
        sessionsPossible: possible,
      },
    ];
  });
}

/**
 * One school's years over all its URNs. Where two URNs report the same year (the year of the change), the two parts
 * are pooled: shares by their sessions and enrolments, and enrolments as `enrolmentsOf` has it. One without counts gives
 * way to one with.
 */
export function yearsOfSchool(parts: readonly PublishedYear[]): PublishedYear[] {
  const byYear = Map.groupBy(parts, (part) => part.year);
  return [...byYear.entries()]
    .sort(([a], [b]) => a - b)
    .map(([, sameYear]) => {
      const counted = sameYear.filter((part) => part.sessionsPossible !== null);
      return counted.length > 1 ? pool(counted) : ((counted[0] ?? sameYear[0]) as PublishedYear);
    });
}

function pool(parts: PublishedYear[]): PublishedYear {
  const last = parts.at(-1) as PublishedYear;
  const possible = sum(parts, (part) => part.sessionsPossible);
  const entered = sum(parts, (part) => part.enrolments);
  const persistentShare = sum(parts, (part) => part.persistentAbsentees) / entered;
  const enrolments = enrolmentsOf(parts);
  const bySessions = (pick: (part: PublishedYear) => number | null) =>
    sum(parts, (part) => (pick(part) ?? 0) * (part.sessionsPossible ?? 0)) / possible;
  return {
    ...last,
    absencePercent: bySessions((part) => part.absencePercent),
    authorisedPercent: bySessions((part) => part.authorisedPercent),
    unauthorisedPercent: bySessions((part) => part.unauthorisedPercent),
    persistentPercent: entered === 0 ? null : 100 * persistentShare,
    enrolments,
    persistentAbsentees: entered === 0 ? 0 : Math.round(persistentShare * enrolments),
    sessionsPossible: possible,
  };
}

/**
 * Between one year's sessions of a pupil, 390 at most, and two years'. Of the 528 pairs published for 2012/13 to 2017/18
 * those of one body of pupils come to less than 475 sessions for each enrolment, and those of two to more than 525.
 */
const sessionsOfTwoBodies = 500;

/**
 * The pupils of a school whose year is published in parts: a school that became an academy in spring entered the same
 * pupils under both URNs, each with a part of the year's sessions; two schools that merged had each its own.
 */
function enrolmentsOf(parts: readonly PublishedYear[]): number {
  const entered = parts.map((part) => part.enrolments ?? 0);
  const sessions = sum([...parts], (part) =>
    part.enrolments ? (part.sessionsPossible ?? 0) / part.enrolments : 0,
  );
  return sessions > sessionsOfTwoBodies
    ? entered.reduce((all, one) => all + one, 0)
    : Math.max(...entered);
}

function sum(parts: PublishedYear[], pick: (part: PublishedYear) => number | null): number {
  return parts.reduce((total, part) => total + (pick(part) ?? 0), 0);
}

/**
 * How many of an area's schools are loaded: as many as the published total counts; fewer (or, where no total is
 * imported, nobody knows); or so few that nothing is said of the area.
 */
export type Coverage = 'whole' | 'loaded' | 'too few';

/**
 * Pooled figures of one area and school type in one year: sessions missed over possible, persistent absentees over
 * enrolments. Null where a total would tell what is hidden of a school, and where too few of its schools are loaded.
 */
export type AreaYear = {
  level: AreaLevel;
  schoolType: SchoolType;
  year: AcademicYear;
  /** How many are loaded. */
  schools: number;
  coverage: Coverage;
  absencePercent: number | null;
  persistentPercent: number | null;
};

/** Where figures of an area are not those that were published: `of the 12 schools loaded`. */
export function loadedText({ coverage, schools }: Pick<AreaYear, 'coverage' | 'schools'>): string {
  const counted = schools === 1 ? 'the 1 school' : `the ${schools.toLocaleString('en-GB')} schools`;
  return coverage === 'whole' ? '' : `of ${counted} loaded`;
}

/** Every area's figures, by its level and code. */
const everyArea = perCommit(
  async (stores) => {
    const hiding = await hidingOf(stores);
    const rows = await stores.read(areaYears, {}, { work: true });
    const published = new Map(
      (await stores.read(areaSchools, {}, { work: true })).map((row) => [
        `${typeKey(row)} ${row.time_period}`,
        row.num_schools,
      ]),
    );
    const ofType = Map.groupBy(rows, typeKey);
    const covered = (row: AreaYearRow) =>
      coverageOf(row.num_schools, {
        published: published.get(`${typeKey(row)} ${row.time_period}`),
        most: Math.max(...(ofType.get(typeKey(row)) ?? []).map((each) => each.num_schools)),
      });
    const byArea = Map.groupBy(rows, (row) =>
      areaKey(row.geographic_level, row.la_code || row.region_code),
    );
    return new Map(
      [...byArea].map(([key, ofArea]) => [
        key,
        ofArea.flatMap((row) => areaYearOf(row, covered(row), hiding)),
      ]),
    );
  },
  { ignoring: [...workedOutKinds, ...registerKinds] },
);

/** Fewer than these, and what the loaded schools have says little of the area. */
const leastOfPublished = 0.9;
const leastOfMost = 0.5;

/** `most`: the most schools of the area and type that are loaded of any year. */
export function coverageOf(
  loaded: number,
  { published, most }: { published: number | undefined; most: number },
): Coverage {
  if (loaded === published) return 'whole';
  const least = published === undefined ? most * leastOfMost : published * leastOfPublished;
  return loaded < least ? 'too few' : 'loaded';
}

type AreaType = Pick<AreaYearRow, 'geographic_level' | 'la_code' | 'region_code' | 'school_type'>;

const typeKey = (row: AreaType) =>
  `${row.geographic_level} ${row.la_code || row.region_code} ${row.school_type}`;

const areaKey = (level: string, code: string) => `${level} ${code}`;

/** An authority, its region and England, by year and school type. */
export async function areaFigures(
  stores: Stores,
  area: { laCode: string; regionCode: string },
): Promise<AreaYear[]> {
  const every = await everyArea(stores);
  return [
    areaKey('Local authority', area.laCode),
    areaKey('National', ''),
    areaKey('Regional', area.regionCode),
  ].flatMap((key) => every.get(key) ?? []);
}

function areaYearOf(row: AreaYearRow, coverage: Coverage, hiding: Hiding): AreaYear[] {
  if (!isSchoolType(row.school_type) || row.sess_possible === 0 || row.enrolments === 0) return [];
  const level = row.geographic_level as AreaYear['level'];
  const code = row.la_code || row.region_code;
  const hidden = hiding.area(level, code, row.school_type, row.time_period);
  const tooFew = coverage === 'too few';
  return [
    {
      level,
      schoolType: row.school_type,
      year: row.time_period,
      schools: row.num_schools,
      coverage,
      absencePercent:
        hidden.everything || tooFew ? null : (100 * row.sess_overall) / row.sess_possible,
      persistentPercent:
        hidden.persistent || tooFew ? null : (100 * row.persistent) / row.enrolments,
    },
  ];
}

/** Lower quartile, median and upper quartile of England's schools of a type in a year. */
export type Quartiles = {
  schoolType: SchoolType;
  year: AcademicYear;
  overall: [number, number, number];
  persistent: [number, number, number];
};

/** England's quartiles, by year and school type. */
export const englandQuartiles = perCommit(
  async (stores): Promise<Quartiles[]> => {
    const rows = await stores.read(nationalQuartiles, {}, { work: true });
    return rows.flatMap((row) =>
      isSchoolType(row.school_type)
        ? [
            {
              schoolType: row.school_type,
              year: row.time_period,
              overall: row.overall,
              persistent: row.persistent,
            },
          ]
        : [],
    );
  },
  { ignoring: [...workedOutKinds, ...registerKinds] },
);

/** Works out beforehand what is kept for pages, so that the first visitor waits no longer than the next. */
export async function preparePublished(stores: Stores): Promise<void> {
  await everyPublishedYear(stores);
  await everyArea(stores);
  await englandQuartiles(stores);
}
