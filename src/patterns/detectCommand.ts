import { resolve } from 'node:path';
import type { Command, CommandContext, CommandInput } from '../access/index.ts';
import { csvText } from '../base/csv.ts';
import { Refusal } from '../base/problem.ts';
import { tableRows, Unreadable } from '../publications/index.ts';
import { daysAYear } from './model/candidate.ts';
import { detect, type Finding } from './model/detect.ts';
import type { DailySeries } from './model/series.ts';
import { readSeries, wanted } from './readSeries.ts';
import { why } from './why.ts';

const findingColumns = [
  ...['school', 'area', 'date', 'group', 'kind', 'scope'],
  ...['observed_percent', 'expected_percent', 'lower_percent', 'upper_percent'],
  ...['score', 'started_on'],
] as const;

/** The verb `patterns detect`: on any daily series, ours or another country's. It reads no store. */
export const detectCommand: Command = {
  verb: 'patterns detect',
  summary:
    'Finds what is unusual in daily attendance series, each on the first day it could be told.',
  options: {
    series: {
      value: 'FILE',
      help: 'CSV: school, area, date, group, possible, absent; or attendance_percent for the two counts. Blank = no register came.',
      required: true,
    },
    out: { value: 'FILE', help: 'Writes every finding as CSV.' },
    alarms: {
      value: 'N',
      help: 'About how many false alarms a school may have in a year (1).',
      accepts: isPositive,
    },
    'false-share': {
      value: 'SHARE',
      help: 'Of what is told of one day, at most this share is to be chance, as 0.2; no such limit without it.',
      accepts: (text) => isPositive(text) && Number(text) < 1,
    },
    why: { help: 'Prints a sentence for each finding.' },
    json: { help: 'Prints the findings as JSON.' },
  },
  example: './rollcall patterns detect --series attendance.csv --out findings.csv',
  apart: true,
  run,
};

function isPositive(text: string): boolean {
  return /^\d+(\.\d+)?$/.test(text) && Number(text) > 0;
}

async function run(context: CommandContext, { values, switches }: CommandInput): Promise<number> {
  const { output, folder, writeFile } = context;
  const file = values['series'] as string;
  const { series, rows, problems, notUsed } = await readFile(resolve(folder, file), file);
  for (const { row, column, message } of problems)
    output.error(`${file}, row ${row}${column === undefined ? '' : `, ${column}`}: ${message}`);
  const lost = [...notUsed.values()].reduce((all, times) => all + times, 0);
  if (rows === 0)
    throw new Refusal(
      'bad-input',
      problems.length === 0
        ? `${file}: there is no row below the headings. Give a row for each school and day.`
        : `${file}: no row could be used. Mend it and try again.`,
    );
  refuseFigures(file, series, lost);
  const alarmsAYear = Number(values['alarms'] ?? 1);
  const share = values['false-share'];
  const findings = detect(series, {
    alarmsAYear,
    falseShare: share === undefined ? undefined : Number(share),
  });
  if (values['out'] !== undefined)
    await writeFile(values['out'], csvText(findingColumns, findings.toSorted(byKeys).map(rowOf)));
  if (switches.has('json')) output.line(JSON.stringify(findings.toSorted(byKeys).map(rowOf)));
  else {
    if (switches.has('why')) for (const finding of findings) output.line(why(finding));
    const chance = Math.round((alarmsAYear * schoolDays(series)) / daysAYear);
    output.line(
      `${count(findings.length, 'finding')} in ${count(series.names.length, 'series')} over ${count(series.days.length, 'day')}. ${
        share === undefined
          ? `Where nothing happens, about ${count(chance, 'finding')} would come by chance.`
          : `Of those told of one day, at most ${Math.round(100 * Number(share))} in 100 are to be chance.`
      }`,
    );
    if (lost > 0)
      output.line(`${count(lost, 'row')} could not be used as written: ${kindsText(notUsed)}.`);
  }
  return 0;
}

async function readFile(path: string, name: string) {
  try {
    return await readSeries(tableRows(path), name);
  } catch (error) {
    if (error instanceof Unreadable && error.kind === 'empty-file')
      throw new Refusal('bad-input', `${name}: the file is empty. Expected ${wanted}.`);
    if (error instanceof Unreadable || error instanceof RangeError)
      throw new Refusal('bad-input', `${name}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** So many figures tell that they are of another kind. */
const enoughFigures = 30;

/** A file none of whose figures can be read, or whose percentages are shares of 1, would have nothing told, or nonsense. */
function refuseFigures(file: string, { absencePercent }: DailySeries, lost: number): void {
  let [figures, highest] = [0, 0];
  for (const absent of absencePercent) {
    if (Number.isNaN(absent)) continue;
    figures += 1;
    highest = Math.max(highest, 100 - absent);
  }
  if (figures === 0 && lost > 0)
    throw new Refusal(
      'bad-input',
      `${file}: no figure could be read. Write attendance_percent as 93.5, with a full stop and without a sign, or possible and absent as whole numbers.`,
    );
  if (figures >= enoughFigures && highest > 0 && highest <= 1)
    throw new Refusal(
      'bad-input',
      `${file}: no attendance_percent is above 1, so these look like shares. Write 93.5 for 93.5%.`,
    );
}

/** On how many days each school sent a figure, in whichever of its groups. */
function schoolDays({ names, days, absencePercent }: DailySeries): number {
  const width = days.length;
  const sent = (row: number, day: number) =>
    !Number.isNaN(absencePercent[row * width + day] as number);
  const rows = names.map((_, row) => row);
  let count = 0;
  for (const own of Map.groupBy(rows, (row) => names[row]?.school).values())
    for (let day = 0; day < width; day++) if (own.some((row) => sent(row, day))) count += 1;
  return count;
}

const count = (number: number, what: string) =>
  `${number.toLocaleString('en-GB')} ${number === 1 || what === 'series' ? what : `${what}s`}`;

const kindsText = (kinds: ReadonlyMap<string, number>) =>
  [...kinds].map(([kind, times]) => `${times.toLocaleString('en-GB')} ${kind}`).join(', ');

const known = (percent: number) => (Number.isNaN(percent) ? null : percent);

function rowOf(found: Finding) {
  return {
    ...{ school: found.school, area: found.area, date: found.date, group: found.group },
    ...{ kind: found.kind, scope: found.scope },
    observed_percent: known(found.observedPercent),
    expected_percent: known(found.expectedPercent),
    lower_percent: known(found.lowerPercent),
    upper_percent: known(found.upperPercent),
    ...{ score: found.score, started_on: found.startedOn },
  };
}

function byKeys(a: Finding, b: Finding): number {
  const key = (each: Finding) =>
    [each.school, each.area, each.date, each.group, each.kind].join('\u001f');
  return key(a) < key(b) ? -1 : 1;
}
