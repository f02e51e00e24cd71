import assert from 'node:assert/strict';
import { test } from 'node:test';
import { holdsUpn } from '../../base/upn.ts';
import fc from '../../testing/chance.ts';
import { readMarks } from './read.ts';
import type { Delimiter, Encoding, RawMark, Reading } from './reading.ts';
import {
  awkwardNames,
  ctf,
  type DateForm,
  encoded,
  inPieces,
  jsonArray,
  jsonLines,
  longTable,
  madeUpUpn,
  sessionForms,
  type TableStyle,
  type Told,
  wideTable,
  wondePages,
} from './writers.fixture.ts';

const day = fc.integer({ min: 0, max: 320 }).map((after) => {
  const at = new Date(Date.UTC(2025, 8, 1) + after * 86_400_000);
  return at.toISOString().slice(0, 10);
});
const mark = fc.record(
  {
    urn: fc.constantFrom(900_001, 900_002),
    upn: fc.integer({ min: 1, max: 6 }).map(madeUpUpn),
    date: day,
    session: fc.constantFrom('AM' as const, 'PM' as const),
    code: fc.constantFrom('/', '\\', 'L', 'I', 'C1', 'Y7', '#', 'q'),
  },
  { noNullPrototype: true },
);
/** One mark for a pupil's session; of one school, where the form has only room for one. */
const register = (schools: 1 | 2): fc.Arbitrary<Told[]> =>
  fc
    .uniqueArray(mark, {
      minLength: 1,
      maxLength: 25,
      selector: ({ upn, date, session }) => `${upn} ${date} ${session}`,
    })
    .map((marks) => (schools === 1 ? marks.map((one) => ({ ...one, urn: 900_001 })) : marks));

const encodings: Encoding[] = [
  'UTF-8',
  'UTF-8 with a byte-order mark',
  'UTF-16 LE',
  'UTF-16 BE',
  'Windows-1252',
];
const dateForms: DateForm[] = [
  'iso',
  'compact',
  'slashes',
  'points',
  'short month',
  'with time',
  'day number',
];
const style: fc.Arbitrary<TableStyle> = fc.record({
  delimiter: fc.constantFrom<Delimiter>(',', ';', '\t', '|'),
  quotes: fc.constantFrom('all', 'where needed'),
  lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
  dates: fc.constantFrom(...dateForms),
  order: fc.constantFrom('dmy', 'mdy'),
  sessions: fc.constantFrom(...Object.keys(sessionForms)),
});
const piece = fc.constantFrom(3, 7, 64, 1_000_000);

const toldBy = ({ urn, upn, date, session, code }: RawMark): Told => ({
  urn,
  upn,
  date,
  session,
  code,
});
const key = (one: Told) => `${one.upn} ${one.date} ${one.session} ${one.urn} ${one.code}`;
const sorted = (marks: readonly Told[]) => [...marks].sort((a, b) => (key(a) < key(b) ? -1 : 1));

/** What holds of every reading, of good files and of rubbish. */
function assertSound(reading: Reading & { marks: RawMark[] }): void {
  const { counted, marks, problems } = reading;
  assert.equal(counted.cells, counted.marks + counted.blank + counted.notRead);
  assert.equal(counted.marks, marks.length + reading.counts.length);
  const byKind = Object.values(counted.byKind).reduce((sum, cells) => sum + cells, 0);
  assert.equal(byKind, counted.notRead);
  if (problems.length < 1000) {
    assert.equal(
      problems.reduce((sum, { cells }) => sum + cells, 0),
      counted.notRead,
    );
  }
  const shown = JSON.stringify([problems, reading.found]);
  assert.ok(!holdsUpn(shown), 'a problem repeats a UPN');
  for (const name of awkwardNames) assert.ok(!shown.includes(name), 'a problem repeats a name');
}

test('marks written as a long table are read back the same, whatever its delimiter, quotation marks, encoding, line ends and dates', async () => {
  await fc.assert(
    fc.asyncProperty(
      register(2),
      style,
      fc.constantFrom(...encodings),
      piece,
      async (marks, how, encoding, size) => {
        const bytes = encoded(longTable(marks, how), encoding);
        const reading = await readMarks(inPieces(bytes, size), {
          file: 'register',
          dateOrder: how.order,
        });
        assertSound(reading);
        assert.deepEqual(reading.problems, []);
        assert.deepEqual(reading.marks.map(toldBy), marks);
        assert.deepEqual(
          reading.marks.map(({ row }) => row),
          marks.map((_, at) => at + 2),
        );
        assert.equal(reading.found.delimiter, how.delimiter);
        if (marks.length > 1) assert.equal(reading.found.encoding, encoding);
        assert.ok(reading.complete);
      },
    ),
    { numRuns: 150 },
  );
});

test('marks written as a wide table are read back the same, under one row of headings or two', async () => {
  const spoken = style.filter(
    ({ dates, sessions }) => dates !== 'with time' && sessions !== 'numbers',
  );
  await fc.assert(
    fc.asyncProperty(
      register(1),
      spoken,
      fc.constantFrom(1 as const, 2 as const),
      fc.constantFrom(...encodings),
      piece,
      async (marks, how, headingRows, encoding, size) => {
        const bytes = encoded(wideTable(marks, how, headingRows), encoding);
        const reading = await readMarks(inPieces(bytes, size), {
          file: 'register',
          urn: 900_001,
          dateOrder: how.order,
        });
        assertSound(reading);
        assert.deepEqual(reading.problems, []);
        assert.equal(reading.found.form, 'wide-csv');
        assert.deepEqual(sorted(reading.marks.map(toldBy)), sorted(marks));
        const pupils = new Set(marks.map(({ upn }) => upn)).size;
        const sessions = new Set(marks.map(({ date, session }) => date + session)).size;
        assert.equal(reading.counted.cells, pupils * sessions);
      },
    ),
    { numRuns: 150 },
  );
});

test('wide tables one below the other in one file are read back as what each of them says', async () => {
  const spoken = style.filter(
    ({ dates, sessions, lineEnd }) =>
      dates !== 'with time' && sessions !== 'numbers' && lineEnd !== '\r',
  );
  const headingRows = fc.constantFrom(1 as const, 2 as const);
  const between = fc.constantFrom('', '\n', 'Class 7B\n', '\nWeek 2\n\n');
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(register(1), headingRows, between), { minLength: 2, maxLength: 4 }),
      spoken,
      piece,
      async (tables, how, size) => {
        const text = tables.map(([marks, rows, title]) => `${wideTable(marks, how, rows)}${title}`);
        const reading = await readMarks(inPieces(Buffer.from(text.join('')), size), {
          file: 'register',
          urn: 900_001,
          dateOrder: how.order,
        });
        assertSound(reading);
        assert.deepEqual(reading.problems, []);
        const told = tables.flatMap(([marks]) => marks);
        assert.deepEqual(sorted(reading.marks.map(toldBy)), sorted(told));
      },
    ),
    { numRuns: 100 },
  );
});

test('marks written as JSON, one a line or as pages of an API are read back the same', async () => {
  const writers = {
    array: jsonArray,
    lines: jsonLines,
    envelope: (marks: readonly Told[]) => `{"marks":${jsonArray(marks)}}`,
    pages: (marks: readonly Told[]) => wondePages(marks, true),
    references: (marks: readonly Told[]) => wondePages(marks, false),
  };
  await fc.assert(
    fc.asyncProperty(
      register(1),
      fc.constantFrom(...Object.values(writers)),
      piece,
      async (marks, write, size) => {
        const source = inPieces(Buffer.from(write(marks)), size);
        const reading = await readMarks(source, { file: 'push', urn: 900_001 });
        assertSound(reading);
        assert.deepEqual(reading.problems, []);
        assert.deepEqual(reading.marks.map(toldBy), marks);
      },
    ),
    { numRuns: 150 },
  );
});

test('whatever is done to a file, reading it never fails and accounts for every place of a mark', async () => {
  const pieces = [
    '"',
    ',',
    ';',
    '\n',
    '\r',
    'AM',
    '08/09/2025',
    '13/13/2025',
    '-',
    '.',
    '\u00E9',
    '{',
    '}',
    '[',
    ']',
    '<',
    '>',
    '&',
    '\\',
    'x'.repeat(60),
    '',
  ];
  const change = fc.record({
    at: fc.nat(),
    length: fc.integer({ min: 0, max: 4 }),
    put: fc.constantFrom(...pieces),
  });
  const writer = fc.constantFrom(
    (marks: Told[], how: TableStyle) => longTable(marks, how),
    (marks: Told[], how: TableStyle) => wideTable(marks, how, 1),
    (marks: Told[], how: TableStyle) => wideTable(marks, how, 2),
    (marks: Told[]) => jsonArray(marks),
    (marks: Told[]) => jsonLines(marks),
    (marks: Told[]) => wondePages(marks, false),
    (marks: Told[]) =>
      ctf(marks.map(({ upn, date, code }) => ({ upn, firstDay: date, marks: code.repeat(40) }))),
  );
  await fc.assert(
    fc.asyncProperty(
      register(1),
      style,
      writer,
      fc.array(change, { maxLength: 8 }),
      piece,
      async (marks, how, write, changes, size) => {
        let text = write(marks, how);
        for (const { at, length, put } of changes) {
          const from = at % (text.length + 1);
          text = text.slice(0, from) + put + text.slice(from + length);
        }
        const bytes = Buffer.from(text);
        const options = { file: 'register', urn: 900_001 };
        const whole = await readMarks(inPieces(bytes, 1e9), options);
        assertSound(whole);
        assert.deepEqual(await readMarks(inPieces(bytes, size), options), whole);
      },
    ),
    { numRuns: 300 },
  );
});

test('no bytes whatever make it fail', async () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc
      .string({
        unit: fc.constantFrom('<', '>', '/', 'a', '&', ';', '!', '[', '"', ' ', '\n'),
        maxLength: 60,
      })
      .map((text) => Buffer.from(`<CTfile>${text}`)),
    fc.json({ maxDepth: 6 }).map((text) => Buffer.from(text)),
    fc
      .string({ unit: 'binary', maxLength: 100 })
      .map((text) => Buffer.from(`upn,date,session,code\n${text}`)),
  );
  await fc.assert(
    fc.asyncProperty(bytes, async (some) => {
      assertSound(
        await readMarks(inPieces(Buffer.from(some), 16), { file: 'rubbish', urn: 900_001 }),
      );
    }),
    { numRuns: 500 },
  );
});
