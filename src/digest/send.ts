import {
  type MailSettings,
  type Role,
  type Trace,
  type Trail,
  type Viewer,
  viewerText,
} from '../access/index.ts';
import { type Clock, dayInEngland } from '../base/clock.ts';
import type { Day } from '../base/day.ts';
import {
  abandonDigest,
  beginDigest,
  digestBegun,
  digestsLeftOpen,
  type DigestRecipient,
  digestRecipients,
  digestToken,
  endDigest,
} from '../records/index.ts';
import type { Directories } from '../schools/index.ts';
import type { Stores } from '../stores/index.ts';
import { type Alerts, composeDigest, digestRoles } from './compose.ts';
import { isPlainAddress, openMail } from './mail.ts';
import { type Message, messageOf } from './message.ts';

export type DigestParts = {
  stores: Stores;
  directories: Directories;
  clock: Clock;
  trail: Trail;
  mail: MailSettings;
  alerts: Alerts;
};

export type DigestsDone = {
  sent: number;
  /** Of these the mail server may have taken it or not: they are not sent again. */
  unsure: number;
  /** These were not taken, and are tried again the next time. */
  refused: number;
  before: number;
  /** Nothing was to be told to these. */
  nothing: number;
  /** What is kept as the address of these is not one plain address. */
  withoutAddress: number;
  /** Putting these together, or writing down that they go, failed: they are tried again the next time. */
  failed: number;
};

/** A letter has gone or failed long before: what is open after it was left by a process that ended. */
const openAtMost = 3_600_000;

/** Sends the digest of a week to everybody who is to have it and has not. */
export async function sendDigests(
  parts: DigestParts,
  week: Day,
  signal?: AbortSignal,
): Promise<DigestsDone> {
  const { stores, clock } = parts;
  const done: DigestsDone = {
    ...{ sent: 0, unsure: 0, refused: 0, before: 0, nothing: 0, withoutAddress: 0, failed: 0 },
  };
  const mail = openMail(parts.mail);
  let answers: Promise<boolean> | undefined;
  // Asked once, and only where something is to be sent.
  const post: Post = { send: mail.send, answers: () => (answers ??= mail.answers()) };
  try {
    done.unsure = await digestsLeftOpen(stores.records, new Date(clock().getTime() - openAtMost));
    for (const recipient of await recipientsOf(parts)) {
      signal?.throwIfAborted();
      done[await deliver(parts, { recipient, week, post })] += 1;
    }
  } finally {
    mail.close();
  }
  return done;
}

type Post = Pick<ReturnType<typeof openMail>, 'send' | 'answers'>;

/** One that fails is one that fails: the others get theirs. */
async function deliver(
  parts: DigestParts,
  { recipient, week, post }: { recipient: DigestRecipient; week: Day; post: Post },
): Promise<keyof DigestsDone> {
  const { records } = parts.stores;
  const key = { ...recipient, week };
  if (await digestBegun(records, key)) return 'before';
  if (!isPlainAddress(recipient.email)) return 'withoutAddress';
  let letter: Awaited<ReturnType<typeof letterTo>>;
  try {
    letter = await letterTo(parts, recipient, week);
  } catch {
    return 'failed';
  }
  if (!letter) return 'nothing';
  if (!(await post.answers())) return 'refused';
  const id = await beginDigest(records, key, parts.clock());
  if (id === undefined) return 'before';
  try {
    // What could not be written down is not sent.
    await parts.trail.leave(traceOf(recipient, week));
  } catch {
    await abandonDigest(records, id);
    return 'failed';
  }
  const how = await post.send({ ...letter, to: recipient.email });
  if (how === 'refused') await abandonDigest(records, id);
  else await endDigest(records, id, how, parts.clock());
  return how;
}

/** What would be sent, and to whom by number; nothing is sent or kept. */
export async function previewDigests(
  parts: Omit<DigestParts, 'trail'>,
  week: Day,
): Promise<{ person: number; viewer: Viewer; isNew: boolean; message: Message }[]> {
  const previews = [];
  for (const recipient of await recipientsOf(parts)) {
    const viewer = viewerOf(recipient);
    const digest = await composeDigest(parts, viewer, week);
    if (!digest) continue;
    const isNew = !(await digestBegun(parts.stores.records, { ...recipient, week }));
    const message = messageOf(digest, { site: parts.mail.site, stopPath: '/digest/stop' });
    previews.push({ person: recipient.person, viewer, isNew, message });
  }
  return previews;
}

function recipientsOf({ stores, clock }: Pick<DigestParts, 'stores' | 'clock'>) {
  return digestRecipients(stores.records, { roles: digestRoles, day: dayInEngland(clock()) });
}

function viewerOf({ person, role, scope }: DigestRecipient): Viewer {
  return { role: role as Role, scope, person };
}

async function letterTo(parts: DigestParts, recipient: DigestRecipient, week: Day) {
  const digest = await composeDigest(parts, viewerOf(recipient), week);
  if (!digest) return undefined;
  const token = await digestToken(parts.stores.records, recipient.person);
  const stopPath = `/digest/stop?token=${token}`;
  const { site } = parts.mail;
  return { ...messageOf(digest, { site, stopPath }), stop: `${site}${stopPath}` };
}

function traceOf(recipient: DigestRecipient, week: Day): Trace {
  const viewer = viewerOf(recipient);
  return {
    ...{ viewer, action: 'read', data: 'school statistic', from: 'e-mail' },
    subject: { kind: 'system', id: `digest ${viewerText(viewer)} ${week}` },
  };
}
