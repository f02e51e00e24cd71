/**
 * What may stand in a column or a parameter of a ClickHouse type. ClickHouse itself takes a number too large for its
 * column, a null where there is no null, or the 45th of a month, and stores something else without a word.
 */
export type Value =
  | string
  | number
  | boolean
  | null
  | readonly Value[]
  | { readonly [key: string]: Value };

export type Check = (value: unknown) => boolean;

const checks = new Map<string, Check>();

/** What tells whether a value can stand where the type is, exactly as it is. A type unknown here takes anything. */
export function checkFor(type: string): Check {
  let check = checks.get(type);
  if (!check) checks.set(type, (check = checkOf(type)));
  return check;
}

function checkOf(type: string): Check {
  const [, outer = type, inner = ''] = /^(\w+)(?:\((.*)\))?$/s.exec(type.trim()) ?? [];
  if (outer === 'Nullable') return orNull(checkOf(inner));
  if (outer === 'LowCardinality') return checkOf(inner);
  if (outer === 'Array') return everyOf(checkOf(inner));
  if (outer === 'Map') return everyValueOf(checkOf(inner.slice(inner.lastIndexOf(',') + 1)));
  if (outer === 'String' || outer === 'Identifier') return isText;
  if (outer === 'Bool') return (value) => typeof value === 'boolean';
  if (outer.startsWith('Float')) return Number.isFinite;
  if (outer === 'Date') return isDateBetween('1970-01-01', '2149-06-06');
  if (outer === 'Date32') return isDateBetween('1900-01-01', '2299-12-31');
  const [, unsigned, bits] = /^(U?)Int(8|16|32|64)$/.exec(outer) ?? [];
  if (bits) return isWhole(unsigned === 'U', Number(bits));
  return () => true;
}

const isText: Check = (value) => typeof value === 'string' && value.isWellFormed();

function orNull(check: Check): Check {
  return (value) => value === null || check(value);
}

function everyOf(check: Check): Check {
  return (value) => Array.isArray(value) && value.every(check);
}

function everyValueOf(check: Check): Check {
  return (value) =>
    typeof value === 'object' && value !== null && Object.values(value).every(check);
}

function isDateBetween(first: string, last: string): Check {
  return (value) =>
    typeof value === 'string' &&
    /^\d{4}-\d\d-\d\d$/.test(value) &&
    value >= first &&
    value <= last &&
    new Date(`${value}T00:00:00Z`).toJSON()?.startsWith(value) === true;
}

/** A number of JavaScript is exact up to 2⁵³, whatever the column could hold; a larger one comes as its digits. */
function isWhole(unsigned: boolean, bits: number): Check {
  const least = unsigned ? 0 : -(2 ** (bits - 1));
  const most = unsigned ? 2 ** bits - 1 : 2 ** (bits - 1) - 1;
  return (value) =>
    unsigned && bits === 64 && typeof value === 'string'
      ? /^(0|[1-9]\d{0,19})$/.test(value) && BigInt(value) < 2n ** 64n
      : Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;
}
