import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Refusal } from '../base/problem.ts';
import fc from '../testing/chance.ts';
import { mountSmallDisk } from '../testing/smallDisk.ts';
import { scratchFolder, testClock } from '../testing/stores.ts';
import {
  connectWarehouse,
  migrateWarehouse,
  migrations,
  type Warehouse,
} from '../warehouse/index.ts';
import { countingOf, registerSchools } from './absence.sql.ts';
import { parametersOf } from './count.ts';
import { grounds, layGround, questions } from './ground.fixture.ts';
import { bringUp } from './keepUp.ts';
import { byUrn } from './places.ts';
import { keptDivisions, levels, type Question } from './question.ts';
import { keptQuestion, keptAnswer } from './keptAnswer.ts';
import type { Ground } from './reference.ts';
import { countingYear } from './windows.ts';

/*
 * What is kept is what the marks say: after whatever came, was amended or withdrawn, in whatever order.
 */

const { folder, remove } = scratchFolder();
const disk = mountSmallDisk(join(folder, 'kept'), 300);
let warehouse: Warehouse;
before(async () => {
  warehouse = connectWarehouse(
    { kind: 'embedded', folder: join(folder, 'kept') },
    { maxExecutionSeconds: 60 },
  );
  await migrateWarehouse(warehouse, migrations, testClock);
});
after(async () => {
  await warehouse.close();
  disk?.unmount();
  remove();
});

let next = 1000;
const receiptsFrom = () => (next += 100);
const counting = (receipts: readonly number[]) => receipts.map((id) => ({ id, kind: 'marks' }));

const count = (question: Question, receipts: number[]) =>
  warehouse.query(countingOf(question).statement, { ...parametersOf(question), receipts });

async function kept(question: Question, receipts: number[]) {
  const asked = keptQuestion(question);
  assert.ok(asked);
  const places = byUrn(await warehouse.query(registerSchools, { receipts }));
  return keptAnswer(asked, places, (statement, parameters) =>
    warehouse.query(statement, { ...parameters, receipts }),
  );
}

/** Questions whose answers are kept. */
const keptQuestions: fc.Arbitrary<Question> = fc
  .record({
    level: fc.constantFrom(...levels),
    by: fc.constantFrom(...keptDivisions),
    year: fc.constantFrom(202324, 202425),
    time: fc.constantFrom('year', 'term', 'half_term', 'week', 'day'),
  } as const)
  .map(({ by, time, year, level }) => ({
    ...{ level, year, time, series: 'daily', asKnownOn: null, urns: [] },
    by: time === 'week' || time === 'day' ? [] : by,
    ...countingYear(year),
  }));

const several = fc.array(keptQuestions, { minLength: 6, maxLength: 6 });

const total = (level: Question['level']): Question => ({
  ...{ level, by: [], series: 'daily', year: 202324, time: 'year', asKnownOn: null, urns: [] },
  ...countingYear(202324),
});

test('broken off after any step, it is made whole by the next, and once more changes nothing', async () => {
  const [ground] = fc.sample(grounds, { seed: 4, numRuns: 1 });
  const receipts = await layGround(warehouse, ground as Ground, receiptsFrom());
  const of = counting(receipts);
  const steps: string[] = [];
  for (let upTo = 1; upTo < 4; upTo++) {
    const stop = new AbortController();
    let done = 0;
    const broken = bringUp(warehouse, upTo === 2 ? of.slice(0, 33) : of, {
      signal: stop.signal,
      say: (step) => {
        steps.push(step);
        if (++done === upTo) stop.abort();
      },
    });
    await assert.rejects(broken, /abort/i);
  }
  assert.ok(steps.length >= 4);
  const whole = await bringUp(warehouse, of);
  assert.ok(whole.added > 0);
  assert.equal((await bringUp(warehouse, of)).added, 0);
  for (const level of ['school', 'national'] as const) {
    const found = await kept(total(level), receipts);
    assert.ok(found.length > 0);
    assert.deepEqual(found, await count(total(level), receipts));
  }
});

test('a disk that is full while figures are worked out is said so, and room is all it takes', async (context) => {
  if (!disk) return context.skip('only root can make a small disk to fill');
  const [ground] = fc.sample(grounds, { seed: 4, numRuns: 1 });
  const receipts = await layGround(warehouse, ground as Ground, receiptsFrom());
  disk.fillUntil(0);
  try {
    await assert.rejects(bringUp(warehouse, counting(receipts)), (error) => {
      assert.ok(error instanceof Refusal, String(error));
      assert.match(error.message, /^The disk of the warehouse at .* is full, .* Make room there/);
      return true;
    });
  } finally {
    disk.makeRoom();
  }
  assert.ok((await bringUp(warehouse, counting(receipts))).added > 0);
  for (const level of ['school', 'national'] as const) {
    const found = await kept(total(level), receipts);
    assert.ok(found.length > 0);
    assert.deepEqual(found, await count(total(level), receipts));
  }
});

test('weeks and figures that are kept are those of the marks, whatever came and went before', async () => {
  let rows = 0;
  await fc.assert(
    fc.asyncProperty(
      grounds,
      several,
      questions,
      fc.array(fc.nat(39), { maxLength: 3 }),
      async (ground, asked, another, withdrawn) => {
        const receipts = await layGround(warehouse, ground, receiptsFrom());
        const first = receipts[0] as number;
        const without = receipts.filter((each) => !withdrawn.includes(each - first));
        for (const standing of [receipts, without]) {
          await bringUp(warehouse, counting(standing));
          for (const question of asked) {
            const found = await kept(question, standing);
            assert.deepEqual(found, await count(question, standing), JSON.stringify(question));
            rows += found.length;
          }
          const now = { ...another, asKnownOn: null };
          assert.deepEqual(
            await warehouse.query(countingOf(now, { weeks: true }).statement, {
              ...{ ...parametersOf(now), receipts: standing },
            }),
            await count(now, standing),
          );
        }
      },
    ),
    { numRuns: 2 },
  );
  assert.ok(rows >= 30, `only ${rows} rows were compared`);
});
