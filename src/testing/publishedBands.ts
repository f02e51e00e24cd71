import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';

const phases = ['State-funded primary', 'State-funded secondary', 'Special'];
const bands = 11;

/**
 * National enrolments of 2021/22 in bands of five points of absence, by the cells of the made-up registers: phase,
 * eligibility for free school meals, special educational needs, Years 1 to 11, in this order, from 1. Children whose
 * eligibility or needs are not known are left out.
 */
export async function publishedBands(path: string): Promise<Map<number, number[]>> {
  const cells = new Map<number, number[]>();
  const lines = createInterface({ input: createReadStream(path).pipe(createGunzip()) });
  for await (const line of lines) {
    const columns = line.split(',');
    if (columns[1] !== '202122' || columns[2] !== 'National') continue;
    // Names with commas stand before: counted from the end, the columns are always the same.
    const [type = '', fsm, sen, , year] = columns.slice(-bands - 5, -bands);
    if (fsm === 'Unclassified' || sen === 'Unclassified') continue;
    const cell =
      phases.indexOf(type) * 44 +
      (fsm === 'Eligible' ? 22 : 0) +
      (sen === 'Any special educational need' ? 11 : 0) +
      Number(year);
    const counts = columns.slice(-bands).map(Number);
    const sofar = cells.get(cell);
    cells.set(cell, sofar ? sofar.map((count, at) => count + (counts[at] ?? 0)) : counts);
  }
  return cells;
}

/** In words: `primary, no free school meals, special needs, Year 3`. */
export function cellWords(cell: number): string {
  const at = cell - 1;
  return [
    ['primary', 'secondary', 'special'][Math.floor(at / 44)],
    at % 44 >= 22 ? 'free school meals' : 'no free school meals',
    at % 22 >= 11 ? 'special needs' : 'no special needs',
    `Year ${(at % 11) + 1}`,
  ].join(', ');
}

export function percentages(counts: readonly number[]): number[] {
  const sum = counts.reduce((total, count) => total + count, 0);
  return counts.map((count) => (100 * count) / sum);
}
