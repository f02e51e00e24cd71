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
      ['said-twice', 3, 'date'],
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

test('a day that most write down as nobody there was closed; one school without anybody was not', async () => {
  const lines = ['school,date,attendance_percent'];
  for (const school of ['A', 'B', 'C', 'D', 'E', 'F']) {
    lines.push(`${school},2026-09-07,0`);
    lines.push(`${school},2026-09-08,${school === 'A' ? 0 : 95}`);
  }
  const { series } = await read(lines.join('\n'));
  assert.deepEqual(series.days, ['2026-09-08']);
  assert.deepEqual([...series.absencePercent], [100, 5, 5, 5, 5, 5]);
  assert.deepEqual([...series.due], [1, 1, 1, 1, 1, 1]);
});

test('days on which nothing came of anybody are left out, as a holiday that a file lists; of a single school a blank is silence', async () => {
  const lines = (schools: readonly string[]) =>
    schools.flatMap((school) => [
      ...[`${school},2026-09-07,95`, `${school},2026-09-08,`, `${school},2026-09-09,96`],
    ]);
  const headed = (rows: readonly string[]) =>
    read(['school,date,attendance_percent', ...rows].join('\n'));
  const many = await headed(lines(['A', 'B', 'C', 'D', 'E', 'F']));
  assert.deepEqual(many.series.days, ['2026-09-07', '2026-09-09']);
  assert.deepEqual([...many.series.absencePercent], [5, 4, 5, 4, 5, 4, 5, 4, 5, 4, 5, 4]);
  const one = await headed(lines(['A']));
  assert.deepEqual(one.series.days, ['2026-09-07', '2026-09-08', '2026-09-09']);
});
