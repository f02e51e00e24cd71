import { lockFolder, openStores, type StoresAddress } from '../stores/index.ts';
import { testStoresOptions } from './stores.ts';

/**
 * A process that is killed by the crash tests. `hold FOLDER` takes the lock of a folder and keeps it; `write ADDRESS`
 * opens the stores and writes for ever, three appends and a commit at a time, and says the receipt's id on its output
 * once it is committed.
 */
export const appendsOfAWrite = 3;
export const rowsOfAnAppend = 40;

async function write(address: StoresAddress): Promise<never> {
  const stores = await openStores(address, testStoresOptions);
  say('open');
  for (;;) {
    // Each of four things is brought again and again, so that every commit also withdraws what it replaces.
    for (const scope of ['a', 'b', 'c', 'd']) {
      const id = await stores.write(async ({ begin, warehouse }) => {
        const receipt = await begin({ kind: 'crash', scope, title: scope, digest: '' });
        for (let part = 0; part < appendsOfAWrite; part++) {
          const rows = Array.from({ length: rowsOfAnAppend }, (_, at) => [receipt.id, at, scope]);
          await warehouse.append('published_location', ['receipt', 'urn', 'name'], rows);
        }
        return receipt.id;
      });
      say(`${scope} ${id}`);
    }
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

const held: ReturnType<typeof lockFolder>[] = [];

if (import.meta.main) {
  const [verb, subject = ''] = process.argv.slice(2);
  if (verb === 'hold') {
    held.push(
      lockFolder(subject, { pid: process.pid, doing: 'a crash test', since: '2026-11-22' }),
    );
    say('held');
    setInterval(() => {}, 1000);
  } else await write(JSON.parse(subject) as StoresAddress);
}
