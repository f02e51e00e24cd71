import { statement } from '../../warehouse/index.ts';

/** What each row of a file is staged with. `key0` and `key1` are the halves of the secret of pupil keys, as whole numbers. */
export type StageParameters = { upload: number; key0: string; key1: string };

/** A letter's place in the alphabet without I, O and S; a digit's own value. */
const valueOf = (byte: string) =>
  `if(${byte} < 58, ${byte} - 48, ${byte} - 65 - (${byte} > 73) - (${byte} > 79) - (${byte} > 83))`;

/** Four weights in lanes of 16 bits: a number of four digits in such lanes, times this, has their weighted sum in its last. */
const lanes = (weights: readonly number[]) =>
  weights.reduce((sum, weight, at) => sum + (BigInt(weight) << BigInt(16 * (3 - at))), 0n);
const everySecond = 0x00ff_00ff_00ff_00ffn;
const zeros = 0x3030_3030_3030_3030n;
const lastLane = (lanesOfDigits: string, weights: readonly number[]) =>
  `bitShiftRight(bitAnd(${lanesOfDigits}, ${everySecond}) * toUInt64(${lanes(weights)}), 48)`;
const byteAt = (at: number) => `reinterpretAsUInt8(substring(upn_written, ${at}, 1))`;

/** The digits after the check letter, eight of them at once: one by one they would cost as much as all else. */
const weightedDigits = `${lastLane('upn_digits', [2, 4, 6, 8])} + ${lastLane('bitShiftRight(upn_digits, 8)', [3, 5, 7, 9])}
       + 10 * (${byteAt(10)} - 48) + 11 * (${byteAt(11)} - 48) + 12 * (${byteAt(12)} - 48)`;

/** The same as `base/upn.ts` and `base/pupilKey.ts`, which a test holds them to. A UPN that cannot be one is pupil 0. */
const keyOfUpn = `upper(upn) AS upn_written, reinterpretAsUInt64(substring(upn_written, 2, 8)) - ${zeros} AS upn_digits,
   ${byteAt(1)} AS upn_first, ${byteAt(13)} AS upn_last,
   match(upn_written, '^[A-HJ-NP-RT-Z][0-9]{11}[0-9A-HJ-NP-RT-Z]$')
     AND (${weightedDigits} + 13 * (${valueOf('upn_last')})) % 23 = ${valueOf('upn_first')} AS upn_fits,
   if(upn_fits, sipHash64Keyed(({key0:UInt64}, {key1:UInt64}), upn_written), 0) AS pupil_key`;

const into = `INSERT INTO marks_staged
     (upload, row, spot, urn, pupil, date, session, code, entered_on, reason, amended_by, position)`;

/** In the order of the file, which the numbers of its rows rest on; and no log has the secret. */
const settings = 'SETTINGS max_threads = 1, max_parsing_threads = 2, log_queries = 0';

/** Of a file that was read: each thing in its own column, as it was found. */
export const stageRead = statement<never, StageParameters>(
  'stageRead',
  `${into}
   WITH ${keyOfUpn}
   SELECT {upload:UInt32}, toUInt32(row), spot, toUInt32(urn), pupil_key, toDate(date), session = 'PM', code,
          if(entered_on = '', toDate(0), toDate(entered_on)), reason, amended_by, position
   FROM marks_arriving
   ${settings}`,
);

/** What is written plainly: nothing of it could be read in another way. One row that is not, and none is staged. */
const isPlain = `length(urn) = 6 AND toUInt32OrZero(urn) BETWEEN 100000 AND 999999 AND length(upn) = 13
     AND length(date) = 10 AND toString(toDateOrZero(date)) = date AND date >= '2000-01-01'
     AND session IN ('AM', 'PM') AND length(code) BETWEEN 1 AND 4 AND code NOT IN ('-', '.')
     AND position(code, ' ') = 0 AND position(code, '\\t') = 0`;

const plainSelect = (
  enteredOn: string,
) => `SELECT {upload:UInt32}, {before:UInt32} + rowNumberInAllBlocks() + 1, {spot:String}, toUInt32OrZero(urn), pupil_key,
          toDateOrZero(date), session = 'PM', code, ${enteredOn}, '', '', ''
   FROM marks_arriving`;

/** Of a plain table, which the engine reads itself. `before` is how many rows stand before these. */
export const stagePlain = statement<never, StageParameters & { before: number; spot: string }>(
  'stagePlain',
  `${into}
   WITH ${keyOfUpn}
   ${plainSelect('toDate(0)')}
   WHERE NOT throwIf(NOT (${isPlain}))
   ${settings}`,
);

/** The same with a column for the day on which each entry was made. */
export const stagePlainDated = statement<never, StageParameters & { before: number; spot: string }>(
  'stagePlainDated',
  `${into}
   WITH ${keyOfUpn}
   ${plainSelect('toDateOrZero(entered_on)')}
   WHERE NOT throwIf(NOT (${isPlain} AND (entered_on = '' OR toString(toDateOrZero(entered_on)) = entered_on)))
   ${settings}`,
);

export type StagedFacts = {
  rows: number;
  last_row: number;
  first_day: string;
  last_day: string;
  urns: number[];
  schools: number;
  dated: number;
};

/** What an upload's staged marks say together; the first hundred of its schools. */
export const stagedFacts = statement<StagedFacts, { upload: number }>(
  'stagedFacts',
  `SELECT count() AS rows, max(row) AS last_row, toString(min(date)) AS first_day, toString(max(date)) AS last_day,
          arraySlice(arraySort(groupUniqArray(urn)), 1, 100) AS urns, uniqExact(urn) AS schools,
          countIf(entered_on > toDate(0)) AS dated
   FROM marks_staged WHERE upload = {upload:UInt32}`,
);

/** How many marks each school has among them, in the order of URNs. */
export const stagedSchools = statement<{ urn: number; rows: number }, { upload: number }>(
  'stagedSchools',
  `SELECT urn, count() AS rows FROM marks_staged WHERE upload = {upload:UInt32} GROUP BY urn ORDER BY urn`,
);

export const forgetStaged = statement<never, { uploads: number[] }>(
  'forgetStaged',
  'DELETE FROM marks_staged WHERE upload IN {uploads:Array(UInt32)}',
);

/** Uploads of which anything is staged. */
export const uploadsStaged = statement<{ upload: number }>(
  'uploadsStaged',
  'SELECT upload FROM marks_staged GROUP BY upload ORDER BY upload',
);

export const isStaged = statement<{ upload: number }, { upload: number }>(
  'isStaged',
  'SELECT upload FROM marks_staged WHERE upload = {upload:UInt32} LIMIT 1',
);
