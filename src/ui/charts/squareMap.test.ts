import assert from 'node:assert/strict';
import { test } from 'node:test';
import { steps } from './palette.ts';
import { classLimits, type Square, squareMap } from './squareMap.ts';

/** Relative luminance (WCAG 2.2). */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

const square = (column: number, percent: number | null, changes: Partial<Square> = {}): Square => ({
  ...{ column, row: 0, name: `Area ${column}`, short: 'A', href: `/a/${column}`, percent },
  ...{ region: 'one', ...changes },
});
const mapOf = (squares: Square[]) =>
  squareMap({
    ...{ id: 'map', title: 'A map', subtitle: '', squares },
    table: { caption: '', columns: [], rows: [] },
  });

test('the five steps darken one after another, and text on each can be read', () => {
  for (const [at, { fill, ink }] of steps.entries()) {
    assert.ok(contrast(fill, ink) >= 4.5, fill);
    const next = steps[at + 1];
    if (next) assert.ok(luminance(fill) / luminance(next.fill) > 1.3, `${fill} ${next.fill}`);
  }
});

test('classes hold as many areas each as can be, and never two limits that are the same', () => {
  const values = Array.from({ length: 100 }, (_, at) => 5 + at / 50);
  const limits = classLimits(values);
  assert.equal(limits.length, 4);
  for (const [at, limit] of limits.entries()) {
    const below = values.filter((value) => Math.round(value * 10) / 10 < limit).length;
    assert.ok(Math.abs(below - 20 * (at + 1)) <= 5, `${limit}`);
  }
  assert.deepEqual(classLimits([5, 5, 5]), []);
  assert.deepEqual(classLimits([]), []);
});

test('each square is a link that says its figure; a line stands between regions', () => {
  const { svg, legend, description } = mapOf([
    square(0, 5.04),
    square(1, 7, { region: 'two', name: '<Other> & Co' }),
    square(2, null, { region: 'two' }),
  ]);
  assert.equal(svg.match(/<a href=/g)?.length, 6);
  assert.ok(svg.includes('<title>Area 0: 5.0%</title>'));
  assert.ok(svg.includes('<title>&lt;Other&gt; &amp; Co: 7.0%</title>'));
  assert.ok(svg.includes('<title>Area 2: no figure</title>'));
  assert.equal(svg.match(/stroke-linecap="square"/g)?.length, 2);
  assert.ok(!svg.includes('style='));
  assert.deepEqual(
    legend.map(({ text }) => text),
    ['Under 7.0%', '7.0% or more', 'No figure'],
  );
  assert.equal(
    description,
    'Of 2 areas with a figure all lie between 5.0% and 7.0%; 1 area has none.',
  );
});

test('an area without a page is a square that says its figure and leads nowhere', () => {
  const { svg } = mapOf([square(0, 5), square(1, 6, { href: null, name: 'No page' })]);
  assert.equal(svg.match(/<a href=/g)?.length, 2);
  assert.equal(svg.match(/<g role="img"><title>No page: 6.0%<\/title>/g)?.length, 2);
});

test('what it comes to in words names no area, and says where the middle half lies', () => {
  const squares = Array.from({ length: 41 }, (_, at) => square(at, 5 + at / 10));
  const { description } = mapOf(squares);
  assert.equal(
    description,
    'Of 41 areas with a figure all lie between 5.0% and 9.0%, the middle half of them between 6.0% and 8.0%.',
  );
  for (const { name } of squares) assert.ok(!description.includes(name));
});
