import { type AcademicYear, parseAcademicYear, yearLabel } from '../base/academicYear.ts';
import { type Clock, dayInEngland } from '../base/clock.ts';
import { type Day, daysAfter, parseDay } from '../base/day.ts';
import { Refusal } from '../base/problem.ts';
import {
  type Dimension,
  dimensions,
  levels,
  type Question,
  seriesNames,
  timeKinds,
} from './question.ts';
import { countingYear, countingYearOf } from './windows.ts';

/** What was typed, or stands in an address. */
export type Typed = Partial<Record<string, string>>;

/** Reads `--by`: undefined where it is neither a group of pupils nor two. */
export function parseBy(text: string): readonly Dimension[] | undefined {
  if (text === 'total') return [];
  const names = text.split(',');
  const known = names.filter((name): name is Dimension =>
    (dimensions as readonly string[]).includes(name),
  );
  const differ = new Set(known).size === names.length;
  return differ && names.length <= 2 ? known : undefined;
}

export function isOneOf<Name extends string>(names: readonly Name[], text: string): text is Name {
  return (names as readonly string[]).includes(text);
}

/**
 * Makes a question of words, each of which was looked at by itself. Without a year it is that of the days given, or the
 * current one; the last days of August may be asked for with either year. Refuses days that are not of the year.
 */
export function questionOf(typed: Typed, clock: Clock): Question {
  const from = dayOf(typed['from']);
  const to = dayOf(typed['to']);
  const year = yearOf(typed['year'], from ?? to ?? dayInEngland(clock()));
  const whole = countingYear(year);
  const period = { from: from ?? whole.from, to: to ?? laterOf(whole.to, from) };
  const lastAllowed = daysAfter(whole.to, 31);
  if (period.from > period.to) {
    throw new Refusal(
      'bad-input',
      `${period.from} is after ${period.to}: give a first day that is not after the last.`,
    );
  }
  if (period.from < whole.from || period.to > lastAllowed) {
    throw new Refusal(
      'bad-input',
      `${period.from} to ${period.to} is not in ${yearLabel(year)}, which goes from ${whole.from} to ${whole.to}. Give a year with days of that year.`,
    );
  }
  return {
    level: pick(levels, typed['level'], 'school'),
    by: parseBy(typed['by'] ?? 'total') ?? [],
    series: pick(seriesNames, typed['series'], 'daily'),
    time: pick(timeKinds, typed['time'], 'year'),
    asKnownOn: dayOf(typed['as-known-on']) ?? null,
    urns: [],
    ...{ year, ...period },
  };
}

function pick<Name extends string>(
  names: readonly Name[],
  text: string | undefined,
  otherwise: Name,
): Name {
  return text !== undefined && isOneOf(names, text) ? text : otherwise;
}

function dayOf(text: string | undefined): Day | undefined {
  return text === undefined ? undefined : parseDay(text);
}

function yearOf(text: string | undefined, day: Day): AcademicYear {
  if (!text) return countingYearOf(day);
  const year = parseAcademicYear(text);
  if (year !== undefined) return year;
  throw new Refusal(
    'bad-input',
    'The year is none of a school: give its two years together, as 202627 or 2026/27.',
  );
}

const laterOf = (a: Day, b: Day | undefined) => (b !== undefined && b > a ? b : a);
