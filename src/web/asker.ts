import type { FastifyRequest } from 'fastify';
import {
  type AskSession,
  parseViewer,
  publicViewer,
  type Purpose,
  type Viewer,
} from '../access/index.ts';
import { isOwnMachine } from './ownMachine.ts';

/** Who asks, and how we know. */
export type Asker = {
  viewer: Viewer;
  /** `session`: signed in; `key`: another system; `choice`: the demo's or the operator's own; `nobody`: the public. */
  by: 'session' | 'key' | 'choice' | 'nobody';
  session: AskSession | null;
  /** Chosen by who signed in. */
  purpose: Purpose | null;
  /** Has to come back with every form of who signed in. */
  formToken: string | null;
  /** Who signed in could act in another role than this one. */
  hasOtherRoles?: boolean;
  /** What a key was made for. */
  abilities?: readonly string[];
};

/** Knows people by the cookie of their session and systems by their key; null for neither. */
export type Doorkeeper = (given: {
  cookies: ReadonlyMap<string, string>;
  authorization: string | undefined;
}) => Promise<Asker | null>;

export type AskerOptions = {
  demo: boolean;
  viewAs: Viewer | undefined;
  doorkeeper: Doorkeeper;
};

/** Of the demo's choice whom to be. */
export const viewerCookie = 'rollcall_demo_viewer';

export const nobody: Asker = {
  viewer: publicViewer,
  by: 'nobody',
  session: null,
  purpose: null,
  formToken: null,
};

/**
 * A session or a key first; in the demo the cookie of a choice else. A cookie that nobody gave makes a visitor the public;
 * a key that is not known is refused by the doorkeeper.
 */
export async function askerOf(request: FastifyRequest, options: AskerOptions): Promise<Asker> {
  if (options.viewAs) {
    return isOwnMachine(request) ? { ...nobody, viewer: options.viewAs, by: 'choice' } : nobody;
  }
  const cookies = cookiesOf(request.headers.cookie);
  const { authorization } = request.headers;
  const known = await options.doorkeeper({ cookies, authorization });
  if (known) return known;
  const chosen = options.demo ? chosenViewer(cookies.get(viewerCookie)) : undefined;
  return chosen ? { ...nobody, viewer: chosen, by: 'choice' } : nobody;
}

function chosenViewer(cookie: string | undefined): Viewer | undefined {
  if (!cookie) return undefined;
  try {
    const viewer = parseViewer(decodeURIComponent(cookie));
    return viewer.role === 'operator' ? undefined : viewer;
  } catch {
    return undefined;
  }
}

export function cookiesOf(header: string | undefined): Map<string, string> {
  return new Map(
    (header ?? '').split(';').flatMap((pair): [string, string][] => {
      const equals = pair.indexOf('=');
      return equals < 0 ? [] : [[pair.slice(0, equals).trim(), pair.slice(equals + 1).trim()]];
    }),
  );
}
