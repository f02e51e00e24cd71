import type { Row, Source } from '../source.ts';
import {
  absenceAbout,
  absenceChecks,
  absenceColumns,
  absenceLevel,
  absenceSkips,
  yearScope,
} from './absenceFile.ts';

/** Accredited (census-based) absence of every state-funded school in a year. */
export const schoolAbsence: Source = {
  kind: 'school-absence',
  title: 'school absence, three terms',
  about:
    'Every state-funded school in England: enrolments, sessions possible and missed, by reason, and persistent absentees. Pupils aged 5 to 15. Exact counts, so nothing may be shown of a small school as it stands here.',
  ...absenceAbout,
  replaces: 'All schools of the academic years that the file holds.',
  columns: absenceColumns('school'),
  rowsOf: { column: absenceLevel, words: ['School'] },
  skips: absenceSkips,
  checks: [
    ...absenceChecks,
    {
      kind: 'laestab-of-its-parts',
      rule: 'The LAESTAB is the authority’s code followed by the establishment number.',
      column: 'laestab',
      otherwise: 'refuse',
      wrong: laestabOfItsParts,
    },
    {
      kind: 'one-school-a-row',
      rule: 'A row of a school stands for one school.',
      column: 'num_schools',
      otherwise: 'refuse',
      wrong: (row) =>
        row.num_schools === 1 ? undefined : `num_schools is ${row.num_schools}, not 1`,
    },
  ],
  key: ['time_period', 'urn'],
  scope: yearScope,
  table: 'published_school_absence',
  everySchool: true,
  derived: [
    {
      name: 'academy_open_date',
      from: ['academy_open_date'],
      meaning: 'When it opened as an academy.',
      value: (row) => String(row.academy_open_date).split('/').reverse().join('-') || null,
    },
    {
      name: 'all_through',
      from: ['all_through'],
      meaning: 'Whether it teaches both primary and secondary ages.',
      value: (row) => row.all_through !== '',
    },
  ],
};

function laestabOfItsParts(row: Row): string | undefined {
  const together = `${row.old_la_code}${String(row.estab).padStart(4, '0')}`;
  return together === String(row.laestab)
    ? undefined
    : `laestab is ${row.laestab}, but old_la_code ${row.old_la_code} and estab ${row.estab} make ${together}`;
}
