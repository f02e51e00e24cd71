/** Rolls: schools, the days on which they are open, and who is on the roll, as files, pages and pushes tell them. */
import type { Route } from '../../access/index.ts';
import { rollPages, type RollPagesOptions } from './pages.ts';
import { rollPushRoutes } from './push.ts';

export { rollCommands } from './commands.ts';

/** The pages by which a school sends its roll and its calendar, and the API by which its system does. */
export function rollRoutes(options: RollPagesOptions): Route[] {
  return [...rollPages(options), ...rollPushRoutes(options)];
}
