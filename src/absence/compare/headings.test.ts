import assert from 'node:assert/strict';
import { test } from 'node:test';
import { censusWords } from '../../pupils/index.ts';
import { shortGroupWords } from '../pages/labels.ts';
import { fieldOf, keyOf, markCodesOf } from './headings.ts';

test('codes are read by their names, and a word that every object knows is none', () => {
  assert.deepEqual(markCodesOf('slash'), ['/']);
  assert.deepEqual(markCodesOf('Backslash'), ['\\']);
  assert.deepEqual(markCodesOf('sess_hash'), ['#']);
  for (const word of ['constructor', '__proto__', 'toString', 'sess_valueOf', 'hasOwnProperty']) {
    assert.deepEqual(markCodesOf(word), [], word);
    assert.equal(fieldOf(word), undefined, word);
    assert.equal(keyOf(word), undefined, word);
  }
});

test('a value that such a word is has no other words either', () => {
  for (const word of ['constructor', '__proto__', 'toString']) {
    assert.equal(censusWords('sex', word), word);
    assert.equal(shortGroupWords('sen', word), word);
  }
  assert.equal(shortGroupWords('sen', 'K'), 'SEN support');
});
