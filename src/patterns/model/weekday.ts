import { standardNormalBelow } from '../../stats/standardNormal.ts';
import { type Candidate, type Limits, scoreOf } from './candidate.ts';
import { type Judged, percentOf } from './judge.ts';
import { OwnVariance } from './ownVariance.ts';
import { RunningSums } from './runningSums.ts';
import { type DailySeries, weekdayIndex } from './series.ts';

/** So many of the last Mondays, say, are set beside as many days around them and the Mondays before. */
const lately = 6;
const before = 30;
const leastBefore = 4;
const clip = 3;

/**
 * A weekday on which more are away than there used to be on it, while the days around it stay as they were: the last six of
 * it, against the other days of the same weeks and against the same weekday before.
 */
export function findWeekdays(series: DailySeries, judged: Judged, limits: Limits): Candidate[] {
  const [rows, width] = [series.names.length, series.days.length];
  const weekdays = series.days.map(weekdayIndex);
  const places = Array.from({ length: 7 }, (_, weekday) =>
    weekdays.flatMap((each, day) => (each === weekday ? [day] : [])),
  );
  const misses = Array.from({ length: rows }, (_, row) => clippedMisses(judged, row, width));
  const ofAll = misses.map((values) => new RunningSums(values));
  const ofWeekday = places.map((days) =>
    misses.map(
      (values) => new RunningSums(Float64Array.from(days, (day) => values[day] as number)),
    ),
  );
  const variance = new OwnVariance(rows, lately, { variance: 1, looks: 7 });
  const found: Candidate[] = [];
  for (let day = 0; day < width; day++) {
    const weekday = weekdays[day] as number;
    const days = places[weekday] as number[];
    const turn = days.indexOf(day);
    if (turn + 1 < lately + leastBefore) continue;
    const first = days[turn + 1 - lately] as number;
    const rises = new Float64Array(rows).fill(Number.NaN);
    const means = new Float64Array(rows);
    for (let row = 0; row < rows; row++) {
      const own = (ofWeekday[weekday] as RunningSums[])[row] as RunningSums;
      const late = own.over(turn + 1 - lately, turn + 1);
      const early = own.over(Math.max(0, turn + 1 - lately - before), turn + 1 - lately);
      const week = (ofAll[row] as RunningSums).over(first, day + 1);
      const others = week.count - late.count;
      if (late.count < lately - 1 || early.count < leastBefore || others < lately) continue;
      const around = (week.mean * week.count - late.mean * late.count) / others;
      means[row] = late.mean - around;
      rises[row] =
        (late.mean - early.mean - around) /
        Math.sqrt(1 / late.count + 1 / early.count + 1 / others);
    }
    variance.standardise(rises).forEach((rise, row) => {
      const at = row * width + day;
      if (!(rise > 0) || Number.isNaN(judged.root[at] as number)) return;
      const score = scoreOf(1 - standardNormalBelow(rise));
      if (score < limits.weekday) return;
      const usual = (judged.level[at] as number) + (judged.common[at] as number);
      const spread = judged.spread[at] as number;
      const reach = (1.96 * spread) / Math.sqrt(lately);
      found.push({
        ...{ kind: 'weekday', row, day, score, startedOn: first },
        observedPercent: 100 - percentOf(usual + (means[row] as number) * spread),
        expectedPercent: 100 - percentOf(usual),
        lowerPercent: 100 - percentOf(usual + reach),
        upperPercent: 100 - percentOf(usual - reach),
      });
    });
  }
  return found;
}

/** How far off each day was, in usual misses, its weekday left in. */
function clippedMisses(judged: Judged, row: number, width: number): Float64Array {
  return Float64Array.from({ length: width }, (_, day) => {
    const at = row * width + day;
    const away =
      (judged.root[at] as number) - (judged.level[at] as number) - (judged.common[at] as number);
    const miss = away / (judged.spread[at] as number) / (judged.dispersion[day] as number);
    return Math.min(clip, Math.max(-clip, miss));
  });
}
