import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { countFigures, keepUp } from '../../absence/index.ts';
import type { Stores } from '../../stores/index.ts';
import { openTestStores } from '../../testing/stores.ts';
import { registerDaysOn } from './days.ts';
import { reasonKey } from './families.ts';
import { notInOf } from './notIn.ts';
import { layPatterns } from './registers.fixture.ts';

/* The days of two schools over real stores, in November 2026: one of them sends a day late. */

const schools = [
  { urn: 900_001, laCode: '999', laestab: 9_994_000, regionCode: 'E12000001', pupils: 30 },
  { urn: 900_002, laCode: '998', laestab: 9_984_000, regionCode: 'E12000002', pupils: 24 },
];
const placed = schools.map(({ urn, laCode }) => ({ urn, laCode, easting: null, northing: null }));
const period = { from: '2026-11-02', to: '2026-11-13' };

let stores: Stores;
let close: () => Promise<void>;
before(async () => {
  ({ stores, close } = await openTestStores());
  await layPatterns(stores, {
    ...{ schools, ...period },
    closed: ({ urn }, day) => urn === 900_002 && day === '2026-11-09',
    comes: ({ urn }, day) => urn !== 900_001 || day !== '2026-11-12',
    absence: () => 0.2,
    enteredAt: ({ urn }, day) =>
      urn === 900_002 && day === '2026-11-10' ? '2026-11-16 08:00:00' : `${day} 10:00:00`,
  });
  await keepUp(stores);
});
after(() => close());

const on = (day: string, isNow = true) =>
  registerDaysOn(stores, { schools: placed, from: period.from, on: day, isNow });

test('each day of each school and year group is what the official figures say', async () => {
  const days = await on(period.to);
  const width = days.days.length;
  for (const by of [[], ['year_group']] as const) {
    const rows = await countFigures(stores, {
      ...{ level: 'school', by: [...by], series: 'daily', year: 202627, time: 'day' },
      ...{ ...period, urns: [], asKnownOn: null },
    });
    assert.ok(rows.length > 15);
    for (const row of rows) {
      const sessions = days.groups.get(by.length === 0 ? '' : `year_group ${row.first}`);
      const school = days.schools.findIndex(({ urn }) => urn === row.urn);
      const at = school * width + days.days.indexOf(row.time);
      assert.equal(sessions?.possible[at], row.possible, `${row.urn} ${row.time}`);
      assert.equal(sessions?.absent[at], row.authorised + row.unauthorised);
    }
  }
  const all = days.groups.get('');
  const ill = days.groups.get(reasonKey('illness'));
  assert.deepEqual(ill?.absent, all?.absent);
  assert.deepEqual(ill?.possible, all?.possible);
});

test('a past day is looked at with what had been entered by then', async () => {
  const possible = async (day: string, isNow: boolean) => {
    const days = await on(day, isNow);
    const school = days.schools.findIndex(({ urn }) => urn === 900_002);
    const at = school * days.days.length + days.days.indexOf('2026-11-10');
    return days.groups.get('')?.possible[at];
  };
  assert.equal(await possible('2026-11-13', false), 0);
  assert.equal(await possible('2026-11-13', true), 48);
  assert.equal(await possible('2026-11-16', false), 48);
});

test('a register that was due and did not come is said, and a closed day is not', async () => {
  const of = async (urn: number) =>
    notInOf(
      await registerDaysOn(stores, {
        schools: placed.filter((each) => each.urn === urn),
        ...{ from: period.from, on: period.to, isNow: true },
      }),
    );
  assert.deepEqual(await of(900_001), {
    since: '2026-11-09',
    notIn: [{ day: '2026-11-12', years: [] }],
  });
  assert.deepEqual(await of(900_002), { since: '2026-11-06', notIn: [] });
});
