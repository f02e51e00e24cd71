import { type TObject, type TSchema, Type } from 'typebox';
import {
  type DataClass,
  mayBeKept,
  policy,
  type Role,
  roleNames,
  roles,
  type Route,
} from '../access/index.ts';
import { shape } from '../base/shapes.ts';

type Json = Record<string, unknown>;

export type ApiDocument = {
  openapi: '3.1.0';
  info: Json;
  /** `get`, or `post` where something is sent. */
  paths: Record<string, Record<string, Json>>;
  components: {
    schemas: Record<string, Json>;
    responses: Record<string, Json>;
    securitySchemes: Json;
  };
};

/** Every error, RFC 9457. */
const problemShape = shape(
  'Problem',
  {
    type: Type.String({ description: 'urn:rollcall: and the reason, or about:blank' }),
    title: Type.String(),
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    detail: Type.String({ description: 'what to do about it' }),
    parameters: Type.Optional(
      Type.Array(shape('ParameterFault', { parameter: Type.String(), detail: Type.String() })),
    ),
  },
  { description: 'What went wrong (RFC 9457).' },
);

/**
 * The OpenAPI 3.1 document of these routes, from the very shapes that are checked when they are asked. A shape with a
 * title becomes a component of that name.
 */
export function openApiOf(routes: readonly Route[]): ApiDocument {
  const schemas: Record<string, Json> = {};
  const schemaOf = (schema: TSchema) => hoisted(schema as unknown as Json, schemas);
  const problem = (description: string) => ({
    description,
    content: { 'application/problem+json': { schema: schemaOf(problemShape) } },
  });
  return {
    openapi: '3.1.0',
    info: {
      title: 'Rollcall API',
      version: '1',
      description:
        'Published absence of every state school in England, and the expectations issued to schools for those who may see them. Expectations are for support, never for accountability.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    paths: pathsOf(routes, schemaOf),
    components: {
      responses: {
        BadRequest: problem('A parameter is not as expected; it is named.'),
        Forbidden: problem('The policy does not show this to you; it says why.'),
        NotFound: problem('There is no such thing.'),
        OnlyRead: problem('Any method but GET and HEAD: this address is only read.'),
        SignedOut: problem('The key is missing, not known, or over.'),
        Conflict: problem(
          'The same Idempotency-Key with other bytes, or while the first is still worked on.',
        ),
        TooLarge: problem('More was sent than is taken at once.'),
        NotTaken: problem('Something else was sent than is taken: the detail says what is.'),
        NotReady: problem('Rollcall is starting, stopping or being mended: ask again in a moment.'),
        Fault: problem('A fault of Rollcall’s. Nothing of its inside is told.'),
      },
      schemas,
      securitySchemes: {
        key: {
          type: 'http',
          scheme: 'bearer',
          description: 'Of a school’s information system; whoever runs this site makes it.',
        },
      },
    },
  };
}

/** Of one path, what is read and what is sent stand together. */
function pathsOf(
  routes: readonly Route[],
  schemaOf: (schema: TSchema) => Json,
): ApiDocument['paths'] {
  const paths: ApiDocument['paths'] = {};
  for (const route of routes.filter(({ api }) => api)) {
    const path = bracedPath(route.path);
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route, schemaOf) };
  }
  return paths;
}

function operationOf(route: Route, schemaOf: (schema: TSchema) => Json): Json {
  const { api } = route;
  const sends = route.takes === 'push';
  const kept = mayBeKept[route.needs] !== 'no-store';
  const response = (name: string) => ({ $ref: `#/components/responses/${name}` });
  return {
    operationId: operationId(route),
    summary: route.summary,
    description: [api?.description, `Shown to ${shownTo(route.needs)}.`].filter(Boolean).join(' '),
    parameters: [
      ...parametersOf('path', api?.params, schemaOf),
      ...parametersOf('query', api?.query, schemaOf),
      ...(sends ? [idempotencyKey] : []),
    ],
    ...(sends ? { requestBody: bodyOf(api?.body ?? ''), security: [{ key: [] }] } : {}),
    responses: {
      200: {
        description: route.summary,
        headers: {
          ...(kept
            ? { ETag: { schema: { type: 'string' }, description: 'send it back in If-None-Match' } }
            : {}),
          ...(api?.query && 'page' in api.query.properties
            ? { Link: { schema: { type: 'string' }, description: 'rel="prev" and rel="next"' } }
            : {}),
        },
        content: { 'application/json': { schema: schemaOf(api?.reply as TSchema) } },
      },
      ...(kept
        ? { 304: { description: 'Nothing has changed since the ETag that you sent.' } }
        : {}),
      400: response('BadRequest'),
      ...(isForEveryone(route.needs) ? {} : { 403: response('Forbidden') }),
      404: response('NotFound'),
      ...(sends
        ? {
            401: response('SignedOut'),
            409: response('Conflict'),
            413: response('TooLarge'),
            415: response('NotTaken'),
          }
        : { 405: response('OnlyRead') }),
      500: response('Fault'),
      503: response('NotReady'),
    },
  };
}

/** The same key with the same bytes gives the same answer, so that whoever had none may send again. */
const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'up to 200 characters that you use for nothing else: sent again with the same bytes, it gives the same answer and changes nothing',
  schema: { type: 'string', maxLength: 200 },
};

function bodyOf(description: string): Json {
  const schema = { schema: { type: 'string', format: 'binary' } };
  return {
    required: true,
    description: `${description} It may be packed: Content-Encoding: gzip.`,
    content: { 'application/json': schema, 'application/x-ndjson': schema },
  };
}

function parametersOf(
  where: 'path' | 'query',
  shapes: TObject | undefined,
  schemaOf: (schema: TSchema) => Json,
): Json[] {
  const required = new Set(where === 'path' ? Object.keys(shapes?.properties ?? {}) : []);
  return Object.entries(shapes?.properties ?? {}).map(([name, property]) => {
    const { description, ...schema } = schemaOf(property as TSchema);
    return { name, in: where, required: required.has(name), description, schema };
  });
}

/** Who sees this class of data, in words, as the policy has it. */
export function shownTo(data: DataClass): string {
  const who = roleNames.flatMap((role) => {
    const rule = policy[data][role];
    return rule.allow === 'never' ? [] : [inWords(role, rule.allow === 'own')];
  });
  return isForEveryone(data) ? 'everyone' : `${who.slice(0, -1).join(', ')} and ${who.at(-1)}`;
}

function isForEveryone(data: DataClass): boolean {
  return roleNames.every((role) => policy[data][role].allow === 'always');
}

function inWords(role: Role, own: boolean): string {
  return own ? `${roles[role].title} about what is their own` : roles[role].title;
}

/** `/schools/:urn` is written `/schools/{urn}` there. */
function bracedPath(path: string): string {
  return path.replaceAll(/:(\w+)/g, '{$1}');
}

/** `/api/v1/schools/:urn/absence` → `getSchoolsUrnAbsence`. */
function operationId({ path, method }: Pick<Route, 'path' | 'method'>): string {
  const words = path.replace('/api/v1/', '').split(/\W|_/).filter(Boolean);
  return `${method.toLowerCase()}${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')}`;
}

/** The schema with every named shape inside it put among the components and referred to. */
function hoisted(schema: Json, components: Record<string, Json>): Json {
  const inside = (each: unknown) => hoisted(each as Json, components);
  const insideAll = (all: unknown) =>
    Object.fromEntries(Object.entries(all as Json).map(([name, each]) => [name, inside(each)]));
  const { title, ...rest } = schema as Json & { title?: string };
  const plain: Json = { ...rest };
  for (const key of ['properties', 'patternProperties']) {
    if (plain[key]) plain[key] = insideAll(plain[key]);
  }
  if (plain['items']) plain['items'] = inside(plain['items']);
  if (Array.isArray(plain['anyOf'])) plain['anyOf'] = plain['anyOf'].map(inside);
  if (title === undefined) return plain;
  const known = components[title];
  if (known && JSON.stringify(known) !== JSON.stringify(plain)) {
    throw new Error(`two different shapes are called ${title}`);
  }
  components[title] = plain;
  return { $ref: `#/components/schemas/${title}` };
}
