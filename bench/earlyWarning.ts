import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { keepUp } from '../src/absence/index.ts';
import { registerYear, schoolCalendar } from '../src/demo/registers/year.ts';
import { fillRegisters } from '../src/demo/registers/fill.ts';
import { numberOfDay } from '../src/demo/registers/calendar.ts';
import { makeEngland } from '../src/demo/madeUpEngland.ts';
import { fitOnOwnRegisters, scoreAll } from '../src/earlyWarning/index.ts';
import { openStores } from '../src/stores/index.ts';
import { bring, inTurn, schoolsInEngland, seconds } from './england.ts';
import { printTable } from './table.ts';

const on = '2026-05-22';
const seam = '2025-09-01';

export type EarlyWarningMeasured = {
  share: number;
  schools: number;
  enrolments: number;
  /** In seconds: the registers of two years made and kept up, all scores, and those of one school. */
  filled: number;
  keptUp: number;
  scored: number;
  /** Of processor: comparable where others use the machine too. */
  processor: number;
  school: number;
  /** A fit on the year before, as every week. */
  refit: number;
  peakGigabytes: number;
};

/** Scores of a share of England’s children on a day near the end of the year, with the year before: nearly the most there can be. */
export async function measureEarlyWarning(
  share: number,
  under: string,
  { say = () => {} }: { say?(text: string): void } = {},
): Promise<EarlyWarningMeasured> {
  await mkdir(under, { recursive: true });
  const folder = await mkdtemp(join(under, 'early-warning-'));
  const stores = await openStores(
    {
      warehouse: { kind: 'embedded', folder: join(folder, 'warehouse') },
      records: { kind: 'embedded', folder: join(folder, 'records') },
    },
    {
      ...{ clock: () => new Date(`${on}T15:00:00Z`), doing: 'npm run bench', pageSeconds: 60 },
      ...{ workSeconds: 36_000, sweepAfterHours: 24 },
    },
  );
  try {
    const england = makeEngland({ schools: schoolsInEngland, seed: 1 });
    const years = [202425, 202526].map((year) => ({
      ...registerYear(england, { year, events: new Map(), castOf: 202526 }),
      roll: year === 202425 ? { rollTo: numberOfDay(seam) - 1 } : { rollFrom: numberOfDay(seam) },
    }));
    const every = 1 / share;
    const schools = (years[1]?.schools ?? []).filter((_, at) => Math.floor(at % every) === 0);
    const filled = await seconds(() =>
      bring(stores, 'marks', 'Two years', async (warehouse, receipt) => {
        const receipts = { enrolments: receipt, marks: receipt };
        await warehouse.append(
          'register_schools',
          ['receipt', 'urn'],
          schools.map(({ urn }) => [receipt, urn]),
        );
        for (const year of years) {
          const until = numberOfDay(on);
          await fillRegisters(warehouse, year, { schools, key: ['1', '2'], receipts, until });
          await inTurn(schools, 500, (some) =>
            warehouse.append(
              'register_days',
              ['receipt', 'urn', 'date', 'session', 'open', 'reason'],
              some.flatMap((school) =>
                schoolCalendar(year, school).weekdays.flatMap(({ date, open, reason }) =>
                  [0, 1].map((session) => [receipt, school.urn, date, session, open, reason]),
                ),
              ),
            ),
          );
        }
      }),
    );
    say(`filled ${schools.length} schools in ${filled.toFixed(1)} s`);
    const keptUp = await seconds(() => keepUp(stores));
    say(`kept up in ${keptUp.toFixed(1)} s`);
    const clock = () => new Date(`${on}T15:00:00Z`);
    let enrolments = 0;
    const before = process.cpuUsage();
    const scored = await seconds(async () => {
      const all = await scoreAll(stores, clock, on);
      ({ enrolments } = all);
    });
    const { user, system } = process.cpuUsage(before);
    const processor = (user + system) / 1e6;
    say(
      `scored ${enrolments} enrolments in ${scored.toFixed(1)} s, ${processor.toFixed(1)} s of processor`,
    );
    const one = schools.slice(7, 8).map(({ urn }) => urn);
    const school = await seconds(() => scoreAll(stores, clock, on, one));
    const refit = await seconds(() => fitOnOwnRegisters(stores, clock));
    return {
      ...{ share, schools: schools.length, enrolments, filled, keptUp, scored, processor },
      ...{ school, refit },
      peakGigabytes: process.resourceUsage().maxRSS / 1e6,
    };
  } finally {
    await stores.close();
    await rm(folder, { recursive: true, force: true });
  }
}

export function printEarlyWarning(all: readonly EarlyWarningMeasured[]): void {
  const pupils = 9_000_000;
  const rows: [string, string, (each: EarlyWarningMeasured) => number][] = [
    ['schools', '', ({ schools }) => schools],
    ['enrolments scored', '', ({ enrolments }) => enrolments],
    ['two years made and stored, s', '', ({ filled }) => filled],
    ['weeks and figures of both, s', '', ({ keptUp }) => keptUp],
    ['every score, s', '', ({ scored }) => scored],
    [
      'the same for 9 million, s',
      '300',
      ({ scored, enrolments }) => (scored * pupils) / enrolments,
    ],
    ['of processor, s', '', ({ processor }) => processor],
    [
      'the same for 9 million on two cores, s',
      '300',
      ({ processor, enrolments }) => (processor * pupils) / enrolments / 2,
    ],
    ['the scores of one school, s', '', ({ school }) => school],
    ['a weekly fit, s', '', ({ refit }) => refit],
    ['most memory, GB', '8', ({ peakGigabytes }) => peakGigabytes],
  ];
  printTable(
    ['of England', 'asked for', ...all.map(({ share }) => `${100 * share} %`)],
    rows.map(([name, target, of]) => [name, target, ...all.map((each) => of(each).toPrecision(3))]),
  );
}
