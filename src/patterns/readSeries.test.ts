import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSeries } from './readSeries.ts';

async function* tableOf(text: string): AsyncGenerator<string[][]> {
  yield text
    .trim()
    .split('\n')
    .map((line) => line.split(','));
}

const read = (text: string) => readSeries(tableOf(text), 'series.csv');

test('counts and rates are read alike, in any order of columns, and a blank is a register that did not come', async () => {
  const counts = await read(`date,school,area,group,absent,possible
2026-09-07,A,N,,5,100
2026-09-08,A,N,,,
2026-09-07,B,N,,0,50
2026-09-08,B,N,,10,50`);
  const rates = await read(`school,date,attendance_percent,area,group
A,2026-09-07,95,N,
A,2026-09-08,,N,
B,2026-09-07,100,N,
B,2026-09-08,80,N,`);
  for (const { series, rows, problems } of [counts, rates]) {
    assert.deepEqual(problems, []);
    assert.equal(rows, 4);
    assert.deepEqual(series.days, ['2026-09-07', '2026-09-08']);
    assert.deepEqual(
      series.names.map(({ school, area }) => [school, area]),
      [
        ['A', 'N'],
        ['B', 'N'],
      ],
    );
    assert.deepEqual([...series.absencePercent], [5, Number.NaN, 0, 20]);
    assert.deepEqual([...series.due], [1, 1, 1, 1]);
  }
  assert.deepEqual([...counts.series.possible], [100, Number.NaN, 50, 50]);
});

test('beside half a count the percentage is used', async () => {
  const { series, problems } = await read(
    'school,date,possible,absent,attendance_percent\nA,2026-09-07,500,,93\nA,2026-09-08,500,25,',
  );
  assert.deepEqual(problems, []);
  assert.deepEqual([...series.absencePercent], [7, 5]);
});

test('area and group may be left out', async () => {
  const { series } = await read('school,date,attendance_percent\nA,2026-09-07,93.5');
  assert.deepEqual(series.names, [{ school: 'A', area: '', group: '' }]);
});

test('what cannot be used is told with its row and column, counted, and takes nothing else with it', async () => {
  const { rows, problems, notUsed } = await read(`school,date,possible,absent
A,2026-09-07,100,5
A,2026-09-07,100,6
A,7/9/2026,100,5
,2026-09-08,100,5
A,2026-09-09,many,5
A,2026-09-10,10,11
A,2026-02-30,10,1`);
  assert.equal(rows, 1);
  assert.deepEqual(
    problems.map(({ kind, row, column }) => [kind, row, column]),
    [
      ['said-differently', 3, 'date'],
      ['date', 4, 'date'],
      ['no-school', 5, 'school'],
      ['text-in-number', 6, 'possible'],
      ['more-absent', 7, 'absent'],
      ['date', 8, 'date'],
    ],
  );
  assert.equal(notUsed.get('date'), 2);
});

test('headings without what is needed are one sentence, and no row is read', async () => {
  const { rows, problems } = await read('school,day,attendance_percent\nA,2026-09-07,93.5');
  assert.equal(rows, 0);
  assert.deepEqual(
    problems.map(({ message }) => message),
    [
      'The headings have no date. Expected school, date, and attendance_percent or possible and absent; area and group may stand beside them.',
    ],
  );
});

test('a file with something else than commas between its cells is told so', async () => {
  for (const mark of [';', '\t', '|']) {
    const { problems } = await read(`school${mark}date${mark}attendance_percent`);
    assert.match(problems[0]?.message ?? '', /Save the file with commas between its cells/);
  }
});

test('no session possible is a closed day, and a word in place of a figure a register that did not come, counted', async () => {
  const counts = await read(`school,date,possible,absent
A,2026-09-07,100,5
A,2026-09-08,0,0
A,2026-09-09,0,
A,2026-09-10,NS,NS
A,2026-09-11,100,
A,2026-09-14,10,11`);
  assert.deepEqual([...counts.series.due], [1, 2, 2, 1, 1, 2]);
  assert.deepEqual(
    [...counts.series.absencePercent],
    [5, ...Array.from({ length: 5 }, () => Number.NaN)],
  );
  assert.deepEqual(
    [...counts.notUsed],
    [
      ['text-in-number', 1],
      ['more-absent', 1],
    ],
  );
  const rates = await read('school,date,attendance_percent\nA,2026-09-07,NS\nA,2026-09-08,95');
  assert.deepEqual([...rates.series.due], [1, 1]);
  assert.match(rates.problems[0]?.message ?? '', /taken for a register that did not come/);
});

test('of two rows for a school and day a figure counts before a blank, the first of two figures, and each is counted', async () => {
  const { series, rows, notUsed, problems } = await read(`school,date,attendance_percent
A,2026-09-07,
A,2026-09-07,95
A,2026-09-08,94
A,2026-09-08,
A,2026-09-09,93
A,2026-09-09,93
A,2026-09-10,92
A,2026-09-10,29`);
  assert.deepEqual([...series.absencePercent], [5, 6, 7, 8]);
  assert.equal(rows, 4);
  assert.deepEqual(
    [...notUsed],
    [
      ['said-twice', 3],
      ['said-differently', 1],
    ],
  );
  assert.deepEqual(
    problems.map(({ row }) => row),
    [3, 5, 7, 9],
  );
});

test('the area of a school is the one of its earliest day, however rows are ordered', async () => {
  const { series } = await read(`school,area,date,attendance_percent
A,South,2026-09-09,95
A,North,2026-09-07,95
A,East,2026-09-08,95`);
  assert.deepEqual(series.names, [{ school: 'A', area: 'North', group: '' }]);
});

test('more rows than there is room for at first are all kept', async () => {
  const lines = Array.from({ length: 5000 }, (_, at) => {
    const day = 1 + Math.floor(at / 250);
    return `S${String(at % 250).padStart(3, '0')},2026-09-${String(day).padStart(2, '0')},${at % 100}`;
  });
  const { series, rows } = await read(['school,date,attendance_percent', ...lines].join('\n'));
  assert.equal(rows, 5000);
  assert.deepEqual([series.names.length, series.days.length], [250, 20]);
  for (const at of [0, 1023, 1024, 4999]) {
    const cell = (at % 250) * 20 + Math.floor(at / 250);
    assert.equal(series.absencePercent[cell], 100 - (at % 100));
  }
});
