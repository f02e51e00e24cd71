import { existsSync, readFileSync } from 'node:fs';
import { countingMarkdown } from './absence/index.ts';
import { settings, settingsMarkdown } from './config.ts';
import {
  dependenciesMarkdown,
  documentMarkdown,
  documents,
  testsNamed,
} from './transparency/index.ts';

const checkout = new URL('..', import.meta.url);

/**
 * The pages of docs/ that are generated, by path, as they have to be. `npm run docs` writes them; a test holds them true.
 * Throws when the DPIA names a test that is not there.
 */
export function writtenDocuments(
  exists = (path: string) => existsSync(new URL(path, checkout)),
): Record<string, string> {
  for (const path of testsNamed()) {
    if (!exists(path)) {
      throw new Error(`the DPIA says that ${path} holds a measure, and there is no such file`);
    }
  }
  const dependencies = dependenciesMarkdown(
    readJson('package.json'),
    readJson('package-lock.json'),
  );
  return {
    'docs/counting/definitions.md': countingMarkdown(),
    'docs/settings.md': settingsMarkdown(),
    'docs/dependencies.md': dependencies,
    ...Object.fromEntries(
      documents(settings).map((each) => [`docs/${each.name}.md`, documentMarkdown(each)]),
    ),
  };
}

/** Which of them are not as they have to be, in sentences. */
export function staleDocuments(read: (path: string) => string): string[] {
  return Object.entries(writtenDocuments())
    .filter(([path, text]) => read(path) !== text)
    .map(([path]) => `${path} is not what the code says: run npm run docs and look at it`)
    .toSorted();
}

function readJson<Shape>(path: string): Shape {
  return JSON.parse(readFileSync(new URL(path, checkout), 'utf8')) as Shape;
}
