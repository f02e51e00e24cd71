import type { ClickHouseSettings } from '@clickhouse/client';
import { Refusal } from '../base/problem.ts';

/**
 * A cluster of ClickHouse servers: shards that each hold some of the schools, each kept by several replicas.
 *
 * Each table is then two: its rows in a database of their own on every node (`rollcall_parts`), and under its own name a
 * table without rows that reads and writes them all (`Distributed`). Everything of a school is on one shard.
 */
export type Cluster = {
  /** As the servers’ own `remote_servers` calls it. */
  name: string;
  database: string;
  /**
   * Where there is no Keeper: each node’s `host:port`, given what makes a table one by one. Replicas are then kept alike by
   * whoever writes (`internal_replication` is false), so that nothing can be written while one of them is away.
   */
  nodes: readonly string[];
};

/** Reads `?cluster=NAME` and `&nodes=host:port,host:port` of an address, and gives the address without them. */
export function clusterOfAddress(url: string): { url: string; cluster?: Cluster } {
  const address = new URL(url);
  const name = address.searchParams.get('cluster');
  const nodes = address.searchParams.get('nodes')?.split(',') ?? [];
  if (name === null) return { url };
  address.search = '';
  const database = address.pathname.slice(1);
  const fits = [name, database].every((each) => /^\w+$/.test(each));
  if (fits && nodes.every((node) => URL.canParse(`http://${node}`))) {
    return { url: address.href, cluster: { name, database, nodes } };
  }
  throw new Refusal(
    'bad-input',
    'ROLLCALL_WAREHOUSE names a cluster that cannot be read. Give it as http(s)://user:password@host:port/database?cluster=NAME, with letters, digits and _ in the names of the database and the cluster.',
  );
}

/** What a statement is on a cluster: itself, or what each node is told in turn. */
export type OnCluster = { here: string } | { everywhere: string[] };

const creates =
  /^\s*CREATE TABLE IF NOT EXISTS (\w+)\s*\(([\s\S]*)\)\s*ENGINE = (\w*MergeTree)(?:\((.*?)\))?([\s\S]*)$/;
const deletes = /^\s*DELETE FROM `?(\w+)`?(\s[\s\S]*)$/;

/**
 * What makes a table, or takes rows out of one, is told to every node; all else reads and writes all of them by itself.
 * Throws what is neither and would do something to a table: it would reach one node only.
 */
export function onCluster(text: string, { name, database, nodes }: Cluster): OnCluster {
  const told = nodes.length > 0 ? '' : ` ON CLUSTER ${name}`;
  const parts = `${database}_parts`;
  const created = creates.exec(text);
  if (created) {
    const [, table, columns = '', engine = '', argument = '', rest] = created;
    const kept =
      nodes.length > 0
        ? `${engine}(${argument})`
        : `Replicated${engine}(${["'/clickhouse/tables/{shard}/{database}/{table}', '{replica}'", argument].filter(Boolean).join(', ')})`;
    const key = /(^|[\s,])urn UInt32/.test(columns) ? 'urn' : '0';
    return {
      everywhere: [
        `CREATE DATABASE IF NOT EXISTS ${parts}${told}`,
        `CREATE TABLE IF NOT EXISTS ${parts}.${table}${told} (${columns}) ENGINE = ${kept}${rest}`,
        `CREATE TABLE IF NOT EXISTS ${database}.${table}${told} AS ${parts}.${table} ENGINE = Distributed(${name}, ${parts}, ${table}, ${key})`,
      ],
    };
  }
  const deleted = deletes.exec(text);
  if (deleted) return { everywhere: [`DELETE FROM ${parts}.${deleted[1]}${told}${deleted[2]}`] };
  if (/^\s*(CREATE|DROP|ALTER|TRUNCATE|EXCHANGE|RENAME|OPTIMIZE|DELETE)\b/.test(text)) {
    throw new TypeError(`on a cluster this reaches one node only: ${text.trim().slice(0, 60)}`);
  }
  return { here: text };
}

/** Besides what every connection sets. */
export function clusterSettings({ nodes }: Cluster): ClickHouseSettings {
  return {
    // What was appended is on its shard when the call returns, not in a queue for it.
    distributed_foreground_insert: 1,
    // A list that a condition asks for is found over all shards first: right however tables lie, if not always quickest.
    distributed_product_mode: 'global',
    // Who writes reads it again from the replica that took it first.
    load_balancing: 'in_order',
    // With Keeper most replicas have what is acknowledged, and one that is behind is not asked.
    ...(nodes.length === 0 && {
      insert_quorum: 'auto',
      max_replica_delay_for_distributed_queries: '1',
      fallback_to_stale_replicas_for_distributed_queries: 0,
    }),
  };
}
