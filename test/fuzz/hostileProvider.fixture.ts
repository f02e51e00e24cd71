import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { type Vouched, connectProvider } from '../../src/signIn/provider.ts';
import { signInDefaults } from '../../src/signIn/settings.ts';
import { hostileText } from './hostile.ts';

/** What the provider answers: claims in place of the right ones, and whole answers in place of the right ones. */
export type Lie = {
  claims: Record<string, unknown>;
  told: Record<string, unknown>;
  token: Record<string, unknown>;
  /** In place of an endpoint's whole answer: its status and text. */
  instead: { endpoint: string; status: number; text: string } | null;
  query: Record<string, string>;
};

/** An identity provider that says anything. */
export type HostileProvider = {
  lies: fc.Arbitrary<Lie>;
  finishWith(lie: Lie): Promise<Vouched>;
  close(): Promise<void>;
};

const anything = fc.oneof(hostileText, fc.jsonValue(), fc.double(), fc.constant(null));
const claimNames = ['name', 'given_name', 'family_name', 'email', 'organisation', 'auth_time'];
const tokenNames = ['iss', 'aud', 'exp', 'iat', 'sub', 'nonce', 'azp', 'amr', 'nbf'];
const some = (names: readonly string[]) => fc.dictionary(fc.constantFrom(...names), anything);

const lies: fc.Arbitrary<Lie> = fc.record({
  claims: fc.oneof(
    { weight: 4, arbitrary: some(claimNames) },
    some([...claimNames, ...tokenNames]),
  ),
  told: fc.oneof({ weight: 4, arbitrary: some(claimNames) }, some([...claimNames, 'sub'])),
  token: fc.oneof(
    { weight: 4, arbitrary: fc.constant({}) },
    some(['token_type', 'access_token', 'expires_in', 'scope']),
  ),
  instead: fc.option(
    fc.record({
      endpoint: fc.constantFrom('/token', '/userinfo', '/.well-known/openid-configuration'),
      status: fc.constantFrom(200, 204, 301, 400, 401, 500),
      text: fc.oneof(hostileText, fc.json()),
    }),
    { freq: 4 },
  ),
  query: fc.oneof(
    { weight: 4, arbitrary: fc.constant({}) },
    fc.dictionary(fc.constantFrom('code', 'iss', 'error', 'response', 'id_token'), hostileText),
  ),
});

export async function startHostileProvider(): Promise<HostileProvider> {
  let lie: Lie;
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const { instead } = lie;
    if (instead?.endpoint === path) {
      return response
        .writeHead(instead.status, { 'content-type': 'application/json' })
        .end(instead.text);
    }
    const answer = answers()[path];
    return response
      .writeHead(answer ? 200 : 404, { 'content-type': 'application/json' })
      .end(JSON.stringify(answer ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const clientId = 'rollcall';
  const at = (path: string) => `${issuer}${path}`;
  const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const answers = (): Record<string, unknown> => {
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: issuer,
      aud: clientId,
      sub: 'one',
      nonce: 'nonce',
      iat: now,
      exp: now + 600,
    };
    const idToken = `${base64({ alg: 'RS256' })}.${base64({ ...claims, ...lie.claims })}.${'a'.repeat(342)}`;
    return {
      '/.well-known/openid-configuration': {
        ...{ issuer, jwks_uri: at('/jwks') },
        ...{ authorization_endpoint: at('/auth'), token_endpoint: at('/token') },
        userinfo_endpoint: at('/userinfo'),
      },
      '/token': { access_token: 'token', token_type: 'Bearer', id_token: idToken, ...lie.token },
      '/userinfo': { sub: 'one', ...lie.told },
    };
  };
  return {
    lies,
    finishWith(next) {
      lie = next;
      const settings = {
        ...signInDefaults,
        issuer,
        clientId,
        clientSecret: 'none',
        site: 'http://localhost',
      };
      const expected = { state: 'state', nonce: 'nonce', verifier: 'v'.repeat(43), again: false };
      return connectProvider(settings, () => new Date()).finish(
        { code: 'code', state: 'state', ...next.query },
        expected,
      );
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
