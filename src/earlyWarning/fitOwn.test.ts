import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Refusal } from '../base/problem.ts';
import { eventsAsked } from '../demo/registers/events.ts';
import { bringRegisters } from '../demo/earlyWarning/madeUpRegisters.ts';
import { areaUnderCurve, calibrationOf } from '../stats/classification.ts';
import type { Stores } from '../stores/index.ts';
import { openTestStores, testClock } from '../testing/stores.ts';
import { cameAfterDay, keyOf, outcomesOf } from './examples.ts';
import { fitOnOwnRegisters } from './fitOwn.ts';
import { isNoWorse } from './heldOut.ts';
import { fitKind, fitText, type Model, modelFor, modelText, shippedModel } from './model.ts';
import { keepRefitting, refitIsDue } from './refit.ts';
import { readerOf, scoreOn } from './score.ts';
import { widths } from './scores.sql.ts';

/*
 * An installation that has a whole year of registers fits on it, and scores the next with what it found: never the same
 * year, whose end it would know.
 */

let stores: Stores;
let close: () => Promise<void>;
const clock = testClock;

before(async () => {
  ({ stores, close } = await openTestStores());
  await stores.write(async ({ warehouse, begin }) => {
    const bring = async (kind: string) =>
      begin({ kind, scope: kind, title: kind, digest: '' }).then((receipt) => {
        receipt.detail['history'] = true;
        return receipt.id;
      });
    const first = await bring('calendars');
    assert.equal(await bring('pupils'), first + 1);
    assert.equal(await bring('marks'), first + 2);
    const schools = await begin({ kind: 'register schools', scope: 's', title: 's', digest: '' });
    const events = eventsAsked([], ['events']) ?? new Map();
    const setting = { name: 'a test', seed: 'fit own', events, oneSchoolIn: 4000, seesLast: true };
    const made = await bringRegisters(warehouse, setting, first);
    await warehouse.append(
      'register_schools',
      ['receipt', 'urn', 'laestab'],
      made.schools.map(({ urn, laestab }) => [schools.id, urn, laestab]),
    );
  });
});
after(() => close());

test('what is shipped has a coefficient for every input', () => {
  const { rate, persistent, month } = shippedModel.coefficients;
  assert.deepEqual(
    { rate: rate.length, persistent: persistent.length, month: month.length },
    { ...widths },
  );
});

test('a fit on a year that is over is kept, says what it rests on, and scores only later years', async () => {
  const inYear = '2026-01-16';
  assert.deepEqual(await modelFor(stores, inYear), shippedModel);
  const model = await fitOnOwnRegisters(stores, clock);
  assert.equal(model.fittedOn, 202526);
  assert.ok(model.enrolments > 2000);
  assert.match(fitText(model), /registers of 2025\/26 here.*mean squared/);
  assert.match(modelText(shippedModel), /made-up pupils/);
  assert.deepEqual(await modelFor(stores, inYear), shippedModel, 'the year’s end is in the fit');
  assert.deepEqual(await modelFor(stores, '2026-11-20'), shippedModel, 'nobody had fitted by then');
  assert.deepEqual(await modelFor(stores, '2026-11-22'), model.used ? model : shippedModel);
  const { judged } = model;
  assert.ok(judged && judged.examples > 5000, 'judged on a quarter of the children, on each day');
  const { own, shipped: beside } = judged;
  assert.equal(model.used, own.persistent + own.month <= beside.persistent + beside.month);
  assert.ok(own.persistent < 0.12 && beside.persistent < 0.12, JSON.stringify(judged));

  const outcomes = await outcomesOf(readerOf(stores), { urns: [], on: inYear });
  const { scores } = await scoreOn(stores, clock, { urns: [], on: inYear });
  assert.ok(scores.length > 2000);
  const came = scores.map((score) => {
    const outcome = outcomes.get(keyOf(score));
    assert.ok(outcome);
    return Number(cameAfterDay(outcome, inYear).persistent);
  });
  const shipped = scores.map((each) => each.probability_persistent);
  const rates = scores.map(({ absent, possible }) => absent / possible);
  const area = (by: number[]) => areaUnderCurve({ scores: by, outcomes: came });
  assert.ok(area(shipped) > area(rates), `${area(shipped)} ${area(rates)}`);
  const { slope, intercept } = calibrationOf({ scores: shipped, outcomes: came });
  assert.ok(slope > 0.75 && slope < 1.3, `slope ${slope}`);
  assert.ok(Math.abs(intercept) < 0.4, `intercept ${intercept}`);
});

test('a site fits anew every week at night, where something has come since, and not between', async () => {
  const at = (text: string) => () => new Date(text);
  const due = (text: string, triedAt?: Date) => refitIsDue({ stores, clock: at(text) }, triedAt);
  assert.equal(await due('2026-11-30T02:00:00Z'), false, 'nothing has come since the last');
  await stores.write(async ({ begin }) => {
    await begin({ kind: 'marks', scope: 'late', title: 'Late', digest: '' });
  });
  assert.equal(await due('2026-11-26T02:00:00Z'), false, 'the last is four days old');
  assert.equal(await due('2026-11-30T02:00:00Z', new Date('2026-11-29T02:00:00Z')), false);
  assert.equal(await due('2026-11-30T02:00:00Z'), true);

  const told: string[] = [];
  let fits = 0;
  const fit: typeof fitOnOwnRegisters = async () => {
    fits += 1;
    if (fits === 1) throw new Refusal('not-ready', 'Too little.');
    if (fits === 2) throw new Error('a child');
    return shippedModel;
  };
  const site = (text: string) =>
    keepRefitting({ stores, clock: at(text) }, { tell: (each) => void told.push(each), fit });
  await site('2026-11-30T11:00:00Z')();
  assert.equal(fits, 0, 'by day nobody is made to wait');
  for (const asked of [1, 2, 3]) {
    const stop = site('2026-11-30T02:00:00Z');
    const isDone = () => fits >= asked && told.length >= asked - 1;
    while (!isDone()) await setImmediate();
    await stop();
  }
  assert.equal(fits, 3);
  assert.equal(told.length, 2, 'that there is too little to fit on is nothing to tell');
  assert.doesNotMatch(told[0] ?? '', /child/);
  assert.match(told[1] ?? '', /fitted anew/);
});

test('a fit that does worse on children left out of it is kept, and not used', async () => {
  const [newest] = (await stores.receipts(fitKind)).slice(-1);
  const model = newest?.detail['model'] as Model;
  const judged = {
    examples: 9,
    own: { persistent: 0.2, month: 0.2 },
    shipped: { persistent: 0.1, month: 0.1 },
  };
  const worse = { ...model, judged, used: isNoWorse(judged) };
  await stores.write(async ({ begin }) => {
    const open = await begin({ kind: fitKind, scope: '202526 worse', title: 'Worse', digest: '' });
    Object.assign(open.detail, { model: worse });
  });
  assert.deepEqual(await modelFor(stores, '2026-11-20'), shippedModel);
  assert.match(
    fitText({ ...worse, receipt: null }),
    /kept, and what is shipped goes on being used/,
  );
});
