import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sameSecret } from './sameSecret.ts';

test('a secret is itself alone, whatever its length, and nothing is no secret', () => {
  assert.ok(sameSecret('é-secret', 'é-secret'));
  for (const [given, expected] of [
    ...[
      ['secret', 'secreT'],
      ['secret', 'secret '],
      ['', 'secret'],
      ['secret', ''],
      ['', ''],
    ],
  ] as [string, string][]) {
    assert.equal(sameSecret(given, expected), false);
  }
});
