import { type Static, type TObject, type TSchema, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { Refusal } from '../base/problem.ts';
import type { DataClass, Purpose, Subject } from './policy.ts';
import type { ApiLinks, Ask, Route } from './route.ts';
import type { Viewer } from './viewer.ts';

/** A request to the API, its parameters checked and read. */
export type ApiAsk<Params, Query> = Pick<Ask, 'viewer' | 'may' | 'purpose'> & {
  params: Params;
  query: Query;
};

const none = Type.Object({}, { additionalProperties: false });
type None = typeof none;

/**
 * A route of the API. Its shapes are declared once: what comes in is checked against them (refused with the parameter's
 * name), and so is what goes out: a reply of another shape is a bug and is never sent.
 */
export function apiRoute<
  Reply extends TSchema,
  Params extends TObject = None,
  Query extends TObject = None,
>(route: {
  path: `/api/v1/${string}`;
  summary: string;
  description?: string;
  needs: DataClass;
  /** As on `Route`. */
  shows?: readonly DataClass[];
  /** As on `Route`. */
  purpose?: Purpose;
  params?: Params;
  query?: Query;
  reply: Reply;
  subject?(params: Static<Params>, viewer: Viewer): Promise<Subject>;
  answer(
    ask: ApiAsk<Static<Params>, Static<Query>>,
  ): Promise<{ body: Static<Reply>; links?: ApiLinks }>;
}): Route {
  // What a path names badly is not there; what is asked of it badly is a bad request.
  const readParams = reader(route.params ?? (none as unknown as Params), 'not-found');
  const readQuery = reader(route.query ?? (none as unknown as Query), 'bad-input');
  const check = checker(route.reply, route.path);
  const { subject } = route;
  return {
    method: 'GET',
    path: route.path,
    summary: route.summary,
    needs: route.needs,
    ...(route.shows ? { shows: route.shows } : {}),
    ...(route.purpose ? { purpose: route.purpose } : {}),
    ...(subject ? { subject: async (params, viewer) => subject(readParams(params), viewer) } : {}),
    api: {
      reply: route.reply,
      ...(route.description ? { description: route.description } : {}),
      ...(route.params ? { params: route.params } : {}),
      ...(route.query ? { query: route.query } : {}),
    },
    async answer({ viewer, may, purpose, params, query }) {
      const { body, links } = await route.answer({
        viewer,
        may,
        purpose,
        params: readParams(params),
        query: readQuery(query),
      });
      check(body);
      return { kind: 'data', body, ...(links ? { links } : {}) };
    },
  };
}

/** What is wrong with one parameter. */
export type ParameterFault = { parameter: string; detail: string };

/** Refuses a request and says which parameters it is about. */
export class ParameterRefusal extends Refusal {
  readonly faults: readonly ParameterFault[];
  constructor(
    reason: 'bad-input' | 'not-found',
    faults: readonly [ParameterFault, ...ParameterFault[]],
  ) {
    super(reason, faults.map((fault) => fault.detail).join(' '));
    this.faults = faults;
  }
}

/** Reads parameters, which come as text, into what the shape says they are. */
function reader<Shape extends TObject>(
  shape: Shape,
  otherwise: 'bad-input' | 'not-found',
): (values: Readonly<Record<string, string>>) => Static<Shape> {
  const compiled = Compile(shape);
  return (values) => {
    const read = valuesFromText(shape, values);
    if (compiled.Check(read)) return read as Static<Shape>;
    const wrong = new Set(
      [...compiled.Errors(read)].flatMap(({ keyword, instancePath, params }) =>
        keyword === 'required'
          ? (params as { requiredProperties: string[] }).requiredProperties
          : keyword === 'additionalProperties'
            ? (params as { additionalProperties: string[] }).additionalProperties
            : (instancePath.split('/')[1] ?? []),
      ),
    );
    const faults = [...wrong].map((parameter) => faultOf(shape, parameter, values[parameter]));
    throw new ParameterRefusal(otherwise, faults as [ParameterFault, ...ParameterFault[]]);
  };
}

/** Whole numbers are written in digits and nothing else; what is not given has its default. */
function valuesFromText(shape: TObject, values: Readonly<Record<string, string>>) {
  const read: Record<string, unknown> = { ...values };
  for (const [name, property] of Object.entries(shape.properties)) {
    const { type, default: usual } = property as { type?: string; default?: unknown };
    const text = values[name];
    if (text === undefined && usual !== undefined) read[name] = usual;
    if (type === 'integer' && text !== undefined && /^(0|[1-9]\d{0,8})$/.test(text))
      read[name] = Number(text);
  }
  return read;
}

function faultOf(shape: TObject, parameter: string, given: string | undefined): ParameterFault {
  const known = Object.keys(shape.properties);
  const declared = Object.hasOwn(shape.properties, parameter)
    ? (shape.properties[parameter] as { description?: string })
    : undefined;
  if (declared === undefined) {
    const others = known.length > 0 ? `There are ${known.join(', ')}.` : 'There are none here.';
    const name = parameter.slice(0, 100);
    return { parameter: name, detail: `There is no parameter “${name}”. ${others}` };
  }
  const got = given === undefined ? 'missing' : `“${given.slice(0, 100)}”`;
  return { parameter, detail: `${parameter} is ${got}. Expected ${declared.description}.` };
}

function checker(shape: TSchema, path: string): (body: unknown) => void {
  const compiled = Compile(shape);
  return (body) => {
    if (compiled.Check(body)) return;
    const [first] = compiled.Errors(body);
    throw new Error(
      `the reply of ${path} is not of the declared shape: ${first?.instancePath || 'it'} ${first?.message}`,
    );
  };
}
