import type { Day } from '../../base/day.ts';
import type { LaEstab, Urn } from '../../base/identifiers.ts';
import type { Problem } from '../../base/problem.ts';
import type { SessionName } from './sessions.ts';

/** A mark as a file tells it: whether its code, its UPN and its day can be true is checked afterwards, not here. */
export type RawMark = {
  urn: Urn;
  /** Without spaces around it; not yet known to be a UPN. */
  upn: string;
  date: Day;
  session: SessionName;
  /** As the register writes it, without spaces around it. */
  code: string;
  /** The row of a table (1 = its first), the record of a JSON text, the line of an XML text. */
  row: number;
  column: string;
  /** When the entry was made, where the file says so of one that it changed. */
  enteredOn?: Day;
  /** Why an entry was changed, and by whom; each as the file has it, no longer than `longestNote`. */
  reason?: string;
  amendedBy?: string;
  position?: string;
};

export const longestNote = 200;

/** Sessions of a pupil by reason over a term, as a census return has them: counts, never marks. */
export type CensusCounts = {
  urn: Urn;
  upn: string;
  period: 'term' | 'second half of the summer term' | 'year';
  sessionsPossible: number;
  /** By attendance code. */
  sessionsMissed: Readonly<Record<string, number>>;
  row: number;
};

/** `cells` is how many places for a mark were not read because of it; 0 where it is only a warning. */
export type ReadProblem = Problem & { cells: number };

export type Form = 'long-csv' | 'wide-csv' | 'marks-json' | 'wonde-json' | 'ctf-xml' | 'census-xml';

export type DateOrder = 'dmy' | 'mdy';

/** Headings below the first: how many, and where the first few stand. */
export type FurtherHeadings = { count: number; first: number[] };

/** What was found out about a file while it was read; a person is shown it before anything is kept. */
export type Found = {
  form?: Form;
  encoding: Encoding;
  delimiter?: Delimiter;
  /** Whether any cell stands in quotation marks. */
  quoted?: boolean;
  /** Only where a date such as 08/09/2025 occurs, whose order is not plain from how it is written. */
  dateOrder?: DateOrder | 'ambiguous' | 'mixed';
  /** Who told the order. */
  dateOrderFrom?: 'the file' | 'the person';
  /** The row with the headings, and what the columns that are used are called. */
  headings?: { row: number; columns: string[]; sessions?: number; further?: FurtherHeadings };
  /** Days with a mark. */
  firstDay?: Day;
  lastDay?: Day;
  urns: Urn[];
  /** Pages of an API’s answer, and whether the last says that there are more. */
  pages?: { read: number; more: boolean };
  /** Pupils and attendance codes in a JSON file, which its marks refer to. */
  lookups?: number;
  /** The school that an XML file says it comes from. */
  laestab?: LaEstab;
  /** How many days of a week a Common Transfer File’s string of marks has. */
  daysInAWeek?: 5 | 7;
  /** False of a form for which no XSD was at hand: what it holds has to be looked at with more care. */
  checkedAgainstXsd?: false;
};

export type Encoding =
  | 'UTF-8'
  | 'UTF-8 with a byte-order mark'
  | 'UTF-16 LE'
  | 'UTF-16 BE'
  | 'Windows-1252';

export type Delimiter = ',' | ';' | '\t' | '|';

/** Places for a mark: `cells = marks + blank + notRead`, always. */
export type Counted = {
  cells: number;
  marks: number;
  /** Nothing in it, or `-` or `.`, which registers write for no mark. */
  blank: number;
  notRead: number;
  /** Of what is not read, by kind of problem. */
  byKind: Record<string, number>;
};

export type Reading = {
  found: Found;
  counted: Counted;
  /** The first so many of each kind (`limits.problems`), why it broke off last; `counted` counts them all. */
  problems: ReadProblem[];
  /** Of a census return alone. */
  counts: CensusCounts[];
  /** False when reading broke off: then nothing of the file may be kept. */
  complete: boolean;
};

/** What a file may be at most. Everything from outside has a limit, so that rubbish is refused and not swallowed. */
export type ReadLimits = {
  bytes: number;
  /** Rows of a table, records of a JSON text, pupils of an XML text. */
  rows: number;
  columns: number;
  /** Of a cell that is used: a UPN, a date, a code. */
  cellCharacters: number;
  /** Of a row of a table, or of an XML element’s text. */
  rowCharacters: number;
  /** Of a JSON value; a page of an API’s answer is one. */
  valueCharacters: number;
  /** Of things within things, in JSON and XML. */
  depth: number;
  /** Problems listed of each kind; more are only counted. */
  problems: number;
};

export const usualReadLimits: ReadLimits = {
  bytes: 2_000_000_000,
  rows: 30_000_000,
  columns: 2000,
  cellCharacters: 40,
  rowCharacters: 200_000,
  valueCharacters: 64_000_000,
  depth: 32,
  problems: 5000,
};

export type ReadOptions = {
  /** What the file is called in problems. */
  file: string;
  /** The school, where the file does not say. */
  urn?: Urn;
  /** The school of an authority and establishment number, which is all that an XML file tells. */
  urnOfLaestab?: (laestab: LaEstab) => Urn | undefined;
  /** The number that a school has here: a file with another is another school’s, known or not. */
  laestabOf?: (urn: Urn) => LaEstab | undefined;
  /** The answer to a question that the file left open. */
  dateOrder?: DateOrder;
  /** `20xx`: a year of two digits is of this century. Without it such a date is a problem. */
  twoDigitYears?: '20xx';
  /** How many days of a week a Common Transfer File’s string of marks has, where the file leaves it open. */
  daysInAWeek?: 5 | 7;
  limits?: Partial<ReadLimits>;
};

/** Opens the bytes of a file; more than once, because some questions need the whole file to be answered. */
export type Source = () => AsyncIterable<Uint8Array>;

/** Takes marks some at a time, in the order of the file; the next are read when it is done. */
export type TakeMarks = (marks: RawMark[]) => Promise<void> | void;

/** A file that cannot be read to its end: what is wrong and how to mend it, in a sentence. */
export class StopReading extends Error {
  readonly kind: string;
  readonly row: number | undefined;
  constructor(kind: string, message: string, row?: number) {
    super(message);
    this.name = 'StopReading';
    this.kind = kind;
    this.row = row;
  }
}
