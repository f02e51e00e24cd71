import { createHash } from 'node:crypto';
import { dayInEngland } from '../../base/clock.ts';
import type { Stores } from '../../stores/index.ts';
import type { Warehouse } from '../../warehouse/index.ts';
import {
  anyStanding,
  anyTwice,
  checkAgainstStanding,
  checkAlone,
  checkWhole,
  marksOfManyChanges,
  marksThere,
  type Verdict,
  countedAs,
  verdictCounts,
} from './check.sql.ts';
import { forgetCheckedOf } from './forget.ts';
import { stagedSchools } from './stage.sql.ts';

/** How many marks are what. */
export type Verdicts = Partial<Record<Verdict, number>>;

export type Checked = {
  verdicts: Verdicts;
  /** Those that would change what stands now; and all that would be written. */
  changes: number;
  writes: number;
  /** Marks that there are already in the sessions in which any would change; looked up where more than a few would. */
  there: number;
  /** Those that would change of children of whom more than a few would; looked up where more than many would. */
  ofManyEach: number;
  /** The same where the same marks are the same. */
  print: string;
  /** What it was checked against: the same again, and the answer would be the same. */
  against: string;
};

/** The kinds of receipts that bring what registers rest on. */
const registerKinds = ['register schools', 'calendars', 'pupils', 'marks', 'amendment'];

/** What counts of registers, and which day it is: in a word that is another when either is. */
export function groundOf(counting: readonly { id: number; kind: string }[], now: Date): string {
  const ids = counting.filter(({ kind }) => registerKinds.includes(kind)).map(({ id }) => id);
  return createHash('sha256')
    .update(`${dayInEngland(now)} ${ids.join()}`)
    .digest('hex');
}

/** So many marks are checked at a time: enough for the engine, little enough for memory. */
const marksAtOnce = 4_000_000;

/** Checks everything that is staged of an upload against what counts now. */
export async function checkStaged(
  stores: Pick<Stores, 'counting'>,
  warehouse: Warehouse,
  of: {
    upload: number;
    sentAt: Date;
    now: Date;
    dated: boolean;
    /** Of the school that sends them; empty where any school’s may be sent. */
    ownUrns: readonly number[];
    signal: AbortSignal;
    onProgress(done: number): void;
  },
): Promise<Checked> {
  const { upload, signal } = of;
  const counting = await stores.counting();
  const receipts = counting.map(({ id }) => id);
  await forgetCheckedOf(warehouse, upload);
  const schools = await warehouse.query(stagedSchools, { upload });
  const staged = schools.reduce((sum, { rows }) => sum + rows, 0);
  let done = 0;
  for (const slice of slicesOf(schools)) {
    signal.throwIfAborted();
    const schoolsOfIt = { upload, fromUrn: slice.from, toUrn: slice.to };
    await warehouse.run(await checkFor(warehouse, { ...schoolsOfIt, receipts }, of.dated), {
      ...{ ...schoolsOfIt, receipts },
      ownUrns: [...of.ownUrns],
      byHand: counting.filter(({ kind }) => kind === 'amendment').map(({ id }) => id),
      today: dayInEngland(of.now),
      sentAt: utcText(of.sentAt),
    });
    done += slice.rows;
    of.onProgress(done / staged);
  }
  const counts = await warehouse.query(verdictCounts, { upload });
  const others = counts.reduce((sum, { marks }) => sum + marks, 0);
  const verdicts: Verdicts = { new: staged - others };
  let changes = 0;
  let writes = staged - others;
  for (const { verdict, marks } of counts) {
    const as = countedAs[verdict];
    if (as) writes += marks;
    if (verdict === 'amended' || verdict === 'changed') changes += marks;
    verdicts[as ?? verdict] = (verdicts[as ?? verdict] ?? 0) + marks;
  }
  const [there] =
    changes > fewChanges ? await warehouse.query(marksThere, { receipts, upload }) : [];
  const [ofManyEach] =
    changes > manyChanges
      ? await warehouse.query(marksOfManyChanges, { upload, each: fewChangesEach })
      : [];
  return {
    ...{ verdicts, changes, writes },
    there: there?.marks ?? 0,
    ofManyEach: ofManyEach?.marks ?? 0,
    print: counts.map(({ verdict, print }) => `${verdict} ${print}`).join(', '),
    against: groundOf(counting, of.now),
  };
}

/** The cheapest that says all there is to say. */
async function checkFor(
  warehouse: Warehouse,
  slice: { upload: number; fromUrn: number; toUrn: number; receipts: number[] },
  dated: boolean,
) {
  const { upload, fromUrn, toUrn } = slice;
  if (dated) return checkWhole;
  const [twice] = await warehouse.query(anyTwice, { upload, fromUrn, toUrn });
  if (twice) return checkWhole;
  const [stands] = await warehouse.query(anyStanding, slice);
  return stands ? checkAgainstStanding : checkAlone;
}

/** Neighbouring schools together, until they have marks enough. */
function slicesOf(schools: readonly { urn: number; rows: number }[]) {
  const slices: { from: number; to: number; rows: number }[] = [];
  for (const { urn, rows } of schools) {
    const last = slices.at(-1);
    if (last && last.rows + rows <= marksAtOnce) {
      last.to = urn;
      last.rows += rows;
    } else slices.push({ from: urn, to: urn, rows });
  }
  return slices;
}

/** As the warehouse reads moments. */
export function utcText(at: Date): string {
  return at.toISOString().slice(0, 19).replace('T', ' ');
}

const notRefused: readonly string[] = ['new', 'same', 'amended', 'earlier', 'repeated'];

export function refusedOf(verdicts: Verdicts): [Verdict, number][] {
  return (Object.entries(verdicts) as [Verdict, number][]).filter(
    ([verdict, marks]) => marks > 0 && !notRefused.includes(verdict),
  );
}

const fewChanges = 10;
const manyChanges = 100;
/** A tenth of the sessions of four weeks of school. */
const fewChangesEach = 4;

/**
 * More would change than somebody mends in a day: perhaps it is another school’s file, or another year’s. A tenth of what is
 * there in the sessions concerned is much; in a large school no class comes to that, so much of each child is much as well.
 */
export function changesMuch({
  changes,
  there,
  ofManyEach,
}: Pick<Checked, 'changes' | 'there' | 'ofManyEach'>): boolean {
  return (changes > fewChanges && changes * 10 > there) || ofManyEach > manyChanges;
}
