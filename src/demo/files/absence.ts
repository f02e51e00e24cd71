import type { AcademicYear } from '../../base/academicYear.ts';
import { percentOf, roundHalfUp } from '../../base/rate.ts';
import { type SchoolType, schoolTypes } from '../../base/schoolType.ts';
import type { MadeUpEngland } from '../madeUpEngland.ts';
import { authorisedReasons, unauthorisedReasons } from '../profiles.ts';
import type { MadeUpSchool, SchoolYear } from '../school.ts';
import type { YearCounts } from '../schoolYear.ts';
import { type Cell, csv, dayMonthYear } from './csv.ts';

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

export function schoolAbsence(england: MadeUpEngland, year: AcademicYear): string {
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
export function aggregateAbsence(england: MadeUpEngland): string {
  const rows: Cell[][] = [];
  for (const year of england.years.toReversed()) {
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

/** By place, in the order of the authorities. */
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
