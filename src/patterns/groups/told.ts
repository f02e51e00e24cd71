import { type Dimension, groupWords, shortGroupWords } from '../../absence/index.ts';
import type { Day } from '../../base/day.ts';
import { words } from '../../ui/index.ts';
import type { GroupKey, GroupsOfPlace } from './ask.ts';
import type { Comparison } from './compare.ts';

/** What is told of a group that parts from the rest: in one sentence, since when, and where more of it stands. */
export type GroupFinding = {
  kind: 'group';
  sentence: string;
  /** The same without figures, for what leaves the site. */
  brief: string;
  since: Day;
  href: string;
};

type GroupComparison = Comparison<GroupKey>;

/** More are in the table. */
const mostTold = 12;

/**
 * The groups that part from the rest, those of most missed school first. A pair is told only where it parts further than
 * each of its two does by itself; what holds in the last weeks and in the year is told once; and a group that misses less
 * only where none of its division misses more, which says the same.
 */
export function findingsIn(found: GroupsOfPlace, path: string): GroupFinding[] {
  const parting = found.comparisons.filter(({ parts }) => parts);
  const further = parting.filter((each) =>
    parting.every((single) => !isSingleOf(single, each) || isFurther(each, single)),
  );
  const once = further.filter(
    ({ key }) =>
      key.period === 'weeks' ||
      !further.some((other) => other.key.period === 'weeks' && nameOf(other.key) === nameOf(key)),
  );
  const missingMore = new Set(parting.filter(missesMore).map(({ key }) => key.by.join()));
  return once
    .filter((each) => missesMore(each) || !missingMore.has(each.key.by.join()))
    .toSorted((a, b) => Number(missesMore(b)) - Number(missesMore(a)) || weight(b) - weight(a))
    .slice(0, mostTold)
    .map((each) => ({
      kind: 'group',
      sentence: sentenceOf(each, found),
      brief: `${nameOf(each.key)}: these pupils miss ${missesMore(each) ? 'more' : 'less'} than all others, by more than chance brings.`,
      since: found.periods[each.key.period].from,
      href: `${path}/groups`,
    }));
}

const missesMore = ({ differencePoints }: GroupComparison) => differencePoints > 0;
const weight = ({ differencePoints, pupils }: GroupComparison) =>
  Math.abs(differencePoints) * pupils;

function isSingleOf(single: GroupComparison, pair: GroupComparison): boolean {
  return (
    single.key.period === pair.key.period &&
    single.key.by.length === 1 &&
    pair.key.by.length === 2 &&
    pair.key.by.some(
      (by, at) => by === single.key.by[0] && pair.key.values[at] === single.key.values[0],
    )
  );
}

function isFurther(pair: GroupComparison, single: GroupComparison): boolean {
  return Math.abs(pair.differencePoints) > Math.abs(single.differencePoints);
}

/** `SEN support, Year 9`. */
export function nameOf({ by, values }: GroupKey): string {
  const [only] = by;
  return by.length === 1 && only
    ? groupWords(only, values[0] ?? '')
    : by.map((each: Dimension, at) => shortGroupWords(each, values[at] ?? '')).join(', ');
}

export function sentenceOf(
  each: GroupComparison,
  { periods, isWithinSchools }: GroupsOfPlace,
): string {
  const { key, pupils, groupPercent, othersPercent, differencePoints } = each;
  const when =
    key.period === 'weeks'
      ? `From ${words.date(periods.weeks.from)} to ${words.date(periods.weeks.to)}`
      : `In the year to ${words.date(periods.year.to)}`;
  const way = differencePoints > 0 ? 'more' : 'less';
  const others = isWithinSchools ? 'other pupils of the same schools' : 'all others';
  return `${nameOf(key)}: ${when.replace(/^[FI]/, (first) => first.toLowerCase())} these ${words.number(pupils)} pupils missed ${words.percent(groupPercent)} of sessions and ${others} ${words.percent(othersPercent)}, ${words.points(Math.abs(differencePoints))} ${way} (${betweenWords(each)}).`;
}

/** `between 3.1 and 9.4 percentage points`, with the number of comparisons paid for. */
export function betweenWords({ lowerPoints, upperPoints }: GroupComparison): string {
  const isLess = upperPoints < 0;
  const [low, high] = isLess ? [-upperPoints, -lowerPoints] : [lowerPoints, upperPoints];
  return `between ${words.number(low, 1)} and ${words.number(high, 1)}`;
}
