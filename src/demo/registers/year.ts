import { type AcademicYear, startYearOf } from '../../base/academicYear.ts';
import type { SchoolType } from '../../base/schoolType.ts';
import { randomStream } from '../../stats/randomStream.ts';
import type { MadeUpEngland } from '../madeUpEngland.ts';
import { type CastChild, castChildren } from '../pupils.ts';
import { profiles } from '../profiles.ts';
import type { MadeUpSchool } from '../school.ts';
import { type Day, weekdayOf } from '../../base/day.ts';
import { calendarOf, numberOfDay, type SchoolCalendar } from './calendar.ts';
import { type EventKind, type EventSettings, type Plan, planEvents } from './events.ts';

/** The made-up registers of one academic year: what the engine is told of every school. */
export type RegisterYear = {
  seed: number | string;
  year: AcademicYear;
  events: EventSettings;
  plan: Plan;
  /** The schools that are open in the year, by URN: files are in this order. */
  schools: readonly MadeUpSchool[];
  /** To whom the children go who change school, by URN: another school of the same phase and authority. */
  goesTo: ReadonlyMap<number, MadeUpSchool>;
  cast: readonly CastChild[];
  /** The calendar year in which the academic year starts that the cast’s year groups are of. */
  castFrom: number;
  /** Where the roll is of several years: the days of this one, since 1970. */
  roll?: { rollFrom?: number; rollTo?: number };
  /** A day on which such a share of a school’s children fall ill. */
  sickDay?: { urn: number; day: Day; share: number };
};

/** Codes before 2024/25 were others, and these registers are written in today’s. */
export const firstRegisterYear: AcademicYear = 202425;
export const usualRegisterYear: AcademicYear = 202526;

export function registerYear(
  england: MadeUpEngland,
  {
    year,
    events,
    castOf = year,
  }: {
    year: AcademicYear;
    events: EventSettings;
    /** The year in which the named children are what they are told to be, when it is not this one. */
    castOf?: AcademicYear;
  },
): RegisterYear {
  if (year < firstRegisterYear) {
    throw new RangeError(`made-up registers begin with ${firstRegisterYear}, not ${year}`);
  }
  const schools = england.schools
    .filter(({ closedOn, hidden }) => closedOn === undefined && hidden !== undefined)
    .toSorted((a, b) => a.urn - b.urn);
  const open = new Set(schools.map(({ urn }) => urn));
  return {
    ...{ seed: england.seed, year, events, schools },
    plan: planEvents(england.seed, schools, events),
    goesTo: partners(schools),
    castFrom: startYearOf(castOf),
    cast: castChildren(`${startYearOf(castOf) + 1}-07-01`).filter(({ enrolments }) =>
      enrolments.some(({ urn }) => open.has(urn)),
    ),
  };
}

/** Each school sends its movers to the next of its phase and authority, the last to the first. */
function partners(schools: readonly MadeUpSchool[]): Map<number, MadeUpSchool> {
  const groups = Map.groupBy(
    schools,
    ({ authority, schoolType, allThrough }) => `${authority.index}/${schoolType}/${allThrough}`,
  );
  const goesTo = new Map<number, MadeUpSchool>();
  for (const group of groups.values()) {
    for (const [at, school] of group.entries()) {
      const next = group[(at + 1) % group.length];
      if (next && next !== school) goesTo.set(school.urn, next);
    }
  }
  return goesTo;
}

/** What is told to the engine of so many schools, as columns: one row for who is on a roll and from where. */
export type Rolls = Record<(typeof rollColumns)[number], unknown[]>;

export const rollColumns = [
  ...['urn', 'origin', 'incoming', 'phase', 'laestab', 'years', 'sizes', 'fsm', 'support', 'plan'],
  ...[
    'eal',
    'girls',
    'level',
    'days',
    'dates',
    'weights',
    'drift',
    'illness',
    'flu',
    'edges',
    'closed',
    'silentFrom',
  ],
  ...[
    'silentTo',
    'holidays',
    'swapFrom',
    'swapShare',
    'editFrom',
    'editShare',
    'offRolled',
    'gone',
  ],
  ...['study', 'named', 'declining', 'declineTimes'],
] as const;

export function rollsOf(of: RegisterYear, schools: readonly MadeUpSchool[]): Rolls {
  const comesFrom = new Map([...of.goesTo].map(([from, to]) => [to.urn, from]));
  const byUrn = new Map(of.schools.map((school) => [school.urn, school]));
  const rows = schools.flatMap((school) => {
    const from = byUrn.get(comesFrom.get(school.urn) ?? 0);
    const calendar = calendarColumns(of, school);
    return [
      { ...calendar, ...intakeColumns(of, school), urn: school.urn, incoming: 0, named: '' },
      ...(from
        ? [{ ...calendar, ...intakeColumns(of, from), urn: school.urn, incoming: 1, named: '' }]
        : []),
      ...of.cast.flatMap((child) => namedRows(of, school, calendar, child)),
    ];
  });
  return Object.fromEntries(
    rollColumns.map((column) => [
      column,
      rows.map((row) => (row as Record<string, unknown>)[column]),
    ]),
  ) as Rolls;
}

/** A child of the cast stands on its school’s roll under its own name, and does not move. */
function namedRows(
  of: RegisterYear,
  school: MadeUpSchool,
  calendar: object,
  child: CastChild,
): object[] {
  const start = startYearOf(of.year);
  return child.enrolments
    .filter(
      ({ urn, entryDate, leavingDate }) =>
        urn === school.urn &&
        entryDate <= `${start + 1}-07-31` &&
        (leavingDate === null || leavingDate >= `${start}-09-01`),
    )
    .map((enrolment) => ({ ...enrolment, at: yearGroupIn(of, enrolment) }))
    .filter(({ at }) => at >= 0)
    .map((enrolment) => ({
      ...calendar,
      ...intakeColumns(of, school),
      ...{ urn: school.urn, incoming: 0, sizes: [1] },
      years: [enrolment.at],
      named: [
        ...[child.upn, child.surname, child.forename, child.dateOfBirth, child.sex],
        child.characteristics.fsm ? '1' : '0',
        ...[child.characteristics.sen, child.characteristics.eal ? '1' : '0'],
        ...[child.characteristics.ethnicity, enrolment.entryDate, enrolment.leavingDate ?? ''],
        child.absence === null ? '' : String(child.absence),
      ].join('|'),
    }));
}

/** An enrolment’s year group is that of its last year, or of the cast’s own. */
function yearGroupIn(
  { year, castFrom }: RegisterYear,
  { yearGroup, leavingDate }: CastChild['enrolments'][number],
): number {
  const last = leavingDate === null ? castFrom : Number(leavingDate.slice(0, 4)) - 1;
  return (yearGroup === 'R' ? 0 : Number(yearGroup)) - (last - startYearOf(year));
}

const phases: readonly SchoolType[] = ['State-funded primary', 'State-funded secondary', 'Special'];

/** Of the school on whose roll a child stands first. */
function intakeColumns(of: RegisterYear, school: MadeUpSchool) {
  const { intake, truth, schoolType, allThrough, urn } = school;
  const pupils = school.hidden?.enrolments ?? 0;
  const [first, last] =
    schoolType === 'State-funded primary'
      ? [0, 6]
      : schoolType === 'State-funded secondary' && !allThrough
        ? [7, 11]
        : [0, 11];
  const counted = last === 6 ? 6.4 : last - first + (first === 0 ? 0.4 : 1);
  const aYear = pupils / counted;
  const years = Array.from({ length: last - first + 1 }, (_, step) => first + step);
  const sixthForm = schoolType === 'State-funded secondary' && intake.onRoll > 1.1 * pupils;
  const chance = randomStream(of.seed, 'year groups', urn);
  const sizes = years.map(() => Math.max(1, Math.round(aYear * (0.92 + 0.16 * chance.uniform()))));
  if (sixthForm) {
    years.push(12, 13);
    sizes.push(Math.round(0.45 * aYear), Math.round(0.38 * aYear));
  }
  const befalls = of.plan.ofSchools.get(urn);
  const sizeOf = (kind: EventKind) => of.events.get(kind)?.size ?? 0;
  const decline = of.events.get('decline-after-move');
  return {
    ...{ origin: urn, phase: phases.indexOf(schoolType), laestab: school.laestab, years, sizes },
    fsm: Math.min(0.95, (0.92 * intake.fsmPercent) / 100),
    ...{ support: intake.senSupportPercent / 100, plan: intake.ehcPlanPercent / 100 },
    ...{ eal: intake.ealPercent / 100, girls: intake.girlsPercent / 100 },
    level: ownLevel(schoolType, truth),
    offRolled: befalls?.kind === 'off-rolling' ? sizeOf('off-rolling') : 0,
    gone: numberOfDay(`${startYearOf(of.year) + 1}-01-09`),
    ...{ declining: decline?.share ?? 0, declineTimes: decline?.size ?? 1 },
  };
}

/** A school’s absence besides what its intake explains: 1.1 is a tenth more than schools like it. Not beyond what children bear. */
function ownLevel(schoolType: SchoolType, truth: MadeUpSchool['truth']): number {
  const own = (truth.levelPercent - truth.intakePoints) / nationalOf(schoolType);
  return Math.min(1.8, Math.max(0.6, own));
}

function nationalOf(schoolType: SchoolType): number {
  const { nationalPercent } = profiles[schoolType];
  return nationalPercent.reduce((sum, each) => sum + each, 0) / nationalPercent.length;
}

/** A school’s level in the long run as its registers have it, before the pandemic, %. */
export function registerLevel({ schoolType, truth }: MadeUpSchool): number {
  return truth.intakePoints + nationalOf(schoolType) * ownLevel(schoolType, truth);
}

/** Of the school that writes the register. */
function calendarColumns(of: RegisterYear, school: MadeUpSchool) {
  const { seed, plan, events } = of;
  const calendar = schoolCalendar(of, school);
  const { openDays } = calendar;
  const days = openDays.length;
  const chance = randomStream(seed, 'closures', school.urn, of.year);
  const closed = chance.uniform() < 0.12 ? [1 + chance.integer(days)] : [];
  const befalls = plan.ofSchools.get(school.urn);
  const from = Math.round((befalls?.at ?? 0) * days);
  const size = befalls ? (events.get(befalls.kind)?.size ?? 0) : 0;
  const is = (kind: EventKind) => befalls?.kind === kind;
  const season = seasonOf(calendar, school.schoolType);
  const drifted = (at: number) =>
    1 + (driftReaches * (size - 1) * Math.max(0, at - from)) / (days - from);
  return {
    days: openDays.map(numberOfDay),
    dates: [...openDays],
    weights: season.map(({ all }) => rounded(all)),
    drift: season.map((_, at) => (is('drift') ? rounded(drifted(at)) : 1)),
    illness: season.map(({ illness }) => rounded(illness)),
    flu: fluOf(of, school, days).map((share, at) => share + sickOn(of, school, openDays[at])),
    edges: [...calendar.lastBeforeHoliday],
    closed,
    silentFrom: is('silence') ? from : 0,
    silentTo: is('silence') ? from + Math.round(size) - 1 : 0,
    holidays: is('holiday-habit') ? size : 1,
    swapFrom: is('code-swap') ? from : 999,
    swapShare: is('code-swap') ? size : 0,
    editFrom: is('late-edit') ? from : 999,
    editShare: is('late-edit') ? size : 0,
    study: openDays.filter((day) => day < `${startYearOf(of.year) + 1}-05-08`).length,
  };
}

/** Spells grow by so much more than all absence is to: holidays and appointments do not, nor who is away nearly always. Measured. */
const driftReaches = 1.45;

export function schoolCalendar(of: RegisterYear, school: MadeUpSchool): SchoolCalendar {
  return calendarOf(of.seed, of.year, { authority: school.authority.index, urn: school.urn });
}

/** School days on either side of its height within which children fall ill of the outbreak. */
const fluReach = 15;

/** When an event begins and ends at a school, both included. */
export function eventDays(
  of: RegisterYear,
  school: MadeUpSchool,
  kind: EventKind,
  at: number,
): { start: string; end: string } {
  const { openDays } = schoolCalendar(of, school);
  const days = openDays.length;
  const from = Math.round(at * days);
  const size = of.events.get(kind)?.size ?? 0;
  const day = (place: number) => openDays[Math.min(days, Math.max(1, place)) - 1] ?? '';
  if (kind === 'flu') {
    return {
      start: day(Math.ceil(at * days - fluReach) + 1),
      end: day(Math.floor(at * days + fluReach) + 1),
    };
  }
  if (kind === 'silence') return { start: day(from), end: day(from + Math.round(size) - 1) };
  if (kind === 'holiday-habit') return { start: day(1), end: day(days) };
  return { start: day(from), end: day(days) };
}

/** Shares of all the school’s children who fall ill of the outbreak on each day. */
function fluOf({ plan, events }: RegisterYear, school: MadeUpSchool, days: number): number[] {
  const at = plan.fluAt.get(school.authority.index);
  const size = events.get('flu')?.size;
  if (at === undefined || size === undefined) return Array.from({ length: days }, () => 0);
  // About one child in a hundred falls ill on an ordinary day of winter.
  return Array.from({ length: days }, (_, day) => {
    const apart = (day - at * days) / 5;
    return Math.abs(day - at * days) > fluReach
      ? 0
      : rounded(0.011 * (size - 1) * Math.exp(-(apart ** 2) / 2));
  });
}

function sickOn({ sickDay }: RegisterYear, { urn }: MadeUpSchool, day: Day | undefined): number {
  return sickDay?.urn === urn && sickDay.day === day ? sickDay.share : 0;
}

/**
 * When spells of absence begin, and when those of illness: 1 on an ordinary day. Low in September, rising to half-term and
 * to Christmas, higher on Mondays and Fridays and in the last days of a term (the department’s weekly figures of 2024/25).
 */
function seasonOf(
  calendar: SchoolCalendar,
  schoolType: SchoolType,
): { all: number; illness: number }[] {
  const { openDays, lastBeforeHoliday } = calendar;
  const byWeekday =
    schoolType === 'State-funded primary'
      ? [1.34, 1, 0.85, 0.88, 1.24]
      : [1.34, 1, 0.85, 0.88, 1.24];
  return openDays.map((day, at) => {
    const next = lastBeforeHoliday.find((place) => place > at) ?? openDays.length;
    const term = lastBeforeHoliday.indexOf(next);
    const left = next - at - 1;
    const before = lastBeforeHoliday[term - 1] ?? 0;
    const gone = (at - before) / Math.max(1, next - before);
    const [start, end] = levelsByTerm[Math.min(term, levelsByTerm.length - 1)] ?? [1, 1];
    const illness = start + (end - start) * gone;
    const longTermEnds = term === 1 || term === 3 || term === 5;
    const edge = left < 5 ? (longTermEnds ? 0.35 : 0.12) * (1 - left / 6) : 0;
    const weekday = byWeekday[weekdayOf(day) - 1] ?? 1;
    return { all: illness * weekday * (1 + edge), illness };
  });
}

/** At the start and the end of each half-term. */
const levelsByTerm = [
  [0.62, 1.06],
  [0.92, 1.42],
  [1.08, 1.08],
  [1.02, 1.14],
  [0.88, 0.96],
  [0.9, 1.02],
] as const;

function rounded(value: number): number {
  return Math.round(value * 1e5) / 1e5;
}
