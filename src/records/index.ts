/**
 * The records: what must be exact one by one (receipts now; schools' answers, people and plans later), in PostgreSQL.
 * In the process by default (PGlite), on a server by URL. This folder is the only code that knows PostgreSQL.
 */
export {
  type AuditEntry,
  type AuditHead,
  type AuditSearch,
  appendAudit,
  auditEntriesAfter,
  auditHash,
  auditHead,
  type NewAuditEntry,
  searchAudit,
} from './audit.sql.ts';
export {
  connectRecords,
  parseRecordsAddress,
  type Records,
  type RecordsAddress,
} from './connect.ts';
export { installationOf } from './installation.sql.ts';
export { migrateRecords } from './migrate.ts';
export { overtaken } from './overtaken.ts';
export {
  beginReceipt,
  commitReceipt,
  committedReceipts,
  countingReceipts,
  findCounting,
  knownReceipts,
  type Receipt,
  receiptsThatCount,
  removeReceipts,
  removeUncommitted,
  withdrawReceipts,
} from './receipts.sql.ts';
export type { ReceiptDetail } from './tables.ts';
