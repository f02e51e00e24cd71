import { academicYear, parseAcademicYear, yearLabel, yearsAfter } from '../base/academicYear.ts';

/** What a cell becomes when it has been read; null is "no value". Dates are ISO text. */
export type Value = string | number | boolean | null;

/** What a column's cells may hold. */
export type CellType = {
  /** Finishes the sentence "expected …". */
  expected: string;
  /** The value, or undefined when the text is not what was expected. */
  read(text: string): Value | undefined;
  /** A sharper name for what is wrong with a text that `read` refused. */
  fault(text: string): Fault;
  /** What is wrong with a value that may be right on another day. */
  faultOn?(value: Value, today: Date): Fault | undefined;
};

/** Why a cell could not be read: a stable kind, and the words after the quoted cell. */
export type Fault = { kind: string; is: string };

const notANumber: Fault = { kind: 'text-in-number', is: 'is not a number' };

function numberFault(text: string): Fault {
  if (text === '') return { kind: 'missing-value', is: 'is empty' };
  if (!/^-?\d+(\.\d+)?(e-?\d+)?%?$/i.test(text)) return notANumber;
  if (text.startsWith('-')) return { kind: 'negative-number', is: 'is negative' };
  return { kind: 'out-of-range', is: 'is out of range' };
}

/**
 * A whole number from `min` (0) to `max` (what 32 bits hold). `powers` also reads `1e+05`, which is how R writes 100,000
 * when it is left alone.
 */
export function whole(options: { min?: number; max?: number; powers?: boolean } = {}): CellType {
  const min = options.min ?? 0;
  const max = options.max ?? 4_294_967_295;
  const shape = options.powers ? /^\d+(\.\d+)?(e\+\d+)?$/i : /^\d+$/;
  return {
    expected: `a whole number of ${min} or more`,
    read(text) {
      if (!shape.test(text)) return undefined;
      const value = Number(text);
      return value >= min && value <= max && Number.isInteger(value) ? value : undefined;
    },
    fault(text) {
      if (/^\d+\.\d+$/.test(text)) return { kind: 'decimal-in-count', is: 'is not a whole number' };
      return /^\d+(\.\d+)?e[+-]?\d+$/i.test(text)
        ? { kind: 'power-in-count', is: 'is not a whole number in digits' }
        : numberFault(text);
    },
  };
}

/** A number, with decimals or without, from `min` to `max`. */
export function decimal(range: { min: number; max: number }): CellType {
  return {
    expected: `a number from ${range.min.toLocaleString('en-GB')} to ${range.max.toLocaleString('en-GB')}`,
    read(text) {
      if (!/^-?\d+(\.\d+)?(e-?\d+)?$/i.test(text)) return undefined;
      const value = Number(text);
      return value >= range.min && value <= range.max ? value : undefined;
    },
    fault: numberFault,
  };
}

/** A percentage, 0 to 100; some editions write the sign. */
export function percentage(): CellType {
  const plain = decimal({ min: 0, max: 100 });
  return {
    expected: 'a percentage from 0 to 100',
    read: (text) => plain.read(text.endsWith('%') ? text.slice(0, -1) : text),
    fault: numberFault,
  };
}

/** Text of at most `longest` characters; empty only where `empty` says so. */
export function text(longest: number, options: { empty?: boolean } = {}): CellType {
  const allowEmpty = options.empty ?? false;
  return {
    expected: `text of ${allowEmpty ? 'up to' : '1 to'} ${longest} characters`,
    read: (cell) => (cell.length <= longest && (allowEmpty || cell !== '') ? cell : undefined),
    fault: (cell) =>
      cell === ''
        ? { kind: 'missing-value', is: 'is empty' }
        : { kind: 'text-too-long', is: `has ${cell.length} characters` },
  };
}

/** Text of one shape, a code. */
export function code(shape: RegExp, expected: string): CellType {
  return {
    expected,
    read: (cell) => (shape.test(cell) ? cell : undefined),
    fault: (cell) =>
      cell === ''
        ? { kind: 'missing-value', is: 'is empty' }
        : { kind: 'bad-code', is: 'is not a code of that shape' },
  };
}

/** One of a few words, spelled just so. */
export function oneOf(words: readonly string[]): CellType {
  return {
    expected: words.map((word) => `“${word}”`).join(' or '),
    read: (cell) => (words.includes(cell) ? cell : undefined),
    fault: (cell) =>
      cell === ''
        ? { kind: 'missing-value', is: 'is empty' }
        : { kind: 'unknown-word', is: 'is not one of the words used here' },
  };
}

/** An academic year as the department writes it: `201718`. None after the next one can have been published. */
export function year(): CellType {
  return {
    expected: 'an academic year such as 201718, the second year following the first',
    read: (cell) => (/^(19|20)\d{4}$/.test(cell) ? parseAcademicYear(cell) : undefined),
    fault: () => ({ kind: 'bad-year', is: 'is not an academic year' }),
    faultOn(value, today) {
      const calendarYear = today.getUTCFullYear();
      const thisYear = academicYear(today.getUTCMonth() >= 8 ? calendarYear : calendarYear - 1);
      const next = yearsAfter(thisYear, 1);
      return Number(value) <= next
        ? undefined
        : { kind: 'future-year', is: `is later than next year, ${yearLabel(next)}` };
    },
  };
}

/** A six-digit URN. */
export function urn(): CellType {
  return {
    expected: 'a URN of six digits',
    read: (cell) => (/^[1-9]\d{5}$/.test(cell) ? Number(cell) : undefined),
    fault: () => ({ kind: 'bad-urn', is: 'is not a URN' }),
  };
}

/** A seven-digit LAESTAB. */
export function laestab(): CellType {
  return {
    expected: 'a LAESTAB of seven digits',
    read: (cell) => (/^[1-9]\d{6}$/.test(cell) ? Number(cell) : undefined),
    fault: () => ({ kind: 'bad-laestab', is: 'is not a LAESTAB' }),
  };
}

/** A three-digit local authority code, kept as text. */
export function laCode(): CellType {
  return code(/^[1-9]\d{2}$/, 'a local authority code of three digits');
}

/** A nine-character code of the Office for National Statistics: `E09000001`. */
export function gssCode(): CellType {
  return code(/^[A-Z]\d{8}$/, 'a GSS code such as E09000001');
}

/** A date: `31-12-2020`, `31/12/2020` or `2020-12-31`, from `earliestYear` (1900 unless told) to 2299. */
export function date(options: { earliestYear?: number } = {}): CellType {
  const earliest = `${options.earliestYear ?? 1900}-01-01`;
  return {
    expected: 'a date such as 31-12-2020 or 2020-12-31',
    read(cell) {
      const iso = isoOf(cell);
      return iso !== undefined && iso >= earliest && iso < '2300' ? iso : undefined;
    },
    fault: () => ({ kind: 'bad-date', is: 'is not a date' }),
  };
}

function isoOf(cell: string): string | undefined {
  const dayFirst = /^(\d{2})[-/](\d{2})[-/](\d{4})$/.exec(cell);
  const iso = dayFirst ? `${dayFirst[3]}-${dayFirst[2]}-${dayFirst[1]}` : cell;
  if (!/^\d{4}-\d{2}-\d{2}$/.test(iso)) return undefined;
  const at = new Date(`${iso}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(iso) ? iso : undefined;
}
