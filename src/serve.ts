import { once } from 'node:events';
import type { Server } from 'node:http';
import { createServer as createNetServer, type AddressInfo, Server as NetServer } from 'node:net';
import { join } from 'node:path';
import { setImmediate as afterReading, setTimeout as pause } from 'node:timers/promises';
import { type Output, viewerText } from './access/index.ts';
import { systemClock } from './base/clock.ts';
import { Refusal } from './base/problem.ts';
import {
  type Call,
  failureText,
  findSite,
  listenForCommands,
  parseWords,
  runCall,
  socketPath,
  untilInterrupted,
  UsageError,
} from './cli/index.ts';
import type { Config } from './config.ts';
import { castPeople, demoIsSeeded, demoPeople, seedDemo, seedPupils } from './demo/index.ts';
import { vouchAnew } from './records/index.ts';
import { directoriesOf, refuseUnknownViewer } from './schools/index.ts';
import { signInDefaults, startLocalProvider } from './signIn/index.ts';
import { openStores, type Stores } from './stores/index.ts';
import { commandsAtSite, createSite, doWeekly, prepareSite } from './wiring.ts';

/** Serves the site, and carries out what is typed meanwhile, until it is told to stop. */
export async function serve(config: Config, call: Call, output: Output): Promise<number> {
  const told = new Refusal('not-ready', 'Stopped before it was ready.');
  const { signal, release } = untilInterrupted(told);
  try {
    refuseToShowOthers(config, call);
    await refuseTwice(config);
    await portMustBeFree(config);
    warnOfMissingProxy(config, output);
    output.line(`Opening the stores in ${config.dataFolder} …`);
    const stores = await openStores(config.stores, {
      ...config,
      doing: 'rollcall serve',
      clock: systemClock,
    });
    try {
      await serveFrom(stores, config, { call, output, signal });
      output.line('Stopping …');
    } finally {
      await stores.close();
    }
  } catch (error) {
    if (error !== told) throw error;
    output.line(`${told.message} Start it again and it goes on from there.`);
  } finally {
    release();
  }
  return 0;
}

async function serveFrom(
  stores: Stores,
  config: Config,
  { call, output, signal }: { call: Call; output: Output; signal: AbortSignal },
): Promise<void> {
  signal.throwIfAborted();
  if (config.demo && !(await demoIsSeeded(stores))) {
    await seedDemo(stores, {
      clock: systemClock,
      folder: join(config.dataFolder, 'made-up'),
      visitKm: config.visitKm,
      signal,
      say: (step) => output.line(step),
    });
  }
  if (call.as) refuseUnknownViewer(call.as, await directoriesOf(stores)());
  const identity = config.demo ? await startIdentity(stores, config) : undefined;
  const app = await createSite(stores, {
    demo: config.demo,
    dataFolder: config.dataFolder,
    viewAs: call.as,
    clock: systemClock,
    limits: config.limits,
    proxies: config.proxies,
    metricsToken: config.metricsToken,
    stopping: signal,
    signIn: identity?.settings ?? config.signIn,
    reportFault: (route, error) => output.error(`Fault at ${route}: ${error.stack}`),
    tell: output.line,
  });
  await prepareSite(stores, { dataFolder: config.dataFolder, clock: systemClock });
  signal.throwIfAborted();
  const { host, port } = config;
  await app.listen({ host, port }).catch((error: NodeJS.ErrnoException) => {
    throw cannotListen(config, error);
  });
  const listener = await listenForCommands(
    socketPath(config.dataFolder),
    ({ words, folder, settings: { visitKm } }, options) => {
      const { demo, dataFolder, mail } = config;
      const settings = { demo, visitKm, dataFolder, mail };
      const surroundings = { ...options, folder, settings, stores, clock: systemClock };
      return runTyped(words, surroundings, output.line);
    },
  );
  await sayWhatToOpen(app.server.address() as AddressInfo, stores, { config, call, output });
  const { mail } = config;
  const stopWeekly = doWeekly(stores, { mail, clock: systemClock, tell: output.line });
  if (!signal.aborted) await once(signal, 'abort');
  await stopWeekly();
  await drain(app.server, config);
  await listener.close();
  await app.close();
  await identity?.close();
}

/** Who has a connection and is about to ask on it is given so long, after nobody new gets one. */
const graceMilliseconds = 1000;
const shortTurnMilliseconds = 2;

/**
 * Told to stop: not ready any longer, so that whoever sends visitors sends them elsewhere; then nobody new; then, in
 * `close`, no further request, and whoever asked gets an answer, in as much time as a page may take. What is still under
 * way then is cut off, and what the stores cannot end by then they find whole at the next start.
 */
async function drain(server: Server, { drainSeconds, pageSeconds }: Config): Promise<void> {
  await pause(drainSeconds * 1000);
  const longest = (pageSeconds + 2) * 1000;
  setTimeout(() => server.closeAllConnections(), longest).unref();
  setTimeout(() => process.exit(1), 3 * longest).unref();
  await stopListening(server);
}

/**
 * An HTTP server that closes cuts off idle connections at once, also one on which a request is coming in. So only the port
 * is closed first; each answer from then on ends its connection.
 */
async function stopListening(server: Server): Promise<void> {
  await allAreLetIn();
  const allGone = new Promise<void>((resolve) =>
    NetServer.prototype.close.call(server, () => resolve()),
  );
  await Promise.race([allGone, pause(graceMilliseconds)]);
  await afterReading();
}

/** A port that closes cuts off who waits at it to be let in, which happens at every turn: after a short one few wait. */
async function allAreLetIn(): Promise<void> {
  const began = performance.now();
  for (let turn = began; performance.now() - began < graceMilliseconds; ) {
    await afterReading();
    if (performance.now() - turn < shortTurnMilliseconds) return;
    turn = performance.now();
  }
}

/** The demo's own identity provider, and the people who can sign in with it. */
async function startIdentity(stores: Stores, { host, port, identityPort }: Config) {
  const site = `http://localhost:${port}`;
  const people = castPeople(await directoriesOf(stores)());
  const provider = await startLocalProvider({ demo: true, people, site, host, port: identityPort });
  const { issuer, clientId, clientSecret } = provider;
  await seedPupils(stores, { issuer, clock: systemClock });
  // Its address is another at each start, and the cast is who it was.
  const subjects = people.map(({ subject }) => subject);
  await vouchAnew(stores.records, { subjects, issuer });
  const settings = { ...signInDefaults, issuer, clientId, clientSecret, site };
  return { settings, close: () => provider.close() };
}

/** What `main.ts` does with words, for a process that asked over the socket. */
async function runTyped(
  words: readonly string[],
  surroundings: Parameters<typeof runCall>[1],
  say: (text: string) => void,
): Promise<number> {
  try {
    const { stores, clock } = surroundings;
    const asked = parseWords(words, commandsAtSite({ directories: directoriesOf(stores), clock }));
    if (asked.what !== 'call') throw new Error('only a call is asked over the socket');
    say(`Carrying out “${asked.call.command.verb}” …`);
    return await runCall(asked.call, surroundings);
  } catch (error) {
    const wrong = error instanceof UsageError;
    surroundings.output.error(wrong ? error.message : failureText(error));
    return wrong ? 2 : 1;
  }
}

const ownHosts = ['127.0.0.1', '::1', 'localhost'];

/** `serve --as` shows every visitor the site as somebody: the operator alone may be that visitor. */
function refuseToShowOthers({ host }: Config, { as }: Call): void {
  if (!as || ownHosts.includes(host)) return;
  throw new Refusal(
    'bad-input',
    `serve --as ${viewerText(as)} shows the site to you alone: it works only while ROLLCALL_HOST is 127.0.0.1.`,
  );
}

function warnOfMissingProxy({ host, proxies }: Config, output: Output): void {
  if (ownHosts.includes(host) || proxies.length > 0) return;
  output.line(
    `Warning: other machines can ask at ${host} without TLS, and behind a proxy every visitor has one address: name your TLS proxy in ROLLCALL_PROXIES.`,
  );
}

async function refuseTwice({ dataFolder }: Config): Promise<void> {
  const site = await findSite(socketPath(dataFolder));
  if (!site) return;
  site.destroy();
  throw new Refusal(
    'store-held',
    `Rollcall is already served from ${dataFolder}. Open that site or stop it (Ctrl-C where it runs), or choose another folder with ROLLCALL_DATA.`,
  );
}

function portMustBeFree(config: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createNetServer();
    probe.once('error', (error) => reject(cannotListen(config, error)));
    probe.listen(config.port, config.host, () => probe.close(() => resolve()));
  });
}

function cannotListen({ host, port }: Config, error: NodeJS.ErrnoException): Refusal {
  return new Refusal(
    'store-held',
    error.code === 'EADDRINUSE'
      ? `Port ${port} is in use by another program. Stop it, or choose another port: put ROLLCALL_PORT=${port + 1} before the same command.`
      : `The site cannot listen on ${host}:${port} (${error.message}). Choose another with ROLLCALL_HOST and ROLLCALL_PORT.`,
    { cause: error },
  );
}

async function sayWhatToOpen(
  { address, port }: AddressInfo,
  stores: Stores,
  { config, call, output }: { config: Config; call: Call; output: Output },
): Promise<void> {
  const here = ['127.0.0.1', '::1', '0.0.0.0', '::'].includes(address) ? 'localhost' : address;
  const site = `http://${here}:${port}`;
  output.line(`Rollcall is at ${site} (Ctrl-C stops it).`);
  if (call.as) output.line(`You see it as ${viewerText(call.as)}.`);
  if (!config.demo || call.as) return;
  output.line(`Choose whom to be at ${site}/demo:`);
  for (const { text, hint } of await demoPeople(stores)) output.line(`  ${text}: ${hint}`);
  output.line(`To see made-up children, sign in at ${site}/sign-in as one of the people there.`);
}
