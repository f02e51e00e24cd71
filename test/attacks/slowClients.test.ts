import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { usualPatience } from '../../src/web/limits.ts';
import { type AttackedSite, openAttackedSite, type Running } from './site.fixture.ts';

/*
 * Somebody holds connections by sending or reading a byte now and then, until there is none left for others. The site here
 * is as impatient as a test must be; the usual times are held below.
 */

const patience = { headers: 1500, request: 2500, idle: 1500, keepAlive: 1000, check: 200 };
const atOnce = 20;

let open: AttackedSite;
let site: Running;
before(async () => {
  open = await openAttackedSite();
  site = await open.run({ limits: { patience, atOnce } });
});
after(() => open.close());

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** Opens a connection and sends the bytes; `over` is when the server ended it, in milliseconds. */
function hold(bytes: string) {
  const socket = connect(site.port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => {});
  const began = performance.now();
  let told = '';
  socket.on('data', (part) => (told += part.toString('latin1')));
  // Not `once`, which fails where the server resets what is still written to.
  const over = new Promise<number>((resolve) => {
    socket.on('close', () => resolve(performance.now() - began));
  });
  socket.write(bytes);
  return { socket, over, told: () => told };
}

/** The server ended it in this time, and not at once. */
async function endedWithin(held: { over: Promise<number> }, milliseconds: number): Promise<void> {
  const ended = await Promise.race([
    held.over,
    sleep(milliseconds + 4000, Number.POSITIVE_INFINITY),
  ]);
  assert.ok(ended <= milliseconds + 3000, `ended after ${ended} ms`);
}

const drip = (socket: Socket, bytes: string, every: number) => {
  const timer = setInterval(() => socket.write(bytes), every);
  socket.on('close', () => clearInterval(timer));
};

const post =
  'POST /sign-out HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n';

test('headers that come a byte at a time are cut off, and others are served meanwhile', async () => {
  const held = Array.from({ length: 3 * atOnce }, () =>
    hold('GET / HTTP/1.1\r\nHost: localhost\r\n'),
  );
  for (const { socket } of held) drip(socket, 'X-A: b\r\n', 100);
  assert.equal((await site.ask('/who-can-see-what')).status, 200);
  for (const each of held) await endedWithin(each, patience.headers + patience.check);
  assert.match(held[0]?.told() ?? '', /^HTTP\/1\.1 408 /);
});

test('a body that comes a byte at a time is cut off, and takes nobody’s place meanwhile', async () => {
  const held = Array.from({ length: 3 * atOnce }, () =>
    hold(`${post}Content-Length: 60000\r\n\r\na`),
  );
  for (const { socket } of held) drip(socket, 'a', 100);
  await sleep(200);
  assert.equal((await site.ask('/who-can-see-what')).status, 200);
  for (const each of held) await endedWithin(each, patience.request + patience.check);
});

test('a connection on which nothing is ever sent is closed', async () => {
  await endedWithin(hold(''), patience.headers + patience.check);
});

test('a connection kept open after its answer is closed', async () => {
  const held = hold('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await endedWithin(held, patience.keepAlive + 1000);
  assert.match(held.told(), /200 OK/);
});

test('whoever asks and never reads takes nobody’s place, and is cut off', async () => {
  const request = 'GET /who-can-see-what HTTP/1.1\r\nHost: localhost\r\n\r\n';
  const held = Array.from({ length: 2 * atOnce }, () => {
    const socket = connect(site.port, '127.0.0.1');
    sockets.push(socket);
    socket.on('error', () => {});
    socket.pause();
    socket.write(request.repeat(200));
    const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
    return { socket, closed };
  });
  await sleep(300);
  for (let tries = 0; ; tries += 1) {
    const { status } = await site.ask('/who-can-see-what');
    if (status === 200) break;
    assert.ok(tries < 20, `${status} for two seconds`);
    await sleep(100);
  }
  await sleep(patience.idle + 500);
  // Reading again finds the end soon: what was waiting in buffers, and no more.
  for (const { socket } of held) socket.resume();
  await Promise.race([
    Promise.all(held.map(({ closed }) => closed)),
    sleep(5000).then(() => assert.fail('still open')),
  ]);
});

test('whoever asks and goes away makes no room for more than can be answered at once', async () => {
  const auditor = await site.signIn('auditor');
  const request = `GET /audit HTTP/1.1\r\nHost: localhost\r\nCookie: ${auditor.cookie}\r\n\r\n`;
  for (let index = 0; index < 4 * atOnce; index += 1) {
    const { socket } = hold(request);
    socket.once('connect', () => setImmediate(() => socket.destroy()));
  }
  await sleep(1500);
  assert.equal((await auditor.get('/audit')).status, 200);
  const { body } = await site.ask('/metrics');
  assert.match(body, /^rollcall_requests_under_way 0$/m);
});

test('the usual times are short enough to matter and long enough for a telephone in a tunnel', () => {
  const { headers, request, idle, keepAlive, check } = usualPatience;
  assert.ok(headers >= 10_000 && headers <= 20_000);
  assert.ok(request >= headers && request <= 60_000);
  assert.ok(idle <= 60_000 && keepAlive <= 30_000);
  assert.ok(check <= headers / 2, 'what is late is noticed');
});
