import { type SchoolType, schoolTypes } from '../base/schoolType.ts';
import { importanceOf } from '../stats/importance.ts';
import { distanceBetween, type Input, type InputValues } from './distance.ts';

/**
 * What makes two schools similar, and by how much. The weights are learned from how far each input explains the
 * absence of schools of the type, shared fairly between inputs that say the same thing (LMG shares), and returned as
 * data so that they can be published.
 */

/** Who goes to a school, from a named school census, and where it is. Percentages 0–100; null = not known or suppressed. */
export type Intake = {
  pupils: number | null;
  girlsPercent: number | null;
  /** Eligible for free school meals at any time in the last six years. */
  fsmPercent: number | null;
  senSupportPercent: number | null;
  ehcPlanPercent: number | null;
  ealPercent: number | null;
  /** Income deprivation affecting children where the school stands, 0–1. */
  idaci: number | null;
  /** ONS urban–rural class (2011) of the site, such as `A1` or `D2`. */
  urbanRuralClass: string | null;
  regionCode: string | null;
};

export type InputName =
  | 'fsmPercent'
  | 'idaci'
  | 'senSupportPercent'
  | 'ehcPlanPercent'
  | 'ealPercent'
  | 'logPupils'
  | 'girlsPercent'
  | 'settlement'
  | 'region';

const numberInputs: InputName[] = [
  'fsmPercent',
  'idaci',
  'senSupportPercent',
  'ehcPlanPercent',
  'ealPercent',
  'logPupils',
  'girlsPercent',
];
const categoryInputs: InputName[] = ['settlement', 'region'];
export const inputNames: readonly InputName[] = [...numberInputs, ...categoryInputs];

export type SchoolWeights = {
  schoolType: SchoolType;
  /** How much of what is explained each input explains, after the least share; sums to 1. */
  shares: Record<InputName, number>;
  /** The same as weights on squared differences, so that two schools taken at random are about 1 apart. */
  inputs: Input[];
  /** One standard deviation of each number among schools of the type: the unit in which differences are told. */
  standardDeviations: Record<string, number>;
  /** Up to this distance a school counts as similar. */
  caliper: number;
  /** How much of the differences in absence all inputs together explain, 0–1. */
  rSquared: number;
  /** How many schools with every input known they were learned from. */
  schools: number;
  source: 'learned' | 'published';
};

/** An input that explains almost nothing still gets this share: a head would not call schools alike that differ in it wholly. */
export const leastShare = 0.03;
/** Fewer schools of a type than this, and the published weights are used instead of learning. */
export const fewestSchoolsToLearnFrom = 300;
/**
 * Schools are similar up to the distance at which the absence of two schools differs by this much more, typically, than
 * that of two schools with the same intake: 0.05 is one twentieth more.
 */
export const caliperTolerance = 0.05;

const settlementNames: Record<string, string> = {
  A: 'conurbation',
  B: 'conurbation',
  C: 'city or town',
  D: 'town and fringe',
  E: 'village',
};

/** The inputs of the distance as they are compared: size on a log scale, urban–rural class in four kinds of place. */
export function inputValues(intake: Intake): Record<InputName, number | string | null> {
  const { pupils, urbanRuralClass } = intake;
  return {
    fsmPercent: intake.fsmPercent,
    idaci: intake.idaci,
    senSupportPercent: intake.senSupportPercent,
    ehcPlanPercent: intake.ehcPlanPercent,
    ealPercent: intake.ealPercent,
    logPupils: pupils !== null && pupils > 0 ? Math.log(pupils) : null,
    girlsPercent: intake.girlsPercent,
    settlement: settlementNames[urbanRuralClass?.charAt(0) ?? ''] ?? null,
    region: intake.regionCode,
  };
}

/** At least this part of one sex, and a school counts as single-sex; sixth forms of single-sex schools can be mixed. */
const singleSexPercent = 90;

/** Whether a school is for girls, boys or both, told from its census; null = not known. Not told of special schools, where numbers are small. */
export function sexOf(
  { girlsPercent }: Intake,
  schoolType: SchoolType,
): 'girls' | 'boys' | 'mixed' | null {
  if (girlsPercent === null || schoolType === 'Special') return null;
  if (girlsPercent >= singleSexPercent) return 'girls';
  return girlsPercent <= 100 - singleSexPercent ? 'boys' : 'mixed';
}

/** Learns the weights of each school type from schools with their absence (percent) in a year already known. */
export function learnWeights(
  schools: readonly { schoolType: SchoolType; intake: Intake; absencePercent: number }[],
): Record<SchoolType, SchoolWeights> {
  const learned = schoolTypes.map((schoolType) => {
    const rows = schools
      .filter((school) => school.schoolType === schoolType)
      .map((school) => ({ values: inputValues(school.intake), absence: school.absencePercent }))
      .filter(({ values }) => inputNames.every((name) => values[name] !== null))
      .sort((a, b) => a.absence - b.absence || compareValues(a.values, b.values));
    return rows.length < fewestSchoolsToLearnFrom
      ? publishedWeights[schoolType]
      : learnFromComplete(schoolType, rows);
  });
  return Object.fromEntries(learned.map((weights) => [weights.schoolType, weights])) as Record<
    SchoolType,
    SchoolWeights
  >;
}

type Row = { values: Record<InputName, number | string | null>; absence: number };

/** What carries most first: the search then rules most schools out after one or two inputs. */
function bySize(inputs: Input[]): Input[] {
  return inputs.toSorted((a, b) => b.share - a.share || (a.name < b.name ? -1 : 1));
}

function learnFromComplete(schoolType: SchoolType, rows: Row[]): SchoolWeights {
  const groups = inputNames.map((name) => columnsOf(name, rows));
  const absence = withoutExtremes(rows.map((row) => row.absence));
  const importance = importanceOf(groups, absence);
  const shares = sharesWithLeast(importance.shares);
  const { inputs, standardDeviations } = inputsFor(shares, rows);
  const columns = groups.flat();
  const explained = rows.map((_, row) =>
    columns.reduce(
      (sum, column, index) => sum + (importance.coefficients[index] ?? 0) * (column[row] ?? 0),
      0,
    ),
  );
  return {
    schoolType,
    shares,
    inputs,
    standardDeviations,
    caliper: learnCaliper(inputs, rows, explained, (1 - importance.rSquared) * varianceOf(absence)),
    rSquared: importance.rSquared,
    schools: rows.length,
    source: 'learned',
  };
}

function columnsOf(name: InputName, rows: Row[]): number[][] {
  if (!categoryInputs.includes(name)) return [rows.map((row) => Number(row.values[name]))];
  const categories = [...new Set(rows.map((row) => String(row.values[name])))].sort();
  return categories
    .slice(1)
    .map((category) => rows.map((row) => (row.values[name] === category ? 1 : 0)));
}

/** Hospital schools and schools in upheaval would decide the weights of their whole type: the outer hundredths are drawn in. */
function withoutExtremes(values: number[]): number[] {
  const sorted = [...values].sort((a, b) => a - b);
  const low = sorted[Math.floor(0.01 * (sorted.length - 1))] ?? 0;
  const high = sorted[Math.ceil(0.99 * (sorted.length - 1))] ?? 0;
  return values.map((value) => Math.min(high, Math.max(low, value)));
}

/** As parts of what is explained, none under the least share, adding up to 1. */
function sharesWithLeast(shares: number[]): Record<InputName, number> {
  const whole = shares.reduce((sum, share) => sum + share, 0);
  const raised = shares.map((share) => Math.max(leastShare, whole > 0 ? share / whole : 0));
  const raisedWhole = raised.reduce((sum, share) => sum + share, 0);
  return Object.fromEntries(
    inputNames.map((name, index) => [name, (raised[index] ?? 0) / raisedWhole]),
  ) as Record<InputName, number>;
}

/** Weights such that each input adds its share to the squared distance of two schools taken at random. */
function inputsFor(shares: Record<InputName, number>, rows: Row[]) {
  const standardDeviations: Record<string, number> = {};
  const inputs = inputNames.map((name): Input => {
    const share = shares[name];
    if (categoryInputs.includes(name)) {
      const counts = new Map<unknown, number>();
      for (const { values } of rows) counts.set(values[name], (counts.get(values[name]) ?? 0) + 1);
      const differ = 1 - counts.values().reduce((sum, n) => sum + (n / rows.length) ** 2, 0);
      return { name, kind: 'category', weight: differ > 0 ? share / differ : 0, share };
    }
    const values = rows.map((row) => Number(row.values[name]));
    const variance = varianceOf(values);
    standardDeviations[name] = Math.sqrt(variance);
    return { name, kind: 'number', weight: variance > 0 ? share / (2 * variance) : 0, share };
  });
  return { inputs: bySize(inputs), standardDeviations };
}

/**
 * The distance up to which intake adds little to how far apart the absence of two schools is: among pairs of schools in
 * steps of distance, the first step in which the (root mean square) difference passes the tolerance.
 */
function learnCaliper(
  inputs: Input[],
  rows: Row[],
  explained: number[],
  unexplainedVariance: number,
): number {
  const mostSquare = ((1 + caliperTolerance) ** 2 - 1) * 2 * unexplainedVariance;
  const step = 0.02;
  const squares = new Float64Array(100);
  const pairs = new Float64Array(100);
  const stride = Math.max(1, Math.floor(rows.length / 100));
  for (let one = 0; one < rows.length; one += stride) {
    for (let other = 0; other < rows.length; other++) {
      if (other === one) continue;
      const values: InputValues = rows[one]?.values ?? {};
      const { distance } = distanceBetween(inputs, values, rows[other]?.values ?? {});
      const bin = Math.floor((distance ?? Infinity) / step);
      if (bin >= squares.length) continue;
      squares[bin] = (squares[bin] ?? 0) + ((explained[one] ?? 0) - (explained[other] ?? 0)) ** 2;
      pairs[bin] = (pairs[bin] ?? 0) + 1;
    }
  }
  const tooFar = squares.findIndex(
    (sum, bin) => (pairs[bin] ?? 0) >= 50 && sum / (pairs[bin] ?? 1) > mostSquare,
  );
  return step * Math.max(1, tooFar === -1 ? squares.length : tooFar);
}

function varianceOf(values: number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}

function compareValues(a: Row['values'], b: Row['values']): number {
  for (const name of inputNames) {
    const one = a[name] ?? 0;
    const other = b[name] ?? 0;
    if (one !== other) return one < other ? -1 : 1;
  }
  return 0;
}

/** What a published weight is made of: `differ` is how often two schools at random are of different categories. */
type PublishedFigures = Pick<SchoolWeights, 'shares' | 'caliper' | 'rSquared' | 'schools'> & {
  standardDeviations: Record<string, number>;
  differ: Record<string, number>;
};

function published(schoolType: SchoolType, figures: PublishedFigures): SchoolWeights {
  const { differ, ...rest } = figures;
  const inputs = inputNames.map((name): Input => {
    const share = figures.shares[name];
    return categoryInputs.includes(name)
      ? { name, kind: 'category', weight: share / (differ[name] ?? 1), share }
      : {
          name,
          kind: 'number',
          weight: share / (2 * (figures.standardDeviations[name] ?? 1) ** 2),
          share,
        };
  });
  return { schoolType, inputs: bySize(inputs), source: 'published', ...rest };
}

/**
 * Learned from all state schools of England: absence in 2017/18, school census of January 2019 (docs/expectation.md).
 * Used where there are too few schools to learn from. Contains public sector information licensed under the Open
 * Government Licence v3.0 (Department for Education, MHCLG, ONS).
 */
export const publishedWeights: Record<SchoolType, SchoolWeights> = {
  'State-funded primary': published('State-funded primary', {
    shares: {
      fsmPercent: 0.5173,
      idaci: 0.1833,
      senSupportPercent: 0.1214,
      ehcPlanPercent: 0.0277,
      ealPercent: 0.0277,
      logPupils: 0.0277,
      girlsPercent: 0.0277,
      settlement: 0.0277,
      region: 0.0395,
    },
    standardDeviations: {
      fsmPercent: 14.95,
      idaci: 0.1146,
      senSupportPercent: 6.22,
      ehcPlanPercent: 1.63,
      ealPercent: 20.95,
      logPupils: 0.6725,
      girlsPercent: 4.14,
    },
    differ: { settlement: 0.7014, region: 0.8868 },
    caliper: 0.56,
    rSquared: 0.319,
    schools: 14481,
  }),
  'State-funded secondary': published('State-funded secondary', {
    shares: {
      fsmPercent: 0.4818,
      idaci: 0.046,
      senSupportPercent: 0.1301,
      ehcPlanPercent: 0.0321,
      ealPercent: 0.0638,
      logPupils: 0.0737,
      girlsPercent: 0.0295,
      settlement: 0.0337,
      region: 0.1094,
    },
    standardDeviations: {
      fsmPercent: 15.09,
      idaci: 0.1106,
      senSupportPercent: 5.771,
      ehcPlanPercent: 1.304,
      ealPercent: 19.43,
      logPupils: 0.5025,
      girlsPercent: 16.89,
    },
    differ: { settlement: 0.61, region: 0.8907 },
    caliper: 0.48,
    rSquared: 0.382,
    schools: 3315,
  }),
  Special: published('Special', {
    shares: {
      fsmPercent: 0.4425,
      idaci: 0.0291,
      senSupportPercent: 0.063,
      ehcPlanPercent: 0.051,
      ealPercent: 0.0291,
      logPupils: 0.1769,
      girlsPercent: 0.136,
      settlement: 0.0291,
      region: 0.0434,
    },
    standardDeviations: {
      fsmPercent: 17.15,
      idaci: 0.1248,
      senSupportPercent: 5.053,
      ehcPlanPercent: 5.284,
      ealPercent: 17.01,
      logPupils: 0.5545,
      girlsPercent: 12.54,
    },
    differ: { settlement: 0.5717, region: 0.8856 },
    caliper: 0.62,
    rSquared: 0.323,
    schools: 1010,
  }),
};
