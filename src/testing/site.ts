import { rm } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import type { Route, Viewer } from '../access/index.ts';
import { type Clock, systemClock } from '../base/clock.ts';
import {
  demoYear,
  type MadeUpEngland,
  makeEngland,
  saveEngland,
  type SeededCast,
  seedPupils,
} from '../demo/index.ts';
import { importFiles } from '../publications/index.ts';
import { type Directories, directoriesOf } from '../schools/index.ts';
import type { Stores, StoresAddress } from '../stores/index.ts';
import { type Issued, issueTargets } from '../targets/index.ts';
import { createSite, routesOf } from '../wiring.ts';
import { everythingIssued } from './site.sql.ts';
import { openTestStores, scratchFolder } from './stores.ts';

/** Three authorities, the last cut short, and the whole named cast. */
const testSchoolCount = 450;

/** The whole site over real stores that hold a small made-up England. */
export type TestSite = {
  stores: Stores;
  directories: Directories;
  /** The people and children of the named cast, by key. */
  cast: SeededCast;
  /** The site as the demo or as everybody else serves it. Faults are thrown by `faults`. */
  serve(options: { demo: boolean; viewAs?: Viewer; clock?: Clock }): Promise<FastifyInstance>;
  /** Every route of the site, as `serve` has them. */
  routes(options: { demo: boolean }): Route[];
  /** What was reported as a fault since the site was opened. */
  faults: { route: string; error: Error }[];
  close(): Promise<void>;
};

/**
 * Opens stores, imports a made-up England (changed by `change` first, where a test needs what chance does not bring) and
 * issues its expectations.
 */
export async function openTestSite(
  options: {
    schools?: number;
    change?(england: MadeUpEngland): void;
    issue?: boolean;
    /** Servers to stand on. */
    on?: StoresAddress;
  } = {},
): Promise<TestSite> {
  const { stores, close } = await openTestStores(options.on);
  const england = makeEngland({ schools: options.schools ?? testSchoolCount, seed: 'demo' });
  options.change?.(england);
  const { folder } = scratchFolder();
  await importFiles(stores, await saveEngland(england, folder));
  await rm(folder, { recursive: true });
  const cast = await seedPupils(stores, { issuer: 'http://localhost:3001', clock: systemClock });
  if (!cast) throw new Error('there were children before');
  const directories = directoriesOf(stores);
  if (options.issue !== false) {
    await issueTargets(stores, { year: demoYear, visitKm: 40 });
  }
  const faults: TestSite['faults'] = [];
  const apps: FastifyInstance[] = [];
  return {
    stores,
    directories,
    cast,
    faults,
    async serve({ demo, viewAs, clock = systemClock }) {
      const app = await createSite(stores, {
        demo,
        viewAs,
        clock,
        limits: openDoors.limits,
        signIn: null,
        reportFault: (route, error) => void faults.push({ route, error }),
        tell() {},
      });
      apps.push(app);
      return app;
    },
    routes: ({ demo }) =>
      routesOf({
        ...{ stores, directories, demo },
        clock: systemClock,
        trail: openDoors.trail,
        signIn: [],
      }),
    async close() {
      for (const app of apps) await app.close();
      await close();
    },
  };
}

/** For a site of single routes: nobody signs in, nobody is turned away, and nothing is written down. */
export const openDoors = {
  doorkeeper: async () => null,
  secure: false,
  limits: { perAddress: 1e6, perPerson: 1e6, atOnce: 1000, delayed: 1e6 },
  trail: { leave: async () => {} },
  ownPages: () => [],
  clock: systemClock,
  storesAnswering: async () => ({}),
};

/** Replaces everything that was issued by what `change` makes of it. */
export async function issueAgain(
  stores: Stores,
  change: (issued: Issued) => Issued,
): Promise<Issued[]> {
  const [receipt] = await stores.receipts('targets');
  if (!receipt) throw new Error('nothing was issued yet');
  const rows = await stores.read(everythingIssued, {}, { kind: 'targets' });
  const changed = rows.map((row) =>
    change({ figures: JSON.parse(row.figures), explanation: JSON.parse(row.explanation) }),
  );
  await stores.write(async (write) => {
    const { kind, scope, title, digest, detail } = receipt;
    const again = await write.begin({ kind, scope, title, digest });
    again.detail = detail;
    await write.warehouse.append(
      'issued_expectation',
      ['receipt', 'time_period', 'urn', 'school_name', 'figures', 'explanation'],
      changed.map(({ figures, explanation }) => [
        again.id,
        figures.time_period,
        figures.urn,
        figures.school_name,
        JSON.stringify(figures),
        JSON.stringify(explanation),
      ]),
    );
  });
  return changed;
}
