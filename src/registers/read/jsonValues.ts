import { type ReadLimits, StopReading } from './reading.ts';

/** One value of a JSON text: parsed, or the row at which it could not be. */
export type JsonValue = { value: unknown; row: number } | { broken: true; row: number };

/**
 * The values of a JSON text one after the other, as it comes: the elements of an array, or values with white space between
 * them. A value that is no JSON is passed on as broken, and the next is read.
 */
export async function* jsonValues(
  texts: AsyncIterable<string>,
  limits: ReadLimits,
): AsyncGenerator<JsonValue[]> {
  let head = '';
  let cutter: LineCutter | ValueCutter | undefined;
  for await (const text of texts) {
    if (cutter) {
      yield cutter.valuesOf(text);
      continue;
    }
    head += text;
    if (!/\n\s*\S/.test(head) && head.length < headLength) continue;
    cutter = cutterFor(head, limits);
    yield cutter.valuesOf(head);
  }
  if (!cutter) {
    cutter = cutterFor(head, limits);
    yield cutter.valuesOf(head);
  }
  yield cutter.last();
}

/** In so many characters the first line ends, where it is the lines that are values. */
const headLength = 65_536;

/** A first line that is a whole thing by itself tells that every line is one (NDJSON). */
function cutterFor(head: string, limits: ReadLimits): LineCutter | ValueCutter {
  const first = head.trimStart().split('\n', 1)[0] ?? '';
  const isThing = first.startsWith('{') && !('broken' in parsed(first, 1));
  return isThing ? new LineCutter(limits) : new ValueCutter(limits);
}

/** Every line is a value; a broken one spoils no other. */
class LineCutter {
  readonly #limits: ReadLimits;
  /** The pieces of a line that has not ended yet. */
  #pieces: string[] = [];
  #length = 0;
  #line = 0;

  constructor(limits: ReadLimits) {
    this.#limits = limits;
  }

  valuesOf(chunk: string): JsonValue[] {
    const lines = chunk.split('\n');
    const unfinished = lines.pop() ?? '';
    const values: JsonValue[] = [];
    for (const line of lines) this.#take(this.#whole(line), values);
    this.#pieces.push(unfinished);
    this.#length += unfinished.length;
    if (this.#length > this.#limits.valueCharacters) throw tooLong(this.#line + 1, this.#limits);
    return values;
  }

  #whole(end: string): string {
    if (this.#pieces.length === 0) return end;
    const line = this.#pieces.join('') + end;
    this.#pieces = [];
    this.#length = 0;
    return line;
  }

  /** A line that has no end and is no JSON is where the text was cut: nobody knows how many followed. */
  last(): JsonValue[] {
    const values: JsonValue[] = [];
    this.#take(this.#whole(''), values);
    if (values.some((value) => 'broken' in value)) throw lineBreaksOff(this.#line);
    return values;
  }

  #take(line: string, values: JsonValue[]): void {
    this.#line += 1;
    if (this.#line > this.#limits.rows) throw tooMany(this.#line, this.#limits);
    if (line.length > this.#limits.valueCharacters) throw tooLong(this.#line, this.#limits);
    if (!isEmpty.test(line)) values.push(parsed(line, this.#line));
  }
}

const isEmpty = /^\s*$/;

const quote = 34;
const backslash = 92;
const opens = (code: number) => code === 91 || code === 123;
const closes = (code: number) => code === 93 || code === 125;
/** White space and the comma. */
const between = (code: number) =>
  code === 32 || code === 10 || code === 13 || code === 9 || code === 44;

/** Finds where values begin and end by their brackets, never deeper than the limit. */
class ValueCutter {
  readonly #limits: ReadLimits;
  /** The pieces of the value under way that came before, and where in this piece it goes on; -1 between values. */
  #pieces: string[] = [];
  #length = 0;
  #start = -1;
  #depth = 0;
  #inText = false;
  #escaped = false;
  /** An array around all values is opened, not parsed. */
  #inArray = false;
  #begun = false;
  #row = 0;

  constructor(limits: ReadLimits) {
    this.#limits = limits;
  }

  valuesOf(text: string): JsonValue[] {
    const values: JsonValue[] = [];
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (this.#inText) this.#withinText(code, at, text, values);
      else if (this.#start < 0) this.#begin(code, at, text, values);
      else if (this.#depth === 0 && (between(code) || closes(code))) {
        this.#end(text, at, values);
        if (code === 93) this.#inArray = false;
      } else this.#within(code, at, text, values);
    }
    this.#keep(text);
    return values;
  }

  last(): JsonValue[] {
    const values: JsonValue[] = [];
    if (this.#depth > 0 || this.#inText || this.#inArray) throw this.#breaksOff();
    if (this.#start >= 0) this.#end('', 0, values);
    return values;
  }

  #withinText(code: number, at: number, text: string, values: JsonValue[]): void {
    if (this.#escaped) this.#escaped = false;
    else if (code === backslash) this.#escaped = true;
    else if (code === quote) {
      this.#inText = false;
      if (this.#depth === 0) this.#end(text, at + 1, values);
    }
  }

  #begin(code: number, at: number, text: string, values: JsonValue[]): void {
    if (between(code) || code === 0xfeff) return;
    if (code === 91 && !this.#begun) {
      this.#inArray = true;
      this.#begun = true;
      return;
    }
    this.#begun = true;
    if (code === 93 && this.#inArray) {
      this.#inArray = false;
      return;
    }
    this.#start = at;
    if (closes(code)) this.#end(text, at + 1, values);
    else this.#within(code, at, text, values);
  }

  #within(code: number, at: number, text: string, values: JsonValue[]): void {
    if (code === quote) this.#inText = true;
    else if (opens(code)) {
      this.#depth += 1;
      if (this.#depth > this.#limits.depth) throw this.#tooDeep();
    } else if (closes(code)) {
      this.#depth -= 1;
      if (this.#depth <= 0) this.#end(text, at + 1, values);
    }
  }

  #end(text: string, end: number, values: JsonValue[]): void {
    this.#row += 1;
    if (this.#row > this.#limits.rows) throw tooMany(this.#row, this.#limits);
    const value = this.#pieces.join('') + text.slice(this.#start, end);
    if (value.length > this.#limits.valueCharacters) throw tooLong(this.#row, this.#limits);
    values.push(parsed(value, this.#row));
    this.#pieces = [];
    this.#length = 0;
    this.#start = -1;
    this.#depth = 0;
  }

  #keep(text: string): void {
    if (this.#start < 0) return;
    this.#pieces.push(text.slice(this.#start));
    this.#length += text.length - this.#start;
    this.#start = 0;
    if (this.#length > this.#limits.valueCharacters) throw tooLong(this.#row + 1, this.#limits);
  }

  #breaksOff(): StopReading {
    return new StopReading(
      'json-breaks-off',
      'The JSON breaks off: a bracket or a quotation mark is not closed. Send it again, whole.',
      this.#row + 1,
    );
  }

  #tooDeep(): StopReading {
    return new StopReading(
      'json-too-deep',
      `The JSON has things within things more than ${this.#limits.depth} deep, as no register has. It is not read further.`,
      this.#row + 1,
    );
  }
}

function lineBreaksOff(row: number): StopReading {
  return new StopReading(
    'json-breaks-off',
    'The last line breaks off: it is no JSON, and no line end follows it. Send it again, whole.',
    row,
  );
}

function tooMany(row: number, limits: ReadLimits): StopReading {
  return new StopReading(
    'too-many-rows',
    `There are more than ${limits.rows.toLocaleString('en-GB')} records: send them in parts.`,
    row,
  );
}

function tooLong(row: number, limits: ReadLimits): StopReading {
  return new StopReading(
    'json-too-long',
    `One record has more than ${limits.valueCharacters.toLocaleString('en-GB')} characters: send an array of marks, or one mark a line.`,
    row,
  );
}

function parsed(text: string, row: number): JsonValue {
  try {
    return { value: JSON.parse(text), row };
  } catch {
    return { broken: true, row };
  }
}
