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

describe('a column of halves', () => {
  const fieldsOf = (csv: string) => {
    const { rows, problems } = readSummary(csv);
    return {
      fields: [...new Set(rows.flatMap(({ figures }) => Object.keys(figures)))].sort(),
      problems: problems.map(({ message }) => message),
    };
  };
  const told = (...fields: string[]) => ({ fields: fields.sort(), problems: [] });

  test('is of percentages where the other figures, or their size, leave nothing else', () => {
    for (const [csv, ...others] of [
      ['Possible,Absent,Attendance\n7200,34,99.5\n', 'possible', 'absent'],
      ['Possible,Absent,Attendance\n7200.0,34.5,99.5\n', 'possible', 'absent'],
      ['Possible,Attendance\n7200,93.5\n', 'possible'],
      ['Possible,Attendance\n35,93.5\n', 'possible'],
      ['Pupils,Attendance\n210,93.5\n', 'enrolments'],
      [
        `UPN,Possible,Absent,Attendance\n${first},40,2,95\n${second},40,5,87.5\n`,
        'possible',
        'absent',
      ],
      [`UPN,Possible,Attendance\n${first},68,100\n${second},68,92.5\n`, 'possible'],
      ['Date,Session,Possible,Attendance\n01/09/2026,AM,210,93.5\n', 'possible'],
    ] as const) {
      assert.deepEqual(fieldsOf(csv), told('attendancePercent', ...others), csv);
    }
    assert.deepEqual(
      fieldsOf('Possible,Attended,Absence\n7200,6876,4.5\n'),
      told('possible', 'attended', 'absencePercent'),
    );
    assert.deepEqual(
      fieldsOf('Possible,Attendance,Absence\n7200,95.5,4.5\n'),
      told('possible', 'attendancePercent', 'absencePercent'),
    );
    assert.deepEqual(
      fieldsOf('Possible,Attended,Absent,Authorised\n7200,7166,34,0.4\n'),
      told('possible', 'attended', 'absent', 'authorisedPercent'),
    );
    assert.deepEqual(
      fieldsOf('Possible,Attendance,Authorised,Unauthorised\n7200,93.5,4.5,2.0\n'),
      told('possible', 'attendancePercent', 'authorisedPercent', 'unauthorisedPercent'),
    );
    assert.deepEqual(
      fieldsOf('Possible,Absent,Persistently absent\n7200,340,12.5\n'),
      told('possible', 'absent', 'persistentPercent'),
    );
  });

  test('is of half-days where the file is in days', () => {
    for (const csv of [
      `UPN,Possible,Attended,Absent\n${first},35,33.5,1.5\n${second},35,35,0\n`,
      `UPN,Possible,Attended,Absent\n${first},35.0,33.5,1.5\n${second},35.0,34.0,0.5\n`,
      `UPN,Possible,Attended,Absent\n${first},35.00,33.50,0.50\n${second},35.00,34.00,1.00\n`,
      `UPN,Possible,Attended,Absent\n${first},38,34.0,4.0\n${second},38,38.0,0.0\n`,
      `UPN,Possible,Attended,Absent\n${first},190,185.5,4.5\n${second},190,190,0\n`,
    ]) {
      assert.deepEqual(fieldsOf(csv), told('possible', 'attended', 'absent'), csv);
    }
  });

  test('that may be either is left out, and it is said how to write it', () => {
    for (const [csv, column] of [
      [`UPN,Possible,Attendance\n${first},190,90\n${second},190,89.5\n`, 3],
      ['Possible,Absence\n7200,4.5\n', 2],
      [`UPN,Possible,Absence\n${first},190,0\n${second},190,4.5\n`, 3],
      ['Possible,Attendance\n100,93.5\n', 2],
    ] as const) {
      const { fields, problems } = fieldsOf(csv);
      assert.deepEqual(fields, ['possible'], csv);
      assert.equal(
        problems[0],
        `Column ${column} may be of half-days or of percentages. It is left out: head it with “%” if it is of percentages, and print possible days with a decimal, as 190.0, if it is of days.`,
      );
    }
  });
});

describe('the first and the last day', () => {
  const daysOf = (csv: string) => {
    const { from, to, unread, problems } = readSummary(csv);
    return { from, to, unread: Object.keys(unread), problem: problems[0]?.message };
  };

  test('that cannot be read are told, and not taken as never given', () => {
    const told = daysOf('From,To,Possible,Absent\n7th September 2026,2026-10-23,7200,34\n');
    assert.deepEqual(told, {
      ...{ from: undefined, to: '2026-10-23', unread: ['from'] },
      problem:
        'The first day that the summary gives is none that is read: write it as 2026-09-01, or give the first day beside the summary.',
    });
    for (const [csv, unread] of [
      ['From,To,Possible,Absent\n01/09/9999,01/09/9999,7200,34\n', ['from', 'to']],
      ['From,To,Possible,Absent\n2026-09-01,31/11/2026,7200,34\n', ['to']],
      [
        'Period from,7th September 2026\nPeriod to,2026-10-23\nPossible,7200\nAbsent,34\n',
        ['from'],
      ],
      ['Period,7 September 2026 to 23rd October\nPossible,7200\nAbsent,34\n', ['to']],
      [`UPN,From,Possible\n${first},2026-09-07,70\n${second},last week,70\n`, ['from']],
      ['Code,Sessions,Start\nI,5,week 2\n', ['from']],
    ] as const) {
      assert.deepEqual(daysOf(csv).unread, unread, csv);
      assert.match(daysOf(csv).problem ?? '', /is none that is read/);
    }
  });

  test('are those of its rows where each row is of a session', () => {
    const { from, unread, problem } = daysOf(
      'Date,Session,Start,Possible\n07/09/2026,AM,08:50,70\n07/09/2026,PM,13:10,70\n',
    );
    assert.deepEqual([from, unread], ['2026-09-07', []]);
    assert.match(problem ?? '', /The first day that the summary gives/);
  });

  test('are none of a letter’s', () => {
    const { unread, problem } = daysOf('To,The Head Teacher\nPossible,7200\nAbsent,34\n');
    assert.deepEqual([unread, problem], [[], undefined]);
  });

  test('are not given where their cells are blank or crossed out', () => {
    for (const cell of ['', '-', 'n/a']) {
      const { unread, problem } = daysOf(`From,To,Possible,Absent\n${cell},${cell},7200,34\n`);
      assert.deepEqual([unread, problem], [[], undefined]);
    }
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

  test('that lost their “.0” are percentages where they add up to a hundred, and else may be either', () => {
    const fieldsOf = (csv: string) => Object.keys(readSummary(csv).rows[0]?.figures ?? {}).sort();
    for (const [csv, ...fields] of [
      [
        'Possible,Attendance,Absence\n7200,94,6\n',
        'absencePercent',
        'attendancePercent',
        'possible',
      ],
      [
        'Possible,Attendance,Authorised,Unauthorised\n7200,93.7,4,2.3\n',
        ...['attendancePercent', 'authorisedPercent', 'possible', 'unauthorisedPercent'],
      ],
      ['Possible,Authorised,Unauthorised\n7200,4,2.3\n', 'possible', 'unauthorisedPercent'],
      ['Possible,Attended,Absent\n100,94,6\n', 'absent', 'attended', 'possible'],
      ['Possible,Attended,Absent\n7200,7106,94\n', 'absent', 'attended', 'possible'],
    ] as const) {
      assert.deepEqual(fieldsOf(csv), fields, csv);
    }
    // Pupils of a class that had a hundred sessions.
    const { rows } = readSummary(`UPN,Attended,Absent\n${first},94,6\n${second},90,10\n`);
    assert.deepEqual(Object.keys(rows[0]?.figures ?? {}).sort(), ['absent', 'attended']);
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
