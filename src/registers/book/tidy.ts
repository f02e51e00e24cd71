import { operator, type Trace, type Trail } from '../../access/index.ts';
import { type Clock, dayInEngland } from '../../base/clock.ts';
import { type Day, yearsBefore } from '../../base/day.ts';
import { registerYears } from '../../pupils/index.ts';
import {
  amendmentsBefore,
  beginDeletions,
  finishDeletions,
  unfinishedDeletions,
} from '../../records/index.ts';
import type { Stores } from '../../stores/index.ts';
import { deleteEntriesMadeBefore, entriesMadeBefore } from './book.sql.ts';
import { utcText } from './amend.ts';

/** Entries of a school’s registers of one academic year whose time is over. */
export type Over = { urn: number; first: Day; last: Day; entries: number };

/** Told which schools’ entries, of which days, are gone: what was worked out from them is worked out anew without them. */
export type Forget = (over: readonly Over[]) => Promise<void>;

export type Tidied = {
  /** Entries made before this day are over. */
  before: Day;
  over: Over[];
  entries: number;
  amendments: number;
  deleted: boolean;
};

/**
 * Deletes every entry that was made more than six years ago, with the amendments made then, and nothing else; what is
 * deleted is written down first, by school and year, in the records and in the trail. With `dryRun` only says what would be.
 *
 * What was worked out from these entries goes with them (`forget`): figures of their days are gone, and are not kept as if
 * somebody could still check them. A session that was amended less than six years ago keeps that entry.
 */
export async function tidyRegisters(
  { stores, clock, trail }: { stores: Stores; clock: Clock; trail: Trail },
  { dryRun, forget }: { dryRun: boolean; forget?: Forget | undefined },
): Promise<Tidied> {
  const { records } = stores;
  const now = clock();
  const before = yearsBefore(dayInEngland(now), registerYears);
  // An hour less: in summer a day in England begins before it does in UTC.
  const moment = new Date(Date.parse(`${before}T00:00:00Z`) - 3_600_000);
  if (!dryRun) await finishWhatWasBegun(stores, now, forget);
  const over = await stores.write(({ warehouse }) =>
    warehouse.query(entriesMadeBefore, { moment: utcText(moment) }),
  );
  const amendments = await amendmentsBefore(records, moment);
  const entries = over.reduce((sum, each) => sum + each.entries, 0);
  const tidied = { before, over, entries, amendments, deleted: false };
  if (dryRun || (entries === 0 && amendments === 0)) return tidied;
  await trail.leave(...tracesOf(over, before, amendments));
  await beginDeletions(
    records,
    over.map(({ urn, first, last, entries: count }) => ({
      ...{ urn, first_day: first, last_day: last, entries: count },
      ...{ made_before: moment, begun_at: now },
    })),
    moment,
  );
  await deleteBefore(stores, moment);
  await forget?.(over);
  await finishDeletions(records, clock());
  return { ...tidied, deleted: true };
}

/** A deletion that was cut off is written down already: it is carried out to its end before anything is counted anew. */
async function finishWhatWasBegun(
  stores: Stores,
  now: Date,
  forget: Forget | undefined,
): Promise<void> {
  const begun = await unfinishedDeletions(stores.records);
  if (begun.length === 0) return;
  const moment = new Date(Math.max(...begun.map(({ made_before }) => made_before.getTime())));
  await deleteBefore(stores, moment);
  await forget?.(
    begun.map(({ urn, first_day, last_day, entries }) => ({
      ...{ urn, first: first_day, last: last_day, entries },
    })),
  );
  await finishDeletions(stores.records, now);
}

const tries = 10;

/** ClickHouse 26.7 can pass over rows while several deletions run at once: so it is looked at until they are gone. */
async function deleteBefore(stores: Stores, moment: Date): Promise<void> {
  const asked = { moment: utcText(moment) };
  await stores.write(async ({ warehouse }) => {
    for (let at = 0; at < tries; at++) {
      await warehouse.run(deleteEntriesMadeBefore, asked);
      if ((await warehouse.query(entriesMadeBefore, asked)).length === 0) return;
    }
    throw new Error('entries whose time is over are still there after they were deleted');
  });
}

function tracesOf(over: readonly Over[], before: Day, amendments: number): Trace[] {
  const trace = {
    ...({ viewer: operator, action: 'changed', data: 'pupil attendance' } as const),
    ...({ purpose: 'record-keeping', from: 'command line' } as const),
  };
  return [
    {
      ...trace,
      subject: { kind: 'system', id: 'registers tidy' },
      detail: { deleted: true, amendments, made_before: before },
    },
    ...over.map(
      ({ urn, first, last, entries }): Trace => ({
        ...trace,
        subject: { kind: 'school', id: String(urn) },
        detail: { deleted: true, entries, first_day: first, last_day: last },
      }),
    ),
  ];
}
