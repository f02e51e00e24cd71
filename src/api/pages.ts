import { type TObject, Type } from 'typebox';
import { apiRoute, publicViewer, type Route } from '../access/index.ts';
import type { Directories } from '../schools/index.ts';
import { openApiOf, shownTo } from './openapi.ts';

const documentPath = '/api/v1/openapi.json';
const examplePath = '/api/v1/schools/:urn/absence';

/** The API in plain English, and for machines: both made from the routes themselves. */
export function apiPages(routes: readonly Route[], directories: Directories): Route[] {
  const documentRoute = apiRoute({
    path: documentPath,
    summary: 'This API, as OpenAPI 3.1',
    needs: 'public statistic',
    reply: Type.Object({ openapi: Type.Literal('3.1.0') }, { title: 'OpenApiDocument' }),
    answer: async () => ({ body: document }),
  });
  const apiRoutes = [...routes.filter((route) => route.api), documentRoute];
  const document = openApiOf(apiRoutes);
  return [documentRoute, pageRoute(apiRoutes, directories)];
}

function pageRoute(routes: readonly Route[], directories: Directories): Route {
  return {
    method: 'GET',
    path: '/api',
    summary: 'The API in plain English',
    needs: 'public statistic',
    async answer() {
      return {
        kind: 'page',
        template: 'api/page.njk',
        model: {
          documentPath,
          example: await exampleOf(routes, directories),
          routes: routes.map((route) => ({
            method: route.method,
            path: route.path,
            summary: route.summary,
            description: route.api?.description ?? '',
            shownTo: shownTo(route.needs),
            parameters: [
              ...parametersOf(route.api?.params, 'in the path'),
              ...parametersOf(route.api?.query, 'after ?'),
            ],
          })),
        },
      };
    },
  };
}

function parametersOf(shape: TObject | undefined, where: string) {
  return Object.entries(shape?.properties ?? {}).map(([name, property]) => ({
    name,
    where,
    description: (property as { description?: string }).description ?? '',
  }));
}

/** A real answer, as anyone would get it; null while no school is loaded. */
async function exampleOf(routes: readonly Route[], directories: Directories) {
  const route = routes.find((each) => each.path === examplePath);
  const school = (await directories()).schools.find((each) => each.closeDate === null);
  if (!route || !school) return null;
  const answer = await route.answer({
    viewer: publicViewer,
    params: { urn: String(school.urn) },
    query: {},
    form: {},
    cookies: new Map(),
    purpose: null,
    from: 'this page',
    session: null,
    may: (data) => data === 'public statistic',
  });
  if (answer.kind !== 'data') return null;
  const body = answer.body as { data: unknown[] };
  return {
    path: examplePath.replace(':urn', String(school.urn)),
    reply: JSON.stringify({ ...body, data: body.data.slice(-1) }, null, 2),
  };
}
