import { type Insertable, type Selectable, sql, type Updateable } from 'kysely';
import type { Records } from './connect.ts';
import type { UploadsTable } from './tables.ts';

/** What a school sent of its registers, or is sending: how far it is and what became of it. */
export type UploadRow = Selectable<UploadsTable>;
export type NewUpload = Omit<
  Insertable<UploadsTable>,
  'id' | 'answers' | 'outcome' | 'progress' | 'failure' | 'receipt'
> & { answers?: Record<string, unknown> };

/** Gives its number; undefined when this sender has used the same idempotency key before. */
export async function addUpload(records: Records, upload: NewUpload): Promise<number | undefined> {
  const row = await records
    .insertInto('uploads')
    .values({ ...upload, answers: JSON.stringify(upload.answers ?? {}) })
    .onConflict((conflict) => conflict.columns(['viewer', 'idempotency_key']).doNothing())
    .returning('id')
    .executeTakeFirst();
  return row?.id;
}

export async function findUpload(records: Records, id: number): Promise<UploadRow | undefined> {
  return records.selectFrom('uploads').selectAll().where('id', '=', id).executeTakeFirst();
}

/** What this sender sent under an idempotency key. */
export async function findUploadOfKey(
  records: Records,
  of: { viewer: string; key: string },
): Promise<UploadRow | undefined> {
  return records
    .selectFrom('uploads')
    .selectAll()
    .where('viewer', '=', of.viewer)
    .where('idempotency_key', '=', of.key)
    .executeTakeFirst();
}

export type UploadChange = Omit<Updateable<UploadsTable>, 'answers' | 'outcome'> & {
  answers?: Record<string, unknown>;
  outcome?: Record<string, unknown>;
};

/** Changes one, where it is still in one of these states; false when it is not. */
export async function changeUpload(
  records: Records,
  id: number,
  change: UploadChange,
  from?: readonly string[],
): Promise<boolean> {
  const { answers, outcome, ...rest } = change;
  let query = records
    .updateTable('uploads')
    .set({
      ...rest,
      ...(answers && { answers: JSON.stringify(answers) }),
      ...(outcome && { outcome: JSON.stringify(outcome) }),
    })
    .where('id', '=', id);
  if (from) query = query.where('state', '=', sql<string>`any(${[...from]}::text[])`);
  const { numUpdatedRows } = await query.executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** The newest first: of a school (under any URN it has had), or of all; some of them, and how many there are. */
export async function listUploads(
  records: Records,
  of: { urns?: readonly number[]; from: number; size: number },
): Promise<{ uploads: UploadRow[]; total: number }> {
  const { urns } = of;
  const wanted = () => {
    const query = records.selectFrom('uploads');
    return urns ? query.where('urn', '=', sql<number>`any(${[...urns]}::int[])`) : query;
  };
  const uploads = await wanted()
    .selectAll()
    .orderBy('id', 'desc')
    .offset(of.from)
    .limit(of.size)
    .execute();
  const { total } = await wanted()
    .select((all) => all.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow();
  return { uploads, total: Number(total) };
}

/** Those in one of these states, oldest first. */
export async function uploadsIn(records: Records, states: readonly string[]): Promise<UploadRow[]> {
  return records
    .selectFrom('uploads')
    .selectAll()
    .where('state', '=', sql<string>`any(${[...states]}::text[])`)
    .orderBy('id')
    .execute();
}

/** These uploads, by number; those that there are not are left out. */
export async function uploadsById(
  records: Records,
  ids: readonly number[],
): Promise<Map<number, UploadRow>> {
  const rows = await records
    .selectFrom('uploads')
    .selectAll()
    .where('id', '=', sql<number>`any(${[...ids]}::int[])`)
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
}

/** What was only tried leaves nothing. */
export async function removeUpload(records: Records, id: number): Promise<void> {
  await records.deleteFrom('uploads').where('id', '=', id).execute();
}

/** How each of these stands, and since when; those that there are not are left out. */
export async function statesOfUploads(
  records: Records,
  ids: readonly number[],
): Promise<Map<number, Pick<UploadRow, 'state' | 'changed_at'>>> {
  const rows = await records
    .selectFrom('uploads')
    .select(['id', 'state', 'changed_at'])
    .where('id', '=', sql<number>`any(${[...ids]}::int[])`)
    .execute();
  return new Map(rows.map(({ id, ...row }) => [id, row]));
}
