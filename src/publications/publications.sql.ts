import { type Statement, statement } from '../warehouse/index.ts';
import type { Source } from './source.ts';
import { countColumns } from './sources/absenceFile.ts';

/*
 * What is asked of the warehouse while publications come in. Every table of a publication has its own text of the
 * first two, made from the columns by which its source says that rows are told apart.
 */

type TwoReceipts = { before: number; after: number };

export type ChangedRow = { row_key: string; was: boolean; is: boolean };

/** Rows that two receipts of the same part do not have in common: gone, come, or with other cells. */
export function changedRows(source: Source): Statement<ChangedRow, TwoReceipts> {
  return statement(
    `changedRows of ${source.table}`,
    `SELECT ${rowKey(source)} AS row_key,
            countIf(receipt = {before:UInt32}) > 0 AS was, countIf(receipt = {after:UInt32}) > 0 AS is
     FROM ${source.table}
     WHERE receipt IN ({before:UInt32}, {after:UInt32})
     GROUP BY row_key
     HAVING was != is OR uniqExact(cityHash64(toString(tuple(* EXCEPT receipt)))) > 1
     ORDER BY row_key`,
  );
}

export type StoredKey = { seen_key: string };

/** What tells the stored rows of a part apart, as `SeenRows` has it. */
export function storedKeys(
  source: Source,
): Statement<StoredKey, { receipts: number[]; before: number }> {
  const cells = source.key.map((column) => `ifNull(toString(${column}), '')`);
  return statement(
    `storedKeys of ${source.table}`,
    `SELECT arrayStringConcat([${cells.join(', ')}], ' ') AS seen_key
     FROM ${source.table}
     WHERE receipt IN {receipts:Array(UInt32)} AND receipt = {before:UInt32} ORDER BY seen_key`,
  );
}

export type StoredSchools = { scope: string; school_type: string; schools: number };

/** How many schools of each type are stored of every part of a kind whose parts hold all schools. */
export function storedSchools(source: Source): Statement<StoredSchools, { receipts: number[] }> {
  const scope = source.scope.columns.map((column) => `toString(${column})`).join(', ');
  return statement(
    `storedSchools of ${source.table}`,
    `SELECT arrayStringConcat([${scope}], ' ') AS scope, school_type, count() AS schools
     FROM ${source.table}
     WHERE receipt IN {receipts:Array(UInt32)} GROUP BY scope, school_type
     ORDER BY scope, school_type`,
  );
}

export type KeyedRow = Record<string, unknown> & { receipt: number; row_key: string };

/** The rows themselves, of a few keys, under both receipts. */
export function rowsOfKeys(source: Source): Statement<KeyedRow, TwoReceipts & { keys: string[] }> {
  return statement(
    `rowsOfKeys of ${source.table}`,
    `SELECT *, ${rowKey(source)} AS row_key
     FROM ${source.table}
     WHERE receipt IN ({before:UInt32}, {after:UInt32}) AND row_key IN {keys:Array(String)}
     ORDER BY row_key, receipt`,
  );
}

/** What tells rows apart within a part, in words: `urn 100000, time_period 201718`. */
function rowKey(source: Source): string {
  const words = source.key.map((column) => `concat('${column} ', ifNull(toString(${column}), ''))`);
  return `arrayStringConcat([${words.join(', ')}], ', ')`;
}

export type ReconciledRow = {
  time_period: number;
  geographic_level: string;
  region_code: string;
  new_la_code: string;
  school_type: string;
  column: string;
  published: number | null;
  recomputed: number | null;
  difference: number | null;
};

const names = countColumns.map((column) => `'${column}'`).join(', ');
const sums = countColumns.map((column) => `sum(${column}) AS ${column}`).join(', ');
const ofArea = countColumns.map((column) => `area.${column}`).join(', ');
const ofSchools = countColumns.map((column) => `schools.${column}`).join(', ');

/**
 * Every count of every published national, regional and local-authority row, beside the same count summed from the
 * schools. A count that is not applicable is null on both sides; no school at all is null on ours.
 */
export const reconciledCounts = statement<ReconciledRow, { receipts: number[] }>(
  'reconciledCounts',
  `WITH schools AS (
     SELECT time_period, level AS geographic_level, if(level = 'National', '', region_code) AS region,
            if(level = 'Local authority', new_la_code, '') AS authority, type AS school_type, ${sums}
     FROM (SELECT *, arrayJoin(['National', 'Regional', 'Local authority']) AS level,
                  arrayJoin([published_school_absence.school_type, 'Total']) AS type
           FROM published_school_absence WHERE receipt IN {receipts:Array(UInt32)})
     GROUP BY time_period, geographic_level, region, authority, school_type)
   SELECT area.time_period AS time_period, area.geographic_level AS geographic_level,
          area.region_code AS region_code, area.new_la_code AS new_la_code, area.school_type AS school_type,
          column, published, recomputed, toInt64(recomputed) - toInt64(published) AS difference
   FROM (SELECT * FROM published_area_absence WHERE receipt IN {receipts:Array(UInt32)}) AS area
   LEFT JOIN schools
     ON schools.time_period = area.time_period AND schools.geographic_level = area.geographic_level
     AND schools.region = area.region_code AND schools.authority = area.new_la_code
     AND schools.school_type = area.school_type
   ARRAY JOIN [${names}] AS column, [${ofArea}] AS published, [${ofSchools}] AS recomputed
   ORDER BY time_period, geographic_level, region_code, new_la_code, school_type, column`,
);
