import { statesOfUploads, type UploadRow, uploadsIn } from '../../records/index.ts';
import type { Stores } from '../../stores/index.ts';
import { forgetChecked, forgetKept, uploadsChecked } from './check.sql.ts';
import { removeLeftFiles } from './onDisk.ts';
import { noteUpload, type UploadParts } from './receive.ts';
import { forgetStaged, uploadsStaged } from './stage.sql.ts';
import { outcomeOf, working } from './upload.ts';

/** The uploads that this process works on. */
const underWay = new WeakMap<Stores, Set<number>>();

export function uploadsUnderWay(stores: Stores): Set<number> {
  const known = underWay.get(stores) ?? new Set<number>();
  underWay.set(stores, known);
  return known;
}

/** Does something for an upload, which nobody takes for left over meanwhile. */
export async function whileUnderWay<Result>(
  stores: Stores,
  upload: number,
  work: () => Promise<Result>,
): Promise<Result> {
  const busy = uploadsUnderWay(stores);
  busy.add(upload);
  try {
    return await work();
  } finally {
    busy.delete(upload);
  }
}

/** Where others write too: what nobody has touched for so long was left. */
const leftAfterMinutes = 15;

const stopped = 'It was stopped half-way, and nothing of it was kept: send it again.';

/**
 * Looks after what a process that ended has left: an upload of a page is taken up again (they are given back), one of the
 * command line is to be sent again, and rows that belong to neither are removed.
 */
export async function tidyUploads(parts: UploadParts): Promise<UploadRow[]> {
  const { stores, clock } = parts;
  const busy = uploadsUnderWay(stores);
  const before = new Date(clock().getTime() - leftAfterMinutes * 60_000);
  const left = (await uploadsIn(stores.records, working)).filter(
    ({ id, changed_at }) => !busy.has(id) && (stores.alone || changed_at < before),
  );
  const again: UploadRow[] = [];
  for (const upload of left) {
    if (upload.source === 'page' && upload.state !== 'keeping') again.push(upload);
    else if (upload.source === 'page') {
      await noteUpload(parts, upload.id, { state: 'ready' }, ['keeping']);
    } else {
      await noteUpload(parts, upload.id, { state: 'failed', failure: stopped }, working);
    }
  }
  if (stores.alone) await removeLeftFiles(parts.folder);
  await forgetLeftRows(parts);
  await tellLost(parts);
  return again;
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
    await noteUpload(parts, id, { state: 'failed', failure: lost }, ['ready']);
  }
}

const lost = 'What was read of it is here no longer, and nothing of it was kept: send it again.';

/**
 * Removes what was staged and checked of uploads that are done with. All of them at once, and not with each: a deletion costs
 * the same for one as for a thousand.
 */
export async function forgetLeftRows({ stores }: Pick<UploadParts, 'stores'>): Promise<void> {
  await stores.write(async ({ warehouse }) => {
    const staged = (await warehouse.query(uploadsStaged, {})).map(({ upload }) => upload);
    const checked = await warehouse.query(uploadsChecked, {});
    const states = await statesOfUploads(stores.records, [
      ...staged,
      ...checked.map(({ upload }) => upload),
    ]);
    const isOver = (upload: number) => over.includes(states.get(upload) ?? 'cancelled');
    const done = staged.filter((upload) => isOver(upload) || states.get(upload) === 'kept');
    const gone = checked.filter(({ upload }) => isOver(upload)).map(({ upload }) => upload);
    const passed = checked
      .filter(({ upload, passing }) => passing && states.get(upload) === 'kept')
      .map(({ upload }) => upload);
    if (done.length > 0) await warehouse.run(forgetStaged, { uploads: done });
    if (gone.length > 0) await warehouse.run(forgetChecked, { uploads: gone });
    if (passed.length > 0) await warehouse.run(forgetKept, { uploads: passed });
  });
}

const over: readonly string[] = ['cancelled', 'failed', 'withdrawn', 'asking'];
