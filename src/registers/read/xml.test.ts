import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../../testing/chance.ts';
import { readMarks } from './read.ts';
import { StopReading, usualReadLimits, type ReadOptions } from './reading.ts';
import { type CtfPupil, ctf, inPieces, madeUpUpn, wholeText } from './writers.fixture.ts';
import { XmlReader } from './xml.ts';

function eventsOf(text: string, piece = text.length || 1): string[] {
  const events: string[] = [];
  const reader = new XmlReader(
    {
      open: (name, line) => events.push(`+${name} ${line}`),
      close: (name, content) => events.push(`-${name} ${content}`),
    },
    usualReadLimits,
  );
  for (let at = 0; at < text.length; at += piece) reader.push(text.slice(at, at + piece));
  reader.end();
  return events;
}

const sample = `<?xml version="1.0"?><!-- a < b -->
<x:a at="1 > 0" b='"'><b/>
<c>1 &lt; 2 &amp;&#65;&#x5C;</c><d><![CDATA[<&>]]></d></x:a>\n`;

test('XML is read the same in whatever pieces it comes, with its entities, CDATA and lines', () => {
  const whole = ['+a 2', '+b 2', '-b ', '+c 3', '-c 1 < 2 &A\\', '+d 3', '-d <&>', '-a '];
  for (let piece = 1; piece <= sample.length; piece += 1)
    assert.deepEqual(eventsOf(sample, piece), whole);
});

const refused: [text: string, kind: string][] = [
  ['<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', 'xml-document-type'],
  ['<a>&b;</a>', 'xml-entity'],
  ['<a>&#0;</a>', 'xml-entity'],
  ['<a>fish & chips</a>', 'xml-entity'],
  ['<a><b></a></b>', 'xml-broken'],
  ['<a></a><b></b>', 'xml-broken'],
  ['<a></a>text', 'xml-broken'],
  ['< a></a>', 'xml-broken'],
  ['<a>', 'xml-breaks-off'],
  ['<a', 'xml-breaks-off'],
  ['', 'xml-breaks-off'],
];
for (const [text, kind] of refused) {
  test(`XML such as ${text || 'nothing'} is refused as ${kind}`, () => {
    for (const piece of [1, 1000]) {
      assert.throws(
        () => eventsOf(text, piece),
        (error: unknown) => error instanceof StopReading && error.kind === kind,
      );
    }
  });
}

const inSchool = { file: 'transfer.xml', urn: 900_001 };
const readCtf = (pupils: readonly CtfPupil[], options: Partial<ReadOptions> = {}) =>
  readMarks(wholeText(ctf(pupils)), { ...inSchool, ...options });

const code = fc.constantFrom('/', '\\', 'L', 'I', 'Y1', '#', '&', '<', '-', ' ');
const weeks = fc.array(fc.array(code, { minLength: 10, maxLength: 10 }), {
  minLength: 1,
  maxLength: 6,
});

test('the marks of a Common Transfer File are read back, with five days in a week or seven', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(weeks, { minLength: 1, maxLength: 4 }),
      fc.constantFrom(5 as const, 7 as const),
      fc.constantFrom(3, 64, 1e9),
      async (all, daysInAWeek, piece) => {
        const weekend = daysInAWeek === 7 ? '####'.split('') : [];
        const pupils = all.map((own, at) => ({
          upn: madeUpUpn(at),
          firstDay: '2025-09-08',
          marks: own.flatMap((week) => [...week, ...weekend]).join(''),
        }));
        const expected = all.flatMap((own, at) =>
          own.flat().flatMap((mark, place) => {
            const after = Math.floor(place / 10) * 7 + Math.floor((place % 10) / 2);
            const date = new Date(Date.UTC(2025, 8, 8 + after)).toISOString().slice(0, 10);
            const session = place % 2 === 0 ? 'AM' : 'PM';
            return mark === ' ' || mark === '-'
              ? []
              : [`${madeUpUpn(at)} ${date} ${session} ${mark}`];
          }),
        );
        const source = inPieces(Buffer.from(ctf(pupils)), piece);
        const reading = await readMarks(source, { ...inSchool, daysInAWeek });
        assert.deepEqual(
          reading.marks.map((mark) => `${mark.upn} ${mark.date} ${mark.session} ${mark.code}`),
          expected,
        );
        assert.deepEqual(reading.problems, []);
      },
    ),
    { numRuns: 100 },
  );
});

test('a Common Transfer File says that it was not checked, where it is from, and how long its weeks are', async () => {
  const fiveDays = '/\\/\\I\\/\\/\\'.repeat(4);
  const five = await readCtf([{ upn: madeUpUpn(1), firstDay: '2025-09-08', marks: fiveDays }]);
  assert.deepEqual(
    [five.found.checkedAgainstXsd, five.found.laestab, five.found.daysInAWeek],
    [false, 9_991_234, 5],
  );
  assert.equal(five.found.lastDay, '2025-10-03');
  const sevenDays = `/\\/\\I\\/\\/\\####`.repeat(4);
  const seven = await readCtf([{ upn: madeUpUpn(1), firstDay: '2025-09-08', marks: sevenDays }]);
  assert.equal(seven.found.daysInAWeek, 7);
});

test('where its weeks could have five days or seven, it is asked and no mark is guessed', async () => {
  const marks = '/\\/\\/\\/\\/\\/\\';
  const reading = await readCtf([{ upn: madeUpUpn(1), firstDay: '2025-09-08', marks }]);
  assert.deepEqual([reading.marks, reading.counted.byKind], [[], { 'week-length-open': 12 }]);
  const answered = await readCtf([{ upn: madeUpUpn(1), firstDay: '2025-09-08', marks }], {
    daysInAWeek: 5,
  });
  assert.equal(answered.marks.at(-1)?.date, '2025-09-15');
});

test('the marks of another school in it are not taken for this one’s', async () => {
  const text = ctf([{ upn: madeUpUpn(1), firstDay: '2025-09-08', marks: '/\\' }]);
  const moved = text.replace('<Year>2025</Year><LEA>999</LEA>', '<Year>2025</Year><LEA>998</LEA>');
  const reading = await readMarks(wholeText(moved), inSchool);
  assert.deepEqual(reading.counted.byKind, { 'marks-of-another-school': 2 });
  const urnOfLaestab = (laestab: number) => (laestab === 9_981_234 ? 900_002 : undefined);
  const known = await readMarks(wholeText(moved), { ...inSchool, urnOfLaestab });
  assert.deepEqual(known.found.urns, [900_002]);
});

const knows = {
  urnOfLaestab: (laestab: number) =>
    new Map([
      [9_904_001, 900_001],
      [9_904_002, 900_002],
    ]).get(laestab),
  laestabOf: (urn: number) =>
    new Map([
      [900_001, 9_904_001],
      [900_002, 9_904_002],
    ]).get(urn),
};
/** What becomes of a file of school 900001, whose number is 9904001, that says this of its school. */
async function takenAs(write: (school: string) => string, school: string) {
  const { found, counted, counts } = await readMarks(wholeText(write(school)), {
    ...inSchool,
    ...knows,
  });
  assert.equal(counts.length > 0 ? counts[0]?.urn : found.urns[0], found.urns[0]);
  return [...found.urns, ...Object.keys(counted.byKind)];
}

test('a transfer file or a return that names another school is never the sender’s, whether that school is known here or not', async () => {
  const transfer = (school: string) =>
    ctf([{ upn: madeUpUpn(1), firstDay: '2025-09-08', marks: '/\\' }]).replaceAll(
      '<LEA>999</LEA><Estab>1234</Estab>',
      school,
    );
  const counted = (school: string) =>
    census(term('120', '4')).replace('<LEA>999</LEA><Estab>1234</Estab>', school);
  const says: [school: string, becomes: (number | string)[]][] = [
    ['<LEA>990</LEA><Estab>4001</Estab>', [900_001]],
    ['', [900_001]],
    ['<URN>900001</URN>', [900_001]],
    ['<LEA>123</LEA><Estab>4567</Estab>', ['marks-of-another-school']],
    ['<LEA>990</LEA><Estab>4002</Estab>', [900_002]],
    ['<URN>900002</URN>', [900_002]],
    ['<LEA>990</LEA><Estab>4002</Estab><URN>900001</URN>', ['marks-of-another-school']],
    ['<LEA>990</LEA><Estab>40</Estab>', ['laestab-not-read']],
    ['<LEA>990</LEA>', ['laestab-not-read']],
    ['<URN>Zzyx</URN>', ['urn-not-read']],
  ];
  for (const write of [transfer, counted]) {
    for (const [school, becomes] of says)
      assert.deepEqual(await takenAs(write, school), becomes, school);
  }
  const table = (laestab: string) =>
    `LA/Estab,UPN,Date,Session,Code\n${laestab},${madeUpUpn(1)},2025-09-08,AM,/\n`;
  const json = (laestab: string) =>
    JSON.stringify({
      laestab,
      marks: [{ upn: madeUpUpn(1), date: '2025-09-08', session: 'AM', code: '/' }],
    });
  for (const write of [table, json]) {
    assert.deepEqual(await takenAs(write, ''), [900_001]);
    assert.deepEqual(await takenAs(write, '9904002'), [900_002]);
    assert.deepEqual(await takenAs(write, '123/4567'), ['marks-of-another-school']);
  }
});

test('a pupil without a UPN or a day that is none loses its own marks only', async () => {
  const reading = await readCtf([
    { upn: '', firstDay: '2025-09-08', marks: '/\\-' },
    { upn: madeUpUpn(1), firstDay: 'Zzyx', marks: '/\\' },
    { upn: madeUpUpn(1), firstDay: '2025-09-06', marks: '/\\' },
    { upn: madeUpUpn(2), firstDay: '2025-09-08', marks: '/\\' },
  ]);
  assert.equal(reading.marks.length, 2);
  assert.deepEqual(reading.counted.byKind, {
    'upn-missing': 2,
    'date-not-read': 2,
    'begins-on-a-weekend': 2,
  });
  assert.equal(reading.counted.blank, 1);
});

const census = (pupil: string) => `<Message><Header><CollectionDetails/></Header>
<School><LEA>999</LEA><Estab>1234</Estab></School><Pupils><PupilsOnRoll><Pupil>
<PupilIdentifiers><UPN>${madeUpUpn(1)}</UPN></PupilIdentifiers>${pupil}</Pupil></PupilsOnRoll></Pupils></Message>`;
const term = (possible: string, sessions: string) => `<Attendance><TermlyAttendance>
<SessionsPossible>${possible}</SessionsPossible><SessionDetails>
<SessionDetail><AttendanceReason>I</AttendanceReason><AbsenceSessions>${sessions}</AbsenceSessions></SessionDetail>
<SessionDetail><AttendanceReason>O</AttendanceReason><AbsenceSessions>2</AbsenceSessions></SessionDetail>
</SessionDetails></TermlyAttendance></Attendance>`;

test('a census return gives sessions by reason, and no marks', async () => {
  const reading = await readMarks(wholeText(census(term('120', '4'))), inSchool);
  assert.deepEqual(reading.counts, [
    {
      urn: 900_001,
      upn: madeUpUpn(1),
      period: 'term',
      sessionsPossible: 120,
      sessionsMissed: { I: 4, O: 2 },
      row: 3,
    },
  ]);
  assert.deepEqual([reading.marks, reading.found.checkedAgainstXsd], [[], false]);
});

test('a number in a census return that is none is a problem with its line', async () => {
  const reading = await readMarks(
    wholeText(census(term('12x', '4') + term('120', '-4'))),
    inSchool,
  );
  assert.deepEqual(
    reading.problems.map(({ kind, row }) => [kind, row]),
    [
      ['possible-sessions-not-read', 3],
      ['reason-not-read', 7],
    ],
  );
  assert.deepEqual(reading.counts, []);
});
