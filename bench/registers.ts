import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { operator } from '../src/access/index.ts';
import { systemClock } from '../src/base/clock.ts';
import { marksCommands } from '../src/registers/index.ts';
import { openStores, type Stores } from '../src/stores/index.ts';
import { plainLoad, plainTable, withoutPlain } from './registers.sql.ts';
import { benchFolder, rollcall } from './rollcall.ts';
import { printTable } from './table.ts';

const timesEach = 3;

/**
 * How long a register takes from the disk to committed, preview and checks included, beside the engine’s own plain load of
 * the same file into a sorted table: new marks, then the same file once more.
 */
export async function benchRegisters({ schools }: { schools: number }): Promise<void> {
  const files = await madeUpRegisters(schools);
  const marks = join(files, 'marks.csv');
  const rows: (string | number)[][] = [];
  for (let time = 0; time < timesEach; time += 1) {
    await mkdir(benchFolder, { recursive: true });
    const folder = await mkdtemp(join(benchFolder, 'registers-'));
    try {
      for (const kind of ['schools', 'calendars', 'pupils']) {
        await rollcall([kind, 'import', join(files, `${kind}.csv`)], { ROLLCALL_DATA: folder });
      }
      const stores = await openStores(addressIn(folder), opening);
      try {
        const plain = await loadPlain(stores, marks);
        const fresh = await importMarks(stores, folder, marks);
        const again = await importMarks(stores, folder, marks);
        const perSecond = Math.round(fresh.marks / fresh.took.seconds).toLocaleString('en-GB');
        rows.push([fresh.marks.toLocaleString('en-GB'), ...shown(plain), ...shown(fresh.took)]);
        rows.at(-1)?.push(timesText(fresh.took, plain), perSecond, timesText(again.took, plain));
      } finally {
        await stores.close();
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  console.log('\nA file of marks from the disk to committed, seconds:');
  printTable(
    [
      ...[
        'marks',
        'plain load',
        'of processor',
        'import',
        'of processor',
        '× plain (of processor)',
      ],
      ...['marks a second', 'the same again, × plain'],
    ],
    rows,
  );
}

const opening = {
  ...{ clock: systemClock, doing: 'a bench', pageSeconds: 60, workSeconds: 3600 },
  sweepAfterHours: 24,
};

function addressIn(folder: string) {
  return {
    warehouse: { kind: 'embedded', folder: join(folder, 'warehouse') },
    records: { kind: 'embedded', folder: join(folder, 'records') },
  } as const;
}

/** By the clock and by the processor: where others use the machine too, only the second can be compared. */
type Took = { seconds: number; processor: number };

async function tookBy(work: () => Promise<unknown>): Promise<Took> {
  const began = performance.now();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return { seconds: (performance.now() - began) / 1000, processor: (user + system) / 1e6 };
}

const shown = ({ seconds, processor }: Took) => [seconds.toFixed(2), processor.toFixed(2)];

function timesText(took: Took, plain: Took): string {
  const times = (took.seconds / plain.seconds).toFixed(2);
  return `${times} (${(took.processor / plain.processor).toFixed(2)})`;
}

/** The better of two: the first also warms the disk for what comes after. */
async function loadPlain(stores: Stores, path: string): Promise<Took> {
  return stores.write(async ({ warehouse }) => {
    await warehouse.run(plainTable, {});
    const first = await tookBy(() => warehouse.run(plainLoad, { path }));
    await warehouse.run(withoutPlain, {});
    const second = await tookBy(() => warehouse.run(plainLoad, { path }));
    await warehouse.run(withoutPlain, {});
    return first.processor < second.processor ? first : second;
  });
}

async function importMarks(
  stores: Stores,
  folder: string,
  path: string,
): Promise<{ took: Took; marks: number }> {
  const verb = marksCommands(undefined).find((each) => each.verb === 'registers import');
  const said: string[] = [];
  const output = {
    ...{ isTerminal: false, progress() {}, line: (text: string) => void said.push(text) },
    error: (text: string) => void said.push(text),
  };
  const took = await tookBy(async () => {
    const exit = await verb?.run(
      {
        ...{ stores, viewer: operator, output, clock: systemClock, folder },
        ...{ settings: { demo: false, visitKm: 40, dataFolder: folder } },
        ...{ async writeFile() {}, signal: new AbortController().signal },
      },
      { values: {}, switches: new Set(['json']), files: [path] },
    );
    if (exit !== 0) throw new Error(`the import failed: ${said.join(' ')}`);
  });
  const [{ new: fresh, same }] = JSON.parse(said.join('')) as [{ new: number; same: number }];
  return { took, marks: fresh + same };
}

/** The files of the made-up England with its registers, written once. */
async function madeUpRegisters(schools: number): Promise<string> {
  const folder = join(benchFolder, `registers-of-${schools}`);
  const done = join(folder, '.written');
  if (existsSync(done)) return folder;
  const seeding = join(benchFolder, 'seeding');
  await rollcall(['seed', '--schools', String(schools), '--out', folder], {
    ROLLCALL_DATA: seeding,
  });
  await rm(seeding, { recursive: true, force: true });
  await writeFile(done, '');
  return folder;
}
