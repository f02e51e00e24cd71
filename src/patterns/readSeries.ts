import { type Day, parseDay } from '../base/day.ts';
import type { Problem } from '../base/problem.ts';
import type { DailySeries, SeriesName } from './model/series.ts';

/** More than this many series × days are not held at once. */
const mostCells = 60_000_000;
/** So many problems of a kind are told, and the rest counted. */
const toldOfAKind = 5;

export type ReadSeries = {
  series: DailySeries;
  /** Rows used; days on which everybody was closed are among them. */
  rows: number;
  problems: Problem[];
  /** How many rows were not used, by kind of problem. */
  notUsed: ReadonlyMap<string, number>;
};

type Cell = { at: string; day: Day; absencePercent: number; possible: number };

const wanted =
  'school, date, and attendance_percent or possible and absent; area and group may stand beside them';

/**
 * Reads daily series from the rows of a table, headings first: `school, area, date, group, possible, absent`, or
 * `attendance_percent` in place of the two counts; blank = no register came. Never fails: what cannot be used is a problem,
 * with its row and column, and counted.
 */
export async function readSeries(
  table: AsyncIterable<readonly string[][]>,
  file: string,
): Promise<ReadSeries> {
  const problems: Problem[] = [];
  const notUsed = new Map<string, number>();
  const names = new Map<string, SeriesName>();
  const cells: Cell[] = [];
  const said = new Set<string>();
  let columns: Columns | undefined;
  let row = 0;
  const wrong = (kind: string, column: string | undefined, message: string) => {
    const times = (notUsed.get(kind) ?? 0) + 1;
    notUsed.set(kind, times);
    if (times <= toldOfAKind)
      problems.push({ kind, file, row, ...(column === undefined ? {} : { column }), message });
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
            `The headings have no ${columns.missing}. Expected ${wanted}.`,
          );
        continue;
      }
      if (columns.missing !== undefined || texts.every((text) => text.trim() === '')) continue;
      const name = nameOf(texts, columns);
      const day = parseDay(textAt(texts, columns.date));
      if (name.school === '')
        wrong('no-school', 'school', 'The row names no school. Give its number or name.');
      else if (day === undefined)
        wrong('date', 'date', 'The date cannot be read. Write it as 2026-09-07.');
      else {
        const figure = figureOf(texts, columns);
        const at = keyOf(name);
        if ('fault' in figure) wrong(figure.kind, figure.column, figure.fault);
        else if (said.has(`${at}\u001f${day}`))
          wrong(
            'said-twice',
            'date',
            'The row is of the same school, group and day as one before. The first is used.',
          );
        else {
          said.add(`${at}\u001f${day}`);
          if (!names.has(at)) names.set(at, name);
          cells.push({ at, day, ...figure });
        }
      }
    }
  if (columns === undefined)
    wrong('columns', undefined, `The file has no headings. Expected ${wanted}.`);
  return {
    series: withoutEmptyDays(withoutClosedDays(arranged(names, cells))),
    rows: cells.length,
    problems,
    notUsed,
  };
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

const keyOf = ({ school, group }: SeriesName) => `${school}\u001f${group}`;

type Figure = { absencePercent: number; possible: number };
type Fault = { kind: string; column: string; fault: string };

const blank: Figure = { absencePercent: Number.NaN, possible: Number.NaN };

function figureOf(texts: readonly string[], columns: Columns): Figure | Fault {
  const counted = columns.possible >= 0 && columns.absent >= 0;
  const [possibleText, absentText] = [
    textAt(texts, columns.possible),
    textAt(texts, columns.absent),
  ];
  if (counted && (possibleText !== '' || absentText !== '')) {
    if (possibleText === '' || absentText === '') return blank;
    const [possible, absent] = [numberOf(possibleText), numberOf(absentText)];
    if (possible === undefined) return noNumber('possible');
    if (absent === undefined) return noNumber('absent');
    if (absent > possible)
      return {
        ...{ kind: 'more-absent', column: 'absent' },
        fault: 'More sessions are missed than are possible. Give both counts of the same sessions.',
      };
    return possible === 0 ? blank : { absencePercent: (100 * absent) / possible, possible };
  }
  const text = textAt(texts, columns.attendance);
  if (text === '') return blank;
  const percent = numberOf(text);
  if (percent === undefined) return noNumber('attendance_percent');
  if (percent > 100)
    return {
      ...{ kind: 'over-100', column: 'attendance_percent' },
      fault: 'Attendance is more than 100 percent. Give it as 93.5.',
    };
  return { absencePercent: 100 - percent, possible: Number.NaN };
}

function numberOf(text: string): number | undefined {
  return /^\d{1,12}(\.\d{0,20})?$/.test(text) ? Number(text) : undefined;
}

function noNumber(column: string): Fault {
  return {
    ...{ kind: 'text-in-number', column },
    fault: 'The cell holds no number from 0. Leave it blank where no register came.',
  };
}

function arranged(names: ReadonlyMap<string, SeriesName>, cells: readonly Cell[]): DailySeries {
  const days = [...new Set(cells.map(({ day }) => day))].sort();
  const keys = [...names.keys()].sort();
  const size = days.length * keys.length;
  if (size > mostCells)
    throw new RangeError(
      `The file has ${keys.length.toLocaleString('en-GB')} series of ${days.length.toLocaleString('en-GB')} days. Split it by area: more than ${mostCells.toLocaleString('en-GB')} days in all are not held at once.`,
    );
  const dayAt = new Map(days.map((day, at) => [day, at]));
  const rowAt = new Map(keys.map((key, at) => [key, at]));
  const absencePercent = new Float64Array(size).fill(Number.NaN);
  const possible = new Float64Array(size).fill(Number.NaN);
  const due = new Uint8Array(size);
  for (const cell of cells) {
    const at = (rowAt.get(cell.at) as number) * days.length + (dayAt.get(cell.day) as number);
    absencePercent[at] = cell.absencePercent;
    possible[at] = cell.possible;
    due[at] = 1;
  }
  return {
    names: keys.map((key) => names.get(key) as SeriesName),
    days,
    absencePercent,
    possible,
    due,
  };
}

/** On a day that most write down as nobody there, they were closed: no figure came, and none was due. */
function withoutClosedDays(series: DailySeries): DailySeries {
  const [rows, width] = [series.names.length, series.days.length];
  for (let day = 0; day < width; day++) {
    const empty: number[] = [];
    let figures = 0;
    for (let row = 0; row < rows; row++) {
      const absent = series.absencePercent[row * width + day] as number;
      if (Number.isNaN(absent)) continue;
      figures += 1;
      if (absent === 100) empty.push(row * width + day);
    }
    if (rows < 5 || empty.length * 2 <= figures) continue;
    for (const at of empty) {
      series.absencePercent[at] = Number.NaN;
      series.due[at] = 0;
    }
  }
  return series;
}

/** Days on which nothing came of any of them are nobody's school days, as a holiday that a file lists; of a few, each may be silent. */
function withoutEmptyDays(series: DailySeries): DailySeries {
  const [rows, width] = [series.names.length, series.days.length];
  if (rows < 5) return series;
  const kept = series.days.flatMap((_, day) => {
    for (let row = 0; row < rows; row++)
      if (!Number.isNaN(series.absencePercent[row * width + day] as number)) return [day];
    return [];
  });
  if (kept.length === width) return series;
  const of = <Values extends Float64Array | Uint8Array>(values: Values, into: Values): Values => {
    for (let row = 0; row < rows; row++)
      kept.forEach((day, at) => {
        into[row * kept.length + at] = values[row * width + day] as number;
      });
    return into;
  };
  const size = rows * kept.length;
  return {
    ...{ names: series.names, days: kept.map((day) => series.days[day] as Day) },
    absencePercent: of(series.absencePercent, new Float64Array(size)),
    possible: of(series.possible, new Float64Array(size)),
    due: of(series.due, new Uint8Array(size)),
  };
}
