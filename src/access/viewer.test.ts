import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseViewer, viewerText } from './viewer.ts';

test('a teacher is of a class by whatever name its school has for it', () => {
  for (const name of ['7B', 'Oak Class', '6-B', 'Y5/6', 'Mrs O’Hara (pm)']) {
    const text = `teacher:900001/${name}`;
    assert.equal(viewerText(parseViewer(text)), text);
  }
  for (const name of ['', ' 7B', '<7B>', '7B\n', 'x'.repeat(41)]) {
    assert.throws(() => parseViewer(`teacher:900001/${name}`), /needs its class: teacher:100000/);
  }
});
