import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Answered, quantile, sendAtRate, type Visit } from './load.ts';
import { benchFolder, rollcall, serveDemo } from './rollcall.ts';
import { printTable } from './table.ts';
import { findPlaces, visitsTo } from './visits.ts';

const target = 100;
const secondsPerStep = 10;

/** Serves many made-up schools and asks for pages from a second process: at one rate, then at rising ones. */
export async function benchPages(options: {
  schools: number;
  rate: number;
  seconds: number;
  profile: boolean;
}): Promise<void> {
  const data = await filledStores(options.schools);
  const profile = options.profile ? join(benchFolder, 'profile') : undefined;
  const server = await serveDemo(data, { profile });
  try {
    const visits = visitsTo(await findPlaces(server.address));
    const answers = await sendAtRate(server.address, visits, options);
    console.log(
      `\nPages with ${options.schools} schools, ${options.rate} requests a second for ${options.seconds} s, milliseconds:`,
    );
    printAnswers(answers);
    if (!options.profile) await printWhatItBears(server.address, visits, options.rate);
    console.log(`The server held at most ${Math.round(await server.peakMegabytes())} MB.`);
  } finally {
    await server.stop();
  }
}

/** Stores with so many made-up schools and their expectations, made once. */
async function filledStores(schools: number): Promise<string> {
  const folder = join(benchFolder, `made-up-${schools}`);
  const done = join(folder, 'filled');
  if (existsSync(done)) return folder;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  console.log(`Filling ${folder} with ${schools} made-up schools (once) …`);
  const { seconds } = await rollcall(['seed', '--demo', '--schools', String(schools)], {
    ROLLCALL_DATA: folder,
  });
  console.log(`… in ${seconds.toFixed(1)} s.`);
  await writeFile(done, '');
  return folder;
}

function printAnswers(answers: Answered[]): void {
  const groups = [...Map.groupBy(answers, (answer) => answer.page)].sort(([a], [b]) =>
    a.localeCompare(b),
  );
  const row = (page: string, of: Answered[]) => {
    const times = of.map((answer) => answer.milliseconds);
    const bad = of.filter((answer) => answer.status !== 200).length;
    return [
      page,
      of.length,
      ...[0.5, 0.95, 0.99].map((share) => quantile(times, share).toFixed(1)),
      Math.round(
        quantile(
          of.map((answer) => answer.bytes),
          0.5,
        ) / 1024,
      ),
      bad,
    ];
  };
  printTable(
    ['page', 'requests', 'p50', 'p95', 'p99', 'KB', 'not 200'],
    [...groups.map(([page, of]) => row(page, of)), row('all', answers)],
  );
}

/** Asks faster and faster until one in twenty takes longer than a tenth of a second. */
async function printWhatItBears(address: string, visits: () => Visit, from: number): Promise<void> {
  let bears = 0;
  const steps: (string | number)[][] = [];
  for (let rate = from; rate <= from * 20; rate = Math.ceil(rate * 1.3)) {
    const answers = await sendAtRate(address, visits, { rate, seconds: secondsPerStep });
    const times = answers.map((answer) => answer.milliseconds);
    const p95 = quantile(times, 0.95);
    steps.push([rate, quantile(times, 0.5).toFixed(1), p95.toFixed(1)]);
    if (p95 >= target) break;
    bears = rate;
  }
  console.log(`\nRising rates, ${secondsPerStep} s each:`);
  printTable(['requests a second', 'p50', 'p95'], steps);
  console.log(
    bears === 0
      ? `It does not bear ${from} a second with 19 of 20 answered within ${target} ms.`
      : `It bears ${bears} a second with 19 of 20 answered within ${target} ms.`,
  );
}
