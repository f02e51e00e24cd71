import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { type ClickHouseClient, ClickHouseError, createClient } from '@clickhouse/client';
import { createChdbConnection } from 'chdb/connection';
import { Refusal } from '../base/problem.ts';
import type { Statement } from './statement.ts';

export type Cell = string | number | boolean | null | readonly Cell[];

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
  /** Appends rows, cells in the order of `columns`. One call is one block: all of it is stored or none. */
  append(
    table: string,
    columns: readonly string[],
    rows: readonly (readonly Cell[])[],
  ): Promise<void>;
  close(): Promise<void>;
};

/** Where the warehouse is: a folder that this process owns, or a ClickHouse server. */
export type WarehouseAddress =
  | { kind: 'embedded'; folder: string }
  | { kind: 'server'; url: string };

/** Reads `embedded:./data/warehouse` or `http://user:password@host:8123/database`. */
export function parseWarehouseAddress(text: string): WarehouseAddress {
  if (text.startsWith('embedded:')) {
    return { kind: 'embedded', folder: resolve(text.slice('embedded:'.length)) };
  }
  if (/^https?:\/\//.test(text)) return { kind: 'server', url: text };
  throw new Refusal(
    'bad-input',
    'ROLLCALL_WAREHOUSE is neither embedded:FOLDER nor http(s)://user:password@host:port/database. Give one of the two.',
  );
}

/** ClickHouse's own limit: an aborted query otherwise runs on. */
export type ConnectOptions = { maxExecutionSeconds: number };

/**
 * Opens one connection. chDB's connection is marked experimental by its makers, so nothing outside this file knows
 * which of the two engines answers: the SQL and the client are the same.
 */
export function connectWarehouse(address: WarehouseAddress, options: ConnectOptions): Warehouse {
  const settings = {
    output_format_json_quote_64bit_integers: 0,
    max_execution_time: options.maxExecutionSeconds,
  } as const;
  const client =
    address.kind === 'embedded'
      ? embeddedClient(address.folder, settings)
      : createClient({
          url: address.url,
          clickhouse_settings: settings,
          request_timeout: (options.maxExecutionSeconds + 5) * 1000,
        });
  return overClient(client);
}

type EmbeddedConnection = NonNullable<
  NonNullable<Parameters<typeof createClient>[0]>['connection']
>;

function embeddedClient(folder: string, settings: Record<string, number>): ClickHouseClient {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  try {
    // Two copies of the client's types meet here (the client's own and the one chDB was built with); the shapes are equal.
    const connection = createChdbConnection({ path: folder }) as unknown as EmbeddedConnection;
    return createClient({ connection, clickhouse_settings: settings });
  } catch (error) {
    throw new Refusal(
      'store-held',
      `The warehouse in ${folder} cannot be opened: another process holds it or the folder is not readable. Stop that process, or choose another folder with ROLLCALL_DATA.`,
      { cause: error },
    );
  }
}

function overClient(client: ClickHouseClient): Warehouse {
  return {
    async query<Row>(statement: { name: string; text: string }, parameters: object) {
      const result = await named(statement.name, () =>
        client.query({
          query: statement.text,
          query_params: parameters as Record<string, unknown>,
          format: 'JSONEachRow',
        }),
      );
      return (await result.json()) as Row[];
    },
    async run(statement, parameters) {
      await named(statement.name, () =>
        client.command({
          query: statement.text,
          query_params: parameters as Record<string, unknown>,
        }),
      );
    },
    async append(table, columns, rows) {
      if (rows.length === 0) return;
      await named(`append to ${table}`, () =>
        client.insert({
          table,
          columns: columns as [string, ...string[]],
          values: rows,
          format: 'JSONCompactEachRow',
        }),
      );
    },
    close: () => client.close(),
  };
}

async function named<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ClickHouseError || error instanceof Error) {
      error.message = `warehouse, ${what}: ${error.message}`;
    }
    throw error;
  }
}
