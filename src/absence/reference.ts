import { codeOn, isPossible, sessions } from '../base/attendanceCodes.ts';
import { startYearOf } from '../base/academicYear.ts';
import { type Day, mondayOnOrBefore, weekdayOf } from '../base/day.ts';
import {
  bandCount,
  type Cell,
  type CountedRow,
  type Dimension,
  type Question,
  total,
  unclassified,
} from './question.ts';
import { halfTerms } from './windows.ts';

/*
 * The definitions once more, as plainly as can be and without the engine: every mark is looked at by itself, against all
 * others. Slow on purpose. The tests hold the SQL against it.
 */

/** Rows as the warehouse has them, of receipts that count. */
export type Ground = {
  schools: readonly {
    receipt: number;
    urn: number;
    laestab: number;
    la_code: string;
    region_code: string;
  }[];
  trusts: readonly { urn: number; trust: number }[];
  days: readonly { receipt: number; urn: number; date: Day; session: number; open: boolean }[];
  enrolments: readonly Enrolment[];
  marks: readonly Mark[];
};

export type Enrolment = {
  /** Of a school’s lists of pupils only the newest counts. */
  receipt?: number;
  urn: number;
  pupil: number;
  entry_date: Day;
  leaving_date: Day;
  year_group: number;
  sex: string;
  fsm: boolean | null;
  sen: string;
  eal: boolean | null;
  ethnicity: string;
  born: Day;
};

export type Mark = {
  receipt: number;
  urn: number;
  pupil: number;
  date: Day;
  session: number;
  code: string;
  /** `2026-11-22 09:00:00`, UTC. */
  entered_at: string;
  entry: number;
};

/** What the SQL gives, from the same rows. `knownBefore` and the receipts that came later as the SQL has them. */
export function countNaively(
  everything: Ground,
  question: Question,
  knownBefore: string,
  cameLater: readonly number[] = [],
): CountedRow[] {
  const ground = asKnown(everything, cameLater);
  const { from, to, series, year, urns } = question;
  const inCensus = series === 'census';
  const halves = halfTerms(year);
  const half = (day: Day) => halves.findLastIndex((each) => each.from <= day) + 1;
  const lateStart = halves[5]?.from ?? '';
  const isAsked = (urn: number) => urns.length === 0 || urns.includes(urn);

  const ageOf = ({ born, year_group }: Enrolment) => {
    if (born < '1901-01-01') return year_group + 4;
    const [birthYear = 0, birthMonth = 0] = born.split('-').map(Number);
    return startYearOf(year) - birthYear - (birthMonth > 8 ? 1 : 0);
  };
  const isOfAge = (each: Enrolment) => ageOf(each) >= 5 && ageOf(each) <= 15;

  const standing = ground.marks.filter(
    (mark) =>
      isAsked(mark.urn) &&
      mark.date >= from &&
      mark.date <= to &&
      mark.entered_at < knownBefore &&
      !ground.marks.some(
        (other) =>
          isSameSession(mark, other) && other.entered_at < knownBefore && isNewer(other, mark),
      ),
  );
  const enrolled = ground.enrolments;
  const enrolmentOf = (mark: Mark) => {
    const begun = enrolled
      .filter(
        (each) =>
          each.urn === mark.urn && each.pupil === mark.pupil && each.entry_date <= mark.date,
      )
      .sort((a, b) => (a.entry_date < b.entry_date ? 1 : -1))[0];
    return begun && mark.date <= begun.leaving_date ? begun : undefined;
  };
  const isClosed = ({ urn, date, session }: Mark) =>
    ground.days.find((day) => day.urn === urn && day.date === date && day.session === session)
      ?.open === false;
  const isTooSmall = (urn: number) =>
    enrolled.filter(
      (each) =>
        each.urn === urn &&
        isOfAge(each) &&
        each.entry_date <= to &&
        each.leaving_date >= from &&
        each.entry_date < lateStart,
    ).length < 6;

  const rows = new Map<string, CountedRow>();
  const perEnrolment = new Map<
    string,
    { cell: Cell; enrolment: string; counts: EnrolmentCounts }
  >();
  for (const mark of standing) {
    const enrolment = enrolmentOf(mark);
    if (!enrolment || !isOfAge(enrolment)) continue;
    const isLate = half(mark.date) === 6;
    if (inCensus && isLate && ageOf(enrolment) === 15) continue;
    if (inCensus && (enrolment.entry_date >= lateStart || isTooSmall(mark.urn))) continue;
    const code = codeOn(mark.code, mark.date);
    if (!code || (code.session !== null && code.session !== sessions[mark.session])) continue;
    if (isPossible(code) && isClosed(mark)) continue;
    const cell = cellOf(ground, question, mark, enrolment, timeOf(mark.date, half(mark.date)));
    const one = [mark.urn, mark.pupil, enrolment.entry_date].join(' ');
    const key = [one, cell.time].join(' ');
    const known = perEnrolment.get(key) ?? {
      cell,
      enrolment: one,
      counts: { possible: 0, authorised: 0, unauthorised: 0, codes: {} },
    };
    const { counts } = known;
    if (isPossible(code)) counts.possible += 1;
    if (code.category === 'authorised') counts.authorised += 1;
    if (code.category === 'unauthorised') counts.unauthorised += 1;
    counts.codes[code.column] = (counts.codes[code.column] ?? 0) + 1;
    perEnrolment.set(key, known);
  }

  function timeOf(day: Day, halfTerm: number): string {
    switch (question.time) {
      case 'day':
        return day;
      case 'weekday':
        return String(weekdayOf(day));
      case 'week':
        return mondayOnOrBefore(day);
      case 'half_term':
        return String(halfTerm);
      case 'term':
        return String(Math.ceil(halfTerm / 2));
      case 'year':
        return '';
    }
  }

  const possibleInAll = new Map<string, number>();
  for (const { enrolment, counts } of perEnrolment.values()) {
    possibleInAll.set(enrolment, (possibleInAll.get(enrolment) ?? 0) + counts.possible);
  }
  for (const { cell, enrolment, counts } of perEnrolment.values()) {
    if (inCensus && possibleInAll.get(enrolment) === 0) continue;
    if (question.level === 'trust' && cell.trust === 0) continue;
    if (question.level === 'la' && cell.la_code === '') continue;
    if (question.level === 'region' && cell.region_code === '') continue;
    const key = JSON.stringify(cell);
    const row = rows.get(key) ?? emptyRow(cell);
    rows.set(key, row);
    addTo(row, counts);
  }
  return [...rows.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

/**
 * Of marks those that had come; of each school’s rolls, of the calendars of each session and of what is said of each school
 * the newest that had come, or the oldest where none had.
 */
function asKnown(ground: Ground, cameLater: readonly number[]): Ground {
  const hadCome = ({ receipt = 0 }: { receipt?: number }) => !cameLater.includes(receipt);
  const standing = <Row extends { receipt?: number }>(
    rows: readonly Row[],
    about: (row: Row) => string,
  ) =>
    rows.filter((row) => {
      const receipts = rows.filter((other) => about(other) === about(row));
      const numbers = (list: Row[]) => list.map(({ receipt = 0 }) => receipt);
      const came = numbers(receipts.filter(hadCome));
      const stands = came.length > 0 ? Math.max(...came) : Math.min(...numbers(receipts));
      return (row.receipt ?? 0) === stands;
    });
  return {
    ...ground,
    marks: ground.marks.filter(hadCome),
    enrolments: standing(ground.enrolments, ({ urn }) => String(urn)),
    days: standing(ground.days, ({ urn, date, session }) => [urn, date, session].join(' ')),
    schools: standing(ground.schools, ({ urn }) => String(urn)),
  };
}

type EnrolmentCounts = {
  possible: number;
  authorised: number;
  unauthorised: number;
  codes: Record<string, number>;
};

function addTo(row: CountedRow, { possible, authorised, unauthorised, codes }: EnrolmentCounts) {
  const absent = authorised + unauthorised;
  for (const [column, count] of Object.entries(codes)) {
    row.codes[column] = (row.codes[column] ?? 0) + count;
  }
  if (possible === 0) return;
  row.enrolments += 1;
  row.possible += possible;
  row.authorised += authorised;
  row.unauthorised += unauthorised;
  if (absent > 0) row.absentees += 1;
  if (2 * absent >= possible) row.severe += 1;
  if (10 * absent >= possible) {
    row.persistent += 1;
    row.persistentPossible += possible;
    row.persistentAbsent += absent;
  }
  const band = Math.min(bandCount - 1, Math.floor((20 * absent) / possible));
  row.bands[band] = (row.bands[band] ?? 0) + 1;
}

function emptyRow(cell: Cell): CountedRow {
  return {
    ...cell,
    ...{ enrolments: 0, possible: 0, authorised: 0, unauthorised: 0 },
    ...{ persistent: 0, severe: 0, absentees: 0, persistentPossible: 0, persistentAbsent: 0 },
    bands: Array.from({ length: bandCount }, () => 0),
    codes: {},
  };
}

/** By its keys, as the SQL sorts. */
function keyOf(row: Cell): string {
  const { time, region_code, la_code, trust, urn, first, second } = row;
  return [time, urn, la_code, region_code, trust, first, second].join('\u0001');
}

function cellOf(
  ground: Ground,
  { level, by }: Question,
  mark: Mark,
  enrolment: Enrolment,
  time: string,
): Cell {
  const school = ground.schools.find(({ urn }) => urn === mark.urn);
  const ofSchool = level === 'school';
  const trust = ground.trusts.find(({ urn }) => urn === mark.urn)?.trust ?? 0;
  return {
    time,
    urn: ofSchool ? mark.urn : 0,
    laestab: ofSchool ? (school?.laestab ?? 0) : 0,
    trust: level === 'trust' ? trust : 0,
    la_code: ofSchool || level === 'la' ? (school?.la_code ?? '') : '',
    region_code:
      ofSchool || level === 'la' || level === 'region' ? (school?.region_code ?? '') : '',
    first: valueOf(enrolment, by[0]),
    second: valueOf(enrolment, by[1]),
  };
}

function valueOf(enrolment: Enrolment, dimension: Dimension | undefined): string {
  if (dimension === undefined) return total;
  const value = enrolment[dimension];
  if (value === null || value === '') return unclassified;
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (dimension !== 'year_group') return String(value);
  if (value === 0) return 'R';
  return Number(value) >= 1 && Number(value) <= 14 ? String(value) : unclassified;
}

function isSameSession(a: Mark, b: Mark): boolean {
  return a.urn === b.urn && a.pupil === b.pupil && a.date === b.date && a.session === b.session;
}

function isNewer(a: Mark, b: Mark): boolean {
  for (const part of ['entered_at', 'receipt', 'entry'] as const) {
    if (a[part] !== b[part]) return a[part] > b[part];
  }
  return false;
}
