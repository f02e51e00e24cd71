import type { Ask, Route } from '../access/index.ts';
import type { AcademicYear } from '../base/academicYear.ts';
import { percentOf, roundHalfUp } from '../base/rate.ts';
import {
  type SchoolType,
  schoolTypePlural,
  schoolTypeSingular,
  schoolTypes,
} from '../base/schoolType.ts';
import { type AreaYear, areaFigures, englandQuartiles, loadedText } from '../publications/index.ts';
import type { Directories, School } from '../schools/index.ts';
import type { Stores } from '../stores/index.ts';
import {
  expectationsSetAside,
  type IssuedFigures,
  issuedFigures,
  newestFit,
  type Objection,
  speakerText,
} from '../targets/index.ts';
import { type Chart, spreadChart, type Table, tableCsv, words } from '../ui/index.ts';
import { type ShownYear, shownYearsOf } from './schoolFacts.ts';

/** A group of schools with a home: an authority or a trust. */
export type Group = {
  name: string;
  caption: string;
  path: string;
  schools: School[];
  breadcrumb: { text: string; href: string };
  /** An authority has published averages; a trust has not. */
  area: { laCode: string; regionCode: string } | null;
};

type Params = Readonly<Record<string, string>>;

/** An authority's home, a trust's home, and the lists that lead there. */
export function groupHomeRoutes(stores: Stores, directories: Directories): Route[] {
  const authorityGroup = async (params: Params): Promise<Group> => {
    const directory = await directories();
    const authority = directory.getAuthority(params['laCode'] ?? '');
    return {
      name: authority.name,
      caption:
        authority.regionName === ''
          ? 'Local authority'
          : `Local authority in ${authority.regionName}`,
      path: `/authorities/${authority.laCode}`,
      schools: directory.schoolsOfAuthority(authority.laCode).filter(isOpen),
      breadcrumb: { text: 'Local authorities', href: '/authorities' },
      area: authority,
    };
  };
  const trustGroup = async (params: Params): Promise<Group> => {
    const directory = await directories();
    const trust = directory.getTrust(params['uid'] ?? '');
    return {
      name: trust.name,
      caption: 'Academy trust',
      path: `/trusts/${trust.uid}`,
      schools: directory.schoolsOfTrust(trust.uid).filter(isOpen),
      breadcrumb: { text: 'Find a school', href: '/schools' },
      area: null,
    };
  };
  return [
    {
      method: 'GET',
      path: '/authorities',
      summary: 'Local authorities',
      needs: 'public statistic',
      async answer() {
        const { authorities } = await directories();
        return {
          kind: 'page',
          template: 'overview/authorities.njk',
          model: {
            regions: [...Map.groupBy(authorities, (authority) => authority.regionName)]
              .sort(([a], [b]) => a.localeCompare(b))
              .map(([name, inRegion]) => ({ name, authorities: inRegion })),
          },
        };
      },
    },
    ...homeRoutes('/authorities/:laCode', 'A local authority’s home', authorityGroup, stores),
    ...homeRoutes('/trusts/:uid', 'A trust’s home', trustGroup, stores),
  ];
}

function isOpen(school: School): boolean {
  return school.closeDate === null;
}

function homeRoutes(
  path: string,
  summary: string,
  groupOf: (params: Params) => Promise<Group>,
  stores: Stores,
): Route[] {
  // Facts need nothing; what is expected of the group's schools is asked for below, with the group as its subject.
  return [
    {
      method: 'GET',
      path,
      summary,
      needs: 'public statistic',
      shows: ['issued expectation', 'attendance pattern'],
      subject: async (params) => subjectOfGroup(path, params),
      async answer(ask) {
        const group = await groupOf(ask.params);
        const inside = ask.may('issued expectation', subjectOfGroup(path, ask.params));
        const rows = await schoolRows(stores, group.schools, !inside);
        return {
          kind: 'page',
          template: 'overview/groupHome.njk',
          model: {
            group: { name: group.name, caption: group.caption, breadcrumb: group.breadcrumb },
            path: group.path,
            week:
              group.area !== null &&
              ask.may('attendance pattern', subjectOfGroup(path, ask.params)),
            spreads: (await spreads(stores, group, rows)).map(({ chart }) => chart),
            schools: schoolLists(rows),
            schoolCount: rows.length,
            anyHidden: rows.some((row) => row.years.at(-1)?.hidden),
            anyPublished: rows.some((row) => row.years.length > 0),
            inside,
            support: inside ? await supportFor(stores, ask, rows) : null,
          },
        };
      },
    },
    {
      method: 'GET',
      path: `${path}/schools.csv`,
      summary: `${summary}: its schools’ published absence, as a file`,
      needs: 'public statistic',
      shows: ['issued expectation'],
      subject: async (params) => subjectOfGroup(path, params),
      async answer(ask) {
        const group = await groupOf(ask.params);
        const inside = ask.may('issued expectation', subjectOfGroup(path, ask.params));
        const rows = await schoolRows(stores, group.schools, !inside);
        return {
          kind: 'file',
          name: 'schools.csv',
          contentType: 'text/csv; charset=utf-8',
          text: tableCsv(schoolTable('Schools, by name', rows)),
        };
      },
    },
    ...schoolTypes.map(
      (schoolType): Route => ({
        method: 'GET',
        path: `${path}/${spreadId(schoolType)}.csv`,
        summary: `${summary}: the figures of the chart of its ${schoolTypePlural[schoolType]}, as a file`,
        needs: 'public statistic',
        shows: ['issued expectation'],
        subject: async (params) => subjectOfGroup(path, params),
        async answer(ask) {
          const group = await groupOf(ask.params);
          const inside = ask.may('issued expectation', subjectOfGroup(path, ask.params));
          const rows = await schoolRows(stores, group.schools, !inside);
          const drawn = await spreads(stores, group, rows);
          const table = drawn.find((each) => each.schoolType === schoolType)?.chart.table;
          return {
            kind: 'file',
            name: `${spreadId(schoolType)}.csv`,
            contentType: 'text/csv; charset=utf-8',
            text: table ? tableCsv(table) : '',
          };
        },
      }),
    ),
  ];
}

function subjectOfGroup(path: string, params: Params) {
  return path.startsWith('/trusts')
    ? { trustUids: [params['uid'] ?? ''] }
    : { laCodes: [params['laCode'] ?? ''] };
}

type SchoolRow = { school: School; years: ShownYear[] };

/** Each school with its published years, by name. */
async function schoolRows(stores: Stores, schools: School[], hide: boolean): Promise<SchoolRow[]> {
  const years = await shownYearsOf(stores, schools, { hideSmallNumbers: hide });
  return schools
    .toSorted((a, b) => a.name.localeCompare(b.name) || a.urn - b.urn)
    .map((school) => ({ school, years: years.get(school.urn) ?? [] }));
}

function spreadId(schoolType: SchoolType): string {
  return `spread-${schoolTypeSingular[schoolType].replace(' ', '-')}`;
}

/** How the schools of each type spread in the newest year that all of England is known for, without names. */
async function spreads(
  stores: Stores,
  group: Group,
  rows: SchoolRow[],
): Promise<{ schoolType: SchoolType; chart: Chart }[]> {
  const quartiles = await englandQuartiles(stores);
  const areas = group.area ? await areaFigures(stores, group.area) : [];
  return schoolTypes.flatMap((schoolType) => {
    const england = quartiles.findLast((each) => each.schoolType === schoolType);
    if (!england) return [];
    const sameYear = rows
      .filter((row) => row.school.schoolType === schoolType)
      .flatMap((row) => row.years.find((year) => year.year === england.year) ?? []);
    const known = sameYear.filter((year) => year.absencePercent !== null);
    if (known.length === 0) return [];
    const [lowerQuartile, median, upperQuartile] = england.overall;
    const chart = spreadChart({
      id: spreadId(schoolType),
      areaName: group.name,
      schoolsText: schoolTypePlural[schoolType],
      measure: 'overall',
      year: england.year,
      schoolPercents: known.map((year) => year.absencePercent as number),
      ...averageOf(group, known, areas, { schoolType, year: england.year }),
      england: { lowerQuartile, median, upperQuartile },
    });
    return [{ schoolType, chart }];
  });
}

/** An authority's is the published one, of all its schools of that year where all are loaded; a trust's is of the schools that are shown. */
function averageOf(
  group: Group,
  known: ShownYear[],
  areas: AreaYear[],
  of: { schoolType: SchoolType; year: AcademicYear },
): { averagePercent: number | null; averageText: string; note?: string } {
  if (group.area === null) {
    return { averagePercent: pooledPercent(known), averageText: 'These schools together' };
  }
  const area = areas.find(
    (each) =>
      each.level === 'Local authority' &&
      each.schoolType === of.schoolType &&
      each.year === of.year,
  );
  return {
    averagePercent: area?.absencePercent ?? null,
    averageText: 'Local authority average',
    note: averageNote(area, schoolTypePlural[of.schoolType]),
  };
}

function averageNote(area: AreaYear | undefined, schoolsText: string): string {
  if (area?.coverage === 'too few') {
    return `There is no average of the authority: too few of its ${schoolsText} are loaded.`;
  }
  const loaded = area ? loadedText(area) : '';
  return loaded
    ? `The average is that ${loaded}, those that have closed since included, and not the published one.`
    : `The average is that of all its ${schoolsText} of that year, those that have closed since included.`;
}

/** All their sessions together, from each school's percentage of its possible sessions. */
function pooledPercent(years: ShownYear[]): number | null {
  const possible = sum(years.map((year) => year.sessionsPossible ?? 0));
  const missed = sum(
    years.map((year) => ((year.absencePercent ?? 0) / 100) * (year.sessionsPossible ?? 0)),
  );
  return percentOf(missed, possible) ?? null;
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Beyond so many, a list is folded away until it is opened. */
const mostUnfolded = 25;

/** The schools of each type, by name. */
function schoolLists(rows: SchoolRow[]) {
  return schoolTypes.flatMap((schoolType) => {
    const ofType = rows.filter((row) => row.school.schoolType === schoolType);
    if (ofType.length === 0) return [];
    const name = words.sentence(schoolTypePlural[schoolType]);
    return [
      {
        id: `${schoolTypeSingular[schoolType].replace(' ', '-')}-table`,
        heading: `${name} (${words.number(ofType.length)})`,
        open: rows.length <= mostUnfolded,
        table: withoutKind(schoolTable(`${name}, by name`, ofType, 'hidden')),
      },
    ];
  });
}

/** The list's heading says it already. */
function withoutKind({ caption, columns, rows }: Table): Table {
  const kind = columns.findIndex(({ name }) => name === 'school_type');
  return {
    caption,
    columns: columns.toSpliced(kind, 1),
    rows: rows.map((row) => row.toSpliced(kind, 1)),
  };
}

/**
 * Every school with its newest year, by name: in no order of merit. `where` stands in place of a figure that is hidden;
 * a file leaves it blank.
 */
function schoolTable(caption: string, rows: SchoolRow[], where: 'hidden' | null = null): Table {
  return {
    caption,
    columns: [
      { name: 'school_name', heading: 'School', kind: 'text' },
      { name: 'urn', heading: 'URN', kind: 'text' },
      { name: 'school_type', heading: 'Kind', kind: 'text' },
      { name: 'time_period', heading: 'Year', kind: 'year' },
      { name: 'enrolments', heading: 'Enrolments', kind: 'count' },
      { name: 'sess_overall_percent', heading: 'Absence', kind: 'percent' },
      { name: 'enrolments_pa_10_exact_percent', heading: 'Persistently absent', kind: 'percent' },
    ],
    rows: rows.map(({ school, years }) => {
      const last = years.at(-1);
      const unknown = last?.hidden ? where : null;
      return [
        { text: school.name, href: `/schools/${school.urn}` },
        school.urn,
        school.schoolType,
        last?.year ?? null,
        last?.enrolments ?? unknown,
        last?.absencePercent ?? unknown,
        last?.persistentPercent ?? unknown,
      ];
    }),
  };
}

/** The days that a year of school has. */
const schoolDays = 190;
/** A third of the schools, at least three and at most twelve: more is not where to begin. */
const shownOf = (schools: number) => Math.min(12, Math.max(3, Math.round(schools / 3)));

type SupportRow = { name: string; href: string; days: number; why: string };

/**
 * Where support would do most: the schools where what is asked comes to most days of school regained, with why. By name:
 * this orders help, it does not rank schools.
 */
async function supportFor(stores: Stores, ask: Ask, known: SchoolRow[]) {
  const fit = await newestFit(stores);
  if (!fit) return null;
  const schools = known.map(({ school }) => school);
  const figures = await issuedFigures(stores, ask.viewer, schools, fit.year);
  const byUrn = new Map(
    known.flatMap((row) => row.school.chain.map((record) => [record.urn, row] as const)),
  );
  const setAside = await expectationsSetAside(stores, ask.viewer, schools, fit.year);
  const rows = figures
    .flatMap((each) => supportRow(each, byUrn.get(each.urn), setAside.get(each.urn)))
    .sort((a, b) => b.days - a.days)
    .slice(0, shownOf(figures.length))
    .sort((a, b) => a.name.localeCompare(b.name));
  return {
    year: fit.year,
    schools: figures.length,
    table: {
      caption: 'Where support would do most, by name',
      columns: [
        { name: 'school_name', heading: 'School', kind: 'text' },
        { name: 'days', heading: 'Days of school in a year, all pupils', kind: 'count' },
        { name: 'why', heading: 'Why', kind: 'text' },
      ],
      rows: rows.map(({ name, href, days, why }) => [{ text: name, href }, days, why]),
    } satisfies Table,
  };
}

function supportRow(
  figures: IssuedFigures,
  row: SchoolRow | undefined,
  setAside: Objection | undefined,
): SupportRow[] {
  const forecast = figures.forecast_absence_percent;
  const expectation = figures.expectation_absence_percent;
  const context = figures.context_absence_percent;
  const before = row?.years.findLast(
    ({ year, enrolments }) => year < figures.time_period && enrolments !== null,
  );
  const pupils = before?.enrolments ?? null;
  if (!row || forecast === null || expectation === null || pupils === null) return [];
  const days = ((forecast - expectation) / 100) * pupils * schoolDays;
  const counted = words.plural(pupils, 'pupil');
  const said = setAside
    ? ` Its expectation was set aside by ${speakerText(setAside.by)} on ${words.date(setAside.at)}: “${setAside.reason}”`
    : '';
  // As both are shown: a reader who takes one from the other on the school's home finds the same.
  const gap = context === null ? null : roundHalfUp(forecast, 1) - roundHalfUp(context, 1);
  return [
    {
      name: row.school.name,
      href: `/schools/${row.school.urn}`,
      days,
      why: whySupport(gap, counted) + said,
    },
  ];
}

function whySupport(gap: number | null, counted: string): string {
  if (gap === null) {
    return `It has ${counted}. There is no good match to compare it with: ask the school.`;
  }
  return gap > 0.05
    ? `Its forecast is ${words.points(gap)} above what similar schools achieve, and it has ${counted}.`
    : `It does as well as similar schools. With ${counted}, a little less absence is many days.`;
}
