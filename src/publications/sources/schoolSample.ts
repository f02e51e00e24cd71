import { decimal, laCode, urn, year } from '../cells.ts';
import type { Source } from '../source.ts';
import { absenceAbout, yearScope } from './absenceFile.ts';

const blank = { '': 'not published for this school' } as const;

/** Rates of some schools in years for which no whole file is to hand. */
export const schoolSample: Source = {
  kind: 'school-absence-sample',
  title: 'absence rates of a sample of schools',
  about:
    'Overall and persistent absence of some 1,900 schools in 2021/22 and 2022/23, from the department’s similar-schools service. Rates without counts, and not all schools: enough to start from, not enough to add up.',
  ...absenceAbout,
  homepage: 'https://get-school-improvement-insights.education.gov.uk/',
  frequency: 'Once; the service renews it each year.',
  replaces: 'The sample of the academic years that the file holds.',
  columns: [
    { name: 'urn', type: urn(), meaning: 'Unique reference number of the school.' },
    { name: 'la_code', type: laCode(), meaning: 'Local authority, three digits.' },
    { name: 'time_period', type: year(), meaning: 'The academic year: 202223.' },
    {
      name: 'overall_absence_perc',
      type: decimal({ min: 0, max: 100 }),
      meaning: 'Sessions missed in every hundred possible.',
      missing: blank,
      keep: 'overall_absence_percent',
    },
    {
      name: 'persistent_absence_perc',
      type: decimal({ min: 0, max: 100 }),
      meaning: 'Persistent absentees in every hundred enrolments.',
      missing: blank,
      keep: 'persistent_absence_percent',
    },
  ],
  skips: [
    {
      reason: 'no figure given',
      why: 'Both rates are blank: the school was not open, or is too small to publish.',
      when: (cell) => cell('overall_absence_perc') === '' && cell('persistent_absence_perc') === '',
    },
  ],
  key: ['time_period', 'urn'],
  scope: yearScope,
  table: 'published_school_sample',
};
