import assert from 'node:assert/strict';
import { test } from 'node:test';
import { censusWords } from './censusWords.ts';

test('a record says in words what the school census has in codes', () => {
  assert.equal(censusWords('sex', 'F'), 'Female');
  assert.equal(censusWords('sen', 'K'), 'Special educational needs support');
  assert.equal(censusWords('ethnicity', 'WBRI'), 'White British (WBRI)');
  assert.equal(censusWords('eal', 'yes'), 'Yes');
  assert.equal(censusWords('date_of_birth', '2014-03-27'), '27 March 2014');
});

test('what is no code stays as it is, and what is not there is not known', () => {
  assert.equal(censusWords('surname', 'F'), 'F');
  assert.equal(censusWords('ethnicity', 'ZZZZ'), 'ZZZZ');
  assert.equal(censusWords('date_of_birth', 'soon'), 'soon');
  assert.equal(censusWords('constructor', 'name'), 'name');
  assert.equal(censusWords('sex', null), 'not known');
});
