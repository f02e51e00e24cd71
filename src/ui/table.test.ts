import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Table, cellText, tableCsv } from './table.ts';

const table: Table = {
  caption: 'Schools',
  columns: [
    { name: 'school_name', heading: 'School', kind: 'text' },
    { name: 'time_period', heading: 'Year', kind: 'year' },
    { name: 'absence_percent', heading: 'Absence', kind: 'percent' },
  ],
  rows: [
    ['Ash, Elm & "Oak"', 201718, 5.3125],
    ['=HYPERLINK("x")', 201718, null],
    [{ text: 'Brook', href: '/schools/1' }, 201718, ''],
  ],
};

test('a page shows figures rounded, not known as such, and what does not apply as nothing', () => {
  assert.equal(cellText(5.3125, 'percent'), '5.3%');
  assert.equal(cellText(null, 'percent'), 'not known');
  assert.equal(cellText('', 'percent'), '');
  assert.equal(cellText(201718, 'year'), '2017/18');
  assert.equal(cellText(12345, 'count'), '12,345');
  assert.equal(cellText(0.305, 'chance'), '31%');
  assert.equal(cellText('hidden', 'percent'), 'hidden');
  assert.equal(cellText({ text: 'Brook', href: '/schools/1' }, 'text'), 'Brook');
});

test('a file holds figures unrounded, blank where not known, quoted where needed', () => {
  assert.equal(
    tableCsv(table),
    [
      'school_name,time_period,absence_percent',
      '"Ash, Elm & ""Oak""",201718,5.3125',
      '"\'=HYPERLINK(""x"")",201718,',
      'Brook,201718,',
      '',
    ].join('\n'),
  );
});
