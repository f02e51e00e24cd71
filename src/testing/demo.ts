import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dayInEngland, systemClock } from '../base/clock.ts';
import { killGroup, rollcall, siteOf, start } from './process.ts';
import { hashOfProgram, layTemplate } from './template.ts';

/**
 * Lays the demo in a data folder, as a first start makes it from nothing: in half a minute, so once for a program and a day.
 * Gives what that start said.
 */
export async function layDemo(dataFolder: string): Promise<string> {
  await layTemplate(
    {
      name: 'demo',
      of: () => [hashOfProgram(['.']), dayInEngland(systemClock())],
      make: startFirst,
    },
    dataFolder,
  );
  return readFileSync(join(dataFolder, said), 'utf8');
}

const said = 'first-start.txt';

async function startFirst(folder: string): Promise<void> {
  const env = { ROLLCALL_DATA: folder, ROLLCALL_PORT: '0' };
  const site = start(rollcall, ['serve', '--demo'], { env, ownGroup: true });
  try {
    const { status } = await fetch(await siteOf(site));
    if (status !== 200) throw new Error(`the demo’s first page answers ${status}`);
    site.process.kill('SIGTERM');
    const { code, stdout, stderr } = await site.ended;
    if (code !== 0 || stderr !== '') throw new Error(`the demo was not made: ${stderr}`);
    writeFileSync(join(folder, said), stdout);
  } finally {
    await killGroup(site);
  }
}
