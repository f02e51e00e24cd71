import { type AcademicYear, yearLabel, yearsAfter } from '../base/academicYear.ts';
import type { Measure } from '../base/measure.ts';
import { percentText, roundHalfUp } from '../base/rate.ts';
import { type SchoolType, schoolTypePlural } from '../base/schoolType.ts';
import { words } from '../ui/index.ts';

/**
 * What is known of all schools of a type since a school was last known. It is there only where the school's last known
 * year, or the type's, is not the year before the forecast, or came from a sample.
 */
export type LevelSince = {
  fromYear: AcademicYear;
  toYear: AcademicYear;
  /** Mean over the schools of the type, percent. */
  from: Record<Measure, number>;
  to: Record<Measure, number>;
  /** `sample`: only some schools are known in `toYear`; `borrowed`: none, so the change is that of the other types. */
  known: 'all' | 'sample' | 'borrowed';
  /** How many schools of the type are known in `toYear`. */
  schools: number;
};

type TypeLevels = {
  structure: {
    levels: readonly {
      year: AcademicYear;
      schools: number;
      sampled: boolean;
      level: readonly [number, number];
    }[];
  };
  level: readonly [number, number];
  levelYear: AcademicYear;
  levelBorrowedTo: AcademicYear | undefined;
};

/** Null in an ordinary year: the school is known in the year before `year`, and so are all schools of its type. */
export function levelSince(
  type: TypeLevels | undefined,
  lastKnownYear: AcademicYear | null,
  year: AcademicYear,
): LevelSince | null {
  const newest = type?.structure.levels.at(-1);
  if (!type || !newest) return null;
  const before = yearsAfter(year, -1);
  if (newest.year === before && !newest.sampled) return null;
  const whole = type.structure.levels.findLast((each) => !each.sampled);
  const from =
    type.structure.levels.find((each) => each.year === lastKnownYear && !each.sampled) ?? whole;
  if (!from) return null;
  const borrowed = type.levelBorrowedTo;
  if (from.year === (borrowed ?? newest.year)) return null;
  return {
    fromYear: from.year,
    toYear: borrowed ?? newest.year,
    from: { overall: from.level[0], persistent: from.level[1] },
    to: { overall: type.level[0], persistent: type.level[1] },
    known: borrowed !== undefined ? 'borrowed' : newest.sampled ? 'sample' : 'all',
    schools: newest.schools,
  };
}

type CautionInput = {
  schoolType: SchoolType;
  year: AcademicYear;
  lastKnownYear: AcademicYear | null;
  forecast80: { lower: number; upper: number } | null;
  /** The forecast is above the last known year. */
  isHigher: boolean;
  since: LevelSince | null;
};

/** What to know before anything else: that it rests on old years or a sample, and how much less sure that makes it. */
export function cautionFor(input: CautionInput): string | null {
  const { since, lastKnownYear, schoolType, year } = input;
  if (lastKnownYear === null) {
    return `We know no earlier year of this school, so this is a guess from schools of its size and area. ${[newSchoolsText(schoolType), widthText(input)].filter(Boolean).join(' ')}`.trim();
  }
  if (since === null) {
    return lastKnownYear === yearsAfter(year, -1)
      ? null
      : `We know this school’s absence only up to ${yearLabel(lastKnownYear)}, so we are less sure than usual. ${widthText(input)}`.trim();
  }
  const schools = schoolTypePlural[schoolType];
  const own =
    lastKnownYear === yearsAfter(year, -1)
      ? `We are less sure than usual. This school is one of a sample: we know its absence in ${yearLabel(lastKnownYear)}, but not in every year since ${yearLabel(since.fromYear)}.`
      : `We are much less sure than usual. We know this school’s absence only up to ${yearLabel(lastKnownYear)}.`;
  const rose = since.to.overall > since.from.overall && lastKnownYear === since.fromYear;
  const why =
    rose && input.isHigher
      ? `That is why the forecast is higher than in ${yearLabel(lastKnownYear)}.`
      : '';
  return [own, sinceText(since, schools), why, widthText(input)].filter(Boolean).join(' ');
}

function sinceText(since: LevelSince, schools: string): string {
  const { fromYear, toYear, known } = since;
  const [from, to] = [percentText(since.from.overall), percentText(since.to.overall)];
  const moved =
    from === to ? 'stayed the same' : since.to.overall > since.from.overall ? 'rose' : 'fell';
  const change =
    moved === 'stayed the same' ? `at about ${to}` : `from about ${from} to about ${to}`;
  if (known === 'borrowed') {
    return `Nothing is known of ${schools} since ${yearLabel(fromYear)}. We take them to have changed as other schools did until ${yearLabel(toYear)}: ${change}.`;
  }
  const how =
    known === 'sample'
      ? `A sample of ${words.plural(since.schools, 'school')} shows that`
      : 'Since';
  return `${how} absence in all ${schools} ${moved} ${change} between ${yearLabel(fromYear)} and ${yearLabel(toYear)}.`;
}

/**
 * By how much schools of which no earlier year was known came out above their forecast on average, points: 2015/16 to 2017/18,
 * forecast again from the years before. Of special schools there were too few to tell (32, on either side).
 */
const newSchoolsAbove: Record<SchoolType, Record<Measure, number> | null> = {
  'State-funded primary': { overall: 0.8, persistent: 5.7 },
  'State-funded secondary': { overall: 1, persistent: 4.6 },
  Special: null,
};

/** Which way forecasts of new schools have been out; blank where nothing is known of it. */
function newSchoolsText(schoolType: SchoolType): string {
  const above = newSchoolsAbove[schoolType];
  if (!above) return '';
  const points = (measure: Measure) => words.number(above[measure], 1);
  return `${newSchoolsHigher(schoolType)} than such a forecast: by ${points('overall')} points of absence and ${points('persistent')} of persistent absence.`;
}

/** How a sentence on it begins; blank where nothing is known of it. */
export function newSchoolsHigher(schoolType: SchoolType): string {
  return newSchoolsAbove[schoolType]
    ? `New ${schoolTypePlural[schoolType]} have on average come out higher`
    : '';
}

/** The middle width of the 80% range of absence over the schools of a type, points: of the forecasts for 2018/19. */
const ordinaryWidth: Record<SchoolType, number> = {
  'State-funded primary': 1.2,
  'State-funded secondary': 1.5,
  Special: 4.3,
};

function widthText({ forecast80, schoolType }: CautionInput): string {
  if (!forecast80) return '';
  const width = roundHalfUp(forecast80.upper, 1) - roundHalfUp(forecast80.lower, 1);
  const points = words.points(width).replace('percentage points', 'points');
  return `The forecast has a range of ${points}, ${words.sureness(80)}. In an ordinary year about ${ordinaryWidth[schoolType]} points is usual for ${schoolTypePlural[schoolType]}.`;
}

/** `apart`: `That is 0.2 points lower than in 2017/18`; `because`: how the sentence goes on. */
export type NotLast = { apart: string; because: string };

/** Beyond a change that all schools share, a difference of so many points or more is a school's own. */
const ownPart = 0.3;

/**
 * Why the forecast is not the last known figure; null where the two are the same once rounded. It never says that a
 * school got better or worse: part of any one year is luck.
 */
export function whyNotLast(
  measure: Measure,
  last: { percent: number; year: AcademicYear },
  forecastPercent: number,
  { since, schoolType }: { since: LevelSince | null; schoolType: SchoolType },
): NotLast | null {
  const difference = differenceInPoints(forecastPercent, last.percent);
  if (difference === 'the same') return null;
  const higher = forecastPercent > last.percent;
  const lastYear = yearLabel(last.year);
  const apart = `That is ${difference} than in ${lastYear}`;
  const luck = `${higher ? 'good' : 'bad'} luck`;
  if (!since || since.fromYear !== last.year || since.toYear <= last.year) {
    return {
      apart,
      because: `. That year was probably partly ${luck}, so the forecast comes back part of the way towards what is usual for this school and for schools like it.`,
    };
  }
  const what = measure === 'overall' ? 'absence' : 'persistent absence';
  const change = since.to[measure] - since.from[measure];
  const moved = `${what} has ${change > 0 ? 'risen' : 'fallen'} in all ${schoolTypePlural[schoolType]} since`;
  if (change > 0 !== higher) {
    return {
      apart,
      because: `, although ${moved}: that year was probably partly ${luck}, which does not last.`,
    };
  }
  const own = Math.abs(forecastPercent - last.percent) - Math.abs(change);
  return {
    apart,
    because:
      own < ownPart
        ? `, because ${moved}.`
        : `, because ${moved}, and because that year was probably partly ${luck}.`,
  };
}

/** `0.2 points lower`, or `the same`: of the two as they are shown. */
export function differenceInPoints(value: number, against: number): string {
  return words.difference(value, against).replace('percentage points', 'points');
}
