import { type AcademicYear, yearLabel } from '../base/academicYear.ts';
import type { Measure } from '../base/measure.ts';
import { percentText, roundHalfUp } from '../base/rate.ts';
import { regionNames } from '../base/region.ts';
import { type SchoolType, schoolTypePlural } from '../base/schoolType.ts';
import { medianOf } from '../stats/robust.ts';
import { words } from '../ui/index.ts';
import {
  type Context,
  type Expectation,
  leastAsked,
  type MeasureExpectation,
  mostAsked,
} from './expectation.ts';
import {
  differenceInPoints,
  type LevelSince,
  newSchoolsHigher,
  type NotLast,
  whyNotLast,
} from './reasonsSince.ts';
import { inputWords, type SimilarGroup } from './similar.ts';
import { type InputName, inputNames, inputValues, type SchoolWeights } from './weights.ts';

/**
 * Why a school's expectation is what it is, in short sentences for its head, with the numbers behind them. Differences
 * are those of the figures as they are shown, so that a reader who takes one from the other finds the same.
 */

export type ReasonsInput = {
  schoolType: SchoolType;
  expectation: Expectation;
  similar: SimilarGroup;
  /** What the school is compared by, and the same of its similar schools. */
  values: Values;
  similarValues: readonly Values[];
  weights: SchoolWeights;
  /** What the intake is from: `school census, January 2019`. */
  intakeSource: string;
  /** The 80% interval of the forecast of overall absence, percent; null = no forecast. */
  forecast80: { lower: number; upper: number } | null;
  /** How all schools of the type have moved since the school was last known; null in an ordinary year. */
  since: LevelSince | null;
  /** Names of regions by code, where they are not England's. */
  regionNames?: RegionNames;
};

/** School days in a year, to say points in days. */
const schoolDays = 190;

/** In reading order. Percentages to one decimal; nobody is ranked. */
export function reasonsFor(input: ReasonsInput): string[] {
  const { overall, persistent, ladder, year } = input.expectation;
  return [
    ...(overall
      ? [lastKnownSentence(overall, input.schoolType), forecastSentence(input, overall)]
      : []),
    ...comparisonSentences(input, overall),
    ...(overall
      ? [...whySentences(input, overall), askSentence(overall, year), chanceSentence(overall)]
      : []),
    ...(persistent ? persistentSentences(input, persistent) : []),
    ...ladderSentences(ladder, overall, input.schoolType),
  ];
}

function lastKnownSentence(
  { lastKnownPercent, lastKnownYear }: MeasureExpectation,
  schoolType: SchoolType,
): string {
  const higher = newSchoolsHigher(schoolType);
  return lastKnownPercent === null || lastKnownYear === null
    ? joined(
        'We know no earlier year of this school’s absence, so all that follows is less sure.',
        higher && `${higher} than the forecast.`,
      )
    : `This school’s absence was ${percentText(lastKnownPercent)} in ${yearLabel(lastKnownYear)}.`;
}

function forecastSentence(input: ReasonsInput, overall: MeasureExpectation): string {
  const { forecast80, expectation } = input;
  const range = forecast80
    ? `: ${words.interval(Math.max(0, forecast80.lower), Math.min(100, forecast80.upper), 80)}`
    : '';
  return joined(
    `If nothing special changes, we expect about ${percentText(overall.forecastPercent)} in ${yearLabel(expectation.year)}${range}.`,
    notLastText(notLast(input, 'overall', overall)),
  );
}

function notLastText(why: NotLast | null): string {
  return why ? `${why.apart}${why.because}` : '';
}

function notLast(
  input: ReasonsInput,
  measure: Measure,
  of: MeasureExpectation | null,
): NotLast | null {
  if (!of) return null;
  const { lastKnownPercent, lastKnownYear, forecastPercent } = of;
  if (lastKnownPercent === null || lastKnownYear === null) return null;
  return whyNotLast(
    measure,
    { percent: lastKnownPercent, year: lastKnownYear },
    forecastPercent,
    input,
  );
}

function comparisonSentences(input: ReasonsInput, overall: MeasureExpectation | null): string[] {
  const { similar, schoolType, intakeSource } = input;
  if (similar.noMatchReason !== null) return [similar.noMatchReason];
  const count = similar.similar.length;
  const differences = differencesFromGroup(input.values, input.similarValues, input.weights, {
    regionNames: input.regionNames,
  });
  return [
    `We compared it with ${count} ${schoolTypePlural[schoolType]} that have a similar intake (${intakeSource}).`,
    ...(overall?.context ? [contextSentence(overall.context, schoolType)] : []),
    ...(overall && !overall.context
      ? [
          'For too few of them absence is known in the last year, so we cannot say what they achieve.',
        ]
      : []),
    differences.length === 0
      ? 'It is close to them in everything we compare.'
      : `It differs from them most in: ${differences.join('; ')}.`,
  ];
}

/** The middle of the group as the chart shows it, and what is counted where that is not the same. */
function contextSentence(context: Context, schoolType: SchoolType): string {
  const [middle, counted] = [percentText(context.medianPercent), percentText(context.percent)];
  const found = `The middle one of them had ${middle} in ${yearLabel(context.year)}.`;
  return middle === counted
    ? found
    : `${found} A small group can be off by chance, so we count ${counted}, which is nearer to what is usual for ${schoolTypePlural[schoolType]}.`;
}

function whySentences({ schoolType }: ReasonsInput, measure: MeasureExpectation): string[] {
  const { context, gapPoints, gapPart, achievedPoints, forecastPercent } = measure;
  const least = `the least that we ask of any school: ${percentText(100 * leastAsked, 0)} less absence than would come anyway`;
  if (!context || gapPoints === null || gapPart === null || achievedPoints === null) {
    return [`Without a fair comparison we ask only for ${least}.`];
  }
  const expected = forecastPercent - gapPoints;
  const [forecast, usual] = [roundHalfUp(forecastPercent, 1), roundHalfUp(expected, 1)];
  const carried =
    percentText(expected) === percentText(context.percent)
      ? 'what counts for similar schools'
      : `the ${percentText(expected)} that we would expect of similar schools once the change forecast for all ${schoolTypePlural[schoolType]} is added`;
  if (gapPoints <= 0) {
    return [`The forecast is no higher than ${carried}, so we ask only for ${least}.`];
  }
  const gap = `The forecast is ${forecast > usual ? pointsText(forecast - usual) : 'hardly'} above ${carried}. Part of such a gap is luck, so we count ${percentText(100 * gapPart, 0)} of it.`;
  const achieved = `We estimate that the best quarter of these schools cut their absence by ${pointsText(measure.decided === 'achieved' ? shownStep(measure) : achievedPoints)} or more in one year, once luck and the national change are taken out.`;
  switch (measure.decided) {
    case 'gap':
      return [gap, 'We ask this school to close that part of the gap.'];
    case 'achieved':
      return [gap, `${achieved} We ask for that, not for the whole gap.`];
    case 'most':
      return [
        gap,
        achieved,
        `We never ask for more than ${percentText(100 * mostAsked, 0)} less absence than would come anyway in one year.`,
      ];
    case 'in-step-with-overall':
      return [gap, 'What we ask stays in step with what we ask of overall absence.'];
    default:
      return [gap, `That is very little, so we ask for ${least}.`];
  }
}

/** Forecast less expectation, as both are shown. */
function shownStep({ forecastPercent, expectationPercent }: MeasureExpectation): number {
  return roundHalfUp(forecastPercent, 1) - roundHalfUp(expectationPercent, 1);
}

function askSentence(overall: MeasureExpectation, year: AcademicYear): string {
  const step = shownStep(overall);
  return joined(
    `So the least we ask for in ${yearLabel(year)} is absence of ${percentText(overall.expectationPercent)} or less. That is ${pointsText(step)} below the forecast, or ${daysText(step)} a year for each pupil.`,
    besideLast(overall),
  );
}

/** So many points as they are shown, in school days of one pupil. */
function daysText(points: number): string {
  const days = (shown: number) => `${roundHalfUp((shown / 100) * schoolDays, 1).toFixed(1)} days`;
  return points < 0.05 ? `less than ${days(0.1)}` : `about ${days(points)}`;
}

/** The expectation beside the last known year. Where it is above, it says that no more absence is asked for. */
function besideLast({
  expectationPercent,
  lastKnownPercent,
  lastKnownYear,
}: MeasureExpectation): string {
  if (lastKnownPercent === null || lastKnownYear === null) return '';
  const apart = differenceInPoints(expectationPercent, lastKnownPercent);
  const last = yearLabel(lastKnownYear);
  if (apart === 'the same') return `It is the same as in ${last}.`;
  return expectationPercent > lastKnownPercent
    ? `It is ${apart} than in ${last}. We do not ask for more absence: this is still less than is likely to come by itself.`
    : `It is ${apart} than in ${last}.`;
}

function chanceSentence({ probabilityMetByChance }: MeasureExpectation): string {
  return `The chance of meeting this by luck alone is ${words.chance(probabilityMetByChance)}. So one year that meets it does not prove success, and one year that misses it does not prove failure.`;
}

function persistentSentences(input: ReasonsInput, persistent: MeasureExpectation): string[] {
  const { lastKnownPercent, lastKnownYear, context } = persistent;
  const last =
    lastKnownPercent === null || lastKnownYear === null
      ? []
      : [
          joined(
            `Persistent absence (pupils who miss 10% or more) was ${percentText(lastKnownPercent)} in ${yearLabel(lastKnownYear)}.`,
            context
              ? contextSentence(context, input.schoolType).replace(
                  'The middle one of them',
                  'The middle one of the similar schools',
                )
              : '',
          ),
        ];
  const year = yearLabel(input.expectation.year);
  const why = notLast(input, 'persistent', persistent);
  const overallWhy = notLast(input, 'overall', input.expectation.overall);
  return [
    ...last,
    joined(
      `If nothing special changes, we expect about ${percentText(persistent.forecastPercent)} in ${year}.`,
      why && why.because === overallWhy?.because
        ? `${why.apart}, for the same reason as absence.`
        : notLastText(why),
    ),
    joined(
      `The least we ask for is ${percentText(persistent.expectationPercent)} or less.`,
      besideLast(persistent),
      `The chance of meeting that by luck alone is ${words.chance(persistent.probabilityMetByChance)}.`,
    ),
  ];
}

/** Further aims are what lies below both the expectation and the last known year; what the school has passed is said so. */
function ladderSentences(
  ladder: Expectation['ladder'],
  overall: MeasureExpectation | null,
  schoolType: SchoolType,
): string[] {
  if (!overall) return [];
  const compared = ladder.comparedInYear;
  const rungs = [
    {
      words: 'the best quarter of similar schools',
      year: compared,
      percent: ladder.bestQuarterOfSimilarPercent,
    },
    {
      words: `the average of ${schoolTypePlural[schoolType]} in its local authority`,
      year: compared,
      percent: ladder.laAveragePercent,
    },
    {
      words: 'its own level before the pandemic',
      year: ladder.prePandemicYear,
      percent: ladder.prePandemicPercent,
    },
  ].flatMap((rung) => {
    const { percent } = rung;
    return percent === null
      ? []
      : [{ ...rung, percent, stands: rungStands(percent, rung.year, overall) }];
  });
  const text = (stands: RungStands) =>
    rungs
      .filter((rung) => rung.stands === stands)
      .map(
        (rung) =>
          `${rung.words}, ${percentText(rung.percent)}${rung.year === null ? '' : ` in ${yearLabel(rung.year)}`}`,
      )
      .join('; ');
  const [further, there] = [text('further'), text('already there')];
  return [
    ...(further ? [`To aim further, look at: ${further}.`] : []),
    ...(there ? [`This school is already there: ${there}.`] : []),
  ];
}

/** Where a rung of the ladder stands: beyond the expectation, passed in the same year, or no further than what is asked. */
export type RungStands = 'further' | 'already there' | 'no further';

export function rungStands(
  percent: number,
  year: AcademicYear | null,
  of: {
    expectationPercent: number;
    lastKnownPercent: number | null;
    lastKnownYear: AcademicYear | null;
  },
): RungStands {
  const [rung, last] = [roundHalfUp(percent, 1), of.lastKnownPercent];
  if (last !== null && of.lastKnownYear === year && roundHalfUp(last, 1) <= rung) {
    // Its own last known year is no rung that it has passed: it is where it was.
    return roundHalfUp(last, 1) === rung && last === percent
      ? standsBelow(rung, of)
      : 'already there';
  }
  return standsBelow(rung, of);
}

function standsBelow(rung: number, { expectationPercent }: { expectationPercent: number }) {
  return rung < roundHalfUp(expectationPercent, 1) ? 'further' : 'no further';
}

function joined(...sentences: string[]): string {
  return sentences.filter((sentence) => sentence !== '').join(' ');
}

type Values = ReturnType<typeof inputValues>;
type RegionNames = Readonly<Record<string, string>>;

/** In what one similar school differs from the school, most first, in words with both values. */
export function differencesInWords(
  own: Values,
  other: Values,
  weights: SchoolWeights,
  { most = 2, regionNames: names }: { most?: number; regionNames?: RegionNames } = {},
): string[] {
  return differencesFromGroup(own, [other], weights, {
    most,
    whose: 'theirs',
    regionNames: names,
  });
}

/** Less than this many standard deviations apart is no difference worth a head's time. */
const leastWorthSaying = 0.25;

function differencesFromGroup(
  own: Values,
  others: readonly Values[],
  weights: SchoolWeights,
  telling: { most?: number; whose?: string; regionNames: RegionNames | undefined },
): string[] {
  const { most = 2, whose = 'theirs, typically' } = telling;
  const nameOf = (category: string) =>
    telling.regionNames?.[category] ?? regionNames[category] ?? category;
  return inputNames
    .flatMap((name) => differenceIn(name, own, others, weights, { whose, nameOf }) ?? [])
    .filter(({ size }) => size >= leastWorthSaying)
    .sort((a, b) => b.size - a.size || (a.label < b.label ? -1 : 1))
    .slice(0, most)
    .map(({ label, values }) => `${label} (${values()})`);
}

/** `values` puts both into words, only for the few differences that are told. */
type Difference = { size: number; label: string; values: () => string };

function differenceIn(
  name: InputName,
  mine: Values,
  theirs: readonly Values[],
  weights: SchoolWeights,
  { whose, nameOf }: { whose: string; nameOf: (category: string) => string },
): Difference | null {
  const own = mine[name];
  if (own === null) return null;
  const label = inputWords[name] ?? name;
  const known: (string | number)[] = [];
  for (const values of theirs) {
    const value = values[name];
    if (value !== null) known.push(value);
  }
  if (typeof own === 'string') {
    const different = known.filter((value) => value !== own);
    if (different.length === 0) return null;
    // A mismatch is 0 or 1: as a size, its root mean square, like a number's difference in standard deviations.
    const size = Math.sqrt(different.length / known.length);
    const values = () =>
      theirs.length === 1
        ? `${nameOf(own)}; ${whose} ${nameOf(String(different[0]))}`
        : `${nameOf(own)}; ${different.length} of ${known.length} differ`;
    return { size, label, values };
  }
  const numbers = known as readonly number[]; // as mine is
  const typical = numbers.length === 1 ? numbers[0] : medianOf(numbers);
  const deviation = weights.standardDeviations[name];
  if (typical === undefined || !deviation) return null;
  return {
    size: Math.abs(own - typical) / deviation,
    label,
    values: () => `${valueText(name, own)}; ${whose} ${valueText(name, typical)}`,
  };
}

function valueText(name: InputName, value: number): string {
  if (name === 'logPupils') return words.number(Math.exp(value));
  return name === 'idaci' ? roundHalfUp(value, 2).toFixed(2) : percentText(value);
}

function pointsText(points: number): string {
  if (points < 0.05) return 'less than 0.1 points';
  const rounded = roundHalfUp(points, 1).toFixed(1);
  return `${rounded} ${rounded === '1.0' ? 'point' : 'points'}`;
}
