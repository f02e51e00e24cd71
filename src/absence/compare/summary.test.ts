import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readSummary, type SummaryRow } from './summary.ts';

const [first = '', second = '', third = ''] = ['A801200020001', 'A801200020002', 'A801200020003'];

const figuresIn = (rows: readonly SummaryRow[]) =>
  rows.map(({ figures }) =>
    Object.fromEntries(Object.entries(figures).map(([field, { value }]) => [field, value])),
  );

describe('whether a column is of percentages', () => {
  const attendanceOf = (...cells: string[]) => {
    const upns = [first, second, third];
    const rows = cells.map((cell, at) => `${upns[at]},190,${cell}`);
    const csv = `UPN,Possible,Attendance\n${rows.join('\n')}\nTotal,570,93.4\n`;
    return readSummary(csv).rows.map(({ figures }) => Object.keys(figures)[1]);
  };

  test('is one thing for all of its cells', () => {
    for (const cells of [
      ['90.0', '89.5', '100.0'],
      ['100', '89.5', '93.4'],
      ['89.5', '100', '90%'],
      ['89.55', '100', '0'],
    ]) {
      const percents = cells.map(() => 'attendancePercent');
      assert.deepEqual(attendanceOf(...cells), percents, cells.join());
    }
    for (const cells of [
      ['90', '89', '100'],
      ['90', '89.5', '100'],
      ['150.0', '89.0', '93.4'],
    ]) {
      assert.deepEqual(
        attendanceOf(...cells),
        cells.map(() => 'attended'),
        cells.join(),
      );
    }
  });

  test('is not said by days that are printed with their halves', () => {
    const { rows } = readSummary(`UPN,Possible,Attended\n${first},5.0,4.5\n${second},5.0,3.0\n`);
    assert.deepEqual(figuresIn(rows), [
      { possible: 5, attended: 4.5 },
      { possible: 5, attended: 3 },
    ]);
  });

  test('and of totals by the one cell there is', () => {
    const { rows, understood } = readSummary('School,Possible,Attendance\nSchool A,190,93.4\n');
    assert.deepEqual(figuresIn(rows), [{ possible: 190, attendancePercent: 93.4 }]);
    assert.ok(understood.includes('attendance %'));
  });
});

describe('commas and points in numbers', () => {
  const read = (csv: string) => {
    const { rows, problems } = readSummary(csv);
    return { figures: figuresIn(rows)[0], problems: problems.map(({ message }) => message) };
  };

  test('are decimals after a comma where semicolons stand between the cells', () => {
    assert.deepEqual(read('Absence %;Attendance %\n4,0;96,0\n'), {
      figures: { absencePercent: 4, attendancePercent: 96 },
      problems: [],
    });
    assert.deepEqual(read('Possible;Absent;Attendance %\n1.234,0;1234;96,05 %\n').figures, {
      possible: 1234,
      absent: 1234,
      attendancePercent: 96.05,
    });
    const upright = readSummary('Possible sessions;1234\nAttendance %;96,5\n');
    assert.deepEqual(figuresIn(upright.rows), [{ possible: 1234, attendancePercent: 96.5 }]);
  });

  test('are thousands before three digits where commas or tabs stand between them', () => {
    for (const csv of [
      'Possible,Absent,Attendance %\n"12,345","1,234,567.5","96,0"\n',
      'Possible\tAbsent\tAttendance %\n12,345\t1,234,567.5\t96,0\n',
    ]) {
      assert.deepEqual(read(csv), {
        figures: { possible: 12_345, absent: 1_234_567.5, attendancePercent: 96 },
        problems: [],
      });
    }
  });

  test('that may be either are a problem, and the figure is left out', () => {
    for (const cell of ['1,234', '1.234', '12.345']) {
      const { figures, problems } = read(`Possible;Absent\n${cell};7\n`);
      assert.deepEqual(figures, { absent: 7 });
      assert.match(
        problems[0] ?? '',
        /column 1 holds a number whose comma or point could stand for/,
      );
    }
    const { figures, problems } = read('Possible,Absent\n"1,23,4",7\n');
    assert.deepEqual(figures, { absent: 7 });
    assert.match(problems[0] ?? '', /column 1 holds no number/);
  });
});
