import { type Day, parseDay, weekdayOf } from '../../base/day.ts';
import type { DateOrder } from './reading.ts';
import type { SessionName } from './sessions.ts';

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

export type DateRules = {
  twoDigitYears?: '20xx' | undefined;
  /** By whose clock a time beside a date is told that does not say it itself: `UTC`, `Europe/London`, `+01:00`. */
  timeZone?: string | undefined;
};

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
  /^(.*?\d{4}|\d{4}-\d\d-\d\d|\d{1,2}[-/.]\d{1,2}[-/.]\d{1,4})[T ,]+(\d{1,2}):(\d\d)(?::\d\d(?:[.,]\d+)?)? ?([ap]\.?m\.?)? ?(Z|UTC|GMT|BST|[+-]\d\d:?\d\d)?$/i;

/**
 * What is written like a day, whether a calendar has it or not: the `31/09/2025` of a heading was meant for one. With
 * `beside` a session, which tells that a day was meant, less is enough: `Mon`, `2025-09-311`.
 */
export function looksLikeDay(text: string, beside?: SessionName): boolean {
  const clean = text.replaceAll(/\s+/g, ' ').trim();
  if (dayShape.test(clean) || clean.replace(weekdayWord, '').trim() === '') return true;
  return beside !== undefined && (weekdayWord.test(clean) || numbersIn.test(clean));
}

const dayShape = new RegExp(
  `\\d{1,5}([-/.])\\d{1,5}\\1\\d{1,5}|20\\d{6,}|\\d(?:st|nd|rd|th)?[-/. ]+${monthWord}|${monthWord} \\d`,
  'i',
);
const numbersIn = new RegExp(`\\d+\\D+\\d+|\\d{5,}|\\d.*${monthWord}|${monthWord}.*\\d`, 'i');

/** Reads a text as a date, as far as it says so by itself. Days before 2000 and after 2099 are none. */
export function readDate(text: string, rules: DateRules = {}): DateText {
  const clean = text.replaceAll(/[\s\u00A0]+/g, ' ').trim();
  const timed = timeAfter.exec(clean);
  if (timed) {
    const [, date = '', hours = '', minutes = '', half = '', zone = rules.timeZone] = timed;
    const read = readDate(date, rules);
    if (zone === undefined) return read;
    const time = minutesOf(Number(hours), Number(minutes), half);
    return onDays(read, (day) => dayInEngland(day, time, zone), 'no-date');
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
function dayInEngland(day: Day, minutes: number | undefined, zone: string): Day | undefined {
  const ahead = clockOf(zone);
  if (minutes === undefined || !ahead) return undefined;
  const there = Date.parse(`${day}T00:00:00Z`) + minutes * oneMinute;
  const near = there - ahead(there) * oneMinute;
  const english = englishDay.format(there - ahead(near) * oneMinute);
  return english.startsWith('20') ? parseDay(english) : undefined;
}

const oneMinute = 60_000;

/** Minutes after midnight; undefined where no clock shows such a time. */
function minutesOf(hours: number, minutes: number, half: string): number | undefined {
  const isPm = /^p/i.test(half);
  const hour = half === '' ? hours : (hours % 12) + (isPm ? 12 : 0);
  const shows = minutes < 60 && (half === '' ? hours < 24 : hours >= 1 && hours <= 12);
  return shows ? hour * 60 + minutes : undefined;
}

/** How many minutes a clock is before that of Greenwich at a moment. */
type Clock = (at: number) => number;
const clocks = new Map<string, Clock | undefined>();

/** Undefined for a time zone that there is not. */
function clockOf(zone: string): Clock | undefined {
  const known = clocks.get(zone);
  if (known || clocks.has(zone)) return known;
  if (clocks.size > 500) clocks.clear();
  const clock = zone.length > 40 ? undefined : newClock(zone.trim());
  clocks.set(zone, clock);
  return clock;
}

function newClock(zone: string): Clock | undefined {
  if (/^z$/i.test(zone)) return () => 0;
  if (/^bst$/i.test(zone)) return () => 60; // to the engine’s own tables it is Bangladesh’s
  try {
    const format = new Intl.DateTimeFormat('en-GB', {
      ...{ timeZone: zone, timeZoneName: 'longOffset', year: 'numeric' },
    });
    return (at) => {
      const name = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value;
      const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)/.exec(name ?? '') ?? [];
      return (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0));
    };
  } catch {
    return undefined;
  }
}

/** The same with each day that it can be; where none is left, it reads `otherwise`. */
function onDays(
  date: DateText,
  of: (day: Day) => Day | undefined,
  otherwise: 'no-date' | 'another-weekday',
): DateText {
  if (date.reads === 'one-day') {
    const day = of(date.day);
    return day === undefined ? { reads: otherwise } : { reads: 'one-day', day };
  }
  if (date.reads !== 'by-order') return date;
  const dmy = date.dmy && of(date.dmy);
  const mdy = date.mdy && of(date.mdy);
  return dmy === undefined && mdy === undefined
    ? { reads: otherwise }
    : { reads: 'by-order', dmy, mdy };
}

function onlyOnWeekday(date: DateText, weekday: number): DateText {
  const isOn = (day: Day) => weekdayOf(day) % 7 === weekday;
  return onDays(date, (day) => (isOn(day) ? day : undefined), 'another-weekday');
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
