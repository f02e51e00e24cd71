import { type Judged, percentOf } from '../model/judge.ts';
import type { DailySeries } from '../model/series.ts';
import type { BandDay } from './seen.ts';

/** So many school days are shown before and after what happened. */
const daysShown = 30;
const daysAfterwards = 10;

/** What came of a series and where it was to be expected, over the school days up to shortly after `day`. */
export function bandTo(series: DailySeries, judged: Judged, row: number, day: number): BandDay[] {
  const width = series.days.length;
  const last = Math.min(width, day + daysAfterwards + 1);
  return Array.from({ length: last - Math.max(0, last - daysShown) }, (_, index) => {
    const at = Math.max(0, last - daysShown) + index;
    const cell = row * width + at;
    const expected =
      (judged.level[cell] as number) +
      (judged.common[cell] as number) +
      (judged.weekday[cell] as number);
    const reach = 1.96 * (judged.spread[cell] as number) * (judged.dispersion[at] as number);
    const percent = (root: number) => (Number.isNaN(root) ? null : rounded(100 - percentOf(root)));
    const absent = series.absencePercent[cell] as number;
    return {
      day: series.days[at] as string,
      observed: Number.isNaN(absent) ? null : rounded(100 - absent),
      expected: percent(expected),
      lower: percent(expected + reach),
      upper: percent(expected - reach),
    };
  });
}

const rounded = (percent: number) => Math.round(percent * 100) / 100;
