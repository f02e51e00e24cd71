import { csvText } from '../base/csv.ts';
import { Refusal } from '../base/problem.ts';
import type { Stores } from '../stores/index.ts';
import { type ReconciledRow, reconciledCounts } from './publications.sql.ts';

export type Reconciliation = {
  /** One for every published row and count column, in the order of their keys. */
  counts: ReconciledRow[];
  publishedRows: number;
  equalRows: number;
  /** Years that areas are published for and no school is imported of. */
  yearsWithoutSchools: number[];
};

const reconciliationColumns = [
  'time_period',
  'geographic_level',
  'region_code',
  'new_la_code',
  'school_type',
  'column',
  'published',
  'recomputed',
  'difference',
] as const;

/**
 * Sums the schools and compares every count with what is published for England, its regions and its authorities.
 * Refuses with `not-ready` when no published area has been imported.
 */
export async function reconcile(stores: Stores): Promise<Reconciliation> {
  const counts = await stores.read(reconciledCounts, {}, { work: true });
  if (counts.length === 0) {
    throw new Refusal(
      'not-ready',
      'There are no published totals to compare with: import the absence file of England, its regions and local authorities first (rollcall publications import FILE).',
    );
  }
  const rows = Map.groupBy(counts, areaOf);
  const years = Map.groupBy(counts, (count) => count.time_period);
  return {
    counts,
    publishedRows: rows.size,
    equalRows: [...rows.values()].filter((row) => row.every(isEqual)).length,
    yearsWithoutSchools: [...years]
      .filter(([, row]) => row.every((count) => count.recomputed === null))
      .map(([year]) => year),
  };
}

/** Equal to the session; "not applicable" equals itself. */
export function isEqual(count: ReconciledRow): boolean {
  return count.published === count.recomputed;
}

export function reconciliationCsv(reconciliation: Reconciliation): string {
  return csvText(reconciliationColumns, reconciliation.counts);
}

function areaOf(count: ReconciledRow): string {
  return [
    count.time_period,
    count.geographic_level,
    count.region_code,
    count.new_la_code,
    count.school_type,
  ].join(' ');
}
