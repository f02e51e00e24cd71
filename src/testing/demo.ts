import { dayInEngland, systemClock } from '../base/clock.ts';
import { rollcall, run } from './process.ts';
import { hashOfProgram, layTemplate } from './template.ts';

/**
 * Lays the demo in a data folder, as `rollcall seed --demo` makes it: in half a minute, so once for a program and a day. Its
 * stores share a secret. How it is made from nothing is in test/journeys/startUp.test.ts.
 */
export async function layDemo(dataFolder: string): Promise<void> {
  await layTemplate(
    {
      name: 'demo',
      of: [hashOfProgram(['.']), dayInEngland(systemClock())],
      async make(folder) {
        const env = { ROLLCALL_DATA: folder };
        const { code, stderr } = await run(rollcall, ['seed', '--demo'], { env });
        if (code !== 0 || stderr !== '') throw new Error(`the demo was not made: ${stderr}`);
      },
    },
    dataFolder,
  );
}
