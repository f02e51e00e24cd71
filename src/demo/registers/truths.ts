import { type Cell, csv } from '../files/csv.ts';
import { eventDays } from './year.ts';
import type { RegisterYear } from './year.ts';

/** The lines of `truth.csv` for areas and schools: `kind, urn, la_code, upn, start, end, size`. */
export function schoolTruths(of: RegisterYear): string {
  const areas = new Map(of.schools.map((school) => [school.authority.index, school]));
  const rows: Cell[][] = [];
  for (const [area, school] of areas) {
    const at = of.plan.fluAt.get(area);
    const size = of.events.get('flu')?.size;
    if (at === undefined || size === undefined) continue;
    const { start, end } = eventDays(of, school, 'flu', at);
    rows.push(['flu', undefined, school.authority.laCode, undefined, start, end, size]);
  }
  for (const school of of.schools) {
    const befalls = of.plan.ofSchools.get(school.urn);
    const size = befalls && of.events.get(befalls.kind)?.size;
    if (!befalls || befalls.kind === 'off-rolling') continue;
    const { start, end } = eventDays(of, school, befalls.kind, befalls.at);
    rows.push([befalls.kind, school.urn, school.authority.laCode, undefined, start, end, size]);
  }
  const [, ...lines] = csv('', rows).split('\n');
  return lines.join('\n');
}
