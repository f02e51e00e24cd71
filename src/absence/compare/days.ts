import type { Session } from '../../base/attendanceCodes.ts';
import { type Day, parseDay } from '../../base/day.ts';

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** A day as British systems print it: `2025-09-08`, `08/09/2025`, `Mon 8 Sep 25`. The day comes before the month. */
export function dayOfText(text: string): Day | undefined {
  const plain = text
    .trim()
    .replace(/^(mon|tue|wed|thu|fri|sat|sun)[a-z]*[,.]?\s*/i, '')
    .replace(/[T ]\d{1,2}:\d\d(:\d\d)?.*$/, '');
  const iso = parseDay(plain.replaceAll('/', '-'));
  if (iso) return iso;
  const [, day = '', month = '', year = ''] =
    /^(\d{1,2})[\s/.-]+([a-z]+|\d{1,2})[\s/.-]+(\d{4}|\d{2})$/i.exec(plain) ?? [];
  const number = /^\d+$/.test(month)
    ? Number(month)
    : months.indexOf(month.slice(0, 3).toLowerCase()) + 1;
  const full = year.length === 2 ? `20${year}` : year;
  return parseDay(`${full}-${String(number).padStart(2, '0')}-${day.padStart(2, '0')}`);
}

/** Which half of the day: `AM`, `a.m.`, `Morning`, `1`. */
export function sessionOfText(text: string | undefined): Session | undefined {
  const plain = (text ?? '').toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  if (['am', 'a', 'morning', 'morn', '1', 'session1', 's1', 'amsession'].includes(plain))
    return 'AM';
  if (['pm', 'p', 'afternoon', '2', 'session2', 's2', 'pmsession'].includes(plain)) return 'PM';
  return undefined;
}

/** `08/09/2025 AM` as its two parts. */
export function splitDaySession(text: string): { day: string; session: string | undefined } {
  const [, day, session] =
    /^(|.*?[^\s:_-])[\s:_-]+(am|pm|a\.m\.|p\.m\.|morning|afternoon)$/i.exec(text.trim()) ?? [];
  return { day: day ?? text, session };
}
