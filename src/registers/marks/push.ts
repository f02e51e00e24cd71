import { type Static, type TSchema, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { type Ask, type Route, type Trail, type Viewer, viewerText } from '../../access/index.ts';
import { Refusal } from '../../base/problem.ts';
import { countShape, orNull, shape } from '../../base/shapes.ts';
import { addUpload, findUploadOfKey, type UploadRow } from '../../records/index.ts';
import { type Directories, type School, subjectOf } from '../../schools/index.ts';
import { inWords, unzipped } from './bytes.ts';
import { changesMuch } from './check.ts';
import { keepUpload } from './keep.ts';
import {
  getUpload,
  noteUpload,
  type OpenedFile,
  receive,
  refusedIn,
  type UploadParts,
} from './receive.ts';
import { problemsOf } from './refused.ts';
import { assignBytes, openStored, removeStored, storeBytes } from './store.ts';
import { giveUp, isLeft, stopped, whileUnderWay } from './tidy.ts';
import { outcomeOf, working } from './upload.ts';

export type PushOptions = UploadParts & { directories: Directories; trail: Trail };

/** What a system may push at once, on the way and unpacked. */
const mostBytesPacked = 20_000_000;
const mostBytesOfPush = 200_000_000;

/** What a school’s system sent, while it is worked on. */
type Pushed = { file: OpenedFile; school: School; upload: number };

/**
 * A push of a school’s system: its bytes unpacked within limits and kept until it is answered; sent again with the same
 * `Idempotency-Key` it is answered the same, and nothing is done twice. What ended without an answer, however it ended, is
 * done when it is sent again. Refuses with `check-failed` the key with other bytes, and while the first is still worked on.
 */
async function takePush(options: PushOptions, ask: Ask): Promise<RegisterReply> {
  const { stores, clock, trail } = options;
  const { viewer, sent, from } = ask;
  const school = (await options.directories()).getTyped(viewer.scope ?? '');
  if (!sent) throw new Refusal('bad-input', 'Nothing was sent.');
  const key = keyOf(sent.idempotencyKey);
  const stored = await storeBytes(options, bytesOf(sent), mostBytesOfPush).catch(inWords);
  const now = clock();
  const sender = viewerText(viewer);
  const { digest, bytes } = stored;
  const add = () =>
    addUpload(stores.records, {
      ...{ urn: school.urn, title: 'Sent by the information system', source: 'system' },
      ...{ state: 'reading', digest, bytes, person: null },
      ...{ person_name: 'The school’s information system', position: 'information system' },
      ...{ viewer: sender, idempotency_key: key, received_at: now, changed_at: now },
    });
  try {
    await trail.leave({
      ...{ viewer, action: 'changed', data: 'registers sent', from },
      subject: { kind: 'school', id: String(school.urn) },
      detail: { register: 'system' },
    });
    let id = await add();
    if (id === undefined) {
      const before = await findUploadOfKey(stores.records, { viewer: sender, key: key ?? '' });
      const reply = before && (await answeredBefore(options, before, digest));
      if (reply) return reply;
      id = await add();
    }
    if (id === undefined) throw stillWorkedOn();
    const upload = id;
    return await whileUnderWay(options, upload, async () => {
      try {
        await assignBytes(options, stored, upload);
        const file = await openStored(options, upload);
        if (!file) throw new Error('what was stored is gone');
        const reply = await takeMarks(options, { file, school, upload });
        const { outcome } = await getUpload(options, upload);
        await noteUpload(options, upload, {
          outcome: { ...outcome, reply: JSON.stringify(reply) },
        });
        return reply;
      } catch (thrown) {
        // What was kept stays kept, whatever failed after it: its answer is made when it is sent again.
        const error = isTimeout(thrown) ? tookTooLong() : thrown;
        const failure = error instanceof Refusal ? error.forVisitors : stopped;
        await giveUp(options, upload, failure, { from: notKept }).catch(() => {});
        throw error;
      } finally {
        await removeStored(options, upload);
      }
    });
  } finally {
    await stored.remove();
  }
}

/** What is kept stays kept, and what somebody cancelled stays cancelled. */
const notKept = [...working, 'ready', 'asking', 'refused', 'failed'];

const isTimeout = (error: unknown) =>
  error instanceof DOMException && error.name === 'TimeoutError';

const tookTooLong = () =>
  new Refusal(
    'not-ready',
    `It was not done within ${mostMilliseconds / 1000} seconds, and nothing of it was kept: send it again in smaller parts.`,
  );

const stillWorkedOn = () =>
  new Refusal(
    'check-failed',
    'The same is still being worked on. Send it again in a moment to get its answer.',
  );

/** Unpacked, and no more than its limits allow. */
function bytesOf({ bytes, isPacked }: NonNullable<Ask['sent']>) {
  if (!isPacked) return bytes;
  const read = { bytes: 0 };
  const counted = async function* () {
    for await (const chunk of bytes) {
      read.bytes += chunk.length;
      if (read.bytes > mostBytesPacked) {
        throw Object.assign(new Error('More than 20 MB were sent: send it in parts.'), {
          statusCode: 413,
        });
      }
      yield chunk;
    }
  };
  return unzipped(counted(), read);
}

function keyOf(given: string | null): string | null {
  if (given === null) return null;
  if (/^[\x21-\x7e]{1,200}$/.test(given)) return `system ${given}`;
  throw new Refusal(
    'bad-input',
    'An Idempotency-Key has 1 to 200 characters of ASCII, without spaces.',
  );
}

/**
 * The answer that the same had before. Undefined where it came to nothing: its key is free then. What was kept without an
 * answer, because the site was stopped just then, is answered now.
 */
async function answeredBefore(
  options: PushOptions,
  before: UploadRow,
  digest: string,
): Promise<RegisterReply | undefined> {
  if (before.digest !== digest) {
    throw new Refusal(
      'check-failed',
      'This Idempotency-Key was used for something else. Use another for what is new.',
    );
  }
  const { reply } = before.outcome as { reply?: string };
  if (reply) return JSON.parse(reply) as RegisterReply;
  if (['kept', 'withdrawn'].includes(before.state)) return replyOf(options, before);
  if (!isLeft(options, before)) throw stillWorkedOn();
  if (before.state === 'cancelled') {
    await noteUpload(options, before.id, { idempotency_key: null });
  } else await giveUp(options, before.id, stopped, { from: notKept });
  return undefined;
}

const problemShape = shape('RefusedMark', {
  row: orNull(Type.Integer({ description: 'which record of what was sent, from 1' })),
  column: orNull(Type.String()),
  message: Type.String({ description: 'what is wrong and what to do' }),
});

const replyShape = shape('RegisterSent', {
  upload: Type.Integer({ description: 'its number on the school’s page of what was sent' }),
  state: Type.Enum(['kept', 'unchanged', 'refused', 'waiting'], {
    description:
      'kept; unchanged: all of it was here already; refused: no mark of it can be kept; waiting: more than 10 % of the marks that are here in the sessions that it changes would change, or more than 100 marks of children with more than four changes each, and somebody at the school looks first',
  }),
  new: countShape,
  same: countShape,
  amended: countShape,
  earlier: countShape,
  repeated: countShape,
  refused: countShape,
  problems: Type.Array(
    shape('RefusedMarks', {
      kind: Type.String(),
      marks: countShape,
      first: Type.Array(problemShape),
    }),
  ),
});
type RegisterReply = Static<typeof replyShape>;

const shownOfAKind = 20;

/** `POST /api/v1/registers`: marks as a school’s information system pushes them, twice a day or whenever it likes. */
export function pushRoute(options: PushOptions): Route {
  const { directories } = options;
  const check = Compile(replyShape);
  return {
    method: 'POST',
    path: '/api/v1/registers',
    summary: 'Send marks of a register',
    needs: 'registers sent',
    ability: 'registers:write',
    takes: 'push',
    subject: async (_params, viewer) => subjectOfSender(await directories(), viewer),
    api: {
      reply: replyShape as TSchema,
      description:
        'Of the school whose key it is. Good marks are kept at once, all or none; what is refused is told by record and how to mend it. No UPN is in the answer.',
      body: 'Marks as JSON or, one a line, as NDJSON: {"urn", "upn", "date", "session", "code"}, with "entered_on", "reason", "amended_by" and "position" where an entry was changed; an array of them; or pages as the Wonde API gives them.',
    },
    async answer(ask) {
      const body = await takePush(options, ask);
      if (!check.Check(body)) throw new Error('the reply of a push is not of the declared shape');
      return { kind: 'data', body };
    },
  };
}

type DirectoryOf = Awaited<ReturnType<Directories>>;

/** A system is of one school, by any URN that it has had; anybody else is of none. */
export function subjectOfSender(directory: DirectoryOf, { role, scope }: Viewer) {
  const school = role === 'system' ? directory.find(Number(scope)) : undefined;
  return school ? subjectOf(school) : {};
}

async function takeMarks(
  parts: UploadParts,
  { file, school, upload: id }: Pushed,
): Promise<RegisterReply> {
  const ownUrns = school.chain.map(({ urn }) => urn);
  const options = { ownUrns, signal: AbortSignal.timeout(mostMilliseconds) };
  const upload = await receive(parts, await getUpload(parts, id), file, options);
  const outcome = outcomeOf(upload);
  if (upload.state === 'failed') throw new Refusal('bad-input', upload.failure ?? 'Not readable.');
  if (outcome.question) throw new Refusal('bad-input', outcome.question.text);
  if (upload.state === 'refused' || changesMuch(outcome)) return replyOf(parts, upload);
  return replyOf(parts, await keepUpload(parts, id, { ...options, file, asShown: false }));
}

/** What becomes of it: it waits for somebody where it is not kept and not refused. */
async function replyOf(parts: UploadParts, upload: UploadRow): Promise<RegisterReply> {
  const { id, state, receipt } = upload;
  const outcome = outcomeOf(upload);
  const problems = await problemsOf(parts, upload, { each: shownOfAKind });
  const { same = 0, amended = 0, earlier = 0, repeated = 0 } = outcome.verdicts;
  const states = { ready: 'waiting', refused: 'refused' } as const;
  return {
    upload: id,
    state: states[state as keyof typeof states] ?? (receipt === null ? 'unchanged' : 'kept'),
    ...{ new: outcome.verdicts.new ?? 0, same, amended, earlier, repeated },
    refused: refusedIn(outcome),
    problems: problems.map(({ kind, marks, first }) => ({
      ...{ kind, marks },
      first: first.map(({ row = null, column = null, message }) => ({ row, column, message })),
    })),
  };
}

/** Nobody waits longer for an answer. */
const mostMilliseconds = 120_000;
