import { type Selectable, sql } from 'kysely';
import { pupilKey } from '../base/pupilKey.ts';
import type { Records } from './connect.ts';
import { pupilSecretOf } from './installation.sql.ts';
import { type CorrectionsTable, type EmergenciesTable, emergencyMinutes } from './tables.ts';

export type EmergencyRow = Selectable<EmergenciesTable>;
export type CorrectionRow = Selectable<CorrectionsTable>;

/** How many emergencies one person may have that are open, and that nobody reviewed. */
export type MostEmergencies = { open: number; unreviewed: number };

/** Gives its number, or which limit this person has reached, however many are asked for at once. */
export async function addEmergency(
  records: Records,
  emergency: Pick<
    EmergencyRow,
    'pupil' | 'person' | 'viewer' | 'reason' | 'opened_at' | 'closes_at'
  >,
  most: MostEmergencies,
): Promise<{ id: number } | { reached: keyof MostEmergencies }> {
  const { person, opened_at } = emergency;
  return records.transaction().execute(async (transaction) => {
    await transaction
      .selectFrom('people')
      .select('id')
      .where('id', '=', person)
      .forUpdate()
      .executeTakeFirstOrThrow();
    const counted = await transaction
      .selectFrom('emergencies')
      .select(['closes_at', 'reviewed_at'])
      .where('person', '=', person)
      .where((either) =>
        either.or([either('closes_at', '>', opened_at), either('reviewed_at', 'is', null)]),
      )
      .execute();
    const open = counted.filter(({ closes_at }) => closes_at > opened_at);
    if (open.length >= most.open) return { reached: 'open' };
    const unreviewed = counted.filter(({ reviewed_at }) => reviewed_at === null);
    if (unreviewed.length >= most.unreviewed) return { reached: 'unreviewed' };
    const { id } = await transaction
      .insertInto('emergencies')
      .values({ ...emergency, reviewed_at: null, reviewed_by: null, review: null })
      .returning('id')
      .executeTakeFirstOrThrow();
    return { id };
  });
}

/** The emergencies under which these children’s records are open at that moment. */
export async function openEmergencies(
  records: Records,
  pupils: readonly number[],
  at: Date,
): Promise<Pick<EmergencyRow, 'pupil' | 'person' | 'viewer' | 'closes_at'>[]> {
  if (pupils.length === 0) return [];
  return records
    .selectFrom('emergencies')
    .select(['pupil', 'person', 'viewer', 'closes_at'])
    .where('pupil', '=', sql<number>`any(${[...pupils]}::int[])`)
    .where('opened_at', '>', new Date(at.getTime() - emergencyMinutes * 60_000))
    .where('opened_at', '<=', at)
    .where('closes_at', '>', at)
    .execute();
}

/** Those that nobody reviewed yet first, then the newest. */
export async function listEmergencies(
  records: Records,
  page: { from: number; size: number },
): Promise<{ emergencies: EmergencyRow[]; total: number }> {
  const { total } = await records
    .selectFrom('emergencies')
    .select((build) => build.fn.countAll<string>().as('total'))
    .executeTakeFirstOrThrow();
  const emergencies = await records
    .selectFrom('emergencies')
    .selectAll()
    .orderBy(sql`reviewed_at IS NOT NULL`)
    .orderBy('id', 'desc')
    .offset(page.from)
    .limit(page.size)
    .execute();
  return { emergencies, total: Number(total) };
}

export async function emergenciesAbout(records: Records, pupil: number): Promise<EmergencyRow[]> {
  return records
    .selectFrom('emergencies')
    .selectAll()
    .where('pupil', '=', pupil)
    .orderBy('id')
    .execute();
}

export async function findEmergency(
  records: Records,
  id: number,
): Promise<EmergencyRow | undefined> {
  return records.selectFrom('emergencies').selectAll().where('id', '=', id).executeTakeFirst();
}

/** False when there is no such emergency, it was reviewed before, or its own person would review it. */
export async function reviewEmergency(
  records: Records,
  review: { id: number; at: Date; by: number | null; note: string },
): Promise<boolean> {
  let update = records
    .updateTable('emergencies')
    .set({ reviewed_at: review.at, reviewed_by: review.by, review: review.note })
    .where('id', '=', review.id)
    .where('reviewed_at', 'is', null);
  if (review.by !== null) update = update.where('person', '!=', review.by);
  const rows = await update.returning('id').execute();
  return rows.length === 1;
}

/** Asks for a correction; gives its number. */
export async function addCorrection(
  records: Records,
  correction: Pick<
    CorrectionRow,
    'pupil' | 'field' | 'was' | 'wanted' | 'because' | 'asked_at' | 'asked_by'
  >,
): Promise<number> {
  const { id } = await records
    .insertInto('corrections')
    .values({ ...correction, decided_at: null, decided_by: null, outcome: null, answer: null })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

export async function correctionsOf(records: Records, pupil: number): Promise<CorrectionRow[]> {
  return records
    .selectFrom('corrections')
    .selectAll()
    .where('pupil', '=', pupil)
    .orderBy('id')
    .execute();
}

/** Asked for and not decided yet, oldest first; without what is to be changed. */
export async function openCorrections(
  records: Records,
): Promise<Pick<CorrectionRow, 'id' | 'pupil' | 'field' | 'asked_at'>[]> {
  return records
    .selectFrom('corrections')
    .select(['id', 'pupil', 'field', 'asked_at'])
    .where('decided_at', 'is', null)
    .orderBy('id')
    .execute();
}

export async function findCorrection(
  records: Records,
  id: number,
): Promise<CorrectionRow | undefined> {
  return records.selectFrom('corrections').selectAll().where('id', '=', id).executeTakeFirst();
}

/** What a correction changes, and where it stands. */
export type CorrectedValue =
  | { table: 'pupils'; column: 'surname' | 'forename' | 'date_of_birth' | 'sex'; value: string }
  | { table: 'characteristics'; column: 'fsm' | 'eal'; value: boolean }
  | { table: 'characteristics'; column: 'sen' | 'ethnicity'; value: string };

/**
 * Decides a correction once, and makes the change with it when `change` is given. False when it was decided before, or
 * the child was erased.
 */
export async function decideCorrection(
  records: Records,
  decision: {
    id: number;
    at: Date;
    by: string;
    outcome: 'accepted' | 'refused';
    answer: string;
    change: CorrectedValue | null;
  },
): Promise<boolean> {
  const { id, at, by, outcome, answer, change } = decision;
  return records.transaction().execute(async (transaction) => {
    const decided = await transaction
      .updateTable('corrections')
      .set({ decided_at: at, decided_by: by, outcome, answer })
      .where('id', '=', id)
      .where('decided_at', 'is', null)
      .returning('pupil')
      .executeTakeFirst();
    if (!decided) return false;
    const { pupil } = decided;
    if (change?.table === 'pupils') {
      await transaction
        .updateTable('pupils')
        .set({ [change.column]: change.value })
        .where('id', '=', pupil)
        .where('erased_at', 'is', null)
        .execute();
    }
    if (change?.table === 'characteristics') {
      const changed = { [change.column]: change.value };
      const nothing = { fsm: null, sen: null, eal: null, ethnicity: null };
      await transaction
        .insertInto('characteristics')
        .values({ ...nothing, pupil, ...changed })
        .onConflict((conflict) => conflict.column('pupil').doUpdateSet(changed))
        .execute();
    }
    return true;
  });
}

/** Restricts a record, or with null lifts that. False when there is no such child, or it was erased. */
export async function restrictPupil(
  records: Records,
  pupil: number,
  restriction: { at: Date; because: string } | null,
): Promise<boolean> {
  const rows = await records
    .updateTable('pupils')
    .set({
      restricted_at: restriction?.at ?? null,
      restricted_because: restriction?.because ?? null,
    })
    .where('id', '=', pupil)
    .where('erased_at', 'is', null)
    .returning('id')
    .execute();
  return rows.length === 1;
}

/**
 * Numbers of the children whose last enrolment ended before that day, or who have none and were written before it, and
 * who were not erased. `last_day` is null without an enrolment.
 */
export async function pupilsWhoLeftBefore(
  records: Records,
  day: string,
): Promise<{ id: number; restricted_at: Date | null; last_day: string | null }[]> {
  return records
    .selectFrom('pupils')
    .leftJoin('enrolments', 'enrolments.pupil', 'pupils.id')
    .select(['pupils.id', 'restricted_at', sql<string | null>`max(leaving_date)`.as('last_day')])
    .where('erased_at', 'is', null)
    .groupBy(['pupils.id', 'restricted_at', 'pupils.created_at'])
    .having(
      sql<boolean>`CASE WHEN count(enrolments.id) = 0 THEN pupils.created_at < ${day}::date
        ELSE bool_and(leaving_date IS NOT NULL AND leaving_date < ${day}) END`,
    )
    .orderBy('pupils.id')
    .execute();
}

/** What goes whole with the record of a child. */
const ofTheChild = [
  'characteristics',
  'contacts',
  'cases',
  'worklist_notes',
  'worklist_holders',
] as const;

/**
 * Erases who a child is and what is held of it, and the accounts of the child and of contacts that are here for it alone.
 * Its number stays, for the trail, and so do its enrolments without their class, which count and name nobody. False when there is no such child, it was erased before, or is enrolled on `day`.
 */
export async function erasePupil(
  records: Records,
  pupil: number,
  when: { at: Date; day: string },
): Promise<boolean> {
  return records.transaction().execute(async (transaction) => {
    const people = await peopleOf(transaction, pupil);
    const key = await keyOf(transaction, pupil);
    const erased = await transaction
      .updateTable('pupils')
      .set({
        ...{ upn: null, surname: null, forename: null, date_of_birth: null, sex: null },
        ...{ person: null, restricted_at: null, restricted_because: null, erased_at: when.at },
      })
      .where('id', '=', pupil)
      .where('erased_at', 'is', null)
      .where('id', 'not in', (build) =>
        build
          .selectFrom('enrolments')
          .select('enrolments.pupil')
          .where('enrolments.pupil', '=', pupil)
          .where((either) =>
            either.or([either('leaving_date', 'is', null), either('leaving_date', '>=', when.day)]),
          ),
      )
      .returning('id')
      .execute();
    if (erased.length === 0) return false;
    for (const table of ofTheChild) {
      await transaction.deleteFrom(table).where('pupil', '=', pupil).execute();
    }
    await transaction
      .updateTable('enrolments')
      .set({ class_name: null })
      .where('pupil', '=', pupil)
      .execute();
    await transaction
      .deleteFrom('corrections')
      .where('pupil', '=', pupil)
      .where('decided_at', 'is', null)
      .execute();
    // What people wrote may name the child.
    await transaction
      .updateTable('corrections')
      .set({ was: null, wanted: null, because: '', answer: null })
      .where('pupil', '=', pupil)
      .execute();
    await transaction
      .updateTable('emergencies')
      .set({ reason: '', review: null })
      .where('pupil', '=', pupil)
      .execute();
    if (key !== undefined) await forgetInRegisters(transaction, key, when.at);
    await forgetPeople(transaction, people, when.at);
    return true;
  });
}

/** What the child is called in the warehouse; undefined without a UPN. */
async function keyOf(records: Records, pupil: number): Promise<string | undefined> {
  const row = await records
    .selectFrom('pupils')
    .select('upn')
    .where('id', '=', pupil)
    .executeTakeFirst();
  return row?.upn ? String(pupilKey(row.upn, await pupilSecretOf(records))) : undefined;
}

/** Its marks stay as they are, and nobody can tell any more whose they were; but a reason in words may name the child. */
async function forgetInRegisters(transaction: Records, key: string, at: Date): Promise<void> {
  await transaction
    .updateTable('amendments')
    .set({ reason: '(erased)' })
    .where('pupil', '=', key)
    .execute();
  await transaction
    .insertInto('erased_pupils')
    .values({ key, at })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ at }))
    .execute();
}

/** The child, if it signs in, and whichever of its contacts do. */
async function peopleOf(records: Records, pupil: number): Promise<number[]> {
  const rows = await records
    .selectFrom('pupils')
    .select('person')
    .where('id', '=', pupil)
    .unionAll(records.selectFrom('contacts').select('person').where('pupil', '=', pupil))
    .execute();
  return [...new Set(rows.flatMap(({ person }) => person ?? []))];
}

const family = ['pupil', 'parent'];

/**
 * Empties the accounts of those among these people who are nobody else here: neither a child nor a contact of one, and
 * never appointed as anything but a pupil or a parent. Whoever works here keeps the account.
 */
async function forgetPeople(
  transaction: Records,
  people: readonly number[],
  at: Date,
): Promise<void> {
  if (people.length === 0) return;
  const forgotten = await transaction
    .updateTable('people')
    .set({
      ...{ name: '(erased)', email: '', organisation: null, closed_at: at },
      subject: sql<string>`'erased ' || id`,
    })
    .where('id', 'in', people)
    .where('id', 'not in', (build) =>
      build
        .selectFrom('pupils')
        .select('person')
        .where('person', 'is not', null)
        .$castTo<{ person: number }>(),
    )
    .where('id', 'not in', (build) =>
      build
        .selectFrom('contacts')
        .select('person')
        .where('person', 'is not', null)
        .$castTo<{ person: number }>(),
    )
    .where('id', 'not in', (build) =>
      build.selectFrom('appointments').select('person').where('role', 'not in', family),
    )
    .where('id', 'not in', (build) => build.selectFrom('cases').select('person'))
    .returning('id')
    .execute();
  for (const { id } of forgotten) {
    await transaction
      .updateTable('appointments')
      .set({ ended_at: at })
      .where('person', '=', id)
      .where('ended_at', 'is', null)
      .execute();
    await transaction.deleteFrom('sessions').where('person', '=', id).execute();
  }
}
