import { code, laCode, percentage, text, urn, whole } from '../cells.ts';
import type { Column, Edition, FileFacts, Row, Source } from '../source.ts';
import { absenceAbout } from './absenceFile.ts';

const missing = {
  NA: 'not collected from this type of school',
  SUPP: 'suppressed by the department: a small number',
  NP: 'not published',
  NE: 'no eligible pupils',
} as const;

function pupils(name: string, meaning: string, keep: string | false = false): Column {
  return { name, type: whole(), meaning, missing, keep };
}

function percent(name: string, meaning: string, keep: string | false = false): Column {
  return { name, type: percentage(), meaning, missing, keep };
}

/** Who goes to each school, as counted on one day in January. */
export const schoolCensus: Source = {
  kind: 'school-census',
  title: 'school census (intake of each school in a January)',
  about:
    'Pupils on roll by sex, special educational needs, first language and free school meals. Known only from the spring of the census’s year: a forecast made earlier may not use it.',
  publisher: absenceAbout.publisher,
  licence: absenceAbout.licence,
  licenceUrl: absenceAbout.licenceUrl,
  homepage: 'https://www.find-school-performance-data.service.gov.uk/download-data',
  frequency: 'Once a year; the census is taken on the third Thursday of January.',
  replaces: 'The census of the same January.',
  columns: [
    { name: 'URN', type: urn(), meaning: 'Unique reference number of the school.' },
    { name: 'LA', type: laCode(), meaning: 'Local authority, three digits.', keep: false },
    {
      name: 'ESTAB',
      type: code(/^\d{1,4}$/, 'an establishment number of up to four digits'),
      meaning: 'Establishment number.',
      keep: false,
    },
    { name: 'SCHOOLTYPE', type: text(60), meaning: 'Type of school.', keep: 'school_type' },
    pupils('NOR', 'Pupils on roll.', 'pupils'),
    pupils('NORG', 'Girls on roll.'),
    pupils('NORB', 'Boys on roll.'),
    percent('PNORG', 'Girls in every hundred pupils.', 'girls_percent'),
    percent('PNORB', 'Boys in every hundred pupils.'),
    pupils('TSENELSE', 'Pupils with an education, health and care plan.'),
    percent('PSENELSE', 'Pupils with such a plan in every hundred.', 'ehc_plan_percent'),
    pupils('TSENELK', 'Pupils with SEN support.'),
    percent('PSENELK', 'Pupils with SEN support in every hundred.', 'sen_support_percent'),
    pupils('NUMEAL', 'Pupils whose first language is not English.'),
    pupils('NUMENGFL', 'Pupils whose first language is English.'),
    pupils('NUMUNCFL', 'Pupils whose first language is not recorded.'),
    percent('PNUMEAL', 'Pupils whose first language is not English, per hundred.', 'eal_percent'),
    percent('PNUMENGFL', 'Pupils whose first language is English, per hundred.'),
    percent('PNUMUNCFL', 'Pupils whose first language is not recorded, per hundred.'),
    pupils('NUMFSM', 'Pupils eligible for free school meals on the day.'),
    pupils('NUMFSMEVER', 'Pupils eligible for free school meals at any time in six years.'),
    {
      ...pupils('NORFSMEVER', 'Pupils that the six-year figure is out of.'),
      optional: true,
    },
    percent(
      'PNUMFSMEVER',
      'Pupils eligible at any time in six years, per hundred.',
      'fsm_ever6_percent',
    ),
  ],
  skips: [
    {
      reason: 'a total, not a school',
      why: 'The last rows are England’s totals by type of school.',
      when: (cell) => ['NAT', 'LA', 'REG'].includes(cell('URN')),
    },
  ],
  key: ['census_on', 'urn'],
  scope: { columns: ['census_on'], label: (scope) => `January ${scope.slice(0, 4)}` },
  table: 'published_census',
  derived: [
    {
      name: 'census_on',
      meaning: 'The January of the census, as its first day.',
      value: (_row, edition) => edition.values.census_on ?? null,
    },
    {
      name: 'laestab',
      from: ['LA', 'ESTAB'],
      meaning: 'Authority and establishment number.',
      value: (row) => Number(`${row.LA}${String(row.ESTAB).padStart(4, '0')}`),
    },
    {
      name: 'fsm_percent',
      from: ['NUMFSM'],
      meaning: 'Pupils eligible for free school meals on the day, in every hundred on roll.',
      value: freeSchoolMealsPercent,
    },
  ],
  edition: censusEdition,
};

/** The file has no such column; unrounded. */
function freeSchoolMealsPercent(row: Row): number | null {
  const { NUMFSM: eligible, NOR: onRoll } = row;
  return typeof eligible === 'number' && typeof onRoll === 'number' && onRoll > 0
    ? (100 * eligible) / onRoll
    : null;
}

/** No column says which January: the two layouts known differ in `NORFSMEVER`, which came after 2019. */
function censusEdition(file: FileFacts): Edition {
  const layout = file.header.includes('norfsmever') ? 2023 : 2019;
  const census = file.census ?? layout;
  const values = { census_on: `${census}-01-01` };
  if (file.census !== undefined) {
    return { values, assumed: [`census of January ${census}, as given by --census`] };
  }
  const why = layout === 2023 ? 'it has the column NORFSMEVER' : 'it has no column NORFSMEVER';
  const named = /(20\d\d)\D?(20)?(\d\d)(?!\d)/.exec(file.name);
  const january = named && Number(named[1]) + 1;
  const differs =
    named && january !== census && Number(named[3]) === Number(january) % 100
      ? `; its name speaks of January ${january}: if that is right, give --census ${january}`
      : '';
  return {
    values,
    assumed: [
      `census of January ${census}, because ${why}; another is given by --census YEAR${differs}`,
    ],
  };
}
