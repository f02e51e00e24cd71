export const kinds = [
  'shock',
  'drift',
  'weekday',
  'missing',
  'implausible',
  'code_swap',
  'outbreak',
] as const;
export type Kind = (typeof kinds)[number];

/** Something that one series, or one area, shows on a day; not yet joined with what was told before. */
export type Candidate = {
  kind: Kind;
  /** The series it is of. */
  row: number;
  /** The first day (its place) on which it can be told. */
  day: number;
  /** The day on which it likely began. */
  startedOn: number;
  /** Minus the decimal logarithm of how often chance brings such a day: 2 is one school day in a hundred. */
  score: number;
  /** Attendance of the day or days it rests on, in percent; NaN where none came. */
  observedPercent: number;
  expectedPercent: number;
  /** Where 95 of 100 such figures lie. */
  lowerPercent: number;
  upperPercent: number;
};

/** School days in a year of the series that these limits were set on. */
export const daysAYear = 178;

/**
 * How the false alarms that a school is to have in a year are shared among the kinds: more of one finds more of it. An
 * authority and England have as many as a school.
 */
const shares: Record<Kind, number> = {
  shock: 0.28,
  drift: 0.35,
  weekday: 0.075,
  missing: 0.15,
  implausible: 0.065,
  code_swap: 0.05,
  outbreak: 0.03,
};

export function scoreOf(probability: number): number {
  return -Math.log10(Math.max(probability, 1e-12));
}

/** From which score on each kind is told. */
export type Limits = Readonly<Record<Kind, number>>;

/** The limits at which a school has about so many false alarms in a year, of all kinds together. */
export function limitsFor(alarmsAYear: number): Limits {
  return Object.fromEntries(
    kinds.map((kind) => [kind, scoreOf((alarmsAYear * shares[kind]) / daysAYear)]),
  ) as Record<Kind, number>;
}
