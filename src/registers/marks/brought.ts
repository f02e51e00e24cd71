import { receiptsById, type UploadRow, uploadsById } from '../../records/index.ts';
import { perCommit, type Stores, workedOutKinds } from '../../stores/index.ts';
import { receiptsOfMarks } from './brought.sql.ts';
import { outcomeOf } from './upload.ts';

/** Marks of a school that it did not send itself: a file of the operator’s, or one that holds many schools’. */
export type Brought = {
  receipt: number;
  title: string;
  at: Date;
  by: string;
  /** Entries of this school in it. */
  marks: number;
  firstDay: string;
  lastDay: string;
  /** Null where nothing says whose marks it holds. */
  others: boolean | null;
};

const kept = perCommit(async () => new Map<string, Promise<Brought[]>>(), {
  ignoring: workedOutKinds,
});

/** What counts now, the newest first. `urns` are all that the school has had. */
export async function broughtToSchool(stores: Stores, urns: readonly number[]): Promise<Brought[]> {
  const schools = await kept(stores);
  const key = urns.join();
  const known = schools.get(key) ?? findBrought(stores, urns);
  schools.set(key, known);
  known.catch(() => schools.delete(key));
  return known;
}

async function findBrought(stores: Stores, urns: readonly number[]): Promise<Brought[]> {
  const found = await stores.read(receiptsOfMarks, { urns }, { kind: 'marks' });
  const receipts = await receiptsById(
    stores.records,
    found.map(({ receipt }) => receipt),
  );
  // The scope of an upload’s receipt is the upload’s number.
  const numbers = [...receipts.values()].map(({ scope }) => scope).filter(isNumber);
  const uploads = await uploadsById(stores.records, numbers.map(Number));
  return found.flatMap(({ receipt, marks, first, last }): Brought[] => {
    const row = receipts.get(receipt);
    const upload = isNumber(row?.scope) ? uploads.get(Number(row.scope)) : undefined;
    const isOwn = upload?.receipt === receipt && urns.includes(upload.urn ?? 0);
    if (!row || isOwn) return [];
    const of = upload?.receipt === receipt ? upload : undefined;
    return [
      {
        ...{ receipt, title: of?.title ?? row.title, at: row.committed_at ?? row.started_at },
        ...{ by: of?.person_name ?? 'The operator', marks, firstDay: first, lastDay: last },
        others: of ? holdsOthers(of, urns) : null,
      },
    ];
  });
}

function holdsOthers(upload: UploadRow, urns: readonly number[]): boolean | null {
  const of = outcomeOf(upload).urns;
  return of.length === 0 ? null : of.some((urn) => !urns.includes(urn));
}

const isNumber = (scope: string | undefined): scope is string => /^[1-9]\d{0,8}$/.test(scope ?? '');
