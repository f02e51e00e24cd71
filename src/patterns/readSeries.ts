import type { Problem } from '../base/problem.ts';
import { type DailySeries, noneDue, type SeriesName } from './model/series.ts';
import { Cells, SeriesNames } from './cells.ts';

/** More than this many series × days are not held at once. */
const mostCells = 60_000_000;
/** So many problems of a kind are told, and the rest counted. */
const toldOfAKind = 5;

export type ReadSeries = {
  series: DailySeries;
  /** Rows of which the figure, or the blank, is used. */
  rows: number;
  problems: Problem[];
  /** How many rows were not used, by kind of problem. */
  notUsed: ReadonlyMap<string, number>;
};

export const wanted =
  'school, date, and attendance_percent or possible and absent; area and group may stand beside them';

/**
 * Reads daily series from the rows of a table, headings first: `school, area, date, group, possible, absent`, or
 * `attendance_percent` in place of the two counts; blank = no register came, no session possible = closed. Never fails: what
 * cannot be used is a problem, with its row and column, and counted.
 */
export async function readSeries(
  table: AsyncIterable<readonly string[][]>,
  file: string,
): Promise<ReadSeries> {
  const problems: Problem[] = [];
  const notUsed = new Map<string, number>();
  const names = new SeriesNames();
  const cells = new Cells();
  let columns: Columns | undefined;
  let [row, lost] = [0, 0];
  const wrong = (kind: string, column: string | undefined, message: string, at = row) => {
    const times = (notUsed.get(kind) ?? 0) + 1;
    notUsed.set(kind, times);
    if (times <= toldOfAKind)
      problems.push({
        ...{ kind, file, row: at, message },
        ...(column === undefined ? {} : { column }),
      });
  };
  for await (const rows of table)
    for (const texts of rows) {
      row += 1;
      if (columns === undefined) {
        columns = columnsOf(texts);
        if (columns.missing !== undefined)
          wrong(
            'columns',
            undefined,
            texts.length === 1 && /[;\t|]/.test(texts[0] ?? '')
              ? 'The headings stand in one cell, with semicolons, tabs or bars between them. Save the file with commas between its cells.'
              : `The headings have no ${columns.missing}. Expected ${wanted}.`,
          );
        continue;
      }
      if (columns.missing !== undefined || texts.every((text) => text.trim() === '')) continue;
      const name = nameOf(texts, columns);
      const day = names.dayOf(textAt(texts, columns.date));
      if (name.school === '')
        wrong('no-school', 'school', 'The row names no school. Give its number or name.');
      else if (day === undefined)
        wrong('date', 'date', 'The date cannot be read. Write it as 2026-09-07.');
      else {
        const figure = figureOf(texts, columns);
        if (figure.problem) {
          wrong(figure.problem.kind, figure.problem.column, figure.problem.fault);
          lost += 1;
        }
        cells.add(names.seriesOf(name, day), day, row, figure);
      }
    }
  if (columns === undefined)
    wrong('columns', undefined, `The file has no headings. Expected ${wanted}.`);
  const { series, rows } = arranged(names, cells, (kind, message, at) =>
    wrong(kind, 'date', message, at),
  );
  problems.sort((one, other) => (one.row ?? 0) - (other.row ?? 0));
  return { series, rows: rows - lost, problems, notUsed };
}

type Columns = {
  school: number;
  date: number;
  area: number;
  group: number;
  possible: number;
  absent: number;
  attendance: number;
  missing?: string;
};

function columnsOf(headings: readonly string[]): Columns {
  const known = headings.map((heading) => heading.trim().toLowerCase());
  const at = (name: string) => known.indexOf(name);
  const columns: Columns = {
    ...{ school: at('school'), date: at('date'), area: at('area'), group: at('group') },
    ...{ possible: at('possible'), absent: at('absent'), attendance: at('attendance_percent') },
  };
  const missing =
    columns.school < 0
      ? 'school'
      : columns.date < 0
        ? 'date'
        : columns.attendance < 0 && (columns.possible < 0 || columns.absent < 0)
          ? 'attendance_percent, nor possible and absent'
          : undefined;
  return missing === undefined ? columns : { ...columns, missing };
}

const textAt = (texts: readonly string[], column: number) =>
  column < 0 ? '' : (texts[column] ?? '').trim();

function nameOf(texts: readonly string[], columns: Columns): SeriesName {
  return {
    school: textAt(texts, columns.school),
    area: textAt(texts, columns.area),
    group: textAt(texts, columns.group),
  };
}

type Figure = {
  /** NaN where none came. */
  absencePercent: number;
  possible: number;
  due: number;
  /** What is wrong with the row, of which no more than that it is there is used. */
  problem?: { kind: string; column: string; fault: string };
};

const nothing = { absencePercent: Number.NaN, possible: Number.NaN };
const blank: Figure = { ...nothing, due: 1 };
const closed: Figure = { ...nothing, due: noneDue };

function figureOf(texts: readonly string[], columns: Columns): Figure {
  const counted = columns.possible >= 0 && columns.absent >= 0;
  const [possibleText, absentText] = [
    textAt(texts, columns.possible),
    textAt(texts, columns.absent),
  ];
  if (counted && (possibleText !== '' || absentText !== '')) {
    const [possible, absent] = [numberOf(possibleText), numberOf(absentText)];
    if (possible === 0 && (absentText === '' || absent === 0)) return closed;
    if (possibleText === '' || absentText === '') return byPercent(texts, columns);
    if (possible === undefined) return noNumber('possible');
    if (absent === undefined) return noNumber('absent');
    if (absent > possible)
      return unusable(
        'more-absent',
        'absent',
        'More sessions are missed than are possible. Give both counts of the same sessions.',
      );
    return { absencePercent: (100 * absent) / possible, possible, due: 1 };
  }
  return byPercent(texts, columns);
}

function byPercent(texts: readonly string[], columns: Columns): Figure {
  const text = textAt(texts, columns.attendance);
  if (text === '') return blank;
  const percent = numberOf(text);
  if (percent === undefined) return noNumber('attendance_percent');
  if (percent > 100)
    return unusable(
      'over-100',
      'attendance_percent',
      'Attendance is more than 100 percent. Give it as 93.5.',
    );
  return { absencePercent: 100 - percent, possible: Number.NaN, due: 1 };
}

/** A register came, and cannot be used: it is not missing. */
function unusable(kind: string, column: string, fault: string): Figure {
  return { ...closed, problem: { kind, column, fault } };
}

function numberOf(text: string): number | undefined {
  return /^\d{1,12}(\.\d{0,20})?$/.test(text) ? Number(text) : undefined;
}

/** Some write `NS` where nothing was sent. */
function noNumber(column: string): Figure {
  return {
    ...blank,
    problem: {
      ...{ kind: 'text-in-number', column },
      fault:
        'The cell holds no number from 0, and is taken for a register that did not come. Leave it blank where none came.',
    },
  };
}

function arranged(
  names: SeriesNames,
  cells: Cells,
  wrong: (kind: string, message: string, row: number) => void,
): { series: DailySeries; rows: number } {
  const { days, dayAt, series, seriesAt } = names.sorted();
  const width = days.length;
  const size = width * series.length;
  if (size > mostCells)
    throw new RangeError(
      `The file has ${series.length.toLocaleString('en-GB')} series of ${width.toLocaleString('en-GB')} days. Split it by area: more than ${mostCells.toLocaleString('en-GB')} days in all are not held at once.`,
    );
  const absencePercent = new Float64Array(size).fill(Number.NaN);
  const possible = new Float64Array(size).fill(Number.NaN);
  const due = new Uint8Array(size);
  let rows = 0;
  for (let cell = 0; cell < cells.count; cell++) {
    const each = cells.at(cell);
    const at = (seriesAt[each.series] as number) * width + (dayAt[each.day] as number);
    const isFirst = due[at] === 0;
    const came = !Number.isNaN(each.absencePercent);
    const cameBefore = !Number.isNaN(absencePercent[at] as number);
    if (!isFirst) {
      const differs = came && cameBefore && each.absencePercent !== absencePercent[at];
      if (differs) wrong('said-differently', differently, each.row);
      else wrong('said-twice', twice, each.row);
    } else rows += 1;
    if (!isFirst && (cameBefore || !came)) continue;
    absencePercent[at] = each.absencePercent;
    possible[at] = each.possible;
    due[at] = each.due;
  }
  return { series: { names: series, days, absencePercent, possible, due }, rows };
}

const twice =
  'The row is of the same school, group and day as one before. A figure counts before a blank.';
const differently =
  'The row has another figure for the same school, group and day than one before. The first is used.';
