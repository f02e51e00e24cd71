import type { Day } from '../../base/day.ts';
import type { Urn } from '../../base/identifiers.ts';
import { dayIn, readDate, type DateText } from './dates.ts';
import { jsonValues, type JsonValue } from './jsonValues.ts';
import { withoutUpns } from '../../base/upn.ts';
import { fieldNamed, noteNamed, schoolPlaceNamed } from './layout.ts';
import { canBeCode, isBlank } from './markCells.ts';
import {
  cellTooLong,
  codeNotRead,
  dateFault,
  enteredOnNotRead,
  type Fault,
  sessionMissing,
  sessionNotRead,
  upnMissing,
  urnMissing,
} from './problems.ts';
import {
  type Found,
  longestNote,
  type RawMark,
  type ReadLimits,
  type ReadOptions,
} from './reading.ts';
import {
  type SchoolPart,
  type SchoolPlace,
  type SchoolSaid,
  type SchoolTold,
  schoolOf,
  schoolSaidBy,
  schoolWithin,
} from './school.ts';
import { sessionOf } from './sessions.ts';
import { mostDates, type Texts } from './table.ts';
import type { Tally } from './tally.ts';

type Thing = Record<string, unknown>;
type Notes = Pick<RawMark, 'enteredOn' | 'reason' | 'amendedBy' | 'position'>;

/** What makes a mark as JSON has it, before any of it is looked at. */
type Told = {
  school: SchoolTold;
  upn: unknown;
  date: unknown;
  /** By whose clock the date is told. */
  timeZone?: unknown;
  session: unknown;
  code: unknown;
  twice?: Field | undefined;
};

/** What stands around a mark, and is said of each within that does not say it itself. */
type Around = {
  school: SchoolTold;
  upn?: unknown;
  date?: unknown;
  session?: unknown;
  notes?: Thing;
  twice?: Field | undefined;
};

/**
 * Reads marks in JSON: an array of `{ urn, upn, date, session, code }`, one of them a line, the same under `marks`, by
 * themselves or in registers (where a school, a date, a session or a pupil that stands beside them is that of all marks
 * within that name none), or pages as the Wonde API gives them (`{ data: [ … ], meta: { pagination } }`). Pupils and codes
 * that a page only refers to are looked up in pages of students and of attendance codes in the same file.
 */
export async function readJson(
  texts: Texts,
  options: ReadOptions,
  limits: ReadLimits,
  tally: Tally,
  found: Found,
): Promise<void> {
  const reader = new JsonReader(options, limits, tally, found);
  for await (const values of jsonValues(texts(), limits)) {
    for (const value of values) {
      if (reader.wantsLookups(value)) reader.lookups = await lookupsIn(texts, limits);
      reader.take(value);
    }
    if (tally.isFull) await tally.handOn();
  }
  reader.finish();
}

/** What a Wonde page refers to by number. */
type Lookups = { upnOf: Map<string, string>; codeOf: Map<string, string> };

class JsonReader {
  readonly #options: ReadOptions;
  readonly #limits: ReadLimits;
  readonly #tally: Tally;
  readonly #found: Found;
  /** What dates that came before were read as; a year has some 200. */
  readonly #dates = new Map<string, DateText>();
  #lastSchool: { said: SchoolSaid; is: Urn } | undefined;
  lookups: Lookups | undefined;
  #row = 0;

  constructor(options: ReadOptions, limits: ReadLimits, tally: Tally, found: Found) {
    this.#options = options;
    this.#limits = limits;
    this.#tally = tally;
    this.#found = found;
  }

  /** Whether something refers to a pupil or a code by number, and they have not been looked up yet. */
  wantsLookups(read: JsonValue): boolean {
    if (this.lookups || 'broken' in read) return false;
    const items = itemsOf(read.value) ?? [read.value];
    return items.some((item) => {
      const record = thing(item);
      return record !== undefined && isWonde(record) && needsLookup(record);
    });
  }

  take(read: JsonValue): void {
    if ('broken' in read) {
      this.#row += 1;
      this.#tally.cells(1);
      this.#refuse(notJson);
      return;
    }
    const items = itemsOf(read.value);
    if (items && !isMark(read.value)) this.#takePage(read.value, items, { school: noSchoolTold });
    else this.#takeItem(read.value, { school: noSchoolTold });
  }

  #takePage(page: unknown, items: readonly unknown[], outer: Around): void {
    this.#notePage(page);
    const record = thing(page) ?? {};
    this.#tellUnread(record);
    const around = aroundOf(record, outer);
    for (const item of items) {
      const within = Array.isArray(item) ? undefined : itemsOf(item);
      if (within && !isMark(item)) this.#takePage(item, within, around);
      else this.#takeItem(item, around);
    }
  }

  finish(): void {
    this.#found.form ??= 'marks-json';
    if (!this.#found.pages?.more) return;
    this.#tally.problem(
      'more-pages',
      'The last page says that more pages follow: send them too, or marks are missing.',
      { cells: 0 },
    );
  }

  #notePage(page: unknown): void {
    const pagination = thing(thing(thing(page)?.meta)?.pagination);
    if (!pagination) return;
    const read = (this.#found.pages?.read ?? 0) + 1;
    this.#found.pages = { read, more: pagination.more === true };
  }

  #takeItem(item: unknown, around: Around): void {
    const record = thing(item);
    if (record && isLookup(record)) {
      this.#found.lookups = (this.#found.lookups ?? 0) + 1;
      return;
    }
    this.#row += 1;
    this.#tally.cells(1);
    if (!record) return this.#refuse(notARecord);
    const wonde = isWonde(record);
    this.#found.form ??= wonde ? 'wonde-json' : 'marks-json';
    const told = wonde ? this.#ofWonde(record) : plainlyTold(record);
    if (told.code === undefined && this.#tellInside(record)) return;
    told.twice ??= around.twice;
    told.upn ??= around.upn;
    told.date ??= around.date;
    told.session ??= around.session;
    const { urn, parts } = schoolWithin(told.school, around.school);
    this.#takeMark(
      told,
      schoolSaidBy(urn, parts),
      wonde ? {} : around.notes ? { ...around.notes, ...record } : record,
    );
  }

  /** Marks in lists of a page that have another name are not read, and are counted. */
  #tellUnread(page: Thing): void {
    const lists = Object.entries(page).filter(([name]) => !listNames.includes(name));
    const marks = marksIn(lists.map(([, value]) => value));
    if (marks === 0) return;
    this.#tally.cells(marks);
    const many = marks === 1 ? '1 mark stands' : `${marks.toLocaleString('en-GB')} marks stand`;
    const message = `${many} in a list under a name that is not read: put them under "marks".`;
    this.#tally.problem('list-not-read', message, { row: this.#row + 1, cells: marks });
  }

  /** A record that only holds others stands for as many marks. */
  #tellInside(record: Thing): boolean {
    const marks = recordsInside(record);
    if (marks === 0) return false;
    this.#tally.cells(marks - 1);
    const records =
      marks === 1
        ? '1 record that is not read under that name: put it'
        : `${marks.toLocaleString('en-GB')} records that are not read under that name: put them`;
    const message = `The record has no code, but inside it ${records} under "marks".`;
    this.#tally.problem(codeMissing.kind, message, { row: this.#row, cells: marks });
    return true;
  }

  #ofWonde(record: Thing): Told {
    const student = inside(record.student);
    const code = inside(record.attendance_code);
    const details = inside(student?.education_details);
    const studentId = String(student?.id ?? record.student ?? record.student_id ?? '');
    const codeId = String(record.attendance_code_id ?? record.attendance_code ?? '');
    return {
      school: fieldsOf(record).school,
      upn: details?.upn ?? student?.upn ?? this.lookups?.upnOf.get(studentId),
      date: thing(record.date)?.date ?? record.date,
      timeZone: thing(record.date)?.timezone,
      session: record.session,
      code: code ? code.code : this.#codeOf(codeId),
    };
  }

  /** A reference that leads nowhere is no blank: it is a code that could not be read. */
  #codeOf(id: string): string | undefined {
    return id === '' ? undefined : (this.lookups?.codeOf.get(id) ?? 'not found');
  }

  #takeMark(told: Told, school: SchoolSaid, record: Thing): void {
    if (told.twice) return this.#refuse(toldTwice(told.twice));
    if (told.code === undefined) return this.#refuse(codeMissing);
    const code = told.code === null ? '' : textOf(told.code);
    if (code !== undefined && isBlank(code)) return this.#tally.blank();
    const urn = this.#schoolOf(school);
    if (urn === undefined) return;
    const upn = textOf(told.upn) ?? '';
    if (upn === '') return this.#refuse(upnMissing);
    const dateText = textOf(told.date) ?? '';
    if (Math.max(upn.length, dateText.length) > this.#limits.cellCharacters) {
      return this.#refuse(cellTooLong(this.#limits.cellCharacters));
    }
    const day = this.#dayOf(dateText, textOf(told.timeZone));
    if (typeof day !== 'string') return this.#refuse(day);
    const sessionText = textOf(told.session) ?? '';
    const session = sessionOf(sessionText);
    if (!session) return this.#refuse(sessionText === '' ? sessionMissing : sessionNotRead);
    if (code === undefined || !canBeCode(code)) return this.#refuse(codeNotRead);
    const notes = this.#notesOf(record);
    if ('kind' in notes) return this.#refuse(notes);
    const mark = { urn, upn, date: day, session, code, row: this.#row, column: 'code' };
    this.#tally.mark({ ...mark, ...notes });
  }

  /** When, why and by whom an entry was changed; or why the day of it cannot be read. */
  #notesOf(record: Thing): Notes | Fault {
    const notes: Notes = {};
    for (const name of Object.keys(record)) {
      const note = noteNamed(name.slice(0, 40));
      const text = textOf(record[name]) ?? '';
      if (!note || text === '') continue;
      if (note !== 'enteredOn') notes[note] = withoutUpns(text).slice(0, longestNote);
      else {
        if (text.length > this.#limits.cellCharacters) return enteredOnNotRead;
        const day = this.#dayOf(text);
        if (typeof day !== 'string') return day.kind === notIso.kind ? enteredOnNotRead : day;
        notes.enteredOn = day;
      }
    }
    return notes;
  }

  #dayOf(text: string, timeZone?: string): Day | Fault {
    const { dateOrder: order } = this.#options;
    const read = this.#readDate(text, timeZone);
    const day = dayIn(read, order);
    if (day !== undefined) return day;
    const asksOrder = read.reads === 'by-order' && !order;
    return asksOrder || read.reads === 'two-digit-year' ? notIso : dateFault(read, order ?? 'dmy');
  }

  #readDate(text: string, timeZone: string | undefined): DateText {
    const key = timeZone === undefined ? text : `${text} ${timeZone}`;
    const known = this.#dates.get(key);
    if (known) return known;
    const read = readDate(text, { ...this.#options, timeZone });
    if (this.#dates.size >= mostDates) this.#dates.clear();
    this.#dates.set(key, read);
    return read;
  }

  #schoolOf(said: SchoolSaid): Urn | undefined {
    const last = this.#lastSchool;
    if (last?.said.urn === said.urn && last.said.laestab === said.laestab) return last.is;
    const school = schoolOf(said, this.#options);
    if (typeof school === 'number') {
      this.#lastSchool = { said, is: school };
      return school;
    }
    const { kind, message } = school;
    if (kind === urnMissing.kind) this.#tally.problemOnce(kind, () => message, { row: this.#row });
    else this.#refuse(school);
    return undefined;
  }

  #refuse({ kind, message }: Fault): void {
    this.#tally.problem(kind, message, { row: this.#row });
  }
}

const notJson: Fault = {
  kind: 'json-not-read',
  message: 'This record is no JSON: write it as {"upn": …, "date": …, "session": …, "code": …}.',
};
const notARecord: Fault = {
  kind: 'not-a-record',
  message:
    'A mark is a record with urn, upn, date, session and code, and this is something else: mend it.',
};
const codeMissing: Fault = {
  kind: 'code-missing',
  message: 'The record has no code: give it one, or an empty one where there is no mark.',
};
const toldTwice = (field: Field): Fault => ({
  kind: 'told-twice',
  message: `The record says its ${field} twice, each time something else: leave one of them out.`,
});
const notIso: Fault = {
  kind: 'date-not-read',
  message: 'The date is not written as 2025-09-08: write it so.',
};

function thing(value: unknown): Thing | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Thing)
    : undefined;
}

/** What is included in a Wonde answer stands under `data`. */
function inside(value: unknown): Thing | undefined {
  const outer = thing(value);
  return outer && 'data' in outer ? thing(outer.data) : outer;
}

/** What a page calls the list of its records. */
const listNames: readonly string[] = ['data', 'marks', 'registers'];

/** The records of a page, whatever it calls them. */
function itemsOf(value: unknown): unknown[] | undefined {
  const page = thing(value);
  if (!page) return Array.isArray(value) ? value : undefined;
  const lists = listNames.map((name) => page[name]).filter((each) => Array.isArray(each));
  return lists.length > 0 ? lists.flat() : undefined;
}

/** A pupil or an attendance code, of which pages of marks speak by number. */
function isLookup(record: Thing): boolean {
  if (!('id' in record) || 'session' in record || 'date' in record) return false;
  const isPupil = 'education_details' in record || 'upi' in record;
  return isPupil || ('code' in record && ('description' in record || 'type' in record));
}

function isWonde(record: Thing): boolean {
  return !('upn' in record) && ('student' in record || 'student_id' in record);
}

function needsLookup(record: Thing): boolean {
  return !thing(record.student) || !thing(record.attendance_code);
}

async function lookupsIn(texts: Texts, limits: ReadLimits): Promise<Lookups> {
  const upnOf = new Map<string, string>();
  const codeOf = new Map<string, string>();
  for await (const values of jsonValues(texts(), limits)) {
    for (const read of values) {
      if ('broken' in read) continue;
      for (const item of itemsOf(read.value) ?? [read.value]) {
        const record = thing(item);
        if (!record || !isLookup(record)) continue;
        const upn = textOf(inside(record.education_details)?.upn ?? record.upn);
        const code = textOf(record.code);
        if (upn) upnOf.set(String(record.id), upn);
        else if (code) codeOf.set(String(record.id), code);
      }
    }
  }
  return { upnOf, codeOf };
}

function plainlyTold(record: Thing): Told {
  const { upn, date, session, code, school, twice } = fieldsOf(record);
  return { upn, date, session, code, school, twice };
}

function aroundOf(page: Thing, outer: Around): Around {
  const { upn = outer.upn, date = outer.date, session = outer.session, ...own } = fieldsOf(page);
  const told = Object.entries(page).filter(([name]) => noteNamed(name.slice(0, 40)));
  const notes = told.length > 0 ? { ...outer.notes, ...Object.fromEntries(told) } : outer.notes;
  const school = schoolWithin(own.school, outer.school);
  const around = { upn, date, session, school, twice: own.twice ?? outer.twice };
  return notes ? { ...around, notes } : around;
}

const noSchoolTold: SchoolTold = { urn: '', parts: [] };

/** What is a mark itself is one, whatever else it holds. */
function isMark(item: unknown): boolean {
  const record = thing(item);
  if (!record) return false;
  const { upn, code } = fieldsOf(record);
  return upn !== undefined && code !== undefined;
}

/** How many marks lie in lists, however deep. */
function marksIn(values: readonly unknown[]): number {
  return values.reduce<number>((sum, value) => {
    if (!Array.isArray(value)) return sum;
    return value.reduce<number>(
      (all, item) => all + (isMark(item) ? 1 : marksIn(Object.values(thing(item) ?? {}))),
      sum,
    );
  }, 0);
}

/** How many records lie in lists within another, the innermost alone. */
function recordsInside(record: Thing): number {
  const within = Object.values(record).flatMap((value) => (Array.isArray(value) ? value : []));
  return within.reduce<number>((sum, item) => {
    const inner = thing(item);
    return inner ? sum + Math.max(1, recordsInside(inner)) : sum;
  }, 0);
}

/** What is neither text nor a number says something all the same, though nothing that can be read. */
function saidText(value: unknown): string {
  return value === undefined || value === null ? '' : (textOf(value) ?? '?');
}

type Field = NonNullable<ReturnType<typeof fieldNamed>>;
type Fields = Omit<Record<Field, unknown>, 'urn'> & {
  school: SchoolTold;
  /** A field that two keys say, each something else. */
  twice: Field | undefined;
};

function fieldsOf(record: Thing): Fields {
  const fields = {
    ...{ urn: undefined, upn: undefined, date: undefined, session: undefined, code: undefined },
  } as Record<Field, unknown>;
  const parts: SchoolPart[] = [];
  let within: unknown;
  let twice: Field | undefined;
  for (const name of Object.keys(record)) {
    const key = meantBy(name);
    if (key?.field) {
      const before = saidText(fields[key.field]);
      const now = saidText(record[name]);
      if (before !== '' && now !== '' && before !== now) twice = key.field;
      fields[key.field] ??= record[name];
    }
    if (!key?.place) continue;
    const urn = takeSchool(key.place, record[name], parts);
    within ??= urn;
  }
  const { urn, upn, date, session, code } = fields;
  return { upn, date, session, code, school: { urn: saidText(urn ?? within), parts }, twice };
}

/** What within a school is its own, and elsewhere could be anything’s. */
const isOwnNumber = /^(?:number|code)$/i;

/** Adds what is said of a school in one place, or within it; the URN, where that is within it. */
function takeSchool(place: SchoolPlace, value: unknown, parts: SchoolPart[]): unknown {
  const school = place === 'school' ? inside(value) : undefined;
  if (!school) {
    parts.push({ place, text: place === 'school' ? (textOf(value) ?? '') : saidText(value) });
    return undefined;
  }
  let urn: unknown;
  for (const name of Object.keys(school)) {
    const key = meantBy(name);
    if (key?.field === 'urn') urn ??= school[name];
    const at = key?.place ?? (isOwnNumber.test(name) ? 'school' : undefined);
    if (at) parts.push({ place: at, text: saidText(school[name]) });
  }
  // A school that has its authority alone is named by halves.
  if (school['la_code'] !== undefined) parts.push({ place: 'establishment', text: '' });
  return urn;
}

type Meant = { field: Field | undefined; place: SchoolPlace | undefined };
const keys = new Map<string, Meant | undefined>();

/** The same few keys come in every record. */
function meantBy(name: string): Meant | undefined {
  if (keys.has(name)) return keys.get(name);
  if (name.length > 40) return undefined;
  const meant = { field: fieldNamed(name), place: schoolPlaceNamed(name) };
  const known = meant.field || meant.place ? meant : undefined;
  if (keys.size < 1000) keys.set(name, known);
  return known;
}

/** Texts and numbers as text; anything else is nothing that can be read. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim();
  return typeof value === 'number' ? String(value) : undefined;
}
