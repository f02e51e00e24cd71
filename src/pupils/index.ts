/**
 * Pupils: who they are, where they are enrolled, what is held of them and who has to do with them; opening a record in an
 * emergency; and the rights of the child and its family over what is held.
 *
 * Invariant: a request reaches children through `pupilsFor(registry, viewer, purpose)` alone, which asks the policy itself.
 */
import type { Route } from '../access/index.ts';
import { emergencyPages } from './emergencyPages.ts';
import { pupilPages, type PupilPagesOptions } from './page.ts';
import { rightsPages } from './rightsPages.ts';

export { censusWords } from './censusWords.ts';
export { pupilCommands } from './commands.ts';
export { pupilFlows } from './flows.ts';
export { type EntriesOf, registerYears } from './rights.ts';
export { emergencyMinutes } from '../records/index.ts';
export { type ChildAttendance, type PupilPagesOptions, subjectOfAddress } from './page.ts';
export {
  type Days,
  type ListedPupil,
  pupilsFor,
  type ScopedPupils,
  type ShownPupil,
} from './scoped.ts';
export { type Registry, subjectOfPupil, subjectOfPupilList } from './subject.ts';

/** Every page about children. */
export function pupilRoutes(options: PupilPagesOptions): Route[] {
  return [...pupilPages(options), ...emergencyPages(options), ...rightsPages(options)];
}
