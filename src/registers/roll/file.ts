import { basename, resolve } from 'node:path';
import { bytesOfFile, sizeOfFile } from '../marks/bytes.ts';
import type { RollFile } from './import.ts';

/** A file on this machine, unzipped when it begins as a gzip does. Refuses what is no file, or may not be read. */
export async function openFile(folder: string, name: string): Promise<RollFile> {
  const path = resolve(folder, name);
  await sizeOfFile(path, name);
  return { name: basename(name), source: bytesOfFile(path, { bytes: 0, of: 0 }) };
}
