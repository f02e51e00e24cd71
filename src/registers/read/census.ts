import { attendanceCodes } from '../../base/attendanceCodes.ts';
import { tooManyPupils } from './ctf.ts';
import { canBeCode } from './markCells.ts';
import { cellTooLong, type Fault, upnMissing } from './problems.ts';
import { type CensusCounts, type Found, type ReadLimits, type ReadOptions } from './reading.ts';
import { laestabIn, laestabSaid, schoolOf } from './school.ts';
import type { Texts } from './table.ts';
import type { Tally } from './tally.ts';
import { XmlReader } from './xml.ts';

/*
 * The attendance of a school census return: per pupil and term the possible sessions, and of the missed ones how many for
 * each reason. Counts, not marks. No XSD was at hand, hence `checkedAgainstXsd: false`; the names of its elements stand in
 * this table, to be compared with the department’s.
 */
const periods = new Map<string, CensusCounts['period']>([
  ['TermlyAttendance', 'term'],
  ['SummerHalfTerm2Attendance', 'second half of the summer term'],
  ['AnnualAttendance', 'year'],
]);

/** Reads the counts of a census return; each pupil’s term is one place. */
export async function readCensus(
  texts: Texts,
  options: ReadOptions,
  limits: ReadLimits,
  tally: Tally,
  found: Found,
): Promise<CensusCounts[]> {
  found.form = 'census-xml';
  found.checkedAgainstXsd = false;
  const collector = new CensusCollector(options, limits, tally, found);
  const xml = new XmlReader(collector, limits);
  for await (const text of texts()) xml.push(text);
  xml.end();
  return collector.counts;
}

/** One pupil’s term while it is read. */
type Term = {
  period: CensusCounts['period'];
  possible: string;
  reason: string;
  missed: [reason: string, sessions: string][];
  line: number;
};

class CensusCollector {
  readonly counts: CensusCounts[] = [];
  readonly #options: ReadOptions;
  readonly #limits: ReadLimits;
  readonly #tally: Tally;
  readonly #found: Found;
  readonly #path: string[] = [];
  /** What the return says of its school. */
  readonly #said = { urn: '', lea: '', estab: '' };
  #upn = '';
  #terms: Term[] = [];
  /** In which line each pupil’s term stands. */
  readonly #lines = new Map<string, number>();

  constructor(options: ReadOptions, limits: ReadLimits, tally: Tally, found: Found) {
    this.#options = options;
    this.#limits = limits;
    this.#tally = tally;
    this.#found = found;
  }

  open(name: string, line: number): void {
    this.#path.push(name);
    if (isPupil(name)) {
      this.#upn = '';
      this.#terms = [];
    }
    const period = periods.get(name);
    if (period) {
      this.#terms.push({ period, possible: '', reason: '', missed: [], line });
    }
  }

  close(name: string, text: string): void {
    this.#path.pop();
    const term = this.#terms.at(-1);
    const value = text.trim();
    if (name === 'UPN') this.#upn = value;
    else if (isPupil(name)) this.#finishPupil();
    else if (name === 'SessionsPossible' && term) term.possible = value;
    else if (name === 'AttendanceReason' && term) term.reason = value;
    else if (name === 'AbsenceSessions' && term) term.missed.push([term.reason, value]);
    else if (!this.#path.some(isPupil)) this.#noteSchool(name, value);
  }

  #noteSchool(name: string, value: string): void {
    if (!this.#path.includes('School') && !this.#path.includes('Header')) return;
    if (name === 'LEA' || name === 'LA') this.#said.lea = value;
    else if (name === 'Estab') this.#said.estab = value;
    else if (name === 'URN') this.#said.urn = value;
    else return;
    const laestab = laestabIn(laestabSaid(this.#said.lea, this.#said.estab));
    if (laestab !== undefined) this.#found.laestab = laestab;
  }

  #finishPupil(): void {
    for (const term of this.#terms) {
      this.#tally.cells(1);
      const read = this.#countsOf(term);
      if ('kind' in read) this.#tally.problem(read.kind, read.message, { row: term.line });
      else {
        this.counts.push(read);
        this.#tally.counts(read.urn);
      }
    }
    this.#terms = [];
    if (this.counts.length > this.#limits.rows) throw tooManyPupils(this.#limits);
  }

  #countsOf({ period, possible, missed, line }: Term): CensusCounts | Fault {
    if (this.#upn === '') return upnMissing;
    if (this.#upn.length > this.#limits.cellCharacters) {
      return cellTooLong(this.#limits.cellCharacters);
    }
    const { urn: urnSaid, lea, estab } = this.#said;
    const urn = schoolOf({ urn: urnSaid, laestab: laestabSaid(lea, estab) }, this.#options);
    if (typeof urn !== 'number') return urn;
    const sessionsPossible = wholeNumber(possible);
    if (sessionsPossible === undefined) return possibleNotRead;
    const sessionsMissed: Record<string, number> = {};
    for (const [reason, text] of missed) {
      const sessions = wholeNumber(text);
      if (sessions === undefined || !canBeCode(reason)) return reasonNotRead;
      if (!knownReasons.has(reason)) return reasonNotKnown;
      sessionsMissed[reason] = (sessionsMissed[reason] ?? 0) + sessions;
    }
    const absent = Object.entries(sessionsMissed)
      .filter(([reason]) => absences.has(reason))
      .reduce((sum, [, sessions]) => sum + sessions, 0);
    if (absent > sessionsPossible) return moreMissedThanPossible(absent, sessionsPossible);
    const place = `${this.#upn.toUpperCase()} ${period} ${urn}`;
    const before = this.#lines.get(place);
    if (before !== undefined) return pupilTwice(before);
    this.#lines.set(place, line);
    return { urn, upn: this.#upn, period, sessionsPossible, sessionsMissed, row: line };
  }
}

function isPupil(name: string): boolean {
  return name === 'Pupil' || name === 'PupilOnRoll' || name === 'PupilNoLongerOnRoll';
}

function wholeNumber(text: string): number | undefined {
  return /^\d{1,4}$/.test(text) ? Number(text) : undefined;
}

const knownReasons = new Set(attendanceCodes.map(({ code }) => code));
const absences = new Set(
  attendanceCodes
    .filter(({ category }) => category === 'authorised' || category === 'unauthorised')
    .map(({ code }) => code),
);

const reasonNotKnown: Fault = {
  kind: 'reason-not-known',
  message:
    'There is no attendance code for one of the reasons, so that its sessions would be in no sum: correct it.',
};

function moreMissedThanPossible(absent: number, possible: number): Fault {
  return {
    kind: 'more-missed-than-possible',
    message: `More sessions are missed (${absent}) than were possible (${possible}): correct one of them.`,
  };
}

function pupilTwice(line: number): Fault {
  return {
    kind: 'pupil-twice',
    message: `The pupil’s counts of the same period stand in line ${line} already, and those are taken: leave one in.`,
  };
}

const possibleNotRead: Fault = {
  kind: 'possible-sessions-not-read',
  message: 'SessionsPossible is not a whole number up to 9999: correct it.',
};
const reasonNotRead: Fault = {
  kind: 'reason-not-read',
  message:
    'A reason is not an attendance code, or its sessions are not a whole number up to 9999: correct it.',
};
