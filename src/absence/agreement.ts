import { allowOrRefuse, operator, type Subject, type Trail, type Viewer } from '../access/index.ts';
import type { AcademicYear } from '../base/academicYear.ts';
import type { Clock } from '../base/clock.ts';
import type { Day } from '../base/day.ts';
import { Refusal } from '../base/problem.ts';
import { holdsUpn } from '../base/upn.ts';
import {
  acceptDifference,
  keepSummary,
  newestSummaries,
  type SummaryRow,
} from '../records/index.ts';
import type { Stores } from '../stores/index.ts';
import { answerFor } from './answer.ts';
import type { Comparison } from './compare/compare.ts';
import { type Outcome, outcomeOf } from './compare/told.ts';

/**
 * Whether a school’s figures here are those of its own information system. Only with the first two does anything rest on
 * the school’s own registers.
 */
export type AgreementState = 'agrees' | 'explained and accepted' | 'differs' | 'no summary yet';

export type Agreement = {
  urn: number;
  year: AcademicYear;
  state: AgreementState;
  /** The newest summary that the school sent for the year; null when there is none. */
  summary: KeptSummary | null;
  accepted: { name: string; position: string; reason: string; at: Date } | null;
  /** The registers of those days say something else now than when the summary was compared: compare again. */
  changedSince: boolean;
};

export type KeptSummary = {
  id: number;
  from: Day;
  to: Day;
  form: string;
  outcome: Outcome;
  sentAt: Date;
  role: string;
  person: number | null;
} & Found;

/** What is kept of a comparison: no child, and no figure of one. */
type Found = {
  compared: number;
  differing: number;
  unexplained: number;
  /** How many sessions, codes or pupils here are not in the summary; absent where all are. */
  notInFile?: number;
  /** What the system does otherwise, in words. */
  rules: string[];
};

/** Where a school’s figures of a year stand against its own information system. */
export async function agreementOf(
  stores: Stores,
  urn: number,
  year: AcademicYear,
): Promise<Agreement> {
  const [row] = await newestSummaries(stores.records, { urns: [urn], year });
  if (!row) {
    return {
      ...{ urn, year, state: 'no summary yet', summary: null, accepted: null },
      changedSince: false,
    };
  }
  const changedSince = await isChangedSince(stores, row);
  const { accepted } = row;
  return {
    ...{ urn, year, changedSince },
    state: changedSince ? 'differs' : stateOf(row),
    summary: keptSummary(row),
    accepted: accepted && {
      name: accepted.person_name,
      position: accepted.position,
      reason: accepted.reason,
      at: accepted.at,
    },
  };
}

function stateOf({ outcome, accepted }: SummaryRow): AgreementState {
  if (outcome === 'agrees') return 'agrees';
  return outcome === 'explained' && accepted ? 'explained and accepted' : 'differs';
}

function keptSummary(row: SummaryRow): KeptSummary {
  const found = JSON.parse(row.found) as Found;
  return {
    ...{ id: row.id, from: row.first_day, to: row.last_day, form: row.form, ...found },
    ...{ outcome: row.outcome as Outcome, sentAt: row.at, role: row.role, person: row.person },
  };
}

/** Whether the registers of those days have other sums now. */
async function isChangedSince(stores: Stores, row: SummaryRow): Promise<boolean> {
  const { urn, year, first_day: from, last_day: to } = row;
  try {
    const answer = await answerFor(
      stores,
      operator,
      {
        ...{ level: 'school', by: [], series: 'daily', time: 'year', asKnownOn: null },
        ...{ year, from, to, urns: [urn] },
      },
      { unsuppressed: true },
    );
    const [now] = answer.rows;
    return now?.['sess_possible'] !== row.possible || now['sess_overall'] !== row.absent;
  } catch (error) {
    if (error instanceof Refusal && error.reason === 'not-found') return true;
    throw error;
  }
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
  const found: Found = {
    ...{ compared, differing: differences.length, unexplained: remaining.length },
    ...(notInFile.rows > 0 && { notInFile: notInFile.rows }),
    rules: nearest.map(({ says }) => says),
  };
  await trail.leave({
    ...{ viewer, action: 'changed', data: 'school statistic', from },
    subject: { kind: 'school', id: String(urn) },
    detail: { done: 'summary compared and kept', year, outcome, form },
  });
  return keepSummary(stores.records, {
    ...{ urn, year, form, outcome, found: JSON.stringify(found) },
    ...{ first_day: comparison.from, last_day: comparison.to },
    ...{ possible: ours.possible, absent: ours.absent },
    ...{ person: viewer.person ?? null, role: viewer.role, scope: viewer.scope, at: clock() },
  });
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
  } else if (holdsUpn(reason)) add('reason', 'Say it without naming or numbering a child');
  return faults;
}

/** Accepts the explained difference of the school’s newest summary, for good: a newer summary wants its own. */
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
  const isNewest = agreement.summary?.id === of.summary;
  if (!isNewest || agreement.summary?.outcome !== 'explained' || agreement.changedSince) {
    throw new Refusal(
      'check-failed',
      agreement.changedSince
        ? 'The registers have changed since this summary was compared. Compare a new one first.'
        : 'Only an explained difference of the newest summary can be accepted. Compare a summary first.',
    );
  }
  await trail.leave({
    ...{ viewer, action: 'changed', data: 'school statistic', from },
    subject: { kind: 'school', id: String(of.urn) },
    detail: { done: 'explained difference accepted', year: of.year, summary: of.summary },
  });
  const added = await acceptDifference(stores.records, {
    ...{ summary: of.summary, person_name: said.name.trim(), position: said.position.trim() },
    ...{ reason: said.reason.trim(), person: viewer.person ?? null, role: viewer.role },
    ...{ scope: viewer.scope, at: clock() },
  });
  if (!added) throw new Refusal('check-failed', 'This difference has been accepted already.');
}
