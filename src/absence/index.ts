/**
 * Absence: the official statistics, counted from registers. `absence.sql.ts` has the definitions as named steps,
 * `reference.ts` the same once more as plainly as can be, and `cases.ts` as small tables that both are held against and
 * docs/counting is made from. Two official series exist for the same term, the daily feed’s and the census’s: every
 * figure says which it is.
 */
export { absenceCommands } from './commands.ts';
export { countingMarkdown } from './countingDocument.ts';
