import { createHash } from 'node:crypto';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import {
  actOf,
  type Answer,
  type DataClass,
  decide,
  grant,
  mayBeKept,
  operator,
  pupilData,
  type Purpose,
  purposes,
  purposesOf,
  type Route,
  type Subject,
  type Trace,
  type Trail,
  type Viewer,
  viewerText,
} from '../access/index.ts';
import type { Clock } from '../base/clock.ts';
import { Refusal } from '../base/problem.ts';
import { withoutUpns } from '../base/upn.ts';
import {
  type Assets,
  assetCacheControl,
  type Render,
  securityHeaders,
  words,
} from '../ui/index.ts';
import { type Asker, askerOf, cookiesOf, type Doorkeeper, nobody, viewerCookie } from './asker.ts';
import { failurePage, problemJson, statusOf, tellOperator, TurnedAway } from './failures.ts';
import { readForm, refusePacked } from './form.ts';
import { type Limits, usualPatience } from './limits.ts';
import { refuseForeignForm, withFormToken } from './ownForms.ts';
import { mayBePacked, refuseWithoutAbility, sentBy, takenBy, takeSentBytes } from './sent.ts';
import { type Watch, type Watching, watchOver } from './watch.ts';

export type AppOptions = Watching & {
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
  /** The TLS proxies in front, as addresses: what they say of a visitor's address is believed, and nobody else's word. */
  proxies?: readonly string[];
  /** Where everything seen of a child, refused, exported or changed is written down. */
  trail: Trail;
  clock: Clock;
  /** A viewer in words: `the head of Ashgrove Primary School`. */
  describeViewer(viewer: Viewer): Promise<string>;
  /** Where a viewer’s own work is, for the navigation. */
  ownPages(viewer: Viewer): { text: string; href: string }[];
  /** Told of what went wrong: the route and the error, never what was asked. */
  reportFault(route: string, error: Error): void;
};

/** The life of a request: room for it → who asks → may they → answer → written down → rendered. */
export async function createApp(options: AppOptions): Promise<FastifyInstance> {
  const patience = options.limits.patience ?? usualPatience;
  const app = Fastify({
    logger: false,
    bodyLimit: 64 * 1024,
    trustProxy: options.proxies?.length ? [...options.proxies] : false,
    requestTimeout: patience.request,
    connectionTimeout: patience.idle,
    keepAliveTimeout: patience.keepAlive,
    http: { headersTimeout: patience.headers, connectionsCheckingInterval: patience.check },
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 100 },
    // An address that cannot be read passes by the hooks.
    frameworkErrors(error, request, reply) {
      secure(reply, options);
      try {
        watch.slowAddressDown(request);
        void fail(options, request, reply, error);
      } catch (turnedAway) {
        void fail(options, request, reply, turnedAway as Error);
      }
    },
  });
  const watch = watchOver(app, options);
  // Forms, and nothing else: no JSON, no XML, no files, but where a route takes them.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    async (_request: FastifyRequest, body: string) => readForm(body),
  );
  takeSentBytes(app);
  app.addHook('preParsing', async (request) => {
    if (!mayBePacked(request)) refusePacked(request.headers['content-encoding']);
  });
  app.addHook('onSend', async (request, reply, payload) => {
    secure(reply, options);
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
    if (!asset) return reply.status(404).type('text/plain').send('There is no such file.\n');
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

function secure(reply: FastifyReply, options: Pick<AppOptions, 'secure'>): void {
  for (const [name, value] of Object.entries(securityHeaders)) reply.header(name, value);
  if (options.secure) reply.header('strict-transport-security', 'max-age=31536000');
}

function register(
  app: FastifyInstance,
  route: Route,
  options: AppOptions & { watch: Watch },
): void {
  app.route({
    method: route.method,
    url: route.path,
    config: { takes: route.takes },
    handler: async (request, reply) => {
      const asked: Asked = { route, asker: nobody, subject: {} };
      try {
        asked.asker = await askerOf(request, options);
        options.watch.slowDown(asked.asker);
        return await answerTo(asked, request, reply, options);
      } catch (error) {
        if (isRefused(error)) {
          const data = { data: route.needs, about: asked.subject };
          const trace = traceOf(request, asked, data, options);
          await options.trail.leave({ ...trace, action: 'refused' });
        }
        throw error;
      }
    },
  });
}

/** A request for a route, by somebody, about something, once that is known. */
type Asked = { route: Route; asker: Asker; subject: Subject };

/** Not allowed, or not with this key or without signing in. */
const isRefused = (error: unknown) =>
  error instanceof Refusal && ['not-allowed', 'signed-out'].includes(error.reason);

async function answerTo(
  asked: Asked,
  request: FastifyRequest,
  reply: FastifyReply,
  options: AppOptions,
): Promise<unknown> {
  const { route, asker } = asked;
  const { viewer } = asker;
  const params = singleValues(request.params);
  const { form: fields, sent } = await sentBy(request, route);
  const form = singleValues(fields);
  refuseWithoutAbility(route, asker);
  if (route.method === 'POST') refuseForeignForm(request, asker, form);
  if (route.subject) asked.subject = await route.subject(params, viewer);
  const granted = mayAsk(asked, options);
  if (granted === 'choose a purpose') return reply.redirect(purposePath(request), 303);
  if (route.exports && !provedLately(asker, options)) {
    return reply.redirect(proveAgainPath(request), 303);
  }
  const { purpose } = granted;
  const shown: Shown[] = [{ data: route.needs, about: asked.subject }];
  const answer = await route.answer({
    viewer,
    params,
    query: singleValues(request.query),
    form,
    sent,
    cookies: cookiesOf(request.headers.cookie),
    purpose,
    from: request.ip,
    session: asker.session,
    may(data, about) {
      refuseUndeclared(route, data);
      const { allowed } = decide(viewer, data, about, { purpose });
      if (allowed) shown.push({ data, about });
      return allowed;
    },
  });
  if (answer.kind !== 'redirect') {
    await options.trail.leave(
      ...tracesOf(shown).map((each) => ({
        ...traceOf(request, asked, each, options),
        ...(purpose && { purpose }),
        action: route.exports ? ('exported' as const) : ('read' as const),
      })),
    );
  }
  reply.header('cache-control', cacheControlOf(shown)).header('vary', 'cookie');
  return send(answer, asker, request, reply, options);
}

/** A part of an answer: a class of data, and of whom. */
type Shown = { data: DataClass; about: Subject };

/** What a route shows is said beforehand, so that “who can see this page?” has the whole answer. */
function refuseUndeclared({ needs, shows = [], path }: Route, data: DataClass): void {
  if (data === needs || shows.includes(data)) return;
  throw new TypeError(`${path} asks for ${data}, which is not among what it says it shows`);
}

/** What is about a child or comes from its register, and the trail itself: nothing of it is shown without a trace. */
const leavesTrace: ReadonlySet<DataClass> = new Set([
  ...pupilData,
  ...(['registers sent', 'audit', 'administration'] as const),
]);

/** One trace for each class of data and whom it is about, however often it was asked for. */
function tracesOf(shown: readonly Shown[]): Shown[] {
  const traced = shown.filter(({ data }) => leavesTrace.has(data));
  const keyOf = ({ data, about }: Shown) => JSON.stringify([data, traceSubject(about)]);
  return [...new Map(traced.map((each) => [keyOf(each), each])).values()];
}

function traceSubject({ pupil, urns, trustUids, laCodes }: Subject): Trace['subject'] {
  const school = urns?.at(-1);
  const area = trustUids?.[0] ?? laCodes?.[0];
  // A list of children is about a school: its subject is a child without a number.
  if (pupil && pupil.id > 0) return { kind: 'pupil', id: String(pupil.id) };
  if (school !== undefined) return { kind: 'school', id: String(school) };
  return area === undefined ? undefined : { kind: 'area', id: area };
}

/** Whoever looks as somebody else (`serve --as`) is the operator, and the trail says so. */
function traceOf(
  request: FastifyRequest,
  { route, asker: { viewer } }: Asked,
  { data, about }: Shown,
  { viewAs }: AppOptions,
): Omit<Trace, 'action'> {
  const isOperator = viewAs !== undefined && viewer === viewAs;
  return {
    viewer: isOperator ? operator : viewer,
    data,
    subject: traceSubject(about) ?? { kind: 'page', id: route.path },
    from: request.ip,
    detail: {
      page: route.path,
      method: route.method,
      ...(isOperator ? { as: viewerText(viewer) } : {}),
    },
  };
}

/** What somebody has to answer for: taking children’s data away, and changing what is held of them or of the trail. */
function wantsPerson(route: Route): boolean {
  const changes = actOf(route) === 'change' && leavesTrace.has(route.needs);
  return route.exports === true || changes || route.needs === 'opening in an emergency';
}

/** Asks the policy. Where a purpose is wanted and several would do, who signed in chooses one first. */
function mayAsk(
  { route, asker, subject }: Asked,
  { viewAs }: AppOptions,
): { purpose: Purpose | null } | 'choose a purpose' {
  const { viewer, purpose: chosen, by } = asker;
  // Whom the demo or the operator makes one has no session to keep a choice in.
  const granted = grant(route, { viewer, chosen, canChoose: by === 'session' }, subject);
  if (!granted.allowed && granted.why === 'no purpose' && by === 'session') {
    return 'choose a purpose';
  }
  if (!granted.allowed) throw new Refusal('not-allowed', granted.reason);
  if (by === 'choice' && wantsPerson(route)) {
    throw new Refusal('signed-out', 'Sign in first: this is done by a person, by name.');
  }
  if (viewAs !== undefined && actOf(route) === 'change') {
    throw new Refusal(
      'not-allowed',
      'You look at the site as somebody else, and change nothing as somebody else.',
    );
  }
  return { purpose: granted.purpose };
}

function pathOf(request: FastifyRequest): string {
  return encodeURIComponent(withoutUpns(request.url));
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
function cacheControlOf(shown: readonly Shown[]): string {
  const kept = shown.map(({ data }) => mayBeKept[data]);
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
    frame: await frameOf(request, asker, options, pathIn(request)),
  });
  return reply.type('text/html; charset=utf-8').send(withFormToken(html, asker.formToken));
}

/** A path of this site and of no other: `//elsewhere` and `/\\elsewhere` are other sites to a browser. */
function ownPath(path: string): string {
  if (!/^\/(?![/\\])[^\s\\]*$/.test(path)) throw new Error('a redirect that leaves the site');
  return path;
}

/** No page of ours has a UPN in its address: what looks like one was typed. */
const pathIn = (request: FastifyRequest) => withoutUpns(request.url.split('?')[0] ?? '/');

async function frameOf(
  request: FastifyRequest,
  { viewer, by, purpose, hasOtherRoles = false }: Asker,
  options: AppOptions,
  page: string | null,
) {
  return {
    path: page === null ? '/' : pathIn(request),
    page,
    viewer: {
      description: await options.describeViewer(viewer),
      changeHref: by !== 'session' && options.demo ? '/demo' : null,
      signedIn: by === 'session',
      hasOtherRoles,
      purpose: purpose && words.inSentence(purposes[purpose]),
      choosesPurpose: purposesOf(viewer.role).length > 1,
    },
    ownPages: options.ownPages(viewer),
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
  // What was sent and not read is not waited for.
  if (takenBy(request)) reply.header('connection', 'close');
  if (status === 500) options.reportFault(request.routeOptions.url ?? 'no route', error);
  else if (error instanceof Refusal) tellOperator(error, options.clock());
  reply.status(status).header('cache-control', 'no-store').header('vary', 'cookie');
  if (error instanceof TurnedAway) reply.header('retry-after', String(error.waitSeconds));
  if (isApi(request)) {
    return reply.type('application/problem+json').send(JSON.stringify(problemJson(error, status)));
  }
  // Turning somebody away costs nothing: who it is, is not looked up.
  const asker =
    error instanceof TurnedAway ? nobody : await askerOf(request, options).catch(() => nobody);
  const { template, model } = failurePage(error, status, waysOn(request, asker, options));
  // What was typed may be anything, a child’s number too: of it the page says no more than which route it was taken for.
  const frame = await frameOf(request, asker, options, request.routeOptions.url ?? null);
  const html = options.render(template, { ...model, frame });
  return reply.type('text/html; charset=utf-8').send(withFormToken(html, asker.formToken));
}

/**
 * What somebody who was refused can do: sign in, where they have not; open a child's record in an emergency, where the
 * policy lets their role.
 */
function waysOn(request: FastifyRequest, { viewer, by }: Asker, { routes }: AppOptions) {
  const canSignIn = by === 'nobody' && routes.some(({ path }) => path === '/sign-in');
  if (canSignIn) return [{ text: 'Sign in', href: `/sign-in?return=${pathOf(request)}` }];
  const { id } = (request.params ?? {}) as { id?: string };
  const isRecord =
    request.routeOptions.url?.startsWith('/pupils/:id') && /^[1-9]\d{0,8}$/.test(id ?? '');
  return isRecord && decide(viewer, 'opening in an emergency', {}, { act: 'change' }).allowed
    ? [{ text: 'Open this record in an emergency', href: `/pupils/${id}/emergency` }]
    : [];
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
      textOf(Array.isArray(value) ? value.at(-1) : value),
    ]),
  );
}

/** What has no one text is blank. A zero character is in no text, and no database takes it. */
function textOf(value: unknown): string {
  const text = typeof value === 'object' || value === undefined ? '' : String(value);
  if (!text.includes('\0')) return text;
  throw new Refusal('bad-input', 'What was sent holds a character that stands in no text.');
}
