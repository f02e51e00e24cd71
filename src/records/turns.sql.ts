import { sql } from 'kysely';
import type { Records } from './connect.ts';

/**
 * Does something while no other process on the same server does what has the same name; who comes second waits. The turn
 * is a lock of one connection: it ends with the process, however that ends. Only on a server: embedded records have one
 * connection, which the work needs, and one process.
 */
export async function inTurn<Result>(
  records: Records,
  name: string,
  work: () => Promise<Result>,
): Promise<Result> {
  return records.connection().execute(async (held) => {
    await sql`SELECT pg_advisory_lock(hashtext(${name}))`.execute(held);
    try {
      return await work();
    } finally {
      // A connection that broke meanwhile has let go already, and what was done is done.
      await sql`SELECT pg_advisory_unlock(hashtext(${name}))`.execute(held).catch(() => {});
    }
  });
}
