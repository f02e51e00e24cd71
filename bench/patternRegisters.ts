import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { systemClock } from '../src/base/clock.ts';
import { schoolsWithRegisters } from '../src/absence/index.ts';
import { type Alert, joinSeen, look, registerDaysOn, type Seen } from '../src/patterns/index.ts';
import { directoriesOf } from '../src/schools/index.ts';
import { openStores, type Stores } from '../src/stores/index.ts';
import { benchFolder, rollcall } from './rollcall.ts';
import { printTable } from './table.ts';

/** Three in a hundred schools of each, so that a few hundred schools have some of everything. */
const built = [
  'drift',
  'silence',
  'holiday-habit',
  'code-swap',
  'late-edit',
  'off-rolling',
] as const;
type Truth = {
  kind: string;
  urn: number;
  laCode: string;
  start: string;
  end: string;
  size: number;
};

/** What finds each: its own kind, or one that is of the same thing. */
const foundBy: Record<string, readonly Alert['kind'][]> = {
  drift: ['drift'],
  silence: ['missing'],
  'holiday-habit': ['around_holidays'],
  'code-swap': ['code_swap'],
  'late-edit': ['late_edits'],
  'off-rolling': ['off_rolling'],
  flu: ['outbreak', 'shock'],
};

const [firstDay, lastDay] = ['2025-09-01', '2026-07-20'];
/** Of who left and who was late only some weeks are looked back: these looks stand for those of every day. */
const lookDays = ['2025-12-19', '2026-02-06', '2026-03-27', '2026-05-22'];
const ofWeeks: readonly Alert['kind'][] = ['off_rolling', 'late_edits'];

/**
 * What is found of each thing that is built into the made-up England’s registers of 2025/26, from which day on, and how many
 * alerts a school year are of nothing that was built in.
 */
export async function benchPatternRegisters({ schools, seed }: { schools: number; seed: string }) {
  const files = await madeUpRegisters(schools, seed);
  const folder = join(benchFolder, `patterns-of-${schools}-${seed}`);
  if (!existsSync(join(folder, '.imported'))) await importAll(files, folder);
  const stores = await openStores(
    {
      warehouse: { kind: 'embedded', folder: join(folder, 'warehouse') },
      records: { kind: 'embedded', folder: join(folder, 'records') },
    },
    {
      ...{ clock: systemClock, doing: 'a bench', pageSeconds: 60, workSeconds: 3600 },
      sweepAfterHours: 24,
    },
  );
  try {
    const truths = readTruths(await readFile(join(files, 'truth.csv'), 'utf8'));
    const { alerts, schoolYears, days } = await lookAtYear(stores);
    report(truths, alerts, schoolYears, days);
  } finally {
    await stores.close();
  }
}

async function madeUpRegisters(schools: number, seed: string): Promise<string> {
  const folder = join(benchFolder, `pattern-registers-of-${schools}-${seed}`);
  if (existsSync(join(folder, '.written'))) return folder;
  const seeding = join(benchFolder, 'seeding');
  const sizes: Record<(typeof built)[number], number> = {
    ...{ drift: 1.8, silence: 15, 'holiday-habit': 4 },
    ...{ 'code-swap': 0.6, 'late-edit': 0.7, 'off-rolling': 0.6 },
  };
  const asked = built.flatMap((kind) => ['--with', `${kind}:${sizes[kind]}:0.03`]);
  await rollcall(
    ['seed', '--schools', String(schools), '--seed', seed, '--out', folder, ...asked],
    { ROLLCALL_DATA: seeding },
  );
  await rm(seeding, { recursive: true, force: true });
  await writeFile(join(folder, '.written'), '');
  return folder;
}

async function importAll(files: string, folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const settings = { ROLLCALL_DATA: folder };
  await rollcall(['publications', 'import', join(files, 'school_locations.csv')], settings);
  for (const kind of ['schools', 'calendars', 'pupils'])
    await rollcall([kind, 'import', join(files, `${kind}.csv`)], settings);
  for (const kind of ['marks', 'amendments'])
    for await (const part of partsOf(join(files, `${kind}.csv`)))
      await rollcall(['registers', 'import', '--history', part], settings);
  await writeFile(join(folder, '.imported'), '');
}

/** A file may have thirty million rows, of at least 37 bytes each. */
const mostBytes = 1_000_000_000;

/** A file of rows as files that are small enough to be taken in, each under the headings; each is there until the next. */
async function* partsOf(file: string): AsyncGenerator<string> {
  const handle = await open(file);
  const { size } = await handle.stat();
  const lineAfter = async (at: number) => {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(1000), 0, 1000, at);
    return at + buffer.subarray(0, bytesRead).indexOf('\n') + 1;
  };
  try {
    if (size <= mostBytes) yield file;
    else {
      const part = `${file}.part`;
      const headings = await lineAfter(0);
      for (let start = headings; start < size; ) {
        const end = start + mostBytes < size ? await lineAfter(start + mostBytes) : size;
        await pipeline(
          createReadStream(file, { start: 0, end: headings - 1 }),
          createWriteStream(part),
        );
        await pipeline(
          createReadStream(file, { start, end: end - 1 }),
          createWriteStream(part, { flags: 'a' }),
        );
        yield part;
        start = end;
      }
      await rm(part, { force: true });
    }
  } finally {
    await handle.close();
  }
}

function readTruths(text: string): Truth[] {
  return text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [kind = '', urn = '', laCode = '', , start = '', end = '', size = ''] = line.split(',');
      return { kind, urn: Number(urn), laCode, start, end, size: Number(size) };
    });
}

async function lookAtYear(stores: Stores) {
  const directory = await directoriesOf(stores)();
  const schools = (await schoolsWithRegisters(stores)).map((urn) => {
    const { laCode = '', easting = null, northing = null } = directory.find(urn) ?? {};
    return { urn, laCode, easting, northing };
  });
  const lookOn = async (on: string) => {
    const days = await registerDaysOn(stores, { schools, from: firstDay, on, isNow: true });
    const began = performance.now();
    const seen = look(days, { alarmsAYear: 1 });
    return { days, seen, seconds: (performance.now() - began) / 1000 };
  };
  const began = performance.now();
  const { days, seen, seconds } = await lookOn(lastDay);
  const read = (performance.now() - began) / 1000 - seconds;
  console.log(
    `${days.schools.length} schools, ${days.days.length} days, ${days.groups.size} groups: read in ${read.toFixed(1)} s, looked at in ${seconds.toFixed(1)} s.`,
  );
  const lately: Seen[] = [];
  for (const on of lookDays)
    lately.push(...(await lookOn(on)).seen.filter(({ kind }) => ofWeeks.includes(kind)));
  const all = [...seen, ...lately];
  return {
    alerts: joinSeen(all, days.days),
    schoolYears: (days.schools.length * days.days.length) / 190,
    days: days.days,
  };
}

function report(
  truths: readonly Truth[],
  alerts: readonly Alert[],
  schoolYears: number,
  days: readonly string[],
): void {
  const placeOf = (day: string) => days.filter((each) => each < day).length;
  const kinds = [...built, 'flu'];
  const isOf = (truth: Truth, alert: Alert) =>
    (foundBy[truth.kind] ?? []).includes(alert.kind) &&
    (truth.kind === 'flu'
      ? alert.scope === 'area' && alert.laCode === truth.laCode
      : alert.scope === 'school' && alert.urn === truth.urn) &&
    alert.happenedOn >= truth.start;
  console.log('\nWhat is built in, and how much of it is found within so many school days:');
  printTable(
    ['built in', 'times', 'within 20', 'within 60', 'in the year', 'median days'],
    kinds.map((kind) => {
      const places = Map.groupBy(
        truths.filter((truth) => truth.kind === kind),
        ({ urn, laCode }) => (kind === 'flu' ? laCode : urn),
      );
      const delays = [...places.values()].map((ofPlace) => {
        const truth = ofPlace.toSorted((a, b) => (a.start < b.start ? -1 : 1))[0] as Truth;
        const first = alerts.find((alert) => isOf(truth, alert));
        return first ? placeOf(first.happenedOn) - placeOf(truth.start) : Number.POSITIVE_INFINITY;
      });
      const within = (most: number) => delays.filter((delay) => delay <= most).length;
      const found = delays.filter(Number.isFinite).toSorted((a, b) => a - b);
      const median = found[Math.floor(found.length / 2)];
      return [kind, places.size, within(20), within(60), found.length, median ?? '–'];
    }),
  );
  const touched = new Set(truths.map(({ urn }) => urn));
  const outbreaks = truths.filter(({ kind }) => kind === 'flu');
  const isOfOutbreak = ({ laCode, happenedOn, startedOn }: Alert) =>
    outbreaks.some(
      (truth) => truth.laCode === laCode && happenedOn >= truth.start && startedOn <= truth.end,
    );
  const chance = alerts.filter(
    (alert) =>
      (alert.scope === 'school' && !touched.has(alert.urn)) ||
      (alert.scope === 'area' && !isOfOutbreak(alert)),
  );
  console.log(
    `\nAlerts of nothing that was built in: ${chance.length} in ${schoolYears.toFixed(0)} school years, ${(chance.length / schoolYears).toFixed(2)} a school year.`,
  );
  const counts = Map.groupBy(chance, ({ scope, kind }) => `${scope} ${kind}`);
  printTable(
    ['of what', 'alerts', 'a school year'],
    [...counts]
      .map(([kind, of]): (string | number)[] => [
        kind,
        of.length,
        (of.length / schoolYears).toFixed(3),
      ])
      .toSorted((a, b) => Number(b[1]) - Number(a[1])),
  );
}
