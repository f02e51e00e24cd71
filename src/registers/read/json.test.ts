import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readMarks } from './read.ts';
import { madeUpUpn, wholeText } from './writers.fixture.ts';

const upn = madeUpUpn(3);
const good = { urn: 900_001, upn, date: '2025-09-08', session: 'AM', code: '/' };
const read = (text: string) => readMarks(wholeText(text), { file: 'push' });
const kindsOf = async (records: readonly unknown[]) =>
  (await read(JSON.stringify(records))).problems.map(({ kind, row }) => `${row} ${kind}`);

test('a record that cannot be read is a problem of its own, with its number', async () => {
  const records = [
    good,
    { ...good, urn: undefined },
    { ...good, urn: 'Zzyx' },
    { ...good, upn: 7.5 },
    { ...good, upn: {} },
    { ...good, date: '08/09/2025' },
    { ...good, session: null },
    { ...good, session: 'lunch' },
    { ...good, code: undefined },
    { ...good, code: {} },
    { ...good, code: 'Present' },
    'Zzyx',
    null,
    good,
  ];
  assert.deepEqual(await kindsOf(records), [
    '2 urn-missing',
    '3 urn-not-read',
    '5 upn-missing',
    '6 date-not-read',
    '7 session-missing',
    '8 session-not-read',
    '9 code-missing',
    '10 mark-not-read',
    '11 mark-not-read',
    '12 not-a-record',
    '13 not-a-record',
  ]);
});

test('a broken line among lines spoils no other; a text that breaks off is not complete', async () => {
  const line = JSON.stringify(good);
  const reading = await read(`${line}\n{"upn":\n\n${line}`);
  assert.deepEqual(
    reading.marks.map(({ row }) => row),
    [1, 3],
  );
  assert.deepEqual(reading.counted.byKind, { 'json-not-read': 1 });
  for (const text of [`[${line},`, `[${line},{"upn":"`, '[']) {
    const broken = await read(text);
    assert.deepEqual([broken.complete, broken.problems.at(-1)?.kind], [false, 'json-breaks-off']);
  }
});

test('a code or a pupil that no page tells of is a problem, never a guess', async () => {
  const page = (more: object) =>
    JSON.stringify({ data: [{ id: 'A', date: '2025-09-08', session: 'AM', ...more }] });
  const inSchool = (text: string) => readMarks(wholeText(text), { file: 'pages', urn: 900_001 });
  const noCode = await inSchool(page({ student: { data: { upn } }, attendance_code: 'C9' }));
  assert.deepEqual(noCode.counted.byKind, { 'mark-not-read': 1 });
  const noPupil = await inSchool(page({ student: 'S9', attendance_code: { data: { code: '/' } } }));
  assert.deepEqual(noPupil.counted.byKind, { 'upn-missing': 1 });
});

test('a page that says more follow is warned about', async () => {
  const { problems, found } = await read('{"data":[],"meta":{"pagination":{"more":true}}}');
  assert.deepEqual(
    problems.map(({ kind }) => kind),
    ['more-pages'],
  );
  assert.deepEqual(found.pages, { read: 1, more: true });
});
