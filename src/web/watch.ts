import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Clock } from '../base/clock.ts';
import { sameSecret } from '../base/sameSecret.ts';
import type { Asker } from './asker.ts';
import { TurnedAway } from './failures.ts';
import { allowance, type Limits, networkOf, usualDelay } from './limits.ts';
import { loopLoad } from './load.ts';
import { isOwnMachine } from './ownMachine.ts';

/** What of the site is counted. Labels are routes, never what was asked: no number of a school or a child is in them. */
type Metrics = {
  registry: Registry;
  requests: Counter<'route' | 'method' | 'status'>;
  seconds: Histogram<'route'>;
  underWay: Gauge;
  turnedAway: Counter<'why'>;
};

function createMetrics({ storesAnswering }: Watching): Metrics {
  const registry = new Registry();
  const registers = [registry];
  registry.registerMetric(
    new Gauge({
      name: 'rollcall_store_up',
      help: '1 where a store answers, 0 where it does not.',
      labelNames: ['store'],
      registers: [],
      async collect() {
        for (const [store, answers] of Object.entries(await storesAnswering())) {
          this.set({ store }, answers ? 1 : 0);
        }
      },
    }),
  );
  return {
    registry,
    requests: new Counter({
      name: 'rollcall_requests_total',
      help: 'Requests answered, by route and status.',
      labelNames: ['route', 'method', 'status'],
      registers,
    }),
    seconds: new Histogram({
      name: 'rollcall_request_seconds',
      help: 'How long answers took, by route.',
      labelNames: ['route'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    }),
    underWay: new Gauge({
      name: 'rollcall_requests_under_way',
      help: 'Requests being answered now.',
      registers,
    }),
    turnedAway: new Counter({
      name: 'rollcall_turned_away_total',
      help: 'Requests turned away: too many of one asker, too many at once, or the process too busy.',
      labelNames: ['why'],
      registers,
    }),
  };
}

export type Watching = {
  limits: Limits;
  clock: Clock;
  /** Which of the stores answer just now. Never throws. */
  storesAnswering(): Promise<Readonly<Record<string, boolean>>>;
  /** Who brings it may read the metrics from another machine. */
  metricsToken?: string | undefined;
  /** Aborted when the site was told to stop: from then on it is not ready. */
  stopping?: AbortSignal;
};

/** By the route that answers and not by how the address begins: there is no page under `/healthz-and-more`. */
const unwatched: readonly (string | undefined)[] = [
  '/healthz',
  '/readyz',
  '/metrics',
  '/assets/:file',
];
const isUnwatched = (request: FastifyRequest) => unwatched.includes(request.routeOptions.url);

export type Watch = {
  /** Turns away an address that asks too much: called by itself for all but an address of a page that cannot be read. */
  slowAddressDown(request: FastifyRequest): void;
  /** Turns away a person or a key that asks too much: called once it is known who asks. */
  slowDown(asker: Asker): void;
};

/** Turns away what is too much before any work is done for it, counts the rest, and answers how the site is. */
export function watchOver(app: FastifyInstance, options: Watching): Watch {
  const { limits, clock } = options;
  const metrics = createMetrics(options);
  const perAddress = allowance(limits.perAddress);
  const perPerson = allowance(limits.perPerson);
  const underWay = new Set<FastifyRequest>();
  const slowAddressDown = (request: FastifyRequest) => {
    const wait = perAddress.ask(networkOf(request.ip), clock().getTime());
    if (wait === 0) return;
    metrics.turnedAway.inc({ why: 'one address' });
    throw tooMany(wait);
  };
  const load = loopLoad();
  app.addHook('onClose', async () => load.close());
  app.addHook('onRequest', async (request) => {
    if (isUnwatched(request)) return;
    slowAddressDown(request);
    if (load.delay() <= (limits.delayed ?? usualDelay)) return;
    metrics.turnedAway.inc({ why: 'too busy' });
    throw tooBusy();
  });
  // A place is held from when the whole request is here until its answer is made: nobody keeps one by sending or reading
  // slowly, and nobody makes room for more work by going away.
  app.addHook('preValidation', async (request) => {
    if (isUnwatched(request)) return;
    underWay.add(request);
    metrics.underWay.set(underWay.size);
    if (underWay.size > limits.atOnce) {
      metrics.turnedAway.inc({ why: 'too many at once' });
      throw tooBusy();
    }
  });
  app.addHook('onSend', async (request, reply) => {
    underWay.delete(request);
    metrics.underWay.set(underWay.size);
    // Not before the port is closed: a client that keeps its connection would come back by a new one, and be cut off.
    if (options.stopping?.aborted && !app.server.listening) reply.header('connection', 'close');
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    const { method } = request;
    metrics.requests.inc({ route, method, status: String(reply.statusCode) });
    metrics.seconds.observe({ route }, reply.elapsedTime / 1000);
  });
  healthRoutes(app, options, metrics);
  return {
    slowAddressDown,
    slowDown({ viewer, by }) {
      if (by !== 'session' && by !== 'key') return;
      const wait = perPerson.ask(`${by} ${viewer.person ?? viewer.scope}`, clock().getTime());
      if (wait === 0) return;
      metrics.turnedAway.inc({ why: 'one person' });
      throw tooMany(wait);
    },
  };
}

function tooBusy(): TurnedAway {
  return new TurnedAway(
    503,
    5,
    'More people are asking than can be answered at once. Try again in a few seconds.',
  );
}

function tooMany(wait: number): TurnedAway {
  return new TurnedAway(
    429,
    wait,
    `You have asked for more in a minute than is allowed. Try again in ${wait} ${wait === 1 ? 'second' : 'seconds'}.`,
  );
}

/**
 * For whoever watches over the machine: is it alive, can it answer, how is it doing. The first two are one word to
 * anybody; numbers about the site are for who runs it.
 */
function healthRoutes(app: FastifyInstance, options: Watching, metrics: Metrics): void {
  app.get('/healthz', async (_request, reply) => reply.type('text/plain').send('alive\n'));
  app.get('/readyz', async (_request, reply) => {
    const answering = Object.values(await options.storesAnswering()).every(Boolean);
    if (answering && !options.stopping?.aborted) return reply.type('text/plain').send('ready\n');
    return reply.status(503).header('retry-after', '5').type('text/plain').send('not ready\n');
  });
  app.get('/metrics', async (request, reply) => {
    if (!mayReadMetrics(request, options)) {
      return reply.status(404).type('text/plain').send('not found\n');
    }
    return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
}

/** Asked on this machine and not through a proxy, or with the token. */
function mayReadMetrics(
  request: FastifyRequest,
  { metricsToken }: Pick<Watching, 'metricsToken'>,
): boolean {
  const given = request.headers.authorization ?? '';
  if (metricsToken && sameSecret(given, `Bearer ${metricsToken}`)) return true;
  return isOwnMachine(request);
}
