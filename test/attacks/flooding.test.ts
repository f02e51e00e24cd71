import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { allowance, networkOf } from '../../src/web/limits.ts';
import { type Answer, type AttackedSite, openAttackedSite, type Running } from './site.fixture.ts';

/* Somebody asks so much, or from so many places, or tries so many keys, that there is nothing left for the others. */

let open: AttackedSite;
before(async () => {
  open = await openAttackedSite();
});
after(() => open.close());

const many = async (count: number, ask: (index: number) => Promise<Answer>): Promise<Answer[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => ask(index)));
const statuses = (answers: readonly Answer[]) =>
  Object.fromEntries(
    [...Map.groupBy(answers, ({ status }) => status)].map(([status, each]) => [
      status,
      each.length,
    ]),
  );

describe('one address', () => {
  test('gets its minute’s worth, is told when to come again, and then may', async () => {
    const site = await open.run({ limits: { perAddress: 60 } });
    assert.deepEqual(statuses(await many(100, () => site.ask('/who-can-see-what'))), {
      200: 60,
      429: 40,
    });
    const turnedAway = await site.ask('/who-can-see-what');
    assert.equal(turnedAway.status, 429);
    const seconds = Number(turnedAway.headers['retry-after']);
    assert.ok(seconds >= 1 && seconds <= 60, `${seconds}`);
    assert.match(turnedAway.body, /Try again in \d+ second/);
    open.later.milliseconds += seconds * 1000;
    assert.equal((await site.ask('/who-can-see-what')).status, 200);
  });

  test('finds no way round: by pages that are not there, addresses that begin like others, verbs or errors', async () => {
    const ways = [
      '/nothing',
      '/healthz-and-more',
      '/readyz/x',
      '/metrics.x',
      '/%zz',
      `/schools/${'9'.repeat(200)}`,
    ];
    for (const path of ways) {
      const site = await open.run({ limits: { perAddress: 10 } });
      const answers = await many(20, () => site.ask(path));
      assert.ok((statuses(answers)[429] ?? 0) >= 9, `${path} ${JSON.stringify(statuses(answers))}`);
    }
    for (const method of ['POST', 'HEAD', 'PUT']) {
      const site = await open.run({ limits: { perAddress: 10 } });
      assert.equal(statuses(await many(20, () => site.ask('/demo', { method })))[429], 10, method);
    }
  });

  test('is not another by what it says of itself', async () => {
    const site = await open.run({ limits: { perAddress: 10 } });
    const answers = await many(20, (index) =>
      site.ask('/who-can-see-what', {
        headers: { 'x-forwarded-for': `10.0.0.${index}`, forwarded: `for=10.0.0.${index}` },
      }),
    );
    assert.equal(statuses(answers)[429], 10);
  });

  test('behind the proxy that is named in the settings does not use up another’s', async () => {
    const site = await open.run({ limits: { perAddress: 10 }, proxies: ['127.0.0.1'] });
    const from = (address: string) => () =>
      site.ask('/who-can-see-what', { headers: { 'x-forwarded-for': `1.2.3.4, ${address}` } });
    assert.equal(statuses(await many(20, from('10.0.0.1')))[429], 10);
    assert.equal((await from('10.0.0.2')()).status, 200);
  });

  test('is turned away without asking the stores who it is', async () => {
    const site = await open.run({ limits: { perAddress: 3 } });
    const head = await site.signIn('head');
    const { body } = await head.get('/who-can-see-what');
    assert.match(body, /Sign out/);
    const [, , last] = await many(3, () => head.get('/who-can-see-what'));
    assert.equal(last?.status, 429);
    assert.doesNotMatch(last?.body ?? '', /Sign out/);
  });
});

describe('one person', () => {
  test('is limited without limiting others at the same address', async () => {
    const site = await open.run({ limits: { perPerson: 10 } });
    const [head, other] = [await site.signIn('head'), await site.signIn('attendanceStaff')];
    assert.deepEqual(statuses(await many(25, () => head.get('/my-cases'))), { 403: 10, 429: 15 });
    assert.equal((await other.get('/who-can-see-what')).status, 200);
    assert.equal((await site.ask('/who-can-see-what')).status, 200);
  });

  test('has one allowance, with however many sessions', async () => {
    const site = await open.run({ limits: { perPerson: 10 } });
    const [one, two] = [await site.signIn('head'), await site.signIn('head')];
    const answers = await many(20, (index) => (index % 2 ? one : two).get('/who-can-see-what'));
    assert.equal(statuses(answers)[429], 10);
  });
});

describe('keys that are tried', () => {
  test('are limited by the address, and a wrong key tells nothing of whether its number is one', async () => {
    const site = await open.run({ limits: { perAddress: 30 } });
    const answers = await many(60, (index) =>
      site.ask('/api/v1/schools', {
        headers: { authorization: `Bearer rollcall_${index}_${'a'.repeat(43)}` },
      }),
    );
    assert.deepEqual(statuses(answers), { 401: 30, 429: 30 });
    const refused = answers.filter(({ status }) => status === 401).map(({ body }) => body);
    assert.equal(new Set(refused).size, 1);
  });
});

describe('everybody together', () => {
  const atOnce = 20;
  let site: Running;
  before(async () => {
    site = await open.run({ limits: { atOnce } });
  });
  let auditor = '';
  const page = () => site.ask('/audit', { headers: { cookie: auditor } });

  /** The records answer nobody until all but those who found a place were turned away. */
  async function flood(count: number): Promise<Answer[]> {
    const turnedAway = Promise.withResolvers<void>();
    let answered = 0;
    const asked = open.stores.records.transaction().execute(async () => {
      const answers = many(count, async () => {
        const answer = await page();
        answered += 1;
        if (answered === count - atOnce) turnedAway.resolve();
        return answer;
      });
      await turnedAway.promise;
      return { answers };
    });
    return (await asked).answers;
  }

  test('more than can be answered at once are turned away, and told when to come again', async () => {
    auditor = (await site.signIn('auditor')).cookie;
    const answers = await flood(60);
    assert.deepEqual(statuses(answers), { 200: atOnce, 503: 60 - atOnce });
    const away = answers.find(({ status }) => status === 503);
    assert.equal(away?.headers['retry-after'], '5');
  });

  test('and afterwards everybody is answered again', async () => {
    assert.deepEqual(statuses(await many(15, page)), { 200: 15 });
  });

  test('whether the site is alive is told meanwhile', async () => {
    const flooded = flood(60);
    assert.equal((await site.ask('/healthz')).status, 200);
    await flooded;
  });
});

/** Bytes of the heap that are still needed. */
function needed(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

test('200,000 addresses take neither memory nor time, and none of them wins back what it used', () => {
  const { ask } = allowance(2);
  const before = needed();
  const began = performance.now();
  for (let index = 0; index < 200_000; index += 1) ask(`address ${index}`, index);
  const took = performance.now() - began;
  const grown = needed() - before;
  assert.ok(grown < 10_000_000, `${Math.round(grown / 1e6)} MB`);
  assert.ok(took < 15_000, `${Math.round(took)} ms`); // looking through all of them for each takes twice as long
  const now = 200_000;
  ask('x', now);
  ask('x', now);
  for (let index = 0; index < 5000; index += 1) ask(`y${index}`, now);
  assert.ok(ask('x', now) > 0);
});

test('a clock that is put back turns nobody away', () => {
  const { ask } = allowance(60);
  const hour = 3_600_000;
  assert.equal(ask('x', hour), 0);
  assert.equal(ask('x', 0), 0);
});

test('all the addresses that one household has are one', () => {
  const household = ['2001:db8:1:2::1', '2001:db8:1:2:ffff::', '2001:DB8:1:2:3:4:5:6'];
  assert.deepEqual([...new Set(household.map(networkOf))], ['2001:db8:1:2']);
  const others = ['2001:db8:1:3::1', '2001:db8::1', '::1', '1.2.3.4', '1.2.3.5', 'fe80::1%eth0'];
  assert.equal(new Set(others.map(networkOf)).size, others.length);
  assert.equal(networkOf('::ffff:1.2.3.4'), networkOf('1.2.3.4'));
});

describe('birthdays that are guessed in an emergency', () => {
  const days = (count: number) =>
    Array.from({ length: count }, (_, index) => new Date(Date.UTC(2012, 0, 1 + index))).map((day) =>
      day.toISOString().slice(0, 10),
    );

  test('are limited to a few an hour, also when all are sent together, and each is written down', async () => {
    const site = await open.run();
    const worker = await site.signIn('socialWorker');
    const reason = 'The child is in danger at this very minute.';
    const guesses = await Promise.all(
      days(60).map((date_of_birth) =>
        worker.post('/emergency', { surname: 'Guessed', date_of_birth, reason }),
      ),
    );
    const { 200: looked = 0, 403: refused = 0 } = statuses(guesses);
    assert.ok(looked <= 20, `${looked} looked for`);
    assert.equal(looked + refused, 60);
    const written = await open.stores.records
      .selectFrom('audit_entries')
      .select('number')
      .where('person', '=', worker.person)
      .where('action', '=', 'emergency')
      .execute();
    assert.ok(written.length >= 60);
    open.later.milliseconds += 3_601_000;
    const after = await site.signIn('socialWorker');
    const again = await after.post('/emergency', {
      surname: 'Guessed',
      date_of_birth: '2012-01-01',
      reason,
    });
    assert.equal(again.status, 200);
  });
});
