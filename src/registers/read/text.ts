import { isAscii, isUtf8 } from 'node:buffer';
import { type Encoding, type ReadLimits, type Source, StopReading } from './reading.ts';

/** What was found out about a file’s characters while it was read. */
export type Characters = {
  encoding: Encoding;
  /** Bytes that are no character in the encoding found: names may be misspelt, marks are not touched. */
  damaged: boolean;
};

/**
 * Any bytes as text. A byte-order mark tells UTF-8 and UTF-16; zeros at every second place tell UTF-16 without one; else the
 * first character beyond ASCII tells UTF-8 from Windows-1252, in which British registers are still written.
 */
export async function* textOf(
  source: Source,
  characters: Characters,
  limits: ReadLimits,
): AsyncGenerator<string> {
  let bytesRead = 0;
  let decode: Decode | undefined;
  for await (const chunk of withStart(source())) {
    bytesRead += chunk.length;
    if (bytesRead > limits.bytes) {
      throw new StopReading(
        'too-large',
        `The file has more than ${limits.bytes.toLocaleString('en-GB')} bytes: split it, say by term or by school, and send the parts.`,
      );
    }
    decode ??= decoderFor(chunk, characters);
    const text = decode(chunk, false);
    refuseZeros(text);
    if (text !== '') yield text;
  }
  const rest = decode?.(Buffer.alloc(0), true) ?? '';
  if (rest !== '') yield rest;
}

/** The first piece is long enough to tell what the file is. */
async function* withStart(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let start: Buffer | undefined = Buffer.alloc(0);
  for await (const piece of bytes) {
    const chunk = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    if (start === undefined) {
      yield chunk;
      continue;
    }
    start = Buffer.concat([start, chunk]);
    if (start.length < 8) continue;
    yield start;
    start = undefined;
  }
  if (start !== undefined && start.length > 0) yield start;
}

type Decode = (chunk: Buffer, last: boolean) => string;

function decoderFor(start: Buffer, characters: Characters): Decode {
  refuseForeign(start);
  const encoding = markedEncoding(start) ?? bareUtf16(start);
  if (encoding === undefined) return eightBit(characters);
  characters.encoding = encoding;
  const labels: Partial<Record<Encoding, string>> = {
    'UTF-16 LE': 'utf-16le',
    'UTF-16 BE': 'utf-16be',
  };
  return streaming(labels[encoding] ?? 'utf-8', characters);
}

function streaming(label: string, characters: Characters): Decode {
  const decoder = new TextDecoder(label);
  return (chunk, last) => {
    const text = decoder.decode(chunk, { stream: !last });
    if (text.includes('\uFFFD')) characters.damaged = true;
    return text;
  };
}

function markedEncoding(start: Buffer): Encoding | undefined {
  if (start[0] === 0xff && start[1] === 0xfe) return 'UTF-16 LE';
  if (start[0] === 0xfe && start[1] === 0xff) return 'UTF-16 BE';
  const utf8 = start[0] === 0xef && start[1] === 0xbb && start[2] === 0xbf;
  return utf8 ? 'UTF-8 with a byte-order mark' : undefined;
}

function bareUtf16([a, b, c, d]: Buffer): Encoding | undefined {
  if (a && b === 0 && c && d === 0) return 'UTF-16 LE';
  if (a === 0 && b && c === 0 && d) return 'UTF-16 BE';
  return undefined;
}

/** ASCII until something else comes, which then decides. */
function eightBit(characters: Characters): Decode {
  let decode: Decode | undefined;
  let carried: Buffer = Buffer.alloc(0);
  return (chunk, last) => {
    if (decode) return decode(chunk, last);
    const bytes = carried.length > 0 ? Buffer.concat([carried, chunk]) : chunk;
    carried = Buffer.alloc(0);
    if (isAscii(bytes)) return bytes.toString('latin1');
    const beyond = bytes.findIndex((byte) => byte > 0x7f);
    if (beyond + 4 > bytes.length && !last) {
      carried = bytes.subarray(beyond);
      return bytes.toString('latin1', 0, beyond);
    }
    const utf8 = startsUtf8(bytes.subarray(beyond));
    characters.encoding = utf8 ? 'UTF-8' : 'Windows-1252';
    decode = streaming(utf8 ? 'utf-8' : 'windows-1252', characters);
    return decode(bytes, last);
  };
}

function startsUtf8(bytes: Buffer): boolean {
  const lead = bytes[0] ?? 0;
  return isUtf8(bytes.subarray(0, lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2));
}

function refuseZeros(text: string): void {
  if (!text.includes('\0')) return;
  throw new StopReading(
    'not-text',
    'The file is not text: it holds zero bytes. Export the register again as CSV, JSON or XML.',
  );
}

const fromExcel = 'open it in Excel, save the sheet as CSV (UTF-8), and send that';

const foreign: readonly { begins: readonly number[]; is: string; todo: string }[] = [
  {
    begins: [0x50, 0x4b, 0x03, 0x04],
    is: 'an Excel workbook or a ZIP archive',
    todo: `if it is a workbook, ${fromExcel}; if it is an archive, unpack it and send the register in it`,
  },
  { begins: [0xd0, 0xcf, 0x11, 0xe0], is: 'an old Excel or Word file', todo: fromExcel },
  {
    begins: [0x25, 0x50, 0x44, 0x46],
    is: 'a PDF',
    todo: 'a register cannot be read from it; export it from your information system as CSV, JSON or XML, and send that',
  },
  {
    begins: [0x1f, 0x8b],
    is: 'compressed with gzip',
    todo: 'unpack it, and send the register in it',
  },
];

function refuseForeign(start: Buffer): void {
  const known = foreign.find(({ begins }) => begins.every((byte, at) => start[at] === byte));
  if (!known) return;
  throw new StopReading('not-a-register-file', `This is ${known.is}: ${known.todo}.`);
}
