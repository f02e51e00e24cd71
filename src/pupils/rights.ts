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
  appointmentsOf,
  type AuditEntry,
  correctionsOf,
  emergenciesAbout,
  enrolmentsOf,
  erasePupil as eraseRecord,
  findPerson,
  looksAtPupil,
  type PupilRow,
  pupilsByNumber,
  pupilsWhoLeftBefore,
  restrictPupil as restrictRecord,
  searchAudit,
  worklistHoldersAbout,
  worklistNotesAbout,
} from '../records/index.ts';
import { correctionShown, personText } from './correction.ts';
import { pupilsFor, type ShownPupil } from './scoped.ts';
import { type Registry, subjectOfPupil } from './subject.ts';

type Standing = Registry & { trail: Trail };

/** Every entry of a register is kept for so long (School Attendance (Pupil Registration) (England) Regulations 2024). */
export const registerYears = 6;

/** Whoever is given what is held of themselves or of their child. */
export function isFamily({ role }: Viewer): boolean {
  return role === 'parent' || role === 'pupil';
}

/** Said whether or not there is any of it. */
const leftOut = {
  services:
    'Whether another service knows the child, and what was done in an emergency: ask the school or the local authority; a person looks at it first.',
  others:
    'What other people gave of themselves: their names, telephone numbers, addresses and accounts, and what they wrote when they asked for something to be put right.',
  account:
    'The account with which the child or a parent signs in, and what they did with it: that is for themselves.',
  trail: 'Who looked at the record: that is for the family and the auditor.',
  worked_out:
    'The probability that a school’s worklist works out when somebody looks at it, from the marks above: it is kept nowhere. Ask the school to show it.',
  worklists:
    'What another school wrote of the child on its worklist: that is that school’s own, and the family’s.',
};

/** One entry of a register about a child, as it was made. */
export type RegisterEntry = {
  date: string;
  session: string;
  urn: number;
  code: string;
  entered_at: string;
  /** Where a person changed it: what stood before, why, and what they are at the school. */
  changed: { original: string | null; reason: string; position: string } | null;
};

/** What the registers hold of a child: they know it by a key, and stand above this slice. */
export type EntriesOf = (pupil: ShownPupil) => Promise<RegisterEntry[]>;

/**
 * Everything held of one child that this viewer may be given, the trail about it included; and in words what was left
 * out, whether or not there was any. What the operator writes is for handing to the family, unless it is `everything`: then
 * it is for an auditor or a court. Refuses what the viewer does not see. Whoever hands it out leaves the trace.
 */
export async function exportPupil(
  registry: Registry,
  asked: {
    viewer: Viewer;
    purpose: Purpose | null;
    pupil: number;
    everything?: boolean;
    entriesOf?: EntriesOf | undefined;
  },
) {
  const { viewer, purpose, pupil, everything = false } = asked;
  const { records } = registry;
  if (everything) refuseEverything(viewer, purpose);
  const shown = await pupilsFor(registry, viewer, purpose).get(pupil);
  if (shown.emergency || !shown.characteristics) {
    throw new Refusal('not-allowed', 'A record is exported for its family, or by its school.');
  }
  const may = (data: DataClass) => decide(viewer, data, shown.subject, { purpose }).allowed;
  const family = isFamily(viewer) || (viewer.role === 'operator' && !everything);
  const [row] = await pupilsByNumber(records, [pupil]);
  // Handed over at the command line, it is about the child and for the child.
  const self = isFamily(viewer) ? (viewer.person ?? null) : (row?.person ?? null);
  const member = isFamily(viewer) ? personText(viewer) : self === null ? null : `pupil:${self}`;
  const corrections = may('request for correction') ? await correctionsOf(records, pupil) : [];
  const mayAccount = family || everything;
  // Of emergencies a family is told by a person.
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
    register: (await asked.entriesOf?.(shown)) ?? [],
    contacts: (shown.contacts ?? [])
      .filter(({ person }) => !family || (person !== null && person === self))
      .map(({ id: _, pupil: __, ...each }) => each),
    services: (family ? [] : (shown.cases ?? [])).map(({ id: _, pupil: __, ...each }) => each),
    corrections: corrections
      .map((each) =>
        correctionShown(each, family ? member : undefined, isFamily(viewer) ? 'you' : 'the child'),
      )
      .map(({ id: _, pupil: __, ...each }) => each),
    worklist: may('worklist') ? await writtenOnWorklists(registry, { viewer, pupil, family }) : [],
    emergencies: emergencies.map(({ id: _, pupil: __, person: ___, ...each }) => each),
    looked_at: trail.map((each) => ({
      ...{ at: each.at, role: each.role, scope: each.scope, action: each.action },
      data: each.data_class,
      // A family is told of every look of the school's, and of none what it was for.
      ...(family ? {} : { purpose: each.purpose }),
    })),
    account: mayAccount && self !== null ? await accountOf(registry, self) : null,
    left_out: [
      ...(may('link to another service') && !family ? [] : [leftOut.services]),
      ...(family ? [leftOut.others] : []),
      ...(mayAccount ? [] : [leftOut.account]),
      ...(may('audit') ? [] : [leftOut.trail]),
      ...(isOfASchool(viewer) ? [leftOut.worklists] : []),
      leftOut.worked_out,
    ],
  };
}

export type PupilExport = Awaited<ReturnType<typeof exportPupil>>;

function refuseEverything({ role }: Viewer, purpose: Purpose | null): void {
  if (role !== 'operator') {
    throw new Refusal('bad-input', 'Everything, whoever it is about, is the operator’s to write.');
  }
  if (purpose !== 'oversight' && purpose !== 'record-keeping') {
    throw new Refusal(
      'bad-input',
      'Everything tells of other people too, and is not for handing to a family: say --purpose oversight or --purpose record-keeping.',
    );
  }
}

/** How somebody signs in, as what they may act, and what they did here themselves. */
async function accountOf({ records }: Registry, person: number) {
  const [found, appointments, done] = await Promise.all([
    findPerson(records, person),
    appointmentsOf(records, [person]),
    allPages((page) => searchAudit(records, { person }, page)),
  ]);
  return {
    ...{ name: found?.name ?? null, email: found?.email ?? null },
    ...{ organisation: found?.organisation ?? null, created_at: found?.created_at ?? null },
    appointments: appointments.map(({ role, scope, starts_on, ends_on, ended_at }) => ({
      ...{ role, scope, starts_on, ends_on, ended_at },
    })),
    done: done.map((each) => ({
      ...{ at: each.at, role: each.role, action: each.action, data: each.data_class },
      ...{ purpose: each.purpose, about: each.subject_kind, which: each.subject_id },
      from: each.from_address,
    })),
  };
}

const isOfASchool = ({ role }: Viewer) => role === 'head' || role === 'school';

/**
 * What schools wrote of a child on their worklists, and that somebody there had it, oldest first. A school is given its own
 * alone; a family is told of all, with the role of who wrote and no name.
 */
async function writtenOnWorklists(
  { records, directories }: Registry,
  { viewer, pupil, family }: { viewer: Viewer; pupil: number; family: boolean },
) {
  const own = (await directories()).find(Number(viewer.scope))?.chain.map(({ urn }) => urn) ?? [];
  const mayRead = ({ urn }: { urn: number }) => !isOfASchool(viewer) || own.includes(urn);
  const [notes, holders] = await Promise.all([
    worklistNotesAbout(records, pupil),
    worklistHoldersAbout(records, pupil),
  ]);
  const said = [
    ...notes.map((each) => ({ ...each, who: each.name })),
    ...holders.map((each) => ({
      ...{ ...each, who: each.said_by },
      text:
        each.holder === null
          ? 'Nobody has the child any more.'
          : `${family ? 'Somebody' : each.name} has the child.`,
    })),
  ];
  return said
    .filter(mayRead)
    .toSorted((one, other) => +one.at - +other.at)
    .map(({ urn, at, role, who, text }) => ({
      ...{ urn, at, role, text },
      ...(family ? {} : { who }),
    }));
}

/** Oldest first: all of it, or what a family is told. */
async function trailAbout(
  { records }: Registry,
  pupil: number,
  family: boolean,
): Promise<AuditEntry[]> {
  return allPages((page) =>
    family ? looksAtPupil(records, tellable(pupil), page) : searchAudit(records, { pupil }, page),
  );
}

const trailPage = 1000;

/** Of what comes newest first, all, oldest first. */
async function allPages(
  read: (page: { from: number; size: number }) => ReturnType<typeof searchAudit>,
): Promise<AuditEntry[]> {
  const found: AuditEntry[] = [];
  for (;;) {
    const { entries, total } = await read({ from: found.length, size: trailPage });
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
  const { restricted_at } = await getKept(registry, pupil);
  if (reason === null && !restricted_at) {
    throw new Refusal('check-failed', 'This record is not restricted.');
  }
  await leaveRight(registry, { viewer, purpose, pupil, from }, { restricted: reason !== null });
  const at = registry.clock();
  await restrictRecord(registry.records, pupil, reason === null ? null : { at, because: reason });
}

async function getKept({ records }: Registry, pupil: number): Promise<PupilRow> {
  const [row] = await pupilsByNumber(records, [pupil]);
  if (row && !row.erased_at) return row;
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
  const { restricted_at } = await getKept(registry, pupil);
  if (restricted_at) {
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
  over: { id: number; lastDay: string | null }[];
  /** Whose time is over too, and who are kept because their record is restricted. */
  restricted: number[];
  erased: number;
};

/** Erases the records of children who left, or were entered and never enrolled, more than so many years ago; with `dryRun` only says which. */
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
