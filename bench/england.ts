import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../src/base/clock.ts';
import {
  countFigures,
  countingYear,
  type KeptUp,
  keepUp,
  type Question,
} from '../src/absence/index.ts';
import { numberOfDay } from '../src/demo/registers/calendar.ts';
import { fillRegisters } from '../src/demo/registers/fill.ts';
import { phaseOf } from '../src/demo/registers/save.ts';
import { registerYear, schoolCalendar } from '../src/demo/registers/year.ts';
import { makeEngland } from '../src/demo/madeUpEngland.ts';
import type { MadeUpSchool } from '../src/demo/school.ts';
import { randomStream } from '../src/stats/randomStream.ts';
import { openStores, type Stores } from '../src/stores/index.ts';
import { statement, type Warehouse } from '../src/warehouse/index.ts';
import { createSite } from '../src/wiring.ts';
import { printTable } from './table.ts';

export const schoolsInEngland = 24_000;
const year = 202526;
/** The day that comes last: a Friday near the end of the year. */
const lastDay = '2026-07-17';

export type EnglandMeasured = {
  share: number;
  schools: number;
  marks: number;
  dayMarks: number;
  /** In seconds. */
  filled: number;
  keptUp: KeptUp;
  keptUpSeconds: number;
  dayFilled: number;
  dayKeptUp: KeptUp;
  dayKeptUpSeconds: number;
  /** In milliseconds: nineteen of twenty pages took no longer. */
  pages: Record<string, number>;
  pagesUnderLoad: Record<string, number>;
  peakGigabytes: number;
  diskGigabytes: number;
  /** Whether what is kept for England is what its marks say. */
  agrees: boolean;
};

const asked = (part: Partial<Question>): Question => ({
  ...{ level: 'school', by: [], series: 'daily', year, time: 'year', asKnownOn: null, urns: [] },
  ...countingYear(year),
  ...part,
});

/** A share of England from nothing to its official statistics, and then one day more. */
export async function measureEngland(
  share: number,
  under: string,
  { asks = 200, say = () => {} }: { asks?: number; say?(text: string): void } = {},
): Promise<EnglandMeasured> {
  await mkdir(under, { recursive: true });
  const folder = await mkdtemp(join(under, 'england-'));
  const stores = await openStores(
    {
      warehouse: { kind: 'embedded', folder: join(folder, 'warehouse') },
      records: { kind: 'embedded', folder: join(folder, 'records') },
    },
    {
      ...{ clock: () => new Date(), doing: 'npm run bench', pageSeconds: 60 },
      ...{ workSeconds: 36_000, sweepAfterHours: 24 },
    },
  );
  const closing: (() => Promise<unknown>)[] = [];
  try {
    const england = makeEngland({ schools: schoolsInEngland, seed: 1 });
    const of = registerYear(england, { year, events: new Map() });
    const every = 1 / share;
    const schools = of.schools.filter((_, at) => Math.floor(at % every) === 0);
    const day = numberOfDay(lastDay);
    const fill = (title: string, days: { since?: number; until?: number; enrolments?: boolean }) =>
      seconds(() =>
        bring(stores, 'marks', title, (warehouse, receipt) =>
          fillRegisters(warehouse, of, {
            ...{ schools, key: ['1', '2'], ...days },
            receipts: { enrolments: receipt, marks: receipt },
          }),
        ),
      );
    await bring(stores, 'register schools', 'Schools', (warehouse, receipt) =>
      warehouse.append(
        'register_schools',
        ['receipt', 'urn', 'laestab', 'name', 'phase', 'la_code', 'region_code'],
        schools.map((school) => [
          ...[receipt, school.urn, school.laestab, school.name, phaseOf(school)],
          ...[String(school.authority.laCode), school.authority.region.code],
        ]),
      ),
    );
    await bring(stores, 'calendars', 'Calendars', (warehouse, receipt) =>
      inTurn(schools, 500, (some) =>
        warehouse.append(
          'register_days',
          ['receipt', 'urn', 'date', 'session', 'open', 'reason'],
          some.flatMap((school) =>
            schoolCalendar(of, school).weekdays.flatMap(({ date, open, reason }) =>
              [0, 1].map((session) => [receipt, school.urn, date, session, open, reason]),
            ),
          ),
        ),
      ),
    );
    const filled = await fill('The year until then', { until: day - 1 });
    say(`filled ${schools.length} schools in ${filled.toFixed(1)} s`);
    let keptUp: KeptUp | undefined;
    const keptUpSeconds = await seconds(async () => {
      keptUp = await keepUp(stores);
    });
    say(`kept up in ${keptUpSeconds.toFixed(1)} s: ${JSON.stringify(keptUp?.seconds)}`);
    const site = await serveSite(stores);
    closing.push(site.close);
    const pages = await askPages(site.address, schools, asks);
    const dayFilled = await fill('One day more', { since: day, until: day, enrolments: false });
    let dayKeptUp: KeptUp | undefined;
    const loading = seconds(async () => {
      dayKeptUp = await keepUp(stores);
    });
    const pagesUnderLoad = await askPages(site.address, schools, asks, loading);
    const dayKeptUpSeconds = await loading;
    say(`a day more in ${dayKeptUpSeconds.toFixed(1)} s: ${JSON.stringify(dayKeptUp?.seconds)}`);
    const counts = await countOfMarks(stores);
    const some = schools.filter((_, at) => at % Math.ceil(schools.length / 20) === 0);
    const agrees = await keptIsCounted(stores, some);
    return {
      ...{
        share,
        schools: schools.length,
        ...counts,
        filled,
        keptUpSeconds,
        dayFilled,
        dayKeptUpSeconds,
      },
      ...{ keptUp: keptUp as KeptUp, dayKeptUp: dayKeptUp as KeptUp, pages, pagesUnderLoad },
      peakGigabytes: process.resourceUsage().maxRSS / 1e6,
      diskGigabytes: (await bytesOf(folder)) / 1e9,
      agrees,
    };
  } finally {
    for (const close of closing) await close();
    await stores.close();
    await rm(folder, { recursive: true, force: true });
  }
}

export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

/** One receipt, committed. */
export async function bring(
  stores: Stores,
  kind: string,
  title: string,
  work: (warehouse: Warehouse, receipt: number) => Promise<void>,
): Promise<void> {
  await stores.write(async ({ warehouse, begin }) => {
    const receipt = await begin({ kind, scope: title, title, digest: title });
    await work(warehouse, receipt.id);
  });
}

export async function inTurn<Each>(
  list: readonly Each[],
  atOnce: number,
  work: (some: readonly Each[]) => Promise<void>,
): Promise<void> {
  for (let at = 0; at < list.length; at += atOnce) await work(list.slice(at, at + atOnce));
}

/**
 * Pages of schools and authorities, asked one after the other of a site that listens, by their heads and officers and by
 * somebody outside: nineteen of twenty took no longer, in milliseconds.
 */
async function askPages(
  site: string,
  schools: readonly MadeUpSchool[],
  count: number,
  until?: Promise<unknown>,
): Promise<Record<string, number>> {
  const chance = randomStream('bench england');
  const times = new Map<string, number[]>();
  const ask = async (page: string, viewer: string, path: string) => {
    const headers = { cookie: `rollcall_demo_viewer=${encodeURIComponent(viewer)}` };
    const took = await seconds(async () => {
      const reply = await fetch(site + path, { headers });
      const text = await reply.text();
      assert.equal(
        reply.status,
        200,
        `${path}: ${text.replaceAll(/<[^>]*>|\s+/g, ' ').slice(0, 600)}`,
      );
    });
    times.set(page, [...(times.get(page) ?? []), 1000 * took]);
  };
  const state = { isOver: false };
  const ending = until?.finally(() => {
    state.isOver = true;
  });
  for (let asks = 0; asks < count && !state.isOver; asks++) {
    const school = schools[chance.integer(schools.length)] as MadeUpSchool;
    const { laCode } = school.authority;
    const ofSchool = `/schools/${school.urn}/absence?year=${year}`;
    const ofAuthority = `/authorities/${laCode}/absence?year=${year}`;
    const by = chance.pick(['fsm', 'sex', 'year_group']);
    await ask('a school, its head', `head:${school.urn}`, `${ofSchool}&by=${by}`);
    await ask('a school by week, its head', `head:${school.urn}`, `${ofSchool}&time=week`);
    await ask('a school, the department', 'department', ofSchool);
    await ask('an authority, its officer', `authority:${laCode}`, `${ofAuthority}&by=${by}`);
  }
  await ending;
  const p95 = (list: readonly number[]) =>
    list.toSorted((a, b) => a - b)[Math.floor(0.95 * list.length)] ?? Number.NaN;
  return Object.fromEntries([...times].map(([page, list]) => [page, p95(list)]));
}

/** The site over these stores, in this process as when it is served. */
async function serveSite(stores: Stores): Promise<{ address: string; close(): Promise<unknown> }> {
  const app = await createSite(stores, {
    ...{ demo: true, viewAs: undefined, clock: systemClock, signIn: null },
    limits: { perAddress: 1e6, perPerson: 1e6, atOnce: 1000, delayed: 1e6 },
    reportFault: (route, error) => console.error(route, error),
    tell: () => {},
  });
  return { address: await app.listen({ host: '127.0.0.1', port: 0 }), close: () => app.close() };
}

const marksOfReceipts = statement<
  { marks: number; dayMarks: number },
  { receipts: number[]; day: string }
>(
  'marksOfReceipts',
  `SELECT count() AS marks, countIf(date = {day:Date}) AS dayMarks FROM marks
   WHERE receipt IN {receipts:Array(UInt32)}`,
);

async function countOfMarks(stores: Stores): Promise<{ marks: number; dayMarks: number }> {
  const [counts] = await stores.read(marksOfReceipts, { day: lastDay }, { work: true });
  return counts as { marks: number; dayMarks: number };
}

/** Is what is kept of these schools what their marks say, counted afresh? */
async function keptIsCounted(stores: Stores, some: readonly MadeUpSchool[]): Promise<boolean> {
  for (const part of [{}, { by: ['fsm', 'sen'] }, { time: 'term' }, { time: 'week' }] as const) {
    const question = asked({ ...part, urns: some.map(({ urn }) => urn) });
    const kept = await countFigures(stores, question, { work: true });
    const counted = await countFigures(
      stores,
      { ...question, asKnownOn: '2100-01-01' },
      { work: true },
    );
    assert.deepEqual(kept, counted);
    if (kept.length === 0) return false;
  }
  return true;
}

async function bytesOf(folder: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(folder, { recursive: true })) {
    bytes += (await stat(join(folder, name)).catch(() => undefined))?.size ?? 0;
  }
  return bytes;
}

const targets = {
  official: 120,
  day: 10,
  page: 100,
  memory: 8,
  disk: 12,
} as const;

/** What was measured beside what is asked for at full size, and what a hundredth of it costs. */
export function printEngland(all: readonly EnglandMeasured[]): void {
  const ofWeeks = ({ seconds: each }: KeptUp) => each['weeks'] ?? 0;
  const figures = (keptUp: KeptUp) =>
    Object.values(keptUp.seconds).reduce((sum, each) => sum + each, 0) - ofWeeks(keptUp);
  const rows: [string, string, (each: EnglandMeasured) => number][] = [
    ['schools', '', ({ schools }) => schools],
    ['million marks', '', ({ marks }) => marks / 1e6],
    ['marks made and stored, s', '', ({ filled }) => filled],
    ['weeks from all marks, s', '', ({ keptUp }) => ofWeeks(keptUp)],
    [
      'every official statistic from weeks, s',
      `${targets.official}`,
      ({ keptUp }) => figures(keptUp),
    ],
    ['marks of one day, million', '', ({ dayMarks }) => dayMarks / 1e6],
    ['a day made and stored, s', '', ({ dayFilled }) => dayFilled],
    ['a day: weeks from marks, s', '', ({ dayKeptUp }) => ofWeeks(dayKeptUp)],
    ['a day: every official statistic, s', `${targets.day}`, ({ dayKeptUp }) => figures(dayKeptUp)],
    ['most memory, GB', `${targets.memory}`, ({ peakGigabytes }) => peakGigabytes],
    ['disk, GB', `${targets.disk}`, ({ diskGigabytes }) => diskGigabytes],
    ...Object.keys(all[0]?.pages ?? {}).flatMap((name): (typeof rows)[number][] => [
      [`p95 of ${name}, ms`, `${targets.page}`, ({ pages }) => pages[name] ?? Number.NaN],
      [
        `the same while a day loads, ms`,
        `${targets.page}`,
        ({ pagesUnderLoad }) => pagesUnderLoad[name] ?? Number.NaN,
      ],
    ]),
  ];
  printTable(
    ['of England', 'at full size', ...all.map(({ share }) => `${100 * share} %`)],
    rows.map(([name, target, of]) => [name, target, ...all.map((each) => of(each).toPrecision(3))]),
  );
}
