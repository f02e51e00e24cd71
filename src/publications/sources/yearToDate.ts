import { academicYear, firstDayOf, startYearOf, yearLabel } from '../../base/academicYear.ts';
import { code, decimal, gssCode, oneOf, text, whole, year } from '../cells.ts';
import type { Check, Column, Edition, FileFacts, Row, Source } from '../source.ts';
import { absenceAbout, areaLevels } from './absenceFile.ts';

/*
 * The daily feed, added up from the start of the year, published every fortnight. The columns changed with the codes:
 * see `sessionNames`.
 */

const missing = {
  c: 'suppressed by the department: too few schools',
  '': 'not given',
  NA: 'not available',
  z: 'not applicable',
} as const;

const blank = { missing, whenMissing: '' } as const;

/** Column → what it is called in the warehouse: a total by its published name, a reason by its register code. */
const sessionNames: Readonly<Record<string, string>> = {
  present_sessions: 'present_sessions',
  overall_attendance: 'overall_attendance',
  approved_educational_activity: 'approved_educational_activity',
  overall_absence: 'overall_absence',
  authorised_absence: 'authorised_absence',
  unauthorised_absence: 'unauthorised_absence',
  late_sessions: 'late_sessions',
  possible_sessions: 'possible_sessions',
  reason_present_am: '/',
  reason_present_pm: '\\',
  reason_l_present_late_before_registers_closed: 'L',
  reason_i_authorised_illness: 'I',
  reason_m_authorised_medical_dental: 'M',
  reason_r_authorised_religious_observance: 'R',
  reason_s_authorised_study_leave: 'S',
  reason_t_authorised_mobile_child: 'T',
  reason_h_authorised_holiday: 'H',
  reason_e_authorised_excluded: 'E',
  reason_c_authorised_other: 'C',
  reason_c1_authorised_regulated_performance: 'C1',
  reason_j1_authorised_interview: 'J1',
  reason_c2_authorised_temp_reduced_timetable: 'C2',
  reason_b_aea_education_off_site: 'B',
  reason_j_aea_interview: 'J',
  reason_p_aea_approved_sporting_activity: 'P',
  reason_v_aea_educational_visit_trip: 'V',
  reason_w_aea_work_experience: 'W',
  reason_k_aea_education_arranged_by_la: 'K',
  reason_g_unauthorised_holiday: 'G',
  reason_u_unauthorised_late_after_registers_closed: 'U',
  reason_o_other_unauthorised: 'O',
  reason_n_no_reason_yet: 'N',
  reason_d_dual_registration: 'D',
  reason_q_la_arrangements: 'Q',
  reason_x_not_attending_covid_non_compulsory: 'X',
  reason_y_not_attending_enforced_closure: 'Y',
  reason_y1_transport_not_provided: 'Y1',
  reason_y2_travel_disruption: 'Y2',
  reason_y3_premises_out_of_use: 'Y3',
  reason_y4_closed_session_cancelled: 'Y4',
  reason_y5_detention_sentence: 'Y5',
  reason_y6_prohibited_infection_disease: 'Y6',
  reason_y7_unavoidable_cause: 'Y7',
  reason_not_attending_planned_closed: '#',
  reason_z_not_attending_not_on_roll: 'Z',
  reason_f_legacy_family_holiday: 'F',
};

const alsoCalled: Readonly<Record<string, readonly string[]>> = {
  reason_t_authorised_mobile_child: ['reason_t_authorised_grt_absence'],
  reason_d_dual_registration: ['reason_d_aea_dual_registration'],
};

/** In every edition so far; the other reasons came or went with the codes. */
const always = new Set(
  [
    'present_sessions overall_attendance approved_educational_activity overall_absence authorised_absence',
    'unauthorised_absence late_sessions possible_sessions / \\ L I M R S T E C B P V W G U O N',
  ]
    .join(' ')
    .split(' '),
);

const sessionCount = whole({ powers: true, max: Number.MAX_SAFE_INTEGER });

const sessionColumns = Object.entries(sessionNames).map(
  ([name, kept]): Column => ({
    name,
    also: alsoCalled[name] ?? [],
    type: sessionCount,
    meaning:
      name === kept ? `${kept.replaceAll('_', ' ')}.` : `Sessions marked ${kept} in the registers.`,
    missing,
    keep: false,
    optional: !always.has(kept),
  }),
);

const percentNames: Readonly<Record<string, string | false>> = {
  attendance_perc: 'attendance_percent',
  overall_absence_perc: 'overall_absence_percent',
  authorised_absence_perc: 'authorised_absence_percent',
  unauthorised_absence_perc: 'unauthorised_absence_percent',
  illness_perc: false,
  appointments_perc: false,
  unauth_hol_perc: false,
  unauth_oth_perc: false,
  unauth_late_registers_closed_perc: false,
  unauth_not_yet_perc: false,
  auth_religious_perc: false,
  auth_study_perc: false,
  auth_mob_perc: false,
  auth_grt_perc: false,
  auth_holiday_perc: false,
  auth_excluded_perc: false,
  auth_performance_perc: false,
  auth_interview_perc: false,
  auth_part_time_perc: false,
  auth_other_perc: false,
  covid_non_compulsory_perc: false,
  pa_perc: 'pa_percent',
};

const percentColumns: Column[] = Object.entries(percentNames).map(([name, keep]) => ({
  name,
  type: decimal({ min: 0, max: 100 }),
  meaning:
    keep === false
      ? 'Per hundred possible sessions; follows from the counts.'
      : 'As published: in the rows of England and the regions weighted by phase until August 2025.',
  missing,
  keep,
  optional: true,
}));

/** Sessions with leave, in whichever codes a year has. In 2022/23 some were in codes not published. */
const authorisedCodes = ['I', 'M', 'R', 'S', 'T', 'H', 'E', 'C', 'C1', 'J1', 'C2', 'F'];

/** A fortnightly state of the daily feed, from the start of the year to two weeks before publication. */
export const yearToDate: Source = {
  kind: 'year-to-date',
  title: 'attendance in the year to date (daily feed)',
  about:
    'Sessions by every register code for England, regions and authorities by phase. Another series than the census-based one: it runs ahead and is a little higher. Voluntary until September 2024.',
  publisher: absenceAbout.publisher,
  licence: absenceAbout.licence,
  licenceUrl: absenceAbout.licenceUrl,
  homepage:
    'https://explore-education-statistics.service.gov.uk/find-statistics/pupil-attendance-in-schools',
  frequency: 'Every two weeks in term.',
  replaces: 'The snapshot published on the same day.',
  columns: [
    { name: 'time_period', type: year(), meaning: 'The academic year: 202425.' },
    {
      name: 'time_identifier',
      type: oneOf(['Academic year']),
      meaning: 'What the time period is; weeks and terms are other publications.',
      keep: false,
    },
    { name: 'geographic_level', type: oneOf(areaLevels), meaning: 'England, region or authority.' },
    { name: 'country_code', type: gssCode(), meaning: 'England.', keep: false },
    { name: 'country_name', type: text(40), meaning: 'England.', keep: false },
    { name: 'region_code', type: gssCode(), meaning: 'Region (GSS).', ...blank },
    { name: 'region_name', type: text(60), meaning: 'Region.', missing, keep: false },
    { name: 'new_la_code', type: gssCode(), meaning: 'Local authority (GSS).', ...blank },
    { name: 'la_name', type: text(80), meaning: 'Local authority.', ...blank },
    {
      name: 'old_la_code',
      type: code(/^[1-9]\d{2}$/, 'a local authority code of three digits'),
      meaning: 'Local authority, three digits.',
      ...blank,
      keep: 'la_code',
    },
    {
      name: 'school_type',
      also: ['education_phase'],
      type: oneOf(['Primary', 'Secondary', 'Special', 'Total']),
      meaning: 'Phase, or all three together.',
    },
    {
      name: 'num_schools',
      type: decimal({ min: 0, max: 100_000 }),
      meaning: 'Schools sharing data, on an average day.',
      missing,
    },
    {
      name: 'enrolments',
      type: decimal({ min: 0, max: 20_000_000 }),
      meaning: 'Enrolments in them, on an average day.',
      missing,
    },
    ...sessionColumns,
    {
      name: 'reason_present',
      type: sessionCount,
      meaning: 'Present, morning and afternoon.',
      missing,
      keep: false,
    },
    {
      name: 'total_num_schools',
      type: decimal({ min: 0, max: 100_000 }),
      meaning: 'Schools in scope.',
      missing,
      keep: false,
    },
    {
      name: 'total_enrolments',
      type: decimal({ min: 0, max: 20_000_000 }),
      meaning: 'Enrolments in scope.',
      missing,
      keep: false,
    },
    ...percentColumns,
  ],
  notWith: {
    attendance_date: 'the daily rows of the feed',
    academic_year: 'the termly rows of the feed',
    week_commencing: 'the daily rows of the feed',
  },
  checks: [
    ...feedChecks(),
    {
      kind: 'published-in-its-year',
      rule: 'A snapshot is published in its academic year or in the one after.',
      column: 'time_period',
      otherwise: 'refuse',
      wrong(row, edition) {
        const on = edition.values.published_on;
        const year = Number(row.time_period);
        return typeof on !== 'string' || canBePublished(year, on)
          ? undefined
          : `figures of ${yearLabel(year)} cannot have been published on ${on}: give the right day with --published`;
      },
    },
  ],
  key: ['time_period', 'geographic_level', 'region_code', 'new_la_code', 'school_type'],
  scope: { columns: ['time_period', 'published_on'], label: snapshotLabel },
  table: 'published_ytd',
  derived: [
    {
      name: 'published_on',
      meaning: 'The day of publication, about two weeks after the last day counted.',
      value: (_row, edition) => edition.values.published_on ?? null,
    },
    {
      name: 'sessions',
      from: Object.keys(sessionNames),
      meaning: 'Sessions by name of total and by register code; a suppressed one is absent.',
      value: sessionsOf,
    },
  ],
  edition: snapshotEdition,
};

function sessionsOf(row: Row): Record<string, number> {
  const sessions: Record<string, number> = {};
  for (const [column, name] of Object.entries(sessionNames)) {
    const value = row[column];
    if (typeof value === 'number') sessions[name] = value;
  }
  return sessions;
}

function snapshotLabel(scope: string): string {
  const [year, published] = scope.split(' ');
  return `${yearLabel(Number(year))}, ${published?.startsWith('20') ? `published ${published}` : 'of unknown date'}`;
}

/** The identities of domain knowledge that hold on every row; a cell without a value is not checked. */
function feedChecks(): Check[] {
  return [
    adds('present', 'present_sessions', ['reason_present', 'L']),
    adds('mornings-and-afternoons', 'reason_present', ['/', '\\']),
    adds('attendance', 'overall_attendance', ['present_sessions', 'approved_educational_activity']),
    adds('absence', 'overall_absence', ['authorised_absence', 'unauthorised_absence']),
    adds('possible', 'possible_sessions', ['overall_attendance', 'overall_absence']),
    adds('unauthorised', 'unauthorised_absence', ['G', 'U', 'O', 'N']),
    adds('late', 'late_sessions', ['L', 'U']),
    adds('authorised', 'authorised_absence', authorisedCodes, 'warn'),
  ];
}

function columnOf(name: string): string {
  return Object.keys(sessionNames).find((column) => sessionNames[column] === name) ?? name;
}

function adds(
  kind: string,
  whole: string,
  parts: readonly string[],
  otherwise: Check['otherwise'] = 'refuse',
): Check {
  const columns = parts.map(columnOf);
  return {
    kind: `${kind}-adds-up`,
    rule: `${whole} is the sum of ${parts.join(', ')}.`,
    column: whole,
    otherwise,
    wrong(row) {
      const total = row[whole];
      if (typeof total !== 'number') return undefined;
      let sum = 0;
      for (const column of columns) {
        const value = row[column];
        if (value === null) return undefined;
        sum += typeof value === 'number' ? value : 0; // a code that this edition does not have
      }
      return sum === total
        ? undefined
        : `${parts.join(' + ')} is ${sum.toLocaleString('en-GB')}, not ${whole} ${total.toLocaleString('en-GB')}`;
    },
  };
}

/** No column says when it was published. */
function snapshotEdition(file: FileFacts): Edition {
  if (file.published !== undefined) {
    return {
      values: { published_on: file.published },
      assumed: [`published on ${file.published}, as given by --published`],
    };
  }
  const named = /(?<!\d)(20\d\d-[01]\d-[0-3]\d)(?!\d)/.exec(file.name)?.[1];
  if (named !== undefined) {
    return {
      values: { published_on: named },
      assumed: [
        `published on ${named}, as its name says; another date is given by --published DATE`,
      ],
    };
  }
  return {
    values: { published_on: null },
    assumed: [
      'of unknown date, because neither its columns nor its name say one: it is placed by its possible sessions; --published DATE gives it',
    ],
  };
}

/** Whether a snapshot of `year` can have been published on that day: within it, or in the year after. */
function canBePublished(year: number, on: string): boolean {
  const nextButOne = firstDayOf(academicYear(startYearOf(year) + 2));
  return on >= firstDayOf(year) && on < nextButOne;
}
