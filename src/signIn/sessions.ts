import {
  type AnswerCookie,
  type AskSession,
  type Purpose,
  purposesOf,
  type Viewer,
} from '../access/index.ts';
import { type Clock, dayInEngland } from '../base/clock.ts';
import {
  appointmentsOf,
  choosePurpose,
  findSession,
  keepSession,
  type Records,
  removeSession,
  type Session,
  sweepSessions,
  touchSession,
} from '../records/index.ts';
import { isInForce, viewerOf } from './appointments.ts';
import { hashOf, isToken, newToken } from './tokens.ts';

/** Somebody who signed in, as the web shell needs to know them. */
export type SignedIn = {
  viewer: Viewer;
  by: 'session';
  session: AskSession;
  /** For what they look at children's data now; the role's only purpose needs no choosing. */
  purpose: Purpose | null;
  /** Comes back with every form. */
  formToken: string;
  /** Another appointment of theirs is in force, under which they could act. */
  hasOtherRoles: boolean;
};

export type Cookies = ReadonlyMap<string, string>;

export type Sessions = {
  /** Null when the cookie is of no session, or of one that is over. */
  whoIs(cookies: Cookies): Promise<SignedIn | null>;
  /** A session with a token of its own, in the place of the one that the browser had. */
  begin(begun: BegunSession, instead: string | undefined): Promise<AnswerCookie>;
  /** Goes on as before, proved anew. */
  proveAgain(
    tokenHash: string,
    proof: { idToken: string; provedAt: Date },
  ): Promise<AnswerCookie | null>;
  /** Goes on under another appointment and with another token. */
  actAs(tokenHash: string, appointment: number): Promise<AnswerCookie | null>;
  choosePurpose(tokenHash: string, purpose: Purpose): Promise<void>;
  /** Over: the old cookie is nobody's. Gives the provider's token, to end the session there as well. */
  end(tokenHash: string): Promise<{ idToken: string | null; cookie: AnswerCookie }>;
};

export type BegunSession = {
  person: number;
  appointment: number | null;
  idToken: string;
  /** When the person last proved who they are to the provider; null when it did not say. */
  provedAt: Date | null;
};

export type SessionSettings = {
  /** Over TLS: the cookie then takes the prefix with which browsers let nobody else set it. */
  secure: boolean;
  idleMinutes: number;
  absoluteHours: number;
};

/** `seen_at` is written at most so often. */
const touchEverySeconds = 60;

export function sessionCookieName(secure: boolean): string {
  return secure ? '__Host-rollcall' : 'rollcall_session';
}

/** The sessions that the records hold. Of a token only the hash is kept. */
export function openSessions(records: Records, clock: Clock, settings: SessionSettings): Sessions {
  const name = sessionCookieName(settings.secure);
  const limits = () => ({
    startedBefore: before(clock(), settings.absoluteHours * 3600),
    seenBefore: before(clock(), settings.idleMinutes * 60),
  });
  /** With tokens of its own, in the place of the one before. */
  const rotate = async (session: Session, instead: string | undefined) => {
    const token = newToken();
    await keepSession(
      records,
      { ...session, token_hash: hashOf(token), csrf: newToken() },
      instead,
    );
    return { name, value: token };
  };
  const change = async (tokenHash: string, changed: Partial<Session>) => {
    const found = await findSession(records, tokenHash);
    return found ? rotate({ ...found.session, ...changed }, tokenHash) : null;
  };
  return {
    async whoIs(cookies) {
      const token = cookies.get(name) ?? '';
      if (!isToken(token)) return null;
      const tokenHash = hashOf(token);
      const found = await findSession(records, tokenHash);
      if (!found) return null;
      const { session, appointment } = found;
      const { startedBefore, seenBefore } = limits();
      if (session.started_at <= startedBefore || session.seen_at <= seenBefore) {
        await removeSession(records, tokenHash);
        return null;
      }
      if (session.seen_at <= before(clock(), touchEverySeconds)) {
        await touchSession(records, tokenHash, clock());
      }
      const day = dayInEngland(clock());
      const acting = appointment && isInForce(appointment, day) ? appointment : null;
      const held = await appointmentsOf(records, [session.person]);
      const viewer = viewerOf(acting ?? { person: session.person, role: 'public', scope: null });
      return {
        viewer,
        by: 'session',
        session: {
          person: session.person,
          tokenHash,
          provedAt: session.stepped_up_at ?? new Date(0),
        },
        purpose: purposeNow(session, viewer),
        formToken: session.csrf,
        hasOtherRoles: held.some((each) => each.id !== acting?.id && isInForce(each, day)),
      };
    },
    async begin({ person, appointment, idToken, provedAt }, instead) {
      await sweepSessions(records, limits());
      const now = clock();
      return rotate(
        {
          token_hash: '',
          person,
          appointment,
          purpose: null,
          csrf: '',
          id_token: idToken,
          started_at: now,
          seen_at: now,
          stepped_up_at: provedAt,
        },
        instead,
      );
    },
    proveAgain: (tokenHash, { idToken, provedAt }) =>
      change(tokenHash, {
        id_token: idToken,
        stepped_up_at: provedAt,
        started_at: clock(),
        seen_at: clock(),
      }),
    actAs: (tokenHash, appointment) => change(tokenHash, { appointment, purpose: null }),
    choosePurpose: (tokenHash, purpose) => choosePurpose(records, tokenHash, purpose),
    async end(tokenHash) {
      const session = await removeSession(records, tokenHash);
      return { idToken: session?.id_token ?? null, cookie: { name, value: '' } };
    },
  };
}

function purposeNow({ purpose }: Session, { role }: Viewer): Purpose | null {
  const allowed = purposesOf(role);
  if (allowed.length === 1) return allowed[0] ?? null;
  return allowed.find((each) => each === purpose) ?? null;
}

export function before(now: Date, seconds: number): Date {
  return new Date(now.getTime() - seconds * 1000);
}
