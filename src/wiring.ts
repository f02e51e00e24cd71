import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Command,
  loudTrail,
  type MailSettings,
  trailOf,
  type Route,
  type Trail,
  type Viewer,
} from './access/index.ts';
import {
  absenceApi,
  absenceCommands,
  absencePages,
  comparePages,
  countingYearOf,
  keepUp,
} from './absence/index.ts';
import { apiPages } from './api/index.ts';
import {
  auditCommands,
  searchAuditRoutes,
  whoCanSeePage,
  whoCanSeeWhatPage,
  whoLookedPage,
} from './audit/index.ts';
import { type Clock, dayInEngland, systemClock } from './base/clock.ts';
import { Refusal } from './base/problem.ts';
import { settings } from './config.ts';
import { storesCommands } from './cli/index.ts';
import { type Alerts, digestCommands, digestRoutes, keepSendingDigests } from './digest/index.ts';
import { demoRoutes, evaluateOnMadeUp, seedCommand } from './demo/index.ts';
import {
  earlyWarningCommands,
  keepRefitting,
  worklistApi,
  worklistPages,
} from './earlyWarning/index.ts';
import {
  englandApi,
  englandCommands,
  englandRoutes,
  groupHomeRoutes,
  overviewApi,
  ownPages,
  schoolHomeRoutes,
  startPage,
} from './overview/index.ts';
import {
  detectCommand,
  endBehind,
  groupPages,
  groupsApi,
  groupsCommand,
  patternPages,
  patternsToSend,
  patternsApi,
  registerPatternCommands,
  runBehind,
} from './patterns/index.ts';
import {
  dataSourcesPage,
  preparePublished,
  publicationCommands,
  publicationsApi,
} from './publications/index.ts';
import { pupilCommands, pupilRoutes, subjectOfAddress } from './pupils/index.ts';
import {
  attendanceOfChild,
  bookCommands,
  bookRoutes,
  entriesOf,
  marksCommands,
  marksRoutes,
  resumeUploads,
  rollCommands,
  rollRoutes,
  tellCommitted,
} from './registers/index.ts';
import {
  type Directories,
  directoriesOf,
  schoolApi,
  schoolPages,
  searchSchools,
  viewerWords,
} from './schools/index.ts';
import {
  administrationRoutes,
  connectProvider,
  doorkeeperOf,
  isSecure,
  openSessions,
  signInCommands,
  signInDefaults,
  signInRoutes,
  type SignInSettings,
} from './signIn/index.ts';
import type { Stores } from './stores/index.ts';
import {
  methodsRoute,
  prepareSeasons,
  suggestionRoutes,
  targetCommands,
  targetsApi,
} from './targets/index.ts';
import { documents, transparencyPages } from './transparency/index.ts';
import { createAssets, createRenderer } from './ui/index.ts';
import { createApp, type Limits } from './web/index.ts';

/** What is worked out of registers follows what counts of them. */
export const afterCommit = async (stores: Stores): Promise<void> => {
  await keepUp(stores);
};

/** Every verb, and what it does after registers came. `serve` is carried out in `serve.ts`: it is the one that stays. */
const commandsThat = (afterCommit: (stores: Stores) => Promise<void>): readonly Command[] => [
  ...publicationCommands,
  ...absenceCommands,
  detectCommand,
  ...registerPatternCommands,
  groupsCommand,
  ...englandCommands,
  ...targetCommands,
  ...pupilCommands((stores, clock) =>
    entriesOf({ stores, records: stores.records, directories: directoriesOf(stores), clock }),
  ),
  ...rollCommands(afterCommit),
  ...marksCommands(afterCommit),
  ...bookCommands({
    forget: async (stores, deleted) => {
      await keepUp(stores, { deleted });
    },
  }),
  ...earlyWarningCommands(evaluateOnMadeUp),
  ...digestCommands((stores) =>
    alertsFor({ stores, directories: directoriesOf(stores), clock: systemClock }),
  ),
  ...signInCommands,
  ...auditCommands,
  ...storesCommands,
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

export const commands = commandsThat(afterCommit);

/** The same carried out by a site that runs: registers that come by verb are looked at behind, as those that come by page. */
export const commandsAtSite = (parts: Pick<RouteParts, 'directories' | 'clock'>) =>
  commandsThat(committedAtSite(parts));

/** What the routes of a site stand on. */
export type RouteParts = {
  stores: Stores;
  directories: Directories;
  clock: Clock;
  trail: Trail;
  demo: boolean;
  /** Signing in, as what and for what; none where nobody can. */
  signIn: readonly Route[];
  /** Where files that are sent stand until they are done with; the machine’s own place for such where none is said. */
  dataFolder?: string | undefined;
};

/** Every page and every API route of a site. */
export function routesOf(parts: RouteParts): Route[] {
  const { stores, directories, clock, trail, demo } = parts;
  const { records } = stores;
  const afterCommit = committedAtSite({ directories, clock });
  const registry = { records, directories, clock, trail };
  const describe = async (viewer: Viewer) => viewerWords(viewer, await directories());
  const routes: Route[] = [
    startPage(directories),
    ...schoolPages(directories),
    ...schoolHomeRoutes(stores, directories, clock),
    ...groupHomeRoutes(stores, directories),
    ...englandRoutes({ stores, directories, clock }),
    ...absencePages({ stores, directories, clock }),
    ...comparePages({ stores, directories, clock, trail }),
    ...groupPages({ stores, directories, clock }),
    ...patternPages({ stores, directories, clock, trail }),
    ...worklistPages({ ...registry, stores }),
    ...suggestionRoutes({ stores, directories, clock, trail }),
    methodsRoute(stores),
    dataSourcesPage(stores),
    ...pupilRoutes({
      ...registry,
      attendance: (pupil, voice) => attendanceOfChild({ ...registry, stores }, pupil, voice),
      entriesOf: entriesOf({ ...registry, stores }),
    }),
    ...bookRoutes({ ...registry, stores, afterCommit }),
    ...rollRoutes({ stores, directories, clock, trail, afterCommit }),
    ...marksRoutes(uploadsOf(parts)),
    ...digestRoutes({ stores, clock }),
    ...parts.signIn,
    ...administrationRoutes({ ...registry, describeViewer: describe }),
    ...searchAuditRoutes(records, directories),
    whoLookedPage(records, directories, subjectOfAddress(registry)),
    whoCanSeeWhatPage(),
    ...transparencyPages(documents(settings)),
    whoCanSeePage(() => all, directories),
    ...schoolApi(directories, { demo }),
    ...publicationsApi(stores, directories, { demo }),
    ...targetsApi(stores, directories),
    ...overviewApi(stores, directories, { demo }),
    ...englandApi({ stores, directories, clock }),
    ...patternsApi({ stores, directories, clock }),
    ...groupsApi({ stores, directories, clock }),
    ...worklistApi({ ...registry, stores }),
    ...absenceApi({ stores, directories, clock }),
    ...(demo ? demoRoutes(directories) : []),
  ];
  const all: readonly Route[] = [...routes, ...apiPages(routes, directories)];
  return [...all];
}

/** What a digest tells beside its rates. */
function alertsFor(parts: Pick<RouteParts, 'stores' | 'directories' | 'clock'>): Alerts {
  return (viewer, week) => patternsToSend(parts, viewer, week);
}

/** What a site does by itself every week for as long as it is served; gives what stops it. */
export function doWeekly(
  stores: Stores,
  { mail, clock, tell }: { mail: MailSettings | null; clock: Clock; tell(text: string): void },
): () => Promise<void> {
  const stops = [keepRefitting({ stores, clock }, { tell })];
  if (mail !== null) {
    const directories = directoriesOf(stores);
    const trail = loudTrail(trailOf(stores, clock), tell);
    const alerts = alertsFor({ stores, directories, clock });
    stops.push(keepSendingDigests({ stores, directories, clock, trail, mail, alerts }, { tell }));
  }
  return async () => {
    await Promise.all(stops.map((stop) => stop()));
  };
}

/** What the pages of uploads, and the work on them, stand on. */
function uploadsOf(
  parts: Pick<RouteParts, 'stores' | 'directories' | 'clock' | 'trail' | 'dataFolder'>,
) {
  const folder = join(parts.dataFolder ?? join(tmpdir(), 'rollcall'), 'uploads');
  return { ...parts, folder, afterCommit: committedAtSite(parts) };
}

/** The same at a site, which goes on running: patterns are looked for behind, once a day. */
function committedAtSite({ directories, clock }: Pick<RouteParts, 'directories' | 'clock'>) {
  return async (stores: Stores): Promise<void> => {
    await afterCommit(stores);
    runBehind({ stores, directories, clock });
  };
}

export type SiteOptions = {
  demo: boolean;
  dataFolder?: string;
  viewAs: Viewer | undefined;
  clock: Clock;
  limits: Limits;
  proxies?: readonly string[];
  metricsToken?: string | undefined;
  stopping?: AbortSignal;
  /** How people sign in; null where nobody can. */
  signIn: SignInSettings | null;
  reportFault(route: string, error: Error): void;
  /** Told what whoever runs the site should know at once. */
  tell(text: string): void;
};

/** The whole site over open stores, ready to listen. */
export async function createSite(stores: Stores, options: SiteOptions) {
  const { demo, clock, signIn } = options;
  const { records } = stores;
  const directories = directoriesOf(stores);
  const assets = createAssets();
  const trail = loudTrail(trailOf(stores, clock), options.tell);
  const secure = signIn !== null && isSecure(signIn);
  const sessions = openSessions(records, clock, { ...signInDefaults, ...signIn, secure });
  const describe = async (viewer: Viewer) => viewerWords(viewer, await directories());
  const routes = routesOf({
    ...{ stores, directories, clock, trail, demo, dataFolder: options.dataFolder },
    signIn: signIn
      ? signInRoutes({
          ...{ records, sessions, trail, clock, secure },
          provider: connectProvider(signIn, clock),
          describeViewer: describe,
          homeOf: (viewer) => ownPages(viewer)[0]?.href ?? '/',
        })
      : [],
  });
  const site = {
    assets,
    homeHref: '/',
    canSignIn: signIn !== null,
    navigation: [
      { text: 'Find a school', href: '/schools' },
      { text: 'Local authorities', href: '/authorities' },
      { text: 'Methods', href: '/methods' },
    ],
    footer: [
      { text: 'Methods', href: '/methods' },
      { text: 'Data sources', href: '/data-sources' },
      { text: 'API', href: '/api' },
      { text: 'Who can see what', href: '/who-can-see-what' },
      { text: 'Transparency', href: '/transparency' },
    ],
  };
  const app = await createApp({
    ...options,
    ...{ assets, routes, trail, secure },
    render: createRenderer({ site }),
    doorkeeper: doorkeeperOf(records, sessions, clock),
    storesAnswering: stores.answering,
    describeViewer: describe,
    ownPages,
  });
  app.addHook('onClose', () => endBehind(stores));
  return app;
}

/**
 * What every page stands on is read before the first visitor comes; what was sent before is taken up again, and the figures
 * are brought up to what a process that ended in between had kept.
 */
export async function prepareSite(
  stores: Stores,
  { dataFolder, clock }: { dataFolder?: string; clock: Clock },
): Promise<void> {
  const directory = await directoriesOf(stores)();
  searchSchools(directory, 'school', { from: 0, size: 1 });
  await preparePublished(stores);
  await prepareSeasons(stores, directory.schools, countingYearOf(dayInEngland(clock())));
  const trail = trailOf(stores, clock);
  const directories = directoriesOf(stores);
  await tellCommitted(committedAtSite({ directories, clock }), stores);
  await resumeUploads(uploadsOf({ stores, directories, clock, trail, dataFolder }));
}
