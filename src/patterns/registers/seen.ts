import type { Day } from '../../base/day.ts';
import type { Urn } from '../../base/identifiers.ts';
import { kinds } from '../model/candidate.ts';
import type { Scope } from '../model/detect.ts';
import type { GroupKey } from './families.ts';

/** Beside what any series shows, what only registers do. */
export const alertKinds = [
  ...kinds,
  'late_edits',
  'part_time',
  'off_rolling',
  'apart',
  'recovery',
  'around_holidays',
] as const;
export type AlertKind = (typeof alertKinds)[number];

/** Attendance of a day and where it was to be expected, in percent; null where nothing came or nobody knows. */
export type BandDay = {
  day: Day;
  observed: number | null;
  expected: number | null;
  lower: number | null;
  upper: number | null;
};

/** Percentages are of attendance; of some kinds a share, as their sentence says. Null where no register came. */
export type Figures = {
  observedPercent: number | null;
  expectedPercent: number | null;
  lowerPercent: number | null;
  upperPercent: number | null;
};

/** Something that registers show, of a school, an area or everybody; not yet joined with others. */
export type Seen = Figures & {
  scope: Scope;
  /** 0 where it is of no single school. */
  urn: Urn;
  /** Blank where it is of everybody. */
  laCode: string;
  group: GroupKey;
  kind: AlertKind;
  /** The day on which it happened: the first on which it could have been told. */
  happenedOn: Day;
  startedOn: Day;
  /** Minus the decimal logarithm of how often chance brings as much to a school on one school day. */
  score: number;
  /** The last days of it. */
  band: readonly BandDay[];
  /** Of an area: the schools it rests on. */
  urns?: readonly Urn[];
  /** Counts that its sentence has. */
  counts?: Readonly<Record<string, number>>;
};

export const known = (percent: number): number | null =>
  Number.isFinite(percent) ? percent : null;
