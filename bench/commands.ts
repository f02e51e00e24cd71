import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { benchFolder, type Run, rollcall } from './rollcall.ts';
import { printTable } from './table.ts';

const timesEach = 3;

/** Times import, reconcile and publish, each in a process of its own, on real files or on made-up ones. */
export async function benchCommands(options: {
  schools: number;
  folders: string[];
}): Promise<void> {
  const folders =
    options.folders.length > 0 ? options.folders : [await madeUpFiles(options.schools)];
  const files = folders.flatMap(filesIn);
  await mkdir(benchFolder, { recursive: true });
  const folder = await mkdtemp(join(benchFolder, 'commands-'));
  const settings = { ROLLCALL_DATA: folder };
  try {
    const runs = new Map<string, Run[]>();
    for (let time = 0; time < timesEach; time += 1) {
      await rm(folder, { recursive: true, force: true });
      for (const words of [
        ['publications', 'import', ...files],
        ['publications', 'reconcile'],
        ['targets', 'publish', '--year', '201819'],
      ]) {
        const name = words.slice(0, 2).join(' ');
        runs.set(name, [...(runs.get(name) ?? []), await rollcall(words, settings)]);
      }
    }
    console.log(`\nCommands on ${files.length} files, medians of ${timesEach}:`);
    printTable(
      ['command', 'seconds', 'peak MB', 'it said'],
      [...runs].map(([name, all]) => [
        name,
        median(all.map((run) => run.seconds)).toFixed(1),
        Math.round(median(all.map((run) => run.peakMegabytes))),
        lastLine(all[0]),
      ]),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The files of the made-up England, written once. */
async function madeUpFiles(schools: number): Promise<string> {
  const folder = join(benchFolder, `files-${schools}`);
  const done = join(folder, '.written');
  if (existsSync(done)) return folder;
  await rollcall(
    ['seed', '--schools', String(schools), '--without', 'registers', '--out', folder],
    {
      ROLLCALL_DATA: join(benchFolder, 'seeding'),
    },
  );
  await rm(join(benchFolder, 'seeding'), { recursive: true, force: true });
  await rm(join(folder, 'truth_schools.csv'));
  await writeFile(done, '');
  return folder;
}

/** The files of a folder, without those that only describe the columns of others. */
function filesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => /(?<!_meta)\.csv(\.gz)?$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}

function median(numbers: number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

function lastLine(run: Run | undefined): string {
  return run?.said.split('\n').at(-1)?.slice(0, 80) ?? '';
}
