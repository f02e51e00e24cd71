import { yearLabel } from '../../base/academicYear.ts';
import { schoolTypes } from '../../base/schoolType.ts';
import { code, gssCode, laestab, oneOf, percentage, text, urn, whole, year } from '../cells.ts';
import type { Check, Column, RawRow, Row, Skip } from '../source.ts';

/*
 * The department's three-term absence file. One layout holds schools and the areas that they add up to; what a row is
 * about stands in `geographic_level`. The two kinds are described in `schoolAbsence.ts` and `areaAbsence.ts`.
 */

export const absenceLevel = 'geographic_level';

/** The levels at which the file gives areas, from the largest to the smallest. */
export const areaLevels = ['National', 'Regional', 'Local authority'] as const;

const notApplicable = { ':': 'not applicable in that year' } as const;
const notForThisLevel = { '': 'not given at this level' } as const;

type Level = 'school' | 'area';

/** The 52 columns, as they are read at one of the two levels. */
export function absenceColumns(level: Level): Column[] {
  return [...whenColumns(level), ...areaColumns(level), ...schoolColumns(level), ...figureColumns];
}

function whenColumns(level: Level): Column[] {
  return [
    {
      name: 'time_identifier',
      type: oneOf(['Academic year']),
      meaning: 'What the time period is.',
      keep: false,
    },
    {
      name: 'year_breakdown',
      type: text(40),
      meaning: 'Over which half terms the figures run; only “six half terms” is used.',
      keep: false,
    },
    { name: 'time_period', type: year(), meaning: 'The academic year: 201718.' },
    {
      name: absenceLevel,
      type: oneOf(['School', ...areaLevels]),
      meaning: 'What the row is about: a school, an authority, a region or England.',
      ...(level === 'school' ? { keep: false } : {}),
    },
  ];
}

const laCodeInLaestab = {
  why: 'taken from the LAESTAB, which begins with it',
  text: (cell: RawRow) => cell('laestab').slice(0, 3),
} as const;

function areaColumns(level: Level): Column[] {
  const missing = level === 'area' ? ({ missing: notForThisLevel, whenMissing: '' } as const) : {};
  return [
    { name: 'country_code', type: gssCode(), meaning: 'England.', keep: false },
    { name: 'country_name', type: text(40), meaning: 'England.', keep: false },
    { name: 'region_code', type: gssCode(), meaning: 'Region (GSS).', ...missing },
    { name: 'region_name', type: text(60), meaning: 'Region; London in two.', ...missing },
    {
      name: 'old_la_code',
      type: code(/^[1-9]\d{2}$/, 'a local authority code of three digits'),
      meaning: 'Local authority, three digits.',
      keep: 'la_code',
      ...(level === 'school' ? { whenBlank: laCodeInLaestab } : missing),
    },
    { name: 'new_la_code', type: gssCode(), meaning: 'Local authority (GSS).', ...missing },
    { name: 'la_name', type: text(80), meaning: 'Local authority.', ...missing },
  ];
}

function schoolColumns(level: Level): Column[] {
  const blank = { missing: notForThisLevel } as const;
  if (level === 'area') {
    return [
      { name: 'estab', type: text(4), meaning: 'Schools only.', ...blank, keep: false },
      { name: 'laestab', type: laestab(), meaning: 'Schools only.', ...blank, keep: false },
      { name: 'urn', type: urn(), meaning: 'Schools only.', ...blank, keep: false },
      {
        name: 'school_type',
        type: oneOf([...schoolTypes, 'Total']),
        meaning: 'Type of school, or all three together.',
      },
      ...academyColumns(false),
    ];
  }
  return [
    {
      name: 'estab',
      type: code(/^\d{1,4}$/, 'an establishment number of up to four digits'),
      meaning: 'Establishment number: the end of the LAESTAB.',
      keep: false,
    },
    { name: 'laestab', type: laestab(), meaning: 'Authority and establishment number.' },
    { name: 'urn', type: urn(), meaning: 'Unique reference number of the school.' },
    { name: 'school_type', type: oneOf(schoolTypes), meaning: 'Type of school.' },
    ...academyColumns(true),
  ];
}

function academyColumns(kept: boolean): Column[] {
  const empty = { empty: true } as const;
  return [
    {
      name: 'academy_type',
      type: text(60, empty),
      meaning: 'What sort of academy or free school; blank when it is neither.',
      ...(kept ? {} : { keep: false }),
    },
    {
      name: 'academy_open_date',
      type: code(/^(\d\d\/\d\d\/\d{4})?$/, 'a date such as 01/09/2012, or blank'),
      meaning: 'When it opened as an academy; blank when it is none.',
      keep: false,
    },
    {
      name: 'all_through',
      type: code(/^(all through)?$/i, '“All through”, or blank'),
      meaning: 'Whether it teaches both primary and secondary ages.',
      keep: false,
    },
  ];
}

const count = whole({ max: Number.MAX_SAFE_INTEGER });

function counted(name: string, meaning: string): Column {
  return { name, type: count, meaning };
}

function reason(name: string, meaning: string): Column {
  return { name, type: count, meaning, missing: notApplicable };
}

function percent(name: string, meaning: string): Column {
  return {
    name,
    type: percentage(),
    meaning: `${meaning} Compared with the counts, and not kept.`,
    missing: { ...notApplicable, '': 'not given' },
    keep: false,
  };
}

const figureColumns: Column[] = [
  counted('num_schools', 'Number of schools in the row.'),
  counted('enrolments', 'Enrolments of pupils aged 5 to 15: a mover counts at each school.'),
  counted('sess_possible', 'Sessions possible: half days that pupils could have attended.'),
  counted('sess_overall', 'Sessions missed.'),
  counted('sess_authorised', 'Sessions missed with leave.'),
  counted('sess_unauthorised', 'Sessions missed without leave.'),
  percent('sess_overall_percent', 'Sessions missed in every hundred possible.'),
  percent('sess_authorised_percent', 'Sessions missed with leave in every hundred possible.'),
  percent('sess_unauthorised_percent', 'Sessions missed without leave in every hundred possible.'),
  counted('enrolments_pa_10_exact', 'Persistent absentees: enrolments that missed 10 % or more.'),
  percent('enrolments_pa_10_exact_percent', 'Persistent absentees in every hundred enrolments.'),
  counted('sess_possible_pa_10_exact', 'Sessions possible for persistent absentees.'),
  counted('sess_overall_pa_10_exact', 'Sessions missed by persistent absentees.'),
  counted('sess_authorised_pa_10_exact', 'Sessions that persistent absentees missed with leave.'),
  counted(
    'sess_unauthorised_pa_10_exact',
    'Sessions that persistent absentees missed without leave.',
  ),
  percent(
    'sess_overall_percent_pa_10_exact',
    'Sessions that persistent absentees missed, per 100.',
  ),
  percent('sess_authorised_percent_pa_10_exact', 'The same, with leave.'),
  percent('sess_unauthorised_percent_pa_10_exact', 'The same, without leave.'),
  reason('sess_auth_illness', 'Illness.'),
  reason('sess_auth_appointments', 'Medical and dental appointments.'),
  reason('sess_auth_religious', 'Religious observance.'),
  reason('sess_auth_study', 'Study leave.'),
  reason('sess_auth_traveller', 'Traveller absence.'),
  reason('sess_auth_holiday', 'Family holiday with leave.'),
  reason('sess_auth_ext_holiday', 'Extended family holiday with leave; ended in 2013.'),
  reason('sess_auth_excluded', 'Excluded, with no provision made.'),
  reason('sess_auth_other', 'Other leave.'),
  reason('sess_auth_totalreasons', 'All reasons for absence with leave.'),
  reason('sess_unauth_holiday', 'Family holiday without leave.'),
  reason('sess_unauth_late', 'Arrived after the register closed.'),
  reason('sess_unauth_other', 'Other absence without leave.'),
  reason('sess_unauth_noyet', 'No reason given yet.'),
  reason('sess_unauth_totalreasons', 'All reasons for absence without leave.'),
  reason('sess_overall_totalreasons', 'All reasons for absence.'),
];

/** The counts of the file, in its order: what an area must add up to from its schools. */
export const countColumns: readonly string[] = figureColumns
  .filter((column) => column.keep !== false)
  .map((column) => column.name);

export const absenceSkips: Skip[] = [
  {
    reason: 'not over six half terms',
    why: 'Rows over five half terms leave out the second half of the summer term and do not compare with the others.',
    when: (cell) => cell('year_breakdown') !== 'six half terms',
  },
];

export const yearScope = {
  columns: ['time_period'],
  label: (scope: string) => yearLabel(Number(scope)),
} as const;

const number = (value: unknown): number => (typeof value === 'number' ? value : 0);
const shown = (row: Row, column: string): string =>
  `${column} ${number(row[column]).toLocaleString('en-GB')}`;

function adds(whole: string, parts: readonly string[]): (row: Row) => string | undefined {
  return (row) => {
    let sum = 0;
    for (const part of parts) sum += number(row[part]);
    if (sum === number(row[whole])) return undefined;
    const terms = parts.map((part) => shown(row, part)).join(' + ');
    return `${terms} is ${sum.toLocaleString('en-GB')}, not ${shown(row, whole)}`;
  };
}

function atMost(part: string, whole: string): (row: Row) => string | undefined {
  return (row) =>
    number(row[part]) <= number(row[whole])
      ? undefined
      : `${shown(row, part)} is more than ${shown(row, whole)}`;
}

/** A published percentage may be rounded to any number of decimals; its own decimals say how far off it may be. */
function isPercentOf(percent: string, part: string, whole: string) {
  return (row: Row): string | undefined => {
    const published = row[percent];
    if (typeof published !== 'number' || number(row[whole]) === 0) return undefined;
    const exact = (100 * number(row[part])) / number(row[whole]);
    const off = Math.abs(published - exact);
    if (off <= 0.000_005_1) return undefined;
    const decimals = String(published).split('.')[1]?.length ?? 0;
    return off <= 0.5 * 10 ** -Math.max(1, decimals) + 1e-9
      ? undefined
      : `${percent} is ${published}, but 100 × ${shown(row, part)} ÷ ${shown(row, whole)} is ${exact.toFixed(5)}`;
  };
}

const authorisedReasons = figureColumns
  .map((column) => column.name)
  .filter((name) => name.startsWith('sess_auth_') && name !== 'sess_auth_totalreasons');
const unauthorisedReasons = figureColumns
  .map((column) => column.name)
  .filter((name) => name.startsWith('sess_unauth_') && name !== 'sess_unauth_totalreasons');

const refuse = 'refuse' as const;
const warn = 'warn' as const;

/** Rules that hold on every row published for 2012/13 to 2017/18, and three that the department's own rows break. */
export const absenceChecks: Check[] = [
  {
    kind: 'authorised-and-unauthorised',
    rule: 'Sessions missed with leave and without leave add up to sessions missed.',
    column: 'sess_overall',
    otherwise: refuse,
    wrong: adds('sess_overall', ['sess_authorised', 'sess_unauthorised']),
  },
  {
    kind: 'missed-within-possible',
    rule: 'No more sessions are missed than were possible.',
    column: 'sess_overall',
    otherwise: refuse,
    wrong: atMost('sess_overall', 'sess_possible'),
  },
  {
    kind: 'persistent-within-enrolments',
    rule: 'There are no more persistent absentees than enrolments.',
    column: 'enrolments_pa_10_exact',
    otherwise: refuse,
    wrong: atMost('enrolments_pa_10_exact', 'enrolments'),
  },
  {
    kind: 'persistent-authorised-and-unauthorised',
    rule: 'For persistent absentees too, sessions missed with and without leave add up.',
    column: 'sess_overall_pa_10_exact',
    otherwise: refuse,
    wrong: adds('sess_overall_pa_10_exact', [
      'sess_authorised_pa_10_exact',
      'sess_unauthorised_pa_10_exact',
    ]),
  },
  ...(['possible', 'overall', 'authorised', 'unauthorised'] as const).map((what) => ({
    kind: `persistent-${what}-within-all`,
    rule: `Persistent absentees have no more sessions (${what}) than all pupils.`,
    column: `sess_${what}_pa_10_exact`,
    otherwise: refuse,
    wrong: atMost(`sess_${what}_pa_10_exact`, `sess_${what}`),
  })),
  {
    kind: 'persistent-missed-a-tenth',
    rule: 'Persistent absentees missed at least a tenth of their possible sessions.',
    column: 'sess_overall_pa_10_exact',
    otherwise: warn,
    wrong: (row) =>
      10 * number(row.sess_overall_pa_10_exact) >= number(row.sess_possible_pa_10_exact)
        ? undefined
        : `${shown(row, 'sess_overall_pa_10_exact')} is less than a tenth of ${shown(row, 'sess_possible_pa_10_exact')}`,
  },
  {
    kind: 'authorised-reasons-add-up',
    rule: 'The reasons for absence with leave add up to their total.',
    column: 'sess_auth_totalreasons',
    otherwise: warn,
    wrong: adds('sess_auth_totalreasons', authorisedReasons),
  },
  {
    kind: 'unauthorised-reasons-add-up',
    rule: 'The reasons for absence without leave add up to their total.',
    column: 'sess_unauth_totalreasons',
    otherwise: warn,
    wrong: adds('sess_unauth_totalreasons', unauthorisedReasons),
  },
  {
    kind: 'reasons-add-up',
    rule: 'Both totals of reasons add up to the total of all reasons.',
    column: 'sess_overall_totalreasons',
    otherwise: warn,
    wrong: adds('sess_overall_totalreasons', [
      'sess_auth_totalreasons',
      'sess_unauth_totalreasons',
    ]),
  },
  {
    kind: 'reasons-within-missed',
    rule: 'No more sessions are given a reason than were missed.',
    column: 'sess_overall_totalreasons',
    otherwise: warn,
    wrong: atMost('sess_overall_totalreasons', 'sess_overall'),
  },
  ...(
    [
      ['sess_overall_percent', 'sess_overall', 'sess_possible'],
      ['sess_authorised_percent', 'sess_authorised', 'sess_possible'],
      ['sess_unauthorised_percent', 'sess_unauthorised', 'sess_possible'],
      ['enrolments_pa_10_exact_percent', 'enrolments_pa_10_exact', 'enrolments'],
      ['sess_overall_percent_pa_10_exact', 'sess_overall_pa_10_exact', 'sess_possible_pa_10_exact'],
      [
        'sess_authorised_percent_pa_10_exact',
        'sess_authorised_pa_10_exact',
        'sess_possible_pa_10_exact',
      ],
      [
        'sess_unauthorised_percent_pa_10_exact',
        'sess_unauthorised_pa_10_exact',
        'sess_possible_pa_10_exact',
      ],
    ] as const
  ).map(([percent, part, whole]) => ({
    kind: 'percentage-of-its-counts',
    rule: `${percent} is ${part} in every hundred of ${whole}, rounded.`,
    column: percent,
    otherwise: warn,
    wrong: isPercentOf(percent, part, whole),
  })),
];

export const absenceAbout = {
  publisher: 'Department for Education',
  licence: 'Open Government Licence v3.0',
  licenceUrl: 'https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/',
  homepage:
    'https://explore-education-statistics.service.gov.uk/find-statistics/pupil-absence-in-schools-in-england',
  frequency: 'Once a year, in March, for the academic year that ended in the summer before.',
} as const;
