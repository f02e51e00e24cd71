import * as openid from 'openid-client';
import type { Clock } from '../base/clock.ts';
import { Refusal } from '../base/problem.ts';
import type { SignInSettings } from './settings.ts';

/** What has to come back, to be compared. */
export type Expected = { state: string; nonce: string; verifier: string };

/** Who somebody is, by the word of the provider. */
export type Vouched = {
  issuer: string;
  subject: string;
  name: string;
  email: string;
  /** For whom they act; null when it was not said. */
  organisation: string | null;
  /** When they last proved it; null when it was not said. */
  provedAt: Date | null;
  idToken: string;
};

/** The OpenID Connect provider at which people prove who they are. */
export type Provider = {
  /** Where to send the browser. With `again` the person proves anew who they are, however lately they did. */
  start(options: { again: boolean }): Promise<{ address: string } & Expected>;
  /** What the browser brought back, checked. Refuses with `bad-input` what does not fit. */
  finish(
    query: Readonly<Record<string, string>>,
    expected: Expected & { again: boolean },
  ): Promise<Vouched>;
  /** Where to send the browser so that the provider ends its own session; null when it does not offer that. */
  leave(idToken: string): Promise<string | null>;
};

export const callbackPath = '/sign-in/callback';
export const signedOutPath = '/signed-out';
const timeoutSeconds = 10;

/** The provider is asked what it offers when it is first needed, and again after it did not answer. */
export function connectProvider(settings: SignInSettings, clock: Clock): Provider {
  const { issuer, clientId, clientSecret, scopes, site } = settings;
  let found: Promise<openid.Configuration> | undefined;
  const configuration = () => {
    found ??= openid
      .discovery(new URL(issuer), clientId, {}, openid.ClientSecretBasic(clientSecret), {
        timeout: timeoutSeconds,
        // Settings outside the demo refuse an issuer without TLS before it comes to this.
        ...(issuer.startsWith('http:') ? { execute: [openid.allowInsecureRequests] } : {}),
      })
      .catch((error: unknown) => {
        found = undefined;
        throw unanswered(error);
      });
    return found;
  };
  const redirectUri = `${site}${callbackPath}`;
  return {
    async start({ again }) {
      const config = await configuration();
      const expected = {
        state: openid.randomState(),
        nonce: openid.randomNonce(),
        verifier: openid.randomPKCECodeVerifier(),
      };
      const address = openid.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        response_type: 'code',
        scope: scopes,
        state: expected.state,
        nonce: expected.nonce,
        code_challenge: await openid.calculatePKCECodeChallenge(expected.verifier),
        code_challenge_method: 'S256',
        ...(again ? { prompt: 'login', max_age: '0' } : {}),
      });
      return { address: address.href, ...expected };
    },
    async finish(query, { state, nonce, verifier, again }) {
      const config = await configuration();
      const brought = new URL(redirectUri);
      brought.search = new URLSearchParams(query).toString();
      try {
        const tokens = await openid.authorizationCodeGrant(config, brought, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
          ...(again ? { maxAge: 0 } : {}),
        });
        const claims = tokens.claims();
        if (!claims || !tokens.id_token) throw new Error('no id token');
        const told = await openid.fetchUserInfo(config, tokens.access_token, claims.sub);
        return vouched({ ...claims, ...told, iss: claims.iss }, tokens.id_token, clock());
      } catch (error) {
        throw refusalOf(error);
      }
    },
    async leave(idToken) {
      const config = await configuration();
      if (config.serverMetadata().end_session_endpoint === undefined) return null;
      return openid.buildEndSessionUrl(config, {
        id_token_hint: idToken,
        post_logout_redirect_uri: `${site}${signedOutPath}`,
      }).href;
    },
  };
}

function vouched(
  claims: openid.UserInfoResponse & openid.IDToken,
  idToken: string,
  now: Date,
): Vouched {
  // The client checks the claims that signing in rests on; these may be anything.
  const text = (claim: unknown) => (typeof claim === 'string' ? claim : '');
  const { iss, sub, auth_time } = claims;
  const [given, family, email] = [claims.given_name, claims.family_name, claims.email].map(text);
  const name = [given, family].filter(Boolean).join(' ') || text(claims.name);
  return {
    issuer: iss,
    subject: sub,
    name: shortened(name || email || sub),
    email: shortened(email ?? ''),
    organisation: organisationText(claims['organisation']),
    provedAt: momentOf(auth_time, now),
    idToken,
  };
}

/** A number of seconds, not later than now. */
function momentOf(seconds: unknown, now: Date): Date | null {
  if (typeof seconds !== 'number' || !(seconds >= 0)) return null;
  return new Date(Math.min(seconds * 1000, now.getTime()));
}

/**
 * The claim `organisation` of DfE Sign-in in words. Its numbers: `urn` of a school, `uid` of a trust, and of a local
 * authority `establishmentNumber`, its three digits.
 */
export function organisationText(claim: unknown): string | null {
  const given = typeof claim === 'string' ? readJson(claim) : claim;
  if (typeof given !== 'object' || given === null) return null;
  const { name, urn, uid, establishmentNumber } = given as Record<string, unknown>;
  const parts: [string, unknown][] = [
    ['', name],
    ['URN ', urn],
    ['trust UID ', uid],
    ['number ', establishmentNumber],
  ];
  const said = parts.flatMap(([what, value]) =>
    typeof value === 'string' || typeof value === 'number' ? [`${what}${value}`] : [],
  );
  return said.length === 0 ? null : shortened(said.join(', '));
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const longest = 200;
function shortened(text: string): string {
  return [...text.toWellFormed().replaceAll(/\p{Cc}/gu, ' ')].slice(0, longest).join('');
}

function unanswered(error: unknown): Refusal {
  return new Refusal(
    'not-ready',
    'The service at which you sign in does not answer. Try again in a few minutes.',
    { cause: error },
  );
}

/** What the provider's answer is called here; anything else is a bug and stays what it is. */
function refusalOf(error: unknown): unknown {
  if (error instanceof openid.AuthorizationResponseError) {
    return new Refusal(
      'signed-out',
      error.error === 'access_denied'
        ? 'You did not sign in. Start again when you want to.'
        : 'The service at which you sign in did not let you in. Start again, and if it stays so tell whoever runs this site.',
      { cause: error },
    );
  }
  // What `fetch` throws when nobody answers, and the client when it took too long.
  const isNetwork = error instanceof TypeError && error.message === 'fetch failed';
  if (isNetwork || (error as { code?: unknown }).code === 'OAUTH_TIMEOUT') return unanswered(error);
  if (error instanceof openid.ResponseBodyError && error.error === 'invalid_client') {
    return new Refusal(
      'not-ready',
      'The service at which you sign in does not know this site. Tell whoever runs it: the name or the secret shared with that service is wrong.',
      { cause: error },
    );
  }
  const isAnswer = [
    openid.ClientError,
    openid.ResponseBodyError,
    openid.WWWAuthenticateChallengeError,
  ].some((kind) => error instanceof kind);
  if (!isAnswer) return error;
  return new Refusal(
    'bad-input',
    'This sign-in does not fit the one that was begun in this browser, or was used already. Start again.',
    { cause: error },
  );
}
