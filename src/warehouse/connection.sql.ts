import { statement } from './statement.ts';

/** The columns of a table and their types; none when there is no such table. */
export const columnsOf = statement<{ name: string; type: string }, { table: string }>(
  'columnsOf',
  `SELECT name, type FROM system.columns
   WHERE database = currentDatabase() AND table = {table:String} ORDER BY position`,
);

/**
 * Stops what a connection is running, known by the comment that goes with each of its statements. Not SYNC: chDB never
 * answers that.
 */
export const stopStatements = statement<never, { comment: string }>(
  'stopStatements',
  `KILL QUERY WHERE Settings['log_comment'] = {comment:String} ASYNC`,
);
