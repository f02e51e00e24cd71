/** How much one person, one address and everybody together may ask. */
export type Limits = {
  /** Requests a minute of one address, and of one person or key; a minute's worth may come at once. */
  perAddress: number;
  perPerson: number;
  /** Requests under way together; more are turned away at once rather than made to wait. */
  atOnce: number;
  /** The process comes so late to what waits for it that more is turned away. In milliseconds. */
  delayed?: number;
  patience?: Patience;
};

export const usualDelay = 500;

/** How long a client may take: one that sends or reads a byte now and then does not hold a connection. In milliseconds. */
export type Patience = {
  /** To send the headers of a request; the whole of it. */
  headers: number;
  request: number;
  /** Without a byte going either way, while an answer is due. */
  idle: number;
  /** Between two requests. */
  keepAlive: number;
  /** How often all that is looked at. */
  check: number;
};

export const usualPatience: Patience = {
  headers: 15_000,
  request: 30_000,
  idle: 60_000,
  keepAlive: 15_000,
  check: 5000,
};

/** Counts down as requests come and refills with time. `now` in milliseconds. */
export type Allowance = {
  /** Seconds to wait, 0 when this one is within the allowance. */
  ask(who: string, now: number): number;
};

/** The more askers are remembered, the more memory: those longest not seen are forgotten at this many. */
const mostRemembered = 10_000;

/**
 * What counts as one address. Whoever has one address of IPv6 has the 2⁶⁴ that begin like it: they are one. One of IPv4
 * can be written as one of IPv6.
 */
export function networkOf(address: string): string {
  const whole = address.replace(/^::ffff:(?=[\d.]+$)/i, '');
  if (!whole.includes(':')) return whole;
  const [front = '', back] = whole.split('::');
  const first = front === '' ? [] : front.split(':');
  const last = back ? back.split(':') : [];
  const zeros = back === undefined ? 0 : Math.max(0, 8 - first.length - last.length);
  const groups = [...first, ...Array<string>(zeros).fill('0'), ...last];
  return groups.slice(0, 4).join(':').toLowerCase();
}

export function allowance(perMinute: number): Allowance {
  const left = new Map<string, { tokens: number; at: number }>();
  const perMillisecond = perMinute / 60_000;
  const refilled = ({ tokens, at }: { tokens: number; at: number }, now: number) =>
    // A clock can be put back: that takes nothing away.
    Math.min(perMinute, tokens + Math.max(0, now - at) * perMillisecond);
  return {
    ask(who, now) {
      if (left.size >= mostRemembered && !left.has(who)) {
        const [longestNotSeen] = left.keys(); // a map keeps the order in which they were put in
        if (longestNotSeen !== undefined) left.delete(longestNotSeen);
      }
      const tokens = refilled(left.get(who) ?? { tokens: perMinute, at: now }, now);
      left.delete(who);
      left.set(who, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now });
      return tokens >= 1 ? 0 : Math.ceil((1 - tokens) / perMillisecond / 1000);
    },
  };
}
