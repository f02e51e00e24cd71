import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, openSync, closeSync, ftruncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Refusal } from '../base/problem.ts';
import type { Stores } from '../stores/index.ts';
import { openTestStores, testClock } from '../testing/stores.ts';
import { importFiles } from './import.ts';
import { sources } from './sources/index.ts';
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

/*
 * Files as they really go wrong. Each is refused with one line that says what, where, what was expected and what to do,
 * and nothing of it is stored, not even the sound file that is always imported beside it.
 */

const files = filesFolder();
let stores: Stores;
let close: () => Promise<void>;

before(async () => {
  ({ stores, close } = await openTestStores());
});
after(async () => {
  await close();
  files.remove();
});

const sound = files.write('sound.csv', csvOf([schoolNumber(500, { time_period: 201213 })]));
const good = csvOf([1, 2, 3].map((number) => schoolNumber(number)));
const zipped = gzipSync(good);

/** A file of three schools, the second with these cells instead. */
const changed = (cells: Cells): string =>
  csvOf([schoolNumber(1), schoolNumber(2, cells), schoolNumber(3)]);
const without = (column: string): string =>
  csvOf(
    [schoolRow()],
    absenceHeader.filter((name) => name !== column),
  );

/** Name of the file → what is in it, and the line that it is refused with. */
const badFiles: Record<string, { holds: string | Buffer; line: string }> = {
  'empty.csv': {
    holds: '',
    line: 'empty.csv: the file is empty: 0 bytes. Get it again from its publisher. Nothing was stored.',
  },
  'empty.csv.gz': {
    holds: gzipSync(''),
    line: 'empty.csv.gz: the gzip holds nothing: 0 bytes when unzipped. Get the file again from its publisher. Nothing was stored.',
  },
  'truncated.csv.gz': {
    holds: zipped.subarray(0, zipped.length - 20),
    line: 'truncated.csv.gz: the gzip breaks off before its end: the file was not downloaded or copied whole. Get it again. Nothing was stored.',
  },
  'damaged.csv.gz': {
    holds: damaged(zipped),
    line: 'damaged.csv.gz: the gzip is damaged and cannot be unzipped. Get the file again. Nothing was stored.',
  },
  'garbage-after.csv.gz': {
    holds: Buffer.concat([zipped, Buffer.from('and then some')]),
    line: 'garbage-after.csv.gz: bytes that are no gzip follow the end of the gzip. Get the file again, or unzip it yourself and import what comes out. Nothing was stored.',
  },
  'zeros-after.csv.gz': {
    holds: Buffer.concat([zipped, Buffer.alloc(600)]),
    line: 'zeros-after.csv.gz: bytes that are no gzip follow the end of the gzip. Get the file again, or unzip it yourself and import what comes out. Nothing was stored.',
  },
  'bomb.csv.gz': {
    holds: gzipSync(Buffer.from(good + '9'.repeat(40_000_000))),
    line: 'bomb.csv.gz, row 5: the row has more than 65,536 characters: this is no table, or a quotation mark that opens a cell is never closed. Nothing was stored.',
  },
  'blank-rows.csv.gz': {
    holds: gzipSync(Buffer.from(good + '\n'.repeat(4_000_000))),
    line: 'blank-rows.csv.gz: it has more than 10,000 blank rows, more than any publication. It is not read further. Nothing was stored.',
  },
  'bomb-of-long-names.csv.gz': {
    holds: gzipSync(good + csvOf(bombRows()).slice(csvOf([]).length)),
    line: 'bomb-of-long-names.csv.gz: it unzips to more than 200 times its size, as no table does. It is not read further. Nothing was stored.',
  },
  'workbook.xlsx': {
    holds: Buffer.from([0x50, 0x4b, 0x03, 0x04, 0x14, 0, 6, 0]),
    line: 'workbook.xlsx: this is a ZIP archive or an Excel workbook. Unzip it, or save the sheet as CSV (UTF-8). Nothing was stored.',
  },
  'workbook.xls': {
    holds: Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1]),
    line: 'workbook.xls: this is an old Excel or Word file. Save the sheet as CSV (UTF-8). Nothing was stored.',
  },
  'report.pdf': {
    holds: '%PDF-1.7\n%âãÏÓ\n',
    line: 'report.pdf: this is a PDF. Get the CSV file of the same publication. Nothing was stored.',
  },
  'not-found.csv': {
    holds: '<!DOCTYPE html>\n<html><title>Page not found</title></html>',
    line: 'not-found.csv: this is a web page, not a table: the download did not give the file. Get it again. Nothing was stored.',
  },
  'figures.json': {
    holds: '[{"urn": 900001}]',
    line: 'figures.json: this is JSON. Get the CSV file of the same publication. Nothing was stored.',
  },
  'binary.csv': {
    holds: Buffer.from([9, 8, 7, 0, 1, 2, 3, 10, 0, 5]),
    line: 'binary.csv, row 1: it holds zero bytes: it is not text, or is UTF-16 without a byte-order mark. Save the table as CSV (UTF-8). Nothing was stored.',
  },
  'unknown.csv': {
    holds: 'name,colour\nAlpha,red\n',
    line: `unknown.csv, row 1: the columns (“name”, “colour”) are not those of any publication that Rollcall imports. It imports: ${sources.map((source) => source.title).join('; ')}. Nothing was stored.`,
  },
  'no-header.csv': {
    holds: good.slice(good.indexOf('\n') + 1),
    line: '…its first row holds values and no names of columns. Put the header back, or get the file again.…',
  },
  'missing-column.csv': {
    holds: without('sess_overall'),
    line: 'missing-column.csv, row 1, column sess_overall: the columns are most like those of school absence, three terms, but the column “sess_overall” is missing. Get the file again from its publisher, or put back what was removed. Nothing was stored.',
  },
  'repeated-column.csv': {
    holds: good.replace('enrolments,', 'urn,'),
    line: 'repeated-column.csv, row 1, column urn: the header names the column “urn” twice. Remove one of the two. Nothing was stored.',
  },
  'header-only.csv': {
    holds: csvOf([]),
    line: 'header-only.csv: the file has the header of school absence, three terms or absence of England, its regions and local authorities, three terms, and no rows. Get it again from its publisher. Nothing was stored.',
  },
  'daily-feed.csv': {
    holds: `${feedHeader()},attendance_date\n`,
    line: 'daily-feed.csv, row 1: these are the daily rows of the feed, which Rollcall does not import. It imports attendance in the year to date (daily feed). Nothing was stored.',
  },
  'text-in-number.csv': {
    holds: changed({ enrolments: 'about 100' }),
    line: 'text-in-number.csv, row 3, column enrolments: “about 100” is not a number; expected a whole number of 0 or more. Correct it, or get the file again. Nothing was stored.',
  },
  'blank-count.csv': {
    holds: changed({ sess_possible: '' }),
    line: 'blank-count.csv, row 3, column sess_possible: the cell is empty; expected a whole number of 0 or more. Correct it, or get the file again. Nothing was stored.',
  },
  'negative.csv': {
    holds: changed({ sess_unauth_late: -5 }),
    line: 'negative.csv, row 3, column sess_unauth_late: “-5” is negative; expected a whole number of 0 or more, or “:” where there is none. Correct it, or get the file again. Nothing was stored.',
  },
  'decimal.csv': {
    holds: changed({ enrolments: '100.5' }),
    line: 'decimal.csv, row 3, column enrolments: “100.5” is not a whole number; expected a whole number of 0 or more. Correct it, or get the file again. Nothing was stored.',
  },
  'thousands.csv': {
    holds: changed({ sess_possible: '1,000' }),
    line: 'thousands.csv, row 3, column sess_possible: “1,000” is not a number; expected a whole number of 0 or more. Correct it, or get the file again. Nothing was stored.',
  },
  'percentage.csv': {
    holds: changed({ sess_overall_percent: 110 }),
    line: 'percentage.csv, row 3, column sess_overall_percent: “110” is out of range; expected a percentage from 0 to 100, or “:” where there is none. Correct it, or get the file again. Nothing was stored.',
  },
  'year.csv': {
    holds: changed({ time_period: 201820 }),
    line: 'year.csv, row 3, column time_period: “201820” is not an academic year; expected an academic year such as 201718, the second year following the first. Correct it, or get the file again. Nothing was stored.',
  },
  'skipped-year.csv': {
    holds: changed({ time_period: 201921 }),
    line: 'skipped-year.csv, row 3, column time_period: “201921” is not an academic year; expected an academic year such as 201718, the second year following the first. Correct it, or get the file again. Nothing was stored.',
  },
  'far-year.csv': {
    holds: changed({ time_period: 209900 }),
    line: 'far-year.csv, row 3, column time_period: “209900” is later than next year, 2027/28; expected an academic year such as 201718, the second year following the first. Correct it, or get the file again. Nothing was stored.',
  },
  'year-after-next.csv': {
    holds: changed({ time_period: 202829 }),
    line: '…“202829” is later than next year, 2027/28; …',
  },
  'power.csv': {
    holds: changed({ enrolments: '2e2' }),
    line: 'power.csv, row 3, column enrolments: “2e2” is not a whole number in digits; expected a whole number of 0 or more. Correct it, or get the file again. Nothing was stored.',
  },
  'urn.csv': {
    holds: changed({ urn: 90002 }),
    line: 'urn.csv, row 3, column urn: “90002” is not a URN; expected a URN of six digits. Correct it, or get the file again. Nothing was stored.',
  },
  'laestab.csv': {
    holds: changed({ laestab: 9_999_999 }),
    line: 'laestab.csv, row 3, column laestab: laestab is 9999999, but old_la_code 999 and estab 2002 make 9992002. Expected: the LAESTAB is the authority’s code followed by the establishment number. Correct it, or get the file again. Nothing was stored.',
  },
  'level.csv': {
    holds: changed({ geographic_level: 'Parish' }),
    line: 'level.csv, row 3, column geographic_level: “Parish” is not one of the words used here; expected “School” or “National” or “Regional” or “Local authority”. Correct it, or get the file again. Nothing was stored.',
  },
  'school-type.csv': {
    holds: changed({ school_type: 'Primary' }),
    line: 'school-type.csv, row 3, column school_type: “Primary” is not one of the words used here; expected “State-funded primary” or “State-funded secondary” or “Special”. Correct it, or get the file again. Nothing was stored.',
  },
  'sum.csv': {
    holds: changed({ sess_authorised: 71 }),
    line: 'sum.csv, row 3, column sess_overall: sess_authorised 71 + sess_unauthorised 30 is 101, not sess_overall 100. Expected: sessions missed with leave and without leave add up to sessions missed. Correct it, or get the file again. Nothing was stored.',
  },
  'more-than-possible.csv': {
    holds: changed({ sess_possible: 99 }),
    line: '…row 3, column sess_overall: sess_overall 100 is more than sess_possible 99. Expected: no more sessions are missed than were possible. Correct it, or get the file again. Nothing was stored. There is 1 more problem.',
  },
  'persistent.csv': {
    holds: changed({ enrolments: 19 }),
    line: 'persistent.csv, row 3, column enrolments_pa_10_exact: enrolments_pa_10_exact 20 is more than enrolments 19. Expected: there are no more persistent absentees than enrolments. Correct it, or get the file again. Nothing was stored.',
  },
  'area-without-code.csv': {
    holds: csvOf([areaRow('Local authority', 3, { new_la_code: '' })]),
    line: 'area-without-code.csv, row 2, column region_code: new_la_code is empty in a row of an authority. Expected: a region has its code, and an authority has its own and its region’s. Correct it, or get the file again. Nothing was stored.',
  },
  'repeated-school.csv': {
    holds: changed({ urn: 900_001 }),
    line: 'repeated-school.csv, row 3: time_period 201718, urn 900001 stands already in row 2; expected once. Remove one of the two rows, or import only one of the files. Nothing was stored.',
  },
  'same-school-as-the-other-file.csv': {
    holds: csvOf([schoolNumber(500, { time_period: 201213 })]),
    line: 'same-school-as-the-other-file.csv, row 2: time_period 201213, urn 900500 stands already in row 2 of sound.csv; expected once. Remove one of the two rows, or import only one of the files. Nothing was stored.',
  },
  'same-year-as-the-other-file.csv': {
    holds: csvOf([schoolNumber(501, { time_period: 201213 })]),
    line: 'same-year-as-the-other-file.csv: school absence, three terms, 2012/13 is also in sound.csv, and each would replace the other. Import only one of the two. Nothing was stored.',
  },
  'too-few-cells.csv': {
    holds: good.replace('900002,', ''),
    line: 'too-few-cells.csv, row 3: the row has 51 cells, and the header 52. Look for a line break that is not in quotation marks. Nothing was stored.',
  },
  'too-many-cells.csv': {
    holds: good.replace('900002,', '900002,Alpha,'),
    line: 'too-many-cells.csv, row 3: the row has 53 cells, and the header 52. Look for a comma that is not in quotation marks. Nothing was stored.',
  },
  'open-quote.csv': {
    holds: good.replace('Nowhere East,', '"Nowhere East,'),
    line: 'open-quote.csv, row 2: a quotation mark opens a cell and is never closed. Close it, or get the file again. Nothing was stored.',
  },
  'stray-quote.csv': {
    holds: good.replace('Nowhere East,', '"Nowhere" East,'),
    line: 'stray-quote.csv, row 2: a quotation mark stands inside a cell. In CSV the cell is then quoted as a whole, and the mark inside it doubled. Nothing was stored.',
  },
  'endless-line.csv': {
    holds: `${csvOf([])}${'x'.repeat(300_000)}`,
    line: 'endless-line.csv, row 2: the row has more than 65,536 characters: this is no table, or a quotation mark that opens a cell is never closed. Nothing was stored.',
  },
  'windows-1252.csv': {
    holds: Buffer.from(good.replaceAll('Nowhere East', 'Nowhère East'), 'latin1'),
    line: 'windows-1252.csv, row 2: the row has a character that is not UTF-8 (it looks like Windows-1252), and school absence, three terms is published in UTF-8. Save the file as CSV (UTF-8). Nothing was stored.',
  },
  'mixed-encodings.csv': {
    holds: Buffer.concat([
      Buffer.from(csvOf([schoolNumber(1, { la_name: 'Nowhère' })])),
      Buffer.from('é\n', 'latin1'),
    ]),
    line: 'mixed-encodings.csv, row 3: it begins as UTF-8, but this row has a character that is not UTF-8. Save the whole table as CSV (UTF-8). Nothing was stored.',
  },
  'bad-date.csv': {
    holds: csvOf(
      [
        {
          URN: 900_001,
          LinkURN: 900_002,
          LinkName: 'A',
          LinkType: 'Successor',
          LinkEstablishedDate: '31-02-2019',
        },
      ],
      linksHeader,
    ),
    line: 'bad-date.csv, row 2, column LinkEstablishedDate: “31-02-2019” is not a date; expected a date such as 31-12-2020 or 2020-12-31. Correct it, or get the file again. Nothing was stored.',
  },
};

for (const [name, { holds, line }] of Object.entries(badFiles)) {
  test(`${name} is refused with one clear line, and nothing is stored`, async () => {
    files.write(name, holds);
    await refused([sound, name], line);
  });
}

test('a folder, a missing file and a pipe are refused', async () => {
  mkdirSync(join(files.folder, 'a-folder'));
  await refused(
    [sound, 'a-folder'],
    'a-folder: this is a folder. Name the files in it. Nothing was stored.',
  );
  await refused(
    [sound, 'nowhere.csv'],
    'nowhere.csv: there is no such file. Check the path. Nothing was stored.',
  );
  await refused(
    [sound, '/dev/null'],
    '/dev/null: this is a pipe or a device. Save it as a file: it is read twice, to check it and to store it. Nothing was stored.',
  );
});

test('a file that this user may not read is refused', {
  skip: process.getuid?.() === 0 && 'the superuser may read everything',
}, async () => {
  chmodSync(join(files.folder, files.write('secret.csv', good)), 0);
  await refused(
    [sound, 'secret.csv'],
    'secret.csv: it may not be read. Give this user the right to read it. Nothing was stored.',
  );
});

test('5 GB of rubbish is refused after a glance, whatever it is made of', async () => {
  for (const start of ['', 'x'.repeat(1_000_000), csvOf([])]) {
    const name = files.write('rubbish.csv', start);
    const file = openSync(join(files.folder, name), 'r+');
    ftruncateSync(file, 5_000_000_000);
    writeSync(file, 'end', 4_999_999_990);
    closeSync(file);
    const began = performance.now();
    await assert.rejects(importFiles(stores, [name], { folder: files.folder }), Refusal);
    assert.ok(performance.now() - began < 2000);
  }
});

test('a file of nothing but faults is not read to its end', async () => {
  const rows = Array.from({ length: 5000 }, (_, number) =>
    schoolNumber(number, { enrolments: 'x' }),
  );
  files.write('faults.csv', csvOf(rows));
  await refused(
    [sound, 'faults.csv'],
    'faults.csv, row 2, column enrolments: “x” is not a number; expected a whole number of 0 or more. Correct it, or get the file again. Nothing was stored. There are at least 999 more problems.',
  );
});

async function refused(names: string[], line: string): Promise<void> {
  const options = { folder: files.folder, clock: testClock };
  await assert.rejects(importFiles(stores, names, options), (error) => {
    assert.ok(error instanceof Refusal);
    assert.equal(error.message.includes('\n'), false);
    const parts = line.split('…');
    if (parts.length === 1) assert.equal(error.message, line);
    for (const part of parts) assert.ok(error.message.includes(part), error.message);
    return true;
  });
  assert.deepEqual(await stores.receipts(), []);
}

/** Rows that are sound one by one, and unzip to a thousand times their size. */
function bombRows(): Cells[] {
  const academy_type = `${' '.repeat(60_000)}x`;
  return Array.from({ length: 100 }, (_, number) => schoolNumber(number + 10, { academy_type }));
}

/** A bit of the data turned over: the checksum tells. */
function damaged(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[copy.length - 6] = (copy[copy.length - 6] ?? 0) ^ 1;
  return copy;
}

function feedHeader(): string {
  const feed = sources.find((source) => source.kind === 'year-to-date');
  return (feed?.columns ?? []).map((column) => column.name).join(',');
}
