import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { DataType, load, open } from 'ffi-rs';

/**
 * A real ClickHouse node from npm alone: the library behind chDB holds ClickHouse's servers too, and a process that
 * calls its command line becomes one. This file is both: imported, it starts such processes; run, it is one.
 */
export type ClickHouseNode = {
  /** The address of a database, with the user and the password in it. */
  url(database: string): string;
  createDatabase(name: string): Promise<string>;
  /** As by `kill -9`; the folder stays. */
  kill(): Promise<void>;
  /** Again, on the same folder and port. */
  start(): Promise<void>;
  /** Holds it still where it is: it is there, and answers nothing until `resume`. */
  pause(): void;
  resume(): void;
};

const user = 'rollcall';
const password = "p@ss/w:rd'";

type Ports = { http: number; tcp: number };

const freePorts = async (): Promise<Ports> => ({ http: await freePort(), tcp: await freePort() });

/** Starts a node on a folder. It ends with this process, however this process ends. */
export async function startClickHouse(folder: string): Promise<ClickHouseNode> {
  return startNode(folder, await freePorts(), '');
}

export type ClickHouseCluster = {
  /** Shards, each with its replicas. The first replica of the first shard is asked. */
  shards: ClickHouseNode[][];
  /** Makes a database on every node; gives its address, to be asked as a cluster without Keeper. */
  createDatabase(name: string): Promise<string>;
  kill(): Promise<void>;
};

/** Starts a cluster on a folder. Keeper is not among what npm brings: whoever writes, writes to each replica. */
export async function startClickHouseCluster(
  folder: string,
  { shards, replicas }: { shards: number; replicas: number },
): Promise<ClickHouseCluster> {
  const ports: Ports[][] = [];
  for (let shard = 0; shard < shards; shard++) {
    ports.push(await Promise.all(Array.from({ length: replicas }, freePorts)));
  }
  const knows = `<remote_servers><${clusterName}>${ports.map(shardConfig).join('')}</${clusterName}></remote_servers>`;
  const started = await Promise.all(
    ports.map((of, shard) =>
      Promise.all(of.map((each, at) => startNode(join(folder, `${shard}-${at}`), each, knows))),
    ),
  );
  const all = started.flat();
  return {
    shards: started,
    async createDatabase(name) {
      for (const node of all) await node.createDatabase(name);
      const hosts = ports.flat().map(({ http }) => `127.0.0.1:${http}`);
      return `${all[0]?.url(name)}?cluster=${clusterName}&nodes=${hosts.join(',')}`;
    },
    async kill() {
      await Promise.all(all.map((node) => node.kill()));
    },
  };
}

const clusterName = 'rollcall';

function shardConfig(replicas: readonly Ports[]): string {
  const each = replicas.map(
    ({ tcp }) =>
      `<replica><host>127.0.0.1</host><port>${tcp}</port><user>${user}</user><password><![CDATA[${password}]]></password></replica>`,
  );
  return `<shard><internal_replication>false</internal_replication>${each.join('')}</shard>`;
}

async function startNode(
  folder: string,
  { http, tcp }: Ports,
  knows: string,
): Promise<ClickHouseNode> {
  const base = `http://127.0.0.1:${http}`;
  let stop = async () => {};
  let tell = (_signal: NodeJS.Signals) => {};
  const node: ClickHouseNode = {
    url: (database) =>
      `${base.replace('://', `://${user}:${encodeURIComponent(password)}@`)}/${database}`,
    async createDatabase(name) {
      await ask(base, `CREATE DATABASE ${name}`);
      return node.url(name);
    },
    kill: () => stop(),
    pause: () => tell('SIGSTOP'),
    resume: () => tell('SIGCONT'),
    async start() {
      const child = spawn(
        process.execPath,
        [fileURLToPath(import.meta.url), folder, String(http), String(tcp), knows],
        { stdio: ['pipe', 'ignore', 'pipe'] },
      );
      let said = '';
      child.stderr.on('data', (text) => (said += text));
      const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      tell = (signal) => void child.kill(signal);
      stop = async () => {
        child.kill('SIGKILL');
        await ended;
      };
      while (!(await answers(base))) {
        if (child.exitCode !== null) throw new Error(`the ClickHouse node ended: ${said}`);
        await pause(20);
      }
    },
  };
  await node.start();
  return node;
}

async function answers(base: string): Promise<boolean> {
  return ask(base, 'SELECT 1').then(
    () => true,
    () => false,
  );
}

async function ask(base: string, text: string): Promise<void> {
  const response = await fetch(base, {
    method: 'POST',
    body: text,
    headers: { 'X-ClickHouse-User': user, 'X-ClickHouse-Key': password },
  });
  if (!response.ok) throw new Error(await response.text());
}

/** A port that nobody listens on now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function libraryPath(): string {
  const require = createRequire(createRequire(import.meta.url).resolve('chdb'));
  const name = `@chdb/lib-${process.platform}-${process.arch}${process.platform === 'linux' ? '-gnu' : ''}`;
  return join(require.resolve(`${name}/package.json`), '..', 'libchdb.so');
}

const config = (users: string, knows: string) =>
  `<clickhouse><users_config>${users}</users_config><mark_cache_size>50000000</mark_cache_size>${knows}</clickhouse>`;

/**
 * This library’s server, unlike ClickHouse’s own, ends itself when another node breaks off a connection with something
 * unread in it: so a node asks one replica at a time, and a test writes first, and reads what either replica can answer.
 */
const profile = '<use_hedged_requests>0</use_hedged_requests>';

/** `default` is who runs the node's own command; from outside only the user with a password comes in. */
const users = `<clickhouse>
  <users>
    <default><no_password/><networks><ip>::1</ip></networks><profile>default</profile><quota>default</quota></default>
    <${user}><password><![CDATA[${password}]]></password><networks><ip>127.0.0.1</ip></networks>
      <profile>default</profile><quota>default</quota></${user}>
  </users>
  <profiles><default>${profile}</default></profiles><quotas><default/></quotas>
</clickhouse>`;

/** Turns this process into a node until its standard input closes: that is when whoever started it is gone. */
async function becomeNode(folder: string, http: string, tcp: string, knows: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const [configFile, usersFile] = [join(folder, 'config.xml'), join(folder, 'users.xml')];
  writeFileSync(usersFile, users);
  writeFileSync(configFile, config(usersFile, knows));
  process.stdin.resume().once('end', () => process.kill(process.pid, 'SIGKILL'));
  const words = [
    'clickhouse',
    ...['--config-file', configFile],
    ...['--path', join(folder, 'data')],
    ...['--listen_host', '127.0.0.1', '--http_port', http, '--tcp_port', tcp],
    '--query',
    `SYSTEM START LISTEN TCP; SYSTEM START LISTEN HTTP;
     SELECT sleepEachRow(1) FROM numbers(3600)
     SETTINGS max_block_size = 1, function_sleep_max_microseconds_per_block = 0 FORMAT Null`,
  ];
  open({ library: 'chdb', path: libraryPath() });
  await load({
    library: 'chdb',
    funcName: 'chdb_query_cmdline',
    retType: DataType.External,
    paramsType: [DataType.I32, DataType.StringArray],
    paramsValue: [words.length, words],
    runInNewThread: true,
  });
}

if (import.meta.main) {
  const [folder = '', http = '', tcp = '', knows = ''] = process.argv.slice(2);
  await becomeNode(folder, http, tcp, knows);
}
