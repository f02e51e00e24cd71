import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { makeFolder } from '../../base/folder.ts';
import { bytesOfFile, sizeOfFile } from './bytes.ts';
import { passingFile } from './onDisk.ts';
import type { OpenedFile, UploadParts } from './receive.ts';
import { noRoom } from './stage.ts';

/** Bytes that were sent, on the disk until they are done with. */
export type Stored = {
  path: string;
  bytes: number;
  digest: string;
  /** Nothing of them stays, unless they were given to an upload. */
  remove(): Promise<void>;
};

/** More than was agreed to: nothing of it stays. */
export class TooLarge extends Error {
  readonly statusCode = 413;
}

/** Writes what is sent into the folder, and no more of it than `most`. */
export async function storeBytes(
  { folder }: Pick<UploadParts, 'folder'>,
  sent: AsyncIterable<Uint8Array>,
  most: number,
): Promise<Stored> {
  makeFolder(folder);
  const path = passingFile(folder);
  const hash = createHash('sha256');
  let bytes = 0;
  const counted = async function* () {
    for await (const chunk of sent) {
      bytes += chunk.length;
      if (bytes > most) {
        throw new TooLarge(
          `More than ${Math.floor(most / 1e6)} MB were sent. Pack the file with gzip, or send it in parts.`,
        );
      }
      hash.update(chunk);
      yield chunk;
    }
  };
  try {
    await pipeline(counted, createWriteStream(path, { mode: 0o600 }));
  } catch (error) {
    await rm(path, { force: true });
    throw noRoom(error) ?? error;
  }
  return { path, bytes, digest: hash.digest('hex'), remove: () => rm(path, { force: true }) };
}

const pathOf = ({ folder }: Pick<UploadParts, 'folder'>, upload: number) =>
  join(folder, `upload-${upload}`);

/** Gives stored bytes to an upload, which keeps them until it is done. */
export async function assignBytes(
  parts: Pick<UploadParts, 'folder'>,
  { path }: Stored,
  upload: number,
): Promise<void> {
  await rename(path, pathOf(parts, upload));
}

/** The bytes of an upload; undefined when they are gone. */
export async function openStored(
  parts: Pick<UploadParts, 'folder'>,
  upload: number,
): Promise<OpenedFile | undefined> {
  const path = pathOf(parts, upload);
  const size = await sizeOfFile(path, `upload ${upload}`).catch(() => undefined);
  if (size === undefined) return undefined;
  const read = { bytes: 0, of: size };
  return { source: bytesOfFile(path, read), read };
}

/** The uploads of which there are bytes. */
export async function storedUploads({ folder }: Pick<UploadParts, 'folder'>): Promise<number[]> {
  const names = await readdir(folder).catch(() => []);
  return names.flatMap((name) => {
    const number = /^upload-(\d+)$/.exec(name)?.[1];
    return number === undefined ? [] : [Number(number)];
  });
}

export async function removeStored(
  parts: Pick<UploadParts, 'folder'>,
  upload: number,
): Promise<void> {
  await rm(pathOf(parts, upload), { force: true });
}
