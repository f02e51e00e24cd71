import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { Refusal } from '../../base/problem.ts';
import { type Source, StopReading, usualReadLimits } from '../read/reading.ts';

/** How far a file is read, in bytes as they lie on the disk. */
export type Read = { bytes: number; of: number };

/** A little that becomes very much is no register. So many bytes are let through before it is looked at. */
const mostInflation = 200;
const inflationFrom = 10_000_000;

/** The bytes of a file, unzipped when they begin as a gzip does, as often as they are asked for. */
export function bytesOfFile(path: string, read: Read): Source {
  return async function* () {
    read.bytes = 0;
    const file = createReadStream(path, { highWaterMark: 1 << 20 });
    let zipped: boolean | undefined;
    const counted = async function* () {
      for await (const chunk of file) {
        read.bytes += (chunk as Buffer).length;
        yield chunk as Buffer;
      }
    };
    const chunks = counted();
    const first = await chunks.next();
    if (first.done) return;
    zipped = first.value[0] === 0x1f && first.value[1] === 0x8b;
    const all = async function* () {
      yield first.value;
      yield* chunks;
    };
    try {
      yield* zipped ? unzipped(all(), read) : all();
    } finally {
      file.destroy();
    }
  };
}

/** Unzips what comes, and stops where it grows as no register does. */
export async function* unzipped(
  packed: AsyncIterable<Uint8Array>,
  read: { bytes: number },
): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: 1 << 18 });
  const fed = (async () => {
    for await (const chunk of packed) {
      if (!gunzip.write(chunk)) await new Promise((resolve) => gunzip.once('drain', resolve));
    }
    gunzip.end();
  })();
  fed.catch((error: unknown) => gunzip.destroy(error as Error));
  let bytes = 0;
  try {
    for await (const chunk of gunzip) {
      bytes += (chunk as Buffer).length;
      const tooFar = bytes > inflationFrom && bytes > mostInflation * read.bytes;
      if (tooFar || bytes > usualReadLimits.bytes) throw unzipsTooFar;
      yield chunk as Buffer;
    }
    await fed;
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')) {
      throw new StopReading(
        'broken-gzip',
        'The gzip is damaged or breaks off before its end: send it again, whole.',
      );
    }
    throw error;
  } finally {
    gunzip.destroy();
  }
}

const unzipsTooFar = new StopReading(
  'unzips-too-far',
  'It unzips to more than a register can be: send the register itself, in parts if it is large.',
);

/** What cannot be unpacked is told to whoever sent it. */
export function inWords(error: unknown): never {
  throw error instanceof StopReading ? new Refusal('bad-input', error.message) : error;
}

/** How large a file is. Refuses what is no file, or may not be read. */
export async function sizeOfFile(path: string, name: string): Promise<number> {
  try {
    const handle = await open(path, 'r');
    try {
      const facts = await handle.stat();
      if (facts.isFile()) return facts.size;
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const why = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`;
    throw new Refusal('bad-input', `${name}: ${why}. Check its path.`, { cause: error });
  }
  throw new Refusal('bad-input', `${name} is not a file: name the files themselves.`);
}
