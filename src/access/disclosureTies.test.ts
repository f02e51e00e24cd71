import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../testing/chance.ts';
import { addTie, tellOfFewer, type Ties } from './disclosureTies.ts';

const cells = 4;
const counts = fc.array(
  fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 70 }), fc.integer({ min: 1, max: 70 })),
  {
    minLength: cells * cells,
    maxLength: cells * cells,
  },
);

test('two tables tell of few where some of their cells, however they are parted, have few pupils in common with the rest', () => {
  const seen = { few: 0, many: 0 };
  fc.assert(
    fc.property(counts, fc.constantFrom(5, 20, 60), (pupils, fewest) => {
      const pairs = pupils.map((count, at) => ({
        count,
        one: Math.floor(at / cells),
        other: cells + (at % cells),
      }));
      const ties: Ties = new Map();
      for (const { count, one, other } of pairs) {
        if (count > 0) addTie(ties, String(one), String(other), count);
      }
      const partings = Array.from({ length: 2 ** (2 * cells) }, (_, side) =>
        pairs
          .filter(({ one, other }) => ((side >> one) & 1) !== ((side >> other) & 1))
          .reduce((sum, { count }) => sum + count, 0),
      );
      const isFew = partings.some((left) => left > 0 && left < fewest);
      seen[isFew ? 'few' : 'many'] += 1;
      assert.equal(tellOfFewer(ties, fewest), isFew);
    }),
    { numRuns: 400 },
  );
  assert.ok(seen.few > 40 && seen.many > 40, JSON.stringify(seen));
});
