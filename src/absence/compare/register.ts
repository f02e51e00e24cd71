import { codeOn, isPossible, sessions as halves } from '../../base/attendanceCodes.ts';
import { type AcademicYear, startYearOf } from '../../base/academicYear.ts';
import type { Day } from '../../base/day.ts';
import { halfTerms } from '../windows.ts';

/** A pupil on a school’s roll, under the key that stands for the child. */
export type Enrolment = {
  pupil: string;
  entry_date: Day;
  leaving_date: Day;
  year_group: number;
  /** `1900-01-01` where it is not known. */
  born: Day;
};

/** The marks of a pupil that stand: day, session (0 or 1) and code side by side. */
export type PupilMarks = { pupil: string; dates: Day[]; sessions: number[]; codes: string[] };

export type CalendarDay = { date: Day; session: number; open: boolean };

/** What an information system’s summary is compared with: one school’s register of a period. */
export type SchoolRegister = {
  urn: number;
  year: AcademicYear;
  from: Day;
  to: Day;
  enrolments: readonly Enrolment[];
  marks: readonly PupilMarks[];
  calendar: readonly CalendarDay[];
};

/** How a session is counted: attended or absent, possible and neither, or not at all. */
export type Kind = 'attended' | 'authorised' | 'unauthorised' | 'neither' | 'out';

/** All that any rule looks at in a session of a pupil: those that agree in it are counted alike by every rule. */
export type SessionClass = {
  /** Blank where the register has no mark. */
  code: string;
  /** What the official definition makes of the code on that day. */
  means: Kind;
  /** It is a code on that day, in that half of it. */
  isCode: boolean;
  age: 'counted' | 'under 5' | 'over 15';
  enrolment: 'on roll' | 'before entry' | 'after leaving';
  /** The school was closed. */
  closed: boolean;
  /** The pupil had left by the end of the period. */
  left: boolean;
  /** In the census’s statistics it is left out: the examination weeks of those aged 15, and who comes in them. */
  notInCensus: boolean;
};

/** Sessions by enrolment, by session and by class: three columns of one length. */
export type Cells = {
  classes: readonly SessionClass[];
  /** Which enrolment, which session (`sessions`), which class. */
  enrolment: Int32Array;
  session: Int32Array;
  class: Int32Array;
  enrolments: readonly Enrolment[];
  sessions: readonly { date: Day; session: number }[];
};

/** Every session of every pupil that any system could count, with all that a rule could ask of it. */
export function cellsOf(register: SchoolRegister): Cells {
  const { from, to, marks } = register;
  const enrolments = register.enrolments
    .filter((each) => each.entry_date <= to && each.leaving_date >= from)
    .toSorted((a, b) => compareText(a.pupil, b.pupil) || compareText(a.entry_date, b.entry_date));
  const ofPupil = new Map<string, number[]>();
  for (const [at, { pupil }] of enrolments.entries()) {
    ofPupil.set(pupil, [...(ofPupil.get(pupil) ?? []), at]);
  }
  const calendar = openSessions(register, enrolments, ofPupil);
  const { sessions, numberOf, open } = calendar;
  const table = new ClassTable(register, enrolments, calendar);
  const columns = { enrolment: [] as number[], session: [] as number[], class: [] as number[] };
  const add = (enrolment: number, session: number, code: string, where: Where) => {
    columns.enrolment.push(enrolment);
    columns.session.push(session);
    columns.class.push(table.numberOf(enrolment, session, code, where));
  };
  const width = sessions.length;
  const marked = new Uint8Array(enrolments.length * width);
  for (const { pupil, dates, sessions: halfOf, codes } of marks) {
    const own = ofPupil.get(pupil);
    if (!own) continue;
    for (const [at, date] of dates.entries()) {
      const session = numberOf(date, halfOf[at] as number);
      const enrolment = enrolmentOn(own, enrolments, date);
      marked[enrolment * width + session] = 1;
      add(enrolment, session, codes[at] as string, whereOn(enrolments[enrolment], date));
    }
  }
  for (const own of ofPupil.values()) {
    for (const session of open) {
      const { date } = sessions[session] as { date: Day };
      const enrolment = enrolmentOn(own, enrolments, date);
      const where = whereOn(enrolments[enrolment], date);
      if (where === 'after leaving' || marked[enrolment * width + session] === 1) continue;
      add(enrolment, session, '', where);
    }
  }
  return {
    classes: table.classes,
    enrolment: Int32Array.from(columns.enrolment),
    session: Int32Array.from(columns.session),
    class: Int32Array.from(columns.class),
    ...{ enrolments, sessions },
  };
}

const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

type Where = SessionClass['enrolment'];

/** As the kernel has it: the last enrolment that began by that day; before all, the first. */
function enrolmentOn(own: readonly number[], enrolments: readonly Enrolment[], date: Day): number {
  for (let at = own.length - 1; at > 0; at--) {
    if ((enrolments[own[at] as number] as Enrolment).entry_date <= date) return own[at] as number;
  }
  return own[0] as number;
}

function whereOn(enrolment: Enrolment | undefined, date: Day): Where {
  if (enrolment === undefined || date < enrolment.entry_date) return 'before entry';
  return date <= enrolment.leaving_date ? 'on roll' : 'after leaving';
}

type OpenSessions = {
  sessions: Cells['sessions'];
  numberOf(date: Day, session: number): number;
  /** The last day with a mark. */
  lastDay: Day;
  open: readonly number[];
  closed: ReadonlySet<number>;
};

/** The sessions there are; open is what the calendar says, and where it says nothing what half of the roll has a mark in. */
function openSessions(
  { calendar, marks, from, to }: SchoolRegister,
  enrolments: readonly Enrolment[],
  ofPupil: ReadonlyMap<string, unknown>,
): OpenSessions {
  const numbers = new Map<string, number>();
  const sessions: { date: Day; session: number }[] = [];
  const numberOf = (date: Day, session: number) => {
    const key = `${date}${session}`;
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, sessions.length);
    sessions.push({ date, session });
    return sessions.length - 1;
  };
  const marksIn: number[] = [];
  for (const { pupil, dates, sessions: halfOf } of marks) {
    if (!ofPupil.has(pupil)) continue;
    for (const [at, date] of dates.entries()) {
      const number = numberOf(date, halfOf[at] as number);
      marksIn[number] = (marksIn[number] ?? 0) + 1;
    }
  }
  const lastDay = sessions.reduce((last, { date }) => (date > last ? date : last), from);
  const said = new Map(calendar.map((each) => [numberOf(each.date, each.session), each.open]));
  const onRoll = (date: Day) =>
    enrolments.filter((each) => each.entry_date <= date && date <= each.leaving_date).length;
  const isOpen = (number: number) => {
    const { date } = sessions[number] as { date: Day };
    if (date > lastDay || date > to) return false;
    return said.get(number) ?? 2 * (marksIn[number] ?? 0) >= onRoll(date);
  };
  return {
    ...{ sessions, numberOf, lastDay },
    open: sessions.map((_, number) => number).filter(isOpen),
    closed: new Set([...said].flatMap(([number, open]) => (open ? [] : [number]))),
  };
}

/** The classes there are, each with its number. */
class ClassTable {
  readonly classes: SessionClass[] = [];
  private readonly numbers = new Map<string, number>();
  /** Of whoever has the same age, fate and beginning: one number. */
  private readonly sorts: Int32Array;
  private readonly known = new Map<number, number>();
  private readonly codes = new Map<string, number>();
  private readonly enrolments: readonly Enrolment[];
  private readonly calendar: OpenSessions;
  private readonly startYear: number;
  private readonly summerSecondHalf: Day;

  constructor({ year }: SchoolRegister, enrolments: readonly Enrolment[], calendar: OpenSessions) {
    this.startYear = startYearOf(year);
    this.summerSecondHalf = (halfTerms(year)[5] as { from: Day }).from;
    this.enrolments = enrolments;
    this.calendar = calendar;
    this.sorts = Int32Array.from(enrolments, (each) => {
      const age = Math.min(16, Math.max(4, ageOf(each, this.startYear)));
      const flags = [each.leaving_date < calendar.lastDay, this.isLate(each)].map(Number);
      return ((age - 4) * 2 + (flags[0] as number)) * 2 + (flags[1] as number);
    });
  }

  /** Looked up by whole numbers: there are a million marks and a few hundred classes. */
  numberOf(enrolment: number, session: number, code: string, where: Where): number {
    let codeNumber = this.codes.get(code);
    if (codeNumber === undefined) {
      codeNumber = this.codes.size;
      this.codes.set(code, codeNumber);
    }
    const sort = this.sorts[enrolment] as number;
    const key = ((session * 1024 + codeNumber) * 3 + wheres.indexOf(where)) * 64 + sort;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const made = this.make(this.enrolments[enrolment] as Enrolment, session, code, where);
    this.known.set(key, made);
    return made;
  }

  private isLate({ entry_date }: Enrolment): boolean {
    return entry_date >= this.summerSecondHalf;
  }

  private make(enrolment: Enrolment, number: number, code: string, where: Where): number {
    const { date, session } = this.calendar.sessions[number] as { date: Day; session: number };
    const age = ageOf(enrolment, this.startYear);
    const each: SessionClass = {
      ...{ code, ...meaningOf(code, date, session), enrolment: where },
      closed: this.calendar.closed.has(number),
      age: age < 5 ? 'under 5' : age > 15 ? 'over 15' : 'counted',
      left: enrolment.leaving_date < this.calendar.lastDay,
      notInCensus: (age === 15 && date >= this.summerSecondHalf) || this.isLate(enrolment),
    };
    const key = Object.values(each).join('|');
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    this.numbers.set(key, this.classes.length);
    this.classes.push(each);
    return this.classes.length - 1;
  }
}

const wheres: readonly Where[] = ['on roll', 'before entry', 'after leaving'];

function meaningOf(
  code: string,
  date: Day,
  session: number,
): Pick<SessionClass, 'means' | 'isCode'> {
  const found = code === '' ? undefined : codeOn(code, date);
  const isCode =
    found !== undefined && (found.session === null || found.session === halves[session]);
  const kind = isCode && isPossible(found) ? kindOf[found.category] : undefined;
  return { means: kind ?? 'out', isCode };
}

const kindOf: Readonly<Record<string, Kind>> = {
  present: 'attended',
  aea: 'attended',
  authorised: 'authorised',
  unauthorised: 'unauthorised',
};

/** Whole years on 31 August before the year; where the month of birth is not known, as the year group has it. */
function ageOf({ born, year_group }: Enrolment, startYear: number): number {
  if (born < '1901-01-01') return year_group + 4;
  return startYear - Number(born.slice(0, 4)) - (Number(born.slice(5, 7)) > 8 ? 1 : 0);
}
