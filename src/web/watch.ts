import type { FastifyInstance } from 'fastify';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Clock } from '../base/clock.ts';
import type { Asker } from './asker.ts';
import { TurnedAway } from './failures.ts';
import { allowance, type Limits } from './limits.ts';

/** What of the site is counted. Labels are routes, never what was asked: no number of a school or a child is in them. */
type Metrics = {
  registry: Registry;
  requests: Counter<'route' | 'method' | 'status'>;
  seconds: Histogram<'route'>;
  underWay: Gauge;
  turnedAway: Counter<'why'>;
};

function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
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
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
      registers,
    }),
    underWay: new Gauge({
      name: 'rollcall_requests_under_way',
      help: 'Requests being answered now.',
      registers,
    }),
    turnedAway: new Counter({
      name: 'rollcall_turned_away_total',
      help: 'Requests turned away: too many of one asker, or too many at once.',
      labelNames: ['why'],
      registers,
    }),
  };
}

type Watching = { limits: Limits; clock: Clock; checkStores(): Promise<void> };

const isUnwatched = (url: string) => /^\/(?:healthz|readyz|metrics|assets\/)/.test(url);

export type Watch = {
  /** Turns away a person or a key that asks too much: called once it is known who asks. */
  slowDown(asker: Asker): void;
};

/** Turns away what is too much before any work is done for it, counts the rest, and answers how the site is. */
export function watchOver(app: FastifyInstance, options: Watching): Watch {
  const { limits, clock } = options;
  const metrics = createMetrics();
  const perAddress = allowance(limits.perAddress);
  const perPerson = allowance(limits.perPerson);
  let underWay = 0;
  app.addHook('onRequest', async (request, reply) => {
    if (isUnwatched(request.url)) return;
    underWay += 1;
    metrics.underWay.set(underWay);
    reply.raw.once('close', () => {
      underWay -= 1;
      metrics.underWay.set(underWay);
    });
    if (underWay > limits.atOnce) {
      metrics.turnedAway.inc({ why: 'too many at once' });
      throw new TurnedAway(
        503,
        5,
        'More people are asking than can be answered at once. Try again in a few seconds.',
      );
    }
    const wait = perAddress.ask(request.ip, clock().getTime());
    if (wait > 0) {
      metrics.turnedAway.inc({ why: 'one address' });
      throw tooMany(wait);
    }
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    const { method } = request;
    metrics.requests.inc({ route, method, status: String(reply.statusCode) });
    metrics.seconds.observe({ route }, reply.elapsedTime / 1000);
  });
  healthRoutes(app, options, metrics);
  return {
    slowDown({ viewer, by }) {
      if (by !== 'session' && by !== 'key') return;
      const wait = perPerson.ask(`${by} ${viewer.person ?? viewer.scope}`, clock().getTime());
      if (wait > 0) throw tooMany(wait);
    },
  };
}

function tooMany(wait: number): TurnedAway {
  return new TurnedAway(
    429,
    wait,
    `You have asked for more in a minute than is allowed. Try again in ${wait} ${wait === 1 ? 'second' : 'seconds'}.`,
  );
}

/** For whoever watches over the machine: is it alive, can it answer, how is it doing. They tell nothing of the data. */
function healthRoutes(app: FastifyInstance, options: Watching, metrics: Metrics): void {
  app.get('/healthz', async (_request, reply) => reply.type('text/plain').send('alive\n'));
  app.get('/readyz', async (_request, reply) => {
    try {
      await options.checkStores();
      return reply.type('text/plain').send('ready\n');
    } catch {
      return reply.status(503).header('retry-after', '5').type('text/plain').send('not ready\n');
    }
  });
  app.get('/metrics', async (request, reply) => {
    // Numbers about the site are for who runs it: asked on this machine, not through a proxy.
    const forwarded = Object.keys(request.headers).some((name) =>
      /^(forwarded|via|x-forwarded-)/.test(name),
    );
    if (forwarded || !['127.0.0.1', '::1', '::ffff:127.0.0.1'].includes(request.ip)) {
      return reply.status(404).type('text/plain').send('not found\n');
    }
    return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
}
