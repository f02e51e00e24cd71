import { readFile, rm, writeFile } from 'node:fs/promises';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeEngland } from '../src/demo/madeUpEngland.ts';
import { habits } from '../src/demo/registers/habits.ts';
import { propensities } from '../src/demo/registers/propensities.ts';
import { registerBands } from '../src/demo/registers/registers.sql.ts';
import { parametersOf, tellRolls } from '../src/demo/registers/told.ts';
import { registerYear, usualRegisterYear } from '../src/demo/registers/year.ts';
import { cellWords, percentages, publishedBands } from '../src/testing/publishedBands.ts';
import { connectWarehouse } from '../src/warehouse/index.ts';

/*
 * `node bench/fitRegisters.ts fit|report FOLDER`, FOLDER holding absence_bands.csv.gz. `fit` has the made-up registers
 * written with one propensity for everybody, for many propensities; finds the mixture of them that comes nearest to the
 * published bands of each cell; and writes src/demo/registers/propensities.ts. `report` compares, in docs/made-up-england.md.
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const cells = 132;
const bands = 11;
/** Cells with fewer published enrolments are too noisy to fit: they take what the nearest year group has. */
const leastEnrolments = 300;

type Mixture = [middle: number, spread: number, severe: number];
/** For each of the twelve groups: shares of enrolments by band, at each of `grid`. */
type Kernel = number[][][];

const [what, folder = ''] = process.argv.slice(2);
const published = await publishedBands(join(folder, 'absence_bands.csv.gz'));
if (what === 'fit') await fit();
else await report();

async function fit(): Promise<void> {
  const grid = Array.from({ length: 22 }, (_, at) =>
    Math.exp(Math.log(0.004) + (at * Math.log(245)) / 21),
  );
  const kernel = await kernelOf(grid);
  const fitted = new Map<number, Mixture>();
  for (const [cell, counts] of published) {
    const group = kernel[Math.floor((cell - 1) / 11)];
    if (!group || counts.reduce((sum, count) => sum + count, 0) < leastEnrolments) continue;
    fitted.set(cell, nearest(percentages(counts), fineOf(grid, group)));
  }
  await writePropensities(Array.from({ length: cells }, (_, at) => mixtureFor(at + 1, fitted)));
}

async function kernelOf(grid: readonly number[]): Promise<Kernel> {
  const kernel: Kernel = Array.from({ length: 12 }, () => []);
  const everybody = (value: number) => Array.from({ length: cells }, () => value);
  await withRegisters({ special: 5, allThrough: 40, other: 150 }, async (ask) => {
    for (const propensity of grid) {
      const of = {
        middles: everybody(Math.log(propensity)),
        spreads: everybody(0),
        severes: everybody(0),
      };
      const counts = Array.from({ length: 12 }, () => Array.from({ length: bands }, () => 0));
      for (const { cell, band, enrolments } of await ask(of)) {
        const group = counts[Math.floor((cell - 1) / 11)];
        if (group) group[band] = (group[band] ?? 0) + enrolments;
      }
      for (const [at, group] of counts.entries()) kernel[at]?.push(percentages(group));
    }
  });
  return kernel;
}

/** Of a whole England, one of so many special and all-through schools, which are few, and of the others. */
async function withRegisters(
  oneOf: { special: number; allThrough: number; other: number },
  work: (
    ask: (
      of: Partial<ReturnType<typeof parametersOf>>,
    ) => Promise<{ cell: number; band: number; enrolments: number }[]>,
  ) => Promise<void>,
): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'rollcall-fit-'));
  const warehouse = connectWarehouse(
    { kind: 'embedded', folder: scratch },
    { maxExecutionSeconds: 3600 },
  );
  try {
    const england = makeEngland({ schools: 24_000, seed: 'fit' });
    const of = registerYear(england, { year: usualRegisterYear, events: new Map() });
    const counted = { special: 0, allThrough: 0, other: 0 };
    const sample = of.schools.filter(({ schoolType, allThrough }) => {
      const kind = schoolType === 'Special' ? 'special' : allThrough ? 'allThrough' : 'other';
      return counted[kind]++ % oneOf[kind] === 0;
    });
    await work(async (parameters) => {
      const found = [];
      for (let at = 0; at < sample.length; at += 300) {
        await tellRolls(warehouse, of, sample.slice(at, at + 300));
        found.push(
          ...(await warehouse.query(registerBands, { ...parametersOf(of), ...parameters })),
        );
      }
      return found;
    });
  } finally {
    await warehouse.close();
    await rm(scratch, { recursive: true });
  }
}

type Fine = { logOf: number; shares: number[] }[];

/** The kernel with seven points put between each two. */
function fineOf(grid: readonly number[], group: readonly number[][]): Fine {
  const between = 8;
  return Array.from({ length: (grid.length - 1) * between + 1 }, (_, at) => {
    const low = Math.min(grid.length - 2, Math.floor(at / between));
    const part = at / between - low;
    const mix = (a: number, b: number) => a * (1 - part) + b * part;
    return {
      logOf: mix(Math.log(grid[low] ?? 1), Math.log(grid[low + 1] ?? 1)),
      shares: (group[low] ?? []).map((share, band) => mix(share, group[low + 1]?.[band] ?? 0)),
    };
  });
}

function predicted(fine: Fine, [middle, spread, severe]: Mixture): number[] {
  const step = (fine[1]?.logOf ?? 0) - (fine[0]?.logOf ?? 0);
  const shares = Array.from({ length: bands }, () => 0);
  let below = 0;
  let severeBelow = 0;
  for (const [at, point] of fine.entries()) {
    const isLast = at === fine.length - 1;
    const edge = point.logOf + step / 2;
    const severity = Math.min(
      1,
      Math.max(0, (Math.exp(edge) - habits.severeFrom) / (1 - habits.severeFrom)),
    );
    const reached = isLast ? 1 : normalBelow((edge - middle) / spread);
    const severeReached = isLast ? 1 : severity ** (1 / habits.severeShape);
    const weight = (1 - severe) * (reached - below) + severe * (severeReached - severeBelow);
    for (let band = 0; band < bands; band++)
      shares[band] = (shares[band] ?? 0) + weight * (point.shares[band] ?? 0);
    below = reached;
    severeBelow = severeReached;
  }
  return shares;
}

/** Abramowitz and Stegun 7.1.26. */
function normalBelow(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const polynomial =
    ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  const above = (polynomial * Math.exp(-x * x)) / 2;
  return z < 0 ? above : 1 - above;
}

/** From several starts: the squares of all differences, and the worst of them again. */
function nearest(wanted: readonly number[], fine: Fine): Mixture {
  const loss = (mixture: Mixture) => {
    const [, spread, severe] = mixture;
    if (spread < 0.2 || severe < 0 || severe > 0.3) return Number.POSITIVE_INFINITY;
    const apart = predicted(fine, mixture).map((share, band) =>
      Math.abs(share - (wanted[band] ?? 0)),
    );
    return apart.reduce((sum, each) => sum + each ** 2, 0) + 4 * Math.max(...apart) ** 2;
  };
  const starts: Mixture[] = [
    [-3, 0.8, 0.005],
    [-2.5, 0.7, 0.05],
    [-2.4, 0.9, 0.12],
    [-2, 1.2, 0.001],
  ];
  const found = starts.map((start) => descend(loss, start));
  return found.reduce((best, next) => (loss(next) < loss(best) ? next : best));
}

/** Steps along each number in turn, half as far once none helps. */
function descend(loss: (mixture: Mixture) => number, start: Mixture): Mixture {
  let best = start;
  const steps: Mixture = [0.3, 0.2, 0.02];
  const directions = [-1, 0, 1].flatMap((a) =>
    [-1, 0, 1].flatMap((b) => [-1, 0, 1].map((c) => [a, b, c] as const)),
  );
  for (let halved = 0; halved < 14; ) {
    const tried = directions.map(
      ([a, b, c]): Mixture => [
        best[0] + a * steps[0],
        best[1] + b * steps[1],
        best[2] + c * steps[2],
      ],
    );
    const next = tried.reduce((one, other) => (loss(other) < loss(one) ? other : one));
    if (loss(next) < loss(best)) best = next;
    else {
      halved++;
      for (const at of [0, 1, 2] as const) steps[at] /= 2;
    }
  }
  return best;
}

/** A cell’s own, or the nearest year group’s of the same children, or of those with other needs. */
function mixtureFor(cell: number, fitted: ReadonlyMap<number, Mixture>): Mixture {
  const group = Math.floor((cell - 1) / 11);
  const years = Array.from({ length: 11 }, (_, at) => at).sort(
    (a, b) => Math.abs(a - ((cell - 1) % 11)) - Math.abs(b - ((cell - 1) % 11)) || b - a,
  );
  for (const other of [group, group ^ 1, group ^ 2]) {
    for (const year of years) {
      const found = fitted.get(other * 11 + year + 1);
      if (found) return found;
    }
  }
  throw new Error(`nothing published is near cell ${cell}`);
}

async function writePropensities(mixtures: readonly Mixture[]): Promise<void> {
  const path = join(root, 'src/demo/registers/propensities.ts');
  const text = await readFile(path, 'utf8');
  const start = text.indexOf('}[] = [\n') + '}[] = [\n'.length;
  const groups = propensities.map(({ of }, group) => {
    const column = (at: 0 | 1 | 2, digits: number) =>
      mixtures
        .slice(group * 11, group * 11 + 11)
        .map((mixture) => Number(mixture[at].toFixed(digits)))
        .join(', ');
    return `  {\n    of: '${of}',\n    middle: [${column(0, 3)}],\n    spread: [${column(1, 2)}],\n    severe: [${column(2, 3)}],\n  },\n`;
  });
  await writeFile(path, `${text.slice(0, start)}${groups.join('')}];\n`);
}

async function report(): Promise<void> {
  const made = new Map<number, number[]>();
  await withRegisters({ special: 1, allThrough: 1, other: 14 }, async (ask) => {
    for (const { cell, band, enrolments } of await ask({})) {
      const counts = made.get(cell) ?? Array.from({ length: bands }, () => 0);
      counts[band] = (counts[band] ?? 0) + enrolments;
      made.set(cell, counts);
    }
  });
  const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
  const compared = [...published]
    .filter(([, counts]) => sum(counts) >= leastEnrolments)
    .map(([cell, counts]) => {
      const mine = made.get(cell) ?? [];
      const theirs = percentages(counts);
      const apart = percentages(mine).map((share, band) => Math.abs(share - (theirs[band] ?? 0)));
      return { cell, enrolments: sum(mine), worst: Math.max(...apart), severe: apart.at(-1) ?? 0 };
    })
    .sort((a, b) => a.cell - b.cell);
  const big = compared.filter(({ enrolments }) => enrolments >= 1000);
  const within = (list: typeof compared) => list.filter(({ worst }) => worst <= 2);
  const rows = compared.map(
    ({ cell, enrolments, worst, severe }) =>
      `| ${cellWords(cell)} | ${enrolments} | ${enrolments === 0 ? '–' : worst.toFixed(2)} | ${enrolments === 0 ? '–' : severe.toFixed(2)} | ${worst <= 2 ? '' : enrolments >= 1000 ? 'more than 2' : 'few made'} |`,
  );
  const text = [
    `Of ${published.size} cells that are published, ${published.size - compared.length} have fewer than ${leastEnrolments} enrolments in all of England and are not compared. Of the other ${compared.length}, ${big.length} have at least 1,000 made-up enrolments in the sample: in ${within(big).length} of them every band is within 2 points. The rest, ${compared.length - big.length}, are too few in the sample for that to be told (${within(compared).length - within(big).length} of them are within 2 points all the same).`,
    '',
    '| children | made up | furthest band, points | severe, points | |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n');
  const path = join(root, 'docs/made-up-england.md');
  const page = await readFile(path, 'utf8');
  const [before = '', rest = ''] = page.split('<!-- table -->');
  const after = rest.split('<!-- end -->')[1] ?? '';
  await writeFile(path, `${before}<!-- table -->\n${text}\n<!-- end -->${after}`);
  console.log(text.split('\n')[0]);
}
