import { Agent, type IncomingHttpHeaders, request as send } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Route } from '../../src/access/index.ts';
import type { CastPersonKey } from '../../src/demo/index.ts';
import { castPeople } from '../../src/demo/index.ts';
import { appointmentsOf, vouchAnew } from '../../src/records/index.ts';
import {
  connectProvider,
  type LocalProvider,
  openSessions,
  signInDefaults,
  signInRoutes,
  startLocalProvider,
} from '../../src/signIn/index.ts';
import { hashOf } from '../../src/signIn/tokens.ts';
import type { StoresAddress } from '../../src/stores/index.ts';
import { freePort } from '../../src/testing/process.ts';
import { openTestSite, type TestSite } from '../../src/testing/site.ts';
import type { Limits } from '../../src/web/index.ts';
import { createSite, routesOf } from '../../src/wiring.ts';

export type Answer = { status: number; headers: IncomingHttpHeaders; body: string };

export type Asked = {
  method?: string;
  headers?: Record<string, string | string[]>;
  body?: string | Buffer;
  form?: Record<string, string>;
};

/** A site that listens on a port of its own. */
export type Running = {
  port: number;
  /** As people open it: `http://localhost:PORT`. */
  address: string;
  /** Every route that this site has. */
  routes: readonly Route[];
  ask(path: string, asked?: Asked): Promise<Answer>;
  /** Bytes as they are, without a client's manners; gives all that comes back until the server ends it. */
  raw(bytes: string | Buffer, patience?: number): Promise<string>;
  /** Somebody of the cast, signed in, with a purpose chosen where there is one. */
  signIn(person: CastPersonKey): Promise<Visitor>;
};

export type Visitor = {
  person: number;
  cookie: string;
  formToken: string;
  get(path: string): Promise<Answer>;
  /** As a browser sends a form of a page of this site. */
  post(path: string, form?: Record<string, string>, headers?: Asked['headers']): Promise<Answer>;
};

export type AttackedSite = TestSite & {
  provider: LocalProvider | undefined;
  /** The site's clock stands still, so much after it was opened. */
  later: { milliseconds: number };
  run(options?: {
    demo?: boolean;
    limits?: Partial<Limits>;
    proxies?: readonly string[];
    /** As behind a TLS proxy, under this address. */
    at?: string;
  }): Promise<Running>;
};

const wideOpen: Limits = { perAddress: 1e6, perPerson: 1e6, atOnce: 1000, delayed: 1e6 };
const purposeChosen: Partial<Record<CastPersonKey, string>> = {
  ...{ head: 'attendance', villageHead: 'attendance', attendanceStaff: 'attendance' },
  ...{ teacher: 'attendance', trustLead: 'attendance', authorityOfficer: 'attendance' },
  ...{ socialWorker: 'safeguarding', earlyHelp: 'early-help' },
};

/** The whole site over real stores with the named cast, and with `provider` the local identity provider beside it. */
export async function openAttackedSite(
  options: { provider?: boolean; schools?: number; issue?: boolean; on?: StoresAddress } = {},
): Promise<AttackedSite> {
  const { schools = 12, issue = false } = options;
  const open = await openTestSite({ schools, issue, ...(options.on && { on: options.on }) });
  const { stores, directories } = open;
  const { records } = stores;
  const later = { milliseconds: 0 };
  const opened = Date.now();
  const clock = () => new Date(opened + later.milliseconds);
  const closing: (() => Promise<unknown>)[] = [];
  const firstPort = await freePort();
  const provider = options.provider
    ? await startProvider(`http://localhost:${firstPort}`)
    : undefined;

  async function startProvider(site: string): Promise<LocalProvider> {
    const people = castPeople(await directories());
    const started = await startLocalProvider({
      demo: true,
      people,
      site,
      host: '127.0.0.1',
      port: 0,
    });
    const subjects = people.map(({ subject }) => subject);
    await vouchAnew(records, { subjects, issuer: started.issuer });
    closing.push(() => started.close());
    return started;
  }

  let ports = 0;
  return {
    ...{ ...open, provider, later },
    async run({ demo = false, limits = {}, proxies = [], at } = {}) {
      ports += 1;
      const port = ports === 1 ? firstPort : await freePort();
      const address = `http://localhost:${port}`;
      const signIn = {
        ...signInDefaults,
        issuer: provider?.issuer ?? 'http://localhost:1',
        clientId: provider?.clientId ?? 'rollcall',
        clientSecret: provider?.clientSecret ?? 'none',
        scopes: 'openid profile email organisation',
        site: at ?? address,
      };
      const secure = signIn.site.startsWith('https:');
      const app = await createSite(stores, {
        ...{ demo, clock, proxies, signIn, viewAs: undefined },
        limits: { ...wideOpen, ...limits },
        reportFault: (route, error) => void open.faults.push({ route, error }),
        tell() {},
      });
      await app.listen({ host: '127.0.0.1', port });
      const agent = new Agent({ keepAlive: true, maxSockets: 64 });
      closing.push(async () => {
        agent.destroy();
        app.server.closeAllConnections();
        await app.close();
      });
      const listening = (app.server.address() as AddressInfo).port;
      const ask: Running['ask'] = (path, asked = {}) => askAt(listening, agent, path, asked);
      const sessions = openSessions(records, clock, { ...signIn, secure });
      return {
        ...{ port: listening, address, ask },
        routes: routesOf({
          ...{ stores, directories, demo, clock },
          trail: { leave: async () => {} },
          signIn: signInRoutes({
            ...{ records, sessions, clock, secure },
            trail: { leave: async () => {} },
            provider: connectProvider(signIn, clock),
            describeViewer: async () => '',
            homeOf: () => '/',
          }),
        }),
        raw: (bytes, patience = 3000) => rawAt(listening, bytes, patience),
        async signIn(key) {
          const person = open.cast.people.get(key);
          if (person === undefined) throw new Error(`nobody of the cast is ${key}`);
          const [appointment] = await appointmentsOf(records, [person]);
          const begun = { person, appointment: appointment?.id ?? null };
          const { name, value } = await sessions.begin(
            { ...begun, idToken: 'none', provedAt: clock() },
            undefined,
          );
          const purpose = purposeChosen[key];
          if (purpose) await sessions.choosePurpose(hashOf(value), purpose as 'attendance');
          const formToken = (await sessions.whoIs(new Map([[name, value]])))?.formToken ?? '';
          const cookie = `${name}=${value}`;
          const own = {
            origin: address,
            'sec-fetch-site': 'same-origin',
            host: `localhost:${port}`,
          };
          return {
            ...{ person, cookie, formToken },
            get: (path) => ask(path, { headers: { cookie } }),
            post: (path, form = {}, headers = {}) =>
              ask(path, {
                method: 'POST',
                headers: { cookie, ...own, ...headers },
                form: { csrf: formToken, ...form },
              }),
          };
        },
      };
    },
    async close() {
      for (const close of closing.toReversed()) await close();
      await open.close();
    },
  };
}

/** One request, with nothing of its path or headers put right. */
function askAt(port: number, agent: Agent, path: string, asked: Asked): Promise<Answer> {
  const { form, headers = {} } = asked;
  const body = form ? new URLSearchParams(form).toString() : asked.body;
  const type = form ? { 'content-type': 'application/x-www-form-urlencoded' } : {};
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  return new Promise((resolve, reject) => {
    const request = send({
      ...{ host: '127.0.0.1', port, agent, path, method: asked.method ?? 'GET' },
      headers: { host: `localhost:${port}`, ...type, ...length, ...headers },
    });
    request.on('response', async (response) => {
      const parts: Buffer[] = [];
      try {
        for await (const part of response) parts.push(part as Buffer);
      } catch {
        // Cut off: what came is the answer.
      }
      const { statusCode: status = 0 } = response;
      resolve({ status, headers: response.headers, body: Buffer.concat(parts).toString() });
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      // The site closed the kept connection just when it was to be used again: a browser asks once more.
      if (!request.reusedSocket || error.code !== 'ECONNRESET') return reject(error);
      resolve(askAt(port, agent, path, asked));
    });
    request.end(body);
  });
}

function rawAt(port: number, bytes: string | Buffer, patience: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    const timer = setTimeout(() => socket.destroy(), patience);
    socket.on('data', (part) => (text += part.toString('latin1')));
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(text);
    });
    socket.end(bytes);
  });
}

/** Each in its turn, where all for each would take too long. */
export function inTurn<Item>(all: readonly Item[], turn: number): Item {
  return all[turn % all.length] as Item;
}

/** What can stand for each named part of a path: one that is there where there is one. A new name is told here. */
const samples: Record<string, string> = {
  ...{ urn: '900001', laCode: '990', la_code: '990', uid: '5001', id: '1', person: '1' },
  ...{ key: '1', appointment: '1', emergency: '1', correction: '1', upload: '1' },
  ...{ regionCode: 'E99900001', region_code: 'E99900001', day: '2026-11-16', session: 'AM' },
};

/** An address of a route, its named parts filled in: by `values`, else by a sample. */
export function pathOf(route: Pick<Route, 'path'>, values: Record<string, string> = {}): string {
  return route.path.replaceAll(/:(\w+)/g, (_, name: string) => {
    const value = values[name] ?? samples[name];
    if (value === undefined) throw new Error(`tell in samples what stands for :${name}`);
    return value;
  });
}
