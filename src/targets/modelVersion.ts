import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('..', import.meta.url));

/** The files that a model is made of, from what is known of a school to what is told; the mathematics they use belong to it. */
const files = {
  forecast: ['targets/{forecast*,history,roster}.ts'],
  expectation: [
    'targets/{achieved,distance,expectation,fallBack,learnFrom,lookBack}.ts',
    'targets/{nearest,publish,roster,similar,weights}.ts',
  ],
} as const;
export type Model = keyof typeof files;

/**
 * What a model is, to the letter: twelve digits of the SHA-256 of its code. Any change of it, if only of a comment, is another
 * version.
 */
export function modelVersion(model: Model): string {
  const hash = createHash('sha256');
  for (const path of modelFiles(model)) {
    hash.update(`${path}\n${readFileSync(`${source}${path}`, 'utf8')}`);
  }
  return hash.digest('hex').slice(0, 12);
}

/** From `src/`, in order. */
export function modelFiles(model: Model): string[] {
  const own = [...files[model]]
    .flatMap((pattern) => globSync(pattern, { cwd: source }))
    .filter((path) => !path.endsWith('.test.ts'))
    .map((path) => path.replaceAll('\\', '/'));
  const used = new Set<string>();
  for (const path of own) addMathematics(used, path);
  return [...own, ...used].sort();
}

/** Adds the files of `stats/` that a file imports, and those that they import. */
function addMathematics(used: Set<string>, path: string): void {
  const text = readFileSync(`${source}${path}`, 'utf8');
  const imported = path.startsWith('stats/')
    ? text.matchAll(/ from '\.\/(\w+\.ts)'/g)
    : text.matchAll(/ from '\.\.\/stats\/(\w+\.ts)'/g);
  for (const [, name] of imported) {
    const each = `stats/${name}`;
    if (used.has(each)) continue;
    used.add(each);
    addMathematics(used, each);
  }
}
