import { isAscii, isUtf8 } from 'node:buffer';
import { Unreadable } from './fileBytes.ts';

export type Encoding = 'UTF-8' | 'UTF-16' | 'Windows-1252';

/** What was found out about a file's characters while it was read. */
export type Characters = {
  encoding: Encoding;
  /** The row (1 = the header) of the first character that is not ASCII, when there is one. */
  firstBeyondAscii?: number;
};

/**
 * Any bytes as UTF-8. A byte-order mark tells UTF-8 and UTF-16; without one, the first character beyond ASCII tells
 * UTF-8 from Windows-1252, in which British registers are still written. Bytes that are no text throw `Unreadable`.
 */
export async function* asUtf8(
  bytes: AsyncIterable<Buffer>,
  characters: Characters,
): AsyncGenerator<Buffer> {
  let decode: ((chunk: Buffer, last: boolean) => Buffer) | undefined;
  for await (const chunk of withWholeMark(bytes)) {
    decode ??= decoderFor(chunk, characters);
    const text = decode(chunk, false);
    if (text.length > 0) yield text;
  }
  const rest = decode?.(Buffer.alloc(0), true);
  if (rest && rest.length > 0) yield rest;
}

/** The first piece holds a whole byte-order mark, where there is one. */
async function* withWholeMark(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let start: Buffer = Buffer.alloc(0);
  let begun = false;
  for await (const chunk of bytes) {
    if (begun) {
      yield chunk;
      continue;
    }
    start = Buffer.concat([start, chunk]);
    if (start.length < 3) continue;
    begun = true;
    yield start;
  }
  if (!begun && start.length > 0) yield start;
}

type Decode = (chunk: Buffer, last: boolean) => Buffer;

function decoderFor(start: Buffer, characters: Characters): Decode {
  if (start[0] === 0xff && start[1] === 0xfe) return utf16('utf-16le', characters);
  if (start[0] === 0xfe && start[1] === 0xff) return utf16('utf-16be', characters);
  return eightBit(characters);
}

function utf16(label: 'utf-16le' | 'utf-16be', characters: Characters): Decode {
  characters.encoding = 'UTF-16';
  const decoder = new TextDecoder(label);
  return (chunk, last) => Buffer.from(decoder.decode(chunk, { stream: !last }));
}

function eightBit(characters: Characters): Decode {
  const windows1252 = new TextDecoder('windows-1252');
  const bom = Buffer.from([0xef, 0xbb, 0xbf]);
  let carried: Buffer = Buffer.alloc(0);
  let decided = false;
  let row = 1;
  let atStart = true;
  return (chunk, last) => {
    refuseBinary(chunk, row);
    let text = carried.length > 0 ? Buffer.concat([carried, chunk]) : chunk;
    carried = Buffer.alloc(0);
    if (atStart && text.subarray(0, 3).equals(bom)) {
      text = text.subarray(3);
      decided = true;
    }
    atStart = false;
    if (characters.encoding === 'Windows-1252') return Buffer.from(windows1252.decode(text));
    if (!isAscii(text)) {
      const beyond = text.findIndex((byte) => byte > 0x7f);
      characters.firstBeyondAscii ??= row + newlinesIn(text.subarray(0, beyond));
      if (!decided && beyond + 4 > text.length && !last) {
        carried = text.subarray(beyond);
        text = text.subarray(0, beyond);
      } else if (!decided && !startsUtf8(text.subarray(beyond))) {
        characters.encoding = 'Windows-1252';
        return Buffer.from(windows1252.decode(text));
      } else {
        decided = true;
        const whole = last ? text.length : wholeCharacters(text);
        carried = text.subarray(whole);
        text = text.subarray(0, whole);
        if (!isUtf8(text)) throw notUtf8(text, row);
      }
    }
    row += newlinesIn(text);
    return text;
  };
}

function refuseBinary(chunk: Buffer, row: number): void {
  const at = chunk.indexOf(0);
  if (at < 0) return;
  throw new Unreadable(
    'not-text',
    'it holds zero bytes: it is not text, or is UTF-16 without a byte-order mark. Save the table as CSV (UTF-8).',
    row + newlinesIn(chunk.subarray(0, at)),
  );
}

function startsUtf8(text: Buffer): boolean {
  const lead = text[0] ?? 0;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  return isUtf8(text.subarray(0, length));
}

/** How many bytes of `text` are whole characters: the rest of the last one is in the next chunk. */
function wholeCharacters(text: Buffer): number {
  for (let back = 1; back <= Math.min(3, text.length); back += 1) {
    const byte = text[text.length - back] ?? 0;
    if (byte < 0x80) return text.length;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return back < length ? text.length - back : text.length;
    }
  }
  return text.length;
}

function notUtf8(text: Buffer, row: number): Unreadable {
  let good = 0;
  let bad = text.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    const whole = wholeCharacters(text.subarray(0, middle));
    if (isUtf8(text.subarray(0, whole))) good = middle;
    else bad = middle;
  }
  return new Unreadable(
    'mixed-encodings',
    'it begins as UTF-8, but this row has a character that is not UTF-8. Save the whole table as CSV (UTF-8).',
    row + newlinesIn(text.subarray(0, good)),
  );
}

function newlinesIn(text: Buffer): number {
  let count = 0;
  for (let at = text.indexOf(10); at >= 0; at = text.indexOf(10, at + 1)) count += 1;
  return count;
}
