import { type Day, isWeekday, weekdayOf } from '../../base/day.ts';
import type { Urn } from '../../base/identifiers.ts';
import { dayIn, readDate } from './dates.ts';
import { isBlank } from './markCells.ts';
import {
  anotherSchool,
  cellTooLong,
  dateFault,
  type Fault,
  upnMissing,
  urnMissing,
} from './problems.ts';
import { type Found, type ReadLimits, type ReadOptions, StopReading } from './reading.ts';
import { laestabIn, laestabSaid, noSchoolSaid, type SchoolSaid, schoolOf } from './school.ts';
import type { Texts } from './table.ts';
import type { Tally } from './tally.ts';
import { XmlReader } from './xml.ts';

/*
 * The attendance of a Common Transfer File: per pupil and year a day on which the marks begin, and one text of marks, the
 * morning’s and the afternoon’s of one day after the other. The specification was not at hand. What is read here is what
 * programs that write and read such files show; whether a week has five days or seven in the text is not among it, so it
 * is found from the text, or asked. Hence `checkedAgainstXsd: false`.
 */

/** The marks of one pupil over one stretch of days. */
type Stretch = {
  upn: string;
  /** Whose these marks are, and whose the file. */
  school: SchoolSaid;
  source: SchoolSaid;
  firstDay: string;
  marks: string[];
  line: number;
};

/** Reads the marks of a Common Transfer File. */
export async function readCtf(
  texts: Texts,
  options: ReadOptions,
  limits: ReadLimits,
  tally: Tally,
  found: Found,
): Promise<void> {
  found.form = 'ctf-xml';
  found.checkedAgainstXsd = false;
  const week = await weekOf(texts, options, limits);
  if (week !== undefined) found.daysInAWeek = week;
  let stretches = 0;
  for await (const stretch of stretchesOf(texts, limits, found)) {
    stretches += 1;
    if (stretches > limits.rows) throw tooManyPupils(limits);
    if (week === 7) stretch.marks = withoutWeekends(stretch, options);
    const filled = stretch.marks.filter((mark) => !isBlank(mark)).length;
    tally.cells(stretch.marks.length);
    tally.blank(stretch.marks.length - filled);
    const fault = takeStretch(stretch, week, options, limits, tally);
    if (fault) {
      const { kind, message } = fault;
      tally.problem(kind, message, { row: stretch.line, column: 'AttendanceMarks', cells: filled });
    }
    if (tally.isFull) await tally.handOn();
  }
}

export function tooManyPupils({ rows }: ReadLimits): StopReading {
  return new StopReading(
    'too-many-rows',
    `There are more than ${rows.toLocaleString('en-GB')} pupils: send them in parts.`,
  );
}

/** Hands on the marks of a stretch, or says why none of them can be read. */
function takeStretch(
  { upn, school, source, firstDay, marks, line }: Stretch,
  week: 5 | 7 | undefined,
  options: ReadOptions,
  limits: ReadLimits,
  tally: Tally,
): Fault | undefined {
  if (upn === '') return upnMissing;
  if (Math.max(upn.length, firstDay.length) > limits.cellCharacters) {
    return cellTooLong(limits.cellCharacters);
  }
  const urn = stretchSchool(school, source, options);
  if (typeof urn !== 'number') return urn;
  const read = readDate(firstDay, options);
  const first = dayIn(read, options.dateOrder);
  if (first === undefined) return read.reads === 'by-order' ? notIso : dateFault(read, 'dmy');
  if (!isWeekday(first) && week !== 7) return beginsOnAWeekend;
  if (week === undefined && daysToSaturday(first) * 2 < marks.length) return weekOpen;
  const days = daysFrom(first, Math.ceil(marks.length / 2), week ?? 5);
  for (const [at, mark] of marks.entries()) {
    const date = days[at >> 1];
    if (date === undefined || isBlank(mark)) continue;
    const session = at % 2 === 0 ? 'AM' : 'PM';
    tally.mark({ urn, upn, date, session, code: mark, row: line, column: 'AttendanceMarks' });
  }
  return undefined;
}

/** In a text of seven days, # on a Saturday or Sunday fills the place: no closure was planned. */
function withoutWeekends({ firstDay, marks }: Stretch, options: ReadOptions): string[] {
  const first = dayIn(readDate(firstDay, options), options.dateOrder);
  if (first === undefined || !marks.includes('#')) return marks;
  const days = daysFrom(first, Math.ceil(marks.length / 2), 7);
  return marks.map((mark, at) => (mark === '#' && !isWeekday(days[at >> 1] ?? first) ? '' : mark));
}

/** A transfer file brings the marks of schools before with it: who sends it is taken for none of these. */
function stretchSchool(said: SchoolSaid, source: SchoolSaid, options: ReadOptions): Urn | Fault {
  if (said.urn === source.urn && said.laestab === source.laestab) return schoolOf(said, options);
  const { urn: _sender, ...others } = options;
  const school = schoolOf(said, others);
  return typeof school !== 'number' && school.kind === urnMissing.kind ? anotherSchool : school;
}

const notIso: Fault = {
  kind: 'date-not-read',
  message:
    'AttendanceStartDate is not written as 2025-09-08: write it so, or choose the order of dates.',
};
const beginsOnAWeekend: Fault = {
  kind: 'begins-on-a-weekend',
  message:
    'The marks begin on a Saturday or Sunday, though weekends are left out of them: correct AttendanceStartDate.',
};
const weekOpen: Fault = {
  kind: 'week-length-open',
  message:
    'The marks do not show whether a week in them has five days or seven: choose which, as the program that wrote the file has it.',
};

/** The stretches of marks in a file, one after the other. */
async function* stretchesOf(
  texts: Texts,
  limits: ReadLimits,
  found: Found,
): AsyncGenerator<Stretch> {
  const collector = new Collector(found);
  const xml = new XmlReader(collector, limits);
  for await (const text of texts()) {
    xml.push(text);
    yield* collector.ready.splice(0);
  }
  xml.end();
}

type Said = { urn: string; lea: string; estab: string };
const nobody: Said = { urn: '', lea: '', estab: '' };
const saidOf = ({ urn, lea, estab }: Said): SchoolSaid => ({
  urn,
  laestab: laestabSaid(lea, estab),
});

/** Gathers what stands around a text of marks: the pupil, the school, the first day. */
class Collector {
  readonly ready: Stretch[] = [];
  readonly #found: Found;
  #upn = '';
  /** The school that is being told of. */
  #said = nobody;
  #source: SchoolSaid = noSchoolSaid;
  #firstDay = '';
  #inYear = false;
  #inSource = false;
  #waiting: { text: string; line: number } | undefined;

  constructor(found: Found) {
    this.#found = found;
  }

  open(name: string): void {
    if (name === 'Pupil') this.#upn = '';
    else if (name === 'SourceSchool') {
      this.#inSource = true;
      this.#said = nobody;
    } else if (name === 'YearData') {
      this.#inYear = true;
      this.#firstDay = '';
      this.#said = nobody;
    }
  }

  close(name: string, text: string, line: number): void {
    if (name === 'AttendanceMarks') this.#waiting = { text, line };
    else if (name === 'AttendanceStartDate') this.#firstDay = text.trim();
    else if (name === 'UPN' && !this.#inYear) this.#upn = text.trim();
    else if (name === 'LEA') this.#say({ lea: text.trim() });
    else if (name === 'Estab') this.#say({ estab: text.trim() });
    else if (name === 'URN') this.#say({ urn: text.trim() });
    else if (name === 'SourceSchool') {
      this.#inSource = false;
      this.#source = saidOf(this.#said);
      const laestab = laestabIn(this.#source.laestab);
      if (laestab !== undefined) this.#found.laestab = laestab;
    } else if (name === 'AttendSessions') this.#finish();
    else if (name === 'YearData') {
      this.#finish();
      this.#inYear = false;
    }
  }

  #say(more: Partial<Said>): void {
    if (this.#inYear || this.#inSource) this.#said = { ...this.#said, ...more };
  }

  #finish(): void {
    if (!this.#waiting) return;
    const { text, line } = this.#waiting;
    const own = saidOf(this.#said);
    this.ready.push({
      upn: this.#upn,
      school: own.urn === '' && own.laestab === '' ? this.#source : own,
      source: this.#source,
      firstDay: this.#firstDay,
      marks: marksIn(text),
      line,
    });
    this.#waiting = undefined;
  }
}

/** A letter and a digit after it are one code (`Y1`); a space is a session without a mark. */
function marksIn(text: string): string[] {
  const joined = (space: string) => (/[\r\n]/.test(space) ? '' : space);
  const oneLine = text.includes('\n') ? text.replaceAll(/\s+/g, joined) : text;
  return oneLine.match(/[A-Za-z]\d|[^]/g) ?? [];
}

/**
 * Five days or seven? Read as seven, a text of seven has next to nothing on Saturdays and Sundays, and a text of five has
 * there as much as anywhere. Undefined where the texts are too short to tell, or show something between.
 */
async function weekOf(
  texts: Texts,
  options: ReadOptions,
  limits: ReadLimits,
): Promise<5 | 7 | undefined> {
  if (options.daysInAWeek) return options.daysInAWeek;
  const weekdays = { places: 0, marks: 0 };
  const weekends = { places: 0, marks: 0 };
  const unused: Found = { encoding: 'UTF-8', urns: [] };
  for await (const { firstDay, marks } of stretchesOf(texts, limits, unused)) {
    const first = dayIn(readDate(firstDay, options), options.dateOrder);
    if (first === undefined) continue;
    const days = daysFrom(first, Math.ceil(marks.length / 2), 7);
    for (const [at, mark] of marks.entries()) {
      const kind = isWeekday(days[at >> 1] ?? first) ? weekdays : weekends;
      kind.places += 1;
      if (!isBlank(mark) && mark !== '#') kind.marks += 1;
    }
  }
  if (weekends.places < leastPlaces || weekdays.marks === 0) return undefined;
  const ratio = weekends.marks / weekends.places / (weekdays.marks / weekdays.places);
  if (ratio < 0.05) return 7;
  return ratio > 0.5 ? 5 : undefined;
}

/** Sessions on weekends, of which two weekends have eight, before anything is concluded from them. */
const leastPlaces = 8;

const oneDay = 86_400_000;
const daysToSaturday = (day: Day) => 6 - (weekdayOf(day) % 7);

/** So many days from one on: of every week five, or all seven. */
function daysFrom(first: Day, count: number, week: 5 | 7): Day[] {
  const days: Day[] = [];
  for (let at = Date.parse(`${first}T00:00:00Z`); days.length < count; at += oneDay) {
    const day = new Date(at).toISOString().slice(0, 10);
    if (week === 7 || isWeekday(day)) days.push(day);
  }
  return days;
}
