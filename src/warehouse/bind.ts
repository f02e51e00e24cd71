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
  return text.replace(/\{(\w+):([^{}]+)\}/g, (_, parameter: string, type: string) => {
    const value = given.get(parameter);
    if (value === undefined || !checkFor(type)(value)) {
      throw new TypeError(`${name}: {${parameter}:${type}} was given ${shown(value)}`);
    }
    return type === 'Identifier' ? identifier(value) : `CAST(${literal(value)} AS ${type})`;
  });
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
