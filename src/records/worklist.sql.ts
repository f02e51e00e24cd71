import { type Insertable, type Selectable, sql } from 'kysely';
import type { Records } from './connect.ts';
import type {
  WorklistCapacitiesTable,
  WorklistHoldersTable,
  WorklistNotesTable,
} from './tables.ts';

/** With the name of who wrote it. */
export type WorklistNoteRow = Selectable<WorklistNotesTable> & { name: string };
export type NewWorklistNote = Omit<Insertable<WorklistNotesTable>, 'id'>;
/** With the name of who has the child, null where nobody has; and of who said so. */
export type WorklistHolderRow = Selectable<WorklistHoldersTable> & {
  name: string | null;
  said_by: string;
};
export type NewWorklistHolder = Omit<Insertable<WorklistHoldersTable>, 'id'>;

const anyOf = (numbers: readonly number[]) => sql<number>`any(${[...numbers]}::int[])`;

export async function addWorklistNote(records: Records, note: NewWorklistNote): Promise<void> {
  await records.insertInto('worklist_notes').values(note).execute();
}

function notes(records: Records) {
  return records
    .selectFrom('worklist_notes')
    .innerJoin('people', 'people.id', 'worklist_notes.person')
    .selectAll('worklist_notes')
    .select('people.name')
    .orderBy('worklist_notes.id');
}

/** What was written at a school, by any URN it has had, oldest first. Of another school nothing is read. */
export async function worklistNotesAt(
  records: Records,
  urns: readonly number[],
): Promise<WorklistNoteRow[]> {
  return notes(records).where('urn', '=', anyOf(urns)).execute();
}

/** What was written of a child, at whatever schools, oldest first: for the child itself and its family. */
export async function worklistNotesAbout(
  records: Records,
  pupil: number,
): Promise<WorklistNoteRow[]> {
  return notes(records).where('pupil', '=', pupil).execute();
}

/**
 * From now on this person has the child at this school, by any URN it has had, or nobody. What was before stays. Keeps
 * nothing and says `false` where the last row of it is not `after` (0 for none): somebody else said so meanwhile.
 */
export async function keepWorklistHolder(
  records: Records,
  holder: NewWorklistHolder,
  { after, urns }: { after: number; urns: readonly number[] },
): Promise<boolean> {
  return records.transaction().execute(async (transaction) => {
    await transaction
      .selectFrom('pupils')
      .select('id')
      .where('id', '=', holder.pupil)
      .forUpdate()
      .executeTakeFirstOrThrow();
    const last = await transaction
      .selectFrom('worklist_holders')
      .select(({ fn }) => fn.max('id').as('id'))
      .where('pupil', '=', holder.pupil)
      .where('urn', '=', anyOf(urns))
      .executeTakeFirstOrThrow();
    if ((last.id ?? 0) !== after) return false;
    await transaction.insertInto('worklist_holders').values(holder).execute();
    return true;
  });
}

function holders(records: Records) {
  return records
    .selectFrom('worklist_holders')
    .innerJoin('people as writers', 'writers.id', 'worklist_holders.person')
    .leftJoin('people', 'people.id', 'worklist_holders.holder')
    .selectAll('worklist_holders')
    .select(['people.name', 'writers.name as said_by'])
    .orderBy('worklist_holders.id');
}

/** What was said of who has which child at a school, by any URN it has had, oldest first: the last of a child stands. */
export async function worklistHoldersAt(
  records: Records,
  urns: readonly number[],
): Promise<WorklistHolderRow[]> {
  return holders(records).where('urn', '=', anyOf(urns)).execute();
}

/** The same of one child, at whatever schools. */
export async function worklistHoldersAbout(
  records: Records,
  pupil: number,
): Promise<WorklistHolderRow[]> {
  return holders(records).where('pupil', '=', pupil).execute();
}

export async function setWorklistCapacity(
  records: Records,
  capacity: Omit<Insertable<WorklistCapacitiesTable>, 'id'>,
): Promise<void> {
  await records.insertInto('worklist_capacities').values(capacity).execute();
}

/** What a school said last, by any URN it has had, with who said it; undefined where it never did. */
export async function worklistCapacityOf(
  records: Records,
  urns: readonly number[],
): Promise<(Selectable<WorklistCapacitiesTable> & { name: string }) | undefined> {
  return records
    .selectFrom('worklist_capacities')
    .innerJoin('people', 'people.id', 'worklist_capacities.person')
    .selectAll('worklist_capacities')
    .select('people.name')
    .where('urn', '=', anyOf(urns))
    .orderBy('worklist_capacities.id', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** Somebody as who they act: `scope` is the URN that they were appointed for. */
export type WorklistPerson = { id: number; name: string; role: string; scope: string | null };

/** Who on that day may act in one of these roles for a school, by any URN it has had, by name; each by every appointment. */
export async function worklistPeople(
  records: Records,
  { urns, roles, day }: { urns: readonly number[]; roles: readonly string[]; day: string },
): Promise<WorklistPerson[]> {
  return records
    .selectFrom('appointments')
    .innerJoin('people', 'people.id', 'appointments.person')
    .select(['people.id', 'people.name', 'appointments.role', 'appointments.scope'])
    .distinct()
    .where('role', '=', sql<string>`any(${[...roles]}::text[])`)
    .where('scope', '=', sql<string>`any(${urns.map(String)}::text[])`)
    .where('starts_on', '<=', day)
    .where((build) => build.or([build('ends_on', 'is', null), build('ends_on', '>=', day)]))
    .where('ended_at', 'is', null)
    .where('closed_at', 'is', null)
    .orderBy('people.name')
    .orderBy('people.id')
    .orderBy('appointments.role')
    .execute();
}
