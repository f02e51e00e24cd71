/** The time, passed in so that tests and rebuilds are the same every time. */
export type Clock = () => Date;

export const systemClock: Clock = () => new Date();

const londonDay = new Intl.DateTimeFormat('en-CA', {
  timeZone: 'Europe/London',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
});

/** Which day a moment is in England, as `2026-11-22`. */
export function dayInEngland(at: Date): string {
  return londonDay.format(at);
}
