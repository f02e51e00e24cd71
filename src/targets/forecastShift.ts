import { type AcademicYear, startYearOf } from '../base/academicYear.ts';
import { studentT4Quantile } from '../stats/studentT.ts';
import type { YearLevels } from './forecastPrediction.ts';

/**
 * The year's shift that all schools of a type share. Past shifts go up as often as down and do not foretell the next,
 * so the central forecast is "the level stays"; what remains is how far it may move.
 */
export type SharedShift = {
  /** Scale of a Student's t with 4 degrees of freedom, in points: what an ordinary year brings. */
  scalePoints: number;
  lower80Points: number;
  upper80Points: number;
  /** The 95 % interval of the shift itself reaches at least as far as the greatest shock on record. */
  lower95Points: number;
  upper95Points: number;
  past: { year: AcademicYear; points: number; shock: boolean }[];
};

/** An ordinary year moves the level by about this share of itself; the guess counts as two years. */
const guessedShare = 0.04;
const guessedYears = 2;
/** A move beyond this share of the level, or one over a gap in the record, is a shock: kept, shown, not averaged in. */
const shockShare = 0.09;
/** After a gap in the record (and so in what schools were doing) the next years are this much less sure. */
const unsettledFactor = 2;
const unsettledYears = 3;
const tScaleOfNormal = 1.2816 / studentT4Quantile(0.9);

/** @param m 0 for overall absence, 1 for persistent absence. */
export function sharedShift(
  levels: readonly YearLevels[],
  m: 0 | 1,
  level: number,
  year: AcademicYear,
): SharedShift {
  const past = levels.slice(1).map((now, index) => {
    const before = levels[index] as YearLevels;
    const points = now.level[m] - before.level[m];
    const gap = startYearOf(now.year) - startYearOf(before.year);
    const shock = gap > 1 || Math.abs(points) > shockShare * before.level[m];
    return { year: now.year, points, shock, share: points / before.level[m], gap };
  });
  const ordinary = past.filter(({ shock }) => !shock);
  const squares =
    guessedYears * guessedShare ** 2 + ordinary.reduce((sum, { share }) => sum + share ** 2, 0);
  const ahead = startYearOf(year) - startYearOf(levels.at(-1)?.year ?? year);
  const unsettled =
    ahead > 1 ||
    past.some(
      (each) => each.gap > 1 && startYearOf(year) - startYearOf(each.year) <= unsettledYears,
    );
  const deviation =
    level *
    Math.sqrt((squares / (guessedYears + ordinary.length)) * Math.max(1, ahead)) *
    (unsettled ? unsettledFactor : 1);
  const scalePoints = deviation * tScaleOfNormal;
  const inside80 = scalePoints * studentT4Quantile(0.9);
  const greatest = Math.max(0, ...past.map(({ share, gap }) => (gap > 1 ? 0 : Math.abs(share))));
  const inside95 = Math.max(scalePoints * studentT4Quantile(0.975), greatest * level);
  return {
    scalePoints,
    lower80Points: -inside80,
    upper80Points: inside80,
    lower95Points: -inside95,
    upper95Points: inside95,
    past: past.map(({ year: at, points, shock }) => ({ year: at, points, shock })),
  };
}
