import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventsAsked } from '../demo/registers/events.ts';
import { bringRegisters } from '../demo/earlyWarning/madeUpRegisters.ts';
import { areaUnderCurve, calibrationOf } from '../stats/classification.ts';
import type { Stores } from '../stores/index.ts';
import { openTestStores } from '../testing/stores.ts';
import { cameAfterDay, keyOf, outcomesOf } from './examples.ts';
import { fitOnOwnRegisters } from './fitOwn.ts';
import { modelFor, modelText, shippedModel } from './model.ts';
import { readerOf, scoreOn } from './score.ts';
import { widths } from './scores.sql.ts';

/*
 * An installation that has a whole year of registers fits on it, and scores the next with what it found: never the same
 * year, whose end it would know.
 */

let stores: Stores;
let close: () => Promise<void>;
const clock = () => new Date('2026-09-20T09:00:00Z');

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
  assert.match(modelText(model), /registers of 2025\/26 here/);
  assert.match(modelText(shippedModel), /made-up pupils/);
  assert.deepEqual(await modelFor(stores, inYear), shippedModel, 'the year’s end is in the fit');
  assert.deepEqual(await modelFor(stores, '2026-09-18'), model);

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
