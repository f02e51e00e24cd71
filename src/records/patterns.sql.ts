import { type Insertable, type Selectable, sql } from 'kysely';
import type { Records } from './connect.ts';
import type { PatternAlertsTable, PatternAnswersTable, PatternRunsTable } from './tables.ts';

export type AlertRow = Selectable<PatternAlertsTable>;
export type NewAlert = Omit<Insertable<PatternAlertsTable>, 'id'>;
export type PatternAnswerRow = Selectable<PatternAnswersTable>;
export type NewPatternAnswer = Omit<Insertable<PatternAnswersTable>, 'id'>;
export type PatternRunRow = Selectable<PatternRunsTable>;
export type NewPatternRun = Omit<Insertable<PatternRunsTable>, 'id'>;

const isoDay = (column: string) => sql<string>`to_char(${sql.ref(column)}, 'YYYY-MM-DD')`;

/** Keeps that registers were looked at, and what of it was not told before; gives how many that were. */
export async function keepPatterns(
  records: Records,
  run: Omit<NewPatternRun, 'told'>,
  alerts: readonly NewAlert[],
): Promise<number> {
  return records.transaction().execute(async (transaction) => {
    let told = 0;
    for (const alert of alerts) {
      const { numInsertedOrUpdatedRows } = await transaction
        .insertInto('pattern_alerts')
        .values(alert)
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow();
      told += Number(numInsertedOrUpdatedRows ?? 0n);
    }
    await transaction
      .insertInto('pattern_runs')
      .values({ ...run, told })
      .execute();
    return told;
  });
}

export type AlertsOf = {
  /** Of these schools; of all where none are said. */
  urns?: readonly number[];
  /** Of these areas. */
  laCodes?: readonly string[];
  scopes?: readonly ('school' | 'area' | 'national')[];
  since: string;
  until?: string;
};

/** What was told from a day on, the newest first. */
export async function alertsTold(
  records: Records,
  { urns, laCodes, scopes, since, until }: AlertsOf,
): Promise<AlertRow[]> {
  return records
    .selectFrom('pattern_alerts')
    .selectAll()
    .select([
      isoDay('started_on').as('started_on'),
      isoDay('happened_on').as('happened_on'),
      isoDay('told_on').as('told_on'),
    ])
    .where('told_on', '>=', since)
    .$if(until !== undefined, (query) => query.where('told_on', '<=', until as string))
    .$if(urns !== undefined, (query) =>
      query.where('urn', '=', sql<number>`any(${[...(urns ?? [])]}::int[])`),
    )
    .$if(laCodes !== undefined, (query) =>
      query.where('la_code', '=', sql<string>`any(${[...(laCodes ?? [])]}::text[])`),
    )
    .$if(scopes !== undefined, (query) =>
      query.where('scope', '=', sql<string>`any(${[...(scopes ?? [])]}::text[])`),
    )
    .orderBy('pattern_alerts.told_on', 'desc')
    .orderBy('id')
    .execute();
}

/** One that was told, by its number. */
export async function findAlert(records: Records, id: number): Promise<AlertRow | undefined> {
  return records
    .selectFrom('pattern_alerts')
    .selectAll()
    .select([
      isoDay('started_on').as('started_on'),
      isoDay('happened_on').as('happened_on'),
      isoDay('told_on').as('told_on'),
    ])
    .where('id', '=', id)
    .executeTakeFirst();
}

/** Adds what somebody said of an alert; what was said before stays. */
export async function answerAlert(records: Records, answer: NewPatternAnswer): Promise<void> {
  await records.insertInto('pattern_answers').values(answer).execute();
}

/** What was said of these alerts, oldest first. */
export async function answersTo(
  records: Records,
  alerts: readonly number[],
): Promise<PatternAnswerRow[]> {
  return records
    .selectFrom('pattern_answers')
    .selectAll()
    .select(isoDay('snoozed_until').as('snoozed_until'))
    .where('alert', '=', sql<number>`any(${[...alerts]}::int[])`)
    .orderBy('id')
    .execute();
}

export type KindAnswered = { kind: string; answered: number; useful: number };

/** Of each kind: how many alerts were answered, and of how many the newest answer is that it was useful. */
export async function usefulByKind(records: Records): Promise<KindAnswered[]> {
  const { rows } = await sql<KindAnswered>`
    SELECT kind, count(*)::int AS answered, (count(*) FILTER (WHERE said = 'useful'))::int AS useful
    FROM (SELECT DISTINCT ON (alert) alert, said FROM pattern_answers
          WHERE said <> 'snoozed' ORDER BY alert, id DESC) AS newest
    JOIN pattern_alerts ON pattern_alerts.id = newest.alert
    GROUP BY kind ORDER BY kind`.execute(records);
  return rows;
}

/** The newest look at registers, up to a day; undefined before the first. */
export async function findPatternRun(
  records: Records,
  upTo: string,
): Promise<PatternRunRow | undefined> {
  return records
    .selectFrom('pattern_runs')
    .selectAll()
    .select([isoDay('on_day').as('on_day'), isoDay('last_day').as('last_day')])
    .where('pattern_runs.on_day', '<=', upTo)
    .orderBy('pattern_runs.on_day', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
}
