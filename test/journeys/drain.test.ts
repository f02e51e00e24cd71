import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  killGroup,
  rollcall,
  run,
  siteOf,
  start,
  type Started,
  until,
} from '../../src/testing/process.ts';
import { layRecords, scratchFolder } from '../../src/testing/stores.ts';

/* A site that is told to stop (SIGTERM, as a supervisor does) sends nobody away in the middle. */

const { folder, remove } = scratchFolder();
const env = { ROLLCALL_DATA: join(folder, 'data'), ROLLCALL_PORT: '0' };
const drainSeconds = 1;
let site: Started | undefined;
before(() => layRecords(join(folder, 'data', 'records')));
after(async () => {
  if (site) await killGroup(site);
  remove();
});

async function serve(settings: Record<string, string>) {
  site = start(rollcall, ['serve'], { env: { ...env, ...settings }, ownGroup: true });
  return { site, address: await siteOf(site) };
}

/** A request that is refused is written down before it is answered: the answer acknowledges it. */
const refusedPage = '/emergency';

let acknowledged = 0;

/** A form of which the last byte is not sent yet. */
async function halfSent(address: string) {
  const socket: Socket = connect(Number(new URL(address).port), '127.0.0.1');
  await once(socket, 'connect');
  let answer = '';
  socket.setEncoding('utf8').on('data', (text) => (answer += text));
  const ended = once(socket, 'close');
  socket.write(
    `POST ${refusedPage} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 12\r\n` +
      'Content-Type: application/x-www-form-urlencoded\r\n\r\nsurname=Exa',
  );
  return {
    async finish() {
      socket.write('m');
      await ended;
      return answer;
    },
  };
}

const entries = async () => {
  const { stdout, stderr } = await run(rollcall, ['audit', 'verify'], { env });
  assert.match(stdout, /chain whole/, stderr);
  return Number(/^\d+/.exec(stdout)?.[0]);
};

test('told to stop, it is not ready at once, answers who asks meanwhile, and ends with all it acknowledged', async () => {
  const { site, address } = await serve({ ROLLCALL_DRAIN_SECONDS: String(drainSeconds) });
  const refused = async () => {
    const answer = await fetch(address + refusedPage);
    assert.equal(answer.status, 403);
    acknowledged += 1;
    return answer;
  };
  assert.equal((await fetch(`${address}/readyz`)).status, 200);
  await refused();
  const underWay = await Promise.all(Array.from({ length: 5 }, () => halfSent(address)));

  const told = performance.now();
  site.process.kill('SIGTERM');
  await until(async () => (await fetch(`${address}/readyz`)).status !== 200);
  const ready = await fetch(`${address}/readyz`);
  assert.equal(ready.status, 503);
  assert.equal(ready.headers.get('retry-after'), '5');
  const late = await refused();
  assert.equal(
    late.headers.get('connection'),
    'keep-alive',
    'nobody is sent to a port that closes',
  );
  assert.equal((await fetch(`${address}/healthz`)).status, 200, 'it is alive until it ends');

  await until(() =>
    fetch(`${address}/healthz`).then(
      () => false,
      () => true,
    ),
  );
  assert.ok(performance.now() - told >= drainSeconds * 1000, 'it left time to be noticed');
  assert.equal(site.process.exitCode, null, 'those under way keep it');
  for (const each of underWay) {
    const answer = await each.finish();
    assert.match(answer.slice(0, 12), /^HTTP\/1\.1 403/);
    assert.match(answer, /^connection: close\r$/im);
    acknowledged += 1;
  }
  const { code, signal, stderr } = await site.ended;
  assert.deepEqual([code, signal, stderr], [0, null, '']);
  assert.ok(performance.now() - told < 10_000);
  assert.equal(await entries(), acknowledged);
});

test('who never sends the rest does not keep it from stopping', async () => {
  const { site, address } = await serve({ ROLLCALL_PAGE_SECONDS: '1' });
  await halfSent(address);
  const told = performance.now();
  site.process.kill('SIGTERM');
  const { code } = await site.ended;
  assert.equal(code, 0);
  const seconds = (performance.now() - told) / 1000;
  assert.ok(seconds > 2 && seconds < 10, `${seconds} s`);
  assert.equal(await entries(), acknowledged, 'what never came whole was never acted on');
});

type Told = { what: 'answered'; status: number } | { what: string; sentAt: number };

/** One request on a connection that is kept: its status, or what went wrong and when it was sent. */
function ask(address: string, agent: Agent): Promise<Told> {
  const sentAt = performance.now();
  return new Promise((resolve) => {
    request(`${address}/who-can-see-what`, { agent })
      .on('response', (response) => {
        const status = response.statusCode ?? 0;
        response.resume().on('end', () => resolve({ what: 'answered', status }));
        response.on('error', () => resolve({ what: 'cut off', sentAt }));
      })
      .on('error', ({ code = '' }: NodeJS.ErrnoException) => resolve({ what: code, sentAt }))
      .end();
  });
}

test('busy clients that keep their connections get every answer, with no time to be noticed set', async () => {
  const { site, address } = await serve({ ROLLCALL_ADDRESS_PER_MINUTE: '1000000' });
  const agents = Array.from({ length: 20 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
  const failed: Told[] = [];
  let answered = 0;
  let refused = 0;
  const clients = agents.map(async (agent, index) => {
    for (;;) {
      const told = await ask(address, agent);
      if (told.what === 'ECONNREFUSED') return (refused += 1);
      if ('status' in told && told.status === 200) answered += 1;
      else failed.push(told);
      // Some ask all the time, some read for a while.
      await new Promise((resolve) => setTimeout(resolve, (index % 4) * 30));
    }
  });
  await until(async () => answered > 300);
  const told = performance.now();
  site.process.kill('SIGTERM');
  await Promise.all(clients);
  for (const agent of agents) agent.destroy();
  assert.deepEqual(failed, []);
  assert.equal(refused, agents.length, 'each was told by the closed port that there is nobody');
  const { code, stderr } = await site.ended;
  assert.deepEqual([code, stderr], [0, '']);
  assert.ok(performance.now() - told < 5000);
});
