import { dirname } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { Refusal } from '../base/problem.ts';
import {
  beginReceipt,
  commitReceipt,
  committedReceipts,
  connectRecords,
  countingReceipts,
  findCounting,
  installationOf,
  knownReceipts,
  migrateRecords,
  overtaken,
  type Receipt,
  type ReceiptDetail,
  type Records,
  type RecordsAddress,
  type RecordsTransaction,
  receiptsThatCount,
  removeReceipts,
  removeUncommitted,
  withdrawReceipts,
} from '../records/index.ts';
import {
  connectWarehouse,
  findInstallation,
  keepInstallation,
  migrateWarehouse,
  migrations,
  removeRows,
  type Statement,
  sweepRows,
  type Warehouse,
  type WarehouseAddress,
} from '../warehouse/index.ts';
import { type Anchors, anchorsIn } from './anchors.ts';
import { type Answering, answeringOf } from './answering.ts';
import { type BackedUp, type BackupOptions, backUp } from './backup.ts';
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
export type OpenReceipt = {
  id: number;
  bringing: Bringing;
  detail: ReceiptDetail;
  /** The receipt that counted for the same when this one was begun. */
  replaces: number | undefined;
};

type AtCommit = (transaction: RecordsTransaction) => Promise<void>;

/** A write to both stores: rows go to the warehouse as they come, and all its receipts count from one moment. */
export type Write = {
  warehouse: Warehouse;
  begin(bringing: Bringing): Promise<OpenReceipt>;
  /** A receipt that counted before and shall not count any longer, with nothing in its place. */
  withdraw(filter: { kind: string; scope: string }): void;
  /** Work in the records that is done in the transaction that commits: with the receipts, or not at all. */
  atCommit(work: (transaction: RecordsTransaction) => Promise<void>): void;
};

/** Both stores as one: what is committed is seen, whole, from one moment on; what is not is never seen. */
export type Stores = {
  records: Records;
  /** No other process writes: what is unfinished and not under way here was left by one that ended. */
  alone: boolean;
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
  /** What the trail’s head was, kept in the warehouse. */
  anchors: Anchors;
  /** Which of the two answers just now: known within seconds, whatever they do. */
  answering(): Promise<Answering>;
  /** Writes everything that is committed into one file, which `restoreStores` opens. */
  backUp(path: string, options: BackupOptions): Promise<BackedUp>;
  close(): Promise<void>;
};

/** Opens both stores: takes the lock of each embedded folder, migrates, sweeps what never committed. */
export async function openStores(address: StoresAddress, options: StoresOptions): Promise<Stores> {
  const release = lockEmbedded(address, options);
  const warehouses: Warehouse[] = [];
  let records: Records | undefined;
  let anchors: ReturnType<typeof anchorsIn> | undefined;
  const close = async () => {
    await anchors?.close();
    // The warehouse first, and all of it at once: a write that it refuses then still finds the records to tidy up in.
    const ended = await Promise.allSettled(warehouses.map((warehouse) => warehouse.close()));
    ended.push(...(await Promise.allSettled([records?.destroy()])));
    release();
    for (const each of ended) if (each.status === 'rejected') throw each.reason;
  };
  try {
    const { pageSeconds, workSeconds } = options;
    const pages = connectWarehouse(address.warehouse, { maxExecutionSeconds: pageSeconds });
    warehouses.push(pages);
    const work = connectWarehouse(address.warehouse, { maxExecutionSeconds: workSeconds });
    warehouses.push(work);
    // A page may keep the first busy for seconds and a fit the second for an hour: neither says that nobody answers.
    const pulse = connectWarehouse(address.warehouse, { maxExecutionSeconds: 2 });
    warehouses.push(pulse);
    records = await connectRecords(address.records);
    const steps = await migrateWarehouse(work, migrations, options.clock);
    await migrateRecords(records);
    await joinStores(work, records, { warehouseIsNew: steps.length === migrations.length });
    const alone = address.records.kind === 'embedded';
    await sweep(work, records, { ...options, alone });
    anchors = anchorsIn(pages, options.clock);
    const { clock } = options;
    return overStores({ pages, work, pulse, records, clock, alone, anchors, close });
  } catch (error) {
    await close().catch(() => {}); // what went wrong first is what to say
    throw error;
  }
}

/**
 * Records and a warehouse belong together: the sweep removes from the warehouse what its records do not know, so that
 * the records of another installation would empty it.
 */
async function joinStores(
  warehouse: Warehouse,
  records: Records,
  { warehouseIsNew }: { warehouseIsNew: boolean },
): Promise<void> {
  const ours = await installationOf(records);
  const theirs = await findInstallation(warehouse);
  if (theirs === ours) return;
  if (theirs !== undefined || (warehouseIsNew && (await countingReceipts(records)).length > 0)) {
    throw new Refusal(
      'not-ready',
      'The records and the warehouse do not belong together: one of them is of another installation, or was lost. Correct ROLLCALL_RECORDS or ROLLCALL_WAREHOUSE, or put both back from the same backup.',
    );
  }
  await keepInstallation(warehouse, ours);
}

/** The folders that hold an embedded store; each has one owner. */
export function embeddedFolders(address: StoresAddress): string[] {
  const folders = [address.warehouse, address.records]
    .filter((store) => store.kind === 'embedded')
    .map((store) => dirname(store.folder));
  return [...new Set(folders)].sort();
}

/** Takes the lock of every folder that holds an embedded store; gives what lets go of them. */
export function lockEmbedded(address: StoresAddress, options: StoresOptions): () => void {
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
 * A receipt that never committed is removed, then every row that no receipt claims. Where the lock of the records proves
 * that no other process writes, any uncommitted receipt is left over; on a server only one that is older than any write
 * may take.
 */
async function sweep(
  warehouse: Warehouse,
  records: Records,
  { alone, clock, sweepAfterHours }: StoresOptions & { alone: boolean },
): Promise<void> {
  const before = new Date(clock().getTime() - sweepAfterHours * 3_600_000);
  await removeUncommitted(records, alone ? undefined : before);
  await sweepRows(warehouse, (receipts) => knownReceipts(records, receipts));
}

type Opened = {
  pages: Warehouse;
  work: Warehouse;
  pulse: Warehouse;
  records: Records;
  clock: Clock;
  /** Nobody else can commit: which receipts count is known here. */
  alone: boolean;
  anchors: Anchors;
  close(): Promise<void>;
};

function overStores(opened: Opened): Stores {
  const { pages, work, pulse, records, clock, alone, anchors, close } = opened;
  let counting: Promise<Receipt[]> | undefined;
  let ids: Promise<Pick<Receipt, 'id' | 'kind'>[]> | undefined;
  /** Asked at every read: read once until something is written, where nobody else can. */
  const countingIds = async (kind?: string) => {
    if (!alone) return countingReceipts(records, kind);
    ids ??= countingReceipts(records).catch((error: unknown) => {
      ids = undefined;
      throw error;
    });
    const all = await ids;
    return kind === undefined ? all : all.filter((receipt) => receipt.kind === kind);
  };
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
    alone,
    receipts,
    counting: () => countingIds(),
    async read(statement, parameters, options = {}) {
      const counted = (await countingIds(options.kind)).map((receipt) => receipt.id);
      const connection = options.work ? work : pages;
      return connection.query(statement, { ...parameters, receipts: counted });
    },
    async write<Result>(job: (write: Write) => Promise<Result>) {
      const open: OpenReceipt[] = [];
      const withdrawn: { kind: string; scope: string }[] = [];
      const alongside: AtCommit[] = [];
      let result: Result | undefined;
      try {
        result = await job({
          warehouse: work,
          async begin(bringing) {
            const replaces = await findCounting(records, bringing);
            const id = await beginReceipt(records, { ...bringing, startedAt: clock() });
            const receipt = { id, bringing, detail: {}, replaces };
            open.push(receipt);
            return receipt;
          },
          withdraw: (filter) => void withdrawn.push(filter),
          atCommit: (step) => void alongside.push(step),
        });
        await commitAll(records, { open, withdrawn, alongside }, clock());
      } catch (error) {
        // What cannot be removed now is unseen, and swept at the next start.
        const committed = await abandon(work, records, open).catch(() => false);
        if (!committed) throw error;
      } finally {
        counting = undefined;
        ids = undefined;
      }
      return result as Result;
    },
    anchors,
    answering: answeringOf(records, pulse),
    backUp: (path, options) => backUp({ records, warehouse: work, clock }, path, options),
    close,
  };
}

/**
 * What a failed write leaves is removed at once where that is possible. Says whether it committed after all, its answer
 * lost on the way back: then it stays whole. (Removing waits for a commit that is still under way.)
 */
async function abandon(work: Warehouse, records: Records, open: OpenReceipt[]): Promise<boolean> {
  const ids = open.map((receipt) => receipt.id);
  await removeRows(work, await removeReceipts(records, ids));
  return ids.length > 0 && (await committedReceipts(records, ids)).size === ids.length;
}

/** The moment of truth: one transaction, after which readers see all of the write and nothing it replaced. */
async function commitAll(
  records: Records,
  {
    open,
    withdrawn,
    alongside,
  }: {
    open: readonly OpenReceipt[];
    withdrawn: readonly { kind: string; scope: string }[];
    alongside: readonly AtCommit[];
  },
  at: Date,
): Promise<void> {
  const known = new Set(open.flatMap(({ id, replaces }) => [id, replaces]));
  await records.transaction().execute(async (transaction) => {
    for (const filter of withdrawn) await withdrawReceipts(transaction, filter, at);
    for (const { id, bringing, detail } of open) {
      const replaced = await withdrawReceipts(transaction, bringing, at);
      if (!replaced.every((each) => known.has(each))) throw overtaken(bringing.title);
      if (!(await commitReceipt(transaction, { id, title: bringing.title, detail }, at))) {
        throw new Refusal(
          'not-ready',
          `“${bringing.title}” took longer than a write may take and was swept: nothing of it is stored. Send it again.`,
        );
      }
    }
    for (const step of alongside) await step(transaction);
  });
}
