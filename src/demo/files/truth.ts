import { percentOf } from '../../base/rate.ts';
import type { MadeUpEngland } from '../madeUpEngland.ts';
import { hiddenYear, type MadeUpSchool, publishedYears } from '../school.ts';
import { type Cell, csv } from './csv.ts';

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
 * `truth_schools.csv`: what every school was made from, and what the year after the published ones brought. Points are percentage
 * points (one standard deviation); `expected_…` is the year's rate before luck; shock years are joined by `;`.
 */
export function truthFile(england: MadeUpEngland): { name: string; text: string } {
  const schools = england.schools.toSorted((a, b) => a.urn - b.urn);
  return { name: 'truth_schools.csv', text: csv(truthHeader, schools.map(truthRow)) };
}

function truthRow({ truth, hidden, ...school }: MadeUpSchool): Cell[] {
  return [
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
  ];
}
