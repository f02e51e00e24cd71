import { yearLabel, yearsAfter } from '../../base/academicYear.ts';
import { type Clock, dayInEngland } from '../../base/clock.ts';
import { parseDay } from '../../base/day.ts';
import { Refusal } from '../../base/problem.ts';
import { words } from '../../ui/index.ts';
import { dailyAlone, yearAlone } from '../answer.ts';
import { isOneOf, parseBy, questionOf } from '../ask.ts';
import { dimensions, type Question, seriesNames, timeKinds } from '../question.ts';
import { countingYearOf, yearIn } from '../windows.ts';
import { dimensionWords, seriesWords, timeWords } from './labels.ts';

type Query = Readonly<Record<string, string>>;
export type ChoiceFault = { field: string; text: string };

/** What the form on the page asks for, read from the address; with what is wrong with it. Outside the circle (without `periods`) it is a year of the daily series. */
export function readChoice(
  query: Query,
  clock: Clock,
  { periods }: { periods: boolean },
): { question: Question; faults: ChoiceFault[] } {
  const faults: ChoiceFault[] = [];
  const checked = (field: string, text: string, isGood: (given: string) => boolean) => {
    const given = query[field]?.trim() ?? '';
    if (given === '') return undefined;
    if (isGood(given)) return given;
    faults.push({ field, text });
    return undefined;
  };
  const isDay = (given: string) => parseDay(given) !== undefined;
  const group = (field: string) =>
    checked(field, 'Choose a group of pupils from the list', (given) => isOneOf(dimensions, given));
  const [by, and] = [group('by'), group('and')];
  const together = [by, and].filter((each) => each !== undefined);
  const pair = new Set(together).size === together.length ? together : together.slice(0, 1);
  const typed = {
    level: 'school',
    by: pair.length > 0 && parseBy(pair.join()) ? pair.join() : 'total',
    year: checked('year', 'Choose a year from the list', (given) => yearIn(given) !== undefined),
    series: checked('series', 'Choose a way of counting from the list', (given) =>
      isOneOf(seriesNames, given),
    ),
    time: checked('time', 'Choose a time from the list', (given) => isOneOf(timeKinds, given)),
    from: checked('from', 'Give the first day as 2026-09-01', isDay),
    to: checked('to', 'Give the last day as 2026-09-30', isDay),
    'as-known-on': checked('known', 'Give the day as 2026-09-30', isDay),
  };
  if (!periods) {
    faults.push(...refusedOutside(query).map((text) => ({ field: 'choose', text })));
  }
  const given = Object.fromEntries(
    Object.entries(typed).filter(
      ([name, value]) => value !== undefined && (periods || !circleOnly.includes(name)),
    ),
  );
  try {
    return { question: questionOf(given, clock), faults };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    faults.push({ field: 'from', text: error.message });
    const { from: _, to: __, ...rest } = given;
    return { question: questionOf(rest, clock), faults };
  }
}

/** What an address asks for that is given to the school’s own circle alone. */
export function refusedOutside(query: Query): string[] {
  const given = (name: string) => query[name]?.trim() ?? '';
  const isPeriod = ['from', 'to', 'known'].some((name) => given(name) !== '');
  return [
    ...(isPeriod || !['', 'year'].includes(given('time')) ? [yearAlone] : []),
    ...(given('series') === 'census' ? [dailyAlone] : []),
  ];
}

const circleOnly: readonly string[] = ['from', 'to', 'time', 'as-known-on', 'series'];

const item = (value: string, text: string, chosen: string) => ({
  ...{ value, text },
  selected: value === chosen,
});

/** The form, filled in as it was asked. */
export function choiceForm(
  query: Query,
  question: Question,
  clock: Clock,
  faults: readonly ChoiceFault[],
) {
  const thisYear = countingYearOf(dayInEngland(clock()));
  const years = [0, -1, -2, -3, -4, -5].map((ago) => yearsAfter(thisYear, ago));
  const groups = (field: string, none: string) => [
    item('', none, query[field] ?? ''),
    ...dimensions.map((each) =>
      item(each, words.sentence(dimensionWords[each]), query[field] ?? ''),
    ),
  ];
  const [by, and] = question.by;
  return {
    year: years.map((year) => item(String(year), yearLabel(year), String(question.year))),
    by: groups('by', 'Year group').map((each) => ({
      ...each,
      selected: each.value === (by ?? ''),
    })),
    and: groups('and', 'Nothing else').map((each) => ({
      ...each,
      selected: each.value === (and ?? ''),
    })),
    time: timeKinds
      .filter((each) => each !== 'year')
      .map((each) =>
        item(
          each,
          words.sentence(timeWords[each]),
          question.time === 'year' ? 'week' : question.time,
        ),
      ),
    series: seriesNames.map((each) =>
      item(each, words.sentence(seriesWords[each]), question.series),
    ),
    from: query['from'] ?? '',
    to: query['to'] ?? '',
    known: query['known'] ?? '',
    faults: Object.fromEntries(faults.map(({ field, text }) => [field, { text }])),
  };
}

/** The same question as an address’s query, for the file. */
export function choiceQuery(query: Query, { periods }: { periods: boolean }): string {
  const names = [
    'year',
    'by',
    'and',
    ...(periods ? ['from', 'to', 'time', 'series', 'known'] : []),
  ];
  const kept = names.flatMap((name): [string, string][] =>
    query[name] ? [[name, query[name]]] : [],
  );
  return kept.length > 0 ? `?${new URLSearchParams(kept)}` : '';
}
