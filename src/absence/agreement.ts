import { allowOrRefuse, type Subject, type Trail, type Viewer } from '../access/index.ts';
import type { AcademicYear } from '../base/academicYear.ts';
import type { Clock } from '../base/clock.ts';
import type { Day } from '../base/day.ts';
import { Refusal } from '../base/problem.ts';
import { writesUpn } from '../base/upn.ts';
import { acceptDifference, keepSummary, type SummaryRow, summariesOf } from '../records/index.ts';
import type { Stores } from '../stores/index.ts';
import type { Comparison } from './compare/compare.ts';
import { type Outcome, outcomeOf } from './compare/told.ts';
import { countFigures } from './count.ts';
import type { CountedRow, TimeKind } from './question.ts';
import {
  type Change,
  changeOf,
  decisive,
  isEnough,
  type SessionDays,
  type Shown,
  type Sums,
  sumsOf,
} from './standing.ts';
import { countingYear, type Period } from './windows.ts';

/**
 * Whether a school’s figures here are those of its own information system. Only with the first two does anything rest on
 * the school’s own registers. It agrees in part where what was compared agrees, and is of a part of the year, or gives no
 * numbers of sessions; it is changed since where the registers have moved too far from what was compared.
 */
export type AgreementState =
  | 'agrees'
  | 'explained and accepted'
  | 'agrees in part'
  | 'changed since'
  | 'differs'
  | 'no summary yet';

export type Agreement = {
  urn: number;
  year: AcademicYear;
  state: AgreementState;
  /** The summary that says so (`decisive`); null when there is none. */
  summary: KeptSummary | null;
  accepted: { name: string; position: string; reason: string; at: Date } | null;
  /** How far the registers of those days have moved since the summary was compared. */
  changed: Change;
  /** The newest summary of the year. */
  newest: number;
};

export type KeptSummary = {
  id: number;
  form: string;
  outcome: Outcome;
  sentAt: Date;
  role: string;
  person: number | null;
} & Found &
  Shown;

/** What is kept of a comparison: no child, and no figure of one. */
type Found = {
  compared: number;
  differing: number;
  unexplained: number;
  /** How many sessions, codes or pupils here are not in the summary; absent where all are. */
  notInFile?: number;
  /** What the system does otherwise, in words; nothing where it only could. */
  rules: string[];
  /** How many ways of counting would give the figures. */
  ways?: number;
  /** Absent in what an earlier version kept, which says nothing of it: such a summary is not enough. */
  tellsCounts?: boolean;
  /** What the registers came to. */
  sums?: Sums;
  /** The last day of the year that had registers then. */
  registersTo?: Day;
};

/**
 * Where a school’s figures of a year stand against its own information system. Of a year that is over every day with
 * registers must have been compared; else those that there were when it was.
 */
export async function agreementOf(
  stores: Stores,
  urn: number,
  year: AcademicYear,
  { isOver = false }: { isOver?: boolean } = {},
): Promise<Agreement> {
  const rows = await summariesOf(stores.records, { urn, year });
  const newest = rows.at(-1)?.id ?? 0;
  const days = rows.length > 0 ? await sessionDays(stores, urn, year) : [];
  const summary = decisive(rows.map((row) => keptSummary(row, days, { isOver })));
  if (!summary) {
    return {
      ...{ urn, year, state: 'no summary yet', summary: null, accepted: null },
      ...{ changed: 'none', newest },
    };
  }
  const changed = await changeSince(stores, summary, { urn, year, days });
  const accepted = rows.find(({ id }) => id === summary.id)?.accepted ?? null;
  return {
    ...{ urn, year, state: stateOf(summary, changed), summary, changed, newest },
    accepted: accepted && {
      name: accepted.person_name,
      position: accepted.position,
      reason: accepted.reason,
      at: accepted.at,
    },
  };
}

function stateOf(summary: KeptSummary, changed: Change): AgreementState {
  if (!summary.isFine) return 'differs';
  if (!isEnough(summary)) return 'agrees in part';
  if (changed === 'large') return 'changed since';
  return summary.outcome === 'agrees' ? 'agrees' : 'explained and accepted';
}

function keptSummary(
  row: SummaryRow,
  days: SessionDays,
  { isOver }: { isOver: boolean },
): KeptSummary & { tellsCounts: boolean } {
  const found = JSON.parse(row.found) as Found;
  const outcome = row.outcome as Outcome;
  const { first_day: from, last_day: to } = row;
  const { first, last } = endsOf(days);
  const until = isOver ? last : earlier(last, found.registersTo ?? last);
  return {
    ...{ id: row.id, from, to, form: row.form, ...found },
    ...{ outcome, sentAt: row.at, role: row.role, person: row.person },
    tellsCounts: found.tellsCounts ?? false,
    isFine: outcome === 'agrees' || (outcome === 'explained' && row.accepted !== null),
    isOfYear: from <= first && to >= until,
  };
}

const earlier = (a: Day, b: Day) => (a < b ? a : b);

/** Blank where there is no day: every summary is of all of them. */
function endsOf(days: SessionDays): { first: Day; last: Day } {
  const dates = days.map(({ time }) => time).sort();
  return { first: dates[0] ?? '9999-12-31', last: dates.at(-1) ?? '' };
}

async function changeSince(
  stores: Stores,
  { from, to, sums }: KeptSummary,
  { urn, year, days }: { urn: number; year: AcademicYear; days: SessionDays },
): Promise<Change> {
  if (!sums) return 'none';
  return changeOf(sums, await sumsIn(stores, { urn, year, days, from, to }));
}

type OfSchool = { urn: number; year: AcademicYear };

/** What the registers come to from one day to another. */
async function sumsIn(
  stores: Stores,
  { urn, year, days, from, to }: OfSchool & Period & { days: SessionDays },
): Promise<Sums> {
  const { first, last } = endsOf(days);
  // Of the whole year the figures are kept, and no session is outside of its days.
  const period = from <= first && to >= last ? countingYear(year) : { from, to };
  const [row] = await countSchool(stores, { urn, year }, period, 'year');
  return sumsOf(
    row,
    days.filter(({ time }) => time >= from && time <= to),
  );
}

/** The days of a year on which there is a possible session, with their counts. */
async function sessionDays(stores: Stores, urn: number, year: AcademicYear): Promise<CountedRow[]> {
  const days = await countSchool(stores, { urn, year }, countingYear(year), 'day');
  return days.filter(({ possible }) => possible > 0);
}

function countSchool(
  stores: Stores,
  { urn, year }: OfSchool,
  { from, to }: Period,
  time: TimeKind,
): Promise<CountedRow[]> {
  return countFigures(stores, {
    ...{ level: 'school', by: [], series: 'daily', asKnownOn: null },
    ...{ year, from, to, time, urns: [urn] },
  });
}

/** Whether days are all those of the year that have registers now. */
export async function isOfYear(
  stores: Stores,
  { urn, year }: OfSchool,
  { from, to }: Period,
): Promise<boolean> {
  const { first, last } = endsOf(await sessionDays(stores, urn, year));
  return from <= first && to >= last;
}

type Keeping = { stores: Stores; trail: Trail; clock: Clock };

/** Who does it: at a page the viewer; `from` is the address. */
type Doing = { viewer: Viewer; subject: Subject; from: string };

/** Keeps what was found, and with it who sent the summary. Refuses who may not change the school’s figures. */
export async function keepComparison(
  { stores, trail, clock }: Keeping,
  { viewer, subject, from }: Doing,
  urn: number,
  comparison: Comparison & { year: AcademicYear },
): Promise<number> {
  if (viewer.role !== 'operator') {
    allowOrRefuse(viewer, 'school statistic', subject, { act: 'change' });
  }
  const { year, form, differences, remaining, nearest, compared, ours, notInFile } = comparison;
  const outcome = outcomeOf(comparison);
  const days = await sessionDays(stores, urn, year);
  const period = withRegisters(comparison, days);
  const found: Found = {
    ...{ compared, differing: differences.length, unexplained: remaining.length },
    ...(notInFile.rows > 0 && { notInFile: notInFile.rows }),
    rules: comparison.isOneWay ? nearest.map(({ says }) => says) : [],
    ...{ ways: comparison.explanations.length, tellsCounts: comparison.tellsCounts },
    sums: await sumsIn(stores, { urn, year, days, ...period }),
    ...(days.length > 0 && { registersTo: endsOf(days).last }),
  };
  await trail.leave({
    ...{ viewer, action: 'changed', data: 'school statistic', from },
    subject: { kind: 'school', id: String(urn) },
    detail: { done: 'summary compared and kept', year, outcome, form },
  });
  return keepSummary(stores.records, {
    ...{ urn, year, form, outcome, found: JSON.stringify(found) },
    ...{ first_day: period.from, last_day: period.to },
    ...{ possible: ours.possible, absent: ours.absent },
    ...{ person: viewer.person ?? null, role: viewer.role, scope: viewer.scope, at: clock() },
  });
}

/** Days before and after the registers say nothing: a summary that is kept is of those that there are. */
function withRegisters({ from, to }: Period, days: SessionDays): Period {
  const { first, last } = endsOf(days.filter(({ time }) => time >= from && time <= to));
  return last === '' ? { from, to } : { from: first, to: last };
}

export type Acceptance = { name: string; position: string; reason: string };
export type AcceptanceFault = { field: keyof Acceptance; text: string };

/** What is missing, each as a clause. */
export function acceptanceFaults({ name, position, reason }: Acceptance): AcceptanceFault[] {
  const faults: AcceptanceFault[] = [];
  const add = (field: keyof Acceptance, text: string) => faults.push({ field, text });
  if (name.trim().length < 3 || name.length > 100) add('name', 'Enter your full name');
  if (position.trim().length < 3 || position.length > 100) {
    add('position', 'Enter your position at the school');
  }
  if (reason.trim().length < 10 || reason.length > 500) {
    add('reason', 'Say in 10 to 500 characters why the difference can stand');
  } else if (writesUpn(reason)) add('reason', 'Say it without naming or numbering a child');
  return faults;
}

/** Accepts the explained difference of the summary that says where the year stands, for good: a newer one wants its own. */
export async function acceptExplained(
  { stores, trail, clock }: Keeping,
  { viewer, subject, from }: Doing,
  of: { urn: number; year: AcademicYear; summary: number },
  said: Acceptance,
): Promise<void> {
  if (viewer.role !== 'operator') {
    allowOrRefuse(viewer, 'school statistic', subject, { act: 'change' });
  }
  const [fault] = acceptanceFaults(said);
  if (fault) throw new Refusal('bad-input', `${fault.text}.`);
  const agreement = await agreementOf(stores, of.urn, of.year);
  const { summary, changed, newest } = agreement;
  if (changed === 'large') {
    throw new Refusal(
      'check-failed',
      'The registers have changed since this summary was compared. Compare a new one first.',
    );
  }
  if (summary?.id !== of.summary || summary.outcome !== 'explained') {
    throw new Refusal(
      'check-failed',
      'Only an explained difference of the summary that says where the year stands can be accepted. Compare a summary first.',
    );
  }
  await trail.leave({
    ...{ viewer, action: 'changed', data: 'school statistic', from },
    subject: { kind: 'school', id: String(of.urn) },
    detail: { done: 'explained difference accepted', year: of.year, summary: of.summary },
  });
  const acceptance = {
    ...{ summary: of.summary, person_name: said.name.trim(), position: said.position.trim() },
    ...{ reason: said.reason.trim(), person: viewer.person ?? null, role: viewer.role },
    ...{ scope: viewer.scope, at: clock() },
  };
  const added = await acceptDifference(stores.records, acceptance, newest);
  if (!added) throw new Refusal('check-failed', 'This difference has been accepted already.');
}
