import type { Viewer } from '../access/index.ts';
import type { Clock } from '../base/clock.ts';
import { Refusal } from '../base/problem.ts';
import type { Records } from '../records/index.ts';
import { type Ability, findKey } from './keys.ts';
import type { Cookies, Sessions, SignedIn } from './sessions.ts';

/** Another system, known by its key. */
export type KnownSystem = {
  viewer: Viewer;
  by: 'key';
  session: null;
  purpose: null;
  formToken: null;
  abilities: readonly Ability[];
};

/**
 * Knows people by the cookie of their session and systems by their key; null for neither. Whoever brings a key that is no
 * good is refused with `signed-out`, and is not taken for the public.
 */
export function doorkeeperOf(records: Records, sessions: Sessions, clock: Clock) {
  return async (given: {
    cookies: Cookies;
    authorization: string | undefined;
  }): Promise<SignedIn | KnownSystem | null> => {
    if (!/^bearer\b/i.test(given.authorization ?? '')) return sessions.whoIs(given.cookies);
    const key = await findKey(records, given.authorization, clock());
    if (!key) {
      throw new Refusal(
        'signed-out',
        'This key is not known, was revoked, or has expired. Ask whoever runs this site for a new one.',
      );
    }
    const { viewer, abilities } = key;
    return { viewer, by: 'key', session: null, purpose: null, formToken: null, abilities };
  };
}
