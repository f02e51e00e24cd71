import { createReadStream, type ReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import type { Limits } from './limits.ts';

/** A file that cannot be read to its end: what is wrong, as a sentence for whoever sent it. */
export class Unreadable extends Error {
  readonly kind: string;
  /** The row at which it broke off, when that is known. */
  readonly row: number | undefined;
  constructor(kind: string, message: string, row?: number) {
    super(message);
    this.name = 'Unreadable';
    this.kind = kind;
    this.row = row;
  }
}

/** How far the reading of one file is, in bytes as they lie on disk. */
export type Progress = { bytesRead: number; bytesTotal: number };

/** The bytes of a file, unzipped when they begin as a gzip does; its name does not matter. */
export async function* fileBytes(
  path: string,
  limits: Limits,
  progress: Progress,
): AsyncGenerator<Buffer> {
  const start = await firstBytes(path, progress);
  const kind = foreignKind(start);
  if (kind !== undefined) throw new Unreadable(kind.kind, kind.message);
  const file = createReadStream(path, { highWaterMark: 65_536 });
  file.on('data', (chunk) => {
    progress.bytesRead += chunk.length;
  });
  let unzipped = 0;
  const zipped = start[0] === 0x1f && start[1] === 0x8b;
  for await (const chunk of zipped ? unzip(file, start, progress) : plain(file)) {
    unzipped += chunk.length;
    if (zipped && unzipped > 2_000_000 && unzipped > limits.inflation * progress.bytesRead) {
      throw new Unreadable(
        'unzips-too-far',
        `it unzips to more than ${limits.inflation} times its size, as no table does. It is not read further.`,
      );
    }
    if (unzipped > limits.bytes) {
      throw new Unreadable(
        'too-large',
        `it has more than ${limits.bytes.toLocaleString('en-GB')} bytes${zipped ? ' when unzipped' : ''}, more than any publication. It is not read further.`,
      );
    }
    yield chunk;
  }
  if (unzipped === 0)
    throw new Unreadable(
      'empty-file',
      'the gzip holds nothing: 0 bytes when unzipped. Get the file again from its publisher.',
    );
}

async function firstBytes(path: string, progress: Progress): Promise<Buffer> {
  try {
    const handle = await open(path, 'r');
    try {
      const facts = await handle.stat();
      if (facts.isDirectory()) {
        throw new Unreadable('a-folder', 'this is a folder. Name the files in it.');
      }
      if (!facts.isFile()) {
        throw new Unreadable(
          'not-a-file',
          'this is a pipe or a device. Save it as a file: it is read twice, to check it and to store it.',
        );
      }
      progress.bytesTotal = facts.size;
      const start = Buffer.alloc(512);
      const { bytesRead } = await handle.read(start, 0, 512, 0);
      if (bytesRead === 0) {
        throw new Unreadable(
          'empty-file',
          'the file is empty: 0 bytes. Get it again from its publisher.',
        );
      }
      return start.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw notOpened(error);
  }
}

function notOpened(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new Unreadable('no-such-file', 'there is no such file. Check the path.');
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new Unreadable(
      'not-allowed',
      'it may not be read. Give this user the right to read it.',
    );
  }
  if (code === 'EISDIR') {
    return new Unreadable('a-folder', 'this is a folder. Name the files in it.');
  }
  return error;
}

type ForeignKind = { kind: string; message: string };

const foreignKinds: readonly (ForeignKind & { begins: readonly number[] })[] = [
  {
    begins: [0x50, 0x4b, 0x03, 0x04],
    kind: 'zip-or-excel',
    message:
      'this is a ZIP archive or an Excel workbook. Unzip it, or save the sheet as CSV (UTF-8).',
  },
  {
    begins: [0xd0, 0xcf, 0x11, 0xe0],
    kind: 'old-office',
    message: 'this is an old Excel or Word file. Save the sheet as CSV (UTF-8).',
  },
  {
    begins: [0x25, 0x50, 0x44, 0x46],
    kind: 'pdf',
    message: 'this is a PDF. Get the CSV file of the same publication.',
  },
  {
    begins: [0x28, 0xb5, 0x2f, 0xfd],
    kind: 'other-compression',
    message: 'it is compressed with Zstandard. Only gzip is unzipped here: unpack it first.',
  },
  {
    begins: [0xfd, 0x37, 0x7a, 0x58, 0x5a],
    kind: 'other-compression',
    message: 'it is compressed with xz. Only gzip is unzipped here: unpack it first.',
  },
  {
    begins: [0x42, 0x5a, 0x68],
    kind: 'other-compression',
    message: 'it is compressed with bzip2. Only gzip is unzipped here: unpack it first.',
  },
];

/** Files that people take for tables. */
function foreignKind(start: Buffer): ForeignKind | undefined {
  const known = foreignKinds.find(({ begins }) => begins.every((byte, at) => start[at] === byte));
  if (known) return known;
  if (/^\s*[{[]/.test(start.toString('latin1'))) {
    return { kind: 'json', message: 'this is JSON. Get the CSV file of the same publication.' };
  }
  if (/^\s*<(!doctype|html|\?xml)/i.test(start.toString('latin1'))) {
    return {
      kind: 'web-page',
      message: 'this is a web page, not a table: the download did not give the file. Get it again.',
    };
  }
  return undefined;
}

async function* plain(file: ReadStream): AsyncGenerator<Buffer> {
  for await (const chunk of file) yield chunk as Buffer;
}

async function* unzip(file: ReadStream, start: Buffer, progress: Progress): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: 65_536 });
  file.on('error', (error) => gunzip.destroy(error));
  file.pipe(gunzip);
  try {
    for await (const chunk of gunzip) yield chunk as Buffer;
  } catch (error) {
    throw notUnzipped(error, start);
  } finally {
    file.destroy();
  }
  if (gunzip.bytesWritten < progress.bytesTotal) throw bytesAfterGzip();
}

function bytesAfterGzip(): Unreadable {
  return new Unreadable(
    'bytes-after-gzip',
    'bytes that are no gzip follow the end of the gzip. Get the file again, or unzip it yourself and import what comes out.',
  );
}

function notUnzipped(error: unknown, start: Buffer): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const atAHeader = /header check|compression method/.test(String(error));
  const firstHeaderIsSound = start[2] === 8;
  if (code === 'Z_DATA_ERROR' && atAHeader && firstHeaderIsSound) return bytesAfterGzip();
  if (code === 'Z_BUF_ERROR') {
    return new Unreadable(
      'truncated-gzip',
      'the gzip breaks off before its end: the file was not downloaded or copied whole. Get it again.',
    );
  }
  if (code.startsWith('Z_')) {
    return new Unreadable(
      'broken-gzip',
      'the gzip is damaged and cannot be unzipped. Get the file again.',
    );
  }
  return error;
}
