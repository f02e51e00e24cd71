import { Refusal } from '../../base/problem.ts';
import { withoutUpns } from '../../base/upn.ts';
import type { UploadRow } from '../../records/index.ts';
import type { Stores } from '../../stores/index.ts';
import { cancelUpload, keepUpload } from './keep.ts';
import { getUpload, noteUpload, receive, type UploadParts } from './receive.ts';
import { openStored, removeStored } from './store.ts';
import { giveUp, tidyUploads, whileUnderWay } from './tidy.ts';

/** How far the work on an upload is. */
export type Progress = { doing: string; done: number };

/** Work on uploads of pages, one after the other; what is under way is known by their numbers. */
export type UploadJobs = {
  /** Reads and checks an upload, when its turn comes. */
  read(upload: number, ownUrns: readonly number[]): Promise<void>;
  keep(upload: number, ownUrns: readonly number[]): Promise<void>;
  cancel(upload: number): Promise<void>;
  progressOf(upload: number): Progress | undefined;
  /** Takes up again what a process that ended has left, now and from time to time. */
  resume(ownUrns: (upload: UploadRow) => Promise<readonly number[]>): Promise<void>;
};

const known = new WeakMap<Stores, UploadJobs>();

const tidyEvery = 15 * 60_000;

const beingRead: readonly string[] = ['waiting', 'reading', 'checking'];

/** The page of the upload says what its school can do; all there is to say of it is for whoever runs the site. */
function tellOperator(id: number, error: unknown): void {
  const why = error instanceof Error ? withoutUpns(error.message) : typeof error;
  process.emitWarning(`Upload ${id} could not go on: ${why}`, { code: 'ROLLCALL_UPLOAD_STOPPED' });
}

/** The jobs of these stores: the same whoever asks. */
export function uploadJobs(parts: UploadParts): UploadJobs {
  const jobs = known.get(parts.stores) ?? makeJobs(parts);
  known.set(parts.stores, jobs);
  return jobs;
}

function makeJobs(parts: UploadParts): UploadJobs {
  const progress = new Map<number, Progress>();
  const controllers = new Map<number, AbortController>();
  let last: Promise<unknown> = Promise.resolve();

  /** In turn; what goes wrong is told where the upload is shown. */
  function inTurn(id: number, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const controller = controllers.get(id) ?? new AbortController();
    controllers.set(id, controller);
    const before = last;
    const mine = whileUnderWay(parts, id, async () => {
      await before;
      try {
        controller.signal.throwIfAborted();
        await work(controller.signal);
      } catch (error) {
        if (!controller.signal.aborted) await fail(id, error);
      } finally {
        progress.delete(id);
        controllers.delete(id);
      }
    });
    last = mine.catch(() => {});
    return mine;
  }

  /** A site that stops leaves its work to the next start; what was ready and could not be kept is ready still. */
  async function fail(id: number, error: unknown): Promise<void> {
    if (error instanceof Refusal && error.message.startsWith('Rollcall is stopping')) return;
    const failure =
      error instanceof Refusal
        ? error.forVisitors
        : 'A fault of Rollcall’s stopped it, and nothing of it was kept. Send it again.';
    if (failure !== (error as Error).message) tellOperator(id, error);
    await noteUpload(parts, id, { failure }, ['ready']);
    if (await giveUp(parts, id, failure, { from: beingRead })) await removeStored(parts, id);
  }

  const note = (id: number) => (doing: string, done: number) =>
    void progress.set(id, { doing, done });

  const jobs: UploadJobs = {
    read: (id, ownUrns) =>
      inTurn(id, async (signal) => {
        const file = await openStored(parts, id);
        if (!file)
          throw new Refusal('not-ready', 'What was sent is here no longer: send it again.');
        const upload = await getUpload(parts, id);
        if (!beingRead.includes(upload.state)) return;
        const { state } = await receive(parts, upload, file, {
          ...{ ownUrns, signal, onProgress: note(id) },
        });
        if (['failed', 'refused'].includes(state)) await removeStored(parts, id);
      }),
    keep: (id, ownUrns) =>
      inTurn(id, async (signal) => {
        await noteUpload(parts, id, { failure: null }, ['ready']);
        const file = await openStored(parts, id);
        const { state } = await keepUpload(parts, id, {
          ...{ ownUrns, file, signal, asShown: true, onProgress: note(id) },
        });
        if (state === 'kept') await removeStored(parts, id);
      }),
    async cancel(id) {
      controllers.get(id)?.abort();
      await cancelUpload(parts, id);
      await removeStored(parts, id);
    },
    progressOf: (id) => progress.get(id),
    async resume(ownUrns) {
      const tidy = async () => {
        for (const upload of await tidyUploads(parts)) {
          void jobs.read(upload.id, await ownUrns(upload)).catch(() => {});
        }
      };
      setInterval(() => void tidy().catch(() => {}), tidyEvery).unref();
      await tidy();
    },
  };
  return jobs;
}
