import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { recordsEngines } from '../testing/recordsEngines.ts';
import {
  abandonDigest,
  beginDigest,
  closePerson,
  connectRecords,
  digestBegun,
  digestRecipients,
  digestsLeftOpen,
  digestStopped,
  digestToken,
  endDigest,
  keepAppointment,
  keepPerson,
  migrateRecords,
  type Records,
  stopDigests,
} from './index.ts';

const { engines } = recordsEngines();
const at = new Date(Date.UTC(2026, 10, 23, 9));
const week = '2026-11-16';

for (const engine of engines) {
  describe(engine.name, () => {
    let records: Records;
    before(async () => {
      records = await connectRecords(await engine.address('digests'));
      await migrateRecords(records);
    });
    after(() => records.destroy());

    async function appointed(
      subject: string,
      days: { starts_on: string; ends_on: string | null },
      of: { role: string; scope: string | null } = { role: 'head', scope: '900001' },
    ): Promise<number> {
      const kept = { issuer: 'tests', subject, name: subject, organisation: null };
      const { id } = await keepPerson(
        records,
        { ...kept, email: `${subject}@example.invalid` },
        at,
      );
      const given = { given_by: null, given_at: at };
      await keepAppointment(records, { person: id, ...of, ...days, ...given });
      return id;
    }
    const always = { starts_on: '2026-09-01', ends_on: null };
    const recipients = async () =>
      (await digestRecipients(records, { roles: ['head', 'department'], day: '2026-11-23' })).map(
        ({ email }) => email.split('@')[0],
      );

    test('whoever is appointed on the day gets one, once for each role and scope', async () => {
      const twice = await appointed('twice', always);
      const same = { role: 'head', scope: '900001', given_by: null, given_at: at };
      await keepAppointment(records, { person: twice, ...always, ...same });
      await appointed('over', { starts_on: '2026-09-01', ends_on: '2026-11-22' });
      await appointed('to come', { starts_on: '2026-11-24', ends_on: null });
      await appointed('teacher', always, { role: 'teacher', scope: '900001/7B' });
      await appointed('department', always, { role: 'department', scope: null });
      const closed = await appointed('closed', always);
      await closePerson(records, closed, at);
      assert.deepEqual(await recipients(), ['twice', 'department']);
    });

    test('one that was begun and left open counts as unsure from a moment on, and is not begun again', async () => {
      const person = await appointed('left open', always);
      const key = { person, email: '', role: 'head', scope: '900001', week };
      await beginDigest(records, key, at);
      assert.equal(await digestsLeftOpen(records, at), 0);
      const later = new Date(at.getTime() + 1);
      assert.equal(await digestsLeftOpen(records, later), 1);
      assert.equal(await digestsLeftOpen(records, later), 0);
      assert.equal(await beginDigest(records, key, later), undefined);
      await closePerson(records, person, at);
    });

    test('who stops them gets none until they are wanted again', async () => {
      const person = await appointed('stopping', always);
      const token = await digestToken(records, person);
      assert.equal(await digestToken(records, person), token);
      assert.deepEqual(await digestStopped(records, token), { person, stopped: false });
      await stopDigests(records, token, at);
      assert.deepEqual(await digestStopped(records, token), { person, stopped: true });
      assert.ok(!(await recipients()).includes('stopping'));
      await stopDigests(records, token, null);
      assert.ok((await recipients()).includes('stopping'));
      assert.equal(await digestStopped(records, 'none'), undefined);
    });

    test('one is begun once, and again only when it was abandoned', async () => {
      const person = await appointed('once', always, { role: 'department', scope: null });
      const key = { person, email: '', role: 'department', scope: null, week };
      const begun = await Promise.all([1, 2, 3].map(() => beginDigest(records, key, at)));
      const id = begun.find((each) => each !== undefined);
      assert.equal(begun.filter((each) => each === undefined).length, 2);
      assert.ok(id !== undefined && (await digestBegun(records, key)));
      await abandonDigest(records, id);
      assert.equal(await digestBegun(records, key), false);
      const again = await beginDigest(records, key, at);
      assert.ok(again !== undefined);
      await endDigest(records, again, 'sent', at);
      assert.equal(await beginDigest(records, key, at), undefined);
      assert.equal(await digestBegun(records, { ...key, week: '2026-11-23' }), false);
      await assert.rejects(endDigest(records, again, 'lost' as 'sent', at));
    });
  });
}
