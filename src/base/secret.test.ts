import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isWeakSecret } from './secret.ts';

const least = { signs: 12, different: 6 };

test('a secret that is short, all the same or tried first is weak', () => {
  for (const weak of [
    '',
    'Xk4-pq9',
    'aaaaaaaaaaaaaaaa',
    'passwordpassword',
    'Password-123456',
    'changeme_secret_1',
    'postgresPostgres',
    '192837465019',
    'please-change-me-in-production',
    'your-client-secret-goes-here',
    'abcdefghijklmnopqrstuvwxyz',
    'ZYXWVUTSRQPONMLKJIHGFEDCBA',
    'replace-with-32-random-signs',
    'qwertyuiop-asdf-1',
    '1qaz2wsx3edc4rfv',
    'TODO-generate-this-one',
    'Ex4mple? example.7Kz',
  ]) {
    assert.equal(isWeakSecret(weak, least), true, weak);
  }
});

test('a secret made by chance is not weak, even with such a word in it', () => {
  for (const strong of [
    'Xk4-pq9-Wm2z',
    'admin-vexing-otter',
    'f3b09cd11a7e4402',
    '1234-otter-abcd-vex',
  ]) {
    assert.equal(isWeakSecret(strong, least), false, strong);
  }
});
