/** The register book: a week at a glance, the history of an entry, amending one, what has no reason yet, and what is too old. */
import type { Route } from '../../access/index.ts';
import { bookApi } from './api.ts';
import { bookPages, type BookOptions } from './page.ts';

export { attendanceOfChild, canMissAtMost, sessionsToBeBack } from './child.ts';
export { bookCommands, type BookCommandsOptions } from './commands.ts';
export { entriesOf } from './entry.ts';
export type { BookOptions } from './page.ts';
export { mostInAWeek, sessionKindOf } from './childYear.ts';
export { sessionsOfDays } from './book.sql.ts';
export { type BookParts, keysOf } from './show.ts';
export { schoolDaysToExplain } from './unexplained.ts';

/** Every page and API route of the register book. */
export function bookRoutes(options: BookOptions): Route[] {
  return [...bookPages(options), ...bookApi(options)];
}
