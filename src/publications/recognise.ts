import { holdsUpn } from '../base/upn.ts';
import type { Source } from './source.ts';
import { sources as everySource } from './sources/index.ts';

/** Which kinds a header is of (several when they share their columns), or why it is of none. */
export type Recognised =
  | { sources: readonly Source[]; unknownColumns: readonly string[] }
  | { fault: HeaderFault };

export type HeaderFault = { kind: string; column?: string; message: string };

/**
 * Tells the kind of a file by the names of its columns, in any order and in capitals or not. More columns than are
 * known do not matter: they are named, and left.
 */
export function recognise(
  header: readonly string[],
  sources: readonly Source[] = everySource,
): Recognised {
  const names = header.map(columnName);
  const has = new Set(names);
  const ranked = sources
    .map((source) => ({ source, missing: missingColumns(source, has), share: share(source, has) }))
    .sort((a, b) => b.share - a.share);
  const closest = ranked[0];
  if (closest === undefined || closest.share < 0.5) {
    return { fault: { kind: 'unknown-kind', message: unknownKind(header, sources) } };
  }
  const repeated = names.find((name, at) => name !== '' && names.indexOf(name) !== at);
  if (repeated !== undefined) {
    return {
      fault: {
        kind: 'repeated-column',
        column: repeated,
        message: `the header names the column “${repeated}” twice. Remove one of the two.`,
      },
    };
  }
  const complete = ranked.filter(({ missing }) => missing.length === 0);
  const found = complete.find(({ source }) => otherKind(source, has) === undefined);
  if (found) {
    return {
      sources: complete
        .map(({ source }) => source)
        .filter((source) => sameColumns(source, found.source)),
      unknownColumns: header.filter(
        (name) => name.trim() !== '' && !knownNames(found.source).has(columnName(name)),
      ),
    };
  }
  return { fault: closestFault(closest.source, closest.missing, has) };
}

/** How names of columns are compared. */
export function columnName(name: string): string {
  return name.trim().toLowerCase();
}

function knownNames(source: Source): Set<string> {
  return new Set(
    source.columns.flatMap((column) => [column.name, ...(column.also ?? [])].map(columnName)),
  );
}

function missingColumns(source: Source, has: ReadonlySet<string>): string[] {
  return source.columns
    .filter((column) => !column.optional)
    .filter(
      (column) => ![column.name, ...(column.also ?? [])].some((name) => has.has(columnName(name))),
    )
    .map((column) => column.name);
}

/** How much of a kind's columns a header has, from 0 to 1. */
function share(source: Source, has: ReadonlySet<string>): number {
  const needed = source.columns.filter((column) => !column.optional).length;
  return (needed - missingColumns(source, has).length) / needed;
}

/** Kinds that share their columns and are told apart by their rows. */
function sameColumns(one: Source, other: Source): boolean {
  return (
    one === other ||
    (one.rowsOf !== undefined &&
      one.rowsOf.column === other.rowsOf?.column &&
      one.columns.length === other.columns.length)
  );
}

function otherKind(source: Source, has: ReadonlySet<string>): string | undefined {
  const mark = Object.keys(source.notWith ?? {}).find((name) => has.has(name));
  return mark === undefined ? undefined : source.notWith?.[mark];
}

function closestFault(
  source: Source,
  missing: readonly string[],
  has: ReadonlySet<string>,
): HeaderFault {
  const other = otherKind(source, has);
  if (missing.length === 0 && other !== undefined) {
    return {
      kind: 'other-kind',
      message: `these are ${other}, which Rollcall does not import. It imports ${source.title}.`,
    };
  }
  const columns = missing.length === 1 ? 'the column' : `${missing.length} columns:`;
  return {
    kind: 'missing-column',
    column: missing[0] ?? '',
    message: `the columns are most like those of ${source.title}, but ${columns} ${listed(missing)} ${missing.length === 1 ? 'is' : 'are'} missing. Get the file again from its publisher, or put back what was removed.`,
  };
}

function unknownKind(header: readonly string[], sources: readonly Source[]): string {
  const kinds = sources.map((source) => source.title).join('; ');
  // A row may be of a child, sent by mistake: it is not repeated.
  if (header.some(isValue)) {
    return `its first row holds values and no names of columns. Put the header back, or get the file again. Rollcall imports: ${kinds}.`;
  }
  return `the columns (${listed(header.map(shortened))}) are not those of any publication that Rollcall imports. It imports: ${kinds}.`;
}

/** A number, a date or a UPN: no column is called so. */
function isValue(cell: string): boolean {
  return (
    /^\s*(?=[.,:/+-]*\d)[\d.,:/+-]+\s*$/.test(cell) ||
    /\d{4}-\d\d-\d\d/.test(cell) ||
    holdsUpn(cell)
  );
}

function shortened(name: string): string {
  const printable = name.replaceAll(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '?');
  return printable.length > 40 ? `${printable.slice(0, 40)}…` : printable;
}

function listed(names: readonly string[]): string {
  const first = names.slice(0, 5).map((name) => `“${name}”`);
  return names.length > 5 ? `${first.join(', ')} and ${names.length - 5} more` : first.join(', ');
}
