import { type Day, parseDay } from '../../base/day.ts';
import type { DateOrder } from './reading.ts';

/** How a text can be read as a day. */
export type DateText =
  /** One day, whoever wrote it: `2025-09-08`, `8 Sep 2025`, a spreadsheet’s day number. */
  | { reads: 'one-day'; day: Day }
  /** `08/09/2025`: the day in each order; missing where no calendar (or the weekday beside it) allows it. */
  | { reads: 'by-order'; dmy: Day | undefined; mdy: Day | undefined }
  | { reads: 'two-digit-year' }
  | { reads: 'no-year' }
  | { reads: 'another-weekday' }
  | { reads: 'no-date' };

export type DateRules = { twoDigitYears?: '20xx' | undefined };

const months = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const weekdays = 'sun mon tue wed thu fri sat'.split(' ');
const weekdayWord =
  /(?<![a-z])(sun|mon|tue|wed|thu|fri|sat)(?:day|s|sday|nesday|r|rs|rsday|urday)?\.?(?![a-z])/i;

const yearFirst = /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})$/;
const compact = /^(20\d\d)(\d\d)(\d\d)$/;
const numbers = /^(\d{1,2})([-/. ])(\d{1,2})\2(\d{4}|\d{2})$/;
const dayMonthName = /^(\d{1,2})(?:st|nd|rd|th)?[-/. ]+([a-z]{3,9})\.?,?[-/. ]+(\d{4}|\d{2})$/i;
const monthNameDay = /^([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4}|\d{2})$/i;
const monthWord = '(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}';
const noYear = new RegExp(
  `^(?:\\d{1,2}[-/.]\\d{1,2}|\\d{1,2}(?:st|nd|rd|th)?[- ]${monthWord}|${monthWord} \\d{1,2})$`,
  'i',
);
const dayNumber = /^\d{5}(?:\.0+)?$/;
const timeAfter =
  /^(.*?\d{4}|\d{4}-\d\d-\d\d|\d{1,2}[-/.]\d{1,2}[-/.]\d{1,4})[T ,]+(\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?) ?([ap]\.?m\.?)?(Z|[+-]\d\d:?\d\d)?$/i;

/** Reads a text as a date, as far as it says so by itself. Days before 2000 and after 2099 are none. */
export function readDate(text: string, rules: DateRules = {}): DateText {
  const clean = text.replaceAll(/[\s\u00A0]+/g, ' ').trim();
  const timed = timeAfter.exec(clean);
  if (timed) {
    const [, date = '', time = '', , zone] = timed;
    return zone ? inEngland(date, time, zone) : readDate(date, rules);
  }
  const weekday = weekdayWord.exec(clean);
  if (!weekday) return readBareDate(clean, rules);
  const bare = clean.replace(weekday[0], ' ').replaceAll(/^[ ,(]+|[ ,()]+$/g, '');
  const name = (weekday[1] ?? '').toLowerCase();
  return onlyOnWeekday(readBareDate(bare, rules), weekdays.indexOf(name));
}

/** The day of a text in an order that is known; undefined when it is none in it. */
export function dayIn(date: DateText, order: DateOrder | undefined): Day | undefined {
  if (date.reads === 'one-day') return date.day;
  if (date.reads !== 'by-order' || order === undefined) return undefined;
  return date[order];
}

function readBareDate(text: string, rules: DateRules): DateText {
  const first = yearFirst.exec(text);
  if (first) return oneDay(dayOf(first[1], first[3], first[4]));
  const close = compact.exec(text);
  if (close) return oneDay(dayOf(close[1], close[2], close[3]));
  if (dayNumber.test(text)) return oneDay(dayOfNumber(Math.trunc(Number(text))));
  const slashed = numbers.exec(text);
  if (slashed) {
    const year = fullYear(slashed[4] ?? '', rules);
    if (year === undefined) return { reads: 'two-digit-year' };
    const dmy = dayOf(year, slashed[3], slashed[1]);
    const mdy = dayOf(year, slashed[1], slashed[3]);
    return dmy === undefined && mdy === undefined
      ? { reads: 'no-date' }
      : { reads: 'by-order', dmy, mdy };
  }
  const named = dayMonthName.exec(text);
  if (named) return withMonthName(named[1], named[2], named[3], rules);
  const american = monthNameDay.exec(text);
  if (american) return withMonthName(american[2], american[1], american[3], rules);
  return { reads: noYear.test(text) ? 'no-year' : 'no-date' };
}

function withMonthName(
  day: string | undefined,
  name = '',
  yearText = '',
  rules: DateRules,
): DateText {
  const month = months.findIndex((start) => name.toLowerCase().startsWith(start)) + 1;
  if (month === 0) return { reads: 'no-date' };
  const year = fullYear(yearText, rules);
  if (year === undefined) return { reads: 'two-digit-year' };
  return oneDay(dayOf(year, String(month), day));
}

function fullYear(text: string, rules: DateRules): string | undefined {
  if (text.length === 4) return text;
  return rules.twoDigitYears === '20xx' ? `20${text}` : undefined;
}

function dayOf(year = '', month = '', day = ''): Day | undefined {
  if (!year.startsWith('20')) return undefined;
  return parseDay(`${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`);
}

const oneDay = (day: Day | undefined): DateText =>
  day === undefined ? { reads: 'no-date' } : { reads: 'one-day', day };

/** Spreadsheets count days; 1 January 2000 is 36526. */
function dayOfNumber(number: number): Day | undefined {
  const day = new Date((number - 25_569) * 86_400_000).toISOString().slice(0, 10);
  return day.startsWith('20') ? day : undefined;
}

const englishDay = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/London' });

/** Midnight of a summer’s day is written `23:00Z` of the day before by many programs. */
function inEngland(date: string, time: string, zone: string): DateText {
  const at = new Date(`${date}T${time.replace(',', '.')}${zone.toUpperCase()}`);
  if (Number.isNaN(at.getTime())) return { reads: 'no-date' };
  const day = englishDay.format(at);
  return oneDay(day.startsWith('20') ? parseDay(day) : undefined);
}

function onlyOnWeekday(date: DateText, weekday: number): DateText {
  const fits = (day: Day | undefined) =>
    day !== undefined && new Date(`${day}T00:00:00Z`).getUTCDay() === weekday ? day : undefined;
  if (date.reads === 'one-day') return fits(date.day) ? date : { reads: 'another-weekday' };
  if (date.reads !== 'by-order') return date;
  const dmy = fits(date.dmy);
  const mdy = fits(date.mdy);
  return dmy === undefined && mdy === undefined
    ? { reads: 'another-weekday' }
    : { reads: 'by-order', dmy, mdy };
}

/** What all the dates of a file say together about their order. */
export type OrderFound = {
  order: DateOrder | 'ambiguous' | 'mixed';
  /** First and last day in each order, to be shown to whoever is asked. */
  spans: Record<DateOrder, { first: Day; last: Day }>;
};

/** Gathers dates until all of a file have been seen. */
export class OrderEvidence {
  #either = 0;
  #onlyDmy = 0;
  #onlyMdy = 0;
  readonly #spans: Partial<Record<DateOrder, { first: Day; last: Day }>> = {};

  add(date: DateText): void {
    if (date.reads !== 'by-order') return;
    this.#stretch('dmy', date.dmy);
    this.#stretch('mdy', date.mdy);
    if (date.dmy === undefined) this.#onlyMdy += 1;
    else if (date.mdy === undefined) this.#onlyDmy += 1;
    else if (date.dmy !== date.mdy) this.#either += 1;
  }

  /** Undefined when no date’s order matters. `09/09/2025` alone is the same in both, and is read as British. */
  found(): OrderFound | undefined {
    if (this.#spans.dmy === undefined && this.#spans.mdy === undefined) return undefined;
    const order =
      this.#onlyDmy > 0 && this.#onlyMdy > 0
        ? 'mixed'
        : this.#onlyMdy > 0
          ? 'mdy'
          : this.#onlyDmy > 0 || this.#either === 0
            ? 'dmy'
            : 'ambiguous';
    const none = { first: '', last: '' };
    return { order, spans: { dmy: this.#spans.dmy ?? none, mdy: this.#spans.mdy ?? none } };
  }

  #stretch(order: DateOrder, day: Day | undefined): void {
    if (day === undefined) return;
    const span = this.#spans[order];
    if (!span) this.#spans[order] = { first: day, last: day };
    else if (day < span.first) span.first = day;
    else if (day > span.last) span.last = day;
  }
}
