import { safeToShow } from './disclosure.ts';

/*
 * An attack on tables of small numbers before anybody is given them: which hidden numbers follow from all that is shown?
 *
 * Every hidden cell is an unknown; every sum that is shown (of a row, of the parts of an area) is an equation. A change of
 * the hidden cells that leaves everything shown as it is, taken at random, touches each cell that can be otherwise; a cell
 * that it leaves alone follows from the rest. Such a change is a random one less what of it the equations forbid, which
 * conjugate gradients find in the time that it takes to read the tables some dozens of times.
 */

/** An area of the tree in which areas add up; `parent` is the place in the list of the one that it is part of, or -1. */
export type AuditedArea = { key: string; parent: number };

/** Numbers of something by one table, and what of them is hidden. Each is among those before it: persistent among pupils. */
export type AuditedNumbers = {
  count(area: string, value: string): number;
  isHidden(area: string, value: string): boolean;
};

/** A sum of cells that another table gives: the pupils of one value of a division of the two. */
export type Margin = {
  of: readonly number[];
  /** By measure. */
  numbers: readonly {
    count(area: string): number;
    isHidden(area: string): boolean;
  }[];
};

export type AuditedTable = {
  /** Parts before the area that they are parts of. */
  areas: readonly AuditedArea[];
  /** Sets of areas that are added up as well (trusts), of which all is hidden that any of theirs hides. */
  groups: ReadonlyMap<string, readonly number[]>;
  values: readonly string[];
  numbers: readonly AuditedNumbers[];
  margins: readonly Margin[];
  /** Could pupils of an area have the value, as far as its rows tell? */
  mayBe(area: string, value: number): boolean;
};

/** A hidden small number that can be worked out: of an area or a group, by value or by margin. */
export type Found = { measure: number; area: string; values: readonly number[] };

const shownNought = 1;
const sameAsBefore = 2;

export function workOut(table: AuditedTable): Found[] {
  const unknowns = unknownsOf(table);
  if (unknowns.count === 0) return [];
  const change = changeOf(equationsOf(table, unknowns), unknowns.count);
  const follows = (measure: number, areas: readonly number[], values: readonly number[]) => {
    let sum = 0;
    for (const area of areas) {
      for (const value of values) {
        const unknown = unknowns.of(measure, area, value);
        if (unknown >= 0) sum += change[unknown] as number;
      }
    }
    return Math.abs(sum) < almostNothing;
  };
  const found: Found[] = [];
  const placesOf = [
    ...table.areas.map(({ key }, at) => [key, [at]] as const),
    ...table.groups.entries(),
  ];
  for (const [measure, numbers] of table.numbers.entries()) {
    for (const [area, places] of placesOf) {
      for (const [value, name] of table.values.entries()) {
        if (isSmall(numbers.count(area, name)) && follows(measure, places, [value])) {
          found.push({ measure, area, values: [value] });
        }
      }
      for (const { of, numbers: sums } of table.margins) {
        const sum = sums[measure];
        if (sum && isSmall(sum.count(area)) && follows(measure, places, of)) {
          found.push({ measure, area, values: of });
        }
      }
    }
  }
  return found;
}

const isSmall = (count: number) => !safeToShow(count, null);

type Unknowns = { count: number; of(measure: number, area: number, value: number): number };

/**
 * A number for each cell that is not known: none for what is shown, and for what is nought because more than it is shown to
 * be; that of persistent absentees is the pupils’ where all are shown to be absent.
 */
function unknownsOf({ areas, values, numbers, margins, mayBe }: AuditedTable): Unknowns {
  const width = values.length;
  const size = areas.length * width;
  const places = numbers.map(() => new Int32Array(size).fill(-1));
  const told = numbers.map(() => new Uint8Array(size));
  const marginsOf = values.map((_, value) => margins.filter(({ of }) => of.includes(value)));
  let count = 0;
  for (let area = areas.length - 1; area >= 0; area--) {
    const { key, parent } = areas[area] as AuditedArea;
    const toldByMargin = margins.map((margin) => tellings(margin.numbers, key));
    for (let value = 0; value < width; value++) {
      if (!mayBe(key, value)) continue;
      const at = area * width + value;
      const name = values[value] as string;
      const hidden = numbers.map((each) => each.isHidden(key, name));
      const own = tellings(
        numbers.map((each, measure) => ({
          count: () => each.count(key, name),
          isHidden: () => hidden[measure] === true,
        })),
        key,
      );
      let isNought = false;
      for (const measure of numbers.keys()) {
        let flags = own[measure] as number;
        if (parent >= 0) flags |= told[measure]?.[parent * width + value] as number;
        for (const margin of marginsOf[value] ?? []) {
          flags |= toldByMargin[margins.indexOf(margin)]?.[measure] ?? 0;
        }
        (told[measure] as Uint8Array)[at] = flags;
        isNought ||= (flags & shownNought) !== 0;
        if (isNought || !hidden[measure]) continue;
        const before = places[measure - 1];
        const isSame = before && (flags & sameAsBefore) !== 0;
        (places[measure] as Int32Array)[at] = isSame ? (before[at] as number) : count++;
      }
    }
  }
  return {
    count,
    of: (measure, area, value) => places[measure]?.[area * width + value] as number,
  };
}

type Told = { count(area: string): number; isHidden(area: string): boolean };

/** What the numbers of one sum tell of all in it, by measure: that there are none, or as many as of the measure before. */
function tellings(numbers: readonly Told[], area: string): number[] {
  return numbers.map((each, measure) => {
    if (each.isHidden(area)) return 0;
    const count = each.count(area);
    const before = numbers[measure - 1];
    const isSame = before && !before.isHidden(area) && before.count(area) === count;
    return (count === 0 ? shownNought : 0) | (isSame ? sameAsBefore : 0);
  });
}

/** Sums of unknowns that are given, each in one stretch of `unknowns` from one of `starts` to the next. */
type Equations = { starts: Uint32Array; unknowns: Uint32Array; factors: Float64Array };

function equationsOf(
  { areas, values, numbers, margins }: AuditedTable,
  { of: unknownOf }: Unknowns,
): Equations {
  const starts = [0];
  const unknowns: number[] = [];
  const factors: number[] = [];
  const add = (each: Iterable<readonly [unknown: number, sign: number]>) => {
    const from = unknowns.length;
    for (const [unknown, sign] of each) {
      if (unknown < 0) continue;
      unknowns.push(unknown);
      factors.push(sign);
    }
    const length = Math.sqrt(unknowns.length - from);
    for (let at = from; at < unknowns.length; at++) factors[at] = (factors[at] as number) / length;
    if (unknowns.length > from) starts.push(unknowns.length);
  };
  const parts = areas.map((): number[] => []);
  for (const [at, { parent }] of areas.entries()) parts[parent]?.push(at);
  for (const measure of numbers.keys()) {
    for (const [area, { key }] of areas.entries()) {
      const own = parts[area] as number[];
      for (const value of own.length > 0 ? values.keys() : []) {
        add([
          [unknownOf(measure, area, value), -1],
          ...own.map((part) => [unknownOf(measure, part, value), 1] as const),
        ]);
      }
      for (const { of, numbers: sums } of margins) {
        if (sums[measure]?.isHidden(key)) continue;
        add(of.map((value) => [unknownOf(measure, area, value), 1] as const));
      }
    }
  }
  return {
    starts: Uint32Array.from(starts),
    unknowns: Uint32Array.from(unknowns),
    factors: Float64Array.from(factors),
  };
}

/** What is less than this of a change by about one is what the sums have by rounding. */
const almostNothing = 1e-5;
const mostSteps = 3000;

/** A change of the unknowns by about one each, by chance, less what of it the equations forbid. */
function changeOf({ starts, unknowns, factors }: Equations, count: number): Float64Array {
  const sumsOf = (of: Float64Array) => {
    const sums = new Float64Array(starts.length - 1);
    for (let at = 0; at < sums.length; at++) {
      let sum = 0;
      for (let each = starts[at] as number; each < (starts[at + 1] as number); each++) {
        sum += (factors[each] as number) * (of[unknowns[each] as number] as number);
      }
      sums[at] = sum;
    }
    return sums;
  };
  const spread = (sums: Float64Array) => {
    const over = new Float64Array(count);
    for (let at = 0; at < sums.length; at++) {
      const sum = sums[at] as number;
      for (let each = starts[at] as number; each < (starts[at + 1] as number); each++) {
        const unknown = unknowns[each] as number;
        over[unknown] = (over[unknown] as number) + (factors[each] as number) * sum;
      }
    }
    return over;
  };
  const change = changeByChance(count);
  let sums = sumsOf(change);
  let direction = Float64Array.from(sums);
  let size = squares(sums);
  for (let step = 0; step < mostSteps && size > 1e-20; step++) {
    const along = spread(direction);
    const length = size / squares(along);
    for (let at = 0; at < count; at++) {
      change[at] = (change[at] as number) - length * (along[at] as number);
    }
    sums = sumsOf(change);
    const next = squares(sums);
    const turn = next / size;
    direction = direction.map((each, at) => (sums[at] as number) + turn * each);
    size = next;
  }
  // Where the steps did not suffice no cell counts as one that can be otherwise: rather too much is hidden.
  return size > 1e-14 ? new Float64Array(count) : change;
}

const squares = (all: Float64Array) => all.reduce((sum, each) => sum + each * each, 0);

/** The same every time, so that the same is hidden. */
function changeByChance(count: number): Float64Array {
  let state = 20_091;
  return new Float64Array(count).map(() => {
    state = (state * 48_271) % 2_147_483_647;
    return (state / 2_147_483_647 + 0.5) * (state % 2 === 0 ? 1 : -1);
  });
}
