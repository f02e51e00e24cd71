import { dirname } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { Refusal } from '../base/problem.ts';
import {
  beginReceipt,
  commitReceipt,
  countingReceipts,
  connectRecords,
  knownReceipts,
  migrateRecords,
  type Receipt,
  type ReceiptDetail,
  type Records,
  type RecordsAddress,
  receiptsThatCount,
  removeReceipts,
  removeUncommitted,
  withdrawReceipts,
} from '../records/index.ts';
import {
  connectWarehouse,
  migrateWarehouse,
  migrations,
  removeRows,
  type Statement,
  sweepRows,
  type Warehouse,
  type WarehouseAddress,
} from '../warehouse/index.ts';
import { type Lock, lockFolder } from './lock.ts';

export type StoresAddress = { warehouse: WarehouseAddress; records: RecordsAddress };

export type StoresOptions = {
  clock: Clock;
  /** What this process is doing, for whoever finds the folder held: `rollcall serve`. */
  doing: string;
  /** A page's statement may take this long. */
  pageSeconds: number;
  /** An import's or a fit's statement may take this long. */
  workSeconds: number;
  /** On servers, where several processes write, a receipt older than this that never committed is swept. */
  sweepAfterHours: number;
};

/** What a write brings: see `Receipt`. */
export type Bringing = { kind: string; scope: string; title: string; digest: string };

/** One receipt being written. Rows appended under it are seen by nobody until the whole write commits. */
export type OpenReceipt = { id: number; bringing: Bringing; detail: ReceiptDetail };

/** A write to both stores: rows go to the warehouse as they come, and all its receipts count from one moment. */
export type Write = {
  warehouse: Warehouse;
  begin(bringing: Bringing): Promise<OpenReceipt>;
  /** A receipt that counted before and shall not count any longer, with nothing in its place. */
  withdraw(filter: { kind: string; scope: string }): void;
};

/** Both stores as one: what is committed is seen, whole, from one moment on; what is not is never seen. */
export type Stores = {
  records: Records;
  /** Rows of committed receipts; `receipts` is bound for the statement. Short: it answers pages. */
  read<Row, Parameters extends object>(
    statement: Statement<Row, Parameters & { receipts: number[] }>,
    parameters: Parameters,
    options?: { kind?: string; work?: boolean },
  ): Promise<Row[]>;
  /** The receipts that count, oldest first. */
  receipts(kind?: string): Promise<Receipt[]>;
  /** The same without what belongs to them: to know whether anything changed. */
  counting(): Promise<Pick<Receipt, 'id' | 'kind'>[]>;
  /** Runs `work`; when it returns, every receipt it began counts, and replaces the one of the same kind and scope. */
  write<Result>(work: (write: Write) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
};

/** Opens both stores: takes the lock of each embedded folder, migrates, sweeps what never committed. */
export async function openStores(address: StoresAddress, options: StoresOptions): Promise<Stores> {
  const release = lockEmbedded(address, options);
  const opened: { close(): Promise<void> }[] = [];
  const close = async () => {
    for (const store of opened.toReversed()) await store.close();
    release();
  };
  try {
    const pages = connectWarehouse(address.warehouse, {
      maxExecutionSeconds: options.pageSeconds,
    });
    opened.push(pages);
    const work = connectWarehouse(address.warehouse, { maxExecutionSeconds: options.workSeconds });
    opened.push(work);
    await migrateWarehouse(work, migrations, options.clock);
    const records = await connectRecords(address.records);
    opened.push({ close: () => records.destroy() });
    await migrateRecords(records);
    await sweep(work, records, address, options);
    const alone = address.records.kind === 'embedded';
    return overStores({ pages, work, records, clock: options.clock, alone, close });
  } catch (error) {
    await close();
    throw error;
  }
}

/** The folders that hold an embedded store; each has one owner. */
export function embeddedFolders(address: StoresAddress): string[] {
  const folders = [address.warehouse, address.records]
    .filter((store) => store.kind === 'embedded')
    .map((store) => dirname(store.folder));
  return [...new Set(folders)].sort();
}

function lockEmbedded(address: StoresAddress, options: StoresOptions): () => void {
  const holder = { pid: process.pid, doing: options.doing, since: options.clock().toISOString() };
  const locks: Lock[] = [];
  const release = () => {
    for (const lock of locks) lock.release();
  };
  try {
    for (const folder of embeddedFolders(address)) locks.push(lockFolder(folder, holder));
  } catch (error) {
    release();
    throw error;
  }
  return release;
}

/**
 * A receipt that never committed is removed, then every row that no receipt claims. Where a lock proves that no other
 * process writes, any uncommitted receipt is left over; on servers only one that is older than any write may take.
 */
async function sweep(
  warehouse: Warehouse,
  records: Records,
  address: StoresAddress,
  options: StoresOptions,
): Promise<void> {
  const alone = address.warehouse.kind === 'embedded' && address.records.kind === 'embedded';
  const age = alone ? 0 : options.sweepAfterHours * 3_600_000;
  await removeUncommitted(records, new Date(options.clock().getTime() - age));
  await sweepRows(warehouse, (receipts) => knownReceipts(records, receipts));
}

type Opened = {
  pages: Warehouse;
  work: Warehouse;
  records: Records;
  clock: Clock;
  /** Nobody else can commit: which receipts count is known here. */
  alone: boolean;
  close(): Promise<void>;
};

function overStores({ pages, work, records, clock, alone, close }: Opened): Stores {
  let counting: Promise<Receipt[]> | undefined;
  const receipts = async (kind?: string) => {
    if (!alone) return receiptsThatCount(records, kind);
    counting ??= receiptsThatCount(records).catch((error: unknown) => {
      counting = undefined;
      throw error;
    });
    const all = await counting;
    return kind === undefined ? all : all.filter((receipt) => receipt.kind === kind);
  };
  return {
    records,
    receipts,
    counting: () => countingReceipts(records),
    async read(statement, parameters, options = {}) {
      const ids = (await countingReceipts(records, options.kind)).map((receipt) => receipt.id);
      const connection = options.work ? work : pages;
      return connection.query(statement, { ...parameters, receipts: ids });
    },
    async write(job) {
      const open: OpenReceipt[] = [];
      const withdrawn: { kind: string; scope: string }[] = [];
      try {
        const result = await job({
          warehouse: work,
          async begin(bringing) {
            const id = await beginReceipt(records, { ...bringing, startedAt: clock() });
            const receipt = { id, bringing, detail: {} };
            open.push(receipt);
            return receipt;
          },
          withdraw: (filter) => void withdrawn.push(filter),
        });
        await commitAll(records, open, withdrawn, clock());
        counting = undefined;
        return result;
      } catch (error) {
        counting = undefined;
        await abandon(work, records, open).catch(() => {}); // what stays is unseen, and swept at the next start
        throw error;
      }
    },
    close,
  };
}

/**
 * What a failed write leaves is removed at once where that is possible. The records say first which receipts did not
 * commit: a commit whose answer was lost on the way back stays whole.
 */
async function abandon(work: Warehouse, records: Records, open: OpenReceipt[]): Promise<void> {
  const removed = await removeReceipts(
    records,
    open.map((receipt) => receipt.id),
  );
  await removeRows(work, removed);
}

/** The moment of truth: one transaction, after which readers see all of the write and nothing it replaced. */
async function commitAll(
  records: Records,
  open: OpenReceipt[],
  withdrawn: { kind: string; scope: string }[],
  at: Date,
): Promise<void> {
  await records.transaction().execute(async (transaction) => {
    for (const filter of withdrawn) await withdrawReceipts(transaction, filter, at);
    for (const receipt of open) {
      await withdrawReceipts(transaction, receipt.bringing, at);
      if (!(await commitReceipt(transaction, receipt.id, receipt.detail, at))) {
        throw new Refusal(
          'not-ready',
          `“${receipt.bringing.title}” took longer than a write may take and was swept: nothing of it is stored. Send it again.`,
        );
      }
    }
  });
}
