import { scoreOf, type Candidate } from './candidate.ts';
import { type Judged, percentOf } from './judge.ts';
import { type DailySeries, weekdayIndex } from './series.ts';
import { medianOf } from '../../stats/robust.ts';
import { standardNormalBelow } from '../../stats/standardNormal.ts';

const leastSeries = 3;
const leastDays = 20;
const memory = 0.03;
/** Told from so many usual movements on (of few schools more: chance moves them further), and so many points of absence. */
const leastMovements = 5;
const moreOfFew = 8;
const leastPoints = 2;
/** Of those with a figure so many have to be away from their level, by so many of their usual misses. */
const leastShare = 0.6;
const leastMiss = 2;

/** A weekday is as its last movements were: the median of so many, of so many at least. */
const [weekdaysKept, fewestWeekdays] = [9, 3];

/**
 * Days that are bad for everybody, as snow or the day before a holiday: told once, of all, and not of each school. A
 * weekday on which fewer come every week, as a Saturday, is not one of them.
 */
export function findForAll(series: DailySeries, judged: Judged): Candidate[] {
  const [rows, width] = [series.names.length, series.days.length];
  const found: Candidate[] = [];
  const ofWeekdays: number[][] = Array.from({ length: 7 }, () => []);
  let usual = 0.2;
  for (let day = 0; day < width; day++) {
    const before = ofWeekdays[weekdayIndex(series.days[day] as string)] as number[];
    const everyWeek = before.length < fewestWeekdays ? 0 : (medianOf(before) as number);
    const movement = (judged.movement[day] as number) - everyWeek;
    let [came, level, away, absent, expectedAbsent] = [0, 0, 0, 0, 0];
    for (let row = 0; row < rows; row++) {
      const at = row * width + day;
      if (Number.isNaN(judged.root[at] as number)) continue;
      came += 1;
      const here = (judged.level[at] as number) + everyWeek;
      level += here;
      absent += percentOf(judged.root[at] as number);
      expectedAbsent += percentOf(here);
      const own = (judged.root[at] as number) - here;
      if (own >= leastMiss * (judged.spread[at] as number)) away += 1;
    }
    if (came < leastSeries) continue;
    const expected = level / came;
    const times = movement / Math.max(usual, 0.05);
    const points = pointsOf(expected, movement);
    const isFar = times >= leastMovements + moreOfFew / came && points >= leastPoints;
    if (day >= leastDays && isFar && away >= leastShare * came) {
      const reach = 1.96 * usual;
      found.push({
        ...{
          kind: 'shock',
          row: 0,
          day,
          startedOn: day,
          score: scoreOf(1 - standardNormalBelow(times)),
        },
        // What came, as the mean of the schools; what was expected of them is theirs too, and the band about it.
        observedPercent: 100 - absent / came,
        expectedPercent: 100 - expectedAbsent / came,
        lowerPercent: 100 - expectedAbsent / came - pointsOf(expected, reach),
        upperPercent: Math.min(100, 100 - expectedAbsent / came - pointsOf(expected, -reach)),
      });
    }
    before.push(judged.movement[day] as number);
    if (before.length > weekdaysKept) before.shift();
    const size = Math.min(Math.abs(movement) * 1.2533, 3 * usual);
    usual += memory * (size - usual);
  }
  return found;
}

/** How many points of absence a movement is, from a level on. */
const pointsOf = (level: number, movement: number) =>
  percentOf(level + movement) - percentOf(level);
