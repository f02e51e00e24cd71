import { daysAYear, type Limits, limitsFor, scoreOf } from '../model/candidate.ts';
import { detect } from '../model/detect.ts';
import { judge } from '../model/judge.ts';
import { toldOnce } from '../model/tell.ts';
import { findParting } from './apart.ts';
import type { RegisterDays, Sessions } from './days.ts';
import { type Family, type GroupKey, isOfPupils, isOfYear, reasonKey } from './families.ts';
import { lookAmongNeighbours, lookAroundHolidays } from './lookAround.ts';
import { lookAtAll } from './lookAtAll.ts';
import { lookAtGrown, lookAtLeavers, lookAtSwaps } from './lookAtCodes.ts';
import type { Seen } from './seen.ts';
import { placesIn, seenOf, seenOfRow } from './seenOf.ts';
import { fewestPupils, seriesOfGroup } from './series.ts';

export type LookOptions = {
  /** How many false alarms a school may have in a year, of all kinds and groups together, about. */
  alarmsAYear: number;
  /** Where given, no more than this share of what is told of one day, of one kind, is to be chance. */
  falseShare?: number | undefined;
};

/**
 * How the false alarms of a school are shared: its whole first, then each way of looking into it. More than one in all,
 * because what shows in several of them is told once; of the made-up England’s schools some have fewer than are asked for.
 */
const shares = { all: 0.65, years: 0.15, reasons: 0.04, apart: 0.15, others: 0.3 } as const;
/** Of drifts that show over months. */
const slowShare = 0.05;
const holidayShare = 0.05;
/** Of swaps, which accuse: few. */
const swapShare = 0.05;
/** Of circles of neighbours: of an authority, however many schools it has. */
const circleShare = 0.1;
const reasonsLookedAt: readonly Family[] = [
  'illness',
  'medical',
  'holiday',
  'unauthorised',
  'no reason yet',
];

/** Everything that registers show, each with the day on which it happened; not yet joined. Rests on no later day. */
export function look(days: RegisterDays, options: LookOptions): Seen[] {
  if (days.days.length === 0) return [];
  const { alarmsAYear, falseShare } = options;
  const keys = [...days.groups.keys()];
  const years = keys.filter(isOfYear);
  const pupils = keys.filter(isOfPupils);
  const share = (part: keyof typeof shares, among = 1) => ({
    alarmsAYear: (alarmsAYear * shares[part]) / Math.max(1, among),
    falseShare,
  });
  const others = limitsFor(alarmsAYear * shares.others);
  const limitOf = (of: number) => scoreOf((alarmsAYear * of) / daysAYear);
  // A school has about seven year groups, of all there are.
  return [
    ...lookAtAll(days, share('all'), { others, slow: limitOf(slowShare) }),
    ...lookAroundHolidays(days, limitOf(holidayShare)),
    ...years.flatMap((key) => lookAtGroup(days, key, share('years', Math.min(7, years.length)))),
    ...reasonsLookedAt.flatMap((family) =>
      lookAtReason(days, family, share('reasons', reasonsLookedAt.length)),
    ),
    ...lookAmongNeighbours(days, limitOf(circleShare)),
    ...pupils.flatMap((key) =>
      lookApart(days, key, limitsFor(share('apart', pupils.length / 2).alarmsAYear)),
    ),
    ...lookAtSwaps(days, limitOf(swapShare)),
    ...lookAtGrown(days, others.code_swap),
    ...lookAtLeavers(days, others.code_swap),
  ];
}

function lookAtGroup(days: RegisterDays, key: GroupKey, sensitivity: LookOptions): Seen[] {
  const { series } = seriesOfGroup(days, key, { least: fewestPupils });
  // In a year group of a few dozen everybody is there often, and the very figure of the day before is nothing odd.
  const found = detect(series, sensitivity).filter(
    ({ scope, kind }) => scope === 'school' && kind !== 'implausible',
  );
  const at = placesIn(series);
  const judged = found.length > 0 ? judge(series) : undefined;
  return found.map((each) => seenOf(each, judged ? at.bandOf(each, judged) : []));
}

function lookAtReason(days: RegisterDays, family: Family, sensitivity: LookOptions): Seen[] {
  const { series } = seriesOfGroup(days, reasonKey(family), { least: fewestPupils });
  const told = family === 'illness' ? ['school', 'area'] : ['school'];
  const found = detect(series, sensitivity).filter(
    ({ scope, kind }) =>
      told.includes(scope) && (kind === 'shock' || kind === 'drift' || kind === 'outbreak'),
  );
  if (found.length === 0) return [];
  const at = placesIn(series);
  const judged = judge(series);
  return found.map((each) => seenOf(each, at.bandOf(each, judged)));
}

/** A group of pupils against the rest of its own school. */
function lookApart(days: RegisterDays, key: GroupKey, limits: Limits): Seen[] {
  const { series, schools } = seriesOfGroup(days, key, { least: fewestPupils });
  if (schools.length === 0) return [];
  const [all, own] = [days.groups.get('') as Sessions, days.groups.get(key) as Sessions];
  const width = days.days.length;
  const rest = series.absencePercent.map((_, at) => {
    const from = (schools[Math.floor(at / width)] as number) * width + (at % width);
    const possible = (all.possible[from] as number) - (own.possible[from] as number);
    const absent = (all.absent[from] as number) - (own.absent[from] as number);
    return possible < 2 * fewestPupils ? Number.NaN : (100 * absent) / possible;
  });
  const found = toldOnce(findParting(series, { ...series, absencePercent: rest }, limits));
  if (found.length === 0) return [];
  const judged = judge(series);
  return found.map((each) => seenOfRow(series, judged, each, 'apart'));
}
