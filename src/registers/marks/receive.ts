import { createHash } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { Refusal } from '../../base/problem.ts';
import { pupilKey } from '../../base/pupilKey.ts';
import { parseUpn } from '../../base/upn.ts';
import { changeUpload, findUpload, pupilSecretOf, type UploadRow } from '../../records/index.ts';
import type { Stores } from '../../stores/index.ts';
import type { CensusCounts, ReadOptions, Source } from '../read/reading.ts';
import { returnedCounts } from './census.sql.ts';
import { censusTotals } from './censusTotals.ts';
import { checkStaged, refusedOf } from './check.ts';
import { laestabs } from './check.sql.ts';
import { forgetUpload } from './forget.ts';
import { type MarkProblem, placesOf, problemOfMark } from './problems.ts';
import { stageFile } from './stage.ts';
import { stagedFacts } from './stage.sql.ts';
import {
  answersOf,
  isCensus,
  type Outcome,
  outcomeOf,
  outcomeOfReading,
  placesKept,
} from './upload.ts';

/** What uploads stand on. */
export type UploadParts = {
  stores: Stores;
  clock: Clock;
  /** A folder for files that are on their way: nobody but the program reads it. */
  folder: string;
  /** Brings what is worked out of registers up to what counts now. */
  afterCommit?(stores: Stores): Promise<void>;
};

export type Working = {
  signal: AbortSignal;
  onProgress?(doing: string, done: number): void;
};

/** A file, and how far it is read. */
export type OpenedFile = { source: Source; read: { bytes: number; of: number } };

/** Changes an upload, and says when. */
export async function noteUpload(
  { stores, clock }: Pick<UploadParts, 'stores' | 'clock'>,
  id: number,
  change: Parameters<typeof changeUpload>[2],
  from?: Parameters<typeof changeUpload>[3],
): Promise<boolean> {
  return changeUpload(stores.records, id, { ...change, changed_at: clock() }, from);
}

export async function getUpload({ stores }: Pick<UploadParts, 'stores'>, id: number) {
  const row = await findUpload(stores.records, id);
  if (!row) throw new Refusal('not-found', `There is no upload ${id}.`);
  return row;
}

/**
 * Reads a file and checks what is in it: afterwards the upload is ready, refused, asks a question, or has failed. `ownUrns` are the
 * URNs of the school that sends it; empty where it may be of any.
 */
export async function receive(
  parts: UploadParts,
  upload: UploadRow,
  file: OpenedFile,
  { ownUrns, signal, onProgress = () => {} }: Working & { ownUrns: readonly number[] },
): Promise<UploadRow> {
  const { stores, clock } = parts;
  const { id } = upload;
  const secret = await pupilSecretOf(stores.records);
  const options = await readOptionsOf(parts, upload, ownUrns);
  await noteUpload(parts, id, { state: 'reading', failure: null });
  return stores.write(async ({ warehouse }) => {
    await forgetUpload(warehouse, id);
    const { reading } = await stageFile(warehouse, {
      ...{ upload: id, source: file.source, secret, signal, scratch: parts.folder },
      options,
      onPiece: () => onProgress('reading', file.read.bytes / Math.max(1, file.read.of)),
    });
    signal.throwIfAborted();
    const outcome = outcomeOfReading(reading);
    if (!reading.complete || outcome.question) {
      await forgetUpload(warehouse, id);
      const broken = reading.problems.at(-1)?.message ?? 'It could not be read to its end.';
      const end = reading.complete
        ? { state: 'asking' }
        : { state: 'failed', failure: `${broken} Nothing was kept.` };
      await noteUpload(parts, id, { ...end, outcome });
      return getUpload(parts, id);
    }
    if (isCensus(reading)) {
      const isGood = countsOf(ownUrns);
      const counts = reading.counts.filter(isGood);
      const refused = reading.counts.filter((each) => !isGood(each)).map(problemOfCounts);
      const wrong = refused.filter(({ kind }) => kind === 'upn-wrong').length;
      const isHere = await wasReturned(stores, counts, secret);
      const verdicts = {
        ...{ new: isHere ? 0 : counts.length, same: isHere ? counts.length : 0 },
        ...{ 'upn-wrong': wrong, 'another-school': refused.length - wrong },
      };
      const places = [...outcome.places, ...placesOf(refused, placesKept)];
      return noteChecked(parts, id, {
        ...{ ...outcome, verdicts, places, censusTotals: censusTotals(counts) },
      });
    }
    await noteUpload(parts, id, { state: 'checking' });
    const [facts] = await warehouse.query(stagedFacts, { upload: id });
    const dated = (facts?.dated ?? 0) > 0;
    const checked = await checkStaged(stores, warehouse, {
      ...{ upload: id, sentAt: upload.received_at, now: clock(), dated, ownUrns, signal },
      onProgress: (done) => onProgress('checking', done),
    });
    const staged = facts?.rows ?? 0;
    return noteChecked(parts, id, { ...outcome, staged, dated, ...checked });
  });
}

/** What was found: it waits to be kept, or nothing in it can be. */
async function noteChecked(parts: UploadParts, id: number, outcome: Outcome): Promise<UploadRow> {
  const state = isNothing(outcome) ? 'refused' : 'ready';
  await noteUpload(parts, id, { state, outcome });
  return getUpload(parts, id);
}

/** Whether one return that counts has all of these already. */
async function wasReturned(
  stores: Stores,
  counts: readonly CensusCounts[],
  secret: Uint8Array,
): Promise<boolean> {
  const urns = [...new Set(counts.map(({ urn }) => urn))];
  const rows = await stores.read(returnedCounts, { urns }, { kind: 'census counts', work: true });
  const told = counts.map((each) => {
    const missed = Object.entries(each.sessionsMissed).map((pair) => pair.join(' '));
    const key = pupilKey(parseUpn(each.upn) ?? '', secret);
    return [each.urn, key, each.period, each.sessionsPossible, missed.sort().join()].join(';');
  });
  return [...Map.groupBy(rows, ({ receipt }) => receipt).values()].some((returned) => {
    const here = new Set(
      returned.map((each) =>
        [each.urn, each.pupil, each.period, each.sessions_possible, each.missed].join(';'),
      ),
    );
    return told.every((each) => here.has(each));
  });
}

/** How a file is read: by what was answered, and for the school that sends it. */
export async function readOptionsOf(
  { stores }: Pick<UploadParts, 'stores'>,
  { title, answers }: UploadRow,
  ownUrns: readonly number[],
): Promise<ReadOptions> {
  const schools = await stores.read(laestabs, {}, { work: true });
  const known = new Map(schools.map(({ urn, laestab }) => [laestab, urn]));
  const numbers = new Map(schools.map(({ urn, laestab }) => [urn, laestab]));
  const only = ownUrns.at(-1);
  return {
    ...{ file: title, urnOfLaestab: (laestab) => known.get(laestab) },
    laestabOf: (urn) => numbers.get(urn),
    ...(only === undefined ? {} : { urn: only }),
    ...answersOf(answers),
  };
}

/** Counts of a census return that can be kept: of a UPN, and of the school that sends them. */
export function countsOf(ownUrns: readonly number[]) {
  return ({ urn, upn }: CensusCounts) =>
    parseUpn(upn) !== undefined && (ownUrns.length === 0 || ownUrns.includes(urn));
}

function problemOfCounts({ upn, row }: CensusCounts): MarkProblem {
  const verdict = parseUpn(upn) ? 'another-school' : 'upn-wrong';
  return problemOfMark(
    { row, spot: '', verdict, code: '', date: '' },
    { upn: 'UPN', urn: 'School' },
  );
}

/** Checks again what is staged, when anything that counts has changed since; false when nothing has. */
export async function checkAgain(
  parts: UploadParts,
  upload: UploadRow,
  { ownUrns, signal, onProgress = () => {} }: Working & { ownUrns: readonly number[] },
): Promise<UploadRow> {
  const { stores, clock } = parts;
  const outcome = outcomeOf(upload);
  return stores.write(async ({ warehouse }) => {
    const checked = await checkStaged(stores, warehouse, {
      ...{ upload: upload.id, sentAt: upload.received_at, now: clock(), dated: outcome.dated },
      ...{ ownUrns, signal, onProgress: (done: number) => onProgress('checking again', done) },
    });
    await noteUpload(parts, upload.id, { outcome: { ...outcome, ...checked }, failure: null });
    return getUpload(parts, upload.id);
  });
}

/** Nothing in it can be kept, and nothing of it is here already. */
export function isNothing({ verdicts }: Outcome): boolean {
  const { same = 0, amended = 0, earlier = 0, repeated = 0 } = verdicts;
  return (verdicts.new ?? 0) + same + amended + earlier + repeated === 0;
}

/** How many marks of an upload are refused: not read, or found wrong. */
export function refusedIn({ verdicts, notRead }: Outcome): number {
  const read = refusedOf(verdicts).reduce((sum, [, marks]) => sum + marks, 0);
  return read + Object.values(notRead).reduce((sum, cells) => sum + cells, 0);
}

/** SHA-256 of what was sent. */
export async function digestOf(source: Source, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of source()) {
    signal.throwIfAborted();
    hash.update(chunk);
  }
  return hash.digest('hex');
}
