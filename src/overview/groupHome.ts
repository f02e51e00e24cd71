import type { Ask, Route } from '../access/index.ts';
import type { AcademicYear } from '../base/academicYear.ts';
import { percentOf as ratio } from '../base/rate.ts';
import {
  type SchoolType,
  schoolTypePlural,
  schoolTypeSingular,
  schoolTypes,
} from '../base/schoolType.ts';
import { englandQuartiles, publishedYearsOf, yearsOfSchool } from '../publications/index.ts';
import type { Directories, School } from '../schools/index.ts';
import type { Stores } from '../stores/index.ts';
import { type IssuedFigures, issuedFigures, newestFit } from '../targets/index.ts';
import { type Chart, spreadChart, type Table, tableCsv } from '../ui/index.ts';
import { safeToShow } from '../access/index.ts';

/** A group of schools with a home: an authority or a trust. */
export type Group = {
  name: string;
  caption: string;
  path: string;
  schools: School[];
  breadcrumb: { text: string; href: string };
};

type Params = Readonly<Record<string, string>>;

/** An authority's home, a trust's home, and the lists that lead there. */
export function groupHomeRoutes(stores: Stores, directories: Directories): Route[] {
  const authorityGroup = async (params: Params): Promise<Group> => {
    const directory = await directories();
    const authority = directory.getAuthority(params['laCode'] ?? '');
    return {
      name: authority.name,
      caption: `Local authority in ${authority.regionName}`,
      path: `/authorities/${authority.laCode}`,
      schools: directory.schoolsOfAuthority(authority.laCode).filter(isOpen),
      breadcrumb: { text: 'Local authorities', href: '/authorities' },
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
      subject: async (params) => subjectOfGroup(path, params),
      async answer(ask) {
        const group = await groupOf(ask.params);
        const inside = ask.may('issued expectation', subjectOfGroup(path, ask.params));
        const rows = await latestRows(stores, group.schools, !inside);
        return {
          kind: 'page',
          template: 'overview/groupHome.njk',
          model: {
            group: { name: group.name, caption: group.caption, breadcrumb: group.breadcrumb },
            spreads: await spreads(stores, group.name, rows),
            schools: schoolTable(rows),
            anyHidden: rows.some((row) => row.hidden),
            csv: `${group.path}/schools.csv`,
            inside,
            support: inside ? await supportFor(stores, ask, group.schools) : null,
          },
        };
      },
    },
    {
      method: 'GET',
      path: `${path}/schools.csv`,
      summary: `${summary}: its schools’ published absence, as a file`,
      needs: 'public statistic',
      subject: async (params) => subjectOfGroup(path, params),
      async answer(ask) {
        const group = await groupOf(ask.params);
        const inside = ask.may('issued expectation', subjectOfGroup(path, ask.params));
        const rows = await latestRows(stores, group.schools, !inside);
        return {
          kind: 'file',
          name: 'schools.csv',
          contentType: 'text/csv; charset=utf-8',
          text: tableCsv(schoolTable(rows).table),
        };
      },
    },
  ];
}

function subjectOfGroup(path: string, params: Params) {
  return path.startsWith('/trusts')
    ? { trustUid: params['uid'] ?? null }
    : { laCode: params['laCode'] ?? null };
}

type LatestRow = {
  school: School;
  year: AcademicYear | null;
  enrolments: number | null;
  sessionsMissed: number | null;
  sessionsPossible: number | null;
  absencePercent: number | null;
  persistentPercent: number | null;
  hidden: boolean;
};

/** Each school with its newest published year, by name. */
async function latestRows(stores: Stores, schools: School[], hide: boolean): Promise<LatestRow[]> {
  const urns = schools.flatMap((school) => school.chain.map((record) => record.urn));
  const published = await publishedYearsOf(stores, urns);
  return schools
    .toSorted((a, b) => a.name.localeCompare(b.name) || a.urn - b.urn)
    .map((school) => {
      const last = yearsOfSchool(
        school.chain.flatMap((record) => published.get(record.urn) ?? []),
      ).at(-1);
      const tiny = hide && !safeToShow(null, last?.enrolments ?? null);
      const few = hide && !safeToShow(last?.persistentAbsentees ?? null, last?.enrolments ?? null);
      const possible = last?.sessionsPossible ?? null;
      return {
        school,
        year: last?.year ?? null,
        enrolments: tiny ? null : (last?.enrolments ?? null),
        sessionsPossible: possible,
        sessionsMissed: possible === null ? null : ((last?.absencePercent ?? 0) * possible) / 100,
        absencePercent: tiny ? null : (last?.absencePercent ?? null),
        persistentPercent: few ? null : (last?.persistentPercent ?? null),
        hidden: tiny || few,
      };
    });
}

/** How the schools of each type spread in the newest year, without names. */
async function spreads(stores: Stores, name: string, rows: LatestRow[]): Promise<Chart[]> {
  const quartiles = await englandQuartiles(stores);
  return schoolTypes.flatMap((schoolType) => {
    const newest = Math.max(...ofType(rows, schoolType).map((row) => row.year ?? 0));
    const sameYear = ofType(rows, schoolType).filter((row) => row.year === newest);
    const england = quartiles.find(
      (each) => each.schoolType === schoolType && each.year === newest,
    );
    const percents = sameYear.flatMap((row) => row.absencePercent ?? []);
    if (!england || percents.length === 0) return [];
    const [lowerQuartile, median, upperQuartile] = england.overall;
    const missed = sum(sameYear, (row) => row.sessionsMissed);
    const possible = sum(sameYear, (row) => row.sessionsPossible);
    return [
      spreadChart({
        id: `spread-${schoolTypeSingular[schoolType].replace(' ', '-')}`,
        areaName: name,
        schoolsText: schoolTypePlural[schoolType],
        measure: 'overall',
        year: newest,
        schoolPercents: percents,
        averagePercent: ratio(missed, possible) ?? null,
        england: { lowerQuartile, median, upperQuartile },
      }),
    ];
  });
}

function ofType(rows: LatestRow[], schoolType: SchoolType): LatestRow[] {
  return rows.filter((row) => row.school.schoolType === schoolType);
}

function sum(rows: LatestRow[], pick: (row: LatestRow) => number | null): number {
  return rows.reduce((total, row) => total + (pick(row) ?? 0), 0);
}

/** Every school with its newest year, by name: in no order of merit. */
function schoolTable(rows: LatestRow[]) {
  const table: Table = {
    caption: 'Schools, by name',
    columns: [
      { name: 'school_name', heading: 'School', kind: 'text' },
      { name: 'urn', heading: 'URN', kind: 'text' },
      { name: 'school_type', heading: 'Kind', kind: 'text' },
      { name: 'time_period', heading: 'Year', kind: 'year' },
      { name: 'enrolments', heading: 'Enrolments', kind: 'count' },
      { name: 'sess_overall_percent', heading: 'Absence', kind: 'percent' },
      { name: 'enrolments_pa_10_exact_percent', heading: 'Persistently absent', kind: 'percent' },
    ],
    rows: rows.map((row) => [
      row.school.name,
      row.school.urn,
      row.school.schoolType,
      row.year,
      row.enrolments,
      row.absencePercent,
      row.persistentPercent,
    ]),
  };
  return { table, links: rows.map((row) => `/schools/${row.school.urn}`) };
}

/** The days that a year of school has. */
const schoolDays = 190;
const mostShown = 12;

export type SupportRow = {
  name: string;
  href: string;
  days: number;
  why: string;
};

/**
 * Where support would do most: the schools where what is asked comes to most days of school regained, with why. By name:
 * this orders help, it does not rank schools.
 */
async function supportFor(stores: Stores, ask: Ask, schools: School[]) {
  const fit = await newestFit(stores);
  if (!fit) return null;
  const figures = await issuedFigures(stores, ask.viewer, schools, fit.year);
  const byUrn = new Map(
    schools.flatMap((school) => school.chain.map((record) => [record.urn, school] as const)),
  );
  const rows = figures
    .flatMap((each) => supportRow(each, byUrn.get(each.urn)))
    .sort((a, b) => b.days - a.days)
    .slice(0, mostShown)
    .sort((a, b) => a.name.localeCompare(b.name));
  return { year: fit.year, rows, schools: figures.length };
}

function supportRow(figures: IssuedFigures, school: School | undefined): SupportRow[] {
  const forecast = figures.forecast_absence_percent;
  const expectation = figures.expectation_absence_percent;
  const context = figures.context_absence_percent;
  const pupils = school?.intakes.at(-1)?.pupils ?? null;
  if (!school || forecast === null || expectation === null || pupils === null) return [];
  const days = ((forecast - expectation) / 100) * pupils * schoolDays;
  const gap = context === null ? null : forecast - context;
  return [
    {
      name: school.name,
      href: `/schools/${school.urn}`,
      days,
      why:
        gap === null
          ? 'No good match to compare with: ask the school.'
          : gap > 0.05
            ? `Its forecast is ${gap.toFixed(1)} points above what similar schools achieve, and it has ${pupils} pupils.`
            : `It is large (${pupils} pupils): a little less absence is many days.`,
    },
  ];
}
