import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type SessionKind, sessionStrip, stripLegend, stripSentences } from './sessionStrip.ts';

const cells: SessionKind[] = [
  ...(['present', 'late', 'authorised', 'unauthorised', 'not counted'] as const),
  ...(['no mark', 'no reason yet', 'late after close', 'present', 'blank'] as const),
];
const weeks = ['2026-10-12', '2026-10-19', '2026-11-02'].map((monday) => ({ monday, cells }));

test('each half day has its letter and its box, and a blank one neither', () => {
  const svg = sessionStrip(weeks);
  const letters = [...svg.matchAll(/<tspan[^>]*>(.)<\/tspan>/g)].map((match) => match[1]);
  assert.deepEqual(
    [...'LAONU–?'].map((letter) => letters.filter((each) => each === letter).length),
    Array(7).fill(3),
  );
  assert.equal(svg.match(/M\d/g)?.length, 3 * 9, 'a box for all but the blank ones');
  assert.match(svg, /aria-hidden="true"/);
  assert.doesNotMatch(svg, /style=|NaN|undefined/);
});

test('a month is named where it begins', () => {
  const heads = [...sessionStrip(weeks).matchAll(/<text text-anchor="middle"[^>]*>([^<]*)</g)];
  assert.deepEqual(
    heads.map((match) => match[1]),
    ['12', 'Oct', '19', '2', 'Nov'],
  );
});

test('the legend has the kinds that there are; the sentences say all that is not plain presence', () => {
  assert.deepEqual(
    stripLegend([{ monday: '2026-10-12', cells: ['late', 'blank', 'present'] }]).map(
      ({ text }) => text,
    ),
    ['present', 'late'],
  );
  assert.equal(
    stripSentences(weeks.slice(0, 1))[0],
    'Week of 12 October 2026: came to 3 of 7 half days; late Monday afternoon; away with leave Tuesday morning; in after the register closed (counts as away) Thursday afternoon; away with no reason yet Thursday morning; away without leave Tuesday afternoon; not counted Wednesday morning; no mark Wednesday afternoon.',
  );
  assert.equal(
    stripSentences([{ monday: '2026-10-12', cells: Array(10).fill('blank') }])[0],
    'Week of 12 October 2026: no half day counted.',
  );
});
