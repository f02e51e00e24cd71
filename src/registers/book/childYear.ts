import { type AcademicYear } from '../../base/academicYear.ts';
import { type AttendanceCode, codeIn, isPossible } from '../../base/attendanceCodes.ts';
import { type Day, daysAfter, isWeekday, mondayOnOrBefore } from '../../base/day.ts';
import { halfTermWeeks, weekOf } from '../../base/weekOfYear.ts';
import type { SessionKind, StripWeek } from '../../ui/index.ts';
import { kindOf } from './week.ts';

/*
 * A child’s year half day by half day: the strip of its weeks, its absences in a row, and what they were for. Of one that is
 * on two rolls at once the marks of both count, as in the official figures.
 */

/** A mark of an enrolment, on a session that was open: what it counts as, its code says. */
export type CountedMark = { date: Day; session: number; code: string };

export const keyOf = ({ date, session }: { date: Day; session: number }) => `${date} ${session}`;
const inTime = (one: CountedMark, other: CountedMark) => (keyOf(one) < keyOf(other) ? -1 : 1);
const meaningOf = ({ code, date, session }: CountedMark) => codeIn(code, date, session);
const isAbsent = (mark: CountedMark) => kindOf(meaningOf(mark)) === 'absent';
export const isCounted = (mark: CountedMark) => {
  const meaning = meaningOf(mark);
  return meaning !== undefined && isPossible(meaning);
};

/** From so many weeks on it can be told how much of a week is a child’s. */
const weeksLookedAt = 4;

/**
 * Whether a child was possible on fewer half days than the school’s week has in each of its last four weeks with one: how
 * many of those to come are its own is then not known.
 */
export function isForPartOfWeek(marks: readonly CountedMark[], coming: readonly Day[]): boolean {
  const weeks = Map.groupBy(
    new Map(marks.filter(isCounted).map((mark) => [keyOf(mark), mark.date])).values(),
    mondayOnOrBefore,
  );
  const last = [...weeks].sort(([one], [other]) => (one < other ? -1 : 1)).slice(-weeksLookedAt);
  if (last.length < weeksLookedAt) return false;
  return Math.max(...last.map(([, days]) => days.length)) < mostInAWeek(coming);
}

/** The half days of the fullest of the next four weeks. */
export function mostInAWeek(coming: readonly Day[]): number {
  const weeks = Map.groupBy(coming, mondayOnOrBefore);
  return Math.max(0, ...[...weeks.values()].slice(0, 4).map((days) => days.length));
}

/** The half-terms of a year, each with those of its weeks that have something in them. */
export type StripPart = { halfTerm: number; weeks: StripWeek[] };

/**
 * The weeks of a year up to today, by half-term. `expected`: sessions that were open to the child and should have a mark by
 * now. A week in which there is neither from Monday to Friday is left out.
 */
export function stripOfYear(
  year: AcademicYear,
  marks: readonly CountedMark[],
  expected: readonly { date: Day; session: number }[],
): StripPart[] {
  const bySession = Map.groupBy(marks, keyOf);
  const open = new Set(expected.map(keyOf));
  const mondays = [
    ...new Set(
      [...marks, ...expected].flatMap(({ date }) =>
        isWeekday(date) ? mondayOnOrBefore(date) : [],
      ),
    ),
  ].sort();
  const parts = Map.groupBy(
    mondays.map((monday): StripWeek => {
      const cells = Array.from({ length: 10 }, (_, at): SessionKind => {
        const key = keyOf({ date: daysAfter(monday, at >> 1), session: at % 2 });
        return cellOf(bySession.get(key) ?? [], open.has(key));
      });
      return { monday, cells };
    }),
    ({ monday }) => halfTermOf(monday, year),
  );
  return [...parts].map(([halfTerm, weeks]) => ({ halfTerm, weeks }));
}

/** The holiday after a half-term belongs to it. */
function halfTermOf(monday: Day, year: AcademicYear): number {
  const week = weekOf(monday, year);
  return Math.max(
    0,
    halfTermWeeks.findLastIndex(([first]) => first <= week),
  );
}

/** Of two marks an absence is shown before a presence, and both before what does not count. */
const shownFirst: readonly SessionKind[] = [
  ...(['unauthorised', 'no reason yet', 'late after close', 'authorised', 'late'] as const),
  ...(['present', 'not counted'] as const),
];

function cellOf(marks: readonly CountedMark[], isExpected: boolean): SessionKind {
  const shown = shownOf(marks);
  return shown ? sessionKindOf(meaningOf(shown)) : isExpected ? 'no mark' : 'blank';
}

/** Of the marks of one half day the one that is shown. */
export function shownOf<Mark extends CountedMark>(marks: readonly Mark[]): Mark | undefined {
  const kindOfMark = (mark: Mark) => sessionKindOf(meaningOf(mark));
  const first = shownFirst.find((kind) => marks.some((mark) => kindOfMark(mark) === kind));
  return marks.find((mark) => kindOfMark(mark) === first);
}

/** What a strip draws for a code; one that is none on its day counts nowhere. */
export function sessionKindOf(meaning: AttendanceCode | undefined): SessionKind {
  if (!meaning || !isPossible(meaning)) return 'not counted';
  switch (meaning.code) {
    case 'L':
      return 'late';
    case 'N':
      return 'no reason yet';
    case 'U':
      return 'late after close';
    default:
      return kindOf(meaning) === 'attending'
        ? 'present'
        : meaning.category === 'authorised'
          ? 'authorised'
          : 'unauthorised';
  }
}

/** Absences in a row, with no half day at school between them. */
export type Spell = {
  from: CountedMark;
  to: CountedMark;
  sessions: number;
  reasons: Reason[];
};

/** How often the child was absent under a code. */
export type Reason = { code: string; meaning: string; sessions: number };

/**
 * Every spell, the newest first. A half day that does not count neither ends one nor is part of it; one that was missed at
 * one school and attended at another is its last.
 */
export function spellsOf(marks: readonly CountedMark[]): Spell[] {
  const sessions = Map.groupBy(marks.filter(isCounted).toSorted(inTime), keyOf);
  const spells: CountedMark[][] = [[]];
  for (const own of sessions.values()) {
    const absent = own.filter(isAbsent);
    spells.at(-1)?.push(...absent);
    if (absent.length < own.length) spells.push([]);
  }
  return spells
    .flatMap((spell): Spell[] => {
      const [from, to] = [spell[0], spell.at(-1)];
      return from && to ? [{ from, to, sessions: spell.length, reasons: reasonsOf(spell) }] : [];
    })
    .reverse();
}

/** What the absences among these marks were for, the most frequent first. */
export function reasonsOf(marks: readonly CountedMark[]): Reason[] {
  const byMeaning = Map.groupBy(
    marks.filter(isAbsent),
    (mark) => meaningOf(mark) as AttendanceCode,
  );
  return [...byMeaning]
    .map(([{ code, meaning }, { length: sessions }]) => ({ code, meaning, sessions }))
    .sort((a, b) => b.sessions - a.sessions || (a.code < b.code ? -1 : 1));
}
