import { pupilKey } from '../../base/pupilKey.ts';
import { Refusal } from '../../base/problem.ts';
import { parseUpn } from '../../base/upn.ts';
import {
  countingReceipts,
  type NewAmendment,
  nextAmendments,
  oneAtATime,
  pupilSecretOf,
  recordAmendments,
  type RecordsTransaction,
  type UploadRow,
} from '../../records/index.ts';
import type { OpenReceipt, Write } from '../../stores/index.ts';
import { tellCommitted } from '../afterCommit.ts';
import { notSaid } from '../notSaid.ts';
import { readRegister } from '../read/read.ts';
import { groundOf } from './check.ts';
import {
  amendedRows,
  type AmendedRow,
  amendedSchools,
  earlierRows,
  type EarlierRow,
  keepNew,
} from './check.sql.ts';
import { forgetUpload } from './forget.ts';
import {
  checkAgain,
  countsOf,
  getUpload,
  noteUpload,
  type OpenedFile,
  readOptionsOf,
  refusedIn,
  type UploadParts,
  type Working,
} from './receive.ts';
import { answersOf, type Outcome, outcomeOf } from './upload.ts';

/** Something that counts changed between the check and the commit: it is checked again. */
class GroundMoved extends Error {}

const mostTries = 5;

/**
 * Keeps the good marks of an upload that was checked: under one receipt, all or none. It is checked again when anything
 * that counts changed in the meantime; with `asShown`, marks that would then become something else than was shown are kept
 * only after somebody has looked again, and the upload stays ready.
 */
export async function keepUpload(
  parts: UploadParts,
  id: number,
  options: Working & {
    ownUrns: readonly number[];
    file: OpenedFile | undefined;
    asShown: boolean;
  },
): Promise<UploadRow> {
  const { signal } = options;
  if (!(await noteUpload(parts, id, { state: 'keeping' }, ['ready']))) {
    throw new Refusal('check-failed', 'This upload is not waiting to be kept. Look at it again.');
  }
  try {
    for (let tries = 0; ; tries += 1) {
      signal.throwIfAborted();
      let upload = await getUpload(parts, id);
      const shown = outcomeOf(upload);
      const now = groundOf(await parts.stores.counting(), parts.clock());
      if (shown.censusCounts === 0 && shown.against !== now) {
        upload = await checkAgain(parts, upload, options);
        const checked = outcomeOf(upload);
        if (options.asShown && checked.print !== shown.print) {
          await noteUpload(parts, id, { state: 'ready', outcome: { ...checked, moved: true } });
          return getUpload(parts, id);
        }
      }
      try {
        await commitUpload(parts, upload, options);
        break;
      } catch (error) {
        if (!(error instanceof GroundMoved) || tries >= mostTries) throw error;
      }
    }
  } catch (error) {
    // Nothing of it was kept: it is as ready as it was.
    await noteUpload(parts, id, { state: 'ready' }, ['keeping']).catch(() => {});
    throw error;
  }
  await tellCommitted(parts.afterCommit, parts.stores);
  return getUpload(parts, id);
}

async function commitUpload(
  parts: UploadParts,
  upload: UploadRow,
  {
    file,
    ownUrns,
    signal,
    onProgress = () => {},
  }: Working & { file: OpenedFile | undefined; ownUrns: readonly number[] },
): Promise<void> {
  const { stores, clock } = parts;
  const outcome = outcomeOf(upload);
  const { verdicts } = outcome;
  const isCounts = outcome.censusCounts > 0;
  const fresh = verdicts.new ?? 0;
  const told = fresh + (verdicts.amended ?? 0) + (verdicts.earlier ?? 0);
  // An upload that was checked by an older version does not say it, and has nothing that is kept as the same.
  if ((isCounts ? fresh : (outcome.writes ?? told)) === 0) {
    await noteUpload(parts, upload.id, { state: 'kept' });
    return;
  }
  onProgress('keeping', 0);
  await stores.write(async (write) => {
    const receipt = await write.begin({
      kind: isCounts ? 'census counts' : 'marks',
      scope: String(upload.id),
      title: upload.title,
      digest: upload.digest,
    });
    const { history } = answersOf(upload.answers);
    receipt.detail = { ...detailOf(outcome), ...(history && { history }) };
    const amendments: Amendment[] = [];
    if (isCounts) await keepCounts(parts, write, receipt, { upload, file, ownUrns });
    else {
      if (fresh > 0) await write.warehouse.run(keepNew, { upload: upload.id, receipt: receipt.id });
      signal.throwIfAborted();
      const changing = { upload, amendments, signal };
      await keepSingly(parts, write, receipt, { ...changing, among: true });
      await keepSingly(parts, write, receipt, { ...changing, among: false });
    }
    onProgress('keeping', 0.9);
    write.atCommit(async (transaction) => {
      if (!isCounts) await mustStandOn(transaction, outcome.against, receipt.id, clock());
      await recordAmendments(transaction, amendments);
      await noteUpload({ stores: { ...stores, records: transaction }, clock }, upload.id, {
        ...{ state: 'kept', receipt: receipt.id, progress: 1 },
      });
    });
  });
}

type Amendment = NewAmendment & { id: number };

/** What the marks were compared with still stands, in the very transaction that makes them count. */
async function mustStandOn(
  transaction: RecordsTransaction,
  against: string,
  own: number,
  now: Date,
): Promise<void> {
  await oneAtATime(transaction, 'marks');
  const counting = await countingReceipts(transaction);
  const others = counting.filter(({ id }) => id !== own);
  if (groundOf(others, now) !== against) throw new GroundMoved();
}

function detailOf(outcome: Outcome) {
  const { verdicts, firstDay, lastDay, urns, censusCounts } = outcome;
  const { same = 0, amended = 0, earlier = 0, repeated = 0 } = verdicts;
  return {
    ...{ new: verdicts.new ?? 0, same, amended, earlier, repeated, refused: refusedIn(outcome) },
    ...{ firstDay, lastDay, urns: urns.slice(0, 10), censusCounts },
  };
}

/** Marks of which it is known who entered them, or why, are numbered: the records say what is known of each. */
const amendedAtOnce = 50_000;
const markColumns = 'receipt urn pupil date session code entered_at entry'.split(' ');

async function keepSingly(
  { stores }: UploadParts,
  write: Write,
  receipt: OpenReceipt,
  of: { upload: UploadRow; amendments: Amendment[]; signal: AbortSignal; among: boolean },
): Promise<void> {
  const { upload, amendments, signal, among } = of;
  const schools = await write.warehouse.query(amendedSchools, { upload: upload.id, among });
  const receipts = (await stores.counting()).map(({ id }) => id);
  let from = 0;
  let marks = 0;
  for (const [at, { urn, marks: more }] of schools.entries()) {
    marks += more;
    const next = schools[at + 1];
    if (next && marks + next.marks <= amendedAtOnce) continue;
    signal.throwIfAborted();
    const ofSchools = { upload: upload.id, fromUrn: from, toUrn: urn };
    const rows: (AmendedRow | EarlierRow)[] = among
      ? await write.warehouse.query(earlierRows, { ...ofSchools, receipts })
      : await write.warehouse.query(amendedRows, ofSchools);
    const ids = await nextAmendments(stores.records, rows.filter(isKnownMore).length);
    const lines = rows.map((row, index) => {
      const id = isKnownMore(row) ? (ids.shift() ?? 0) : 0;
      const before = rows[index - 1];
      // A file can have several entries of one session: each changes the one before.
      const original = before && isBefore(before, row) ? before.code : row.original;
      if (id > 0) {
        amendments.push(amendmentOf({ ...row, original }, id, { receipt: receipt.id, upload }));
      }
      const code = row.code.replaceAll('\\', '\\\\');
      const cells = [receipt.id, row.urn, row.pupil, row.date, row.session, code, row.entered, id];
      return `${cells.join('\t')}\n`;
    });
    await write.warehouse.appendLines('marks', markColumns, Buffer.from(lines.join('')));
    from = urn + 1;
    marks = 0;
  }
}

/** Of one session, and nothing that is here already between the two. */
function isBefore(one: AmendedRow, other: AmendedRow | EarlierRow): boolean {
  return (
    (!('original_entered' in other) || one.entered >= other.original_entered) &&
    one.urn === other.urn &&
    one.pupil === other.pupil &&
    one.date === other.date &&
    one.session === other.session
  );
}

/**
 * What changes an entry now is changed by whoever sends it; of all else is known what its row says of who and why, if it does.
 * The code that stands, said again, was entered by nobody.
 */
function isKnownMore({ verdict, reason, amended_by, position }: AmendedRow): boolean {
  if (verdict === 'again') return false;
  return verdict === 'amended' || reason !== '' || amended_by !== '' || position !== '';
}

/** What an amendment says that a file does not say itself. */
const reasonOfFiles = 'changed in the school’s information system';

function amendmentOf(
  row: AmendedRow,
  id: number,
  { receipt, upload }: { receipt: number; upload: UploadRow },
): Amendment {
  const { urn, pupil, date, session, original, code: entry } = row;
  const isSenders = row.verdict === 'amended' && row.amended_by === '';
  return {
    ...{ id, receipt, urn, pupil, date, session, entry, original: original || null },
    reason: row.reason || (row.verdict === 'amended' ? reasonOfFiles : notSaid),
    person: isSenders ? upload.person : null,
    person_name: row.amended_by || (isSenders ? upload.person_name : notSaid),
    position: row.position || (isSenders ? upload.position : notSaid),
    at: new Date(`${row.entered.replace(' ', 'T')}Z`),
  };
}

/** A census return has sessions by reason: they are kept as what the school returned, and become no marks. */
async function keepCounts(
  parts: UploadParts,
  write: Write,
  receipt: OpenReceipt,
  of: { upload: UploadRow; file: OpenedFile | undefined; ownUrns: readonly number[] },
): Promise<void> {
  const { upload, file, ownUrns } = of;
  if (!file) throw new Refusal('not-ready', 'The file is here no longer: send it again.');
  const secret = await pupilSecretOf(parts.stores.records);
  const options = await readOptionsOf(parts, upload, ownUrns);
  const { counts } = await readRegister(file.source, options, () => {});
  const rows = counts.filter(countsOf(ownUrns)).map((each) => {
    const key = String(pupilKey(parseUpn(each.upn) ?? '', secret));
    const { urn, period, sessionsPossible, sessionsMissed } = each;
    return [receipt.id, urn, key, period, sessionsPossible, sessionsMissed];
  });
  const columns = ['receipt', 'urn', 'pupil', 'period', 'sessions_possible', 'sessions_missed'];
  await write.warehouse.append('census_counts', columns, rows);
}

/** Its marks count no longer, and what stood before stands again. */
export async function withdrawUpload(parts: UploadParts, id: number): Promise<UploadRow> {
  const { stores, clock } = parts;
  const upload = await getUpload(parts, id);
  if (upload.state !== 'kept') {
    throw new Refusal(
      'check-failed',
      `Upload ${id} is not kept${upload.state === 'withdrawn' ? ' any longer: it was withdrawn' : ''}. There is nothing to withdraw.`,
    );
  }
  const kind = outcomeOf(upload).censusCounts > 0 ? 'census counts' : 'marks';
  await stores.write(async (write) => {
    write.withdraw({ kind, scope: String(id) });
    write.atCommit(async (transaction) => {
      await oneAtATime(transaction, 'marks');
      await noteUpload({ stores: { ...stores, records: transaction }, clock }, id, {
        state: 'withdrawn',
      });
    });
    await forgetUpload(write.warehouse, id);
  });
  await tellCommitted(parts.afterCommit, stores);
  return getUpload(parts, id);
}

/** What was not kept yet never will be; what was read of it is forgotten. */
export async function cancelUpload(parts: UploadParts, id: number): Promise<UploadRow> {
  const from = ['waiting', 'reading', 'checking', 'asking', 'ready'];
  if (!(await noteUpload(parts, id, { state: 'cancelled' }, from))) {
    throw new Refusal(
      'check-failed',
      'This upload cannot be cancelled any longer. Look at it again.',
    );
  }
  await parts.stores.write(async ({ warehouse }) => {
    await forgetUpload(warehouse, id);
  });
  return getUpload(parts, id);
}
