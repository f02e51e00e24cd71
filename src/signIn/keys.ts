import { parseViewer, type Viewer } from '../access/index.ts';
import { Refusal } from '../base/problem.ts';
import { sameSecret } from '../base/sameSecret.ts';
import { type ApiKey, findKeyById, keepKey, type Records, touchKey } from '../records/index.ts';
import { before } from './sessions.ts';
import { hashOf, isToken, newToken } from './tokens.ts';

/** What a key can let another system do. */
export const abilities = {
  'registers:write': 'Send the registers of its school',
} as const;
export type Ability = keyof typeof abilities;

/** The key as it is used. */
export type UsedKey = { id: number; viewer: Viewer; abilities: readonly Ability[] };

export type NewKey = { name: string; urn: string; abilities: readonly string[]; days: number };

export const longestKeyDays = 366;
const longestName = 100;
const touchEverySeconds = 60;

/** Each refuses with `bad-input`. */
export const checkKey = {
  name({ name }: Pick<NewKey, 'name'>): void {
    if (name.trim() !== '' && name.length <= longestName) return;
    throw new Refusal(
      'bad-input',
      `Name the system that the key is for, in up to ${longestName} characters.`,
    );
  },
  abilities({ abilities: wanted }: Pick<NewKey, 'abilities'>): void {
    if (wanted.length > 0 && wanted.every((each) => Object.hasOwn(abilities, each))) return;
    throw new Refusal(
      'bad-input',
      `Say what the key is for: ${Object.keys(abilities).join(', ')}.`,
    );
  },
  days({ days }: Pick<NewKey, 'days'>): void {
    if (Number.isInteger(days) && days >= 1 && days <= longestKeyDays) return;
    throw new Refusal('bad-input', `A key lasts from 1 to ${longestKeyDays} days. Say how many.`);
  },
};

/** Makes a key. Its text is given here and never again: only its hash is kept. Refuses with `bad-input`. */
export async function makeKey(
  records: Records,
  { name, urn, abilities: wanted, days }: NewKey,
  now: Date,
): Promise<{ id: number; text: string; viewer: string; expiresAt: Date }> {
  const viewer = `system:${urn}`;
  parseViewer(viewer);
  checkKey.name({ name });
  checkKey.abilities({ abilities: wanted });
  checkKey.days({ days });
  const secret = newToken();
  const expiresAt = before(now, -days * 86_400);
  const id = await keepKey(records, {
    key_hash: hashOf(secret),
    name: name.trim(),
    viewer,
    abilities: [...new Set(wanted)].join(' '),
    created_at: now,
    expires_at: expiresAt,
  });
  return { id, text: `rollcall_${id}_${secret}`, viewer, expiresAt };
}

/** What is compared when there is no such key, so that asking takes as long. */
const noHash = hashOf('');

/**
 * Whose key the header `Authorization: Bearer rollcall_ID_SECRET` brings; null when it is none, was revoked, or is over.
 */
export async function findKey(
  records: Records,
  header: string | undefined,
  now: Date,
): Promise<UsedKey | null> {
  const [, id = '', secret = ''] = /^[Bb]earer +rollcall_(\d{1,9})_(\S+)$/.exec(header ?? '') ?? [];
  if (!isToken(secret)) return null;
  const key = await findKeyById(records, Number(id));
  const same = sameSecret(hashOf(secret), key?.key_hash ?? noHash);
  if (!key || !same || !isGood(key, now)) return null;
  if (key.last_used_at === null || key.last_used_at <= before(now, touchEverySeconds)) {
    await touchKey(records, key.id, now);
  }
  return {
    id: key.id,
    viewer: parseViewer(key.viewer),
    abilities: key.abilities
      .split(' ')
      .filter((each): each is Ability => Object.hasOwn(abilities, each)),
  };
}

export function isGood({ revoked_at, expires_at }: ApiKey, now: Date): boolean {
  return revoked_at === null && now < expires_at;
}
