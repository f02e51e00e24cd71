import { parseDay } from '../base/day.ts';
import { Refusal } from '../base/problem.ts';

const hourInEngland = new Intl.DateTimeFormat('en-GB', {
  hour: 'numeric',
  hourCycle: 'h23',
  timeZone: 'Europe/London',
});

/** The moment at which a day (`2026-11-22`) begins in England, or the one `after` days later. Refuses what is not a day. */
export function startOfDay(text: string, after = 0): Date {
  const day = parseDay(text);
  if (day === undefined) {
    throw new Refusal('bad-input', `“${text.slice(0, 20)}” is not a day: give it as 2026-11-22.`);
  }
  const midnight = new Date(`${day}T00:00:00Z`);
  midnight.setUTCDate(midnight.getUTCDate() + after);
  const hoursAhead = Number(hourInEngland.format(midnight)); // 1 in summer: midnight there was an hour ago
  return new Date(midnight.getTime() - hoursAhead * 3_600_000);
}

const timeInEngland = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
  timeZone: 'Europe/London',
});

/** `22 November 2026 at 09:05`. */
export function timeText(at: Date): string {
  return timeInEngland.format(at);
}
