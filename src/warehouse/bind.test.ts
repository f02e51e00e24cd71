import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../testing/chance.ts';
import { bind } from './bind.ts';

const text = 'SELECT 1 WHERE marks.receipt IN {receipts:Array(UInt32)} AND urn = {urn:UInt32}';

test('of many receipts only where runs begin and end is written, and the same ones count', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 1, max: 900 }), { maxLength: 800 }),
      (receipts) => {
        const bound = bind('a', text, { receipts, urn: 5 });
        assert.match(bound, /AND urn = CAST\(5 AS UInt32\)$/);
        const counts = (receipt: number) =>
          [...bound.matchAll(/marks\.receipt BETWEEN (\d+) AND (\d+)/g)].some(
            ([, first, last]) => Number(first) <= receipt && receipt <= Number(last),
          ) || /\[(.*?)\]/.exec(bound)?.[1]?.split(',').includes(String(receipt)) === true;
        const given = new Set(receipts);
        for (let receipt = 0; receipt < 905; receipt++) {
          assert.equal(counts(receipt), given.has(receipt), String(receipt));
        }
      },
    ),
  );
  const many = Array.from({ length: 100_000 }, (_, at) => at + 1).filter((at) => at % 5000 !== 0);
  assert.ok(bind('a', text, { receipts: many, urn: 5 }).length < 2000);
});
