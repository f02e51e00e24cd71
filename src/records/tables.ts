import type { ColumnType, Generated } from 'kysely';

/**
 * A receipt: what was brought in, when, and whether it counts. It counts from `committed_at` until `withdrawn_at`;
 * the warehouse's rows carry its `id`.
 */
export type ReceiptsTable = {
  id: Generated<number>;
  /** What sort of thing was brought: a publication's kind, `targets`. */
  kind: string;
  /** What it replaces when it comes again: `201718`, `2019-01`. One receipt counts per kind and scope. */
  scope: string;
  /** For people: the file's name, the year fitted. */
  title: string;
  /** SHA-256 of the content, so that the same file again is known; empty for what is computed. */
  digest: string;
  /** Counts and notes that belong to it, as JSON. */
  detail: ColumnType<ReceiptDetail, string, string>;
  started_at: Date;
  committed_at: Date | null;
  withdrawn_at: Date | null;
};

export type ReceiptDetail = Record<string, unknown>;

export type RecordsTables = { receipts: ReceiptsTable; installation: { id: string } };
