import type { Command, Route, Viewer } from './access/index.ts';
import { apiPages } from './api/index.ts';
import { Refusal } from './base/problem.ts';
import { demoRoutes, seedCommand } from './demo/index.ts';
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
import type { Stores } from './stores/index.ts';
import { methodsRoute, targetCommands, targetsApi } from './targets/index.ts';
import { createAssets, createRenderer } from './ui/index.ts';
import { createApp } from './web/index.ts';

/** Every verb. `serve` is carried out in `serve.ts`: it is the one that stays. */
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
      throw new Refusal('store-held', 'A site is already served from this data folder.');
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
export async function prepareSite(stores: Stores): Promise<void> {
  searchSchools(await directoriesOf(stores)(), 'school', { from: 0, size: 1 });
  await preparePublished(stores);
}
