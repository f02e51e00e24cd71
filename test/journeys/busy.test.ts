import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../../src/testing/process.ts';
import { type AttackedSite, openAttackedSite, type Running } from '../attacks/site.fixture.ts';

/*
 * Hundreds of people ask for pages that cost the processor and no store: nothing waits but the process itself. The number
 * of requests at once is set so high that it turns nobody away. Those who ask run in the same process and keep it busier.
 */

let open: AttackedSite;
let site: Running;
before(async () => {
  open = await openAttackedSite();
  site = await open.run({ limits: { atOnce: 10_000, delayed: 50 } });
});
after(() => open.close());

/** A real page: the policy’s whole table. */
const dearPage = '/who-can-see-what';
const visitors = 300;

test('where the processor is what there is too little of, more is turned away, it stays alive and recovers', async () => {
  assert.equal((await site.ask(dearPage)).status, 200);
  const asking = new AbortController();
  const answers: Awaited<ReturnType<Running['ask']>>[] = [];
  const crowd = Array.from({ length: visitors }, async () => {
    while (!asking.signal.aborted) answers.push(await site.ask(dearPage));
  });
  await until(async () => {
    assert.equal((await site.ask('/healthz')).status, 200, 'whoever watches it is answered');
    return answers.some(({ status }) => status === 503);
  });
  asking.abort();
  await Promise.all(crowd);

  const statuses = new Set(answers.map(({ status }) => status));
  assert.deepEqual([...statuses].toSorted(), [200, 503]);
  for (const { status, headers, body } of answers.filter((each) => each.status === 503)) {
    assert.deepEqual([status, headers['retry-after']], [503, '5']);
    assert.match(body, /More people are asking than can be answered at once/);
  }
  const { body: metrics } = await site.ask('/metrics');
  assert.match(metrics, /^rollcall_turned_away_total\{why="too busy"\} [1-9]\d*$/m);

  await pause(1000);
  await until(async () => (await site.ask(dearPage)).status === 200);
  assert.deepEqual(open.faults, []);
});
