import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type } from 'typebox';
import { orNull, shape, urnShape } from '../base/shapes.ts';
import fc from '../testing/chance.ts';
import { apiRoute, ParameterRefusal } from './apiRoute.ts';
import type { Ask } from './route.ts';

const ask = (params: Record<string, string>, query: Record<string, string> = {}): Ask => ({
  viewer: { role: 'public', scope: null },
  params,
  query,
  form: {},
  cookies: new Map(),
  purpose: null,
  from: '127.0.0.1',
  session: null,
  may: () => false,
});

const page = Type.Integer({ minimum: 1, maximum: 50, default: 1, description: 'a page' });
const echo = apiRoute({
  path: '/api/v1/echo/:urn',
  summary: 'Echo',
  needs: 'public statistic',
  params: Type.Object({ urn: urnShape }),
  query: Type.Object({ page }, { additionalProperties: false }),
  reply: shape('Echo', { urn: urnShape, page }),
  answer: async ({ params, query }) => ({ body: { urn: params.urn, page: query.page } }),
});

test('parameters are read as what they are declared to be, and have their defaults', async () => {
  assert.deepEqual(await echo.answer(ask({ urn: '100000' }, { page: '7' })), {
    kind: 'data',
    body: { urn: 100_000, page: 7 },
  });
  assert.deepEqual(await echo.answer(ask({ urn: '100000' })), {
    kind: 'data',
    body: { urn: 100_000, page: 1 },
  });
});

test('a parameter that is not as expected is refused by its name', async () => {
  for (const [query, parameter] of [
    [{ page: '0' }, 'page'],
    [{ page: '51' }, 'page'],
    [{ page: '1.5' }, 'page'],
    [{ page: '' }, 'page'],
    [{ page: '0x1' }, 'page'],
    [{ pages: '1' }, 'pages'],
    [{ toString: '1' }, 'toString'],
  ] as [Record<string, string>, string][]) {
    await assert.rejects(echo.answer(ask({ urn: '100000' }, query)), (error) => {
      assert.ok(error instanceof ParameterRefusal);
      assert.deepEqual(
        error.faults.map((fault) => fault.parameter),
        [parameter],
      );
      return true;
    });
  }
});

test('no text is read as a number but digits', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 12 }), async (text) => {
      const plain = /^\d{1,9}$/.test(text) && Number(text) >= 1 && Number(text) <= 50;
      const reading = echo.answer(ask({ urn: '100000' }, { page: text }));
      if (plain) await reading;
      else await assert.rejects(reading, ParameterRefusal);
    }),
  );
});

const wrongShapes: Record<string, unknown> = {
  'a field that was not declared': { urn: 100_000, page: 1, expectation: 4.2 },
  'a missing field': { urn: 100_000 },
  'a text where a number was declared': { urn: '100000', page: 1 },
  'a number that is none': { urn: Number.NaN, page: 1 },
  nothing: undefined,
};

for (const [name, body] of Object.entries(wrongShapes)) {
  test(`a reply of another shape is never sent: ${name}`, async () => {
    const route = apiRoute({
      path: '/api/v1/wrong',
      summary: 'Wrong',
      needs: 'public statistic',
      reply: shape('Wrong', { urn: urnShape, page, note: Type.Optional(orNull(Type.String())) }),
      answer: async () => ({ body: body as { urn: number; page: number } }),
    });
    await assert.rejects(route.answer(ask({})), /not of the declared shape/);
  });
}
