import { scoreOf } from '../model/candidate.ts';

const leastLeavers = 3;

/**
 * How unlikely it is that so many of those who left were often absent, if who leaves had nothing to do with absence (the
 * upper tail of a hypergeometric distribution, Fisher’s exact test); 0 where too few left to tell.
 */
export function leaversScore(of: {
  pupils: number;
  leavers: number;
  often_absent: number;
  often_absent_leavers: number;
}): number {
  const { pupils, leavers, often_absent: often, often_absent_leavers: found } = of;
  if (found < leastLeavers) return 0;
  let tail = 0;
  for (let each = found; each <= Math.min(leavers, often); each++)
    tail += Math.exp(
      logChoose(often, each) +
        logChoose(pupils - often, leavers - each) -
        logChoose(pupils, leavers),
    );
  return scoreOf(tail);
}

function logChoose(from: number, chosen: number): number {
  if (chosen < 0 || chosen > from) return Number.NEGATIVE_INFINITY;
  let sum = 0;
  for (let at = 1; at <= chosen; at++) sum += Math.log((from - chosen + at) / at);
  return sum;
}
