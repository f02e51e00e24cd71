import { checkFor, type Value } from './values.ts';

/**
 * Puts parameters into a statement's text as literals of their type: `{urn:UInt32}` becomes `CAST(100000 AS UInt32)`.
 *
 * Not left to the engines, because neither bears what the pages need: over HTTP a server takes at most 128 kB a
 * parameter (some 18,000 schools), and chDB runs one statement with parameters at a time in the whole process, so that
 * a page would wait for a fit. A value that does not fit its type, or a parameter not given, is thrown.
 */
export function bind(name: string, text: string, parameters: object): string {
  const given = new Map(Object.entries(parameters));
  return inRuns(text, given.get('receipts')).replace(
    /\{(\w+):([^{}]+)\}/g,
    (_, parameter: string, type: string) => {
      const value = given.get(parameter);
      if (value === undefined || !checkFor(type)(value)) {
        throw new TypeError(`${name}: {${parameter}:${type}} was given ${shown(value)}`);
      }
      return type === 'Identifier' ? identifier(value) : `CAST(${literal(value)} AS ${type})`;
    },
  );
}

/** So many receipts are written out; of more, nearly all of which stand beside each other, only where runs begin and end. */
const writtenOut = 200;

function inRuns(text: string, receipts: unknown): string {
  if (!Array.isArray(receipts) || receipts.length <= writtenOut) return text;
  if (!checkFor('Array(UInt32)')(receipts)) return text;
  const runs: [first: number, last: number][] = [];
  for (const receipt of (receipts as number[]).toSorted((a, b) => a - b)) {
    const open = runs.at(-1);
    if (open && receipt <= open[1] + 1) open[1] = receipt;
    else runs.push([receipt, receipt]);
  }
  if (2 * runs.length > receipts.length) return text;
  return text.replaceAll(
    /(?<![\w.])([\w.]*\breceipt) IN \{receipts:Array\(UInt32\)\}/g,
    (_, column: string) => {
      const each = runs.map(([first, last]) => `${column} BETWEEN ${first} AND ${last}`);
      return `(${each.join(' OR ')})`;
    },
  );
}

function literal(value: Value): string {
  if (typeof value === 'string') return `'${escaped(value).replaceAll("'", "\\'")}'`;
  if (Array.isArray(value)) return `[${value.map(literal).join(',')}]`;
  if (value === null) return 'NULL';
  if (typeof value === 'object') throw new TypeError('a parameter cannot be an object');
  return String(value);
}

function identifier(value: string): string {
  return `\`${escaped(value).replaceAll('`', '\\`')}\``;
}

/** A backslash is the only character that means more than itself inside quotes, besides the quote. */
function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\');
}

export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
