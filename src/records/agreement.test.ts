import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { recordsEngines } from '../testing/recordsEngines.ts';
import {
  acceptDifference,
  connectRecords,
  keepPerson,
  keepSummary,
  migrateRecords,
  type NewAcceptance,
  type NewSummary,
  type Records,
  summariesOf,
} from './index.ts';

const { engines } = recordsEngines();
const at = (hour: number) => new Date(Date.UTC(2026, 10, 22, hour));

for (const engine of engines) {
  describe(engine.name, () => {
    let records: Records;
    let officer: number;
    before(async () => {
      records = await connectRecords(await engine.address('agreement'));
      await migrateRecords(records);
      const somebody = { issuer: 'tests', email: '', organisation: null };
      const kept = { ...somebody, subject: 'officer', name: 'Somebody (made-up)' };
      officer = (await keepPerson(records, kept, at(8))).id;
    });
    after(() => records.destroy());

    const summary = (changes: Partial<NewSummary> = {}): NewSummary => ({
      ...{ urn: 900_001, year: 202_627, first_day: '2026-09-01', last_day: '2026-11-20' },
      ...{ form: 'totals', found: '{}', outcome: 'explained', possible: 1000, absent: 61 },
      ...{ person: officer, role: 'school', scope: '900001', at: at(9), ...changes },
    });
    const acceptance = (of: number, changes: Partial<NewAcceptance> = {}): NewAcceptance => ({
      ...{ summary: of, person_name: 'A. Person (made-up)', position: 'Attendance officer' },
      ...{ reason: 'Our system leaves leavers out', person: officer, role: 'school' },
      ...{ scope: '900001', at: at(10), ...changes },
    });

    test('the summaries of a school and a year come in their order, with their days as they were', async () => {
      const first = await keepSummary(records, summary({ outcome: 'differs' }));
      const second = await keepSummary(records, summary({ absent: 60 }));
      await keepSummary(records, summary({ year: 202_526 }));
      await keepSummary(records, summary({ urn: 900_002 }));
      assert.deepEqual(await summariesOf(records, { urn: 900_001, year: 202_627 }), [
        { id: first, ...summary({ outcome: 'differs' }), accepted: null },
        { id: second, ...summary({ absent: 60 }), accepted: null },
      ]);
      assert.deepEqual(await summariesOf(records, { urn: 900_003, year: 202_627 }), []);
    });

    test('an explained difference is accepted once, and a newer summary wants its own', async () => {
      const id = await keepSummary(records, summary({ urn: 900_010 }));
      const twice = await Promise.all([1, 2].map(() => acceptDifference(records, acceptance(id))));
      assert.deepEqual(twice.toSorted(), [false, true]);
      const kept = () => summariesOf(records, { urn: 900_010, year: 202_627 });
      assert.deepEqual((await kept())[0]?.accepted, acceptance(id));
      const newer = await keepSummary(records, summary({ urn: 900_010, at: at(11) }));
      assert.equal((await kept())[1]?.accepted, null);
      assert.equal(await acceptDifference(records, acceptance(id)), false);
      assert.equal(await acceptDifference(records, acceptance(newer, { person: null })), true);
    });

    test('a summary that came meanwhile keeps an older difference from being accepted unseen', async () => {
      const [wide, narrow] = [
        await keepSummary(records, summary({ urn: 900_011 })),
        await keepSummary(records, summary({ urn: 900_011, outcome: 'agrees' })),
      ];
      assert.equal(await acceptDifference(records, acceptance(wide)), false);
      assert.equal(await acceptDifference(records, acceptance(wide), narrow), true);
    });

    test('what is not explained, or is not there, cannot be accepted; nor without name, position and reason', async () => {
      const id = await keepSummary(records, summary({ urn: 900_020, outcome: 'differs' }));
      assert.equal(await acceptDifference(records, acceptance(id)), false);
      assert.equal(await acceptDifference(records, acceptance(999_999)), false);
      const good = await keepSummary(records, summary({ urn: 900_021 }));
      for (const missing of ['person_name', 'position', 'reason'] as const) {
        const wrong = acceptDifference(records, acceptance(good, { [missing]: '' }));
        await assert.rejects(wrong, /accepted_by_a_person_with_a_reason/);
      }
      await assert.rejects(
        keepSummary(records, summary({ outcome: 'nearly' })),
        /mis_summaries_with_an_outcome/,
      );
    });
  });
}
