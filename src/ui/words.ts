import { yearLabel } from '../base/academicYear.ts';
import { percentText, roundHalfUp } from '../base/rate.ts';

/**
 * How numbers, dates and chances are put into words for people. Rounding is half away from zero, as the department
 * rounds (`base/rate.ts`). A `null` is a figure that nobody knows and reads "not known"; `undefined` is a bug and throws.
 */
export type Figure = number | null;

export const notKnown = 'not known';

const minus = '−';

function worded(value: Figure, words: (known: number) => string): string {
  if (value === null) return notKnown;
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw new TypeError(`expected a number or null, got ${String(value)}`);
  }
  return words(value).replace('-', minus);
}

/** `5.25` → `5.3%`. */
export function percent(value: Figure, decimals = 1): string {
  return worded(value, (known) => percentText(known, decimals));
}

/** A difference of two percentages: `0.5` → `0.5 percentage points`, `1` → `1.0 percentage points`. */
export function points(value: Figure, decimals = 1): string {
  return worded(
    value,
    (known) => `${roundHalfUp(known, decimals).toFixed(decimals)} percentage points`,
  );
}

const separated = new Map<number, Intl.NumberFormat>();

/** Formats are dear to make and few. */
function formatOf(decimals: number): Intl.NumberFormat {
  const known = separated.get(decimals);
  if (known) return known;
  const made = new Intl.NumberFormat('en-GB', {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
  separated.set(decimals, made);
  return made;
}

/** Thousands separated: `12345.6` → `12,346`; with `decimals` 1, `12,345.6`. */
export function number(value: Figure, decimals = 0): string {
  return worded(value, (known) => formatOf(decimals).format(roundHalfUp(known, decimals) + 0));
}

/** `plural(1, 'school')` → `1 school`; `plural(1200, 'authority', 'authorities')` → `1,200 authorities`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}

/** `primary schools` → `Primary schools`. */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `Keeping a child safe` → `keeping a child safe`, to go on in a sentence. */
export function inSentence(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** `['A', 'B', 'C']` → `A, B and C`. */
export function list(items: readonly string[]): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

const day = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  timeZone: 'Europe/London',
});

/** An ISO date or a moment, as GOV.UK writes it: `22 November 2026`. */
export function date(value: string | Date): string {
  const at = value instanceof Date ? value : new Date(value);
  if (Number.isNaN(at.getTime())) throw new TypeError(`not a date: ${String(value)}`);
  return day.format(at);
}

/** `2019-01-17` → `January 2019`, for what is known to the month. */
export function month(value: string): string {
  return date(value).replace(/^\d+ /, '');
}

/** How sure an interval is, in years: of ten (or twenty) years like this, the truth falls inside in so many. */
const surenessWords: Record<80 | 95, string> = {
  80: '8 years in 10',
  95: '19 years in 20',
};
export type Sureness = keyof typeof surenessWords;

export function sureness(level: Sureness): string {
  return surenessWords[level];
}

/** `interval(4.1, 6, 80)` → `between 4.1% and 6.0%, 8 years in 10`. */
export function interval(lower: number, upper: number, level: Sureness): string {
  return `between ${percent(lower)} and ${percent(upper)}, ${surenessWords[level]}`;
}

/**
 * A probability (0–1) in words that do not overstate it: `0.31` → `about 3 in 10`. Never "0 in 10" nor "10 in 10":
 * outside 0.05–0.95 it is `fewer than 1 in 20` or `more than 19 in 20`.
 */
export function chance(probability: number): string {
  if (!(probability >= 0 && probability <= 1)) {
    throw new TypeError(`not a probability: ${String(probability)}`);
  }
  if (probability < 0.05) return 'fewer than 1 in 20';
  if (probability > 0.95) return 'more than 19 in 20';
  const tenths = roundHalfUp(probability * 10);
  if (tenths === 5) return 'about 1 in 2';
  return `about ${tenths} in 10`;
}

/** `difference(5.3, 6)` → `0.7 percentage points lower`: the first against the second, once both are rounded. */
export function difference(value: number, against: number): string {
  const gap = roundHalfUp(roundHalfUp(value, 1) - roundHalfUp(against, 1), 1);
  if (gap === 0) return 'the same';
  return `${points(Math.abs(gap))} ${gap < 0 ? 'lower' : 'higher'}`;
}

export { yearLabel };
