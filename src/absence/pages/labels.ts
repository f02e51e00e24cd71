import { codesBetween } from '../../base/attendanceCodes.ts';
import type { Day } from '../../base/day.ts';
import { censusWords } from '../../pupils/index.ts';
import { words } from '../../ui/index.ts';
import type { Dimension, Series, TimeKind } from '../question.ts';

/* What the figures' names say to people. */

export const dimensionWords: Record<Dimension, string> = {
  year_group: 'year group',
  sex: 'sex',
  fsm: 'free school meals',
  sen: 'special educational needs',
  eal: 'first language',
  ethnicity: 'ethnicity',
};

export const timeWords: Record<TimeKind, string> = {
  year: 'the whole period',
  term: 'term',
  half_term: 'half-term',
  week: 'week',
  weekday: 'day of the week',
  day: 'day',
};

export const seriesWords: Record<Series, string> = {
  daily: 'as the daily feed counts',
  census: 'as the school census counts',
};

const unclassified = 'Unclassified';

/** `year_group`, `7` → `Year 7`. */
export function groupWords(dimension: Dimension, value: string): string {
  if (value === unclassified) return 'Not known';
  switch (dimension) {
    case 'year_group':
      return value === 'R' ? 'Reception' : `Year ${value}`;
    case 'fsm':
      return value === '1'
        ? 'Eligible for free school meals'
        : 'Not eligible for free school meals';
    case 'eal':
      return value === '1' ? 'English as an additional language' : 'First language English';
    case 'sex':
    case 'sen':
      return censusWords(dimension, value);
    case 'ethnicity':
      return censusWords(dimension, value).replace(/ \([A-Z]{4}\)$/, '');
  }
}

const shortWords: Partial<Record<Dimension, Readonly<Record<string, string>>>> = {
  fsm: { 1: 'Free meals', 0: 'No free meals' },
  sen: { N: 'No special needs', K: 'SEN support', E: 'EHC plan' },
  eal: { 1: 'EAL', 0: 'English first' },
};

/** The same where it stands beside another: `SEN support, Free meals`. */
export function shortGroupWords(dimension: Dimension, value: string): string {
  const known = shortWords[dimension] ?? {};
  return (Object.hasOwn(known, value) ? known[value] : undefined) ?? groupWords(dimension, value);
}

/** Values in the order in which people expect them. */
export function groupOrder(dimension: Dimension, value: string): number {
  if (value === unclassified) return 1e6;
  const orders: Partial<Record<Dimension, string>> = {
    sen: 'NKE',
    fsm: '10',
    eal: '10',
    sex: 'FM',
  };
  if (dimension === 'year_group') return value === 'R' ? 0 : Number(value);
  return orders[dimension]?.indexOf(value) ?? 0;
}

/** `Week of 2025-09-08` → `Week of 8 September 2025`. */
export function timeName(identifier: string): string {
  return identifier.replaceAll(/\d{4}-\d\d-\d\d/g, (day) => words.date(day));
}

const shortNames: Readonly<Record<string, string>> = {
  Monday: 'Mon',
  Tuesday: 'Tue',
  Wednesday: 'Wed',
  Thursday: 'Thu',
  Friday: 'Fri',
};

/** `Week of 2025-09-08` → `8 Sep`. */
export function shortTime(identifier: string): string {
  const [day] = /\d{4}-\d\d-\d\d/.exec(identifier) ?? [];
  if (day === undefined) return shortNames[identifier] ?? identifier.replace(' term', '');
  const [number = '', month = ''] = words.date(day).split(' ');
  return `${number} ${month.slice(0, 3)}`;
}

export type Reason = {
  column: string;
  code: string;
  /** Short: `other unauthorised`. */
  reason: string;
  meaning: string;
  kind: 'attended' | 'authorised' | 'unauthorised' | 'not counted';
};

/** Every code of a period, in the order of files. */
export function reasonsBetween(from: Day, to: Day): Reason[] {
  const seen = new Set<string>();
  return codesBetween(from, to).flatMap(({ column, code, reason, meaning, category }): Reason[] => {
    if (seen.has(column)) return [];
    seen.add(column);
    const kind =
      category === 'present' || category === 'aea'
        ? 'attended'
        : category === 'authorised' || category === 'unauthorised'
          ? category
          : 'not counted';
    return [{ column: `sess_${column}`, code, reason, meaning, kind }];
  });
}
