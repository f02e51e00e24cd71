import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { pupilKey } from '../base/pupilKey.ts';
import { recordsEngines } from '../testing/recordsEngines.ts';
import {
  amendmentsBefore,
  amendmentsOf,
  areDeleted,
  beginDeletions,
  connectRecords,
  deletionsOf,
  erasedAmong,
  erasePupil,
  finishDeletions,
  migrateRecords,
  type NewAmendment,
  nextAmendments,
  noLongerErased,
  oneAtATime,
  pupilSecretOf,
  pupilsOfUpns,
  putRoll,
  type Records,
  recordAmendments,
  type RollRow,
  restrictPupil,
  rollOf,
  surveyRolls,
  unfinishedDeletions,
  upnsOfPupils,
} from './index.ts';

const { engines } = recordsEngines();
const at = new Date('2026-11-22T09:00:00Z');
const largest = String(2n ** 64n - 1n);

for (const engine of engines) {
  describe(engine.name, () => {
    let records: Records;
    before(async () => {
      records = await connectRecords(await engine.address('amendments'));
      await migrateRecords(records);
    });
    after(() => records.destroy());

    const write = (rows: (NewAmendment & { id?: number })[]) =>
      records.transaction().execute((transaction) => recordAmendments(transaction, rows));
    const amendment = (changes: Partial<NewAmendment> = {}): NewAmendment => ({
      ...{ receipt: 7, urn: 900_001, pupil: largest, date: '2026-11-02', session: 1 },
      ...{ original: 'N', entry: 'I', reason: 'The “parent” rang', person: null },
      ...{ person_name: 'Somebody (made-up)', position: 'the office', at, ...changes },
    });

    test('the secret of an installation is 16 bytes, and the same each time it is asked for', async () => {
      const secret = await pupilSecretOf(records);
      assert.equal(secret.length, 16);
      assert.ok(secret.some((byte) => byte !== 0));
      assert.deepEqual(await pupilSecretOf(records), secret);
    });

    test('an amendment is kept whole and in order, and numbers taken before are never given again', async () => {
      const taken = await nextAmendments(records, 2);
      assert.deepEqual(await nextAmendments(records, 0), []);
      const given = await write(taken.map((id) => ({ ...amendment(), id })));
      assert.deepEqual(given, taken);
      const [third = 0] = await write([amendment({ original: null, entry: '\\', session: 0 })]);
      assert.ok(taken.every((id) => id < third));
      const found = await amendmentsOf(records, {
        ...{ urns: [900_001], from: '2026-11-02', to: '2026-11-02', pupil: largest },
      });
      assert.deepEqual(found, [
        ...taken.map((id) => ({ id, ...amendment() })),
        { id: third, ...amendment({ original: null, entry: '\\', session: 0 }) },
      ]);
    });

    test('only those of the school, the days and the pupil asked for are found', async () => {
      const urn = 900_100;
      await write([
        amendment({ urn }),
        amendment({ urn, pupil: '0' }),
        amendment({ urn, date: '2026-11-03' }),
      ]);
      const days = { from: '2026-11-02', to: '2026-11-02' };
      assert.equal((await amendmentsOf(records, { urns: [urn], ...days })).length, 2);
      assert.equal((await amendmentsOf(records, { urns: [urn], ...days, pupil: '0' })).length, 1);
      assert.equal((await amendmentsOf(records, { urns: [], ...days })).length, 0);
    });

    test('one without a reason or a person, or of no session, is never kept; nor are those beside it', async () => {
      const urn = 900_200;
      const wrong = [{ reason: '' }, { person_name: '' }, { position: '' }, { session: 2 }];
      for (const changes of [...wrong, { pupil: '-1' }]) {
        await assert.rejects(write([amendment({ urn }), amendment({ urn, ...changes })]));
      }
      const days = { from: '2026-01-01', to: '2026-12-31' };
      assert.deepEqual(await amendmentsOf(records, { urns: [urn], ...days }), []);
    });

    const child = (changes: Partial<RollRow> = {}): RollRow => ({
      ...{ urn: 900_001, upn: 'A950000178301', surname: 'O’Neill (made-up)', forename: 'Zoë' },
      ...{ date_of_birth: '2015-02-28', sex: 'F', year_group: '6', class_name: null },
      ...{ fsm: true, sen: 'K', eal: null, ethnicity: 'WBRI' },
      ...{ entry_date: '2025-09-01', leaving_date: null, ...changes },
    });
    const put = (urns: number[], rows: RollRow[]) =>
      records.transaction().execute((transaction) => putRoll(transaction, urns, rows, at));
    const standing = async (...urns: number[]) =>
      (await rollOf(records, urns)).map(({ pupil: _, restricted: __, ...row }) => row);

    test('a roll takes the place of the one before, and of no other school’s; a class that it does not tell stays', async () => {
      const other = child({ urn: 900_002, upn: 'B801200005001', class_name: '7B' });
      const gone = child({ upn: 'H243278544154' });
      await put([900_001, 900_002], [child({ class_name: '6A' }), gone, other]);
      assert.deepEqual(await standing(900_001), [child({ class_name: '6A' }), gone]);
      const now = child({ surname: 'Neill (made-up)', eal: false, leaving_date: '2026-07-21' });
      await put([900_001], [now]);
      assert.deepEqual(await standing(900_001), [{ ...now, class_name: '6A' }]);
      assert.deepEqual(await standing(900_002), [other]);
      await surveyRolls(records);
      const [known] = await pupilsOfUpns(records, [now.upn, 'nobody’s']);
      assert.deepEqual([...(await upnsOfPupils(records, [known?.id ?? 0, 0])).values()], [now.upn]);
    });

    test('a restricted record follows no roll but in its enrolment, and is not taken off one', async () => {
      const urn = 900_300;
      const restricted = child({ urn, upn: 'Q82340172400A' });
      await put([urn], [restricted]);
      const [row] = await rollOf(records, [urn]);
      await restrictPupil(records, row?.pupil ?? 0, { at, because: 'It is disputed' });
      await put([urn], [{ ...restricted, surname: 'Other', fsm: null, year_group: '7' }]);
      assert.deepEqual(await standing(urn), [{ ...restricted, year_group: '7' }]);
      await put([urn], []);
      assert.equal((await standing(urn)).length, 1);
    });

    test('an erased child is known by its key alone, and what was written of its entries is emptied', async () => {
      const urn = 900_400;
      const upn = 'B801200005001';
      const key = String(pupilKey(upn, await pupilSecretOf(records)));
      await put([900_002], []);
      await put([urn], [child({ urn, upn, leaving_date: '2019-07-21' })]);
      await write([amendment({ urn, pupil: key })]);
      const [row] = await rollOf(records, [urn]);
      assert.equal((await erasedAmong(records, [key])).size, 0);
      assert.ok(await erasePupil(records, row?.pupil ?? 0, { at, day: '2026-11-22' }));
      assert.deepEqual(await erasedAmong(records, [key, '1']), new Map([[key, at]]));
      assert.deepEqual(await rollOf(records, [urn]), []);
      const days = { from: '2026-01-01', to: '2026-12-31' };
      const kept = await amendmentsOf(records, { urns: [urn], ...days });
      assert.deepEqual(
        kept.map(({ original, entry, reason }) => ({ original, entry, reason })),
        [{ original: 'N', entry: 'I', reason: '(erased)' }],
      );
      await records.transaction().execute((transaction) => noLongerErased(transaction, [key]));
      assert.equal((await erasedAmong(records, [key])).size, 0);
    });

    test('what is deleted is written down first, and amended entries go with it; what is not done is known', async () => {
      const urn = 900_500;
      const madeBefore = new Date('2019-01-01T00:00:00Z');
      const old = { at: new Date('2018-12-31T23:59:59Z'), date: '2018-11-02' };
      await write([amendment({ urn, ...old }), amendment({ urn })]);
      assert.equal(await amendmentsBefore(records, madeBefore), 1);
      const deletion = {
        ...{ urn, first_day: '2017-09-04', last_day: '2018-07-20', entries: 380 },
        ...{ made_before: madeBefore, begun_at: at },
      };
      await beginDeletions(records, [deletion], madeBefore);
      assert.equal(await amendmentsBefore(records, at), 0);
      assert.deepEqual(
        (await unfinishedDeletions(records)).map(({ id: _, ...each }) => each),
        [{ ...deletion, finished_at: null }],
      );
      await finishDeletions(records, at);
      assert.deepEqual(await unfinishedDeletions(records), []);
      assert.deepEqual(
        (await deletionsOf(records, [urn])).map(({ id: _, ...each }) => each),
        [{ ...deletion, finished_at: at }],
      );
      assert.equal((await deletionsOf(records)).length, 1);
      assert.deepEqual(await deletionsOf(records, []), []);
      const { first_day: from, last_day: to } = deletion;
      for (const [urns, found] of [
        [undefined, true],
        [[urn, 1], true],
        [[1], false],
        [[], false],
      ] as const) {
        assert.equal(await areDeleted(records, { urns, from: to, to: '2149-01-01' }), found);
        assert.equal(await areDeleted(records, { urns, from: '1990-01-01', to: from }), found);
      }
      assert.ok(
        !(await areDeleted(records, { urns: [urn], from: '2149-01-01', to: '2149-01-01' })),
      );
    });

    test('two that commit the same kind of thing wait for each other', async () => {
      const order: string[] = [];
      const first = records.transaction().execute(async (transaction) => {
        await oneAtATime(transaction, 'a kind');
        await new Promise((done) => setTimeout(done, 50));
        order.push('first');
      });
      await new Promise((done) => setTimeout(done, 10));
      const second = records.transaction().execute(async (transaction) => {
        await oneAtATime(transaction, 'a kind');
        order.push('second');
      });
      await Promise.all([first, second]);
      assert.deepEqual(order, ['first', 'second']);
    });
  });
}
