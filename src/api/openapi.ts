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
  paths: Record<string, { get: Json }>;
  components: { schemas: Record<string, Json>; responses: Record<string, Json> };
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
    paths: Object.fromEntries(
      routes.flatMap((route) =>
        route.api ? [[bracedPath(route.path), { get: operationOf(route, schemaOf) }]] : [],
      ),
    ),
    components: {
      responses: {
        BadRequest: problem('A parameter is not as expected; it is named.'),
        Forbidden: problem('The policy does not show this to you; it says why.'),
        NotFound: problem('There is no such thing.'),
        OnlyRead: problem('Any method but GET and HEAD: the API only reads.'),
        NotReady: problem('Rollcall is starting, stopping or being mended: ask again in a moment.'),
        Fault: problem('A fault of Rollcall’s. Nothing of its inside is told.'),
      },
      schemas,
    },
  };
}

function operationOf(route: Route, schemaOf: (schema: TSchema) => Json): Json {
  const { api } = route;
  const kept = mayBeKept[route.needs] !== 'no-store';
  const response = (name: string) => ({ $ref: `#/components/responses/${name}` });
  return {
    operationId: operationId(route.path),
    summary: route.summary,
    description: [api?.description, `Shown to ${shownTo(route.needs)}.`].filter(Boolean).join(' '),
    parameters: [
      ...parametersOf('path', api?.params, schemaOf),
      ...parametersOf('query', api?.query, schemaOf),
    ],
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
      405: response('OnlyRead'),
      500: response('Fault'),
      503: response('NotReady'),
    },
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
function operationId(path: string): string {
  const words = path.replace('/api/v1/', '').split(/\W|_/).filter(Boolean);
  return `get${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')}`;
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
