import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { recordsEngines } from '../testing/recordsEngines.ts';
import {
  addOverrule,
  connectRecords,
  keepPerson,
  migrateRecords,
  type NewOverrule,
  overrulesOf,
  type Records,
} from './index.ts';

const { engines } = recordsEngines();

const at = (hour: number) => new Date(Date.UTC(2026, 10, 22, hour));

for (const engine of engines) {
  describe(engine.name, () => {
    let records: Records;
    let head: number;
    before(async () => {
      records = await connectRecords(await engine.address('overrules'));
      await migrateRecords(records);
      const somebody = { issuer: 'tests', email: '', organisation: null };
      const kept = { ...somebody, subject: 'head', name: 'Somebody (made-up)' };
      head = (await keepPerson(records, kept, at(8))).id;
    });
    after(() => records.destroy());

    const setAside = (changes: Partial<NewOverrule> = {}): NewOverrule => ({
      ...{ urn: 900_001, year: 201_819, receipt: 7 },
      ...{ suggestion: 'learn-from', other_urn: 900_002 },
      ...{ suggested: 'Ask “Ñ” (URN 900002)', because: 'closure', shock_year: 201_718 },
      ...{ reason: 'A “reason”\nof two lines', person: head, role: 'head', scope: '900001' },
      ...{ by_operator: false, at: at(9), ...changes },
    });
    const takenBack = { because: null, shock_year: null, reason: null, at: at(10) };
    const said = (urns: number[], year = 201_819) => overrulesOf(records, { urns, year });

    test('what was said stays, word for word and in order, when it is taken back and said again', async () => {
      const all = [setAside(), setAside(takenBack), setAside({ reason: 'Again, and why' })];
      const ids: (number | undefined)[] = [];
      for (const each of all) ids.push(await addOverrule(records, each));
      assert.deepEqual(
        await said([900_001]),
        all.map((each, index) => ({ id: ids[index], ...each })),
      );
    });

    test('nothing is set aside twice, nor taken back that was not set aside', async () => {
      const of = { urn: 900_010 };
      assert.equal(await addOverrule(records, setAside({ ...of, ...takenBack })), undefined);
      assert.ok(await addOverrule(records, setAside(of)));
      assert.equal(await addOverrule(records, setAside({ ...of, reason: 'Another' })), undefined);
      assert.ok(await addOverrule(records, setAside({ ...of, other_urn: null })));
      assert.ok(await addOverrule(records, setAside({ ...of, suggestion: 'similar' })));
      assert.equal((await said([900_010])).length, 3);
    });

    test('of several at once, one sets it aside', async () => {
      const of = setAside({ urn: 900_020, other_urn: null });
      const ids = await Promise.all([1, 2, 3, 4].map(() => addOverrule(records, of)));
      assert.equal(ids.filter((id) => id !== undefined).length, 1);
    });

    test('each year and each school has its own', async () => {
      await addOverrule(records, setAside({ urn: 900_030 }));
      await addOverrule(records, setAside({ urn: 900_031 }));
      await addOverrule(records, setAside({ urn: 900_030, year: 201_718 }));
      assert.equal((await said([900_030])).length, 1);
      assert.equal((await said([900_030, 900_031])).length, 2);
      assert.equal((await said([900_030], 201_718)).length, 1);
      assert.deepEqual(await said([]), []);
    });

    test('a reason without its kind, or a kind without its reason, is never kept', async () => {
      for (const wrong of [{ reason: null }, { because: null }]) {
        const of = setAside({ urn: 900_040, shock_year: null, ...wrong });
        if (of.because === null) await addOverrule(records, setAside({ urn: 900_040 }));
        await assert.rejects(addOverrule(records, of), /overrules_set_aside_with_a_reason/);
      }
    });
  });
}
