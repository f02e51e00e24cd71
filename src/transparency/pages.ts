import type { Route } from '../access/index.ts';
import type { Document } from './document.ts';

/** The documents for anybody to read, each on a page of its own, and one page that names them. */
export function transparencyPages(documents: readonly Document[]): Route[] {
  return [
    {
      method: 'GET',
      path: '/transparency',
      summary: 'Transparency: what Rollcall does with data, and how its figures are made',
      needs: 'public statistic',
      async answer() {
        return { kind: 'page', template: 'transparency/list.njk', model: { documents } };
      },
    },
    ...documents.map(
      (document): Route => ({
        method: 'GET',
        path: `/transparency/${document.name}`,
        summary: document.title,
        needs: 'public statistic',
        async answer() {
          return { kind: 'page', template: 'transparency/page.njk', model: { document } };
        },
      }),
    ),
  ];
}
