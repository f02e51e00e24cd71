import { academicYear, yearLabel } from '../../base/academicYear.ts';
import { codeIn, isPossible } from '../../base/attendanceCodes.ts';
import { dayInEngland } from '../../base/clock.ts';
import { type Day, daysAfter, isWeekday, isWithin, mondayOnOrBefore } from '../../base/day.ts';
import type { ChildAttendance, ShownPupil } from '../../pupils/index.ts';
import { isToldToItsEnd } from '../../schools/index.ts';
import { words } from '../../ui/index.ts';
import { sessionsOfDays, standingMarks, type StandingMark } from './book.sql.ts';
import {
  type CountedMark,
  isCounted,
  isForPartOfWeek,
  keyOf,
  type Reason,
  reasonsOf,
  shownOf,
  type Spell,
  spellsOf,
  type StripPart,
  stripOfYear,
} from './childYear.ts';
import { yearShown } from './childYearShown.ts';
import { type BookParts, keysOf, urnsOf } from './show.ts';
import {
  cellsOf,
  codesExplained,
  kindOf,
  type SessionCell,
  type SessionOfWeek,
  sessionsOfWeek,
} from './week.ts';

/** A child’s year so far, at all of its schools together. Sessions are half days. */
export type YearSoFar = {
  year: number;
  possible: number;
  absent: number;
  /** Sessions that were open and have no mark: they count nowhere. */
  unmarked: number;
  /** Still to come by the school’s calendar; null where it does not go on to the end, or the child is there for part of the week. */
  left: number | null;
  /** So many more may be missed for the year to end below a tenth; null where it is not known how many are left. */
  canMiss: number | null;
  persistent: boolean;
  /** Of a child who is, the first day by which it could be no longer; null where none is known this year. */
  backOn: Day | null;
};

/** The sums of marks; with the days of the sessions to come, in order. A tenth of the possible sessions or more is persistent (in integers). */
export function yearSoFar(
  year: number,
  marks: readonly CountedMark[],
  { unmarked, coming }: { unmarked: number; coming: readonly Day[] | null },
): YearSoFar {
  let possible = 0;
  let absent = 0;
  for (const { code, date, session } of marks) {
    const meaning = codeIn(code, date, session);
    if (!meaning || !isPossible(meaning)) continue;
    possible += 1;
    if (kindOf(meaning) === 'absent') absent += 1;
  }
  const left = coming && coming.length;
  const persistent = possible > 0 && 10 * absent >= possible;
  return {
    ...{ year, possible, absent, unmarked, left },
    canMiss: left === null ? null : canMissAtMost({ possible, absent, left }),
    persistent,
    backOn: (persistent && coming?.[sessionsToBeBack({ possible, absent })]) || null,
  };
}

type SoFar = Pick<YearSoFar, 'possible' | 'absent'>;

/** So many more sessions may be missed for the year to end below a tenth, with so many to come; -1 where none helps. */
export function canMissAtMost({ possible, absent, left }: SoFar & { left: number }): number {
  return Math.max(-1, Math.ceil((possible + left) / 10) - 1 - absent);
}

/** Below a tenth again after so many sessions and one more, none of them missed; negative where it is below. */
export function sessionsToBeBack({ possible, absent }: SoFar): number {
  return 10 * absent - possible;
}

export type ChildWeek = { monday: Day; week: SessionOfWeek[]; cells: SessionCell[] };

const weeksShown = 4;
const daysLookedAt = 400;

/** A child’s last weeks with a mark, and its year so far, from the registers of every school it is at. */
export async function childAttendance(
  parts: BookParts,
  { id, enrolments }: Pick<ShownPupil, 'id' | 'enrolments'>,
): Promise<{
  weeks: ChildWeek[];
  year: YearSoFar;
  strip: StripPart[];
  spells: Spell[];
  reasons: Reason[];
  /** Sessions on Saturdays and Sundays that are in the year so far, or should be: a strip has no place for them. */
  atWeekends: number;
} | null> {
  const { stores, records, directories, clock } = parts;
  const today = dayInEngland(clock());
  const key = (await keysOf(records, [id])).get(id);
  if (key === undefined) return null;
  const startYear = Number(today.slice(0, 4)) - (today.slice(5) < '08-01' ? 1 : 0);
  const year = academicYear(startYear);
  const [from, to] = [`${startYear}-08-01`, `${startYear + 1}-07-31`];
  const directory = await directories();
  const chainOf = (urn: number) => {
    const school = directory.find(urn);
    return school ? urnsOf(school) : [urn];
  };
  const since = daysAfter(today, -daysLookedAt);
  const everywhere = [...new Set(enrolments.flatMap(({ urn }) => chainOf(urn)))];
  const marks = (
    await stores.read(standingMarks, { urns: everywhere, pupils: [key], from: since, to })
  )
    .filter(({ date }) => date <= today)
    .sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
  if (marks.length === 0) return null;
  // A calendar is the school’s, by whichever of its URNs it came; whether a mark stands on a closed session, its own URN’s.
  const daysOf = (urns: number[]) => stores.read(sessionsOfDays, { urns, from: since, to });
  const calendars = new Map<number, Awaited<ReturnType<typeof daysOf>>>();
  for (const { urn } of enrolments) {
    if (!calendars.has(urn)) calendars.set(urn, await daysOf(chainOf(urn)));
  }
  const closed = new Set<string>();
  for (const urn of everywhere) {
    for (const each of await daysOf([urn])) if (!each.open) closed.add(`${urn} ${keyOf(each)}`);
  }
  const ofEnrolments = marks.filter(
    (mark) =>
      mark.date >= from &&
      enrolments.some(
        ({ urn, entry_date, leaving_date }) =>
          chainOf(urn).includes(mark.urn) && isWithin(mark.date, entry_date, leaving_date),
      ),
  );
  const counted = ofEnrolments.filter((mark) => !closed.has(`${mark.urn} ${keyOf(mark)}`));
  const marked = new Set(ofEnrolments.map(keyOf));
  const unmarked = openSessions(enrolments, calendars).filter(
    (each) => each.date >= from && !marked.has(keyOf(each)),
  );
  const missing = unmarked.filter(({ date }) => date < today);
  const staying = enrolments.filter(({ leaving_date }) => (leaving_date ?? today) >= today);
  const isTold =
    staying.length > 0 &&
    staying.every(({ urn }) => {
      const days = calendars.get(urn) ?? [];
      return isToldToItsEnd(
        days.filter(({ date }) => date >= from),
        year,
        today,
      );
    });
  const coming = unmarked.filter(({ date }) => date >= today).map(({ date }) => date);
  const isKnown = isTold && !isForPartOfWeek(counted, coming);
  const here = staying.find(({ entry_date }) => entry_date <= today);
  return {
    strip: stripOfYear(year, counted, missing),
    spells: spellsOf(counted),
    reasons: reasonsOf(counted),
    atWeekends: [...counted.filter(isCounted), ...missing].filter(({ date }) => !isWeekday(date))
      .length,
    weeks: recentWeeks(marks, (here && calendars.get(here.urn)) ?? [], enrolments, today),
    year: yearSoFar(year, counted, {
      unmarked: missing.length,
      coming: isKnown ? coming : null,
    }),
  };
}

type Enrolled = { urn: number; entry_date: Day; leaving_date: Day | null };
type SessionOfCalendar = { date: Day; session: number; open: boolean };

/** The sessions that are open to a child at any of its schools, by their calendars; in order, each once. */
function openSessions(
  enrolments: readonly Enrolled[],
  calendars: ReadonlyMap<number, readonly SessionOfCalendar[]>,
): SessionOfCalendar[] {
  const all = enrolments.flatMap(({ urn, entry_date, leaving_date }) =>
    (calendars.get(urn) ?? []).filter(
      ({ date, open }) => open && isWithin(date, entry_date, leaving_date),
    ),
  );
  return [...new Map(all.map((each) => [keyOf(each), each])).values()].sort((one, other) =>
    keyOf(one) < keyOf(other) ? -1 : 1,
  );
}

function recentWeeks(
  marks: readonly StandingMark[],
  days: readonly { date: Day; session: number; open: boolean; reason: string }[],
  enrolments: readonly { entry_date: Day; leaving_date: Day | null }[],
  today: Day,
): ChildWeek[] {
  const mondays = [...new Set(marks.map(({ date }) => mondayOnOrBefore(date)))].slice(-weeksShown);
  const bySession = new Map(
    [...Map.groupBy(marks, keyOf)].flatMap(([key, own]) => {
      const mark = shownOf(own);
      return mark ? [[key, mark] as const] : [];
    }),
  );
  return mondays.toReversed().map((monday) => {
    const week = sessionsOfWeek(monday, today, days);
    return { monday, week, cells: cellsOf(week, bySession, enrolments) };
  });
}

/** The same in words, for the child’s page: `name` is what the child is called, `you` in its own voice. */
export function yearInWords(year: YearSoFar, name: string): string[] {
  const { possible, absent, unmarked, left, canMiss, persistent, backOn } = year;
  const half = (count: number) => words.plural(count, 'half day');
  const Name = words.sentence(name);
  const said = [
    possible === 0
      ? `No session of ${yearLabel(year.year)} is counted yet.`
      : `In ${yearLabel(year.year)} so far, ${name} could come to school on ${half(possible)} and missed ${words.number(absent)} of them: ${words.percent((100 * absent) / possible)}.`,
  ];
  if (persistent) {
    said.push(
      `${Name} missed a tenth or more of the half days so far: that is called persistent absence.${backOn === null ? '' : ` By coming every day, ${name} can be below a tenth again on ${words.date(backOn)}.`}`,
    );
  }
  if (left === 0) said.push('By the school’s calendar no half day is left this year.');
  if (left !== null && left > 0 && canMiss !== null) {
    const here = `By the school’s calendar ${half(left)} ${left === 1 ? 'is' : 'are'} left this year.`;
    said.push(
      canMiss < 0
        ? `${here} Even if ${name} came to every one of them, the year would end with a tenth or more missed.`
        : `${here} ${Name} can miss at most ${half(Math.min(canMiss, left))} of them for the year to end with less than a tenth missed.`,
    );
  }
  if (unmarked > 0) {
    const rest = unmarked === 1 ? 'It is not' : 'They are not';
    said.push(
      `${words.sentence(half(unmarked))} ${unmarked === 1 ? 'has' : 'have'} no mark in the register yet. ${rest} counted as missed.`,
    );
  }
  return said;
}

function weekendsInWords(sessions: number): string[] {
  if (sessions === 0) return [];
  return [
    `The weeks below show Monday to Friday. ${words.plural(sessions, 'half day')} on Saturdays or Sundays ${sessions === 1 ? 'is' : 'are'} in the figures above and not in them.`,
  ];
}

const dayNames = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday'];

/** A child’s attendance as its page shows it; null where no register has it. */
export async function attendanceOfChild(
  parts: BookParts,
  pupil: ShownPupil,
  voice: 'staff' | 'parent' | 'pupil',
): Promise<ChildAttendance | null> {
  const found = await childAttendance(parts, pupil);
  if (!found) return null;
  const name = voice === 'pupil' ? 'you' : pupil.forename;
  return {
    summary: [...yearInWords(found.year, name), ...weekendsInWords(found.atWeekends)],
    weeks: found.weeks.map(({ monday, cells }) => ({
      heading: `Week of ${words.date(monday)}`,
      days: dayNames.map((day, at) => ({
        name: day,
        am: cellText(cells[2 * at]),
        pm: cellText(cells[2 * at + 1]),
      })),
    })),
    codes: codesExplained(found.weeks.map(({ cells }) => cells)),
    ...yearShown(found),
  };
}

function cellText(cell: SessionCell | undefined): string {
  switch (cell?.kind) {
    case 'mark':
      return cell.code;
    case 'closed':
      return 'closed';
    case 'unmarked':
      return 'no mark';
    default:
      return '';
  }
}
