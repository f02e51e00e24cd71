/**
 * Transparency: what Rollcall does with data, what could go wrong and how its figures are made, told from the program’s own
 * tables, limits, evaluation and tests, for anybody to read: on the site as pages, in docs/ as files.
 */
import type { Document } from './document.ts';
import { algorithmDocument } from './algorithm.ts';
import { dataFlowsDocument } from './dataFlows.ts';
import { dpiaDocument, type NamedSettings } from './dpia.ts';
import { earlyWarningDocument } from './earlyWarning.ts';
import { patternsDocument } from './patterns.ts';

export { dependenciesMarkdown } from './dependencies.ts';
export { testsNamed } from './dpia.ts';
export { documentMarkdown } from './markdown.ts';
export { transparencyPages } from './pages.ts';

/** Every document. */
export function documents(settings: NamedSettings): Document[] {
  return [
    dataFlowsDocument(),
    dpiaDocument(settings),
    algorithmDocument(),
    earlyWarningDocument(),
    patternsDocument(),
  ];
}
