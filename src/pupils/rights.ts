import {
  allowOrRefuse,
  type DataClass,
  decide,
  type Purpose,
  type Subject,
  type Trail,
  type Viewer,
} from '../access/index.ts';
import { tellable } from '../audit/index.ts';
import { dayInEngland } from '../base/clock.ts';
import { yearsBefore } from '../base/day.ts';
import { Refusal } from '../base/problem.ts';
import {
  type AuditEntry,
  correctionsOf,
  emergenciesAbout,
  enrolmentsOf,
  erasePupil as eraseRecord,
  looksAtPupil,
  pupilsByNumber,
  pupilsWhoLeftBefore,
  restrictPupil as restrictRecord,
  searchAudit,
} from '../records/index.ts';
import { pupilsFor } from './scoped.ts';
import { type Registry, subjectOfPupil } from './subject.ts';

type Standing = Registry & { trail: Trail };

/** Every entry of a register is kept for so long (School Attendance (Pupil Registration) (England) Regulations 2024). */
export const registerYears = 6;

/** Said whether or not there is any of it. */
const leftOut = {
  services:
    'Whether another service knows the child, and what was done to keep it safe: ask the school or the local authority; a person looks at it first.',
  others: 'What other people gave of themselves: their names, telephone numbers and addresses.',
  trail: 'Who looked at the record: that is for the family and the auditor.',
};

/**
 * Everything held of one child that this viewer may be given, the trail about it included; and in words what was left
 * out, whether or not there was any. Refuses what the viewer does not see. Whoever hands it out leaves the trace.
 */
export async function exportPupil(
  registry: Registry,
  asked: { viewer: Viewer; purpose: Purpose | null; pupil: number },
) {
  const { viewer, purpose, pupil } = asked;
  const { records } = registry;
  const shown = await pupilsFor(registry, viewer, purpose).get(pupil);
  if (shown.emergency || !shown.characteristics) {
    throw new Refusal('not-allowed', 'A record is exported for its family, or by its school.');
  }
  const may = (data: DataClass) => decide(viewer, data, shown.subject, { purpose }).allowed;
  const family = viewer.role === 'parent' || viewer.role === 'pupil';
  const [row] = await pupilsByNumber(records, [pupil]);
  const corrections = may('request for correction') ? await correctionsOf(records, pupil) : [];
  // Of emergencies, as of what was done to keep the child safe, a family is told by a person.
  const emergencies = may('audit') && !family ? await emergenciesAbout(records, pupil) : [];
  const trail = may('audit') ? await trailAbout(registry, pupil, family) : [];
  return {
    about: `record ${pupil}`,
    made_at: registry.clock().toISOString(),
    identity: {
      ...{ surname: shown.surname, forename: shown.forename, upn: row?.upn ?? null },
      ...{ date_of_birth: shown.characteristics.date_of_birth, sex: shown.characteristics.sex },
    },
    restriction: shown.restriction,
    enrolments: shown.enrolments.map(({ id: _, pupil: __, ...each }) => each),
    characteristics: {
      ...{ fsm: shown.characteristics.fsm, sen: shown.characteristics.sen },
      ...{ eal: shown.characteristics.eal, ethnicity: shown.characteristics.ethnicity },
    },
    contacts: (shown.contacts ?? []).map(({ id: _, pupil: __, ...each }) => each),
    services: (shown.cases ?? []).map(({ id: _, pupil: __, ...each }) => each),
    corrections: corrections.map(({ id: _, pupil: __, ...each }) => each),
    emergencies: emergencies.map(({ id: _, pupil: __, person: ___, ...each }) => each),
    looked_at: trail.map((each) => ({
      ...{ at: each.at, role: each.role, scope: each.scope, action: each.action },
      ...{ data: each.data_class, purpose: each.purpose },
    })),
    left_out: [
      ...(may('link to another service') ? [] : [leftOut.services]),
      ...(family ? [leftOut.others] : []),
      ...(may('audit') ? [] : [leftOut.trail]),
    ],
  };
}

export type PupilExport = Awaited<ReturnType<typeof exportPupil>>;

const trailPage = 1000;

/** Oldest first: all of it, or what a family is told. */
async function trailAbout(
  { records }: Registry,
  pupil: number,
  family: boolean,
): Promise<AuditEntry[]> {
  const found: AuditEntry[] = [];
  for (;;) {
    const page = { from: found.length, size: trailPage };
    const { entries, total } = family
      ? await looksAtPupil(records, tellable(pupil), page)
      : await searchAudit(records, { pupil }, page);
    found.push(...entries);
    if (entries.length === 0 || found.length >= total) return found.toReversed();
  }
}

type Who = { viewer: Viewer; purpose: Purpose | null; pupil: number; from: string };

const recordKeeping = { act: 'change', purpose: 'record-keeping' } as const;

/** Whoever may change what is held of this child: its own head, and the operator. */
export function mayChangeRecord(viewer: Viewer, subject: Subject): boolean {
  return decide(viewer, 'pupil characteristics', subject, recordKeeping).allowed;
}

/** Hides a record from everybody but its head and the operator, with the reason; or, with null, shows it again. */
export async function restrictPupil(
  registry: Standing,
  asked: Who & { because: string | null },
): Promise<void> {
  const { viewer, purpose, pupil, because, from } = asked;
  const reason = because?.trim() ?? null;
  if (reason !== null && (reason.length < 5 || reason.length > 1000)) {
    throw new Refusal('bad-input', 'Say why the record is restricted, in 5 to 1,000 characters.');
  }
  const subject = await subjectOfPupil(registry, pupil);
  allowOrRefuse(viewer, 'pupil characteristics', subject, { act: 'change', purpose });
  await refuseMissing(registry, pupil);
  await leaveRight(registry, { viewer, purpose, pupil, from }, { restricted: reason !== null });
  const at = registry.clock();
  await restrictRecord(registry.records, pupil, reason === null ? null : { at, because: reason });
}

async function refuseMissing({ records }: Registry, pupil: number): Promise<void> {
  const [row] = await pupilsByNumber(records, [pupil]);
  if (row && !row.erased_at) return;
  throw new Refusal('not-found', 'No record has this number, or it was erased.');
}

/** Why a record is erased; one of these, since a free text could name the child it is about. */
export const erasureReasons = {
  asked: 'the family asked',
  retention: 'it was kept for as long as the law says',
  mistake: 'the child was entered by mistake',
} as const;
export type ErasureReason = keyof typeof erasureReasons;

/**
 * Erases a record: who the child is, what is held of it, its contacts and cases. Its number stays, and the trail, and that
 * somebody was enrolled. Refuses with `check-failed` the record of a child that is enrolled, a restricted one, and one whose
 * register must still be kept, unless it was entered by mistake.
 */
export async function erasePupil(
  registry: Standing,
  asked: Who & { because: ErasureReason },
): Promise<void> {
  const { viewer, purpose, pupil, because, from } = asked;
  const { records, clock } = registry;
  refuseUnlessOperator(viewer);
  await refuseMissing(registry, pupil);
  const [row] = await pupilsByNumber(records, [pupil]);
  if (row?.restricted_at) {
    throw new Refusal('check-failed', 'This record is restricted: lift that before it is erased.');
  }
  const day = dayInEngland(clock());
  const kept = yearsBefore(day, registerYears);
  const enrolments = await enrolmentsOf(records, [pupil]);
  const stillKept = enrolments.some((each) => each.leaving_date && each.leaving_date >= kept);
  if (stillKept && because !== 'mistake') {
    throw new Refusal(
      'check-failed',
      `The child left less than ${registerYears} years ago, and the register must be kept until then.`,
    );
  }
  if (enrolments.some((each) => each.leaving_date === null || each.leaving_date >= day)) {
    throw new Refusal('check-failed', 'The child is enrolled: its register must be kept.');
  }
  await leaveRight(registry, { viewer, purpose, pupil, from }, { erased: because });
  if (!(await eraseRecord(records, pupil, { at: clock(), day }))) {
    throw new Refusal('check-failed', 'The record changed meanwhile. Look at it, and try again.');
  }
}

export type Retention = {
  /** The last day on which the last enrolment had to end. */
  before: string;
  /** Whose time is over. */
  over: { id: number; lastDay: string }[];
  /** Whose time is over too, and who are kept because their record is restricted. */
  restricted: number[];
  erased: number;
};

/** Erases the records of children who left more than so many years ago; with `dryRun` only says which. */
export async function retainPupils(
  registry: Standing,
  asked: { viewer: Viewer; years: number; dryRun: boolean; from: string },
): Promise<Retention> {
  const { viewer, years, dryRun, from } = asked;
  refuseUnlessOperator(viewer);
  if (!Number.isInteger(years) || years < registerYears || years > 100) {
    throw new Refusal(
      'bad-input',
      `Registers are kept for ${registerYears} years: say a whole number of years from ${registerYears} to 100.`,
    );
  }
  const before = yearsBefore(dayInEngland(registry.clock()), years);
  const left = await pupilsWhoLeftBefore(registry.records, before);
  const over = left
    .filter((each) => each.restricted_at === null)
    .map((each) => ({ id: each.id, lastDay: each.last_day }));
  const restricted = left.filter((each) => each.restricted_at !== null).map(({ id }) => id);
  if (dryRun) return { before, over, restricted, erased: 0 };
  for (const { id } of over) {
    await erasePupil(registry, {
      viewer,
      purpose: 'record-keeping',
      pupil: id,
      because: 'retention',
      from,
    });
  }
  return { before, over, restricted, erased: over.length };
}

function refuseUnlessOperator({ role }: Viewer): void {
  if (role !== 'operator') {
    throw new Refusal('not-allowed', 'Records are erased by the operator alone.');
  }
}

async function leaveRight(
  { trail }: Standing,
  { viewer, purpose, pupil, from }: Who,
  detail: Record<string, string | boolean>,
): Promise<void> {
  await trail.leave({
    ...{ viewer, action: 'changed', data: 'pupil characteristics', from, detail },
    ...(purpose ? { purpose } : {}),
    subject: { kind: 'pupil', id: String(pupil) },
  });
}
