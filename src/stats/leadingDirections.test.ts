import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leadingDirections } from './leadingDirections.ts';
import { randomStream } from './randomStream.ts';

/** `rows × columns` of two movements and a little noise, with the rows' own shares in them. */
function twoMovements(rows: number, columns: number) {
  const chance = randomStream('directions');
  const shares = Array.from({ length: rows }, () => [chance.normal(), chance.normal()] as const);
  const values = new Float64Array(rows * columns);
  for (let day = 0; day < columns; day++) {
    const [one, other] = [5 * chance.normal(), 3 * chance.normal()];
    shares.forEach(([a, b], row) => {
      values[row * columns + day] = one * a + other * b + 0.01 * chance.normal();
    });
  }
  return { values, shares };
}

test('the leading directions are those in which the rows really moved', () => {
  const [rows, columns] = [60, 25];
  const { values, shares } = twoMovements(rows, columns);
  const directions = leadingDirections(values, rows, columns, 2);
  // What is left of each true movement beside the two directions is next to nothing.
  for (const which of [0, 1] as const) {
    const truth = shares.map((share) => share[which]);
    const left = truth.map((value, row) => {
      let fitted = 0;
      for (const k of [0, 1]) {
        const along = truth.reduce(
          (sum, each, at) => sum + (each * (directions[at * 2 + k] as number)) / rows,
          0,
        );
        fitted += along * (directions[row * 2 + k] as number);
      }
      return value - fitted;
    });
    assert.ok(Math.max(...left.map(Math.abs)) < 0.01);
  }
});

test('directions stand at right angles and have the length of the root of the rows', () => {
  const { values } = twoMovements(60, 25);
  const directions = leadingDirections(values, 60, 25, 3);
  for (const a of [0, 1, 2])
    for (const b of [0, 1, 2]) {
      let product = 0;
      for (let row = 0; row < 60; row++)
        product += (directions[row * 3 + a] as number) * (directions[row * 3 + b] as number);
      assert.ok(Math.abs(product - (a === b ? 60 : 0)) < 1e-6);
    }
});

test('where there is less to find than is asked for, the rest is 0 and not noise', () => {
  const values = Float64Array.from({ length: 40 }, (_, at) => Math.floor(at / 4) + 1);
  const directions = leadingDirections(values, 10, 4, 2);
  for (let row = 0; row < 10; row++) assert.equal(directions[row * 2 + 1], 0);
});
