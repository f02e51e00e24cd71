import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { keepUp } from '../../absence/index.ts';
import { type Day, daysAfter } from '../../base/day.ts';
import { fillRegisters, makeEngland, registerYear } from '../../demo/index.ts';
import { eventsAsked } from '../../demo/registers/events.ts';
import { eventDays, schoolCalendar } from '../../demo/registers/year.ts';
import type { Stores } from '../../stores/index.ts';
import { openTestStores } from '../../testing/stores.ts';
import { registerDaysOn } from './days.ts';
import { joinSeen } from './join.ts';
import { look } from './look.ts';

/*
 * What is built into a small made-up England is found in its registers, over real stores; `npm run bench -- --patterns
 * --registers` prints the same for hundreds of schools.
 */

const england = makeEngland({ schools: 40, seed: 'patterns' });
const events = eventsAsked([], []) ?? new Map();
const year = registerYear(england, { year: 202526, events });
const schools = year.schools.map(({ urn, authority, place }) => ({
  ...{ urn, laCode: String(authority.laCode) },
  ...{ easting: place.easting, northing: place.northing },
}));

let stores: Stores;
let close: () => Promise<void>;
before(async () => {
  ({ stores, close } = await openTestStores());
  await stores.write(async ({ warehouse, begin }) => {
    const ids: number[] = [];
    for (const kind of ['register schools', 'calendars', 'pupils', 'marks']) {
      const receipt = await begin({ kind, scope: 'made up', title: 'Made up', digest: kind });
      receipt.detail['history'] = true;
      ids.push(receipt.id);
    }
    const [ofSchools = 0, ofDays = 0, enrolments = 0, marks = 0] = ids;
    await warehouse.append(
      'register_schools',
      ['receipt', 'urn', 'laestab', 'name', 'phase', 'la_code', 'region_code'],
      schools.map(({ urn, laCode }) => [ofSchools, urn, 0, 'Made up', 'primary', laCode, '']),
    );
    await warehouse.append(
      'register_days',
      ['receipt', 'urn', 'date', 'session', 'open', 'reason'],
      year.schools.flatMap((school) =>
        schoolCalendar(year, school).weekdays.flatMap(({ date, open, reason }) =>
          [0, 1].map((session) => [ofDays, school.urn, date, session, open, reason]),
        ),
      ),
    );
    await fillRegisters(warehouse, year, {
      ...{ schools: year.schools, key: ['1', '2'], receipts: { enrolments, marks } },
    });
  });
  await keepUp(stores);
});
after(() => close());

async function alertsOn(on: Day, from: Day = '2025-09-01') {
  const days = await registerDaysOn(stores, { schools, from, on, isNow: true });
  return { alerts: joinSeen(look(days, { alarmsAYear: 1 }), days.days), days };
}

const truthOf = (wanted: string) => {
  const found = [...year.plan.ofSchools].find(([, { kind }]) => kind === wanted);
  const school = year.schools.find(({ urn }) => urn === found?.[0]);
  assert.ok(found && school, wanted);
  const { start, end } = eventDays(year, school, found[1].kind, found[1].at);
  return { urn: school.urn, start, end };
};

test('a school that stops sending registers is told of within two school days, once', async () => {
  const { urn, start, end } = truthOf('silence');
  const { alerts } = await alertsOn(end);
  // A single register of it did not come months before, and is told of as that.
  const missing = alerts.filter(
    (alert) => alert.urn === urn && alert.kind === 'missing' && alert.happenedOn >= start,
  );
  assert.equal(missing.length, 1);
  const [told] = missing;
  assert.ok(told && told.happenedOn >= start && told.happenedOn <= daysAfter(start, 4));
  assert.equal(told.group, '');
});

test('pupils often absent who leave the roll are told of in the weeks after they left', async () => {
  const { urn } = truthOf('off-rolling');
  const { alerts } = await alertsOn('2026-02-06');
  const leaving = alerts.filter(({ kind }) => kind === 'off_rolling');
  assert.deepEqual(
    leaving.map((alert) => alert.urn),
    [urn],
  );
});

test('of schools with nothing built in about one alert a year is told, as is asked for', async () => {
  const { alerts, days } = await alertsOn('2026-07-17');
  const touched = new Set(year.plan.ofSchools.keys());
  const untouched = days.schools.filter(({ urn }) => !touched.has(urn)).length;
  const chance = alerts.filter(({ scope, urn }) => scope === 'school' && !touched.has(urn));
  // Of so few schools, what a day brought to all can hardly be told from what is one’s own.
  assert.ok(chance.length <= 1.5 * untouched, `${chance.length} of ${untouched} schools`);
});
