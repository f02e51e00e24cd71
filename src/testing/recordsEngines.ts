import { join } from 'node:path';
import { after, before } from 'node:test';
import type { RecordsAddress } from '../records/index.ts';
import { type PostgresServer, startPostgres } from './postgres.ts';
import { layRecords, scratchFolder } from './stores.ts';

/** An engine of the records, and empty records on it, by a name that is each time another. */
export type RecordsEngine = { name: string; address(place: string): Promise<RecordsAddress> };

/**
 * Both engines of the records, for suites that must say the same on each: PGlite in a folder, and a PostgreSQL server of
 * this file's own, started before its tests and killed after them.
 */
export function recordsEngines() {
  const { folder, remove } = scratchFolder();
  let server: PostgresServer;
  before(async () => {
    server = await startPostgres(join(folder, 'server'));
  });
  after(async () => {
    await server.kill();
    remove();
  });
  const engines: RecordsEngine[] = [
    {
      name: 'PGlite',
      async address(place) {
        await layRecords(join(folder, place));
        return { kind: 'embedded', folder: join(folder, place) };
      },
    },
    {
      name: 'PostgreSQL',
      address: async (place) => ({ kind: 'server', url: await server.createDatabase(place) }),
    },
  ];
  return { engines, folder, server: () => server };
}
