import type { AcademicYear } from '../base/academicYear.ts';
import { percentOf, roundHalfUp } from '../base/rate.ts';
import { type SchoolType, schoolTypes } from '../base/schoolType.ts';
import {
  hiddenYear,
  lastYear,
  type MadeUpEngland,
  type MadeUpSchool,
  publishedYears,
  type SchoolYear,
} from './madeUpEngland.ts';
import { mark, marked } from './names.ts';
import { authorisedReasons, unauthorisedReasons } from './profiles.ts';
import type { YearCounts } from './schoolYear.ts';

export type PublishedFile = { name: string; text: string };

type Cell = string | number | undefined;

/** The header of the school-level files and of the one with the national, regional and local-authority rows. */
export const absenceHeader =
  'time_identifier,year_breakdown,time_period,geographic_level,country_code,country_name,region_code,region_name,' +
  'old_la_code,new_la_code,la_name,estab,laestab,urn,school_type,academy_type,academy_open_date,all_through,' +
  'num_schools,enrolments,sess_possible,sess_overall,sess_authorised,sess_unauthorised,sess_overall_percent,' +
  'sess_authorised_percent,sess_unauthorised_percent,enrolments_pa_10_exact,enrolments_pa_10_exact_percent,' +
  'sess_possible_pa_10_exact,sess_overall_pa_10_exact,sess_authorised_pa_10_exact,sess_unauthorised_pa_10_exact,' +
  'sess_overall_percent_pa_10_exact,sess_authorised_percent_pa_10_exact,sess_unauthorised_percent_pa_10_exact,' +
  'sess_auth_illness,sess_auth_appointments,sess_auth_religious,sess_auth_study,sess_auth_traveller,' +
  'sess_auth_holiday,sess_auth_ext_holiday,sess_auth_excluded,sess_auth_other,sess_auth_totalreasons,' +
  'sess_unauth_holiday,sess_unauth_late,sess_unauth_other,sess_unauth_noyet,sess_unauth_totalreasons,' +
  'sess_overall_totalreasons';

/** The layout of January 2019; the file starts with a byte-order mark. */
export const censusHeader =
  'URN,LA,ESTAB,SCHOOLTYPE,NOR,NORG,NORB,PNORG,PNORB,TSENELSE,PSENELSE,TSENELK,PSENELK,NUMEAL,NUMENGFL,NUMUNCFL,' +
  'PNUMEAL,PNUMENGFL,PNUMUNCFL,NUMFSM,NUMFSMEVER,PNUMFSMEVER';

export const locationsHeader =
  'urn,name,town,postcode,open_date,close_date,easting,northing,xy_source,nearest_lsoa11,lsoa_dist_m,lad22,' +
  'idaci_score,income_score,ruc11';

export const linksHeader = '"URN","LinkURN","LinkName","LinkType","LinkEstablishedDate"';

export const groupLinksHeader =
  ',URN,Group UID,Group ID,Group Name,Companies House Number,Group Type (code),Group Type,Closed Date,Open date,' +
  'Incorporated on (open date),Group Status (code),Group Status,Joined date,EstablishmentName,' +
  'TypeOfEstablishment (code),TypeOfEstablishment (name),PhaseOfEducation (code),PhaseOfEducation (name),' +
  'LA (code),LA (name)';

/** One after the other, so that a whole England need not be in memory twice. `truthFile` is not among them. */
export function* publishedFiles(england: MadeUpEngland): Generator<PublishedFile> {
  for (const year of publishedYears) {
    yield { name: `absence_3term_school_${year}.csv`, text: schoolAbsence(england, year) };
  }
  yield {
    name: `absence_3term_nat_reg_la_to_${lastYear}.csv`,
    text: aggregateAbsence(england),
  };
  yield { name: 'england_census__2018-2019.csv', text: census(england) };
  yield { name: 'school_locations.csv', text: locations(england) };
  yield { name: 'gias_links.csv', text: links(england) };
  yield { name: 'gias_group_links.csv', text: groupLinks(england) };
}

// Absence

function schoolAbsence(england: MadeUpEngland, year: AcademicYear): string {
  const rows = england.schools.flatMap((school) => {
    const schoolYear = school.years.find((one) => one.year === year);
    return schoolYear ? [{ school, schoolYear }] : [];
  });
  // As published: primary schools first, then by authority and establishment.
  rows.sort(
    (a, b) =>
      schoolTypes.indexOf(a.school.schoolType) - schoolTypes.indexOf(b.school.schoolType) ||
      a.schoolYear.laestab - b.schoolYear.laestab,
  );
  return csv(
    absenceHeader,
    rows.map(({ school, schoolYear }) => schoolAbsenceRow(school, schoolYear)),
  );
}

function schoolAbsenceRow(
  school: MadeUpSchool,
  { year, urn, laestab, counts }: SchoolYear,
): Cell[] {
  const { authority, academy } = school;
  const isAcademy = academy && urn === school.urn;
  return [
    ...absenceRowStart(year, 'School'),
    authority.region.code,
    authority.region.name,
    authority.laCode,
    authority.gssCode,
    authority.name,
    String(laestab % 10_000).padStart(4, '0'),
    laestab,
    urn,
    school.schoolType,
    isAcademy ? academyType(school) : '',
    isAcademy ? dayMonthYear(academy.openedOn ?? '2011-09-01', '/') : '',
    school.allThrough ? 'All through' : '',
    1,
    ...countCells(counts, 5),
  ];
}

function academyType({ schoolType, academy }: MadeUpSchool): string {
  const phase = {
    'State-funded primary': 'Primary',
    'State-funded secondary': 'Secondary',
    Special: 'Special',
  }[schoolType];
  const kind = academy?.kind === 'free school' ? 'free school' : `${academy?.kind} academy`;
  return `${phase} ${kind}`;
}

/** National, regional and local-authority rows: the sums of the schools; rows without a school are left out. */
function aggregateAbsence(england: MadeUpEngland): string {
  const rows: Cell[][] = [];
  for (const year of publishedYears.toReversed()) {
    const sums = sumsOf(england, year);
    for (const level of aggregateLevels) {
      for (const place of sums[level].values()) {
        for (const type of ['Total', ...schoolTypes] as const) {
          const sum = place.byType.get(type);
          if (!sum) continue;
          const decimals = level === 'National' ? 1 : 5;
          rows.push([
            ...absenceRowStart(year, level),
            ...place.cells,
            '',
            '',
            '',
            type,
            '',
            '',
            '',
            sum.schools,
            ...countCells(sum.counts, decimals),
          ]);
        }
      }
    }
  }
  return csv(absenceHeader, rows);
}

const aggregateLevels = ['National', 'Regional', 'Local authority'] as const;
type AggregateLevel = (typeof aggregateLevels)[number];
type Sum = { schools: number; counts: YearCounts };
type PlaceSums = { cells: Cell[]; byType: Map<SchoolType | 'Total', Sum> };

/** By place, in the order of authorities; London's split apart, regions sort by code. */
function sumsOf(
  england: MadeUpEngland,
  year: AcademicYear,
): Record<AggregateLevel, Map<string, PlaceSums>> {
  const sums: Record<AggregateLevel, Map<string, PlaceSums>> = {
    National: new Map(),
    Regional: new Map(),
    'Local authority': new Map(),
  };
  for (const { region, laCode, gssCode, name } of england.authorities) {
    const regionCells = [region.code, region.name];
    sums.National.set('', { cells: ['', '', '', '', ''], byType: new Map() });
    sums.Regional.set(region.code, { cells: [...regionCells, '', '', ''], byType: new Map() });
    sums['Local authority'].set(gssCode, {
      cells: [...regionCells, laCode, gssCode, name],
      byType: new Map(),
    });
  }
  for (const school of england.schools) {
    const counts = school.years.find((one) => one.year === year)?.counts;
    if (!counts) continue;
    const { region, gssCode } = school.authority;
    const places = [
      sums.National.get(''),
      sums.Regional.get(region.code),
      sums['Local authority'].get(gssCode),
    ];
    for (const place of places) {
      for (const type of ['Total', school.schoolType] as const) {
        const sum = place?.byType.get(type);
        place?.byType.set(type, {
          schools: (sum?.schools ?? 0) + 1,
          counts: sum ? addCounts(sum.counts, counts) : counts,
        });
      }
    }
  }
  return sums;
}

function addCounts(a: YearCounts, b: YearCounts): YearCounts {
  return {
    enrolments: a.enrolments + b.enrolments,
    possible: a.possible + b.possible,
    authorised: a.authorised + b.authorised,
    unauthorised: a.unauthorised + b.unauthorised,
    persistentEnrolments: a.persistentEnrolments + b.persistentEnrolments,
    persistentPossible: a.persistentPossible + b.persistentPossible,
    persistentAuthorised: a.persistentAuthorised + b.persistentAuthorised,
    persistentUnauthorised: a.persistentUnauthorised + b.persistentUnauthorised,
    authorisedReasons: addReasons(a.authorisedReasons, b.authorisedReasons),
    authorisedExtendedHoliday:
      a.authorisedExtendedHoliday === undefined
        ? undefined
        : a.authorisedExtendedHoliday + (b.authorisedExtendedHoliday ?? 0),
    unauthorisedReasons: addReasons(a.unauthorisedReasons, b.unauthorisedReasons),
  };
}

function addReasons<Reason extends string>(
  a: Record<Reason, number>,
  b: Record<Reason, number>,
): Record<Reason, number> {
  const sum = { ...a };
  for (const reason of Object.keys(a) as Reason[]) sum[reason] += b[reason];
  return sum;
}

function absenceRowStart(year: AcademicYear, level: AggregateLevel | 'School'): Cell[] {
  return ['Academic year', 'six half terms', year, level, 'E92000001', 'England'];
}

/** From `enrolments` to the last column. */
function countCells(counts: YearCounts, decimals: number): Cell[] {
  const percent = (part: number, whole: number) =>
    roundHalfUp(percentOf(part, whole) ?? 0, decimals);
  const { possible, authorised, unauthorised, persistentPossible } = counts;
  const { persistentAuthorised, persistentUnauthorised } = counts;
  const overall = authorised + unauthorised;
  const persistentOverall = persistentAuthorised + persistentUnauthorised;
  const authorisedCells = authorisedReasons.map((reason) => counts.authorisedReasons[reason]);
  // Withdrawn after 2012/13, and ":" (not applicable) from then on.
  authorisedCells.splice(6, 0, counts.authorisedExtendedHoliday ?? Number.NaN);
  return [
    counts.enrolments,
    possible,
    overall,
    authorised,
    unauthorised,
    percent(overall, possible),
    percent(authorised, possible),
    percent(unauthorised, possible),
    counts.persistentEnrolments,
    percent(counts.persistentEnrolments, counts.enrolments),
    persistentPossible,
    persistentOverall,
    persistentAuthorised,
    persistentUnauthorised,
    percent(persistentOverall, persistentPossible),
    percent(persistentAuthorised, persistentPossible),
    percent(persistentUnauthorised, persistentPossible),
    ...authorisedCells.map((count) => (Number.isNaN(count) ? ':' : count)),
    authorised,
    ...unauthorisedReasons.map((reason) => counts.unauthorisedReasons[reason]),
    unauthorised,
    overall,
  ];
}

// Characteristics

const censusTypes: Record<SchoolType, { name: string; code: string }> = {
  'State-funded primary': { name: 'State-funded primary', code: 'PRI' },
  'State-funded secondary': { name: 'State-funded secondary', code: 'SEC' },
  Special: { name: 'State-funded special school', code: 'SPE' },
};

type CensusCounts = {
  onRoll: number;
  girls: number;
  ehcPlan: number;
  senSupport: number;
  eal: number;
  firstLanguageUnknown: number;
  fsmNow: number;
  fsmEver: number;
  /** Pupils among whom free school meals in the last six years are counted: not those in nursery classes. */
  fsmCounted: number;
};

/** Schools with pupils in January 2019, then the national rows. */
function census(england: MadeUpEngland): string {
  const rows: Cell[][] = [];
  const national = new Map<SchoolType, CensusCounts>();
  const open = england.schools
    .filter((school) => school.hidden !== undefined)
    .toSorted((a, b) => a.urn - b.urn);
  for (const school of open) {
    const counts = censusCounts(school);
    const sum = national.get(school.schoolType);
    national.set(school.schoolType, sum ? addCensus(sum, counts) : counts);
    rows.push([
      school.urn,
      school.authority.laCode,
      String(school.laestab % 10_000).padStart(4, '0'),
      censusTypes[school.schoolType].name,
      ...censusCells(counts),
    ]);
  }
  for (const schoolType of schoolTypes) {
    const sum = national.get(schoolType);
    const { name, code } = censusTypes[schoolType];
    if (sum) rows.push(['NAT', '', code, name, ...censusCells(sum)]);
  }
  return `\uFEFF${csv(censusHeader, rows)}`;
}

function censusCounts({ intake, schoolType }: MadeUpSchool): CensusCounts {
  const { onRoll } = intake;
  const of = (percent: number, whole = onRoll) => Math.round((whole * percent) / 100);
  const fsmCounted = schoolType === 'State-funded primary' ? of(94) : onRoll;
  const ehcPlan = of(intake.ehcPlanPercent);
  const eal = of(intake.ealPercent);
  const fsmEver = of(intake.fsmPercent, fsmCounted);
  return {
    onRoll,
    girls: of(schoolType === 'Special' ? intake.girlsPercent - 21 : intake.girlsPercent),
    ehcPlan,
    senSupport: Math.min(onRoll - ehcPlan, of(intake.senSupportPercent)),
    eal,
    firstLanguageUnknown: Math.min(onRoll - eal, of(0.2)),
    fsmNow: Math.round(0.62 * fsmEver),
    fsmEver,
    fsmCounted,
  };
}

function addCensus(a: CensusCounts, b: CensusCounts): CensusCounts {
  const sum = { ...a };
  for (const key of Object.keys(a) as (keyof CensusCounts)[]) sum[key] += b[key];
  return sum;
}

function censusCells(counts: CensusCounts): Cell[] {
  const { onRoll, girls, ehcPlan, senSupport, eal, firstLanguageUnknown } = counts;
  const percent = (part: number, whole = onRoll) => roundHalfUp(percentOf(part, whole) ?? 0, 1);
  const english = onRoll - eal - firstLanguageUnknown;
  return [
    onRoll,
    girls,
    onRoll - girls,
    percent(girls),
    percent(onRoll - girls),
    ehcPlan,
    percent(ehcPlan),
    senSupport,
    percent(senSupport),
    eal,
    english,
    firstLanguageUnknown,
    percent(eal),
    percent(english),
    percent(firstLanguageUnknown),
    counts.fsmNow,
    counts.fsmEver,
    percent(counts.fsmEver, counts.fsmCounted),
  ];
}

// Schools

/** One row for every URN there ever was. */
function locations(england: MadeUpEngland): string {
  const rows: { urn: number; cells: Cell[] }[] = [];
  for (const school of england.schools) {
    const { place, authority, before } = school;
    const row = (urn: number, opened: string | undefined, closed: string | undefined): Cell[] => [
      urn,
      school.name,
      place.town,
      place.postcode,
      opened && dayMonthYear(opened, '-'),
      closed && dayMonthYear(closed, '-'),
      place.easting.toFixed(1),
      place.northing.toFixed(1),
      'made-up',
      `E99${String(100_000 + (urn % 100_000)).padStart(6, '0')}`,
      '120.0',
      authority.gssCode,
      roundHalfUp(place.idaci, 3),
      roundHalfUp(place.income, 3),
      place.ruralUrban,
    ];
    if (before) rows.push({ urn: before.urn, cells: row(before.urn, undefined, before.closedOn) });
    rows.push({ urn: school.urn, cells: row(school.urn, school.openedOn, school.closedOn) });
  }
  rows.sort((a, b) => a.urn - b.urn);
  return csv(
    locationsHeader,
    rows.map(({ cells }) => cells),
  );
}

/** Both ends of every change, each field quoted, lines ending as the register of schools ends them. */
function links(england: MadeUpEngland): string {
  const rows: { urn: number; cells: Cell[] }[] = [];
  for (const { urn, name, before, openedOn } of england.schools) {
    if (!before) continue;
    const link = (from: number, to: number, type: string, day: string): Cell[] =>
      [from, to, name, type, dayMonthYear(day, '-')].map((cell, index) =>
        index < 2 ? cell : `"${cell}"`,
      );
    rows.push({ urn, cells: link(urn, before.urn, 'Predecessor', openedOn ?? '') });
    rows.push({ urn: before.urn, cells: link(before.urn, urn, 'Successor', before.closedOn) });
  }
  rows.sort((a, b) => a.urn - b.urn);
  const lines = [linksHeader, ...rows.map(({ cells }) => cells.join(','))];
  return lines.map((line) => `${line}\r\n`).join('');
}

/** Trust membership; a sponsored academy's sponsor has a row of its own, as published. */
function groupLinks(england: MadeUpEngland): string {
  const rows: Cell[][] = [];
  for (const school of england.schools.toSorted((a, b) => a.urn - b.urn)) {
    const { trust, academy } = school;
    if (!trust || !academy || school.closedOn) continue;
    const groups = [
      { ...trust, id: `TR${trust.uid}`, code: 6, type: 'Multi-academy trust' },
      ...(academy.kind === 'sponsor led'
        ? [
            {
              ...trust,
              uid: trust.uid + 5000,
              id: `SP${trust.uid}`,
              code: 5,
              type: 'School sponsor',
            },
          ]
        : []),
    ];
    for (const group of groups) {
      rows.push([
        rows.length,
        school.urn,
        group.uid,
        group.id,
        group.code === 6 ? trustInCapitals(group.name) : group.name,
        group.code === 6 ? `${99_000_000 + (trust.uid % 100_000)}.0` : '',
        group.code,
        group.type,
        '',
        group.code === 6 ? '' : '2011-01-01',
        group.code === 6 ? '2011-01-01' : '',
        'OPEN',
        'Open',
        academy.openedOn ?? '2011-09-01',
        school.name,
        ...establishmentType(school),
        ...phaseOfEducation(school),
        school.authority.laCode,
        school.authority.name,
      ]);
    }
  }
  return csv(groupLinksHeader, rows);
}

/** Companies House names are in capitals; the mark stays readable. */
function trustInCapitals(name: string): string {
  return marked(name.replace(mark, '').trim().toUpperCase());
}

function establishmentType({ schoolType, academy }: MadeUpSchool): [number, string] {
  const special = schoolType === 'Special';
  if (academy?.kind === 'free school')
    return special ? [36, 'Free schools special'] : [35, 'Free schools'];
  if (academy?.kind === 'sponsor led') {
    return special ? [33, 'Academy special sponsor led'] : [28, 'Academy sponsor led'];
  }
  return special ? [44, 'Academy special converter'] : [34, 'Academy converter'];
}

function phaseOfEducation({ schoolType, allThrough }: MadeUpSchool): [number, string] {
  if (schoolType === 'Special') return [0, 'Not applicable'];
  if (allThrough) return [7, 'All-through'];
  return schoolType === 'State-funded primary' ? [2, 'Primary'] : [4, 'Secondary'];
}

// What only the maker knows

export const truthHeader = [
  'urn',
  'previous_urn',
  'laestab',
  'school_name',
  'la_code',
  'school_type',
  'level_percent',
  'intake_points',
  'trend_percent_per_year',
  'wander_points',
  'luck_points',
  'shock_years',
  ...[...publishedYears, hiddenYear].map((year) => `expected_${year}_percent`),
  `outcome_${hiddenYear}_enrolments`,
  `outcome_${hiddenYear}_absence_percent`,
  `outcome_${hiddenYear}_persistent_percent`,
].join(',');

/**
 * `truth.csv`: what every school was made from, and what the year after the published ones brought. Points are percentage
 * points (one standard deviation); `expected_…` is the year's rate before luck; shock years are joined by `;`.
 */
export function truthFile(england: MadeUpEngland): PublishedFile {
  const rows = england.schools
    .toSorted((a, b) => a.urn - b.urn)
    .map(({ truth, hidden, ...school }): Cell[] => [
      school.urn,
      school.before?.urn,
      school.laestab,
      school.name,
      school.authority.laCode,
      school.schoolType,
      truth.levelPercent,
      truth.intakePoints,
      truth.trendPercentPerYear,
      truth.wanderPoints,
      truth.luckPoints,
      truth.shockYears.join(';'),
      ...[...publishedYears, hiddenYear].map((year) => truth.expectedPercent.get(year)),
      hidden?.enrolments,
      hidden && percentOf(hidden.authorised + hidden.unauthorised, hidden.possible),
      hidden && percentOf(hidden.persistentEnrolments, hidden.enrolments),
    ]);
  return { name: 'truth.csv', text: csv(truthHeader, rows) };
}

// Writing

/** No cell has a comma, a quote or a line break: names are made of plain words. */
function csv(header: string, rows: readonly Cell[][]): string {
  const lines = rows.map((row) => row.join(','));
  return `${[header, ...lines].join('\n')}\n`;
}

/** `2015-09-01` as the register of schools writes it: `01-09-2015`. */
function dayMonthYear(iso: string, separator: '-' | '/'): string {
  return iso.split('-').toReversed().join(separator);
}
