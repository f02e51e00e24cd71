import { createHash } from 'node:crypto';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import {
  type Answer,
  allowOrRefuse,
  type DataClass,
  decide,
  mayBeKept,
  parseViewer,
  publicViewer,
  type Route,
  type Viewer,
  viewerText,
} from '../access/index.ts';
import { Refusal } from '../base/problem.ts';
import { type Assets, assetCacheControl, type Render, securityHeaders } from '../ui/index.ts';
import { failurePage, problemJson, statusOf } from './failures.ts';
import { readForm } from './form.ts';

export type AppOptions = {
  routes: readonly Route[];
  render: Render;
  assets: Assets;
  /** In the demo a visitor chooses whom to be; elsewhere nobody can. */
  demo: boolean;
  /** Who every visitor is, when the operator serves the site to themselves as somebody. */
  viewAs: Viewer | undefined;
  /** A viewer in words: `the head of Ashgrove Primary School`. */
  describeViewer(viewer: Viewer): Promise<string>;
  /** Told of what went wrong: the route and the error, never what was asked. */
  reportFault(route: string, error: Error): void;
};

const viewerCookie = 'rollcall_demo_viewer';

/** The life of a request: who asks → may they → answer → render. */
export async function createApp(options: AppOptions): Promise<FastifyInstance> {
  const app = Fastify({
    logger: false,
    bodyLimit: 64 * 1024,
    trustProxy: false,
    routerOptions: { maxParamLength: 100 },
    frameworkErrors: (error, request, reply) => void fail(options, request, reply, error),
  });
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
    for (const route of options.routes) register(scope, route, options);
  });
  return app;
}

function register(app: FastifyInstance, route: Route, options: AppOptions): void {
  app.route({
    method: route.method,
    url: route.path,
    handler: async (request, reply) => {
      const viewer = viewerOf(request, options);
      const params = request.params as Record<string, string>;
      const shown = new Set<DataClass>([route.needs]);
      allowOrRefuse(viewer, route.needs, route.subject ? await route.subject(params) : {});
      const answer = await route.answer({
        viewer,
        params,
        query: singleValues(request.query),
        form: singleValues(request.body),
        may(data, subject) {
          const { allowed } = decide(viewer, data, subject);
          if (allowed) shown.add(data);
          return allowed;
        },
      });
      reply.header('cache-control', cacheControlOf(shown)).header('vary', 'cookie');
      return send(answer, viewer, request, reply, options);
    },
  });
}

/** What is in an answer says whether it may be kept: its route needs it, or was told that the viewer may see it. */
function cacheControlOf(shown: ReadonlySet<DataClass>): string {
  const kept = [...shown].map((data) => mayBeKept[data]);
  return kept.find((each) => each === 'no-store') ?? 'private, no-cache';
}

async function send(
  answer: Answer,
  viewer: Viewer,
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
    if (answer.viewer && options.demo) {
      reply.header(
        'set-cookie',
        `${viewerCookie}=${viewerText(answer.viewer)}; Path=/; HttpOnly; SameSite=Lax`,
      );
    }
    return reply.redirect(answer.to, 303);
  }
  const html = options.render(answer.template, {
    ...answer.model,
    frame: await frameOf(request, viewer, options),
  });
  return reply.type('text/html; charset=utf-8').send(html);
}

async function frameOf(request: FastifyRequest, viewer: Viewer, options: AppOptions) {
  return {
    path: request.url.split('?')[0] ?? '/',
    viewer: {
      description: await options.describeViewer(viewer),
      changeHref: options.demo ? '/demo' : null,
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
  if (isApi(request)) {
    return reply.type('application/problem+json').send(JSON.stringify(problemJson(error, status)));
  }
  const { template, model } = failurePage(error, status);
  const html = options.render(template, {
    ...model,
    frame: await frameOf(request, viewerOf(request, options), options),
  });
  return reply.type('text/html; charset=utf-8').send(html);
}

/** Programs get problem+json where people get a page. */
function isApi(request: FastifyRequest): boolean {
  return (request.routeOptions.url ?? request.url).toLowerCase().startsWith('/api/');
}

/** In the demo the cookie says; a cookie that nobody gave makes a visitor the public. */
function viewerOf(request: FastifyRequest, options: AppOptions): Viewer {
  if (options.viewAs) return isOwnMachine(request) ? options.viewAs : publicViewer;
  if (!options.demo) return publicViewer;
  const cookie = new RegExp(`(?:^|;\\s*)${viewerCookie}=([^;]*)`).exec(
    request.headers.cookie ?? '',
  )?.[1];
  if (!cookie) return publicViewer;
  try {
    const viewer = parseViewer(decodeURIComponent(cookie));
    return viewer.role === 'operator' ? publicViewer : viewer;
  } catch {
    return publicViewer;
  }
}

/**
 * Asked from a browser on this machine, by its own name: neither through a proxy nor by a page elsewhere that gave this
 * machine another name.
 */
function isOwnMachine({ headers }: FastifyRequest): boolean {
  const forwarded = Object.keys(headers).some((name) => /^(forwarded|via|x-forwarded-)/.test(name));
  const host = (headers.host ?? '').replace(/:\d+$/, '');
  return !forwarded && ['localhost', '127.0.0.1', '[::1]'].includes(host);
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
