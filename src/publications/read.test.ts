import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from '../testing/chance.ts';
import { type Reading, readPublication } from './read.ts';
import type { Kept } from './source.ts';
import { tableColumns } from './source.ts';
import { findSource } from './sources/index.ts';
import {
  absenceHeader,
  areaRow,
  type Cells,
  csvOf,
  filesFolder,
  linksHeader,
  schoolNumber,
  schoolRow,
} from './testFiles.ts';

const files = filesFolder();
after(() => files.remove());

/** Reads content as a file of that name: what was found, and the rows as their tables take them. */
async function read(content: string | Buffer, name = 'file.csv', options = {}) {
  files.write(name, content);
  const rows: Record<string, Kept>[] = [];
  const reading = await readPublication(name, {
    ...options,
    folder: files.folder,
    async take({ source }, taken) {
      const columns = tableColumns(source);
      for (const row of taken) {
        rows.push(Object.fromEntries(columns.map((column, at) => [column, row[at] ?? null])));
      }
    },
  });
  return { reading, rows };
}

const kindsOf = (reading: Reading): string[] => reading.parts.map((part) => part.source.kind);
const digestsOf = (reading: Reading): string[] => reading.parts.map((part) => part.digest).sort();

test('a school’s row is read whole: codes as text, counts as numbers, not applicable as none', async () => {
  const { reading, rows } = await read(
    csvOf([schoolRow({ academy_open_date: '01/09/2012', all_through: ' All Through' })]),
  );
  assert.deepEqual(reading.problems, []);
  assert.deepEqual(kindsOf(reading), ['school-absence']);
  const [row] = rows;
  assert.equal(row?.['la_code'], '999');
  assert.equal(row?.['urn'], 900_001);
  assert.equal(row?.['sess_possible'], 1000);
  assert.equal(row?.['sess_auth_ext_holiday'], null);
  assert.equal(row?.['academy_open_date'], '2012-09-01');
  assert.equal(row?.['all_through'], true);
  assert.equal(reading.withoutValue.get('not applicable in that year'), 1);
});

test('the name of a file, the order of its columns and their capitals do not matter', async () => {
  const usual = await read(csvOf([schoolRow()]));
  const header = absenceHeader.toReversed();
  const shuffled = await read(
    csvOf([schoolRow()], header).replace('enrolments,', 'Enrolments,'),
    'holiday.jpg',
  );
  assert.deepEqual(shuffled.rows, usual.rows);
});

test('a column more is named and left', async () => {
  const { reading } = await read(
    csvOf([schoolRow({ mascot: 'Owl' })], [...absenceHeader, 'mascot']),
  );
  assert.deepEqual(reading.unknownColumns, ['mascot']);
  assert.deepEqual(reading.problems, []);
});

test('one file may hold schools and areas of several years; each part is its own', async () => {
  const { reading } = await read(
    csvOf([
      schoolNumber(1),
      schoolNumber(1, { time_period: 201617 }),
      areaRow('National', 1),
      areaRow('Regional', 1),
      areaRow('Local authority', 1),
    ]),
  );
  assert.deepEqual(reading.problems, []);
  assert.deepEqual(
    reading.parts.map((part) => [part.source.kind, part.scope, part.rows]),
    [
      ['school-absence', '201718', 1],
      ['school-absence', '201617', 1],
      ['area-absence', '201718', 3],
    ],
  );
});

test('every way of writing the same table down is read the same', async () => {
  const text = csvOf([schoolNumber(1, { la_name: 'Nowhère, “Upper”' }), schoolNumber(2)]);
  const plain = await read(text);
  const writings: Record<string, string | Buffer> = {
    'with a byte-order mark': `\ufeff${text}`,
    'with line ends of Windows': text.replaceAll('\n', '\r\n'),
    'in UTF-16, little end first': Buffer.from(`\ufeff${text}`, 'utf16le'),
    'in UTF-16, big end first': Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
    zipped: gzipSync(text),
    'zipped in two pieces': Buffer.concat([
      gzipSync(text.slice(0, 900)),
      gzipSync(text.slice(900)),
    ]),
    'without its last line end': text.trimEnd(),
    'with blank rows': `${text}\n${','.repeat(51)}\n`,
    'with its rows turned round': csvOf([
      schoolNumber(2),
      schoolNumber(1, { la_name: 'Nowhère, “Upper”' }),
    ]),
  };
  for (const [how, content] of Object.entries(writings)) {
    const { reading } = await read(content);
    assert.deepEqual(reading.problems, [], how);
    assert.deepEqual(digestsOf(reading), digestsOf(plain.reading), how);
  }
});

test('a digest tells any two different tables apart', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(50), fc.nat(50), async (one, other) => {
      const [a, b] = [one, other].map((illness) =>
        csvOf([schoolRow({ sess_auth_illness: illness })]),
      );
      const same =
        digestsOf((await read(a ?? '')).reading)[0] === digestsOf((await read(b ?? '')).reading)[0];
      assert.equal(same, one === other);
    }),
    { numRuns: 20 },
  );
});

test('the register of schools may be in Windows-1252', async () => {
  const link = {
    URN: 900_001,
    LinkURN: 900_002,
    LinkName: 'St Bède’s',
    LinkType: 'Successor',
    LinkEstablishedDate: '31-08-2012',
  };
  const bytes = Buffer.from(csvOf([link], linksHeader).replace('’', '\u0092'), 'latin1');
  const { reading, rows } = await read(bytes);
  assert.equal(reading.encoding, 'Windows-1252');
  assert.deepEqual(rows, [
    {
      urn: 900_001,
      link_urn: 900_002,
      link_name: 'St Bède’s',
      link_type: 'Successor',
      established_on: '2012-08-31',
    },
  ]);
});

test('rows that are not used are counted under a name', async () => {
  const { reading, rows } = await read(
    csvOf([schoolNumber(1), schoolNumber(1, { year_breakdown: 'five half terms' })]),
  );
  assert.equal(rows.length, 1);
  assert.deepEqual([...reading.notUsed], [['not over six half terms', 1]]);
});

test('what the department’s own files get wrong is told and let through', async () => {
  const { reading, rows } = await read(
    csvOf([
      schoolNumber(1, { sess_auth_illness: 41 }),
      schoolNumber(2, { sess_overall_percent: '10.1' }),
    ]),
  );
  assert.equal(rows.length, 2);
  assert.deepEqual(
    reading.warnings.map(({ kind, rows: count, first }) => [kind, count, first.row, first.message]),
    [
      [
        'authorised-reasons-add-up',
        1,
        2,
        'sess_auth_illness 41 + sess_auth_appointments 10 + sess_auth_religious 5 + sess_auth_study 0 + sess_auth_traveller 0 + sess_auth_holiday 5 + sess_auth_ext_holiday 0 + sess_auth_excluded 5 + sess_auth_other 5 is 71, not sess_auth_totalreasons 70.',
      ],
      [
        'percentage-of-its-counts',
        1,
        3,
        'sess_overall_percent is 10.1, but 100 × sess_overall 100 ÷ sess_possible 1,000 is 10.00000.',
      ],
    ],
  );
});

test('a percentage may be rounded to as many decimals as it shows', async () => {
  const thirds: Cells = {
    sess_overall: 100,
    sess_possible: 300,
    sess_authorised: 70,
    sess_unauthorised: 30,
  };
  for (const shown of ['33.33333', '33.3', '33.33']) {
    const row = schoolRow({
      ...thirds,
      sess_overall_percent: shown,
      sess_authorised_percent: ':',
      sess_unauthorised_percent: ':',
    });
    assert.deepEqual((await read(csvOf([row]))).reading.warnings, [], shown);
  }
  const row = schoolRow({
    ...thirds,
    sess_overall_percent: '33.2',
    sess_authorised_percent: ':',
    sess_unauthorised_percent: ':',
  });
  assert.equal((await read(csvOf([row]))).reading.warnings.length, 1);
});

const censusColumns = (findSource('school-census')?.columns ?? []).map((column) => column.name);
const census = (changes: Cells = {}): Cells => ({
  ...Object.fromEntries(censusColumns.map((name) => [name, name.startsWith('P') ? '12.5' : '25'])),
  URN: 900_001,
  LA: 999,
  ESTAB: 7,
  SCHOOLTYPE: 'State-funded nursery',
  NOR: 200,
  ...changes,
});

test('a census is of the January that its layout, or the person, says', async () => {
  const early = await read(
    csvOf(
      [census()],
      censusColumns.filter((name) => name !== 'NORFSMEVER'),
    ),
  );
  assert.deepEqual(
    early.reading.parts.map((part) => part.label),
    ['school census (intake of each school in a January), January 2019'],
  );
  assert.deepEqual(early.reading.assumed, [
    'census of January 2019, because it has no column NORFSMEVER; another is given by --census YEAR',
  ]);
  assert.equal(early.rows[0]?.['laestab'], 9_990_007);
  assert.equal(early.rows[0]?.['fsm_percent'], 12.5);
  const late = await read(
    csvOf(
      [census({ PNORG: '48.5%', NUMFSM: 'SUPP', PNUMEAL: 'NA' }), census({ URN: 'NAT', LA: '' })],
      censusColumns,
    ),
  );
  assert.equal(late.rows[0]?.['census_on'], '2023-01-01');
  assert.equal(late.rows[0]?.['girls_percent'], 48.5);
  assert.equal(late.rows[0]?.['fsm_percent'], null);
  assert.deepEqual([...late.reading.notUsed], [['a total, not a school', 1]]);
  const told = await read(csvOf([census()], censusColumns), 'england_census__2021-2022.csv', {
    census: 2022,
  });
  assert.equal(told.rows[0]?.['census_on'], '2022-01-01');
  const named = await read(csvOf([census()], censusColumns), 'england_census__2021-2022.csv');
  assert.match(
    named.reading.assumed[0] ?? '',
    /its name speaks of January 2022: if that is right, give --census 2022/,
  );
});

const feedColumns = (findSource('year-to-date')?.columns ?? []).map((column) => column.name);
const feed = (changes: Cells = {}): Cells => ({
  ...Object.fromEntries(feedColumns.map((name) => [name, name.endsWith('_perc') ? 5 : 0])),
  time_period: 202425,
  time_identifier: 'Academic year',
  geographic_level: 'National',
  country_code: 'E92000001',
  country_name: 'England',
  school_type: 'Total',
  old_la_code: 'NA',
  region_code: '',
  region_name: '',
  new_la_code: '',
  la_name: '',
  num_schools: 12.5,
  enrolments: '3000.25',
  possible_sessions: '1e+05',
  overall_attendance: 94_000,
  present_sessions: 94_000,
  reason_present: 94_000,
  reason_present_am: 50_000,
  reason_present_pm: 44_000,
  overall_absence: 6000,
  authorised_absence: 6000,
  reason_i_authorised_illness: 6000,
  ...changes,
});

test('a snapshot of the feed keeps its sessions by register code, and is dated by its name or by the person', async () => {
  const { reading, rows } = await read(csvOf([feed()], feedColumns), 'ytd__2025-01-23.csv');
  assert.deepEqual(reading.problems, []);
  assert.equal(reading.parts[0]?.scope, '202425 2025-01-23');
  const sessions = rows[0]?.['sessions'] as Record<string, number>;
  assert.deepEqual(
    [sessions['possible_sessions'], sessions['I'], sessions['/']],
    [100_000, 6000, 50_000],
  );
  const told = await read(csvOf([feed()], feedColumns), 'ytd__2025-01-23.csv', {
    published: '2025-02-06',
  });
  assert.equal(told.reading.parts[0]?.scope, '202425 2025-02-06');
  const wrong = await read(csvOf([feed()], feedColumns), 'ytd.csv', { published: '2021-02-06' });
  assert.match(
    wrong.reading.problems[0]?.message ?? '',
    /figures of 2024\/25 cannot have been published on 2021-02-06/,
  );
});

test('a snapshot without a date is taken too, and told apart by what it holds', async () => {
  const one = await read(csvOf([feed()], feedColumns), 'ytd.csv');
  const other = await read(csvOf([feed({ num_schools: 13 })], feedColumns), 'ytd.csv');
  assert.match(one.reading.parts[0]?.scope ?? '', /^202425 undated-[0-9a-f]{8}$/);
  assert.match(one.reading.parts[0]?.label ?? '', /2024\/25, of unknown date$/);
  assert.notEqual(one.reading.parts[0]?.scope, other.reading.parts[0]?.scope);
});

test('columns that the feed renamed are known by either name, and suppressed cells are none', async () => {
  const header = feedColumns.map((name) => (name === 'school_type' ? 'education_phase' : name));
  const suppressed = feed({ education_phase: 'Special', overall_absence: 'c', num_schools: 'c' });
  const { reading, rows } = await read(csvOf([suppressed], header), 'ytd__2025-03-06.csv');
  assert.deepEqual(reading.problems, []);
  assert.equal(rows[0]?.['school_type'], 'Special');
  assert.equal(rows[0]?.['num_schools'], null);
  const sessions = rows[0]?.['sessions'] as Record<string, number>;
  assert.equal(sessions['overall_absence'], undefined);
});

const data = join(import.meta.dirname, '../../../shared/data');
const real = {
  skip: existsSync(data) ? false : `the published files are not here (${data})`,
};

test('every published file is read to its end, every row used or counted', real, async () => {
  const folder = (name: string) =>
    readdirSync(join(data, name)).map((file) => join(data, name, file));
  const wanted = [
    ...folder('dfe-school-absence'),
    ...folder('dfe-school-characteristics').filter((file) => file.endsWith('.gz')),
    join(data, 'dfe-similar-schools/school_absence_202122_202223.csv.gz'),
    ...folder('dfe-attendance-feed/ytd'),
  ];
  const used = new Map<string, number>();
  const notUsed = new Map<string, number>();
  for (const file of wanted) {
    const reading = await readPublication(file);
    assert.deepEqual(reading.problems, [], file);
    for (const { source, rows } of reading.parts)
      used.set(source.kind, (used.get(source.kind) ?? 0) + rows);
    for (const [reason, rows] of reading.notUsed)
      notUsed.set(reason, (notUsed.get(reason) ?? 0) + rows);
  }
  assert.deepEqual(Object.fromEntries(used), {
    'area-absence': 3882,
    'school-absence': 127_131,
    'school-census': 23_939 + 24_433,
    'trust-membership': 9889,
    'school-links': 33_801,
    'school-locations': 49_514,
    'school-absence-sample': 3716,
    'year-to-date': 30_049,
  });
  assert.deepEqual(Object.fromEntries(notUsed), {
    'a total, not a school': 6,
    'not an academy trust': 10_490,
    'the trust has closed': 16,
    'no figure given': 108,
  });
});
