import type { Migration } from 'kysely/migration';
import { receipts } from './001_receipts.ts';
import { installation } from './002_installation.ts';

/** In order. A step that has landed is never edited. */
export const migrations: Record<string, Migration> = {
  '001_receipts': receipts,
  '002_installation': installation,
};
