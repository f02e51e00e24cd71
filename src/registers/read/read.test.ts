import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readMarks, readRegister } from './read.ts';
import type { ReadLimits, ReadOptions } from './reading.ts';
import { encoded, inPieces, madeUpUpn, wholeText } from './writers.fixture.ts';

const upn = madeUpUpn(1);
const read = (text: string, options: Partial<ReadOptions> = {}) =>
  readMarks(wholeText(text), { file: 'register.csv', ...options });
const daysOf = async (dates: readonly string[], options: Partial<ReadOptions> = {}) => {
  const rows = dates.map((date) => `900001,${upn},${date},AM,/\n`);
  const reading = await read(`urn,upn,date,session,code\n${rows.join('')}`, options);
  return { reading, days: reading.marks.map(({ date }) => date), found: reading.found.dateOrder };
};

test('one date that can only be read with the day first tells it of all the others, those before it too', async () => {
  const { days, found } = await daysOf(['08/09/2025', '09/09/2025', '25/09/2025']);
  assert.equal(found, 'dmy');
  assert.deepEqual(days, ['2025-09-08', '2025-09-09', '2025-09-25']);
});

test('one date that can only be read with the month first does so too', async () => {
  const { days, found } = await daysOf(['9/8/2025', '9/25/2025']);
  assert.equal(found, 'mdy');
  assert.deepEqual(days, ['2025-09-08', '2025-09-25']);
});

test('dates that can be read in both orders are asked about, once, and none is guessed', async () => {
  const { reading, days, found } = await daysOf(['08/09/2025', '10/09/2025', '2025-09-11']);
  assert.equal(found, 'ambiguous');
  assert.deepEqual(days, ['2025-09-11']);
  assert.deepEqual(reading.problems, [
    {
      kind: 'date-order-ambiguous',
      file: 'register.csv',
      row: 2,
      column: 'C (date)',
      message:
        'The dates can be read with the day first (8 September 2025 to 10 September 2025) or the month first (9 August 2025 to 9 October 2025): choose which.',
      cells: 2,
    },
  ]);
});

test('the person’s answer is used, and a date that does not fit it is a problem of its own row', async () => {
  const asked = await daysOf(['08/09/2025', '10/09/2025'], { dateOrder: 'mdy' });
  assert.deepEqual(asked.days, ['2025-08-09', '2025-10-09']);
  assert.equal(asked.reading.found.dateOrderFrom, 'the person');
  const { reading, days } = await daysOf(['08/09/2025', '09/25/2025'], { dateOrder: 'dmy' });
  assert.deepEqual(days, ['2025-09-08']);
  const [problem] = reading.problems;
  assert.equal(problem?.kind, 'date-not-in-order');
  assert.deepEqual([problem?.row, problem?.column], [3, 'C (date)']);
});

test('a file with dates in both orders has none of them read', async () => {
  const { reading, days, found } = await daysOf(['25/09/2025', '09/26/2025', '08/09/2025']);
  assert.equal(found, 'mixed');
  assert.deepEqual(days, []);
  assert.equal(reading.counted.byKind['date-orders-mixed'], 3);
});

test('a weekday beside a date tells the order, and contradicts a date that is wrong', async () => {
  const { days, found } = await daysOf(['Mon 08/09/2025', '09/10/2025']);
  assert.equal(found, 'dmy');
  assert.deepEqual(days, ['2025-09-08', '2025-10-09']);
  const wrong = await daysOf(['Sunday 25/09/2025']);
  assert.deepEqual(wrong.reading.counted.byKind, { 'weekday-differs': 1 });
});

test('dates are read as registers and spreadsheets write them', async () => {
  const same = [
    '2025-09-08',
    '20250908',
    '45908',
    '8 September 2025',
    '8-Sep-2025',
    'Mon 8th Sep 2025',
    'September 8, 2025',
    '2025/9/8',
    '2025-09-08T00:00:00',
    '2025-09-07T23:00:00.000Z',
    '2025-09-08T00:00:00+01:00',
  ];
  const { days, reading } = await daysOf(same.map((text) => `"${text}"`));
  assert.deepEqual(reading.problems, []);
  assert.deepEqual(
    days,
    same.map(() => '2025-09-08'),
  );
  const american = await daysOf(['9/25/2025 12:00:00 AM']);
  assert.deepEqual(american.days, ['2025-09-25']);
});

test('what is no date says why', async () => {
  const { reading } = await daysOf(['08/09/25', '08/09', '31/02/2025', 'Zzyx', '', '1875-09-08']);
  assert.deepEqual(reading.counted.byKind, {
    'two-digit-year': 1,
    'date-without-year': 1,
    'date-not-read': 4,
  });
  const asked = await daysOf(['25/09/25'], { twoDigitYears: '20xx' });
  assert.deepEqual(asked.days, ['2025-09-25']);
});

const dated = (
  days: readonly [date: string, entered: string][],
  options: Partial<ReadOptions> = {},
) =>
  read(
    `urn,upn,date,session,code,entered_on\n${days.map(([date, entered]) => `900001,${upn},${date},AM,I,${entered}\n`).join('')}`,
    options,
  );

test('the order of days is found from all columns of a file that have any, the day of entry too', async () => {
  const american = await dated([
    ['2026-09-02', '09/04/2026'],
    ['2026-09-03', ''],
    ['2026-09-04', '09/15/2026'],
  ]);
  assert.deepEqual(
    american.marks.map(({ enteredOn }) => enteredOn),
    ['2026-09-04', undefined, '2026-09-15'],
  );
  assert.deepEqual([american.problems, american.found.dateOrder], [[], 'mdy']);
  const british = await dated([
    ['08/09/2026', '09/09/2026'],
    ['09/09/2026', '25/09/2026'],
  ]);
  assert.deepEqual(
    british.marks.map(({ date, enteredOn }) => [date, enteredOn]),
    [
      ['2026-09-08', '2026-09-09'],
      ['2026-09-09', '2026-09-25'],
    ],
  );
});

test('where only days of entry can be read in both orders it is asked as for others, and none is guessed', async () => {
  const days: [string, string][] = [
    ['2026-04-09', '09/04/2026'],
    ['2026-04-10', '10/04/2026'],
    ['2026-04-13', ''],
  ];
  const open = await dated(days);
  assert.deepEqual(
    open.problems.map(({ kind, column, cells }) => [kind, column, cells]),
    [['date-order-ambiguous', 'F (entered_on)', 2]],
  );
  assert.deepEqual([open.marks.length, open.found.dateOrder], [1, 'ambiguous']);
  const answered = await dated(days, { dateOrder: 'dmy' });
  assert.equal(answered.marks[0]?.enteredOn, '2026-04-09');
  assert.equal(answered.found.dateOrderFrom, 'the person');
});

test('a file whose columns have days in two orders has none of those days read: a file is in one order', async () => {
  const { marks, counted } = await dated([
    ['25/09/2026', '09/26/2026'],
    ['2026-09-25', '2026-09-26'],
  ]);
  assert.deepEqual([marks.length, counted.byKind], [1, { 'date-orders-mixed': 1 }]);
});

test('headings are found by what management systems call them, under titles and blank lines', async () => {
  const { marks, found } = await read(
    `sep=;\nMade-up register;;\n;;\nAdm No;Unique Pupil Number;AM/PM;Attendance Date;Attendance Mark\n7;${upn};Afternoon;2025-09-08;\\\n`,
    { urn: 900_001 },
  );
  assert.deepEqual(marks, [
    {
      urn: 900_001,
      upn,
      date: '2025-09-08',
      session: 'PM',
      code: '\\',
      row: 5,
      column: 'E (Attendance Mark)',
    },
  ]);
  assert.deepEqual(found.headings, {
    row: 4,
    columns: ['B (Unique Pupil Number)', 'C (AM/PM)', 'D (Attendance Date)', 'E (Attendance Mark)'],
  });
});

test('a row may hold a pupil’s day, with a column for each session', async () => {
  const { marks, counted } = await read(`UPN,Date,AM,PM\n${upn},2025-09-08,/,\n`, { urn: 900_001 });
  assert.deepEqual(
    marks.map(({ session, code, column }) => [session, code, column]),
    [['AM', '/', 'C (AM)']],
  );
  assert.equal(counted.blank, 1);
});

test('a session may stand beside its date', async () => {
  const { marks } = await read(`UPN,Date,Mark\n${upn},2025-09-08 PM,L\n${upn},2025-09-09,L\n`, {
    urn: 900_001,
  });
  assert.deepEqual(
    marks.map(({ date, session }) => [date, session]),
    [['2025-09-08', 'PM']],
  );
});

test('the AM of a clock is no session: midnight is not a morning', async () => {
  const { counted } = await read(`UPN,Date,Mark\n${upn},25/09/2025 12:00:00 AM,L\n`, {
    urn: 900_001,
  });
  assert.deepEqual(counted.byKind, { 'session-missing': 1 });
});

test('wide headings are read in all their forms', async () => {
  const headings = [
    'Mon 08/09/2025 AM',
    '08/09/2025 pm',
    '2025-09-09 PM',
    'AM 10/09/2025',
    '11/09/2025 (Morning)',
    'Fri 12 Sep 2025 PM',
    '15/09/2025_AM',
  ];
  const { marks, problems } = await read(
    `UPN,Year 7,${headings.join(',')}\n${upn},x,${headings.map(() => '/').join(',')}\n`,
    { urn: 900_001 },
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(
    marks.map(({ date, session }) => `${date.slice(8)} ${session}`),
    ['08 AM', '08 PM', '09 PM', '10 AM', '11 AM', '12 PM', '15 AM'],
  );
});

test('a wide column that cannot be read is told once, and the others are read', async () => {
  const { marks, problems, counted } = await read(
    `UPN,08/09/25 AM,25/09/2025 AM,26/09/2025\n${upn},/,/,/\n${madeUpUpn(2)},I,-,/\n`,
    { urn: 900_001 },
  );
  assert.equal(marks.length, 1);
  assert.deepEqual(
    problems.map(({ kind, row, column, cells }) => [kind, row, column, cells]),
    [
      ['session-missing-in-heading', 1, 'D (26/09/2025)', 2],
      ['two-digit-year', 1, 'B (08/09/25 AM)', 2],
    ],
  );
  assert.deepEqual([counted.cells, counted.blank, counted.notRead], [6, 1, 4]);
});

test('marks under no heading at all are counted as not read, and what is no mark there is passed over', async () => {
  const { marks, problems } = await read(
    `UPN,08/09/2025 AM,,25/09/2025 AM,\n${upn},/,/,/,see note\n${madeUpUpn(2)},I,I,/,\n`,
    { urn: 900_001 },
  );
  assert.equal(marks.length, 4);
  assert.deepEqual(
    problems.map(({ kind, row, column, cells }) => [kind, row, column, cells]),
    [['heading-missing', 1, 'C (no heading)', 2]],
  );
});

const columnsTold = async (headings: readonly string[], cells: readonly string[], above = '') => {
  const text = `${above}UPN,Name,${headings.join(',')}\n${upn},x,${cells.join(',')}\n`;
  const { marks, problems, counted } = await read(text, { urn: 900_001, dateOrder: 'dmy' });
  assert.equal(counted.cells, counted.marks + counted.blank + counted.notRead);
  const told = problems.map(({ kind, row, column, cells }) => [kind, row, column, cells].join(' '));
  return { read: marks.length, told };
};

test('a column under a session and a day that no calendar has is told of, with its letter and its heading, and its marks counted', async () => {
  const headings = [
    ...['2026-09-07 AM', '31/09/2026 AM', '31/09/2026 PM', '2026-09-311 AM', 'Tue 9/9/205 AM'],
    ...['09/09/20255 AM', 'Mon AM', '2026-09-08 AM'],
  ];
  assert.deepEqual(
    await columnsTold(
      headings,
      headings.map(() => '/'),
    ),
    {
      read: 2,
      told: [
        'date-not-read 1 D (31/09/2026 AM) 1',
        'date-not-read 1 E (31/09/2026 PM) 1',
        'date-not-read 1 F (2026-09-311 AM) 1',
        'date-not-read 1 G (Tue 9/9/205 AM) 1',
        'date-not-read 1 H (09/09/20255 AM) 1',
        'date-not-read 1 I (Mon AM) 1',
      ],
    },
  );
});

test('days and sessions in two rows of headings are told of in the same way', async () => {
  const text = `UPN,Name,31/09/2026,,2026-09-08,\n,,AM,PM,AM,PM\n${upn},x,/,\\,/,\\\n`;
  const { marks, problems } = await read(text, { urn: 900_001 });
  assert.equal(marks.length, 2);
  assert.deepEqual(
    problems.map(({ kind, column }) => [kind, column]),
    [
      ['date-not-read', 'C (31/09/2026 AM)'],
      ['date-not-read', 'D (31/09/2026 PM)'],
    ],
  );
});

test('a code among the marks, or under what looks like a day, is counted under a heading that is no session; notes and totals are none', async () => {
  const headings = [
    '2026-09-07 AM',
    'Register 2',
    '31/09/2026',
    '2026-09-08 AM',
    '2026-09-311',
    'Mon',
  ];
  const told = await columnsTold(
    [...headings, 'Notes', 'Total AM', '%'],
    [...['/', 'I', 'L', '/', '/', 'O', 'I', '15', '95.2']],
  );
  assert.deepEqual(told, {
    read: 2,
    told: [
      'heading-not-read 1 D (Register 2) 1',
      'heading-not-read 1 E (31/09/2026) 1',
      'heading-not-read 1 G (2026-09-311) 1',
      'heading-not-read 1 H (Mon) 1',
    ],
  });
});

test('in a long table, too, a code under no heading after the mark is counted', async () => {
  const { marks, counted } = await read(`UPN,Date,AM,\n${upn},2026-09-08,/,\\\n`, { urn: 900_001 });
  assert.deepEqual([marks.length, counted.byKind], [1, { 'heading-missing': 1 }]);
});

const underHeadings = async (lines: readonly string[], options: Partial<ReadOptions> = {}) => {
  const { marks, problems, counted, found, complete } = await read(`${lines.join('\n')}\n`, {
    urn: 900_001,
    ...options,
  });
  assert.equal(counted.cells, counted.marks + counted.blank + counted.notRead);
  return {
    read: marks.map(({ upn, date, session }) =>
      [[1, 2, 3, 4].find((at) => madeUpUpn(at) === upn), date.slice(5), session].join(' '),
    ),
    told: problems.map(({ kind, row, cells }) => [kind, row, cells].join(' ')),
    found,
    complete,
  };
};
const pupilRow = (at: number, ...cells: string[]) => [madeUpUpn(at), ...cells].join(',');
const firstWeek = ['UPN,2026-11-02 AM,2026-11-02 PM', pupilRow(1, 'I', 'I')];
const bothWeeks = ['1 11-02 AM', '1 11-02 PM', '2 11-09 AM', '2 11-09 PM'];
const secondWeeks: [what: string, lines: readonly string[], told: readonly string[]][] = [
  ['at once', ['UPN,2026-11-09 AM,2026-11-09 PM', pupilRow(2, 'I', 'I')], []],
  [
    'after a blank line, a title and the name of a class',
    ['', 'Week 2', '7B,,', 'UPN,2026-11-09 AM,2026-11-09 PM', pupilRow(2, 'I', 'I')],
    [],
  ],
  [
    'with its columns elsewhere, and more of them',
    ['Name,UPN,Form,2026-11-09 AM,2026-11-09 PM', `Zzyx,${pupilRow(2, '7B', 'I', 'I')}`],
    [],
  ],
  ['over two rows', ['UPN,2026-11-09,', ',AM,PM', pupilRow(2, 'I', 'I')], []],
  ['with the days above', [',2026-11-09,', 'UPN,AM,PM', pupilRow(2, 'I', 'I')], []],
  ['with the days alone', ['Class 7B,2026-11-09 AM,2026-11-09 PM', pupilRow(2, 'I', 'I')], []],
  ['with the days alone, over two rows', [',2026-11-09,', ',AM,PM', pupilRow(2, 'I', 'I')], []],
  [
    'as a long table',
    [
      'UPN,Date,Session,Mark',
      pupilRow(2, '2026-11-09', 'AM', 'I'),
      pupilRow(2, '2026-11-09', 'PM', 'I'),
    ],
    [],
  ],
  [
    'again and again, as pages have them',
    [
      firstWeek[0] ?? '',
      'UPN,2026-11-09 AM,2026-11-09 PM',
      'UPN,2026-11-09 AM,2026-11-09 PM',
      pupilRow(2, 'I', 'I'),
    ],
    [],
  ],
];
for (const [what, lines, told] of secondWeeks) {
  test(`rows under headings that stand further down ${what} are of the days over them`, async () => {
    const sent = await underHeadings([...firstWeek, ...lines]);
    assert.deepEqual([sent.read, sent.told], [bothWeeks, told]);
    const inPiecesToo = await readMarks(
      inPieces(Buffer.from([...firstWeek, ...lines].join('\n')), 7),
      { file: 'x', urn: 900_001 },
    );
    assert.equal(inPiecesToo.marks.length, 4);
  });
}

test('rows under headings further down whose days cannot be read are refused with their rows, never read on the days above', async () => {
  const unreadable = ['UPN,Mon AM,Mon PM', 'UPN,M,M', 'UPN,First,Second'];
  for (const headings of [...unreadable, '7B,Mon AM,Mon PM', 'Pupil,Day 6 AM,Day 6 PM']) {
    const lines = [...firstWeek, headings, pupilRow(2, 'I', ''), pupilRow(3, 'L', 'O')];
    const { read, told } = await underHeadings(lines);
    assert.deepEqual(
      [read, told],
      [
        bothWeeks.slice(0, 2),
        ['heading-not-read 3 0', 'heading-not-read 4 1', 'heading-not-read 5 2'],
      ],
    );
  }
  const again = ['UPN,Mon AM,Mon PM', pupilRow(3, 'I', 'I'), 'UPN,2026-11-09 AM,2026-11-09 PM'];
  const mended = await underHeadings([...firstWeek, ...again, pupilRow(2, 'I', 'I')]);
  assert.deepEqual(mended.read, bothWeeks);
});

/** Without what stands beside no UPN, of which each mark is refused when it is checked. */
const ofPupils = (read: readonly string[]) => read.filter((each) => /^\d/.test(each));

test('so are rows under days without a year and sessions without a day, however those stand above them', async () => {
  const twice = (text: string) => `${text},${text}`;
  const over = ['15/09', 'Mon 15/09', '15.09', 'Mon 15', 'Mon 15th', '15', 'Day 2', 'w/b 15/09'];
  const above = [
    ...over.map((text) => [`,${text},`, ',AM,PM']),
    ...over.map((text) => [`7B,${text},`, 'Pupil,am,pm']),
    ['Week beginning 15/09/2025,,', 'Pupil ID,AM,PM'],
    ['Pupil,AM,PM'],
    ['Pupil,Morning,Afternoon'],
    ...['15/09', 'Mon 15/09', 'Mon 15', '15th', 'w/b 15/09'].map((text) => [`,${twice(text)}`]),
  ];
  for (const headings of above) {
    const lines = [...firstWeek, ...headings, pupilRow(2, 'I', 'I'), pupilRow(3, 'L', 'O')];
    const { read, told } = await underHeadings(lines);
    const what = headings.join(' / ');
    assert.deepEqual(ofPupils(read), bothWeeks.slice(0, 2), what);
    const rows = [2, 3].map((at) => `heading-not-read ${headings.length + at + 1} 2`);
    assert.deepEqual(told.slice(-2), rows, what);
  }
});

test('nor does a row of sums, or of a pupil whose UPN is missing, take those below it from their days', async () => {
  for (const row of [
    ...[',96.2%,91.0', 'Total,25,24', ',I,L', ',15,', ',Present,AM', 'Zzyx,/,\\'],
    ...[',25/30,24/30', ',25 / 30,24 / 30', ',12 of 30,11 of 30', ',83.3 %,80 %', ',25 (83%),'],
    ...[',25 (5),24 (6)', ',08:55,12:58', ',AS 08:55,', ',2 (10 min),', ',Page 1 of 2,'],
  ]) {
    const { read } = await underHeadings([...firstWeek, row, pupilRow(2, 'I', 'I')]);
    const isHeading = row.includes('AM');
    assert.deepEqual(
      ofPupils(read).slice(2),
      isHeading ? [] : bothWeeks.slice(0, 2).map((each) => each.replace('1 ', '2 ')),
      row,
    );
  }
});

test('headings that can be read are found below others that cannot, though they do not name the UPN again', async () => {
  const lines = [...firstWeek, ',Mon 15/09,', ',AM,PM', pupilRow(3, 'I', 'I')];
  const second = ['7B,2026-11-09,', ',AM,PM', pupilRow(2, 'I', 'I')];
  const { read } = await underHeadings([...lines, ...second]);
  assert.deepEqual(ofPupils(read), bothWeeks);
});

test('a day that stands alone among the pupils, as a page’s date does, loses no mark without a word', async () => {
  const all = [['UPN', '2026-11-02 AM', '2026-11-02 PM', '2026-11-03 AM', '2026-11-03 PM'].join()];
  const below = [pupilRow(2, 'I', 'I', 'I', 'I'), pupilRow(3, 'I', 'I', 'I', 'I')];
  for (const alone of [',,,,,26/11/2026', ',,,,,26/11/2026 PM', ',Printed,26/11/2026']) {
    const { read, told } = await underHeadings([
      ...[...all, pupilRow(1, 'I', 'I', 'I', 'I')],
      ...[alone, ...below],
    ]);
    const lost = told.reduce((sum, each) => sum + Number(each.split(' ').at(-1)), 0);
    assert.ok(ofPupils(read).length + lost >= 12, `${alone}: ${told.join('; ')}`);
    assert.equal(ofPupils(read).filter((each) => !/ 11-0[23] /.test(each)).length, 0, alone);
  }
});

test('pupils above the first headings whose days can be read are told of', async () => {
  const lines = ['UPN,Mon AM,Mon PM', pupilRow(1, 'I', 'I'), ...firstWeek];
  const { read, told } = await underHeadings(lines);
  assert.deepEqual([read, told], [bothWeeks.slice(0, 2), ['heading-not-read 2 2']]);
});

test('a row of a pupil is never taken for headings, whatever is written in it', async () => {
  const lines = [
    'Name,UPN,2026-11-02 AM,2026-11-02 PM,Note',
    `UPN,${pupilRow(1, 'I', 'I', 'UPN')}`,
    'Zzyx,,I,,UPN',
    `Date,${pupilRow(2, '2026-11-09', 'I', '2026-11-09 AM')}`,
    `Zzyx,${pupilRow(3, 'I', 'I', '')}`,
  ];
  const { read, told } = await underHeadings(lines);
  assert.deepEqual(read, ['1 11-02 AM', '1 11-02 PM', '2 11-02 PM', '3 11-02 AM', '3 11-02 PM']);
  assert.deepEqual(told, ['upn-missing 3 1', 'mark-not-read 4 1']);
});

test('the order of days is found from all headings of a file, and what they name is shown', async () => {
  const slashed = [
    ...['UPN,02/11/2026 AM,02/11/2026 PM', pupilRow(1, 'I', 'I')],
    ...['UPN,16/11/2026 AM,16/11/2026 PM', pupilRow(2, 'I', 'I')],
  ];
  const { read, told, found } = await underHeadings(slashed);
  assert.deepEqual([read[0], read[2], told], ['1 11-02 AM', '2 11-16 AM', []]);
  assert.deepEqual(
    [found.dateOrder, found.headings?.further, found.headings?.sessions],
    ['dmy', { count: 1, first: [3] }, 4],
  );
  const mixed = await underHeadings([...slashed, 'UPN,11/25/2026 AM', pupilRow(3, 'I')]);
  assert.deepEqual([mixed.read, mixed.found.dateOrder], [[], 'mixed']);
});

test('a long table whose headings come again, as pages have them, is read on', async () => {
  const headings = 'urn,upn,date,session,code';
  const row = (at: number) => `900001,${madeUpUpn(at)},2026-11-02,AM,I`;
  const { read, told } = await underHeadings([headings, row(1), headings, row(2), headings]);
  assert.deepEqual([read, told], [['1 11-02 AM', '2 11-02 AM'], []]);
});

test('a code under a heading that names a session and no day is told of, with its heading', async () => {
  const headings = ['2026-11-02 AM', '2026-11-02 PM', 'Day 2 AM', 'Tomorrow PM', 'Total AM'];
  assert.deepEqual(await columnsTold(headings, ['I', 'I', 'I', 'L', '1']), {
    read: 2,
    told: ['heading-not-read 1 E (Day 2 AM) 1', 'heading-not-read 1 F (Tomorrow PM) 1'],
  });
  const text = `UPN,2026-11-02,,Day 2,\n,AM,PM,AM,PM\n${upn},I,I,I,I\n`;
  const { marks, problems } = await read(text, { urn: 900_001 });
  assert.deepEqual(
    [marks.length, problems.map(({ kind, column }) => [kind, column])],
    [
      2,
      [
        ['heading-not-read', 'D (Day 2 AM)'],
        ['heading-not-read', 'E (Day 2 PM)'],
      ],
    ],
  );
});

test('in a long table, too, a code under a heading of a session that is none of its own is counted', async () => {
  const text = `UPN,Date,AM,PM,Day 2 AM,Note PM\n${upn},2026-11-02,I,I,I,ill\n`;
  const { marks, problems } = await read(text, { urn: 900_001 });
  assert.deepEqual(
    [marks.length, problems.map(({ kind, column, cells }) => [kind, column, cells])],
    [2, [['heading-not-read', 'E (Day 2 AM)', 1]]],
  );
});

const numbers: Partial<ReadOptions> = {
  urn: 900_002,
  urnOfLaestab: (laestab) => ({ 9904001: 900_001, 9904002: 900_002 })[laestab],
  laestabOf: (urn) => ({ 900001: 9_904_001, 900002: 9_904_002 })[urn],
};
const schoolNamed: [headings: string, cells: string, whose: string | number][] = [
  ['LA,Estab', '990,4001', 900_001],
  ['LEA,Establishment Number', '990,4001', 900_001],
  ['LA,ESTAB', '990,4002', 900_002],
  ['LA,ESTAB', '991,4002', 'marks-of-another-school'],
  ['LA Code,DfE Code', '990,4001', 900_001],
  ['LEA Code,School Code', '991,4002', 'marks-of-another-school'],
  // Another school's, or the system's own that happens to be that: by four digits alone no mark goes to another school.
  ['Establishment', '4001', 'marks-of-another-school'],
  ['School Code', '4001', 'marks-of-another-school'],
  ['School', '4002', 900_002],
  ['School', '1023', 900_002],
  ['URN,School Code', '900002,1023', 900_002],
  ['URN,School', '900002,4001', 900_002],
  ['School Code', 'Zzyx', 900_002],
  ['LA,ESTAB', 'Fenmoor,4002', 'laestab-not-read'],
  ['LA,ESTAB', '990,', 'laestab-not-read'],
  ['LA,ESTAB', 'Nowhereshire,4001', 'laestab-not-read'],
  ['LA,ESTAB', ',', 900_002],
  ['Local authority,LA code,School,Estab', 'Nowhereshire,990,Zzyx,4001', 900_001],
  ['Establishment Number', '4001', 900_001],
  ['Establishment Number', '4002', 900_002],
  ['Establishment Number', '9904001', 900_001],
  ['DfE', '990/4001', 900_001],
  ['DfE number', '9904001', 900_001],
  ['School', '9904001', 900_001],
  ['School', '900001', 900_001],
  ['School', 'Zzyx Academy 2020', 900_002],
  ['LA,School', '990,4001', 900_001],
  ['LA,School', 'Nowhereshire,Zzyx', 900_002],
  ['School,DfE', 'Zzyx,9904001', 900_001],
  ['LA', '991', 900_002],
];
for (const [headings, cells, whose] of schoolNamed) {
  test(`a table that names its school as ${cells} under ${headings} is read as of ${whose}, whoever sends it`, async () => {
    for (const text of [
      `${headings},UPN,Date,Session,Mark\n${cells},${upn},2026-01-30,AM,I\n`,
      `${headings},UPN,30/01/2026 AM\n${cells},${upn},I\n`,
    ]) {
      const { marks, counted } = await read(text, numbers);
      assert.deepEqual([...marks.map(({ urn }) => urn), ...Object.keys(counted.byKind)], [whose]);
    }
  });
}

test('of two columns headed as the same neither is guessed: the file is refused, in each form of table', async () => {
  for (const text of [
    `urn,upn,date,session,code,code\n900001,${upn},2025-09-08,AM,/,I\n`,
    `urn,upn,UPN,08/09/2025 AM\n900001,${upn},${upn},/\n`,
    `urn,upn,date,session,code,entered_on,amended on\n900001,${upn},2025-09-08,AM,/,,\n`,
  ]) {
    const { complete, problems } = await read(text, { dateOrder: 'dmy' });
    assert.equal(complete, false);
    assert.match(
      problems.at(-1)?.message ?? '',
      /^Two columns are headed as (code|upn|entered_on): leave out/,
    );
  }
});

test('a row that leaves off an empty afternoon keeps its morning', async () => {
  const { marks, counted, problems } = await read(
    `urn,upn,date,AM,PM\n900001,${upn},2025-09-08,/\n900001,${upn},2025-09-09,/,\\\n900001,${upn},2025-09-10\n`,
  );
  assert.deepEqual(
    marks.map(({ date, session }) => `${date.slice(8)} ${session}`),
    ['08 AM', '09 AM', '09 PM'],
  );
  assert.deepEqual(
    problems.map(({ kind, row }) => [kind, row]),
    [['too-few-cells', 4]],
  );
  assert.deepEqual([counted.cells, counted.blank, counted.notRead], [6, 2, 1]);
});

const rowProblems: [what: string, row: string, kind: string, column: string | undefined][] = [
  ['no UPN', '900001,,2025-09-08,AM,/', 'upn-missing', 'B (upn)'],
  ['a URN that is none', '12,U,2025-09-08,AM,/', 'urn-not-read', 'A (urn)'],
  ['no URN anywhere', ',U,2025-09-08,AM,/', 'urn-missing', undefined],
  ['no session', '900001,U,2025-09-08,,/', 'session-missing', 'D (session)'],
  [
    'a session of another kind',
    '900001,U,2025-09-08,Period 3,/',
    'session-not-read',
    'D (session)',
  ],
  ['a word for a code', '900001,U,2025-09-08,AM,Present', 'mark-not-read', 'E (code)'],
  ['an endless UPN', `900001,${'U'.repeat(41)},2025-09-08,AM,/`, 'cell-too-long', 'B (upn)'],
  ['a delimiter within a cell', '900001,U,2025-09-08,AM,/,Zzyx', 'too-many-cells', undefined],
  ['a row that breaks off', '900001,U', 'too-few-cells', undefined],
  [
    'text after a closed quotation mark',
    '"900001"x,U,2025-09-08,AM,/',
    'misplaced-quote',
    undefined,
  ],
];
for (const [what, row, kind, column] of rowProblems) {
  test(`a row with ${what} is a problem with its place, and the rows around it are read`, async () => {
    const good = `900001,${upn},2025-09-08,AM,/`;
    const { marks, problems, counted } = await read(
      `urn,upn,date,session,code\n${good}\n${row}\n${good}\n`,
    );
    assert.deepEqual(
      marks.map(({ row }) => row),
      [2, 4],
    );
    assert.deepEqual(
      problems.map((one) => [one.kind, one.row, one.column, one.cells]),
      [[kind, 3, column, 1]],
    );
    assert.match(problems[0]?.message ?? '', /[:,].*\.$/);
    assert.deepEqual([counted.cells, counted.notRead], [3, 1]);
  });
}

const ofDay = (at: number, name: string, am: string, pm: string) =>
  `${madeUpUpn(at)},2026-09-08,${name},${am},${pm}`;
const strays: [
  what: string,
  lines: readonly string[],
  read: readonly number[],
  bad: readonly number[],
][] = [
  [
    'with a quoted cell in the next row',
    [ofDay(2, '"Smith', '/', '\\'), ofDay(3, '"Jones"', 'I', 'I')],
    [3, 4],
    [2],
  ],
  [
    'that another stray one seems to close',
    [ofDay(2, '"Smith', '/', '\\'), ofDay(3, 'Jones"', 'I', 'I')],
    [3, 4],
    [2],
  ],
  [
    'with a quoted comma in the next row',
    [ofDay(2, '"Smith', '/', '\\'), ofDay(3, '","', 'I', 'I')],
    [3, 4],
    [2],
  ],
  [
    'that nothing closes',
    [ofDay(2, '"Smith', '/', '\\'), ofDay(3, 'Jones', 'I', 'I')],
    [3, 4],
    [2],
  ],
  ['in the last cell', [ofDay(2, 'Smith', '/', '"'), ofDay(3, '"Jones"', 'I', 'I')], [3, 4], [2]],
  [
    'in the first cell',
    [`"${ofDay(2, 'Smith', '/', '/')}`, `"${ofDay(3, 'Jones', 'I', 'I')}`],
    [4],
    [2, 3],
  ],
];
for (const [what, lines, read_, bad] of strays) {
  test(`a quotation mark opened by mistake ${what} loses its own line alone, which is counted, and no number of a row`, async () => {
    const text = `UPN,Date,Name,AM,PM\n${[...lines, ofDay(4, 'Zzyx', '/', '\\')].join('\n')}\n`;
    const { marks, problems, counted } = await read(text, { urn: 900_001 });
    assert.deepEqual([...new Set(marks.map(({ row }) => row))], read_);
    assert.deepEqual(
      problems.map(({ kind, row }) => [/quote/.test(kind), row]),
      bad.map((row) => [true, row]),
    );
    assert.deepEqual([counted.cells, counted.notRead], [6, 2 * bad.length]);
  });
}

test('without UPNs to tell it, lines as long as the headings tell that a quotation mark was opened by mistake', async () => {
  const { marks, problems } = await read(
    `UPN,Date,Name,AM,PM\nU1,2026-09-08,"Smith,/,\\\nU2,2026-09-08,Jones",I,I\n`,
    { urn: 900_001 },
  );
  assert.deepEqual([marks.length, problems[0]?.kind, problems[0]?.row], [2, 'quote-not-closed', 2]);
});

test('a note of several lines in quotation marks is read, wherever it stands, and is of one row, as in a spreadsheet', async () => {
  const columns = { UPN: upn, Date: '2026-09-08', Session: 'AM', Code: '/' };
  const note = '"Rang home,\nno answer;\nwill ""try"" again"';
  for (const at of [0, 2, 4]) {
    const headings = Object.keys(columns).toSpliced(at, 0, 'Comment').join(',');
    const row = Object.values(columns).toSpliced(at, 0, note).join(',');
    const text = [headings, row, row, row].join('\n');
    const { marks, problems } = await read(text, { urn: 900_001 });
    assert.deepEqual(problems, []);
    assert.deepEqual(
      marks.map(({ row }) => row),
      [2, 3, 4],
    );
  }
});

test('a blank, a hyphen and a full stop are no mark; / and \\ are kept as written', async () => {
  const codes = ['/', '\\', '', ' ', '-', '.', ' L '];
  const rows = codes.map((code) => `900001,${upn},2025-09-08,AM,${code}\n`);
  const { marks, counted } = await read(`urn,upn,date,session,code\n${rows.join('')}`);
  assert.deepEqual(
    marks.map(({ code }) => code),
    ['/', '\\', 'L'],
  );
  assert.equal(counted.blank, 4);
});

test('a table without the headings of a register, an empty file and files of other kinds say what they are', async () => {
  const kinds: [Buffer, string][] = [
    [Buffer.from('a,b\n1,2\n'), 'headings-not-found'],
    [Buffer.from('\n \n'), 'empty-file'],
    [Buffer.alloc(0), 'empty-file'],
    [Buffer.from('PK\u0003\u0004xxxxxxxx'), 'not-a-register-file'],
    [Buffer.from([1, 2, 3, 0, 0, 0, 0, 0, 0]), 'not-text'],
    [Buffer.from('<html></html>'), 'xml-not-a-register'],
  ];
  for (const [bytes, kind] of kinds) {
    const reading = await readMarks(inPieces(bytes, 5), { file: 'x' });
    assert.deepEqual([reading.problems.map((one) => one.kind), reading.complete], [[kind], false]);
  }
});

test('a file of another kind is told what to do with its kind', async () => {
  const says = async (start: string) =>
    (await readMarks(inPieces(Buffer.from(`${start}xxxxxxxx`, 'latin1'), 5), { file: 'x' }))
      .problems[0]?.message ?? '';
  assert.match(await says('%PDF'), /^This is a PDF: .*export it from your information system/);
  assert.doesNotMatch(await says('%PDF'), /unpack|sheet/);
  assert.match(await says('PK\u0003\u0004'), /workbook, open it in Excel, save .*archive, unpack/);
  assert.doesNotMatch(await says('\u00d0\u00cf\u0011\u00e0'), /unpack/);
  assert.doesNotMatch(await says('\u001f\u008b'), /sheet/);
});

test('bytes that are in no encoding are told of, and the marks beside them are read', async () => {
  const start = encoded(`upn,name,date,session,code\n${upn},É,2025-09-08,AM,/\n`, 'UTF-8');
  const bytes = Buffer.concat([start, encoded(`${upn},É,2025-09-08,PM,\\\n`, 'Windows-1252')]);
  const { marks, problems } = await readMarks(inPieces(bytes, 9), { file: 'x', urn: 900_001 });
  assert.equal(marks.length, 2);
  assert.deepEqual(
    problems.map(({ kind, cells }) => [kind, cells]),
    [['mixed-encodings', 0]],
  );
});

test('UTF-16 without a byte-order mark is known by its zeros', async () => {
  for (const encoding of ['UTF-16 LE', 'UTF-16 BE'] as const) {
    const bytes = encoded(`upn,date,session,code\n${upn},2025-09-08,AM,/\n`, encoding).subarray(2);
    const { marks, found } = await readMarks(inPieces(bytes, 3), { file: 'x', urn: 900_001 });
    assert.deepEqual([marks.length, found.encoding], [1, encoding]);
  }
});

const table = `urn,upn,date,session,code\n${`900001,${upn},2025-09-08,AM,/\n`.repeat(50)}`;
const json = `[${`{"upn":"x","more":[[[[1]]]]},`.repeat(9)}{}]`;
const xml = '<CTfile><a><b><c><d></d></c></b></a></CTfile>';
const limited: [keyof ReadLimits, number, string, string][] = [
  ['bytes', 1000, table, 'too-large'],
  ['rows', 20, table, 'too-many-rows'],
  ['rows', 5, json, 'too-many-rows'],
  ['columns', 4, table, 'too-many-columns'],
  ['rowCharacters', 30, table, 'row-too-long'],
  ['depth', 4, json, 'json-too-deep'],
  ['valueCharacters', 10, json, 'json-too-long'],
  ['depth', 3, xml, 'xml-too-deep'],
];
for (const [limit, most, text, kind] of limited) {
  test(`a file beyond the limit of ${limit} stops as ${kind}, and is not complete`, async () => {
    const reading = await readMarks(inPieces(Buffer.from(text), 64), {
      file: 'x',
      limits: { [limit]: most },
    });
    assert.equal(reading.complete, false);
    assert.deepEqual(reading.problems.at(-1)?.kind, kind);
    assert.ok((await readMarks(inPieces(Buffer.from(text), 64), { file: 'x' })).complete);
  });
}

test('problems beyond the limit are counted and not listed', async () => {
  const { problems, counted } = await read(table.replaceAll('AM', 'noon'), {
    limits: { problems: 7 },
  });
  assert.equal(problems.length, 7);
  assert.deepEqual(counted.byKind, { 'session-not-read': 50 });
});

test('marks are handed on while the file is still being read, so that its size does not matter', async () => {
  const rows = `900001,${upn},2025-09-08,AM,/\n`.repeat(2000);
  let given = 0;
  let passes = 0;
  const source = async function* () {
    passes += 1;
    yield Buffer.from('urn,upn,date,session,code\n');
    for (given = 0; given < 50; given += 1) yield Buffer.from(rows);
  };
  const batches: number[] = [];
  let firstAt = 0;
  const reading = await readRegister(source, { file: 'x' }, async (marks) => {
    if (batches.length === 0) firstAt = given;
    batches.push(marks.length);
  });
  assert.equal(reading.counted.marks, 100_000);
  assert.ok(Math.max(...batches) <= 10_000);
  assert.ok(firstAt < 10, `the first marks came after ${firstAt} of 50 pieces`);
  assert.equal(passes, 2);
});
