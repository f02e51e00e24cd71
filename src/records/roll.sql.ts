import { sql } from 'kysely';
import type { Records, RecordsTransaction } from './connect.ts';

/** A child on a school’s roll as the registry has it, or is to have it. */
export type RollRow = {
  urn: number;
  upn: string;
  surname: string;
  forename: string;
  date_of_birth: string;
  sex: string | null;
  year_group: string;
  /** Null: as it was. */
  class_name: string | null;
  fsm: boolean | null;
  sen: string | null;
  eal: boolean | null;
  ethnicity: string | null;
  entry_date: string;
  leaving_date: string | null;
};

/** What stands of a school’s roll. Of a restricted record only what its enrolment says is anybody’s to change. */
export type StandingRollRow = RollRow & { pupil: number; restricted: boolean };

/** The rolls of these schools as they stand; children who were erased are not on them. */
export async function rollOf(
  records: Records,
  urns: readonly number[],
): Promise<StandingRollRow[]> {
  const rows = await records
    .selectFrom('enrolments')
    .innerJoin('pupils', 'pupils.id', 'enrolments.pupil')
    .leftJoin('characteristics', 'characteristics.pupil', 'pupils.id')
    .select(['urn', 'upn', 'surname', 'forename', 'date_of_birth', 'sex', 'year_group'])
    .select(['class_name', 'fsm', 'sen', 'eal', 'ethnicity', 'entry_date', 'leaving_date'])
    .select(['enrolments.pupil', 'restricted_at'])
    .where('urn', '=', sql<number>`any(${[...urns]}::int[])`)
    .where('erased_at', 'is', null)
    .where('upn', 'is not', null)
    .orderBy('urn')
    .orderBy('enrolments.id')
    .$narrowType<{ upn: string; surname: string; forename: string; date_of_birth: string }>()
    .execute();
  return rows.map(({ restricted_at, ...row }) => ({ ...row, restricted: restricted_at !== null }));
}

/** When children of these keys were erased; those who were not are left out. */
export async function erasedAmong(
  records: Records,
  keys: readonly string[],
): Promise<Map<string, Date>> {
  const rows = await records
    .selectFrom('erased_pupils')
    .selectAll()
    .where('key', '=', sql<string>`any(${[...keys]}::text[])`)
    .execute();
  return new Map(rows.map(({ key, at }) => [key, at]));
}

/** These children are in the registry again. */
export async function noLongerErased(
  transaction: RecordsTransaction,
  keys: readonly string[],
): Promise<void> {
  await transaction
    .deleteFrom('erased_pupils')
    .where('key', '=', sql<string>`any(${[...keys]}::text[])`)
    .execute();
}

/**
 * Puts these in the place of the rolls of these schools. A child is known by its UPN. Of a restricted record nothing but its
 * enrolment follows the roll, and that is never removed; nor is that of an erased one.
 */
export async function putRoll(
  transaction: RecordsTransaction,
  urns: readonly number[],
  rows: readonly RollRow[],
  at: Date,
): Promise<void> {
  const told = sql`told AS (SELECT * FROM json_to_recordset(${JSON.stringify(rows)}::json) AS row(
    urn int, upn text, surname text, forename text, date_of_birth date, sex text, year_group text, class_name text,
    fsm boolean, sen text, eal boolean, ethnicity text, entry_date date, leaving_date date))`;
  const ofUrns = sql`any(${[...urns]}::int[])`;
  await sql`WITH ${told}
    INSERT INTO pupils (upn, surname, forename, date_of_birth, sex, created_at)
    SELECT DISTINCT ON (upn) upn, surname, forename, date_of_birth, sex, ${at}::timestamptz FROM told
    ORDER BY upn
    ON CONFLICT (upn) DO UPDATE SET surname = excluded.surname, forename = excluded.forename,
      date_of_birth = excluded.date_of_birth, sex = excluded.sex
    WHERE pupils.restricted_at IS NULL
      AND (pupils.surname, pupils.forename, pupils.date_of_birth, pupils.sex)
        IS DISTINCT FROM (excluded.surname, excluded.forename, excluded.date_of_birth, excluded.sex)
  `.execute(transaction);
  await sql`WITH ${told}
    INSERT INTO characteristics (pupil, fsm, sen, eal, ethnicity)
    SELECT DISTINCT ON (id) id, told.fsm, told.sen, told.eal, told.ethnicity
    FROM told JOIN pupils USING (upn) WHERE restricted_at IS NULL ORDER BY id
    ON CONFLICT (pupil) DO UPDATE SET fsm = excluded.fsm, sen = excluded.sen, eal = excluded.eal,
      ethnicity = excluded.ethnicity
    WHERE (characteristics.fsm, characteristics.sen, characteristics.eal, characteristics.ethnicity)
      IS DISTINCT FROM (excluded.fsm, excluded.sen, excluded.eal, excluded.ethnicity)
  `.execute(transaction);
  await sql`WITH ${told}
    DELETE FROM enrolments AS kept USING pupils
    WHERE kept.urn = ${ofUrns} AND pupils.id = kept.pupil
      AND pupils.restricted_at IS NULL AND pupils.erased_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM told WHERE told.upn = pupils.upn AND told.urn = kept.urn
                      AND told.entry_date = kept.entry_date)
  `.execute(transaction);
  await sql`WITH ${told}
    UPDATE enrolments AS kept SET year_group = told.year_group, leaving_date = told.leaving_date,
      class_name = coalesce(told.class_name, kept.class_name)
    FROM told JOIN pupils USING (upn)
    WHERE kept.pupil = pupils.id AND kept.urn = told.urn AND kept.entry_date = told.entry_date
      AND (kept.year_group, kept.leaving_date, kept.class_name)
        IS DISTINCT FROM (told.year_group, told.leaving_date, coalesce(told.class_name, kept.class_name))
  `.execute(transaction);
  await sql`WITH ${told}
    INSERT INTO enrolments (pupil, urn, year_group, class_name, entry_date, leaving_date)
    SELECT pupils.id, told.urn, told.year_group, told.class_name, told.entry_date, told.leaving_date
    FROM told JOIN pupils USING (upn)
    WHERE NOT EXISTS (SELECT 1 FROM enrolments AS kept WHERE kept.pupil = pupils.id AND kept.urn = told.urn
                      AND kept.entry_date = told.entry_date)
    ORDER BY told.urn, pupils.id, told.entry_date
  `.execute(transaction);
}

/** Children by their UPNs. */
export async function pupilsOfUpns(
  records: Records,
  upns: readonly string[],
): Promise<{ id: number; upn: string }[]> {
  return records
    .selectFrom('pupils')
    .select(['id', 'upn'])
    .where('upn', '=', sql<string>`any(${[...upns]}::text[])`)
    .$narrowType<{ upn: string }>()
    .execute();
}

/** What children of these numbers are called in files; those who were erased are left out. */
export async function upnsOfPupils(
  records: Records,
  pupils: readonly number[],
): Promise<Map<number, string>> {
  const rows = await records
    .selectFrom('pupils')
    .select(['id', 'upn'])
    .where('id', '=', sql<number>`any(${[...pupils]}::int[])`)
    .where('upn', 'is not', null)
    .$narrowType<{ upn: string }>()
    .execute();
  return new Map(rows.map(({ id, upn }) => [id, upn]));
}

/** Whoever else wants to commit something of this kind waits until this transaction has ended. */
export async function oneAtATime(transaction: RecordsTransaction, kind: string): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(hashtext(${kind}))`.execute(transaction);
}

/** After many rows came at once the engine looks at them, to know how best to find one: in the process nobody else does. */
export async function surveyRolls(records: Records): Promise<void> {
  await sql`ANALYZE pupils, enrolments, characteristics`.execute(records);
}
