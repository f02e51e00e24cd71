import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Refusal } from '../base/problem.ts';
import { clusterOfAddress, onCluster } from './cluster.ts';
import { forgetReceipts } from './receipts.sql.ts';
import { bind } from './bind.ts';
import { migrations } from './migrations/index.ts';

const withKeeper = { name: 'england', database: 'rollcall', nodes: [] };
const without = { ...withKeeper, nodes: ['127.0.0.1:8123', '127.0.0.1:8124'] };

describe('an address', () => {
  test('of a server alone is none of a cluster', () => {
    const url = 'http://user:password@host:8123/rollcall';
    assert.deepEqual(clusterOfAddress(url), { url });
  });

  test('of a cluster says which, and is asked without that', () => {
    assert.deepEqual(clusterOfAddress('https://host:8443/rollcall?cluster=england'), {
      url: 'https://host:8443/rollcall',
      cluster: withKeeper,
    });
    const nodes = without.nodes.join(',');
    assert.deepEqual(
      clusterOfAddress(`http://host:8123/rollcall?cluster=england&nodes=${nodes}`).cluster,
      without,
    );
  });

  test('whose cluster or database could be more than a name is refused', () => {
    for (const wrong of [
      '/rollcall?cluster=a;b',
      '/?cluster=england',
      '/a b?cluster=england',
      '/rollcall?cluster=england&nodes=//x y',
    ]) {
      assert.throws(() => clusterOfAddress(`http://host:8123${wrong}`), Refusal, wrong);
    }
  });
});

describe('on a cluster', () => {
  test('every table of the warehouse is kept on its shard and read under its own name', () => {
    for (const { statements } of migrations) {
      for (const { text } of statements) {
        const told = onCluster(text, withKeeper);
        assert.ok('everywhere' in told, text);
        const [database, parts, whole] = told.everywhere;
        assert.match(
          database ?? '',
          /^CREATE DATABASE IF NOT EXISTS rollcall_parts ON CLUSTER england$/,
        );
        assert.match(
          parts ?? '',
          /rollcall_parts\.\w+ ON CLUSTER england \([\s\S]*ENGINE = Replicated\w*MergeTree\('.+'\{replica\}'/,
        );
        assert.match(
          whole ?? '',
          /rollcall\.\w+ ON CLUSTER england AS rollcall_parts\.\w+ ENGINE = Distributed\(england, rollcall_parts, \w+, (urn|0)\)$/,
        );
      }
    }
  });

  test('everything of a school is on one shard, and what is of no school on the first', () => {
    const keyOf = (columns: string) => {
      const text = `CREATE TABLE IF NOT EXISTS t (${columns}) ENGINE = MergeTree ORDER BY receipt`;
      const told = onCluster(text, without);
      return 'everywhere' in told ? told.everywhere.at(-1)?.match(/, (\w+)\)$/)?.[1] : undefined;
    };
    assert.equal(keyOf('receipt UInt32, urn UInt32'), 'urn');
    assert.equal(keyOf('receipt UInt32, link_urn UInt32'), '0');
  });

  test('rows are taken out on every node', () => {
    const text = bind('forget', forgetReceipts.text, { table: 'marks', receipts: [7] });
    const told = onCluster(text, withKeeper);
    assert.ok('everywhere' in told);
    assert.match(
      told.everywhere.join(),
      /^DELETE FROM rollcall_parts\.marks ON CLUSTER england WHERE/,
    );
  });

  test('what reads, and what copies rows from table to table, is asked once', () => {
    for (const text of [
      'SELECT 1',
      'INSERT INTO marks SELECT * FROM marks',
      'WITH a AS (SELECT 1) SELECT * FROM a',
    ]) {
      assert.deepEqual(onCluster(text, withKeeper), { here: text });
    }
  });

  test('what would change a table on one node only is a mistake of ours, and nothing is done', () => {
    for (const text of [
      'ALTER TABLE marks DELETE WHERE 1',
      'TRUNCATE TABLE marks',
      'DROP TABLE marks',
    ]) {
      assert.throws(() => onCluster(text, withKeeper), /reaches one node only/);
    }
  });
});
