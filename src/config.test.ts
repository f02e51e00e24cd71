import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Refusal } from './base/problem.ts';
import { readConfig, settingsMarkdown } from './config.ts';

test('without any setting both stores are in the process, under ./data', () => {
  const config = readConfig({}, { demo: false });
  assert.equal(config.port, 3000);
  assert.equal(config.stores.warehouse.kind, 'embedded');
  assert.match((config.stores.records as { folder: string }).folder, /\/data\/records$/);
});

test('a command finds the same data from whatever folder it is typed in', () => {
  const checkout = fileURLToPath(new URL('..', import.meta.url));
  const here = process.cwd();
  process.chdir('/');
  try {
    assert.equal(readConfig({}, { demo: false }).dataFolder, join(checkout, 'data'));
    assert.equal(readConfig({ ROLLCALL_DATA: 'x' }, { demo: false }).dataFolder, '/x');
  } finally {
    process.chdir(here);
  }
});

test('the demo has its own stores, whatever else is set', () => {
  const config = readConfig({ ROLLCALL_RECORDS: 'postgres://real.example/db' }, { demo: true });
  assert.match((config.stores.records as { folder: string }).folder, /\/data\/demo\/records$/);
});

test('a setting that cannot be is refused in one sentence that says what it is', () => {
  for (const environment of [
    { ROLLCALL_PORT: '80a' },
    { ROLLCALL_PORT: '70000' },
    { ROLLCALL_PROXIES: '10.0.0.1, everywhere' },
    { ROLLCALL_WAREHOUSE: 'mysql://x' },
    { ROLLCALL_RECORDS: './data' },
  ]) {
    assert.throws(
      () => readConfig(environment, { demo: false }),
      (error) => error instanceof Refusal && error.message.startsWith(Object.keys(environment)[0]!),
    );
  }
});

test('a name of a setting that is misspelt is refused, with the nearest that there is', () => {
  for (const [misspelt, meant] of [
    ['ROLLCALL_PROXY', 'ROLLCALL_PROXIES'],
    ['ROLLCALL_SIGNIN_ISSUER', 'ROLLCALL_SIGN_IN_ISSUER'],
    ['ROLLCALL_DATE', 'ROLLCALL_DATA'],
    ['rollcall_port', 'ROLLCALL_PORT'],
  ] as const) {
    assert.throws(
      () => readConfig({ [misspelt]: 'x' }, { demo: false }),
      (error) => {
        assert.ok(error instanceof Refusal && error.reason === 'bad-input', String(error));
        assert.match(error.message, new RegExp(`^${misspelt} .* Did you mean ${meant}\\?`));
        return true;
      },
    );
  }
  readConfig({ ROLLCALL_FUZZ_SEED: '1', PORT: '1', npm_config_x: '1' }, { demo: false });
});

const strong = 'Xk4-pq9-Wm2z';
const away = {
  ROLLCALL_RECORDS: `postgres://rollcall:${strong}@records.example/rollcall?sslmode=verify-full`,
  ROLLCALL_WAREHOUSE: `https://rollcall:${strong}@warehouse.example:8443/rollcall`,
};

test('servers on other machines are used with a password that is not weak, and encrypted', () => {
  readConfig(away, { demo: false });
  const plain = {
    ROLLCALL_RECORDS: away.ROLLCALL_RECORDS.replace('?sslmode=verify-full', ''),
    ROLLCALL_WAREHOUSE: away.ROLLCALL_WAREHOUSE.replace('https', 'http'),
  };
  readConfig({ ...plain, ROLLCALL_STORES_IN_PLAIN_TEXT: 'yes' }, { demo: false });
});

test('on this machine they need neither', () => {
  for (const address of [
    'postgres://postgres:postgres@localhost/rollcall',
    'postgres://rollcall@127.0.0.1:5432/rollcall',
    'postgres://rollcall@[::1]/rollcall',
    'postgres://rollcall@ignored/rollcall?host=/var/run/postgresql',
  ]) {
    readConfig({ ROLLCALL_RECORDS: address }, { demo: false });
  }
  readConfig({ ROLLCALL_WAREHOUSE: 'http://default@[::1]:8123/rollcall' }, { demo: false });
  const certificate = 'postgres://rollcall@records.example/r?sslmode=verify-full&sslcert=/a.pem';
  readConfig({ ROLLCALL_RECORDS: certificate }, { demo: false });
});

test('what is weak, well known or in plain text is refused outside the demo, and not repeated', () => {
  const weak = /weak/;
  const plain = /others can read/;
  const tls = 'sslmode=verify-full';
  const wrong: [string, string, RegExp][] = [
    ['ROLLCALL_RECORDS', `postgres://rollcall@records.example/r?${tls}`, weak],
    ['ROLLCALL_RECORDS', `postgres://postgres:postgres@records.example/r?${tls}`, weak],
    ['ROLLCALL_RECORDS', `postgres://a:Password-12345@records.example/r?${tls}`, weak],
    ['ROLLCALL_RECORDS', `postgres://a:${strong}@records.example/r?${tls}&password=secret`, weak],
    ['ROLLCALL_RECORDS', `postgres://a:short@localhost/r?host=records.example&${tls}`, weak],
    ['ROLLCALL_RECORDS', `postgres://a:short@localhost.example/r?${tls}`, weak],
    ['ROLLCALL_RECORDS', `postgres://a:${strong}@records.example/r`, plain],
    ['ROLLCALL_RECORDS', `postgres://a:${strong}@records.example/r?sslmode=no-verify`, plain],
    ['ROLLCALL_RECORDS', `postgres://a:${strong}@records.example/r?${tls}&sslmode=disable`, plain],
    ['ROLLCALL_WAREHOUSE', 'https://default@warehouse.example/r', weak],
    ['ROLLCALL_WAREHOUSE', 'https://a:clickhouse123@warehouse.example/r', weak],
    ['ROLLCALL_WAREHOUSE', `http://a:${strong}@warehouse.example/r`, plain],
    [
      'ROLLCALL_WAREHOUSE',
      `http://a:${strong}@localhost/r?cluster=c&nodes=localhost:8123,warehouse.example:8123`,
      plain,
    ],
    ['ROLLCALL_METRICS_TOKEN', 'metrics', weak],
    ['ROLLCALL_METRICS_TOKEN', 'changeme-changeme-changeme', weak],
    ['ROLLCALL_SITE', 'http://rollcall.example', /must begin with https/],
  ];
  for (const [name, value, says] of wrong) {
    assert.throws(
      () => readConfig({ ...away, [name]: value }, { demo: false }),
      (error) => {
        assert.ok(error instanceof Refusal && error.reason === 'bad-input', String(error));
        assert.match(error.message, says, value);
        assert.ok(error.message.startsWith(name), error.message);
        assert.doesNotMatch(error.message, /short|Password-1|clickhouse123|changeme|Xk4/);
        return true;
      },
    );
  }
});

test('a secret of the provider that is weak stops the site from starting', () => {
  const signIn = {
    ROLLCALL_SIGN_IN_ISSUER: 'https://identity.example',
    ROLLCALL_SIGN_IN_CLIENT_ID: 'rollcall',
    ROLLCALL_SITE: 'https://rollcall.example',
  };
  for (const secret of ['', 'secret', 'changeme-changeme-changeme-1']) {
    const environment = { ...signIn, ROLLCALL_SIGN_IN_CLIENT_SECRET: secret };
    assert.throws(() => readConfig(environment, { demo: false }), /too weak/);
  }
});

test('docs/settings.md is what the code says (npm run docs writes it)', () => {
  assert.equal(
    readFileSync(new URL('../docs/settings.md', import.meta.url), 'utf8'),
    settingsMarkdown(),
  );
});

test('e-mail goes out where a server, a sender and the site’s address are set, and never from the demo', () => {
  const set = {
    ROLLCALL_MAIL_SERVER: 'smtps://site:secret@mail.example:465',
    ROLLCALL_MAIL_FROM: 'rollcall@example.invalid',
    ROLLCALL_SITE: 'https://rollcall.example',
  };
  const { mail } = readConfig(set, { demo: false });
  assert.deepEqual(mail, {
    server: set.ROLLCALL_MAIL_SERVER,
    from: set.ROLLCALL_MAIL_FROM,
    site: set.ROLLCALL_SITE,
  });
  assert.equal(readConfig(set, { demo: true }).mail, null);
  assert.equal(readConfig({}, { demo: false }).mail, null);
  for (const name of Object.keys(set) as (keyof typeof set)[]) {
    const without = { ...set, [name]: name === 'ROLLCALL_MAIL_SERVER' ? 'mail.example' : '' };
    assert.throws(
      () => readConfig(without, { demo: false }),
      (error) => error instanceof Refusal && !error.message.includes('secret'),
    );
  }
});
