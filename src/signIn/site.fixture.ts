import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type AnswerCookie,
  type Ask,
  allowOrRefuse,
  decide,
  openTrail,
  publicViewer,
  type Route,
  viewerText,
} from '../access/index.ts';
import type { Clock } from '../base/clock.ts';
import { Refusal } from '../base/problem.ts';
import type { Records } from '../records/index.ts';
import type { Directories } from '../schools/index.ts';
import { createAssets, createRenderer, securityHeaders } from '../ui/index.ts';
import {
  administrationRoutes,
  connectProvider,
  doorkeeperOf,
  type LocalPerson,
  type LocalProvider,
  openSessions,
  signInDefaults,
  signInRoutes,
  startLocalProvider,
} from './index.ts';

/** For the tests of this folder: its pages behind a real server, with the local provider beside it. */
export type TestSite = { site: string; provider: LocalProvider; close(): Promise<void> };

export async function openTestSite(options: {
  records: Records;
  clock: Clock;
  directories: Directories;
  people: readonly LocalPerson[];
}): Promise<TestSite> {
  const { records, clock, directories, people } = options;
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const site = `http://localhost:${(server.address() as AddressInfo).port}`;
  const provider = await startLocalProvider({
    demo: true,
    people,
    site,
    host: '127.0.0.1',
    port: 0,
  });
  const settings = {
    ...signInDefaults,
    ...provider,
    scopes: 'openid profile email organisation',
    site,
  };
  const sessions = openSessions(records, clock, { ...settings, secure: false });
  const trail = openTrail(records, clock);
  const describeViewer = async (viewer: Parameters<typeof viewerText>[0]) => viewerText(viewer);
  const homeOf = ({ role }: { role: string }) => `/home-of/${role}`;
  const parts = { records, sessions, trail, clock, directories, describeViewer, secure: false };
  const routes = [
    ...signInRoutes({ ...parts, homeOf, provider: connectProvider(settings, clock) }),
    ...administrationRoutes(parts),
  ];
  serve(server, routes, doorkeeperOf(records, sessions, clock));
  return {
    site,
    provider,
    async close() {
      await provider.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Who asks → may they → answer, as the web shell does it, without all that it adds. */
function serve(server: Server, routes: Route[], door: ReturnType<typeof doorkeeperOf>): void {
  const assets = createAssets();
  const render = createRenderer({ site: { assets, homeHref: '/', navigation: [], footer: [] } });
  server.on('request', async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
    const asset = assets.find(url.pathname);
    if (asset) return response.setHeader('content-type', asset.contentType).end(asset.body);
    response.setHeader('content-type', 'text/html; charset=utf-8');
    try {
      const { route, params } = findRoute(routes, request.method ?? '', url.pathname);
      const ask = await askOf(request, url, params, door);
      allowOrRefuse(ask.viewer, route.needs, {});
      const answer = await route.answer(ask);
      if (answer.kind === 'redirect') {
        const cookies = (answer.cookies ?? []).map(cookieText);
        return response
          .writeHead(303, {
            location: answer.to,
            ...(cookies.length ? { 'set-cookie': cookies } : {}),
          })
          .end();
      }
      if (answer.kind !== 'page') throw new Error('no such answer here');
      const viewer = { description: viewerText(ask.viewer), changeHref: null };
      const frame = { path: url.pathname, viewer, demo: true };
      return response.end(render(answer.template, { ...answer.model, frame }));
    } catch (error) {
      const status = error instanceof Refusal ? statuses[error.reason] : undefined;
      return response.writeHead(status ?? 500).end(error instanceof Error ? error.message : '');
    }
  });
}

const statuses: Partial<Record<Refusal['reason'], number>> = {
  'bad-input': 400,
  'signed-out': 401,
  'not-allowed': 403,
  'not-found': 404,
  'not-ready': 503,
};

function findRoute(routes: Route[], method: string, path: string) {
  for (const route of routes) {
    const shape = new RegExp(`^${route.path.replaceAll(/:(\w+)/g, '(?<$1>[^/]+)')}$`);
    const match = route.method === method ? shape.exec(path) : null;
    if (match) return { route, params: { ...match.groups } };
  }
  throw new Refusal('not-found', 'There is no page at this address.');
}

async function askOf(
  request: IncomingMessage,
  url: URL,
  params: Record<string, string>,
  door: ReturnType<typeof doorkeeperOf>,
): Promise<Ask> {
  const { cookie = '', authorization } = request.headers;
  const cookies = new Map(cookie.split('; ').map((pair) => pair.split('=', 2) as [string, string]));
  const known = await door({ cookies, authorization });
  const viewer = known?.viewer ?? publicViewer;
  let body = '';
  for await (const part of request) body += part;
  return {
    viewer,
    params,
    query: Object.fromEntries(url.searchParams),
    form: Object.fromEntries(new URLSearchParams(body)),
    purpose: known?.purpose ?? null,
    from: '127.0.0.1',
    session: known?.session ?? null,
    cookies,
    may: (data, subject) => decide(viewer, data, subject).allowed,
  };
}

function cookieText({ name, value }: AnswerCookie): string {
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Lax${value === '' ? '; Max-Age=0' : ''}`;
}
