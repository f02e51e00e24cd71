import { createServer as createNetServer } from 'node:net';
import type { Command, CommandSettings, Output, Route, Viewer } from './access/index.ts';
import { parseViewer } from './access/index.ts';
import { apiPages } from './api/index.ts';
import { systemClock } from './base/clock.ts';
import { Refusal } from './base/problem.ts';
import {
  type Call,
  listenForCommands,
  parseCall,
  runCall,
  socketPath,
  UsageError,
} from './cli/index.ts';
import type { Config } from './config.ts';
import { demoRoutes, seedCommand, seedDemo } from './demo/index.ts';
import { groupHomeRoutes, overviewApi, schoolHomeRoutes, startPage } from './overview/index.ts';
import {
  dataSourcesPage,
  preparePublished,
  publicationCommands,
  publicationsApi,
} from './publications/index.ts';
import {
  type Directories,
  directoriesOf,
  schoolApi,
  schoolPages,
  searchSchools,
} from './schools/index.ts';
import { openStores, type Stores } from './stores/index.ts';
import { methodsRoute, targetCommands, targetsApi } from './targets/index.ts';
import { createAssets, createRenderer } from './ui/index.ts';
import { createApp } from './web/index.ts';

/** Every verb. `serve` is carried out below: it is the one that stays. */
export const commands: readonly Command[] = [
  ...publicationCommands,
  ...targetCommands,
  seedCommand,
  {
    verb: 'serve',
    summary: 'Serves the site until it is stopped (Ctrl-C).',
    options: {},
    example: './rollcall serve --demo',
    async run() {
      throw new Refusal('store-held', 'A site is already being served from this data folder.');
    },
  },
];

/** Every page and every API route of a site. */
export function routesOf(
  stores: Stores,
  directories: Directories,
  options: { demo: boolean },
): Route[] {
  const routes = [
    startPage(directories),
    ...schoolPages(directories),
    ...schoolHomeRoutes(stores, directories),
    ...groupHomeRoutes(stores, directories),
    methodsRoute(stores),
    dataSourcesPage(stores),
    ...schoolApi(directories, options),
    ...publicationsApi(stores, directories, options),
    ...targetsApi(stores, directories),
    ...overviewApi(stores, directories, options),
    ...(options.demo ? demoRoutes(directories) : []),
  ];
  return [...routes, ...apiPages(routes, directories)];
}

export type SiteOptions = {
  demo: boolean;
  viewAs: Viewer | undefined;
  reportFault(route: string, error: Error): void;
};

/** The whole site over open stores, ready to listen. */
export async function createSite(stores: Stores, options: SiteOptions) {
  const directories = directoriesOf(stores);
  const assets = createAssets();
  const site = {
    assets,
    homeHref: '/',
    navigation: [
      { text: 'Find a school', href: '/schools' },
      { text: 'Local authorities', href: '/authorities' },
      { text: 'Methods', href: '/methods' },
    ],
    footer: [
      { text: 'Methods', href: '/methods' },
      { text: 'Data sources', href: '/data-sources' },
      { text: 'API', href: '/api' },
    ],
  };
  return createApp({
    ...options,
    assets,
    routes: routesOf(stores, directories, options),
    render: createRenderer({ site }),
    async describeViewer(viewer) {
      return describeViewer(viewer, directories);
    },
  });
}

async function describeViewer(viewer: Viewer, directories: Directories): Promise<string> {
  if (viewer.role === 'public') return 'a member of the public';
  if (viewer.role === 'department') return 'the department';
  if (viewer.role === 'operator') return 'the operator';
  const directory = await directories();
  const scope = viewer.scope ?? '';
  if (viewer.role === 'school') {
    return `the head of ${directory.find(Number(scope))?.name ?? `school ${scope}`}`;
  }
  if (viewer.role === 'trust') {
    return `the chief executive of ${directory.findTrust(scope)?.name ?? `trust ${scope}`}`;
  }
  const area = directory.findAuthority(scope)?.name ?? `authority ${scope}`;
  return viewer.role === 'inspector' ? `an inspector in ${area}` : `the local authority ${area}`;
}

/** What every page stands on is read before the first visitor comes. */
async function prepare(stores: Stores): Promise<void> {
  searchSchools(await directoriesOf(stores)(), 'school', { from: 0, size: 1 });
  await preparePublished(stores);
}

function storesOf(config: Config, doing: string): Promise<Stores> {
  return openStores(config.stores, { ...config, doing, clock: systemClock });
}

/** Carries a verb out in this process, which owns the stores for that long. */
export async function runHere(
  config: Config,
  call: Call,
  options: { folder: string; output: Output },
): Promise<number> {
  const stores = await storesOf(config, `rollcall ${call.command.verb}`);
  const abort = new AbortController();
  const interrupt = () =>
    abort.abort(new Refusal('check-failed', 'Interrupted: nothing was stored.'));
  process.once('SIGINT', interrupt);
  try {
    return await runCall(call, {
      ...options,
      stores,
      settings: config,
      clock: systemClock,
      signal: abort.signal,
    });
  } finally {
    process.off('SIGINT', interrupt);
    await stores.close();
  }
}

/** Serves the site, and carries out what is typed meanwhile, until it is told to stop. */
export async function serve(config: Config, call: Call, output: Output): Promise<number> {
  const viewAs = call.as === undefined ? undefined : parseViewer(call.as);
  if (viewAs && !['127.0.0.1', '::1', 'localhost'].includes(config.host)) {
    throw new Refusal(
      'bad-input',
      'serve --as shows the site to you alone: it works only while ROLLCALL_HOST is 127.0.0.1.',
    );
  }
  await portMustBeFree(config);
  output.line(`Opening the stores in ${config.dataFolder} …`);
  const stores = await storesOf(config, 'rollcall serve');
  try {
    if (config.demo && (await stores.receipts('targets')).length === 0) {
      await seedDemo(stores, { visitKm: config.visitKm, say: (step) => output.line(step) });
    }
    const app = await createSite(stores, {
      demo: config.demo,
      viewAs,
      reportFault: (route, error) => output.error(`Fault at ${route}: ${error.stack}`),
    });
    await prepare(stores);
    await app.listen({ host: config.host, port: config.port });
    const listener = await listenForCommands(
      socketPath(config.dataFolder),
      async (words, options) => runTyped(words, { ...options, stores, settings: config }),
    );
    sayWhatToOpen(config, output);
    await untilStopped();
    output.line('Stopping …');
    await app.close();
    await listener.close();
  } finally {
    await stores.close();
  }
  return 0;
}

async function runTyped(
  words: string[],
  options: {
    folder: string;
    output: Output;
    signal: AbortSignal;
    stores: Stores;
    settings: CommandSettings;
  },
): Promise<number> {
  try {
    return await runCall(parseCall(words, commands), { ...options, clock: systemClock });
  } catch (error) {
    options.output.error(error instanceof Error ? error.message : String(error));
    return error instanceof UsageError ? 2 : 1;
  }
}

function portMustBeFree({ host, port }: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createNetServer();
    probe.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new Refusal(
          'store-held',
          error.code === 'EADDRINUSE'
            ? `Port ${port} is in use by another program. Stop it, or choose another port: ROLLCALL_PORT=${port + 1} npm start.`
            : `The site cannot listen on ${host}:${port} (${error.message}). Choose another with ROLLCALL_HOST and ROLLCALL_PORT.`,
        ),
      ),
    );
    probe.listen(port, host, () => probe.close(() => resolve()));
  });
}

function sayWhatToOpen(config: Config, output: Output): void {
  output.line(`Rollcall is at http://localhost:${config.port} (Ctrl-C stops it).`);
  if (config.demo) output.line(`Choose whom to be at http://localhost:${config.port}/demo.`);
}

function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, () => resolve());
    }
  });
}
