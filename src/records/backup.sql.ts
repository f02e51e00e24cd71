import { sql } from 'kysely';
import type { Records, RecordsTransaction } from './connect.ts';

/** A table as a backup sees it. */
export type RecordsTable = {
  table: string;
  /** Those that are stored, not computed, by name. */
  columns: string[];
};

/** Kept by the migrations themselves. */
const ofMigrations = ['kysely_migration', 'kysely_migration_lock'];

/** Every table of the records, each after those whose rows it refers to. */
export async function tablesOfRecords(records: Records): Promise<RecordsTable[]> {
  const { rows } = await sql<RecordsTable & { refers: string[] }>`
    SELECT c.relname AS "table",
      array(SELECT a.attname::text FROM pg_attribute a
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
            ORDER BY a.attname) AS columns,
      array(SELECT DISTINCT t.relname::text FROM pg_constraint f JOIN pg_class t ON t.oid = f.confrelid
            WHERE f.conrelid = c.oid AND f.contype = 'f' AND t.oid <> c.oid) AS refers
    FROM pg_class c
    WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace ORDER BY c.relname
  `.execute(records);
  const left = rows.filter(({ table }) => !ofMigrations.includes(table));
  const ordered: RecordsTable[] = [];
  while (left.length > 0) {
    const next = left.findIndex(({ refers }) =>
      refers.every((name) => !left.some(({ table }) => table === name)),
    );
    if (next < 0) throw new Error('tables of the records refer to each other in a circle');
    for (const { table, columns } of left.splice(next, 1)) ordered.push({ table, columns });
  }
  return ordered;
}

/** The migrations that these records went through, in order. */
export async function migrationsOfRecords(records: Records): Promise<string[]> {
  const { rows: there } = await sql<{ name: string | null }>`
    SELECT to_regclass('kysely_migration')::text AS name`.execute(records);
  if (there[0]?.name == null) return [];
  const { rows } = await sql<{ name: string }>`
    SELECT name FROM kysely_migration ORDER BY name`.execute(records);
  return rows.map(({ name }) => name);
}

/** Shows `work` the records as they are at one moment, whatever is committed meanwhile; it can change nothing. */
export async function atOneMoment<Result>(
  records: Records,
  work: (moment: RecordsTransaction) => Promise<Result>,
): Promise<Result> {
  return records.transaction().execute(async (moment) => {
    await sql`SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY`.execute(moment);
    return work(moment);
  });
}

const rowsAtOnce = 1000;

/** The rows of a table, a line of JSON each, some at a time. Of the receipts, those that committed. */
export async function* linesOfTable(
  moment: RecordsTransaction,
  table: string,
): AsyncGenerator<string[], undefined> {
  const which = table === 'receipts' ? sql`WHERE committed_at IS NOT NULL` : sql``;
  await sql`DECLARE backup_rows NO SCROLL CURSOR FOR
    SELECT row_to_json(kept)::text AS line FROM ${sql.table(table)} AS kept ${which}`.execute(
    moment,
  );
  for (;;) {
    const { rows } = await sql<{ line: string }>`
      FETCH ${sql.lit(rowsAtOnce)} FROM backup_rows`.execute(moment);
    if (rows.length === 0) break;
    yield rows.map(({ line }) => line);
  }
  await sql`CLOSE backup_rows`.execute(moment);
  return undefined;
}

/** Numbers given out so far, by the counter that gives them: none is ever given twice, even when its row is gone. */
export async function countersOfRecords(
  moment: RecordsTransaction,
): Promise<Record<string, number>> {
  const { rows } = await sql<{ name: string; last: string | number }>`
    SELECT sequencename AS name, last_value AS last FROM pg_sequences
    WHERE schemaname = current_schema() AND last_value IS NOT NULL ORDER BY 1`.execute(moment);
  return Object.fromEntries(rows.map(({ name, last }) => [name, Number(last)]));
}

/** Which receipts ever committed. */
export async function everCommitted(moment: RecordsTransaction): Promise<number[]> {
  const rows = await moment
    .selectFrom('receipts')
    .select('id')
    .where('committed_at', 'is not', null)
    .orderBy('id')
    .execute();
  return rows.map(({ id }) => id);
}

export async function rowsInTable(records: Records, table: string): Promise<number> {
  const { rows } = await sql<{ rows: number }>`
    SELECT count(*)::int AS rows FROM ${sql.table(table)}`.execute(records);
  return rows[0]?.rows ?? 0;
}

/** Nobody else reads or writes receipts until this transaction ends, however long that takes. */
export async function keepOthersOut(transaction: RecordsTransaction): Promise<void> {
  await sql`SET LOCAL idle_in_transaction_session_timeout = 0`.execute(transaction);
  await sql`LOCK TABLE receipts IN ACCESS EXCLUSIVE MODE`.execute(transaction);
}

/** Removes what the migrations put into a table, to make room for what was there. */
export async function clearTable(transaction: RecordsTransaction, table: string): Promise<void> {
  await sql`DELETE FROM ${sql.table(table)}`.execute(transaction);
}

/** Puts back rows as `linesOfTable` gave them. */
export async function putLines(
  transaction: RecordsTransaction,
  { table, columns }: RecordsTable,
  lines: readonly string[],
): Promise<void> {
  const names = sql.join(columns.map((column) => sql.ref(column)));
  await sql`INSERT INTO ${sql.table(table)} (${names}) OVERRIDING SYSTEM VALUE
    SELECT ${names} FROM json_populate_recordset(NULL::${sql.table(table)}, ${`[${lines.join(',')}]`}::json)
  `.execute(transaction);
}

/** Counters go on from where they were. */
export async function putCounters(
  transaction: RecordsTransaction,
  counters: Readonly<Record<string, number>>,
): Promise<void> {
  for (const [name, last] of Object.entries(counters)) {
    await sql`SELECT setval(${name}::regclass, ${last}::bigint)`.execute(transaction);
  }
}
