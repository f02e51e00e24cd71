import { type AcademicYear, yearLabel } from '../base/academicYear.ts';
import { percentText, roundHalfUp } from '../base/rate.ts';
import { regionNames } from '../base/region.ts';
import { type SchoolType, schoolTypePlural } from '../base/schoolType.ts';
import { medianOf } from '../stats/robust.ts';
import type { Expectation, MeasureExpectation } from './expectation.ts';
import { inputWords, type SimilarGroup } from './similar.ts';
import { type InputName, inputNames, inputValues, type SchoolWeights } from './weights.ts';

/** Why a school's expectation is what it is, in short sentences for its head, with the numbers behind them. */

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
};

/** School days in a year, to say points in days. */
const schoolDays = 190;

/** In reading order. Percentages to one decimal; nobody is ranked. */
export function reasonsFor(input: ReasonsInput): string[] {
  const { overall, persistent, ladder, year } = input.expectation;
  return [
    ...(overall ? lastKnownSentence(overall) : []),
    ...forecastSentence(input.forecast80, year),
    ...comparisonSentences(input, overall),
    ...(overall
      ? [...whySentences(overall), askSentence(overall, year), chanceSentence(overall)]
      : []),
    ...(persistent ? persistentSentences(persistent, year) : []),
    ...ladderSentence(ladder, overall),
  ];
}

function lastKnownSentence({ lastKnownPercent, lastKnownYear }: MeasureExpectation): string[] {
  if (lastKnownPercent === null || lastKnownYear === null) {
    return ["We know no earlier year of your school's absence, so all that follows is less sure."];
  }
  return [
    `Your school's absence was ${percentText(lastKnownPercent)} in ${yearLabel(lastKnownYear)}.`,
  ];
}

function forecastSentence(
  forecast80: { lower: number; upper: number } | null,
  year: AcademicYear,
): string[] {
  if (!forecast80) return [];
  const { lower, upper } = forecast80;
  return [
    `If nothing special changes, we would expect between ${percentText(Math.max(0, lower))} and ${percentText(Math.min(100, upper))} in ${yearLabel(year)} (4 times out of 5).`,
  ];
}

function comparisonSentences(input: ReasonsInput, overall: MeasureExpectation | null): string[] {
  const { similar, schoolType, intakeSource } = input;
  if (similar.noMatchReason !== null) return [similar.noMatchReason];
  const count = similar.similar.length;
  const sentences = [
    `We compared it with ${count} ${schoolTypePlural[schoolType]} that have a similar intake (${intakeSource}).`,
  ];
  const context = overall?.context;
  if (context) {
    sentences.push(
      `What such schools achieve is about ${percentText(context.percent)} (${yearLabel(context.year)}).`,
    );
  }
  if (overall && !context) {
    sentences.push(
      'For too few of them absence is known in the last year, so we cannot say what they achieve.',
    );
  }
  const differences = differencesFromGroup(input.values, input.similarValues, input.weights);
  sentences.push(
    differences.length === 0
      ? 'Your school is close to them in everything we compare.'
      : `You differ from them most in: ${differences.join('; ')}.`,
  );
  return sentences;
}

function whySentences(measure: MeasureExpectation): string[] {
  const { context, gapPoints, gapPart, achievedPoints } = measure;
  if (!context || gapPoints === null || gapPart === null || achievedPoints === null) {
    return [
      'Without a fair comparison we ask only for a little less absence than would come anyway.',
    ];
  }
  const gap =
    gapPoints > 0
      ? `Your forecast is ${pointsText(gapPoints)} above what we would expect of similar schools. Part of such a gap is luck, so we count ${percentText(100 * gapPart, 0)} of it: ${pointsText(gapPart * gapPoints)}.`
      : "Your school's absence is no higher than that of similar schools, so we ask it to hold that, and to do a little better.";
  const achieved = `In one year, the best quarter of these schools really cut their absence by ${pointsText(achievedPoints)} or more, once luck and the national change are taken out.`;
  switch (measure.decided) {
    case 'gap':
      return [gap, 'We ask you to close that gap.'];
    case 'achieved':
      return [gap, `${achieved} We ask for that, not for the whole gap.`];
    case 'most':
      return [
        gap,
        achieved,
        'We never ask for more than a fixed part of the forecast in one year.',
      ];
    case 'in-step-with-overall':
      return [gap, 'What we ask stays in step with what we ask of overall absence.'];
    default:
      return gapPoints > 0
        ? [gap, 'That is very little, so we ask for a little less absence than would come anyway.']
        : [gap];
  }
}

function askSentence(overall: MeasureExpectation, year: AcademicYear): string {
  const { expectationPercent, improvementFromForecast } = overall;
  const days = (improvementFromForecast / 100) * schoolDays;
  const each = days < 0.05 ? 'less than 0.1 days' : `about ${roundHalfUp(days, 1).toFixed(1)} days`;
  return `So the least we ask for in ${yearLabel(year)} is ${percentText(expectationPercent)}: ${pointsText(improvementFromForecast)} below the forecast, ${each} a year for each pupil.`;
}

function chanceSentence({ probabilityMetByChance }: MeasureExpectation): string {
  return `There is a ${chanceText(probabilityMetByChance)} chance of meeting this by luck alone, so one year that meets it does not prove success, and one year that misses it does not prove failure.`;
}

function persistentSentences(persistent: MeasureExpectation, year: AcademicYear): string[] {
  const { lastKnownPercent, lastKnownYear, context } = persistent;
  const last =
    lastKnownPercent === null || lastKnownYear === null
      ? []
      : [
          `Persistent absence (pupils who miss 10% or more) was ${percentText(lastKnownPercent)} in ${yearLabel(lastKnownYear)}${context ? `; what similar schools achieve is about ${percentText(context.percent)}` : ''}.`,
        ];
  return [
    ...last,
    `If nothing special changes, we would expect ${percentText(persistent.forecastPercent)} in ${yearLabel(year)}; the least we ask for is ${percentText(persistent.expectationPercent)}, which has a ${chanceText(persistent.probabilityMetByChance)} chance of being met by luck alone.`,
  ];
}

/** Only the rungs above the minimum: one that the school is already asked to pass is no further aim. */
function ladderSentence(
  ladder: Expectation['ladder'],
  overall: MeasureExpectation | null,
): string[] {
  const least = overall?.expectationPercent ?? 100;
  const rungs: string[] = [];
  const add = (words: string, percent: number | null) => {
    if (percent !== null && percent < least) rungs.push(`${words}, ${percentText(percent)}`);
  };
  add('the best quarter of similar schools', ladder.bestQuarterOfSimilarPercent);
  add("your authority's average for schools of your type", ladder.laAveragePercent);
  const before = ladder.prePandemicYear;
  add(
    `your own level before the pandemic${before === null ? '' : ` (${yearLabel(before)})`}`,
    ladder.prePandemicPercent,
  );
  return rungs.length === 0 ? [] : [`To aim further, look at: ${rungs.join('; ')}.`];
}

type Values = ReturnType<typeof inputValues>;

/** In what one similar school differs from the school, most first, in words with both values. */
export function differencesInWords(
  own: Values,
  other: Values,
  weights: SchoolWeights,
  most = 2,
): string[] {
  return differencesFromGroup(own, [other], weights, most, 'theirs');
}

/** Less than this many standard deviations apart is no difference worth a head's time. */
const leastWorthSaying = 0.25;

function differencesFromGroup(
  own: Values,
  others: readonly Values[],
  weights: SchoolWeights,
  most = 2,
  whose = 'theirs, typically',
): string[] {
  return inputNames
    .flatMap((name) => differenceIn(name, own, others, weights, whose) ?? [])
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
  whose: string,
): Difference | null {
  const own = mine[name];
  if (own === null) return null;
  const label = inputWords[name] ?? name;
  const known = theirs.flatMap((values) => values[name] ?? []);
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
  const typical = medianOf(known.filter((value) => typeof value === 'number'));
  const deviation = weights.standardDeviations[name];
  if (typical === undefined || !deviation) return null;
  return {
    size: Math.abs(own - typical) / deviation,
    label,
    values: () => `${valueText(name, own)}; ${whose} ${valueText(name, typical)}`,
  };
}

function nameOf(category: string): string {
  return regionNames[category] ?? category;
}

function valueText(name: InputName, value: number): string {
  if (name === 'logPupils') return String(roundHalfUp(Math.exp(value)));
  return name === 'idaci' ? roundHalfUp(value, 2).toFixed(2) : percentText(value);
}

function pointsText(points: number): string {
  if (points < 0.05) return 'less than 0.1 points';
  const rounded = roundHalfUp(points, 1).toFixed(1);
  return `${rounded} ${rounded === '1.0' ? 'point' : 'points'}`;
}

function chanceText(probability: number): string {
  const percent = roundHalfUp(100 * probability);
  if (percent < 1) return 'less than 1%';
  return percent > 99 ? 'more than 99%' : `${percent}%`;
}
