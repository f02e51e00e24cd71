/** How much one person, one address and everybody together may ask. */
export type Limits = {
  /** Requests a minute of one address, and of one person or key; a minute's worth may come at once. */
  perAddress: number;
  perPerson: number;
  /** Requests under way together; more are turned away at once rather than made to wait. */
  atOnce: number;
};

/** Counts down as requests come and refills with time. `now` in milliseconds. */
export type Allowance = {
  /** Seconds to wait, 0 when this one is within the allowance. */
  ask(who: string, now: number): number;
};

/** The more askers are remembered, the more memory: those whose allowance is full again are forgotten at this many. */
const mostRemembered = 10_000;

export function allowance(perMinute: number): Allowance {
  const left = new Map<string, { tokens: number; at: number }>();
  const perMillisecond = perMinute / 60_000;
  const refilled = ({ tokens, at }: { tokens: number; at: number }, now: number) =>
    Math.min(perMinute, tokens + (now - at) * perMillisecond);
  return {
    ask(who, now) {
      if (left.size >= mostRemembered && !left.has(who)) {
        for (const [key, each] of left) if (refilled(each, now) >= perMinute) left.delete(key);
        // Nobody can make room by being many: the ones longest not seen are forgotten first.
        for (const key of left.keys()) {
          if (left.size < mostRemembered) break;
          left.delete(key);
        }
      }
      const tokens = refilled(left.get(who) ?? { tokens: perMinute, at: now }, now);
      left.delete(who);
      left.set(who, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now });
      return tokens >= 1 ? 0 : Math.ceil((1 - tokens) / perMillisecond / 1000);
    },
  };
}
