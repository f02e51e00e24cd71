/**
 * Targets: what each school's absence would be next year if nothing special happened, what schools like it achieve, and
 * the expectation that follows; for support, never for accountability. `forecast` → `similar` → `expectation` are pure;
 * `publish` puts them together and issues them; `show` is the only way to what was issued, and asks who is asking.
 */
export { targetCommands } from './commands.ts';
export { assessTargets, widestBacktest } from './assess.ts';
export { methodsRoute } from './methodsPage.ts';
export { issueTargets } from './issue.ts';
export {
  type DatedIssue,
  type FitSummary,
  type Issued,
  type IssuedFigures,
  issuedColumns,
} from './issued.ts';
export { targetsApi } from './api.ts';
export { findIssued, issuedFigures, newestFit } from './show.ts';
export { rungStands } from './reasons.ts';
