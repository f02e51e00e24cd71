import { type RawBuilder, type Selectable, sql } from 'kysely';
import type { Records } from './connect.ts';
import type {
  ApiKeysTable,
  AppointmentsTable,
  PeopleTable,
  SessionsTable,
  SignInsTable,
} from './tables.ts';

export type Person = Selectable<PeopleTable>;
export type Appointment = Selectable<AppointmentsTable>;
export type StartedSignIn = Selectable<SignInsTable>;
export type Session = Selectable<SessionsTable>;
export type ApiKey = Selectable<ApiKeysTable>;

/** From now on these people are vouched for by another issuer, under the names that they had: a provider that moved. */
export async function vouchAnew(
  records: Records,
  { subjects, issuer }: { subjects: readonly string[]; issuer: string },
): Promise<void> {
  if (subjects.length === 0) return;
  await records
    .updateTable('people')
    .set({ issuer })
    .where('subject', 'in', subjects)
    .where('issuer', '!=', issuer)
    .execute();
}

/** Who signs in: kept when first seen, and brought up to date each time. The identity is the pair of issuer and subject. */
export async function keepPerson(
  records: Records,
  person: Pick<Person, 'issuer' | 'subject' | 'name' | 'email' | 'organisation'>,
  at: Date,
): Promise<Person> {
  const { name, email, organisation } = person;
  return records
    .insertInto('people')
    .values({ ...person, created_at: at, closed_at: null })
    .onConflict((conflict) =>
      conflict.columns(['issuer', 'subject']).doUpdateSet({ name, email, organisation }),
    )
    .returningAll()
    .executeTakeFirstOrThrow();
}

export async function findPerson(records: Records, id: number): Promise<Person | undefined> {
  return records.selectFrom('people').selectAll().where('id', '=', id).executeTakeFirst();
}

/** By name; `search` is a part of a name or an address. */
export async function listPeople(
  records: Records,
  search: string,
  page: Page,
): Promise<{ people: Person[]; total: number }> {
  const part = partOf(search);
  return pageOfPeople(
    records,
    sql<boolean>`(people.name ILIKE ${part} OR people.email ILIKE ${part})`,
    sql<string>`people.name`,
    page,
  );
}

/**
 * For who may know no child by name: only people who were appointed, and never to one of `numbered`, are found and ordered
 * by name, and come first. All others are found by their number; who was never appointed, by the organisation as well.
 */
export async function listPeopleByNumber(
  records: Records,
  search: string,
  { numbered, page }: { numbered: readonly string[]; page: Page },
): Promise<{ people: Person[]; total: number }> {
  const part = partOf(search);
  const held = sql`SELECT 1 FROM appointments WHERE appointments.person = people.id`;
  const isAppointed = sql<boolean>`EXISTS (${held})`;
  const isNumbered = sql<boolean>`EXISTS (${held} AND appointments.role = any(${[...numbered]}::text[]))`;
  const isNamed = sql<boolean>`(${isAppointed} AND NOT ${isNumbered})`;
  return pageOfPeople(
    records,
    sql<boolean>`(${search} = '' OR people.id::text = ${search}
      OR (${isNamed} AND (people.name ILIKE ${part} OR people.email ILIKE ${part}))
      OR (NOT ${isNumbered} AND people.organisation ILIKE ${part}))`,
    sql<string>`CASE WHEN ${isNamed} THEN people.name END`,
    page,
  );
}

type Page = { from: number; size: number };

const partOf = (search: string) => `%${search.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`)}%`;

async function pageOfPeople(
  records: Records,
  isFound: RawBuilder<boolean>,
  order: RawBuilder<string>,
  page: Page,
): Promise<{ people: Person[]; total: number }> {
  const found = records.selectFrom('people').where(isFound);
  const { total } = await found
    .select(sql<number>`count(*)::int`.as('total'))
    .executeTakeFirstOrThrow();
  const people = await found
    .selectAll()
    .orderBy(order)
    .orderBy('id')
    .offset(page.from)
    .limit(page.size)
    .execute();
  return { people, total };
}

/** From now on the person cannot sign in, and every session of theirs is over. False when there is none, or it was so already. */
export async function closePerson(records: Records, id: number, at: Date): Promise<boolean> {
  return records.transaction().execute(async (transaction) => {
    const closed = await transaction
      .updateTable('people')
      .set({ closed_at: at })
      .where('id', '=', id)
      .where('closed_at', 'is', null)
      .returning('id')
      .execute();
    await transaction.deleteFrom('sessions').where('person', '=', id).execute();
    return closed.length === 1;
  });
}

/** Lets somebody sign in again who was closed. False when there is none, or nobody had closed them. */
export async function reopenPerson(records: Records, id: number): Promise<boolean> {
  const reopened = await records
    .updateTable('people')
    .set({ closed_at: null })
    .where('id', '=', id)
    .where('closed_at', 'is not', null)
    .returning('id')
    .execute();
  return reopened.length === 1;
}

export async function keepAppointment(
  records: Records,
  appointment: Omit<Appointment, 'id' | 'ended_at'>,
): Promise<number> {
  const { id } = await records
    .insertInto('appointments')
    .values({ ...appointment, ended_at: null })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

export async function findAppointment(
  records: Records,
  id: number,
): Promise<Appointment | undefined> {
  return records.selectFrom('appointments').selectAll().where('id', '=', id).executeTakeFirst();
}

/** All that these people ever had, oldest first. */
export async function appointmentsOf(
  records: Records,
  people: readonly number[],
): Promise<Appointment[]> {
  return records
    .selectFrom('appointments')
    .selectAll()
    .where('person', '=', sql<number>`any(${[...people]}::int[])`)
    .orderBy('id')
    .execute();
}

/** Takes one back. False when there is none, or it was taken back already. */
export async function endAppointment(records: Records, id: number, at: Date): Promise<boolean> {
  const ended = await records
    .updateTable('appointments')
    .set({ ended_at: at })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .returning('id')
    .execute();
  return ended.length === 1;
}

/** A sign-in begins; those begun before `forgetBefore` never came back. */
export async function beginSignIn(
  records: Records,
  signIn: StartedSignIn,
  forgetBefore: Date,
): Promise<void> {
  await records.deleteFrom('sign_ins').where('started_at', '<', forgetBefore).execute();
  await records.insertInto('sign_ins').values(signIn).execute();
}

/** The sign-in that this state belongs to, once: whoever comes second finds none. */
export async function takeSignIn(
  records: Records,
  stateHash: string,
): Promise<StartedSignIn | undefined> {
  return records
    .deleteFrom('sign_ins')
    .where('state_hash', '=', stateHash)
    .returningAll()
    .executeTakeFirst();
}

/** A new session, in the place of the one with the hash `instead`. */
export async function keepSession(
  records: Records,
  session: Session,
  instead: string | undefined,
): Promise<void> {
  await records.transaction().execute(async (transaction) => {
    if (instead !== undefined) {
      await transaction.deleteFrom('sessions').where('token_hash', '=', instead).execute();
    }
    await transaction.insertInto('sessions').values(session).execute();
  });
}

/** With the appointment it acts under; not of a person who was closed. */
export async function findSession(
  records: Records,
  tokenHash: string,
): Promise<{ session: Session; appointment: Appointment | undefined } | undefined> {
  const session = await records
    .selectFrom('sessions')
    .innerJoin('people', 'people.id', 'sessions.person')
    .selectAll('sessions')
    .where('token_hash', '=', tokenHash)
    .where('people.closed_at', 'is', null)
    .executeTakeFirst();
  if (!session) return undefined;
  const appointment =
    session.appointment === null ? undefined : await findAppointment(records, session.appointment);
  return { session, appointment };
}

export async function touchSession(records: Records, tokenHash: string, at: Date): Promise<void> {
  await records
    .updateTable('sessions')
    .set({ seen_at: at })
    .where('token_hash', '=', tokenHash)
    .execute();
}

export async function choosePurpose(
  records: Records,
  tokenHash: string,
  purpose: string,
): Promise<void> {
  await records
    .updateTable('sessions')
    .set({ purpose })
    .where('token_hash', '=', tokenHash)
    .execute();
}

/** The session is over. Gives what it was. */
export async function removeSession(
  records: Records,
  tokenHash: string,
): Promise<Session | undefined> {
  return records
    .deleteFrom('sessions')
    .where('token_hash', '=', tokenHash)
    .returningAll()
    .executeTakeFirst();
}

/** Removes what has timed out. */
export async function sweepSessions(
  records: Records,
  limits: { startedBefore: Date; seenBefore: Date },
): Promise<void> {
  await records
    .deleteFrom('sessions')
    .where((where) =>
      where.or([
        where('started_at', '<', limits.startedBefore),
        where('seen_at', '<', limits.seenBefore),
      ]),
    )
    .execute();
}

export async function keepKey(
  records: Records,
  key: Omit<ApiKey, 'id' | 'revoked_at' | 'last_used_at'>,
): Promise<number> {
  const { id } = await records
    .insertInto('api_keys')
    .values({ ...key, revoked_at: null, last_used_at: null })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

export async function findKeyById(records: Records, id: number): Promise<ApiKey | undefined> {
  return records.selectFrom('api_keys').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Newest first. */
export async function listKeys(records: Records): Promise<ApiKey[]> {
  return records.selectFrom('api_keys').selectAll().orderBy('id', 'desc').execute();
}

export async function touchKey(records: Records, id: number, at: Date): Promise<void> {
  await records.updateTable('api_keys').set({ last_used_at: at }).where('id', '=', id).execute();
}

/** False when there is none, or it was revoked already. */
export async function revokeKey(records: Records, id: number, at: Date): Promise<boolean> {
  const revoked = await records
    .updateTable('api_keys')
    .set({ revoked_at: at })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .returning('id')
    .execute();
  return revoked.length === 1;
}
