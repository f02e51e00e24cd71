/** The time, passed in so that tests and rebuilds are the same every time. */
export type Clock = () => Date;

export const systemClock: Clock = () => new Date();

/** A date as ISO `YYYY-MM-DD` in UTC. */
export function isoDate(at: Date): string {
  return at.toISOString().slice(0, 10);
}
