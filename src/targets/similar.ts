import { type AcademicYear, yearLabel } from '../base/academicYear.ts';
import type { Urn } from '../base/identifiers.ts';
import {
  type SchoolType,
  schoolTypePlural,
  schoolTypeSingular,
  schoolTypes,
} from '../base/schoolType.ts';
import { words } from '../ui/index.ts';
import {
  type ComparableSchool,
  type DistanceRule,
  knownValue,
  leastSharePresent,
} from './distance.ts';
import { searchAmong } from './nearest.ts';

/**
 * Schools with a similar intake: the nearest by weighted distance, inside hard limits, and only where near means near.
 */

export const mostSimilarSchools = 20;
export const fewestSimilarSchools = 10;

export type SimilarGroup = {
  urn: Urn;
  /** Nearest first, ties by URN; empty when there is no group. */
  similar: { urn: Urn; distance: number }[];
  /** How many schools were within the caliper, counted up to 20, group or not. */
  goodMatches: number;
  /** Inputs not known for this school. */
  missing: string[];
  /** Why there is no group, for the school's head; null when there is one. */
  noMatchReason: string | null;
};

/** In a sentence, for the inputs the project uses; another input is called by its own name. */
export const inputWords: Record<string, string> = {
  fsmPercent: 'pupils eligible for free school meals in the last six years',
  idaci: 'income deprivation of the area (IDACI)',
  senSupportPercent: 'pupils with SEN support',
  ehcPlanPercent: 'pupils with an education, health and care plan',
  ealPercent: 'pupils whose first language is not English',
  logPupils: 'number of pupils',
  girlsPercent: 'girls',
  settlement: 'kind of place (urban or rural)',
  region: 'region',
};

/**
 * The similar schools of every school: same type, same hard attributes where both are known, never itself, its
 * predecessors or its successors, up to 20 nearest within the caliper. Does not depend on the order of `schools`. Groups
 * come in the order of URN.
 * `knownIn` is the year that schools are compared in, for the words of a reason.
 */
export function findSimilar(
  schools: readonly ComparableSchool[],
  rules: Record<SchoolType, DistanceRule>,
  knownIn: ReadonlyMap<SchoolType, AcademicYear> = new Map(),
): SimilarGroup[] {
  const kin = kinOf(schools);
  return schoolTypes
    .flatMap((schoolType) => {
      const ofType = schools.filter((school) => school.schoolType === schoolType);
      return groupsOfType(ofType, rules[schoolType], {
        kin,
        knownIn: knownIn.get(schoolType),
      });
    })
    .sort((a, b) => a.urn - b.urn);
}

function groupsOfType(
  schools: ComparableSchool[],
  rule: DistanceRule,
  { kin, knownIn }: { kin: ReadonlyMap<Urn, ReadonlySet<Urn>>; knownIn: AcademicYear | undefined },
): SimilarGroup[] {
  const search = searchAmong(schools, { ...rule, atMost: mostSimilarSchools }, kin);
  const some = {
    ofType: schools.length,
    known: schools.filter((school) => school.canBeCompared !== false).length,
    allThrough: schools.some((school) => school.allThrough),
    knownIn,
  };
  return schools.map((school) => {
    const { urns, distances } = search.nearestTo(school);
    const missing = rule.inputs
      .filter(({ name }) => knownValue(school.values[name]) === null)
      .map(({ name }) => name);
    const noMatchReason =
      urns.length >= fewestSimilarSchools
        ? null
        : (whyNotComparable(school, rule, missing) ??
          whyNoGroup(school, { ...some, others: search.othersFor(school), found: urns.length }));
    const similar =
      noMatchReason === null
        ? urns.map((urn, place) => ({ urn, distance: distances[place] ?? 0 }))
        : [];
    return { urn: school.urn, similar, goodMatches: urns.length, missing, noMatchReason };
  });
}

/** What a school census says; the other inputs are of the place. */
const censusInputs = [
  'fsmPercent',
  'senSupportPercent',
  'ehcPlanPercent',
  'ealPercent',
  'logPupils',
  'girlsPercent',
];

function whyNotComparable(
  { schoolType }: ComparableSchool,
  { inputs }: DistanceRule,
  missing: string[],
): string | null {
  const whole = inputs.reduce((sum, { share }) => sum + share, 0);
  const absent = inputs
    .filter(({ name }) => missing.includes(name))
    .reduce((sum, { share }) => sum + share, 0);
  if (whole - absent >= leastSharePresent * whole) return null;
  const none = censusInputs.every((name) => missing.includes(name));
  const names = missing
    .filter((name) => !none || !censusInputs.includes(name))
    .map((name) => inputWords[name] ?? name);
  const unknown = [
    ...(none ? ['everything that a school census says of its pupils'] : []),
    ...names,
  ];
  return `We do not know enough about this school to find ${schoolTypePlural[schoolType]} like it. Not known: ${unknown.join('; ')}.`;
}

type Comparables = {
  ofType: number;
  /** Of these, how many have a known absence to compare with, and in which year. */
  known: number;
  knownIn: AcademicYear | undefined;
  /** Some are all-through schools. */
  allThrough: boolean;
  /** How many others the school may be compared with. */
  others: number;
  found: number;
};

function whyNoGroup(
  { schoolType, sex, allThrough }: ComparableSchool,
  comparables: Comparables,
): string {
  const { ofType, known, others, found } = comparables;
  const one = others < 2;
  const kind = [
    sex === 'mixed' ? 'mixed ' : '',
    allThrough ? 'all-through ' : '',
    one ? schoolTypeSingular[schoolType] : schoolTypePlural[schoolType],
    sex === 'girls' || sex === 'boys' ? ` for ${sex}` : '',
    comparables.allThrough && allThrough === false
      ? ` that ${one ? 'is' : 'are'} not all-through`
      : '',
  ].join('');
  const year = comparables.knownIn === undefined ? '' : ` in ${yearLabel(comparables.knownIn)}`;
  const enough = `A fair comparison needs at least ${fewestSimilarSchools}.`;
  const few =
    known < ofType / 2
      ? ` There are ${words.number(ofType)} ${schoolTypePlural[schoolType]} in all; of most of them the absence${year} is not known.`
      : '';
  if (others < fewestSimilarSchools) {
    const only = others === 0 ? 'no' : `only ${others}`;
    return `The absence${year} of ${only} other ${kind} is known. ${enough}${few}`;
  }
  const count = found === 0 ? 'none has' : found === 1 ? 'only 1 has' : `only ${found} have`;
  return `Of the ${words.number(others)} other ${kind} whose absence${year} is known, ${count} an intake close enough to this school's. ${enough}${few}`;
}

/**
 * For every school those of `schools` that it is never compared with: itself under any of its URNs, and its predecessors and
 * successors, those of a merger or a split too.
 */
export function kinOf(schools: readonly ComparableSchool[]): Map<Urn, ReadonlySet<Urn>> {
  const kin = new Map(schools.map(({ urn }) => [urn, new Set([urn])]));
  const byChain = new Map<Urn, Urn[]>();
  for (const { urn, chain } of schools) {
    for (const each of chain) byChain.set(each, [...(byChain.get(each) ?? []), urn]);
  }
  for (const { urn, chain, linkedUrns = [] } of schools) {
    for (const other of [...chain, ...linkedUrns].flatMap((each) => byChain.get(each) ?? [])) {
      kin.get(urn)?.add(other);
      kin.get(other)?.add(urn);
    }
  }
  return kin;
}
