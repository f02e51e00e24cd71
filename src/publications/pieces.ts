import { isSchoolType, schoolTypePlural } from '../base/schoolType.ts';
import type { Stores } from '../stores/index.ts';
import type { Part } from './part.ts';
import { storedSchools } from './publications.sql.ts';
import type { Source } from './source.ts';

/** A type of which a part has far fewer schools than another part of its kind has. */
export type Shortfall = {
  schoolType: string;
  schools: number;
  /** The most of that type in any part, stored or coming, and whose. */
  most: number;
  mostIn: string;
};

type SchoolsOf = { scope: string; schools: ReadonlyMap<string, number> };

/** From one year to the next the schools of a type change by a few in a hundred. With less than half, rows are missing. */
const leastShare = 0.5;

/**
 * What a part lacks beside the most complete of all parts of its kind, those that come with it included. None where it
 * is the only one, or where its kind need not hold every school. What most is missing of comes first.
 */
export function shortfallsOf(part: SchoolsOf, others: readonly SchoolsOf[]): Shortfall[] {
  const types = new Set(others.flatMap(({ schools }) => [...schools.keys()]));
  const found = [...types].sort().flatMap((schoolType) => {
    const [fullest] = others.toSorted((a, b) => count(b, schoolType) - count(a, schoolType));
    const most = fullest ? count(fullest, schoolType) : 0;
    const schools = count(part, schoolType);
    return fullest && schools < most * leastShare
      ? [{ schoolType, schools, most, mostIn: fullest.scope }]
      : [];
  });
  return found.sort((a, b) => b.most - b.schools - (a.most - a.schools));
}

const count = ({ schools }: SchoolsOf, schoolType: string) => schools.get(schoolType) ?? 0;

/** In words: `1 row of primary schools in 2018/19, against 16,833 in 2017/18`. */
export function shortfallText(
  { schoolType, schools, most, mostIn }: Shortfall,
  { source, scope }: Part,
): string {
  const ofType = isSchoolType(schoolType) ? schoolTypePlural[schoolType] : schoolType;
  const digits = (number: number) => number.toLocaleString('en-GB');
  return `${digits(schools)} ${schools === 1 ? 'row' : 'rows'} of ${ofType} in ${source.scope.label(scope)}, against ${digits(most)} in ${source.scope.label(mostIn)}`;
}

/** What is stored of a kind, by its parts; empty where they need not hold every school. */
export async function storedSchoolsOf(stores: Stores, source: Source): Promise<SchoolsOf[]> {
  if (!source.everySchool) return [];
  const rows = await stores.read(storedSchools(source), {}, { work: true });
  return [...Map.groupBy(rows, (row) => row.scope)].map(([scope, ofPart]) => ({
    scope,
    schools: new Map(ofPart.map((row) => [row.school_type, row.schools])),
  }));
}
