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
    { ...good, date: '08/09/25', entered_on: '' },
    { ...good, entered_on: '08/09/2025' },
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
    '7 date-not-read',
    '8 entered-on-not-read',
    '9 session-missing',
    '10 session-not-read',
    '11 code-missing',
    '12 mark-not-read',
    '13 mark-not-read',
    '14 not-a-record',
    '15 not-a-record',
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

test('a school that stands beside the marks is that of all that name none; what cannot be read as one is no school', async () => {
  const { urn: _own, ...bare } = good;
  const inSchool = (body: object) =>
    readMarks(wholeText(JSON.stringify(body)), { file: 'push', urn: 900_001 });
  const outer = await inSchool({ urn: 900_002, marks: [bare, good] });
  assert.deepEqual(
    outer.marks.map(({ urn }) => urn),
    [900_002, 900_001],
  );
  const page = await inSchool({ school: { data: { urn: 900_002 } }, data: [bare] });
  assert.deepEqual(page.found.urns, [900_002]);
  for (const urn of ['Zzyx', {}, [900_002], true]) {
    const { counted } = await inSchool({ urn, marks: [bare] });
    assert.deepEqual(counted.byKind, { 'urn-not-read': 1 });
    assert.deepEqual((await inSchool([{ ...bare, urn }])).counted.byKind, { 'urn-not-read': 1 });
  }
});

test('a date is the day in England at the moment that its clock and time zone tell', async () => {
  const dayOf = async (date: unknown) => {
    const page = {
      data: [{ id: 'A', date, session: 'AM', student: { upn }, attendance_code: { code: '/' } }],
    };
    const options = { file: 'pages', urn: 900_001 };
    return (await readMarks(wholeText(JSON.stringify(page)), options)).marks[0]?.date;
  };
  const zoned = (date: string, timezone: string) => dayOf({ date, timezone_type: 3, timezone });
  assert.equal(await zoned('2025-09-07 23:00:00.000000', 'UTC'), '2025-09-08');
  assert.equal(await zoned('2025-12-07 23:00:00', 'UTC'), '2025-12-07');
  assert.equal(await zoned('2025-09-08 00:00:00.000000', 'Europe/London'), '2025-09-08');
  assert.equal(await zoned('2025-09-08 01:00:00', 'Europe/Paris'), '2025-09-08');
  assert.equal(await zoned('2025-09-08 00:30:00', '+01:00'), '2025-09-08');
  assert.equal(await zoned('2025-09-08 00:30:00', '+02:00'), '2025-09-07');
  assert.equal(await zoned('2025-09-08 00:00:00', 'BST'), '2025-09-08');
  assert.equal(await zoned('2025-09-08', 'UTC'), '2025-09-08');
  assert.equal(await zoned('2025-09-07T23:00:00Z', 'Europe/London'), '2025-09-08');
  assert.equal(await zoned('2025-09-08 00:00:00', 'Mars/Olympus'), undefined);
  assert.equal(await dayOf('2025-09-07 23:00:00 UTC'), '2025-09-08');
});

test('a page that says more follow is warned about', async () => {
  const { problems, found } = await read('{"data":[],"meta":{"pagination":{"more":true}}}');
  assert.deepEqual(
    problems.map(({ kind }) => kind),
    ['more-pages'],
  );
  assert.deepEqual(found.pages, { read: 1, more: true });
});

test('a school named by its two numbers, in one or apart, is that of a page and of a record; a name is none', async () => {
  const { urn: _own, ...bare } = good;
  const options = {
    ...{ file: 'push', urn: 900_002 },
    urnOfLaestab: (laestab: number) => ({ 9904001: 900_001, 9904002: 900_002 })[laestab],
    laestabOf: (urn: number) => ({ 900001: 9_904_001, 900002: 9_904_002 })[urn],
  };
  const whose = async (body: unknown) => {
    const { marks, counted } = await readMarks(wholeText(JSON.stringify(body)), options);
    return [...marks.map(({ urn }) => urn), ...Object.keys(counted.byKind)];
  };
  for (const named of [
    { la_code: '990', establishment_number: '4001' },
    { la_code: 990, estab: 4001 },
    { lea: '990', Estab: '4001' },
    { laestab: '9904001' },
    { school: '9904001' },
    { school: 9_904_001 },
    { school: { la_code: '990', establishment_number: '4001' } },
    { school: { data: { dfe_number: '990/4001', name: 'Zzyx' } } },
    { urn: null, establishment: { laestab: 9_904_001 } },
  ]) {
    assert.deepEqual(await whose({ ...named, marks: [bare] }), [900_001]);
    assert.deepEqual(await whose([{ ...bare, ...named }]), [900_001]);
  }
  for (const named of [
    { la_code: '990', estab: '4002' },
    { school: 'Zzyx' },
    { school: { name: 'Zzyx', id: 'A1' } },
    { la_code: '991', school: { name: 'Zzyx' } },
    { la_code: '991' },
  ]) {
    assert.deepEqual(await whose({ ...named, marks: [bare] }), [900_002]);
    assert.deepEqual(await whose([{ ...bare, ...named }]), [900_002]);
  }
  const register = (named: object) => ({ ...named, marks: [bare] });
  for (const [around, named, is] of [
    [{ la: '991' }, { estab: '4002' }, 'marks-of-another-school'],
    [{ la: '990' }, { estab: '4001' }, 900_001],
    [{ laestab: '9904001' }, { estab: '4002' }, 900_002],
    [{ laestab: '9904001' }, { la: '991' }, 900_001],
    [{ estab: '4001' }, { la: '991' }, 900_001],
    [{ urn: 900_001 }, { estab: '4002' }, 'marks-of-another-school'],
    [{ urn: 900_002 }, { la: '991', estab: '4002' }, 'marks-of-another-school'],
    [{ urn: 900_001, estab: '4001' }, { urn: 900_002 }, 900_002],
    [{ school: { la: '990', number: '4001' } }, {}, 900_001],
    [{ school: { la: '991', code: 4002 } }, {}, 'marks-of-another-school'],
  ] as const) {
    const what = JSON.stringify([around, named]);
    assert.deepEqual(await whose({ ...around, registers: [register(named)] }), [is], what);
    assert.deepEqual(await whose({ ...around, marks: [{ ...bare, ...named }] }), [is], what);
  }
  const both = { urn: 900_002, la_code: '990', estab: '4001' };
  assert.deepEqual(await whose({ ...both, marks: [bare] }), ['marks-of-another-school']);
  assert.deepEqual(await whose({ school: { la_code: '991' }, marks: [bare] }), [
    'laestab-not-read',
  ]);
});

test('lines that break off within the last are not complete, and a last line without an end is read', async () => {
  const line = JSON.stringify(good);
  const whole = await read(`${line}\n${line}`);
  assert.deepEqual([whole.complete, whole.marks.length], [true, 2]);
  for (const cut of [1, 20, line.length - 1]) {
    const { complete, problems } = await read(`${line}\n${line}\n${line.slice(0, cut)}`);
    assert.deepEqual([complete, problems.length, problems[0]?.row], [false, 1, 3]);
    assert.match(problems[0]?.message ?? '', /^The last line breaks off: /);
  }
});

test('of several lists in one record every one is read', async () => {
  const mark = (session: string) => ({ ...good, session });
  const register = { ...good, marks: [{ upn: good.upn, code: 'I' }], date: '2025-09-09' };
  const { upn: _upn, code: _code, ...of } = register;
  for (const [body, marks] of [
    [{ marks: [mark('AM')], registers: [of] }, 2],
    [{ marks: [], registers: [of] }, 1],
    [{ data: [mark('AM')], marks: [mark('PM')], registers: [of] }, 3],
  ] as const) {
    const { marks: kept, problems } = await read(JSON.stringify(body));
    assert.deepEqual([kept.length, problems], [marks, []]);
  }
});

test('marks within registers are read, with the day, the session and the school of their register', async () => {
  const marks = [1, 2].map((at) => ({ upn: madeUpUpn(at), code: '/' }));
  const of = { urn: 900_001, entered_on: '2025-09-09' };
  const register = { date: '2025-09-08', session: 'AM', marks };
  for (const body of [
    { registers: [register, { ...register, session: 'PM' }], ...of },
    [
      { ...register, ...of },
      { ...register, ...of, session: 'PM' },
    ],
    { ...of, data: [{ date: '2025-09-08', registers: [register, { session: 'PM', marks }] }] },
  ]) {
    const reading = await read(JSON.stringify(body));
    assert.deepEqual(
      reading.marks.map(({ row, urn, date, session, enteredOn }) => [
        ...[row, urn, date, session, enteredOn],
      ]),
      [1, 2, 3, 4].map((row) => [
        ...[row, 900_001, '2025-09-08', row < 3 ? 'AM' : 'PM', '2025-09-09'],
      ]),
    );
  }
  const own = await read(
    JSON.stringify({ ...of, ...register, marks: [{ ...good, marks: [], session: 'PM' }] }),
  );
  assert.deepEqual(
    own.marks.map(({ session }) => session),
    ['PM'],
  );
});

test('what a record says twice, each time something else, is refused and not the first taken', async () => {
  for (const twice of [
    { mark_date: '2025-09-09' },
    { am_pm: 'PM' },
    { mark: 'I' },
    { pupil_upn: madeUpUpn(4) },
  ]) {
    const { marks, counted } = await read(JSON.stringify([{ ...good, ...twice }]));
    assert.deepEqual([marks, counted.byKind], [[], { 'told-twice': 1 }], JSON.stringify(twice));
  }
  const same = await read(JSON.stringify([{ ...good, mark_date: good.date }]));
  assert.equal(same.marks.length, 1);
  const { upn, code } = good;
  const page = { date: '2025-09-08', mark_date: '2025-09-12', session: 'AM' };
  const { counted } = await read(JSON.stringify({ ...page, marks: [{ upn, code, urn: 900_001 }] }));
  assert.deepEqual(counted.byKind, { 'told-twice': 1 });
});

test('a mark is one wherever it stands, and marks in a list of another name are counted', async () => {
  for (const [body, kept, lost] of [
    [[{ ...good, marks: [] }], 1, 0],
    [[{ ...good, data: [] }], 1, 0],
    [{ ...good, registers: [] }, 1, 0],
    [{ marks: [good], attendance: [good, good] }, 1, 2],
    [{ data: [], attendance: [good] }, 0, 1],
    [{ registers: [{ marks: [good], late: [{ pupils: [good] }] }] }, 1, 1],
    [{ marks: [good], notes: [{ text: 'rain' }], contacts: [{ upn: good.upn }] }, 1, 0],
  ] as const) {
    const { marks, counted } = await read(JSON.stringify(body));
    const what = JSON.stringify(body);
    assert.equal(marks.length, kept, what);
    assert.deepEqual(counted.byKind, lost > 0 ? { 'list-not-read': lost } : {}, what);
    assert.equal(counted.cells, kept + lost, what);
  }
});

test('records within others under a name that is not read are counted, each', async () => {
  const marks = [good, good, good];
  for (const body of [
    { registers: [{ date: '2025-09-08', session: 'AM', pupils: marks }] },
    { attendance: marks },
    { attendance: [{ pupils: marks }] },
  ]) {
    const { counted, problems } = await read(JSON.stringify(body));
    assert.deepEqual([counted.cells, counted.byKind], [3, { 'code-missing': 3 }]);
    assert.match(
      problems[0]?.message ?? '',
      /has no code, but inside it 3 records that are not read under that name: put them/,
    );
  }
});
