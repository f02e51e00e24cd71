/*
 * How many differences of a kind and size there could have been: the more there are, the less it can be chance that a way of
 * counting gives the very one that there is.
 */

/** A figure of the summary: what it is here, how much more it is there, and by how much it can be told from another. */
export type Gap = { name: string; ours: number; gap: number; step: number };

export const isOfPupils = (name: string) => ['enrolments', 'persistent', 'severe'].includes(name);
const isOfCode = (name: string) => name.startsWith('code ');

/** The first is the sum of the others: of the three two give the third, which tells nothing more where that holds. */
const sumsOfTwo = [
  ['absent', 'authorised', 'unauthorised'],
  ['possible', 'attended', 'absent'],
] as const;

/** How many differences like these there are: each figure differs by no more than it does, either way; what agrees, agrees. */
export function roomOf(gaps: readonly Gap[]): number {
  const isOfCodes = gaps.every(({ name }) => isOfCode(name));
  const given = new Map(gaps.map(({ name, gap }) => [name, gap]));
  const known = new Map<string, number>();
  let room = 1;
  for (const { name, gap, step } of gaps.toSorted((a, b) => Math.abs(a.gap) - Math.abs(b.gap))) {
    // In a row of counts, those of single codes are what the others are made of.
    if (known.has(name) || (isOfCode(name) && !isOfCodes)) continue;
    known.set(name, gap);
    room *= placesOf({ gap, step });
    for (const relation of [...sumsOfTwo, ...sumsOfTwo]) noteThird(known, given, relation);
  }
  return room;
}

/** Percentages of one row hang together: the one that tells most stands for all of them. */
export function roomOfPercents(rows: readonly (readonly Gap[])[]): number {
  return rows.reduce((room, gaps) => room * Math.max(1, ...gaps.map(placesOf)), 1);
}

/** How many values there are no farther away, either way. */
const placesOf = ({ gap, step }: Pick<Gap, 'gap' | 'step'>) => (2 * Math.abs(gap)) / step + 1;

function noteThird(
  known: Map<string, number>,
  given: ReadonlyMap<string, number>,
  [sum, ...parts]: (typeof sumsOfTwo)[number],
): void {
  const [unknown, another] = [sum, ...parts].filter((name) => !known.has(name));
  if (unknown === undefined || another !== undefined) return;
  const gapOf = (name: string) => known.get(name) ?? 0;
  const ofParts = parts.reduce((all, name) => all + gapOf(name), 0);
  const gap = unknown === sum ? ofParts : gapOf(sum) - ofParts;
  if (Math.abs((given.get(unknown) ?? gap) - gap) < 1e-9) known.set(unknown, gap);
}

/** In how many ways so many can be taken of all. */
export function choicesOf(all: number, taken: number): number {
  let choices = 1;
  for (let at = 0; at < taken; at++) choices *= (all - at) / (at + 1);
  return choices;
}
