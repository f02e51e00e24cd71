import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { recordsEngines } from '../testing/recordsEngines.ts';
import {
  alertsTold,
  answerAlert,
  answersTo,
  connectRecords,
  findAlert,
  findPatternRun,
  keepPatterns,
  migrateRecords,
  type NewAlert,
  type Records,
  usefulByKind,
} from './index.ts';

const { engines } = recordsEngines();

const at = new Date(Date.UTC(2026, 10, 22, 7));
const run = (on: string) => ({
  ...{ on_day: on, last_day: on, schools: 3, series: 40, alarms_a_year: 1, at },
});
const alert = (changes: Partial<NewAlert> = {}): NewAlert => ({
  ...{ scope: 'school', urn: 900_001, la_code: '990', pupil_group: '', kind: 'shock' },
  ...{ started_on: '2026-11-19', happened_on: '2026-11-19', told_on: '2026-11-20' },
  ...{ found: '{"score":4}', at, ...changes },
});

for (const engine of engines) {
  describe(engine.name, () => {
    let records: Records;
    before(async () => {
      records = await connectRecords(await engine.address('patterns'));
      await migrateRecords(records);
    });
    after(() => records.destroy());

    const told = (urn: number) => alertsTold(records, { urns: [urn], since: '2026-01-01' });

    test('an alert is kept once, however often it is found', async () => {
      assert.equal(await keepPatterns(records, run('2026-11-20'), [alert()]), 1);
      assert.equal(
        await keepPatterns(records, run('2026-11-21'), [alert(), alert({ kind: 'drift' })]),
        1,
      );
      const rows = await told(900_001);
      assert.deepEqual(
        rows.map(({ kind, started_on, told_on }) => [kind, started_on, told_on]),
        [
          ['shock', '2026-11-19', '2026-11-20'],
          ['drift', '2026-11-19', '2026-11-20'],
        ],
      );
      const [first] = rows;
      assert.deepEqual(await findAlert(records, first?.id ?? 0), first);
      assert.equal(await findAlert(records, 999_999), undefined);
    });

    test('alerts are found by school, by area, by what they are of and by day', async () => {
      const area = alert({ scope: 'area', urn: 0, la_code: '991', told_on: '2026-11-23' });
      const everybody = alert({ scope: 'national', urn: 0, la_code: '' });
      await keepPatterns(records, run('2026-11-23'), [area, everybody]);
      const count = async (of: Partial<Parameters<typeof alertsTold>[1]>) =>
        (await alertsTold(records, { since: '2026-01-01', ...of })).length;
      assert.equal(await count({ laCodes: ['991'] }), 1);
      assert.equal(await count({ scopes: ['national'] }), 1);
      assert.equal(await count({ urns: [] }), 0);
      assert.equal(await count({ scopes: ['area'], until: '2026-11-22' }), 0);
      assert.equal(await count({ since: '2026-11-23' }), 1);
    });

    test('of each alert the newest answer counts, and every answer stays', async () => {
      const [shock, drift] = await told(900_001);
      const by = { person: null, role: 'head', scope: '900001', snoozed_until: null, at };
      const say = (id: number | undefined, said: string, until: string | null = null) =>
        answerAlert(records, { ...by, alert: id ?? 0, said, snoozed_until: until });
      await say(shock?.id, 'not useful');
      await say(shock?.id, 'useful');
      await say(shock?.id, 'snoozed', '2026-12-06');
      await say(drift?.id, 'not useful');
      assert.deepEqual(
        (await answersTo(records, [shock?.id ?? 0])).map(({ said, snoozed_until }) => [
          said,
          snoozed_until,
        ]),
        [
          ['not useful', null],
          ['useful', null],
          ['snoozed', '2026-12-06'],
        ],
      );
      assert.deepEqual(await usefulByKind(records), [
        { kind: 'drift', answered: 1, useful: 0 },
        { kind: 'shock', answered: 1, useful: 1 },
      ]);
      await assert.rejects(say(shock?.id, 'snoozed'), /pattern_answers_of_a_kind/);
      await assert.rejects(say(shock?.id, 'maybe'), /pattern_answers_of_a_kind/);
    });

    test('the newest look up to a day is known', async () => {
      assert.equal((await findPatternRun(records, '2026-11-22'))?.on_day, '2026-11-21');
      assert.equal((await findPatternRun(records, '2026-12-31'))?.last_day, '2026-11-23');
      assert.equal(await findPatternRun(records, '2026-11-01'), undefined);
    });

    test('nothing is kept of a place that is none, or told before it happened', async () => {
      for (const wrong of [{ urn: 0 }, { scope: 'area' }, { told_on: '2026-11-18' }])
        await assert.rejects(
          keepPatterns(records, run('2026-11-24'), [alert(wrong)]),
          /pattern_alerts_of_a_place/,
        );
    });
  });
}
