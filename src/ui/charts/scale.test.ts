import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../../testing/chance.ts';
import { scaleOver, spreadApart } from './scale.ts';

const percents = fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 1 });

test('a scale covers its values from one round tick to another, and stays between 0 and 100', () => {
  fc.assert(
    fc.property(percents, (values) => {
      const scale = scaleOver(values, { range: [300, 0], tickCount: 5, leastSpan: 3 });
      const [from, to] = scale.domain;
      assert.ok(from <= Math.min(...values) + 1e-6 && to >= Math.max(...values) - 1e-6);
      assert.ok(from >= 0 && to <= 100 && to - from >= 3 - 1e-6);
      assert.deepEqual([scale.ticks[0], scale.ticks.at(-1)], scale.domain);
      assert.equal(scale(from), 300);
      assert.ok(Math.abs(scale(to)) < 1e-9);
    }),
  );
});

test('small wobbles are not drawn as mountains', () => {
  const { domain } = scaleOver([5.1, 5.2], { range: [0, 1], tickCount: 5, leastSpan: 3 });
  assert.ok(domain[1] - domain[0] >= 3);
});

test('labels never overlap, keep their order, and stay inside', () => {
  const positions = fc.array(fc.double({ min: 0, max: 300, noNaN: true }), { maxLength: 5 });
  fc.assert(
    fc.property(positions, (at) => {
      const moved = spreadApart(at, { gap: 20, from: 0, to: 300 });
      const byPosition = at.map((position, i) => ({ position, moved: moved[i]! }));
      byPosition.sort((one, other) => one.moved - other.moved);
      byPosition.forEach(({ position, moved: place }, i) => {
        assert.ok(place >= -1e-9 && place <= 300 + 1e-9);
        const before = byPosition[i - 1];
        if (!before) return;
        assert.ok(place - before.moved >= 20 - 1e-6);
        assert.ok(position >= before.position);
      });
    }),
  );
});

test('labels with room stay where they were', () => {
  assert.deepEqual(spreadApart([10, 100, 50], { gap: 20, from: 0, to: 300 }), [10, 100, 50]);
});
