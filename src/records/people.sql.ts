import { type Selectable, sql } from 'kysely';
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
  page: { from: number; size: number },
): Promise<{ people: Person[]; total: number }> {
  const part = `%${search.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`)}%`;
  const found = records
    .selectFrom('people')
    .where((where) => where.or([where('name', 'ilike', part), where('email', 'ilike', part)]));
  const { total } = await found
    .select(sql<number>`count(*)::int`.as('total'))
    .executeTakeFirstOrThrow();
  const people = await found
    .selectAll()
    .orderBy('name')
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
