import { type Purpose, type Viewer } from '../../access/index.ts';
import { dayInEngland } from '../../base/clock.ts';
import { type Day, daysAfter, mondayOnOrBefore } from '../../base/day.ts';
import { pupilKey } from '../../base/pupilKey.ts';
import { type Days, type ListedPupil, pupilsFor, type Registry } from '../../pupils/index.ts';
import {
  deletionsOf,
  enrolmentsOf,
  pupilSecretOf,
  type Records,
  upnsOfPupils,
} from '../../records/index.ts';
import type { School } from '../../schools/index.ts';
import type { Stores } from '../../stores/index.ts';
import { markedSpan, sessionsOfDays, standingMarks, type StandingMark } from './book.sql.ts';
import { cellsOf, type SessionCell, type SessionOfWeek, sessionsOfWeek } from './week.ts';

/** What the register book stands on. */
export type BookParts = Registry & { stores: Stores };

/** Which register: a class or a year group of a school. */
export type Group = { kind: 'class' | 'year'; name: string };

export type RegisterRow = { pupil: ListedPupil; cells: SessionCell[] };

/** A week of a register, as one viewer may see it. */
export type ShownRegister = {
  school: School;
  /** Those that there are, of the children whom the viewer may see. */
  classes: string[];
  years: string[];
  group: Group | null;
  monday: Day;
  today: Day;
  week: SessionOfWeek[];
  rows: RegisterRow[];
  /** Whether the school’s calendar tells of any day of the week. */
  hasCalendar: boolean;
  /** Whether entries of these days were deleted because their time was over. */
  isDeleted: boolean;
};

/** Year groups in the order in which children pass through them. */
export function byYearGroup(one: string, other: string): number {
  const place = (year: string) => (year === 'N' ? -1 : year === 'R' ? 0 : Number(year));
  return place(one) - place(other);
}

/**
 * A week of the register of a class or a year group, of the children on the roll in that week whom this viewer may see.
 * Without a group the first there is; without a week this one, or the last that has a mark.
 */
export async function showRegister(
  parts: BookParts,
  asked: {
    viewer: Viewer;
    purpose: Purpose | null;
    school: School;
    group: Group | null;
    week: Day | null;
  },
): Promise<ShownRegister> {
  const { viewer, purpose, school } = asked;
  const today = dayInEngland(parts.clock());
  const monday = mondayOnOrBefore(asked.week ?? (await lastWeek(parts, school, today)));
  const friday = daysAfter(monday, 4);
  const days = daysOnRoll({ from: monday, to: friday }, today);
  const all = await pupilsFor(parts, viewer, purpose).listDuring(school.urn, days);
  const known = all.filter((each) => !each.restricted);
  const classes = [...new Set(known.flatMap((each) => each.className ?? []))].sort();
  const years = [...new Set(known.map((each) => each.yearGroup))].sort(byYearGroup);
  const group = groupOf(asked.group, classes, years);
  const pupils = all.filter((each) => isIn(each, group));
  const urns = urnsOf(school);
  const calendar = await parts.stores.read(sessionsOfDays, { urns, from: monday, to: friday });
  const week = sessionsOfWeek(monday, today, calendar);
  const rows = await rowsOf(parts, { urns, pupils, week, from: monday, to: friday });
  return {
    ...{ school, classes, years, group, monday, today, week, rows },
    hasCalendar: calendar.length > 0,
    isDeleted: (await deletionsOf(parts.records, urns)).some(
      ({ first_day, last_day }) => first_day <= friday && last_day >= monday,
    ),
  };
}

/** The days of a week on whose roll a register rests: those that there were; of a week to come, today’s. */
function daysOnRoll({ from, to }: Days, today: Day): Days {
  if (from > today) return { from: today, to: today };
  return { from, to: to < today ? to : today };
}

export const urnsOf = (school: School) => school.chain.map(({ urn }) => urn);

function groupOf(asked: Group | null, classes: string[], years: string[]): Group | null {
  if (asked && (asked.kind === 'class' ? classes : years).includes(asked.name)) return asked;
  if (classes[0] !== undefined) return { kind: 'class', name: classes[0] };
  return years[0] === undefined ? null : { kind: 'year', name: years[0] };
}

/** Of a restricted record nothing is known but that there is one: it stands in every register. */
function isIn(pupil: ListedPupil, group: Group | null): boolean {
  if (group === null) return pupil.restricted;
  if (pupil.restricted) return true;
  return (group.kind === 'class' ? pupil.className : pupil.yearGroup) === group.name;
}

async function lastWeek({ stores }: BookParts, school: School, today: Day): Promise<Day> {
  const [span] = await stores.read(markedSpan, { urns: urnsOf(school) });
  return span && span.marks > 0 && span.last < today ? span.last : today;
}

async function rowsOf(
  parts: BookParts,
  {
    urns,
    pupils,
    week,
    from,
    to,
  }: { urns: number[]; pupils: ListedPupil[]; week: SessionOfWeek[]; from: Day; to: Day },
): Promise<RegisterRow[]> {
  const ids = pupils.filter((each) => !each.restricted).map(({ id }) => id);
  const keys = await keysOf(parts.records, ids);
  const marks = await parts.stores.read(standingMarks, {
    ...{ urns, from, to },
    pupils: [...keys.values()],
  });
  const byPupil = Map.groupBy(marks, ({ pupil }) => pupil);
  const enrolments = Map.groupBy(await enrolmentsOf(parts.records, ids), ({ pupil }) => pupil);
  return pupils.map((pupil) => {
    if (pupil.restricted) return { pupil, cells: [] };
    const own = bySession(byPupil.get(keys.get(pupil.id) ?? '') ?? []);
    const here = (enrolments.get(pupil.id) ?? []).filter(({ urn }) => urns.includes(urn));
    return { pupil, cells: cellsOf(week, own, here) };
  });
}

/** What children of these numbers are called in the warehouse. */
export async function keysOf(
  records: Records,
  pupils: readonly number[],
): Promise<Map<number, string>> {
  const secret = await pupilSecretOf(records);
  const upns = await upnsOfPupils(records, pupils);
  return new Map([...upns].map(([id, upn]) => [id, String(pupilKey(upn, secret))]));
}

function bySession(marks: readonly StandingMark[]) {
  return new Map(marks.map((each) => [`${each.date} ${each.session}`, each]));
}
