import { createHash, randomUUID } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import type { Urn } from '../../base/identifiers.ts';
import { Refusal } from '../../base/problem.ts';
import {
  countingReceipts,
  oneAtATime,
  type RecordsTransaction,
  surveyRolls,
} from '../../records/index.ts';
import type { Stores } from '../../stores/index.ts';
import type { Cell } from '../../warehouse/index.ts';
import { type DateOrder, type ReadLimits, type Source, StopReading } from '../read/reading.ts';
import { type Group, groupsOf } from './groups.ts';
import type { Cells } from './rows.ts';
import { type OpenTable, openTable, type TableFound, type TableShape } from './table.ts';
import { type ProblemsOfKind, Told } from './tell.ts';

/** A file to be read, opened as often as it is needed. */
export type RollFile = { name: string; source: Source };

export type ImportOptions = {
  clock: Clock;
  dateOrder?: DateOrder | undefined;
  dryRun?: boolean;
  /** Erased children that a roll names again are taken for new ones; without it their rows are refused. */
  bringBackErased?: boolean;
  /** Who is not in a roll has left it, however many they are; without it a roll that leaves out many is refused. */
  leavers?: boolean;
  limits?: Partial<ReadLimits>;
  /** Only this school’s rows are taken; those of others are refused. */
  onlyUrns?: readonly Urn[];
  signal?: AbortSignal;
  onProgress?(doing: string, done: number): void;
};

/** What rows would change: `removed` are those that stood and are no longer told. */
export type Counts = { new: number; same: number; changed: number; removed: number };

export type RollOutcome = {
  found: TableFound[];
  /** Rows of the files, and those of them that are refused. */
  rows: number;
  refused: number;
  counts: Counts;
  problems: ProblemsOfKind[];
  /** Worth saying, beside problems with single rows. */
  remarks: string[];
  /** The number of the receipt; none of a trial, nor where nothing changed. */
  receipt: number | null;
};

export const noCounts = (): Counts => ({ new: 0, same: 0, changed: 0, removed: 0 });

/** What a batch of schools comes to: what it changes, and the rows for the warehouse that say so. */
export type Compared = { counts: Counts; append: Cell[][]; refused?: number };

/** How one kind of file is taken in. */
export type RollKind<Row extends { urn: Urn }> = {
  /** Of its receipts. */
  receiptKind: string;
  shape: TableShape;
  table: string;
  /** Without the receipt, which comes first. */
  columns: readonly string[];
  read(cells: Cells): Row | undefined;
  /** One session of taking in: it may remember from school to school. */
  begin(stores: Stores, options: ImportOptions): RollSession<Row>;
};

export type RollSession<Row extends { urn: Urn }> = {
  /** The rows of a school that can stand together; the others are told of. */
  settle(group: Group<Row>, told: Told): Group<Row>;
  compare(batch: readonly Group<Row>[], told: Told): Promise<Compared>;
  remarks(): string[];
  /** Carried out in the transaction that commits, over the same batches as were compared. */
  keep?(
    transaction: RecordsTransaction,
    batches: () => AsyncIterable<readonly Group<Row>[]>,
  ): Promise<void>;
};

/** So many rows changed at once are looked at by the engine of the records. */
const worthASurvey = 200;

const rowsOfABatch = 20_000;
const schoolsOfABatch = 250;

/**
 * Takes files of one kind in as one: reads and checks every row, says what would change, and keeps the good rows of all
 * files under one receipt, in both stores at once. The rows with a problem are told of and wait to be mended.
 */
export async function importRoll<Row extends { urn: Urn }>(
  stores: Stores,
  kind: RollKind<Row>,
  files: readonly RollFile[],
  options: ImportOptions,
): Promise<RollOutcome> {
  const tables = await openAll(kind, files, options);
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const told = new Told();
  const session = kind.begin(stores, options);
  const batches = (tell: Told) => batchesOf(tables, kind, session, options, tell);
  const outcome: RollOutcome = {
    ...{ found: tables.map(({ found }) => found), rows, refused: 0 },
    ...{ counts: noCounts(), problems: [], remarks: [], receipt: null },
  };
  let used = 0;
  const look = async (append: (cells: Cell[][]) => Promise<void>) => {
    for await (const batch of batches(told)) {
      options.signal?.throwIfAborted();
      const here = batch.reduce((sum, group) => sum + group.rows.length, 0);
      const { counts, append: cells, refused = 0 } = await session.compare(batch, told);
      used += here - refused;
      addCounts(outcome.counts, counts);
      await append(cells);
      options.onProgress?.('checking', rows === 0 ? 1 : Math.min(1, used / rows));
    }
    Object.assign(outcome, { refused: rows - used, problems: told.all() });
    outcome.remarks = session.remarks();
  };
  try {
    if (options.dryRun) await look(async () => {});
    else await keep(stores, kind, tables, { look, session, batches, outcome, options });
    const { counts, receipt } = outcome;
    const many = counts.new + counts.changed + counts.removed >= worthASurvey;
    if (session.keep && receipt !== null && many) await surveyRolls(stores.records);
  } catch (error) {
    throw error instanceof StopReading ? unreadable(error) : error;
  }
  return outcome;
}

/** Nothing is kept, and the write given up, where nothing changes. */
class NothingChanged extends Error {}

type Keeping<Row extends { urn: Urn }> = {
  look(append: (cells: Cell[][]) => Promise<void>): Promise<void>;
  session: RollSession<Row>;
  batches(tell: Told): AsyncIterable<readonly Group<Row>[]>;
  outcome: RollOutcome;
  options: ImportOptions;
};

async function keep<Row extends { urn: Urn }>(
  stores: Stores,
  kind: RollKind<Row>,
  tables: readonly OpenTable[],
  { look, session, batches, outcome, options }: Keeping<Row>,
): Promise<void> {
  try {
    await stores.write(async (write) => {
      const before = await stores.counting();
      const receipt = await write.begin({
        kind: kind.receiptKind,
        scope: randomUUID(),
        title: titleOf(tables),
        digest: digestOf(tables),
      });
      await look((cells) =>
        write.warehouse.append(
          kind.table,
          ['receipt', ...kind.columns],
          cells.map((row) => [receipt.id, ...row]),
        ),
      );
      const { counts, refused, rows } = outcome;
      if (counts.new + counts.changed + counts.removed === 0) throw new NothingChanged();
      receipt.detail = { rows, refused, ...counts };
      outcome.receipt = receipt.id;
      write.atCommit(async (transaction) => {
        options.onProgress?.('keeping', 1);
        await refuseOvertaken(transaction, kind.receiptKind, before, receipt.id);
        await session.keep?.(transaction, () => batches(new Told()));
      });
    });
  } catch (error) {
    outcome.receipt = null;
    if (!(error instanceof NothingChanged)) throw error;
  }
}

/** What was compared with is what still stands: otherwise the two stores would be told different things. */
async function refuseOvertaken(
  transaction: RecordsTransaction,
  kind: string,
  before: readonly { id: number; kind: string }[],
  own: number,
): Promise<void> {
  await oneAtATime(transaction, kind);
  const now = await countingReceipts(transaction, kind);
  const known = new Set(before.map(({ id }) => id));
  if (now.every(({ id }) => id === own || known.has(id))) return;
  throw new Refusal(
    'check-failed',
    'Another file of the same kind came in while this one was read: nothing of this one was kept. Send it again.',
  );
}

async function* batchesOf<Row extends { urn: Urn }>(
  tables: readonly OpenTable[],
  kind: RollKind<Row>,
  session: RollSession<Row>,
  { onlyUrns }: ImportOptions,
  told: Told,
): AsyncGenerator<readonly Group<Row>[]> {
  let batch: Group<Row>[] = [];
  let rows = 0;
  for await (const group of groupsOf(tables, kind.read, told)) {
    if (onlyUrns && !onlyUrns.includes(group.urn)) {
      for (const { table, row } of group.rows) {
        told.add(
          {
            kind: 'another-school',
            message: 'The row is of another school than the one it was sent for: leave it out.',
          },
          { file: table.found.file, row, column: table.labelOf('urn') },
        );
      }
      continue;
    }
    const settled = session.settle(group, told);
    if (settled.rows.length === 0) continue;
    batch.push(settled);
    rows += settled.rows.length;
    if (rows < rowsOfABatch && batch.length < schoolsOfABatch) continue;
    yield batch;
    batch = [];
    rows = 0;
  }
  if (batch.length > 0) yield batch;
}

function addCounts(sum: Counts, counts: Counts): void {
  for (const name of ['new', 'same', 'changed', 'removed'] as const) sum[name] += counts[name];
}

async function openAll<Row extends { urn: Urn }>(
  kind: RollKind<Row>,
  files: readonly RollFile[],
  { dateOrder, limits, onlyUrns }: ImportOptions,
): Promise<OpenTable[]> {
  const tables: OpenTable[] = [];
  for (const { name, source } of files) {
    try {
      const options = {
        ...{ file: name, dateOrder },
        ...(limits ? { limits } : {}),
        ...(onlyUrns ? { onlyUrns } : {}),
      };
      tables.push(await openTable(source, kind.shape, options));
    } catch (error) {
      throw error instanceof StopReading ? unreadable(error, name) : error;
    }
  }
  return tables;
}

function unreadable({ message, row }: StopReading, file?: string): Refusal {
  const where = [file, row === undefined ? undefined : `row ${row}`].filter(Boolean).join(', ');
  return new Refusal('bad-input', `${where === '' ? '' : `${where}: `}${message}`);
}

function titleOf(tables: readonly OpenTable[]): string {
  const names = tables.map(({ found }) => found.file);
  const more = names.length - 3;
  return `${names.slice(0, 3).join(', ')}${more > 0 ? ` and ${more} more` : ''}`.slice(0, 200);
}

function digestOf(tables: readonly OpenTable[]): string {
  if (tables.length === 1) return tables[0]?.digest ?? '';
  const all = createHash('sha256');
  for (const { digest } of tables) all.update(digest);
  return all.digest('hex');
}
