import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { ClickHouseClient } from '@clickhouse/client';
import { Refusal } from '../base/problem.ts';
import { bind, shown } from './bind.ts';
import { columnsOf } from './connection.sql.ts';
import { explainFailure } from './failure.ts';
import type { Statement } from './statement.ts';
import { checkFor, type Value } from './values.ts';

/** A connection to the warehouse: statements in, rows out. Whole numbers come back as numbers, dates as ISO text. */
export type Warehouse = {
  query<Row, Parameters extends object>(
    statement: Statement<Row, Parameters>,
    parameters: Parameters,
  ): Promise<Row[]>;
  /** Runs a statement that gives no rows: a migration, a sweep. */
  run<Row, Parameters extends object>(
    statement: Statement<Row, Parameters>,
    parameters: Parameters,
  ): Promise<void>;
  /**
   * Appends rows, cells in the order of `columns`. One call is one block, stored whole or not at all, of ten million
   * rows at most. A cell that does not fit its column exactly is thrown, and nothing is stored.
   */
  append(
    table: string,
    columns: readonly string[],
    rows: readonly (readonly Value[])[],
  ): Promise<void>;
  /**
   * The rows of a statement however many there are, as lines of text (ClickHouse's `TabSeparated`, exact to the bit), in
   * pieces of whole lines. They are read as they are taken, on a connection of their own.
   */
  stream<Row, Parameters extends object>(
    statement: Statement<Row, Parameters>,
    parameters: Parameters,
  ): AsyncIterable<Buffer>;
  /** Appends lines as `stream` gave them, cells in the order of `columns`. One call is one block. */
  appendLines(table: string, columns: readonly string[], lines: Buffer): Promise<void>;
  /**
   * Runs a statement that reads a table `FROM …_arriving` with a file in that table's place: the fastest way in there is,
   * because the engine takes the file apart itself. False when it is not what it is said to be, and nothing more: the engine's
   * own words would repeat what stands in the file.
   */
  load<Parameters extends object>(
    statement: Statement<never, Parameters>,
    parameters: Parameters,
    file: ArrivingFile,
  ): Promise<boolean>;
  /** Stops what still runs, which is refused as `not-ready`, and lets go of the engine. */
  close(): Promise<void>;
};

export const rowsOfABlock = 10_000_000;

/** A file of text in columns, without headings, and which columns they are. */
export type ArrivingFile = {
  path: string;
  format: 'CSV' | 'TabSeparated';
  columns: readonly string[];
};

/** What differs between the two engines. */
export type Engine = {
  /** For people. */
  where: string;
  maxExecutionSeconds: number;
  /** Does one thing with the client, now or when its turn comes. */
  use: <Result>(work: (client: ClickHouseClient) => Promise<Result>) => Promise<Result>;
  /** Has the client carry out a statement that gives no rows, on every node where it must be. */
  command(client: ClickHouseClient, text: string): Promise<unknown>;
  /** What reads a file stands for as a table, and how the statement that reads it is carried out. */
  arriving(file: ArrivingFile, structure: string): string;
  load(client: ClickHouseClient, text: string, file: ArrivingFile): Promise<unknown>;
  /** The lines of a question in pieces, on a connection of its own. */
  stream(text: string): AsyncIterable<Buffer>;
  /** Has the engine stop what this connection runs. */
  stop(): Promise<unknown>;
  close(): Promise<void>;
};

/** The warehouse, whichever engine answers. */
export function warehouseOn(engine: Engine): Warehouse {
  const running = new Set<Promise<unknown>>();
  const typesOf = new Map<string, Promise<Map<string, string>>>();
  let closed: Promise<void> | undefined;

  async function carryOut<Result>(
    what: string,
    work: (client: ClickHouseClient) => Promise<Result>,
  ): Promise<Result> {
    const result = engine.use(async (client) => {
      if (closed) throw stopping(what);
      return work(client);
    });
    running.add(result);
    try {
      return await result;
    } catch (error) {
      throw closed ? stopping(what, error) : explainFailure(error, what, engine);
    } finally {
      running.delete(result);
    }
  }

  async function query<Row>(statement: { name: string; text: string }, parameters: object) {
    const text = bind(statement.name, statement.text, parameters);
    return carryOut(statement.name, async (client) => {
      const result = await client.query({ query: text, format: 'JSONEachRow' });
      return (await result.json()) as Row[];
    });
  }

  async function* stream(statement: { name: string; text: string }, parameters: object) {
    const text = bind(statement.name, statement.text, parameters);
    const ended = Promise.withResolvers<void>();
    running.add(ended.promise);
    try {
      for await (const lines of engine.stream(text)) {
        if (closed) throw stopping(statement.name);
        yield lines;
      }
    } catch (error) {
      throw closed
        ? stopping(statement.name, error)
        : explainFailure(error, statement.name, engine);
    } finally {
      running.delete(ended.promise);
      ended.resolve();
    }
  }

  async function readTypes(table: string): Promise<Map<string, string>> {
    const columns = await query<{ name: string; type: string }>(columnsOf, { table });
    return new Map(columns.map((column) => [column.name, column.type]));
  }

  return {
    query,
    async run(statement, parameters) {
      const text = bind(statement.name, statement.text, parameters);
      await carryOut(statement.name, (client) => engine.command(client, text));
    },
    async append(table, columns, rows) {
      if (rows.length === 0) return;
      const types = typesOf.get(table) ?? readTypes(table);
      typesOf.set(table, types);
      try {
        mustFit(table, columns, rows, await types);
      } catch (error) {
        typesOf.delete(table); // it may be made, or grow a column, later
        throw error;
      }
      await carryOut(`append to ${table}`, (client) =>
        client.insert({
          table,
          columns: columns as [string, ...string[]],
          values: rows,
          format: 'JSONCompactEachRow',
        }),
      );
    },
    stream,
    async appendLines(table, columns, lines) {
      if (lines.length === 0) return;
      await carryOut(`append to ${table}`, (client) =>
        client.insert({
          table,
          columns: columns as [string, ...string[]],
          values: Readable.from([lines], { objectMode: false }),
          format: 'TabSeparated',
        }),
      );
    },
    async load(statement, parameters, file) {
      const text = withFile(bind(statement.name, statement.text, parameters), file, engine);
      try {
        await carryOut(statement.name, (client) => engine.load(client, text, file));
        return true;
      } catch (error) {
        if (isUnreadable(error)) return false;
        throw error;
      }
    },
    close() {
      closed ??= stopAll(running, engine);
      return closed;
    },
  };
}

const arrivingTable = /\bFROM (\w+_arriving)\b/;

function withFile(text: string, file: ArrivingFile, engine: Engine): string {
  const structure = file.columns.map((column) => `${column} String`).join(', ');
  return text.replace(arrivingTable, () => `FROM ${engine.arriving(file, structure)}`);
}

/** Its text cannot be read as the columns it is said to have, or the statement itself said so (`throwIf`). */
const unreadable = ['6', '27', '33', '38', '41', '53', '72', '117', '130', '395', '467', '636'];

function isUnreadable(error: unknown): boolean {
  return (
    error instanceof Error && unreadable.includes(String((error as { code?: unknown }).code ?? ''))
  );
}

/** What runs is stopped rather than waited for: a fit may have an hour left. */
async function stopAll(running: Set<Promise<unknown>>, engine: Engine): Promise<void> {
  for (let tries = 0; running.size > 0 && tries < 50; tries++) {
    const settled = Promise.allSettled([...running]);
    // A statement just handed over may not be known to the engine yet, so it is asked again.
    await Promise.race([engine.stop().catch(() => {}), pause(1000)]);
    await Promise.race([settled, pause(100)]);
  }
  await engine.close();
}

function stopping(what: string, cause?: unknown): Refusal {
  return new Refusal('not-ready', `Rollcall is stopping: ${what} was not finished.`, {
    ...{ cause, forVisitors: 'The site is stopping for now. Try again in a moment.' },
  });
}

function mustFit(
  table: string,
  columns: readonly string[],
  rows: readonly (readonly Value[])[],
  types: ReadonlyMap<string, string>,
): void {
  if (rows.length > rowsOfABlock) {
    throw new TypeError(`append to ${table}: ${rows.length} rows in one call`);
  }
  const wanted = columns.map((column) => {
    const type = types.get(column);
    if (type === undefined) throw new TypeError(`append to ${table}: it has no column ${column}`);
    return { column, type, fits: checkFor(type) };
  });
  for (const [at, row] of rows.entries()) {
    if (row.length !== wanted.length) {
      throw new TypeError(
        `append to ${table}, row ${at}: ${row.length} cells for ${wanted.length} columns`,
      );
    }
    for (const [index, { column, type, fits }] of wanted.entries()) {
      if (!fits(row[index])) {
        throw new TypeError(
          `append to ${table}, row ${at}: ${column} ${type} was given ${shown(row[index])}`,
        );
      }
    }
  }
}
