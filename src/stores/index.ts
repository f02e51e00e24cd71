/**
 * The two stores as one: who owns the data folder, and the receipt that commits both at once.
 *
 * Invariant: nothing reads a row of the warehouse but through the receipts that count.
 */
export type { Anchors } from './anchors.ts';
export type { Answering } from './answering.ts';
export { type BackedUp, type BackupOptions, leftOut } from './backup.ts';
export { lockFolder } from './lock.ts';
export { perCommit, registerKinds, kindsNamingNoSchool, workedOutKinds } from './perCommit.ts';
export { refuseUnsafeServers } from './safeAddress.ts';
export { type Restored, type RestoreOptions, restoreStores } from './restore.ts';
export {
  type OpenReceipt,
  openStores,
  type Stores,
  type StoresAddress,
  type StoresOptions,
  type Write,
} from './stores.ts';
