import { statesOfUploads, type UploadRow, uploadsIn } from '../../records/index.ts';
import type { Stores } from '../../stores/index.ts';
import { forgetChecked, forgetKept, uploadsChecked } from './check.sql.ts';
import { removeLeftFiles } from './onDisk.ts';
import { noteUpload, type UploadParts } from './receive.ts';
import { forgetStaged, uploadsStaged } from './stage.sql.ts';
import { removeStored, storedUploads } from './store.ts';
import { daysToMend, isWorking, outcomeOf, working } from './upload.ts';

/** The uploads that this process works on, or will when their turn comes; each as often as something is done for it. */
const underWay = new WeakMap<Stores, Map<number, number>>();

function uploadsUnderWay(stores: Stores): Map<number, number> {
  const known = underWay.get(stores) ?? new Map<number, number>();
  underWay.set(stores, known);
  return known;
}

const beatEvery = 60_000;

/** Does something for an upload, which nobody takes for left over meanwhile: here or, where others write too, there. */
export async function whileUnderWay<Result>(
  parts: UploadParts,
  upload: number,
  work: () => Promise<Result>,
): Promise<Result> {
  const busy = uploadsUnderWay(parts.stores);
  const count = (change: number) => {
    const now = (busy.get(upload) ?? 0) + change;
    if (now > 0) busy.set(upload, now);
    else busy.delete(upload);
  };
  count(1);
  const beat = setInterval(
    () => void noteUpload(parts, upload, {}, working).catch(() => {}),
    beatEvery,
  ).unref();
  try {
    return await work();
  } finally {
    clearInterval(beat);
    count(-1);
  }
}

/** Where others write too: what nobody has touched for so long was left. */
const leftAfterMinutes = 5;

/** Nobody works on it: not this process and, where others write too, none of them for minutes. */
export function isLeft(
  { stores, clock }: UploadParts,
  { id, changed_at }: Pick<UploadRow, 'id' | 'changed_at'>,
): boolean {
  if (uploadsUnderWay(stores).has(id)) return false;
  return stores.alone || changed_at.getTime() < clock().getTime() - leftAfterMinutes * 60_000;
}

export const stopped = 'It was stopped half-way, and nothing of it was kept: send it again.';

/** Nothing of it was kept, and why; a system can send it again under the same key. */
export async function giveUp(
  parts: UploadParts,
  id: number,
  failure: string,
  { from = working, state = 'failed' }: { from?: readonly string[]; state?: string } = {},
): Promise<boolean> {
  return noteUpload(parts, id, { state, failure, idempotency_key: null }, from);
}

/**
 * Says of what a process that ended has left that nobody works on it: an upload of a page waits to be taken up again (they are
 * given back), one of the command line or a system is to be sent again.
 */
export async function noteLeft(parts: UploadParts): Promise<UploadRow[]> {
  const { stores } = parts;
  const left = (await uploadsIn(stores.records, working)).filter((each) => isLeft(parts, each));
  const again: UploadRow[] = [];
  for (const upload of left) {
    if (upload.source !== 'page') await giveUp(parts, upload.id, stopped);
    else if (upload.state === 'keeping') {
      await noteUpload(parts, upload.id, { state: 'ready' }, ['keeping']);
    } else {
      await noteUpload(parts, upload.id, { state: 'waiting' }, working);
      again.push(upload);
    }
  }
  return again;
}

/**
 * Looks after what a process that ended has left, as `noteLeft` says it, and removes rows and files that belong to no upload
 * any more. So it does with what has waited for somebody too long.
 */
export async function tidyUploads(parts: UploadParts): Promise<UploadRow[]> {
  const again = await noteLeft(parts);
  await giveUpOld(parts);
  if (parts.stores.alone) await removeLeftFiles(parts.folder);
  await removeOverFiles(parts);
  await forgetLeftRows(parts);
  await tellLost(parts);
  return again;
}

const isOld = ({ clock }: UploadParts, { changed_at }: Pick<UploadRow, 'changed_at'>) =>
  changed_at.getTime() < clock().getTime() - daysToMend * 86_400_000;

const waitingForSomebody = ['ready', 'asking'];

async function giveUpOld(parts: UploadParts): Promise<void> {
  const waiting = await uploadsIn(parts.stores.records, waitingForSomebody);
  for (const upload of waiting.filter((each) => isOld(parts, each))) {
    await giveUp(parts, upload.id, nobodyConfirmed, {
      ...{ from: waitingForSomebody, state: 'cancelled' },
    });
  }
}

const nobodyConfirmed = `Nobody confirmed it within ${daysToMend} days, so nothing of it was kept: send it again.`;

/** Files of uploads that are done with, where a process ended before it removed them. */
async function removeOverFiles(parts: UploadParts): Promise<void> {
  const stored = await storedUploads(parts);
  if (stored.length === 0) return;
  const states = await statesOfUploads(parts.stores.records, stored);
  for (const upload of stored) {
    const state = states.get(upload)?.state ?? 'cancelled';
    if (!isWorking(state) && !waitingForSomebody.includes(state)) await removeStored(parts, upload);
  }
}

/** What was staged is in no backup: after one was put back, what waited to be kept is to be sent again. */
async function tellLost(parts: UploadParts): Promise<void> {
  const { records } = parts.stores;
  const waiting = (await uploadsIn(records, ['ready'])).filter((upload) => {
    const { staged, censusCounts } = outcomeOf(upload);
    return staged > 0 && censusCounts === 0;
  });
  if (waiting.length === 0) return;
  const staged = await parts.stores.write(({ warehouse }) => warehouse.query(uploadsStaged, {}));
  const here = new Set(staged.map(({ upload }) => upload));
  for (const { id } of waiting.filter((upload) => !here.has(upload.id))) {
    await giveUp(parts, id, lost, { from: ['ready'] });
  }
}

const lost = 'What was read of it is here no longer, and nothing of it was kept: send it again.';

/**
 * Removes what was staged and checked of uploads that are done with; what is refused of one waits to be mended first. All of
 * them at once, and not with each: a deletion costs the same for one as for a thousand.
 */
async function forgetLeftRows(parts: UploadParts): Promise<void> {
  const { stores } = parts;
  await stores.write(async ({ warehouse }) => {
    const staged = (await warehouse.query(uploadsStaged, {})).map(({ upload }) => upload);
    const checked = await warehouse.query(uploadsChecked, {});
    const states = await statesOfUploads(stores.records, [
      ...staged,
      ...checked.map(({ upload }) => upload),
    ]);
    const waits = (upload: number) => toMend.includes(states.get(upload)?.state ?? '');
    const isOver = (upload: number) => {
      const row = states.get(upload);
      return !row || over.includes(row.state) || (waits(upload) && isOld(parts, row));
    };
    const done = staged.filter((upload) => isOver(upload) || waits(upload));
    const gone = checked.map(({ upload }) => upload).filter(isOver);
    const passed = checked
      .filter(({ upload, passing }) => passing && waits(upload) && !isOver(upload))
      .map(({ upload }) => upload);
    if (done.length > 0) await warehouse.run(forgetStaged, { uploads: done });
    if (gone.length > 0) await warehouse.run(forgetChecked, { uploads: gone });
    if (passed.length > 0) await warehouse.run(forgetKept, { uploads: passed });
  });
}

/** Of these nobody asks any more where anything stands; of those what is refused is to be mended. */
const over: readonly string[] = ['cancelled', 'failed', 'withdrawn', 'asking'];
const toMend: readonly string[] = ['kept', 'refused'];
