import type { PGlite } from '@electric-sql/pglite';
import { type DatabaseConnection, type Driver, PGliteDialect, PGliteDriver } from 'kysely';

/**
 * PGlite has one connection. Kysely hands it to everyone at once, so that a query typed while a transaction is open
 * would run inside it: it would see what is not committed, and fail with it. Here each waits for its turn.
 */
export class OneAtATimePGliteDialect extends PGliteDialect {
  readonly #pglite: PGlite;

  constructor(pglite: PGlite) {
    super({ pglite });
    this.#pglite = pglite;
  }

  override createDriver(): Driver {
    return new OneAtATimeDriver({ pglite: this.#pglite });
  }
}

class OneAtATimeDriver extends PGliteDriver {
  #last: Promise<void> = Promise.resolve();
  #finish: () => void = () => {};

  override async acquireConnection(): Promise<DatabaseConnection> {
    const before = this.#last;
    const mine = Promise.withResolvers<void>();
    this.#last = mine.promise;
    await before;
    this.#finish = mine.resolve;
    return super.acquireConnection();
  }

  override async releaseConnection(): Promise<void> {
    this.#finish();
  }

  /** What runs is finished first: a commit may be among it. */
  override async destroy(): Promise<void> {
    await this.#last;
    await super.destroy();
  }
}
