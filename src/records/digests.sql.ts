import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { Day } from '../base/day.ts';
import type { Records } from './connect.ts';

/** Somebody who is appointed on a day, with the address that whoever vouches for them gave. */
export type DigestRecipient = {
  person: number;
  email: string;
  role: string;
  scope: string | null;
};

/** Everybody with an address who is appointed to one of these roles on a day, once for each role and scope, and wants a digest. */
export async function digestRecipients(
  records: Records,
  { roles, day }: { roles: readonly string[]; day: Day },
): Promise<DigestRecipient[]> {
  return records
    .selectFrom('appointments')
    .innerJoin('people', 'people.id', 'appointments.person')
    .leftJoin('digest_people', 'digest_people.person', 'people.id')
    .select(['people.id as person', 'people.email', 'appointments.role', 'appointments.scope'])
    .distinct()
    .where('appointments.role', '=', sql<string>`any(${[...roles]}::text[])`)
    .where('appointments.ended_at', 'is', null)
    .where('appointments.starts_on', '<=', day)
    .where(sql<boolean>`(appointments.ends_on IS NULL OR appointments.ends_on >= ${day}::date)`)
    .where('people.closed_at', 'is', null)
    .where('people.email', '!=', '')
    .where('digest_people.stopped_at', 'is', null)
    .orderBy('people.id')
    .orderBy('appointments.role')
    .orderBy('appointments.scope')
    .execute();
}

/** What a link to stop the digests of a person carries; made when first asked for. */
export async function digestToken(records: Records, person: number): Promise<string> {
  await records
    .insertInto('digest_people')
    .values({ person, token: randomBytes(24).toString('base64url'), stopped_at: null })
    .onConflict((conflict) => conflict.column('person').doNothing())
    .execute();
  const { token } = await records
    .selectFrom('digest_people')
    .select('token')
    .where('person', '=', person)
    .executeTakeFirstOrThrow();
  return token;
}

/** Whether a person gets no digests; undefined where the token is nobody’s. */
export async function digestStopped(
  records: Records,
  token: string,
): Promise<{ person: number; stopped: boolean } | undefined> {
  const found = await records
    .selectFrom('digest_people')
    .select(['person', 'stopped_at'])
    .where('token', '=', token)
    .executeTakeFirst();
  return found && { person: found.person, stopped: found.stopped_at !== null };
}

/** From now on a person gets no digests; with `at` null, gets them again. */
export async function stopDigests(records: Records, token: string, at: Date | null): Promise<void> {
  await records
    .updateTable('digest_people')
    .set({ stopped_at: at })
    .where('token', '=', token)
    .execute();
}

export type DigestKey = DigestRecipient & { week: Day };

/** Takes it on to send a digest; undefined where somebody has, whoever asks at the same time. */
export async function beginDigest(
  records: Records,
  { person, role, scope, week }: DigestKey,
  at: Date,
): Promise<number | undefined> {
  const begun = await records
    .insertInto('digests')
    .values({ person, role, scope: scope ?? '', week, state: 'begun', at })
    .onConflict((conflict) => conflict.columns(['person', 'role', 'scope', 'week']).doNothing())
    .returning('id')
    .executeTakeFirst();
  return begun?.id;
}

/** How it ended: `unsure` where the mail server may have taken it or not. Either way it is not sent again. */
export async function endDigest(
  records: Records,
  id: number,
  state: 'sent' | 'unsure',
  at: Date,
): Promise<void> {
  await records.updateTable('digests').set({ state, at }).where('id', '=', id).execute();
}

/** How many were begun before a moment and never ended: of these nobody knows whether they went, and they count as `unsure` from now on. */
export async function digestsLeftOpen(records: Records, before: Date): Promise<number> {
  const { numUpdatedRows } = await records
    .updateTable('digests')
    .set({ state: 'unsure' })
    .where('state', '=', 'begun')
    .where('at', '<', before)
    .executeTakeFirstOrThrow();
  return Number(numUpdatedRows);
}

/** It was not sent, for certain: it may be begun again. */
export async function abandonDigest(records: Records, id: number): Promise<void> {
  await records.deleteFrom('digests').where('id', '=', id).execute();
}

/** Whether a digest was begun or sent. */
export async function digestBegun(
  records: Records,
  { person, role, scope, week }: DigestKey,
): Promise<boolean> {
  const found = await records
    .selectFrom('digests')
    .select('id')
    .where('person', '=', person)
    .where('role', '=', role)
    .where('scope', '=', scope ?? '')
    .where('week', '=', week)
    .executeTakeFirst();
  return found !== undefined;
}
