import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { freePort } from '../testing/clickhouse.ts';
import { checkSignInSettings, connectProvider, isSecure, signInDefaults } from './index.ts';
import { organisationText } from './provider.ts';

const good = {
  ...signInDefaults,
  issuer: 'https://identity.example',
  clientId: 'rollcall',
  clientSecret: 'a7Fq-92kLmZ0.xTr4WvB81ncD',
  site: 'https://rollcall.example',
};

test('sign-in starts with good settings, and its cookies go over TLS alone', () => {
  checkSignInSettings(good, { demo: false });
  assert.ok(isSecure(good));
});

test('outside the demo, sign-in does not start with settings that are weak or wrong', () => {
  const wrong: [Partial<typeof good> | Record<string, unknown>, RegExp][] = [
    [{ issuer: 'http://identity.example' }, /must begin with https/],
    [{ issuer: '' }, /is not the address of the identity provider/],
    [{ site: 'http://rollcall.example' }, /must begin with https/],
    [{ site: 'https://rollcall.example/attendance' }, /without a path: https:\/\/rollcall.example/],
    [{ clientId: '' }, /name under which/],
    [{ clientSecret: '' }, /too weak/],
    [{ clientSecret: 'secret' }, /too weak/],
    [{ clientSecret: 'changeme'.repeat(5) }, /too weak/],
    [{ scopes: 'profile email' }, /must include openid/],
    [{ idleMinutes: 0 }, /not used for 1 minute/],
    [{ idleMinutes: Number.NaN }, /not used for 1 minute/],
    [{ absoluteHours: 100 }, /at the latest a day/],
  ];
  for (const [changed, says] of wrong) {
    assert.throws(() => checkSignInSettings({ ...good, ...changed }, { demo: false }), says);
  }
});

test('a provider that does not answer is said so, and is asked again the next time', async () => {
  const port = await freePort();
  const settings = { ...good, issuer: `http://127.0.0.1:${port}` };
  const provider = connectProvider(settings, () => new Date());
  const start = () => provider.start({ again: false });
  await assert.rejects(start(), /does not answer/);
  const document = {
    issuer: settings.issuer,
    authorization_endpoint: `${settings.issuer}/auth`,
    token_endpoint: `${settings.issuer}/token`,
  };
  const server = createServer((_, response) =>
    response.setHeader('content-type', 'application/json').end(JSON.stringify(document)),
  );
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  assert.equal((server.address() as AddressInfo).port, port);
  assert.match((await start()).address, /\/auth\?/);
  assert.equal(await provider.leave('token'), null, 'without an address to sign out there is none');
  server.closeAllConnections();
  server.close();
});

test('the organisation that DfE Sign-in names is read in words, whatever it holds', () => {
  const school = {
    id: 'a',
    name: 'Ashgrove',
    urn: '100000',
    uid: null,
    establishmentNumber: '4001',
  };
  assert.equal(organisationText(school), 'Ashgrove, URN 100000, number 4001');
  assert.equal(
    organisationText(JSON.stringify({ name: 'A trust', uid: '2044' })),
    'A trust, trust UID 2044',
  );
  for (const nothing of [undefined, null, '', 'Ashgrove', 7, [], {}, { name: {} }]) {
    assert.equal(organisationText(nothing), null);
  }
  assert.equal([...(organisationText({ name: 'x'.repeat(500) }) ?? '')].length, 200);
});
