/** The time, passed in so that tests and rebuilds are the same every time. */
export type Clock = () => Date;

export const systemClock: Clock = () => new Date();
