import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { truthFile } from './files/truth.ts';
import type { MadeUpEngland } from './madeUpEngland.ts';
import { publishedFiles } from './publishedFiles.ts';

/** Writes the published files and `truth_schools.csv` into a folder, made when missing. Returns the paths of the published ones. */
export async function saveEngland(england: MadeUpEngland, folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const paths: string[] = [];
  for (const { name, text } of publishedFiles(england)) {
    const path = join(folder, name);
    await writeFile(path, text);
    paths.push(path);
  }
  const truth = truthFile(england);
  await writeFile(join(folder, truth.name), truth.text);
  return paths;
}
