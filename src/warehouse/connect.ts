import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { drainPending } from 'chdb';
import { createChdbConnection } from 'chdb/connection';
import { makeFolder } from '../base/folder.ts';
import { Refusal } from '../base/problem.ts';
import { bind } from './bind.ts';
import { clusterOfAddress, clusterSettings, onCluster } from './cluster.ts';
import { stopStatements } from './connection.sql.ts';
import { type Engine, rowsOfABlock, type Warehouse, warehouseOn } from './warehouse.ts';

/** Where the warehouse is: a folder that this process owns, or a ClickHouse server, which may be one of a cluster. */
export type WarehouseAddress =
  | { kind: 'embedded'; folder: string }
  | { kind: 'server'; url: string };

/** Reads `embedded:./data/warehouse` or `http://user:password@host:8123/database`, with `?cluster=NAME` for one. */
export function parseWarehouseAddress(text: string): WarehouseAddress {
  if (text.startsWith('embedded:') && text.length > 'embedded:'.length) {
    return { kind: 'embedded', folder: resolve(text.slice('embedded:'.length)) };
  }
  if (/^https?:\/\//.test(text) && URL.canParse(text)) return { kind: 'server', url: text };
  throw new Refusal(
    'bad-input',
    'ROLLCALL_WAREHOUSE is neither embedded:FOLDER nor http(s)://user:password@host:port/database. Give one of the two.',
  );
}

/** ClickHouse's own limit on each statement: one that nobody waits for otherwise runs on. */
export type ConnectOptions = { maxExecutionSeconds: number };

/**
 * Opens one connection; a server is first asked only when the first statement is. chDB's connection is marked
 * experimental by its makers, so nothing outside this file knows which of the two engines answers: the SQL and the
 * client are the same.
 */
export function connectWarehouse(address: WarehouseAddress, options: ConnectOptions): Warehouse {
  const comment = `rollcall ${randomUUID()}`;
  const settings = {
    output_format_json_quote_64bit_integers: 0,
    max_execution_time: options.maxExecutionSeconds,
    // A list of all England's schools stands in the text of a statement (`bind.ts`).
    max_query_size: '100000000',
    // What is appended is stored when the call returns, as one block: not queued, not split.
    async_insert: 0,
    max_insert_block_size: String(rowsOfABlock),
    min_insert_block_size_rows: String(rowsOfABlock),
    min_insert_block_size_bytes: '0',
    log_comment: comment,
  } as const;
  return address.kind === 'embedded'
    ? overEmbedded(address, { comment, settings, ...options })
    : overServer(address, { comment, settings, ...options });
}

type Settings = NonNullable<Parameters<typeof createClient>[0]>['clickhouse_settings'];
type Opening = ConnectOptions & { comment: string; settings: NonNullable<Settings> };

function overServer(address: { url: string }, opening: Opening): Warehouse {
  const { url, cluster } = clusterOfAddress(address.url);
  const client = serverClient(url, opening, cluster ? clusterSettings(cluster) : {});
  const nodes = (cluster?.nodes ?? []).map((host) =>
    serverClient(Object.assign(new URL(url), { host }).href, opening, {}),
  );
  async function commandEverywhere(query: string): Promise<void> {
    const told = cluster ? onCluster(query, cluster) : { here: query };
    if ('here' in told) return void (await client.command({ query }));
    for (const each of told.everywhere) {
      for (const node of nodes.length > 0 ? nodes : [client]) await node.command({ query: each });
    }
  }
  return warehouseOn({
    where: withoutPassword(url),
    maxExecutionSeconds: opening.maxExecutionSeconds,
    use: (work) => work(client),
    command: (_, query) => commandEverywhere(query),
    arriving: (_, structure) => `input('${structure}')`,
    async load(client, text, { path, format }) {
      const query = `${text} FORMAT ${format}`;
      const { stream } = await client.exec({ query, values: createReadStream(path) });
      for await (const _ of stream); // what was not read to its end is not known to have gone well
    },
    async *stream(text) {
      const answer = await client.query({ query: text, format: 'TabSeparated' });
      for await (const rows of answer.stream()) {
        yield Buffer.from(rows.map((row) => `${row.text}\n`).join(''));
      }
    },
    stop: () => client.command({ query: bind('stopStatements', stopStatements.text, opening) }),
    async close() {
      await Promise.all([client, ...nodes].map((each) => each.close()));
    },
  });
}

function serverClient(
  url: string,
  { settings, maxExecutionSeconds }: Opening,
  ofCluster: Settings,
): ClickHouseClient {
  try {
    return createClient({
      url,
      clickhouse_settings: { ...settings, ...ofCluster },
      request_timeout: (maxExecutionSeconds + 5) * 1000,
      log: { level: ClickHouseLogLevel.OFF }, // it would print what we say ourselves, and parameters with it
    });
  } catch (error) {
    throw new Refusal(
      'bad-input',
      `ROLLCALL_WAREHOUSE cannot be used: ${error instanceof Error ? error.message : error} Give it as http(s)://user:password@host:port/database.`,
      { cause: error },
    );
  }
}

function overEmbedded({ folder }: { folder: string }, opening: Opening): Warehouse {
  try {
    makeFolder(folder);
    const connection = oneAtATime(() => embeddedClient(folder, opening.settings));
    return warehouseOn({
      where: folder,
      maxExecutionSeconds: opening.maxExecutionSeconds,
      use: connection.use,
      command: (client, query) => client.command({ query }),
      arriving: ({ path: file, format }, structure) =>
        `file('${file.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}', ${format}, '${structure}')`,
      load: (client, query) => client.command({ query }),
      stream: (text) => streamEmbedded(folder, text, opening),
      async stop() {
        // The connection itself is busy: another one stops what it runs.
        const stopper = embeddedClient(folder, {});
        await stopper.command({ query: bind('stopStatements', stopStatements.text, opening) });
        await stopper.close();
      },
      async close() {
        await connection.close();
        await drainPending(); // closing a connection under a statement that runs would abort the engine
      },
    });
  } catch (error) {
    throw new Refusal(
      'store-held',
      `The warehouse in ${folder} cannot be opened: another process holds it or the folder is not readable. Stop that process, or choose another folder with ROLLCALL_DATA.`,
      { cause: error },
    );
  }
}

/**
 * chDB gives a whole answer at once, unless it is asked past the client. Small blocks, read one after the other: an
 * answer of many gigabytes never stands in memory.
 */
async function* streamEmbedded(
  folder: string,
  text: string,
  { maxExecutionSeconds, comment }: Opening,
): AsyncGenerator<Buffer, undefined> {
  const connection = createChdbConnection({ path: folder });
  try {
    await connection.chdb.queryAsync(
      `SET max_execution_time = ${maxExecutionSeconds}, log_comment = '${comment}',
       max_query_size = 100000000, max_threads = 1, max_block_size = 4096`,
    );
    for await (const piece of connection.chdb.queryStream(text, { format: 'TabSeparated' })) {
      yield Buffer.from(piece.raw());
    }
  } finally {
    await connection.close();
  }
  return undefined;
}

type EmbeddedConnection = NonNullable<
  NonNullable<Parameters<typeof createClient>[0]>['connection']
>;

function embeddedClient(folder: string, settings: NonNullable<Settings>): ClickHouseClient {
  // Two copies of the client's types meet here (the client's own and the one chDB was built with); the shapes are equal.
  const connection = createChdbConnection({ path: folder }) as unknown as EmbeddedConnection;
  return createClient({
    connection,
    clickhouse_settings: settings,
    log: { level: ClickHouseLogLevel.OFF },
  });
}

/**
 * A connection of chDB runs one statement at a time, and each one that waits for it holds one of the process's four
 * threads for such work: waiting here instead keeps a thread free for the other connections. A connection on which a
 * statement failed is replaced: the rows it had found by then would stand in front of the next statement's.
 */
function oneAtATime(open: () => ClickHouseClient): Pick<Engine, 'use' | 'close'> {
  let client = open();
  let last: Promise<unknown> = Promise.resolve();
  return {
    use(work) {
      const mine = last.then(() => work(client));
      last = mine.catch(async () => {
        await client.close();
        client = open();
      });
      return mine;
    },
    async close() {
      await last.catch(() => {});
      await client.close();
    },
  };
}

/** The address as it may be printed. */
function withoutPassword(url: string): string {
  const { origin, pathname, username } = new URL(url);
  return `${origin.replace('://', username ? `://${username}@` : '://')}${pathname === '/' ? '' : pathname}`;
}
