import type { Route } from '../access/index.ts';
import type { Receipt } from '../records/index.ts';
import type { Stores } from '../stores/index.ts';
import { type Table, words } from '../ui/index.ts';
import { type Check, keptName, type Source } from './source.ts';
import { sources } from './sources/index.ts';

/** What every figure rests on: each source in its own words, and what of it has been imported. */
export function dataSourcesPage(stores: Stores): Route {
  return {
    method: 'GET',
    path: '/data-sources',
    summary: 'The published files that figures rest on, and what has been imported of each',
    needs: 'public statistic',
    async answer() {
      const receipts = await stores.receipts();
      return {
        kind: 'page',
        template: 'publications/page.njk',
        model: { sources: sources.map((source) => describe(source, receipts)) },
      };
    },
  };
}

function describe(source: Source, receipts: readonly Receipt[]) {
  const imported = receipts.filter((receipt) => receipt.kind === source.kind);
  return {
    source,
    title: words.sentence(source.title),
    imported: imported.length > 0 ? importedTable(source, imported) : undefined,
    columns: columnsTable(source),
    refusedUnless: rulesOf(source, 'refuse'),
    oddUnless: rulesOf(source, 'warn'),
    skips: (source.skips ?? []).map(({ reason, why }) => `${words.sentence(reason)}: ${why}`),
  };
}

function rulesOf(source: Source, otherwise: Check['otherwise']): string[] {
  return (source.checks ?? [])
    .filter((check) => check.otherwise === otherwise)
    .map(({ rule }) => rule);
}

function importedTable(source: Source, receipts: readonly Receipt[]): Table {
  return {
    caption: `Imported so far: ${source.title}`,
    columns: [
      { name: 'part', heading: 'Part', kind: 'text' },
      { name: 'rows', heading: 'Rows', kind: 'count' },
      { name: 'file', heading: 'From the file', kind: 'text' },
      { name: 'imported_on', heading: 'Imported on', kind: 'text' },
    ],
    rows: receipts
      .toSorted((a, b) => (a.scope < b.scope ? 1 : -1))
      .map((receipt) => [
        words.sentence(source.scope.label(receipt.scope)),
        typeof receipt.detail['rows'] === 'number' ? receipt.detail['rows'] : null,
        receipt.title,
        words.date(receipt.committed_at ?? receipt.started_at),
      ]),
  };
}

function columnsTable(source: Source): Table {
  return {
    caption: `Columns: ${source.title}`,
    columns: [
      { name: 'column', heading: 'Column', kind: 'text' },
      { name: 'meaning', heading: 'Meaning', kind: 'text' },
      { name: 'expected', heading: 'Holds', kind: 'text' },
      { name: 'kept', heading: 'Kept', kind: 'text' },
    ],
    rows: source.columns.map((column) => [
      [column.name, ...(column.also ?? [])].join(', or '),
      column.meaning,
      column.type.expected,
      isKept(source, column.name, keptName(column)) ? 'yes' : 'checked only',
    ]),
  };
}

/** Kept as it stands, or inside a column that is made from it. */
function isKept(source: Source, name: string, kept: string | undefined): boolean {
  return (
    kept !== undefined || (source.derived ?? []).some((derived) => derived.from?.includes(name))
  );
}
