import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parse } from 'csv-parse/sync';
import { parseWords } from '../cli/parse.ts';
import { runApart } from '../cli/run.ts';
import { scratchFolder, testClock } from '../testing/stores.ts';
import { detectCommand } from './detectCommand.ts';
import { quietSchools } from './model/madeUp.fixture.ts';

/* The verb as a person types it. It stands apart: no store is opened, so that many can run at once. */

const { folder, remove } = scratchFolder();
before(() => writeFileSync(join(folder, 'series.csv'), seriesText()));
after(remove);

/** Forty quiet schools, of which one has a bad day and another stops sending. */
function seriesText(): string {
  const { series, at } = quietSchools({ schools: 40, days: 130 });
  const lines = ['school,area,date,group,attendance_percent'];
  series.names.forEach(({ school, area }, row) =>
    series.days.forEach((day, place) => {
      const worse = row === 3 && place === 100 ? 30 : 0;
      const percent = 100 - (series.absencePercent[at(row, place)] as number) - worse;
      const text = row === 5 && place >= 110 ? '' : percent.toFixed(2);
      lines.push(`${school},${area},${day},,${text}`);
    }),
  );
  return `${lines.join('\n')}\n`;
}

async function type(words: string) {
  const lines: string[] = [];
  const errors: string[] = [];
  const asked = parseWords(['patterns', 'detect', ...words.split(' ')], [detectCommand]);
  assert.ok(asked.what === 'call' && asked.call.command.apart);
  const code = await runApart(asked.call, {
    ...{ clock: testClock, folder },
    settings: { demo: false, visitKm: 30 },
    output: {
      line: (text) => void lines.push(text),
      error: (text) => void errors.push(text),
      progress: () => {},
      isTerminal: false,
    },
    signal: new AbortController().signal,
  });
  return { code, lines, errors };
}

const columns =
  'school,area,date,group,kind,scope,observed_percent,expected_percent,lower_percent,upper_percent,score,started_on';

test('findings are written as CSV in the order of their keys, the same bytes for the same series', async () => {
  const { code, lines } = await type('--series series.csv --out one.csv');
  assert.equal(code, 0);
  await type('--series series.csv --out two.csv');
  const text = readFileSync(join(folder, 'one.csv'), 'utf8');
  assert.equal(text, readFileSync(join(folder, 'two.csv'), 'utf8'));
  assert.equal(text.split('\n')[0], columns);
  const rows: Record<string, string>[] = parse(text, { columns: true });
  assert.match(
    lines.at(-1) ?? '',
    new RegExp(`^${rows.length} findings? in 40 series over 130 days`),
  );
  const of = (school: string) => rows.filter((row) => row['school'] === school);
  assert.ok(of('School 003').some(({ kind }) => kind === 'shock'));
  const missing = of('School 005').find(({ kind }) => kind === 'missing');
  assert.equal(missing?.['observed_percent'], '');
  const keys = rows.map((row) => [row['school'], row['area'], row['date']].join(' '));
  assert.deepEqual(keys, keys.toSorted());
});

test('an empty file, and one of headings alone, are told what was expected; nothing is written', async () => {
  for (const [text, expected] of [
    [
      '',
      /the file is empty\. Expected school, date, and attendance_percent or possible and absent/,
    ],
    [
      'school,date,possible,absent\n',
      /no row below the headings\. Give a row for each school and day/,
    ],
  ] as const) {
    writeFileSync(join(folder, 'little.csv'), text);
    const { code, errors } = await type('--series little.csv --out little-out.csv');
    assert.equal(code, 1);
    assert.match(errors.join('\n'), expected);
    assert.ok(!existsSync(join(folder, 'little-out.csv')));
  }
});

test('percentages with a sign, and shares of 1, are refused in words; nothing is written', async () => {
  const rows = (figure: (at: number) => string) =>
    `school,date,attendance_percent\n${Array.from({ length: 40 }, (_, at) => `${at},2026-09-0${1 + (at % 4)},${figure(at)}\n`).join('')}0,2026-09-07,\n`;
  for (const [text, expected] of [
    [rows((at) => `9${at % 10}.5%`), /no figure could be read\. Write attendance_percent as 93\.5/],
    [rows((at) => `0.9${at % 10}`), /no attendance_percent is above 1.*Write 93\.5 for 93\.5%/],
  ] as const) {
    writeFileSync(join(folder, 'kinds.csv'), text);
    const { code, errors } = await type('--series kinds.csv --out kinds-out.csv');
    assert.equal(code, 1);
    assert.match(errors.join('\n'), expected);
    assert.ok(!existsSync(join(folder, 'kinds-out.csv')));
  }
});

test('each finding is said in a sentence with its numbers', async () => {
  const { lines } = await type('--series series.csv --why');
  const shock = lines.find((line) => line.includes('School 003: attendance was'));
  assert.match(
    shock ?? '',
    /^\d+ \w+ \d{4}, School 003: attendance was [\d.]+%; [\d.]+% was to be expected, and 95 such days in 100 lie between [\d.]+% and [\d.]+%\.$/,
  );
  assert.ok(lines.some((line) => /School 005: .*(did not come|no register has come)/.test(line)));
});

test('fewer alarms a year tell less, and a file that is none is refused in one sentence', async () => {
  const found = async (words: string) =>
    JSON.parse((await type(`--series series.csv --json ${words}`)).lines[0] ?? '').length;
  assert.ok((await found('--alarms 0.1')) <= (await found('--alarms 3')));
  writeFileSync(join(folder, 'none.csv'), 'school,date\nA,2026-09-07\n');
  const { code, errors } = await type('--series none.csv');
  assert.equal(code, 1);
  assert.deepEqual(errors.length, 2);
  assert.match(errors[1] ?? '', /no row could be used/);
  const missing = await type('--series nowhere.csv');
  assert.equal(missing.code, 1);
  assert.match(missing.errors.join(), /there is no such file/);
});
