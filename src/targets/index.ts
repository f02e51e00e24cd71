/**
 * Targets: what each school's absence would be next year if nothing special happened, what schools like it achieve, and
 * the expectation that follows; for support, never for accountability. `forecast` → `similar` → `expectation` are pure;
 * `publish` puts them together and issues them; `show` is the only way to what was issued, and asks who is asking. Each thing
 * that is suggested shows what it rests on, and its school can set it aside (`suggestion`, `overrule`); none ever acts.
 */
export { targetCommands } from './commands.ts';
export { assessTargets, widestBacktest } from './assess.ts';
export type { BacktestSummary, GroupOutside } from './backtestSummary.ts';
export { gapPartWithFewSchools, leastAsked, mostAsked } from './expectation.ts';
export { type Model, modelFiles, modelVersion } from './modelVersion.ts';
export { fewestSimilarSchools, inputWords, mostSimilarSchools } from './similar.ts';
export { inputNames } from './weights.ts';
export { targetFlows } from './flows.ts';
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
export {
  expectationsSetAside,
  maySetAside,
  type Objection,
  speakerText,
  suggestionsIn,
} from './overrule.ts';
export { overruleReasons, suggestionKinds } from './suggestion.ts';
export {
  type GroupAgainstPath,
  yearAgainstPath,
  type YearAgainstPath,
} from './yearSoFar/against.ts';
export { mayBeUsed, type OwnYear, ownYearsIn } from './ownYears.ts';
export { prepareSeasons } from './yearSoFar/registers.ts';
export { type ShownSuggestion, shownSuggestion, suggestionRoutes } from './suggestionPages.ts';
