import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Published data beside the checkout; none of it is part of the project. */
const folder = new URL('../../../shared/data/', import.meta.url).pathname;

/** For a test's `skip`: why it is skipped, or false. */
export const withoutRealData: string | false = existsSync(folder)
  ? false
  : 'needs published data in ../shared/data';

/** Paths of real files in a folder of it, by the beginning of their names. */
export function realFiles(inFolder: string, prefix = ''): string[] {
  return readdirSync(join(folder, inFolder))
    .filter((name) => name.startsWith(prefix) && /\.csv(\.gz)?$/.test(name))
    .sort()
    .map((name) => join(folder, inFolder, name));
}
