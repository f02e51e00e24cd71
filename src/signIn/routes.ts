import {
  type Answer,
  type AnswerCookie,
  type Ask,
  type AskSession,
  publicViewer,
  purposes,
  purposesOf,
  type Route,
  type Trail,
  type Viewer,
} from '../access/index.ts';
import { type Clock, dayInEngland } from '../base/clock.ts';
import { Refusal } from '../base/problem.ts';
import { sameSecret } from '../base/sameSecret.ts';
import {
  type Appointment,
  appointmentsOf,
  beginSignIn,
  keepPerson,
  type Person,
  type Records,
  takeSignIn,
} from '../records/index.ts';
import { isInForce, viewerOf } from './appointments.ts';
import { callbackPath, type Provider, signedOutPath, type Vouched } from './provider.ts';
import { ownPath } from './returnPath.ts';
import { before, type Sessions } from './sessions.ts';
import { hashOf, newToken } from './tokens.ts';

export type SignInParts = {
  records: Records;
  sessions: Sessions;
  provider: Provider;
  trail: Trail;
  clock: Clock;
  /** The site is served over TLS. */
  secure: boolean;
  /** A viewer in words, as the sentence goes on after "You are": `the head of Ashgrove Primary School`. */
  describeViewer(viewer: Viewer): Promise<string>;
  /** Where somebody’s own work is: they are led there when nothing else was asked for. */
  homeOf(viewer: Viewer): string;
};

/** A sign-in that was begun may be finished so long. */
export const minutesToSignIn = 10;
const data = 'own sign-in';
const asPath = '/sign-in/as';
const leavePath = '/sign-out/provider';

/** Signing in and out, as what, and for which purpose. */
export function signInRoutes(parts: SignInParts): Route[] {
  return [
    ...comingRoutes(parts),
    ...actingRoutes(parts),
    ...leavingRoutes(parts),
    ...purposeRoutes(parts),
  ];
}

function comingRoutes(parts: SignInParts): Route[] {
  const { records, provider, clock } = parts;
  const cookieName = parts.secure ? '__Host-rollcall_sign_in' : 'rollcall_sign_in';
  return [
    {
      method: 'GET',
      path: '/sign-in',
      summary: 'Sign in',
      needs: data,
      async answer({ query, session }) {
        const again = query['again'] === '1' && session !== null;
        const { address, state, nonce, verifier } = await provider.start({ again });
        const browser = newToken();
        const now = clock();
        await beginSignIn(
          records,
          {
            state_hash: hashOf(state),
            browser_hash: hashOf(browser),
            nonce,
            verifier,
            return_to: ownPath(query['return']),
            step_up: again,
            started_at: now,
          },
          before(now, minutesToSignIn * 60),
        );
        const cookies = [{ name: cookieName, value: browser }];
        return { kind: 'redirect', to: address, elsewhere: true, cookies };
      },
    },
    {
      method: 'GET',
      path: callbackPath,
      summary: 'Back from signing in',
      needs: data,
      async answer(ask) {
        const forget = { name: cookieName, value: '' };
        try {
          const { cookie, to } = await finish(parts, ask, ask.cookies.get(cookieName) ?? '');
          return { kind: 'redirect', to, cookies: [cookie, forget] };
        } catch (error) {
          // The shell writes down what is not allowed.
          if (error instanceof Refusal && error.reason !== 'not-allowed') {
            await traceRefused(parts, ask, error);
          }
          throw error;
        }
      },
    },
  ];
}

type Finished = { cookie: AnswerCookie; to: string };

/** Turns what the browser brought back into a session. */
async function finish(parts: SignInParts, ask: Ask, browser: string): Promise<Finished> {
  const { records, provider, clock } = parts;
  const state = ask.query['state'] ?? '';
  const begun = await takeSignIn(records, hashOf(state));
  const inTime = begun && begun.started_at > before(clock(), minutesToSignIn * 60);
  if (!begun || !inTime || !sameSecret(hashOf(browser), begun.browser_hash)) {
    throw new Refusal(
      'bad-input',
      'This sign-in was not begun in this browser, took too long, or was used already. Start again.',
    );
  }
  const { nonce, verifier, step_up: again, return_to: to } = begun;
  const vouched = await provider.finish(ask.query, { state, nonce, verifier, again });
  const person = await keepPerson(records, identityOf(vouched), clock());
  if (person.closed_at !== null) {
    throw new Refusal(
      'not-allowed',
      'You no longer have access. If that is wrong, ask whoever runs this site.',
    );
  }
  const arrival = { person, vouched, to };
  return again ? proveAgain(parts, ask, arrival, begun.started_at) : enter(parts, ask, arrival);
}

type Arrival = { person: Person; vouched: Vouched; to: string };

async function enter(
  parts: SignInParts,
  ask: Ask,
  { person, vouched, to }: Arrival,
): Promise<Finished> {
  const { sessions, trail } = parts;
  const held = await heldNow(parts, person.id);
  const only = held.length === 1 ? held[0] : undefined;
  const { idToken, provedAt } = vouched;
  const cookie = await sessions.begin(
    { person: person.id, appointment: only?.id ?? null, idToken, provedAt },
    ask.session?.tokenHash,
  );
  const viewer = only ? viewerOf(only) : { ...publicViewer, person: person.id };
  await trail.leave({ viewer, action: 'signed in', data, from: ask.from });
  return {
    cookie,
    to: only ? wayOn(parts, viewer, to) : `${asPath}?${new URLSearchParams({ return: to })}`,
  };
}

/** What was asked for; where nothing was, the viewer's own first page and not everybody's. */
function wayOn({ homeOf }: SignInParts, viewer: Viewer, to: string): string {
  return to === '/' ? homeOf(viewer) : to;
}

/** The provider's clock and ours may be so far apart. */
const secondsApart = 5;

/** The same person, in the same session, who has just proved again who they are. */
async function proveAgain(
  { sessions, trail }: SignInParts,
  ask: Ask,
  { person, vouched, to }: Arrival,
  askedAt: Date,
): Promise<Finished> {
  const { idToken, provedAt } = vouched;
  if (provedAt === null || provedAt < before(askedAt, secondsApart)) {
    throw new Refusal(
      'not-allowed',
      'The service at which you sign in did not ask you again who you are. Sign out, and sign in again.',
    );
  }
  const same = ask.session?.person === person.id ? ask.session : null;
  const cookie = same && (await sessions.proveAgain(same.tokenHash, { idToken, provedAt }));
  if (!cookie) {
    throw new Refusal(
      'not-allowed',
      'You were asked to prove that you are still you, and somebody else signed in. Sign out first to be somebody else.',
    );
  }
  const detail = { again: true };
  await trail.leave({ viewer: ask.viewer, action: 'signed in', data, from: ask.from, detail });
  return { cookie, to };
}

function identityOf({ issuer, subject, name, email, organisation }: Vouched) {
  return { issuer, subject, name, email, organisation };
}

async function heldNow({ records, clock }: SignInParts, person: number): Promise<Appointment[]> {
  const day = dayInEngland(clock());
  return (await appointmentsOf(records, [person])).filter((each) => isInForce(each, day));
}

async function traceRefused({ trail }: SignInParts, ask: Ask, { reason }: Refusal): Promise<void> {
  const { viewer, from } = ask;
  const subject = { kind: 'page', id: callbackPath } as const;
  await trail.leave({ viewer, action: 'refused', data, subject, from, detail: { reason } });
}

/** Choosing under which appointment to act, for who has several. */
function actingRoutes(parts: SignInParts): Route[] {
  const { sessions, trail, describeViewer } = parts;
  return [
    {
      method: 'GET',
      path: asPath,
      summary: 'Choose as what you are signed in',
      needs: data,
      async answer(ask) {
        const { person } = sessionOf(ask);
        return actingPage(
          person,
          await choicesOf(person, ask),
          ownPath(ask.query['return']),
          false,
        );
      },
    },
    {
      method: 'POST',
      path: asPath,
      summary: 'Act under another appointment',
      needs: data,
      async answer(ask) {
        const { person, tokenHash } = sessionOf(ask);
        const to = ownPath(ask.form['return']);
        const held = await heldNow(parts, person);
        const chosen = held.find(({ id }) => String(id) === ask.form['appointment']);
        if (!chosen) return actingPage(person, await choicesOf(person, ask), to, true);
        const cookie = await sessions.actAs(tokenHash, chosen.id);
        if (!cookie) throw signedOut();
        const detail = { appointment: chosen.id };
        const viewer = viewerOf(chosen);
        await trail.leave({ viewer, action: 'signed in', data, from: ask.from, detail });
        return { kind: 'redirect', to: wayOn(parts, viewer, to), cookies: [cookie] };
      },
    },
  ];

  async function choicesOf(person: number, { viewer }: Ask) {
    const held = await heldNow(parts, person);
    return Promise.all(
      held.map(async (appointment) => {
        const as = viewerOf(appointment);
        return {
          value: String(appointment.id),
          text: await describeViewer(as),
          checked: as.role === viewer.role && as.scope === viewer.scope,
        };
      }),
    );
  }
}

function actingPage(
  person: number,
  choices: { value: string; text: string; checked: boolean }[],
  to: string,
  isWrong: boolean,
): Answer {
  return {
    kind: 'page',
    template: 'signIn/actAs.njk',
    model: {
      person,
      choices,
      to,
      errors: isWrong ? [{ text: 'Choose as what you are signed in', href: '#appointment' }] : null,
    },
  };
}

/**
 * Signing out ends our session at once, and then the provider's. A form may not lead to another site (content security
 * policy), so a page stands between, which goes on by itself.
 */
function leavingRoutes({ sessions, provider, trail, secure }: SignInParts): Route[] {
  const cookieName = secure ? '__Host-rollcall_leaving' : 'rollcall_leaving';
  return [
    {
      method: 'POST',
      path: '/sign-out',
      summary: 'Sign out',
      needs: data,
      async answer({ session, viewer, from }) {
        if (!session) return { kind: 'redirect', to: signedOutPath };
        const { idToken, cookie } = await sessions.end(session.tokenHash);
        await trail.leave({ viewer, action: 'signed out', data, from });
        const cookies = [cookie, { name: cookieName, value: idToken ?? '' }];
        return { kind: 'redirect', to: signedOutPath, cookies };
      },
    },
    {
      method: 'GET',
      path: signedOutPath,
      summary: 'Signed out',
      needs: data,
      async answer({ cookies }) {
        const goOn = cookies.get(cookieName) ? leavePath : null;
        return { kind: 'page', template: 'signIn/signedOut.njk', model: { goOn } };
      },
    },
    {
      method: 'GET',
      path: leavePath,
      summary: 'Sign out where you signed in',
      needs: data,
      async answer({ cookies }) {
        const idToken = cookies.get(cookieName);
        const address = idToken ? await provider.leave(idToken) : null;
        const forget = [{ name: cookieName, value: '' }];
        if (!address) return { kind: 'redirect', to: signedOutPath, cookies: forget };
        return { kind: 'redirect', to: address, elsewhere: true, cookies: forget };
      },
    },
  ];
}

/** Choosing for what one looks at children's data now. */
function purposeRoutes({ sessions, trail }: SignInParts): Route[] {
  const page = (ask: Ask, to: string, isWrong: boolean): Answer => ({
    kind: 'page',
    template: 'signIn/purpose.njk',
    model: {
      choices: purposesOf(ask.viewer.role).map((purpose) => ({
        value: purpose,
        text: purposes[purpose],
        checked: purpose === ask.purpose,
      })),
      to,
      errors: isWrong ? [{ text: 'Choose what you are doing now', href: '#purpose' }] : null,
    },
  });
  return [
    {
      method: 'GET',
      path: '/purpose',
      summary: 'Choose for what you look at children’s data',
      needs: data,
      async answer(ask) {
        sessionOf(ask);
        return page(ask, ownPath(ask.query['return']), false);
      },
    },
    {
      method: 'POST',
      path: '/purpose',
      summary: 'Look at children’s data for a purpose',
      needs: data,
      async answer(ask) {
        const { viewer, from, form } = ask;
        const { tokenHash } = sessionOf(ask);
        const to = ownPath(form['return']);
        const purpose = purposesOf(viewer.role).find((each) => each === form['purpose']);
        if (!purpose) return page(ask, to, true);
        await trail.leave({ viewer, action: 'changed', data, purpose, from });
        await sessions.choosePurpose(tokenHash, purpose);
        return { kind: 'redirect', to };
      },
    },
  ];
}

function sessionOf({ session }: Ask): AskSession {
  if (!session) throw signedOut();
  return session;
}

function signedOut(): Refusal {
  return new Refusal(
    'signed-out',
    'You are not signed in, or were signed out because nothing was done for a while. Sign in first.',
  );
}
