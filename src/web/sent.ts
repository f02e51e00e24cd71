import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Route, Sent } from '../access/index.ts';
import { Refusal } from '../base/problem.ts';
import { boundaryOf, readMultipart } from './multipart.ts';

type Bytes = AsyncIterable<Uint8Array>;

const pushTypes = ['application/json', 'application/x-ndjson', 'application/ndjson'];

/** What a request takes beside a form, by its route; nothing where no route answers. */
export function takenBy(request: FastifyRequest): Route['takes'] {
  return (request.routeOptions.config as { takes?: Route['takes'] } | undefined)?.takes;
}

/** Bytes are read by the answer itself, once it is known who sends them; nobody else’s are. */
export function takeSentBytes(app: FastifyInstance): void {
  app.addContentTypeParser(
    ['multipart/form-data', ...pushTypes],
    (request, payload, done: (error: Error | null, body?: unknown) => void) => {
      const isForm = (request.headers['content-type'] ?? '').startsWith('multipart/');
      const wanted = isForm ? 'file' : 'push';
      if (takenBy(request) === wanted) return done(null, payload);
      done(Object.assign(new Error('Unsupported Media Type'), { statusCode: 415 }));
    },
  );
}

export function mayBePacked(request: FastifyRequest): boolean {
  return takenBy(request) === 'push';
}

/** The form of a request that takes something, as far as it stands before what is taken. */
export async function sentBy(
  request: FastifyRequest,
  route: Pick<Route, 'takes'>,
): Promise<{ form: unknown; sent: Sent | null }> {
  if (!route.takes) return { form: request.body, sent: null };
  const { 'content-type': contentType, 'content-encoding': encoding } = request.headers;
  const key = request.headers['idempotency-key'];
  const idempotencyKey = typeof key === 'string' ? key : null;
  if (route.takes === 'push') {
    const known = [undefined, 'identity', 'gzip'].includes(encoding?.toLowerCase());
    if (!known)
      throw Object.assign(new Error('Pack it with gzip or not at all.'), { statusCode: 415 });
    const bytes = (request.body ?? nothing()) as Bytes;
    const isPacked = encoding?.toLowerCase() === 'gzip';
    return { form: {}, sent: { name: 'push', bytes, isPacked, idempotencyKey } };
  }
  const boundary = boundaryOf(contentType);
  // A form without a file is a form like any other.
  if (boundary === undefined) return { form: request.body ?? {}, sent: null };
  const { fields, file } = await readMultipart(request.body as Bytes, boundary);
  const sent = file && { ...file, isPacked: false, idempotencyKey };
  return { form: fields, sent };
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

/** Only a key that was made for it opens such a route. */
export function refuseWithoutAbility(
  { ability }: Pick<Route, 'ability'>,
  asker: { by: string; abilities?: readonly string[] | undefined },
): void {
  if (ability === undefined) return;
  if (asker.by !== 'key') {
    throw new Refusal(
      'signed-out',
      'This is for a system with a key: send it as Authorization: Bearer, and ask whoever runs this site for one.',
    );
  }
  if (asker.abilities?.includes(ability)) return;
  throw new Refusal('not-allowed', 'This key was not made for that. Ask for one that was.');
}
