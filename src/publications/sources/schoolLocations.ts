import { code, date, decimal, text, urn, type Value } from '../cells.ts';
import type { Row, Source } from '../source.ts';
import { absenceAbout } from './absenceFile.ts';

const unknown = { '': 'not known' } as const;
const optional = { empty: true } as const;

/** Names, places and how deprived the place is. */
export const schoolLocations: Source = {
  kind: 'school-locations',
  title: 'school locations',
  about:
    'Name, town, postcode, position on the map, and the deprivation (IDACI 2019) and rurality (2011) of the small area around the school’s site. It describes where the school stands, not where its pupils live.',
  publisher: 'Department for Education (GIAS), ONS, MHCLG, OpenStreetMap contributors',
  licence: 'Open Government Licence v3.0; some coordinates Open Database Licence',
  licenceUrl: absenceAbout.licenceUrl,
  homepage: 'https://get-information-schools.service.gov.uk/',
  frequency: 'Now and then.',
  replaces: 'All locations.',
  columns: [
    { name: 'urn', type: urn(), meaning: 'Unique reference number of the school.' },
    { name: 'name', type: text(200), meaning: 'Name of the school.' },
    { name: 'town', type: text(100, optional), meaning: 'Town.' },
    { name: 'postcode', type: text(10, optional), meaning: 'Postcode.' },
    {
      name: 'open_date',
      type: anyDate(),
      meaning: 'When it opened.',
      missing: unknown,
      keep: false,
    },
    {
      name: 'close_date',
      type: anyDate(),
      meaning: 'When it closed.',
      missing: unknown,
      keep: false,
    },
    {
      name: 'easting',
      type: decimal({ min: 0, max: 700_000 }),
      meaning: 'Metres east on the National Grid.',
      missing: unknown,
    },
    {
      name: 'northing',
      type: decimal({ min: 0, max: 1_300_000 }),
      meaning: 'Metres north on the National Grid.',
      missing: unknown,
    },
    {
      name: 'xy_source',
      type: text(60, optional),
      meaning: 'Where the position comes from.',
      keep: false,
    },
    {
      name: 'nearest_lsoa11',
      type: code(/^([EW]\d{8})?$/, 'an LSOA code such as E01000001, or blank'),
      meaning: 'The small area of the 2011 census that the site is nearest to.',
      keep: false,
    },
    {
      name: 'lsoa_dist_m',
      type: decimal({ min: 0, max: 1_000_000 }),
      meaning: 'How far that area’s middle is, in metres.',
      missing: unknown,
      keep: false,
    },
    {
      name: 'lad22',
      type: code(/^([A-Z]\d{8})?$/, 'a district code such as E09000001, or blank'),
      meaning: 'Local authority district of 2022 (GSS).',
    },
    {
      name: 'idaci_score',
      type: decimal({ min: 0, max: 1 }),
      meaning: 'Share of children in income-deprived families in that area, 0 to 1.',
      missing: unknown,
    },
    {
      name: 'income_score',
      type: decimal({ min: 0, max: 1 }),
      meaning: 'Share of people in income-deprived families in that area, 0 to 1.',
      missing: unknown,
    },
    { name: 'ruc11', type: text(4, optional), meaning: 'Rural or urban class of 2011: A1 to E2.' },
  ],
  checks: [
    {
      kind: 'date-before-1900',
      rule: 'Dates are kept from 1900 on.',
      column: 'open_date',
      otherwise: 'warn',
      wrong: (row) =>
        tooEarly(row.open_date) || tooEarly(row.close_date)
          ? 'the date is before 1900 and is kept as not known'
          : undefined,
    },
  ],
  key: ['urn'],
  scope: { columns: [], label: () => 'all schools' },
  table: 'published_location',
  derived: [
    {
      name: 'open_date',
      from: ['open_date'],
      meaning: 'When it opened.',
      value: (row) => keptDate(row, 'open_date'),
    },
    {
      name: 'close_date',
      from: ['close_date'],
      meaning: 'When it closed.',
      value: (row) => keptDate(row, 'close_date'),
    },
  ],
  windows1252: true,
};

const firstDateKept = '1900-01-01';

function tooEarly(value: Value | undefined): boolean {
  return typeof value === 'string' && value < firstDateKept;
}

function keptDate(row: Row, column: string): string | null {
  const value = row[column];
  return typeof value === 'string' && !tooEarly(value) ? value : null;
}

/** Schools are old: some opened before the first day that a date column can hold. */
function anyDate() {
  return date({ earliestYear: 1000 });
}
