import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { School } from '../schools/index.ts';
import type { OwnYear } from '../targets/index.ts';
import { ownRegistersModel } from './ownRegisters.ts';

const year = 202526;
const of = (state: OwnYear['state'], restsOn: number[] = []) =>
  ownRegistersModel(
    { urn: 900001 } as School,
    { year, own: { state } as OwnYear, published: undefined },
    restsOn,
  );

test('registers that only changed are not said to differ from the school’s own system', () => {
  assert.match(of('differs').held, /they differ from the summary/);
  const { held } = of('changed since');
  assert.match(held, /they have changed since they were set beside/);
  assert.doesNotMatch(held, /differ/);
  assert.match(of('agrees in part').held, /only a part of them/);
});

test('figures that an expectation rests on are never said to be used by nothing', () => {
  for (const state of ['differs', 'changed since', 'agrees in part', 'no summary yet'] as const) {
    assert.match(of(state).used, /nothing rests on them/, state);
    const { used } = of(state, [year]);
    assert.doesNotMatch(used, /nothing rests on them|not used/, state);
    assert.match(used, /The expectation above rests on these figures as they were/, state);
  }
});
