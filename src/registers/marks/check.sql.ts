import { daysAfter } from '../../base/day.ts';
import { attendanceCodes, isPossible } from '../../base/attendanceCodes.ts';
import { statement } from '../../warehouse/index.ts';

/** Kept one by one, since the file says more of them than a code. */
const keptSingly = {
  /** Nothing stood of its session; the file says who or why, or has more entries of it, of which this is the first. */
  noted: 'new',
  /** Changes no figure at once: an entry that comes after another of the same file, or says who or why of the code that stands. */
  follows: 'amended',
  /** The very entry that was made last, which came without who or why, and of which the file says so. */
  explained: 'amended',
  /** The code that stands, entered once more on a later day; or said for the first time by the school’s system, after others. */
  again: 'same',
  /** Changes what stands, on a day that the file tells. */
  changed: 'amended',
  /** Changes what stands, when it is sent: whoever sends it changes it. */
  amended: 'amended',
  /** Something that was entered later stands already. */
  earlier: 'earlier',
} as const;

/** As what an upload’s verdicts are counted and shown. */
export const countedAs: Readonly<Partial<Record<Verdict, Verdict>>> = keptSingly;
const textsOf = (texts: readonly string[]) => texts.map((each) => `'${each}'`).join(', ');
/** What an entry of these is in place of is not what stands, but what stood before it was made. */
const amongOthers: readonly string[] = ['earlier', 'explained'];
const notAmongOthers = textsOf(
  Object.keys(keptSingly).filter((each) => !amongOthers.includes(each)),
);
const notRefused = textsOf([...Object.keys(keptSingly), 'same', 'repeated']);

/** What a staged mark is found to be. All from `another-school` on are refused, but the last. */
export const verdicts = [
  'new',
  'same',
  'noted',
  'follows',
  'explained',
  'again',
  'changed',
  'amended',
  'earlier',
  'another-school',
  'upn-wrong',
  'school-not-known',
  'date-in-future',
  'entered-in-future',
  'entered-long-before',
  'code-unknown',
  'code-not-of-that-day',
  'code-of-other-session',
  'pupil-not-on-roll',
  'outside-enrolment',
  'school-closed',
  'not-in-calendar',
  'two-codes',
  'repeated',
] as const;
export type Verdict = (typeof verdicts)[number];

/** The days on which any code began or ended: between two of them every code means one thing. */
const changes = [
  ...new Set(
    attendanceCodes.flatMap(({ from, to }) => [from ?? [], to ? daysAfter(to, 1) : []].flat()),
  ),
].toSorted();

/** Which stretch between two changes a day is in. */
const stretch = changes.map((day) => `(date >= toDate('${day}'))`).join(' + ');

/** For each code, a bit for each stretch in which it is such a code. */
function bitsOfCodes(is: (each: (typeof attendanceCodes)[number]) => boolean): string {
  const starts = ['1970-01-01', ...changes];
  const bits = new Map<string, number>();
  for (const each of attendanceCodes.filter(is)) {
    for (const [at, start] of starts.entries()) {
      const isThen = (each.from ?? '0') <= start && start <= (each.to ?? '9');
      bits.set(each.code, (bits.get(each.code) ?? 0) | (isThen ? 2 ** at : 0));
    }
  }
  return transformed([...bits], 0);
}

function transformed(pairs: readonly (readonly [string, number])[], otherwise: number): string {
  const from = pairs.map(([code]) => `'${code.replaceAll('\\', '\\\\')}'`).join(', ');
  const to = pairs.map(([, value]) => value).join(', ');
  return `transform(code, [${from}], [${to}], ${otherwise})`;
}

const every = () => true;
const allCodes = [...new Set(attendanceCodes.map(({ code }) => code))];
const isCode = transformed(
  allCodes.map((code) => [code, 1]),
  0,
);
const ofSession = transformed(
  attendanceCodes.flatMap(({ code, session }) =>
    session === null ? [] : [[code, session === 'AM' ? 0 : 1] as const],
  ),
  2,
);
const isThen = `bitTest(toUInt32(${bitsOfCodes(every)}), ${stretch})`;
const isPossibleThen = `bitTest(toUInt32(${bitsOfCodes(isPossible)}), ${stretch})`;

const receipts = 'receipt IN {receipts:Array(UInt32)}';
const ofSchools = 'urn BETWEEN {fromUrn:UInt32} AND {toUrn:UInt32}';

/** Of these schools. When it was entered, then the receipt, then the amendment’s number, as one number. */
const newest = `bitShiftLeft(toUInt128(toUInt32(entered_at)), 96)
     + bitShiftLeft(toUInt128(receipt), 64) + toUInt128(entry)`;

export type CheckParameters = {
  receipts: number[];
  upload: number;
  fromUrn: number;
  toUrn: number;
  today: string;
  /** When what the file does not date was entered, where it changes what stands: when it was sent. UTC. */
  sentAt: string;
  /** The receipts that are entries of people on pages, and no school’s system’s. */
  byHand: number[];
  /** Of the school that sends them; empty where any school’s may be sent. */
  ownUrns: number[];
};

const isStaged = `upload = {upload:UInt32} AND ${ofSchools}`;
/** A mark that nothing is known against, entered at its session where the file does not say: registers are marked then. */
const enteredAtSession = `toDateTime(date, 'UTC') + if(session = 0, 34200, 48600)`;
/** An entry of which a file says the day alone. No other is entered at just that second. */
const secondOfDated = 61200;
const enteredThatDay = `toDateTime(entered_on, 'UTC') + ${secondOfDated}`;
const isDated = (moment: string) => `(toUInt32(${moment}) % 86400 = ${secondOfDated})`;
/** After all that stands of its session, and not before it was sent. */
const enteredWhenSent = `(greatest(last_entered + 1, {sentAt:DateTime('UTC')}) AS at_last) + ${isDated('at_last')}`;
/** What the school’s system said last, without who or why: the row that says so is of that entry. */
const isExplained = `(entered_on = toDate(0) AND says_more AND said = code AND NOT said_more)`;
/**
 * A code that is known beforehand (a placement, a part-time timetable, a leave that was granted) can be entered for a whole
 * year at its start; what was entered longer before its session has its year mistyped.
 */
const mostDaysAhead = 366;
const saysMore = `(reason != '' OR amended_by != '' OR position != '')`;

/**
 * Of an entry with its day, where something stands. It is kept though its code stands already, if it was entered on a later
 * day or the file says who or why: what comes in between the two may come in afterwards, in another file.
 */
const datedVerdicts = `multiIf(
                        has(entries, (entered, code, 1)) OR (NOT says_more AND has(entries, (entered, code, 0))), 'same',
                        NOT says_more AND entered_on <= date AND code_before = code, 'same',
                        entered < last_entered, 'earlier',
                        stands = code AND entered = last_entered, 'explained',
                        stands = code, if(says_more, 'follows', 'again'),
                        'changed')`;

/**
 * Of a mark without a day, where something stands: it is what the school’s system says now. What it said last of the session
 * and says again is nothing new, whatever was amended since, unless it says who or why for the first time. What it says first
 * was entered at the session, as registers are. Anything else changes what stands; or, where that is its code already, is only written down.
 */
const undatedVerdicts = `multiIf(
                        is_explained, if(entered < last_entered, 'earlier', 'explained'),
                        said = code, 'same',
                        stands = code, if(said = '' AND says_more AND entered < last_entered, 'earlier', 'again'),
                        said = '', if(entered < last_entered, 'earlier', 'changed'),
                        'amended')`;

/** What has to be compared with what: each costs as much as all else, and mostly one of them is enough. */
type Compared = { twice: boolean; standing: boolean; dated: boolean };

/**
 * Checks the staged marks of some schools by what counts now, compares them with the marks that stand, and writes down all
 * but those that are new. A mark that is in a file more than once with one code is kept once; with several, not at all. A
 * roll is what the newest file of pupils says of a school.
 */
function checkText({ twice, standing, dated }: Compared): string {
  return `INSERT INTO marks_checked
     (upload, urn, pupil, date, session, code, entered_at, verdict, original, row, spot, reason, amended_by, position)
   WITH
     known AS (
       SELECT urn FROM register_schools WHERE ${receipts} AND ${ofSchools}
       UNION DISTINCT SELECT urn FROM published_location WHERE ${receipts} AND ${ofSchools}),
     newest_rolls AS (
       SELECT urn, max(receipt) AS newest FROM enrolments WHERE ${receipts} AND ${ofSchools} GROUP BY urn),
     rolls AS (
       SELECT urn, pupil, entry_date, leaving_date FROM enrolments
       WHERE ${ofSchools} AND (urn, receipt) IN newest_rolls),
     pupils AS (SELECT DISTINCT urn, pupil FROM rolls),
     closed AS (
       SELECT urn, date, session FROM register_days WHERE ${receipts} AND ${ofSchools}
       GROUP BY urn, date, session HAVING NOT argMax(register_days.open, receipt)),
     weekends AS (
       SELECT asked.urn AS urn, asked.date AS date
       FROM (SELECT DISTINCT urn, date FROM marks_staged WHERE ${isStaged} AND toDayOfWeek(date) > 5) AS asked
       INNER JOIN (
         SELECT urn, min(register_days.date) AS first_day, max(register_days.date) AS last_day FROM register_days
         WHERE ${receipts} AND ${ofSchools} GROUP BY urn) AS calendars ON asked.urn = calendars.urn
       WHERE asked.date > first_day AND asked.date < last_day
         AND (asked.urn, asked.date) NOT IN (SELECT urn, date FROM register_days WHERE ${receipts} AND ${ofSchools})),
     looked_at AS (
       SELECT staged.*, rolls.leaving_date AS last_day,
              multiIf(notEmpty({ownUrns:Array(UInt32)}) AND urn NOT IN {ownUrns:Array(UInt32)}, 'another-school',
                      pupil = 0, 'upn-wrong',
                      urn NOT IN known, 'school-not-known',
                      date > {today:Date}, 'date-in-future',
                      entered_on > {today:Date}, 'entered-in-future',
                      entered_on > toDate(0) AND entered_on + ${mostDaysAhead} < date, 'entered-long-before',
                      NOT ${isCode}, 'code-unknown',
                      NOT ${isThen}, 'code-not-of-that-day',
                      ${ofSession} NOT IN (session, 2), 'code-of-other-session',
                      last_day < date, if((urn, pupil) IN pupils, 'outside-enrolment', 'pupil-not-on-roll'),
                      ${isPossibleThen} AND (urn, date, session) IN closed, 'school-closed',
                      ${isPossibleThen} AND toDayOfWeek(date) > 5 AND (urn, date) IN weekends, 'not-in-calendar', '') AS fault
       FROM (SELECT *, cityHash64(urn, pupil, date, session, entered_on) AS place
             FROM marks_staged WHERE ${isStaged}) AS staged
       ASOF LEFT JOIN rolls
         ON staged.urn = rolls.urn AND staged.pupil = rolls.pupil AND staged.date >= rolls.entry_date),
     ${
       twice
         ? `places_twice AS (
       SELECT cityHash64(urn, pupil, date, session, entered_on) AS place FROM marks_staged
       WHERE ${isStaged} GROUP BY place HAVING count() > 1),
     twice AS (
       SELECT urn AS of_urn, pupil AS of_pupil, date AS of_date, session AS of_session, entered_on AS of_entry,
              argMin((row, spot), (NOT ${saysMore}, row, spot)) AS first, min(looked_at.code) != max(looked_at.code) AS differ
       FROM looked_at WHERE fault = '' AND place IN places_twice
       GROUP BY urn, pupil, date, session, entered_on HAVING count() > 1),
     several AS (
       SELECT urn AS in_urn, pupil AS in_pupil, date AS in_date, session AS in_session,
              min(if(entered_on > toDate(0), ${enteredThatDay}, ${enteredAtSession})) AS first_entered
       FROM looked_at
       WHERE fault = '' AND (urn, pupil, date, session) IN (
         SELECT urn, pupil, date, session FROM marks_staged WHERE ${isStaged}
         GROUP BY urn, pupil, date, session HAVING uniqExact(entered_on) > 1)
       GROUP BY urn, pupil, date, session HAVING uniqExact(entered_on) > 1),`
         : ''
     }
     ${
       standing
         ? `days AS (SELECT min(date) AS first_day, max(date) AS last_day FROM marks_staged WHERE ${isStaged}),
     standing AS (
       SELECT urn AS its_urn, pupil AS its_pupil, date AS its_date, session AS its_session,
              argMax(marks.code, ${newest}) AS stands, max(marks.entered_at) AS last_entered,
              argMaxIf((marks.code, marks.entered_at, marks.entry > 0), ${newest},
                       NOT ${isDated('marks.entered_at')} AND receipt NOT IN {byHand:Array(UInt32)}) AS said_last,
              ${dated ? 'groupUniqArray((marks.entered_at, marks.code, toUInt8(marks.entry > 0)))' : '[]'} AS entries
       FROM marks
       WHERE ${receipts} AND ${ofSchools} AND pupil IN (SELECT pupil FROM marks_staged WHERE ${isStaged})
         AND date BETWEEN (SELECT first_day FROM days) AND (SELECT last_day FROM days)
       GROUP BY urn, pupil, date, session),`
         : ''
     }
     found AS (
       SELECT looked_at.*, ${saysMore} AS says_more,
              ${
                standing
                  ? `stands, said_last.1 AS said, said_last.3 AS said_more, ${isExplained} AS is_explained`
                  : "'' AS stands"
              },
              multiIf(entered_on > toDate(0), ${enteredThatDay},
                      ${standing ? 'is_explained, said_last.2,' : ''}
                      ${standing ? "stands = '' OR said = ''" : 'true'}, ${enteredAtSession},
                      ${standing ? enteredWhenSent : "{sentAt:DateTime('UTC')}"}) AS entered,
              ${
                dated
                  ? `tupleElement(arraySort(arrayFilter(each -> each.1 <= entered, entries))[-1], 2)`
                  : "''"
              } AS code_before,
              multiIf(fault != '', fault,
                      ${twice ? "differ, 'two-codes', of_urn > 0 AND (row, spot) != first, 'repeated'," : ''}
                      ${
                        standing
                          ? `${twice ? "stands = '' AND in_urn > 0, if(entered > first_entered, 'follows', 'noted')," : ''}
                      stands = '', if(says_more, 'noted', 'new'),
                      ${dated ? `entered_on > toDate(0), ${datedVerdicts},` : ''}
                      ${undatedVerdicts}`
                          : "if(says_more, 'noted', 'new')"
                      }) AS verdict
       FROM looked_at
       ${
         twice
           ? `LEFT JOIN twice ON urn = of_urn AND pupil = of_pupil AND date = of_date AND session = of_session
         AND entered_on = of_entry
       LEFT JOIN several ON urn = in_urn AND pupil = in_pupil AND date = in_date AND session = in_session`
           : ''
       }
       ${standing ? `LEFT JOIN standing ON urn = its_urn AND pupil = its_pupil AND date = its_date AND session = its_session` : ''})
   SELECT {upload:UInt32}, urn, pupil, date, session, code, entered, verdict, stands, row, spot,
          reason, amended_by, position
   FROM found WHERE verdict != 'new'`;
}

/** Where nothing stands yet in those days, and no session is twice in the file: nothing is compared. */
export const checkAlone = statement<never, CheckParameters>(
  'checkAlone',
  checkText({ twice: false, standing: false, dated: false }),
);

/** Where no session is twice in the file, and no entry says when it was made. */
export const checkAgainstStanding = statement<never, CheckParameters>(
  'checkAgainstStanding',
  checkText({ twice: false, standing: true, dated: false }),
);

/** Whatever there is. */
export const checkWhole = statement<never, CheckParameters>(
  'checkWhole',
  checkText({ twice: true, standing: true, dated: true }),
);

/** Whether any session is more than once among the staged marks of some schools. */
export const anyTwice = statement<
  { twice: number },
  { upload: number; fromUrn: number; toUrn: number }
>(
  'anyTwice',
  `SELECT 1 AS twice FROM marks_staged WHERE ${isStaged}
   GROUP BY cityHash64(urn, pupil, date, session, entered_on) HAVING count() > 1 LIMIT 1`,
);

/** Whether any mark stands, of these schools on the days of the staged marks. */
export const anyStanding = statement<
  { stands: number },
  { receipts: number[]; upload: number; fromUrn: number; toUrn: number }
>(
  'anyStanding',
  `SELECT 1 AS stands FROM marks
   WHERE ${receipts} AND ${ofSchools}
     AND date BETWEEN (SELECT min(date) FROM marks_staged WHERE ${isStaged})
                  AND (SELECT max(date) FROM marks_staged WHERE ${isStaged})
   LIMIT 1`,
);

/** How many marks there are in the sessions of schools in which an upload would change any. */
export const marksThere = statement<{ marks: number }, { receipts: number[]; upload: number }>(
  'marksThere',
  `WITH changed AS (
     SELECT DISTINCT urn, date, session FROM marks_checked
     WHERE upload = {upload:UInt32} AND verdict IN ('amended', 'changed'))
   SELECT count() AS marks
   FROM (SELECT urn, pupil, date, session FROM marks
         WHERE ${receipts} AND urn IN (SELECT urn FROM changed) AND (urn, date, session) IN changed
           AND date BETWEEN (SELECT min(date) FROM changed) AND (SELECT max(date) FROM changed)
         GROUP BY urn, pupil, date, session)`,
);

/** How many marks an upload would change of children of whom it would change more than `each`. */
export const marksOfManyChanges = statement<{ marks: number }, { upload: number; each: number }>(
  'marksOfManyChanges',
  `SELECT sum(marks) AS marks
   FROM (SELECT count() AS marks FROM marks_checked
         WHERE upload = {upload:UInt32} AND verdict IN ('amended', 'changed')
         GROUP BY urn, pupil HAVING marks > {each:UInt32})`,
);

/** What became of an upload’s marks that are not simply new; with a print that is another when it is of other marks. */
export const verdictCounts = statement<
  { verdict: Verdict; marks: number; print: string },
  { upload: number }
>(
  'verdictCounts',
  `SELECT verdict, count() AS marks, toString(sum(cityHash64(row, spot, original))) AS print FROM marks_checked
   WHERE upload = {upload:UInt32} GROUP BY verdict ORDER BY verdict`,
);

export type RefusedRow = {
  row: number;
  spot: string;
  verdict: Verdict;
  code: string;
  date: string;
};

/** What is refused, in the order of the file: of each kind as many as of another, and not too many. */
export const refusedRows = statement<RefusedRow, { upload: number; most: number; each: number }>(
  'refusedRows',
  `SELECT row, spot, verdict, code, toString(date) AS date FROM marks_checked
   WHERE upload = {upload:UInt32} AND verdict NOT IN (${notRefused})
   ORDER BY row, spot LIMIT {each:UInt32} BY verdict LIMIT {most:UInt32}`,
);

export type AmendedRow = {
  urn: number;
  pupil: string;
  date: string;
  session: number;
  code: string;
  original: string;
  /** What it is in place of is changed by whoever sends it, and now: the file does not say when. */
  verdict: Verdict;
  entered: string;
  reason: string;
  amended_by: string;
  position: string;
};

/** What is kept one by one in place of what stands, in an order that is the same each time; of schools from one to another. */
export const amendedRows = statement<
  AmendedRow,
  { upload: number; fromUrn: number; toUrn: number }
>(
  'amendedRows',
  `SELECT urn, toString(pupil) AS pupil, toString(date) AS date, session, code, original, verdict,
          toString(entered_at) AS entered, reason, amended_by, position
   FROM marks_checked
   WHERE ${isStaged} AND verdict IN (${notAmongOthers})
   ORDER BY urn, pupil, date, session, entered_at`,
);

export type EarlierRow = AmendedRow & {
  /** When the entry before it was entered, that `original` is of. */
  original_entered: string;
};

/** Those that belong among entries that are here, with what stood when they were entered: blank where nothing did. */
export const earlierRows = statement<
  EarlierRow,
  { receipts: number[]; upload: number; fromUrn: number; toUrn: number }
>(
  'earlierRows',
  `WITH
     late AS (SELECT * FROM marks_checked WHERE ${isStaged} AND verdict IN (${textsOf(amongOthers)})),
     entries AS (
       SELECT urn AS its_urn, pupil AS its_pupil, date AS its_date, session AS its_session,
              arraySort(groupArray((marks.entered_at, marks.receipt, marks.entry, marks.code))) AS made
       FROM marks
       WHERE ${receipts} AND ${ofSchools}
         AND (urn, pupil, date, session) IN (SELECT urn, pupil, date, session FROM late)
       GROUP BY urn, pupil, date, session)
   SELECT urn, toString(pupil) AS pupil, toString(date) AS date, session, code,
          arrayFilter(each -> each.1 <= entered_at AND NOT (each.1 = entered_at AND each.4 = code), made)[-1] AS before,
          before.4 AS original, verdict, toString(before.1) AS original_entered, toString(entered_at) AS entered,
          reason, amended_by, position
   FROM late LEFT JOIN entries
     ON late.urn = its_urn AND late.pupil = its_pupil AND late.date = its_date AND late.session = its_session
   ORDER BY late.urn, late.pupil, late.date, session, entered_at`,
);

/** How many marks of each school are kept one by one: those that belong among what is here, or the others. */
export const amendedSchools = statement<
  { urn: number; marks: number },
  { upload: number; among: boolean }
>(
  'amendedSchools',
  `SELECT urn, count() AS marks FROM marks_checked
   WHERE upload = {upload:UInt32}
     AND if({among:Bool}, verdict IN (${textsOf(amongOthers)}), verdict IN (${notAmongOthers})) GROUP BY urn ORDER BY urn`,
);

/** The marks that are new into the table of marks: all that were staged and nothing else was found of. */
export const keepNew = statement<never, { upload: number; receipt: number }>(
  'keepNew',
  `INSERT INTO marks (receipt, urn, pupil, date, session, code, entered_at, entry)
   SELECT {receipt:UInt32}, urn, pupil, date, session, code,
          if(entered_on > toDate(0), ${enteredThatDay}, ${enteredAtSession}), 0
   FROM marks_staged
   WHERE upload = {upload:UInt32}
     AND (row, spot) NOT IN (SELECT row, spot FROM marks_checked WHERE upload = {upload:UInt32})`,
);

/** In how many sessions with a mark of this receipt another that counts was entered after it and changed it; of schools from one to another. */
export const amendedLater = statement<
  { marks: number },
  { receipts: number[]; receipt: number; fromUrn: number; toUrn: number }
>(
  'amendedLater',
  `WITH days AS (
     SELECT min(date) AS first_day, max(date) AS last_day FROM marks
     WHERE receipt = {receipt:UInt32} AND ${ofSchools})
   SELECT count() AS marks
   FROM (
     SELECT argMaxIf((${newest}, 0, code), ${newest}, receipt = {receipt:UInt32}) AS own,
            argMaxIf((${newest}, entry, code), ${newest}, receipt != {receipt:UInt32}) AS other
     FROM marks
     WHERE ${receipts} AND ${ofSchools}
       AND date BETWEEN (SELECT first_day FROM days) AND (SELECT last_day FROM days)
       AND (urn, pupil, date, session) IN (
         SELECT urn, pupil, date, session FROM marks
         WHERE ${receipts} AND ${ofSchools} AND receipt != {receipt:UInt32}
           AND date BETWEEN (SELECT first_day FROM days) AND (SELECT last_day FROM days))
     GROUP BY urn, pupil, date, session
     HAVING countIf(receipt = {receipt:UInt32}) > 0)
   WHERE other.1 > own.1 AND (other.2 > 0 OR other.3 != own.3)`,
);

export const forgetChecked = statement<never, { uploads: number[] }>(
  'forgetChecked',
  'DELETE FROM marks_checked WHERE upload IN {uploads:Array(UInt32)}',
);

/** Uploads of which anything is checked, and whether any of it belongs somewhere else once it is kept. */
export const uploadsChecked = statement<{ upload: number; passing: boolean }>(
  'uploadsChecked',
  `SELECT upload, max(verdict IN (${notRefused})) = 1 AS passing
   FROM marks_checked GROUP BY upload ORDER BY upload`,
);

export const isChecked = statement<{ upload: number }, { upload: number }>(
  'isChecked',
  'SELECT upload FROM marks_checked WHERE upload = {upload:UInt32} LIMIT 1',
);

/** After an upload was kept: what is refused waits to be mended, all else is where it belongs. */
export const forgetKept = statement<never, { uploads: number[] }>(
  'forgetKept',
  `DELETE FROM marks_checked
   WHERE upload IN {uploads:Array(UInt32)} AND verdict IN (${notRefused})`,
);

/** The authority and establishment number of each school: the one on the list of schools before any that was published. */
export const laestabs = statement<{ urn: number; laestab: number }, { receipts: number[] }>(
  'laestabs',
  `SELECT urn, argMax(told.laestab, (told.listed, told.at)) AS laestab FROM (
     SELECT urn, register_schools.laestab AS laestab, 1 AS listed, receipt AS at FROM register_schools
     WHERE receipt IN {receipts:Array(UInt32)}
     UNION ALL SELECT urn, published_school_absence.laestab AS laestab, 0 AS listed, time_period AS at
     FROM published_school_absence WHERE receipt IN {receipts:Array(UInt32)}) AS told
   GROUP BY urn ORDER BY urn`,
);
