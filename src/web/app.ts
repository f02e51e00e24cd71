import { createHash } from 'node:crypto';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import {
  type Answer,
  type DataClass,
  decide,
  mayBeKept,
  policy,
  pupilData,
  type Purpose,
  type Route,
  type Subject,
  type Trace,
  type Trail,
  type Viewer,
  viewerText,
} from '../access/index.ts';
import type { Clock } from '../base/clock.ts';
import { Refusal } from '../base/problem.ts';
import { type Assets, assetCacheControl, type Render, securityHeaders } from '../ui/index.ts';
import { type Asker, askerOf, cookiesOf, type Doorkeeper, nobody, viewerCookie } from './asker.ts';
import { failurePage, problemJson, statusOf, TurnedAway } from './failures.ts';
import { readForm } from './form.ts';
import type { Limits } from './limits.ts';
import { refuseForeignForm, withFormToken } from './ownForms.ts';
import { type Watch, watchOver } from './watch.ts';

export type AppOptions = {
  routes: readonly Route[];
  render: Render;
  assets: Assets;
  /** In the demo a visitor chooses whom to be; elsewhere nobody can. */
  demo: boolean;
  /** Who every visitor is, when the operator serves the site to themselves as somebody. */
  viewAs: Viewer | undefined;
  /** Knows who signed in, and which system a key belongs to. */
  doorkeeper: Doorkeeper;
  /** Cookies only over TLS: everywhere but in the demo. */
  secure: boolean;
  limits: Limits;
  /** Where everything seen of a child, refused, exported or changed is written down. */
  trail: Trail;
  /** Has this viewer opened this child's record for an emergency, not yet over? */
  inEmergency(viewer: Viewer, pupil: number): Promise<boolean>;
  clock: Clock;
  /** Are the stores answering? Throws when not. */
  checkStores(): Promise<void>;
  /** A viewer in words: `the head of Ashgrove Primary School`. */
  describeViewer(viewer: Viewer): Promise<string>;
  /** Told of what went wrong: the route and the error, never what was asked. */
  reportFault(route: string, error: Error): void;
};

/** The life of a request: room for it → who asks → may they → answer → written down → rendered. */
export async function createApp(options: AppOptions): Promise<FastifyInstance> {
  const app = Fastify({
    logger: false,
    bodyLimit: 64 * 1024,
    trustProxy: false,
    // A client that sends or reads a byte now and then does not hold a connection for long.
    requestTimeout: 30_000,
    connectionTimeout: 60_000,
    keepAliveTimeout: 15_000,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 100 },
    frameworkErrors: (error, request, reply) => void fail(options, request, reply, error),
  });
  app.server.headersTimeout = 15_000;
  const watch = watchOver(app, options);
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    async (_request: FastifyRequest, body: string) => readForm(body),
  );
  app.addHook('onSend', async (request, reply, payload) => {
    for (const [name, value] of Object.entries(securityHeaders)) reply.header(name, value);
    return typeof payload === 'string' ? withETag(request, reply, payload) : payload;
  });
  app.setNotFoundHandler(async (request, reply) => {
    if (isApi(request) && !['GET', 'HEAD'].includes(request.method)) {
      reply.header('allow', 'GET, HEAD');
      const error = new Error('The API only reads: ask with GET or HEAD.');
      return fail(options, request, reply, Object.assign(error, { statusCode: 405 }));
    }
    const what = isApi(request) ? 'nothing' : 'no page';
    const nothing = new Refusal('not-found', `There is ${what} at this address.`);
    return fail(options, request, reply, nothing);
  });
  app.setErrorHandler(async (error, request, reply) =>
    fail(options, request, reply, error as Error),
  );
  app.get('/assets/:file', async (request, reply) => {
    const asset = options.assets.find(request.url.split('?')[0] ?? '');
    if (!asset) throw new Refusal('not-found', 'There is no such file.');
    reply
      .header('cache-control', assetCacheControl)
      .type(asset.contentType)
      .header('vary', 'accept-encoding');
    if (!/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) return reply.send(asset.body);
    return reply.header('content-encoding', 'gzip').send(asset.gzipped);
  });
  await app.register(async (scope) => {
    for (const route of options.routes) register(scope, route, { ...options, watch });
  });
  return app;
}

function register(
  app: FastifyInstance,
  route: Route,
  options: AppOptions & { watch: Watch },
): void {
  app.route({
    method: route.method,
    url: route.path,
    handler: async (request, reply) => {
      const asker = await askerOf(request, options);
      const { viewer } = asker;
      options.watch.slowDown(asker);
      const params = request.params as Record<string, string>;
      const form = singleValues(request.body);
      if (route.method === 'POST') refuseForeignForm(request, asker, form);
      const subject = route.subject ? await route.subject(params) : {};
      const trace = traceOf(request, route, asker, subject);
      const purpose = await mayAsk(route, asker, subject, { options, trace });
      if (purpose === 'choose') return reply.redirect(purposePath(request), 303);
      if (route.exports && !provedLately(asker, options)) {
        return reply.redirect(proveAgainPath(request), 303);
      }
      const shown = new Set<DataClass>([route.needs]);
      const answer = await route.answer({
        viewer,
        params,
        query: singleValues(request.query),
        form,
        cookies: cookiesOf(request.headers.cookie),
        purpose,
        from: request.ip,
        session: asker.session,
        may(data, about) {
          const allowed =
            decide(viewer, data, about).allowed ||
            (purpose === 'emergency' && isOpened(viewer, data, about, subject));
          if (allowed) shown.add(data);
          return allowed;
        },
      });
      const seen = [...shown].filter((data) => leavesTrace.has(data));
      if (seen.length > 0) {
        await options.trail.leave(
          ...seen.map((data) => ({
            ...trace,
            data,
            ...(purpose && { purpose }),
            action: route.exports ? ('exported' as const) : ('read' as const),
          })),
        );
      }
      reply.header('cache-control', cacheControlOf(shown)).header('vary', 'cookie');
      return send(answer, asker, request, reply, options);
    },
  });
}

/** What is about a child, and the trail itself: nothing of it is shown without a trace. */
const leavesTrace: ReadonlySet<DataClass> = new Set([...pupilData, 'audit', 'administration']);

function traceOf(
  request: FastifyRequest,
  route: Route,
  { viewer }: Asker,
  { pupil, urns, trustUid, laCode }: Subject,
): Omit<Trace, 'action'> {
  const school = urns?.at(-1);
  const area = trustUid ?? laCode;
  // A list of children is about a school: its subject is a child without a number.
  const subject: Trace['subject'] =
    pupil && pupil.id > 0
      ? { kind: 'pupil', id: String(pupil.id) }
      : school !== undefined
        ? { kind: 'school', id: String(school) }
        : area
          ? { kind: 'area', id: area }
          : { kind: 'page', id: route.path };
  return {
    viewer,
    data: route.needs,
    subject,
    from: request.ip,
    detail: { page: route.path, method: route.method },
  };
}

/**
 * Asks the policy, and writes a refusal down. About children there must be a purpose besides: what the task implies, what
 * the viewer chose, the only one that its rule has, or `choose`.
 */
async function mayAsk(
  route: Route,
  { viewer, purpose, by }: Asker,
  subject: Subject,
  { options, trace }: { options: AppOptions; trace: Omit<Trace, 'action'> },
): Promise<Purpose | null | 'choose'> {
  const rule = policy[route.needs][viewer.role];
  const decision = decide(viewer, route.needs, subject);
  if (!decision.allowed) {
    const emergency =
      rule.allow === 'own' &&
      rule.emergency === true &&
      subject.pupil !== undefined &&
      (await options.inEmergency(viewer, subject.pupil.id));
    if (emergency) return 'emergency';
    await options.trail.leave({ ...trace, action: 'refused' });
    throw new Refusal('not-allowed', decision.reason);
  }
  if (!isPupilData(route.needs) || rule.allow !== 'own') return route.purpose ?? purpose;
  const allowed = rule.purposes ?? [];
  const wanted = route.purpose ?? purpose ?? (allowed.length === 1 ? allowed[0] : undefined);
  if (wanted && allowed.includes(wanted)) return wanted;
  if (by === 'session') return 'choose';
  // Whom the demo or the operator makes one has no session to keep a choice in: the rule's first.
  return allowed[0] ?? null;
}

/** The record that was opened for an emergency, as far as the viewer's rule opens records so. */
function isOpened(viewer: Viewer, data: DataClass, about: Subject, opened: Subject): boolean {
  const rule = policy[data][viewer.role];
  const same = about.pupil !== undefined && about.pupil.id === opened.pupil?.id;
  return same && rule.allow === 'own' && rule.emergency === true;
}

const isPupilData = (data: DataClass) => (pupilData as readonly DataClass[]).includes(data);

function pathOf(request: FastifyRequest): string {
  return encodeURIComponent(request.url);
}
const purposePath = (request: FastifyRequest) => `/purpose?return=${pathOf(request)}`;
const proveAgainPath = (request: FastifyRequest) => `/sign-in?again=1&return=${pathOf(request)}`;

/** Exports of children's data want a sign-in of minutes ago. */
const provedForMilliseconds = 5 * 60_000;

function provedLately({ session, by }: Asker, { clock }: AppOptions): boolean {
  if (by === 'key') throw new Refusal('not-allowed', 'A key cannot export the data of children.');
  return !session || clock().getTime() - session.provedAt.getTime() <= provedForMilliseconds;
}

/** What is in an answer says whether it may be kept: its route needs it, or was told that the viewer may see it. */
function cacheControlOf(shown: ReadonlySet<DataClass>): string {
  const kept = [...shown].map((data) => mayBeKept[data]);
  return kept.find((each) => each === 'no-store') ?? 'private, no-cache';
}

async function send(
  answer: Answer,
  asker: Asker,
  request: FastifyRequest,
  reply: FastifyReply,
  options: AppOptions,
): Promise<unknown> {
  if (answer.kind === 'data') {
    const links = Object.entries(answer.links ?? {}).map(([rel, to]) => `<${to}>; rel="${rel}"`);
    if (links.length > 0) reply.header('link', links.join(', '));
    return reply.type('application/json; charset=utf-8').send(JSON.stringify(answer.body));
  }
  if (answer.kind === 'file') {
    return reply
      .type(answer.contentType)
      .header('content-disposition', `attachment; filename="${answer.name}"`)
      .send(answer.text);
  }
  if (answer.kind === 'redirect') {
    const safely = `Path=/; HttpOnly; SameSite=Lax${options.secure ? '; Secure' : ''}`;
    const cookies = (answer.cookies ?? []).map(
      ({ name, value }) => `${name}=${value}; ${safely}${value === '' ? '; Max-Age=0' : ''}`,
    );
    if (answer.viewer && options.demo) {
      cookies.push(`${viewerCookie}=${viewerText(answer.viewer)}; ${safely}`);
    }
    if (cookies.length > 0) reply.header('set-cookie', cookies);
    return reply.redirect(answer.elsewhere ? answer.to : ownPath(answer.to), 303);
  }
  const html = options.render(answer.template, {
    ...answer.model,
    frame: await frameOf(request, asker, options),
  });
  return reply.type('text/html; charset=utf-8').send(withFormToken(html, asker.formToken));
}

/** A path of this site and of no other: `//elsewhere` and `/\\elsewhere` are other sites to a browser. */
function ownPath(path: string): string {
  if (!/^\/(?![/\\])[^\s\\]*$/.test(path)) throw new Error('a redirect that leaves the site');
  return path;
}

async function frameOf(
  request: FastifyRequest,
  { viewer, by }: Pick<Asker, 'viewer' | 'by'>,
  options: AppOptions,
) {
  return {
    path: request.url.split('?')[0] ?? '/',
    viewer: {
      description: await options.describeViewer(viewer),
      changeHref: by !== 'session' && options.demo ? '/demo' : null,
      signedIn: by === 'session',
    },
    demo: options.demo,
  };
}

async function fail(
  options: AppOptions,
  request: FastifyRequest,
  reply: FastifyReply,
  error: Error & { statusCode?: number; validation?: unknown },
): Promise<unknown> {
  const status = statusOf(error);
  if (status === 500) options.reportFault(request.routeOptions.url ?? 'no route', error);
  reply.status(status).header('cache-control', 'no-store').header('vary', 'cookie');
  if (error instanceof TurnedAway) reply.header('retry-after', String(error.waitSeconds));
  if (isApi(request)) {
    return reply.type('application/problem+json').send(JSON.stringify(problemJson(error, status)));
  }
  const { template, model } = failurePage(error, status);
  const asker = await askerOf(request, options).catch(() => nobody);
  const frame = await frameOf(request, asker, options);
  return reply.type('text/html; charset=utf-8').send(options.render(template, { ...model, frame }));
}

/** Programs get problem+json where people get a page. */
function isApi(request: FastifyRequest): boolean {
  return (request.routeOptions.url ?? request.url).toLowerCase().startsWith('/api/');
}

/** The same answer again costs nothing to send: its hash is its ETag. What nobody may keep has none. */
function withETag(request: FastifyRequest, reply: FastifyReply, payload: string): string {
  if (!['GET', 'HEAD'].includes(request.method) || reply.statusCode !== 200) return payload;
  if (reply.getHeader('cache-control') === 'no-store') return payload;
  const etag = `"${createHash('sha256').update(payload).digest('base64url').slice(0, 22)}"`;
  reply.header('etag', etag);
  const tags = (request.headers['if-none-match'] ?? '').split(',');
  const isKnown = (tag: string) => tag === '*' || tag.replace(/^W\//, '') === etag;
  if (!tags.some((tag) => isKnown(tag.trim()))) return payload;
  reply.status(304).removeHeader('content-length');
  return '';
}

/** A parameter given twice counts once: the last. */
function singleValues(values: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries((values ?? {}) as Record<string, unknown>).map(([name, value]) => [
      name,
      String(Array.isArray(value) ? value.at(-1) : value),
    ]),
  );
}
