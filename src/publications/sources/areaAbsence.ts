import type { Row, Source } from '../source.ts';
import {
  absenceAbout,
  absenceChecks,
  absenceColumns,
  absenceLevel,
  absenceSkips,
  areaLevels,
  yearScope,
} from './absenceFile.ts';

/** The published sums over England, its regions and its authorities: what our own sums must come to. */
export const areaAbsence: Source = {
  kind: 'area-absence',
  title: 'absence of England, its regions and local authorities, three terms',
  about:
    'The department’s own totals by type of school. Used to prove that the schools add up to them, to the session.',
  ...absenceAbout,
  replaces: 'All areas of the academic years that the file holds.',
  columns: absenceColumns('area'),
  rowsOf: { column: absenceLevel, words: areaLevels },
  skips: absenceSkips,
  checks: [
    ...absenceChecks,
    {
      kind: 'area-named',
      rule: 'A region has its code, and an authority has its own and its region’s.',
      column: 'region_code',
      otherwise: 'refuse',
      wrong: areaNamed,
    },
  ],
  key: ['time_period', 'geographic_level', 'region_code', 'new_la_code', 'school_type'],
  scope: yearScope,
  table: 'published_area_absence',
};

function areaNamed(row: Row): string | undefined {
  if (row.geographic_level !== 'National' && row.region_code === '') {
    return `region_code is empty in a row of level ${row.geographic_level}`;
  }
  return row.geographic_level === 'Local authority' && row.new_la_code === ''
    ? 'new_la_code is empty in a row of an authority'
    : undefined;
}
