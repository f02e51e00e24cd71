import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { recordsEngines } from '../testing/recordsEngines.ts';
import {
  appointmentsOf,
  beginSignIn,
  choosePurpose,
  closePerson,
  connectRecords,
  endAppointment,
  findAppointment,
  findKeyById,
  findPerson,
  findSession,
  keepAppointment,
  keepKey,
  keepPerson,
  vouchAnew,
  keepSession,
  listKeys,
  listPeople,
  listPeopleByNumber,
  migrateRecords,
  type Records,
  removeSession,
  reopenPerson,
  revokeKey,
  type Session,
  sweepSessions,
  takeSignIn,
  touchKey,
  touchSession,
} from './index.ts';

const { engines } = recordsEngines();

const at = (hour: number) => new Date(Date.UTC(2026, 10, 22, hour));
const issuer = 'https://identity.example';
const identity = (subject: string) => ({
  ...{ issuer, subject, name: `${subject} Example`, email: `${subject}@example.invalid` },
  organisation: null,
});

for (const engine of engines) {
  describe(engine.name, () => {
    let records: Records;
    before(async () => {
      records = await connectRecords(await engine.address('people'));
      await migrateRecords(records);
    });
    after(() => records.destroy());

    const newPerson = async (subject: string) =>
      (await keepPerson(records, identity(subject), at(9))).id;
    const sessionOf = (person: number, token_hash: string): Session => ({
      ...{ token_hash, person, appointment: null, purpose: null, csrf: 'c', id_token: null },
      ...{ started_at: at(9), seen_at: at(9), stepped_up_at: null },
    });
    const found = async (hash: string) => (await findSession(records, hash))?.session;

    test('a person is one by issuer and subject, under the newest name', async () => {
      const { id } = await keepPerson(records, identity('ann'), at(9));
      const again = { ...identity('ann'), name: 'Ann Other', organisation: 'Ashgrove' };
      assert.deepEqual(await keepPerson(records, again, at(10)), {
        ...{ id, ...again, created_at: at(9), closed_at: null },
      });
      const elsewhere = { ...identity('ann'), issuer: 'https://other.example' };
      assert.notEqual((await keepPerson(records, elsewhere, at(9))).id, id);
      assert.equal((await findPerson(records, id))?.name, 'Ann Other');
      assert.equal(await findPerson(records, 999_999), undefined);
    });

    test('people whom another issuer vouches for from now on are who they were', async () => {
      const { id } = await keepPerson(records, identity('mover'), at(9));
      const { id: stays } = await keepPerson(records, identity('stayer'), at(9));
      const moved = 'https://moved.example';
      await vouchAnew(records, { subjects: ['mover'], issuer: moved });
      await vouchAnew(records, { subjects: [], issuer: moved });
      const again = { ...identity('mover'), issuer: moved };
      assert.equal((await keepPerson(records, again, at(10))).id, id);
      assert.equal((await keepPerson(records, identity('stayer'), at(10))).id, stays);
    });

    test('people are found by a part of their name or address, a page at a time', async () => {
      for (const subject of ['bea_1', 'beab1', 'cleo%']) await newPerson(subject);
      const names = async (search: string, page = { from: 0, size: 10 }) =>
        (await listPeople(records, search, page)).people.map(({ subject }) => subject);
      assert.deepEqual(await names('BEA'), ['bea_1', 'beab1']);
      assert.deepEqual(await names('bea_'), ['bea_1'], 'a sign of the pattern is itself');
      assert.deepEqual(await names('%'), ['cleo%']);
      assert.deepEqual(await names('bea', { from: 1, size: 1 }), ['beab1']);
      assert.equal((await listPeople(records, 'bea', { from: 1, size: 1 })).total, 2);
    });

    test('a child, a parent and who was never appointed are found by number and never by name', async () => {
      const appoint = async (subject: string, ...roles: string[]) => {
        const person = await newPerson(subject);
        for (const role of roles) {
          await keepAppointment(records, {
            ...{ person, role, scope: null, starts_on: '2026-01-01', ends_on: '2026-01-02' },
            ...{ given_by: null, given_at: at(9) },
          });
        }
        return person;
      };
      const ids = {
        pupil: await appoint('aazed-pupil', 'pupil'),
        parent: await appoint('aazed-parent', 'head', 'parent'),
        unknown: await appoint('aazed-unknown'),
        staff: await appoint('aazed-staff', 'head'),
      };
      const found = async (search: string) => {
        const asked = { numbered: ['pupil', 'parent'], page: { from: 0, size: 100 } };
        const { people, total } = await listPeopleByNumber(records, search, asked);
        assert.equal(total, people.length);
        return people.map(({ id }) => id);
      };
      assert.deepEqual(await found('aazed'), [ids.staff]);
      for (const id of Object.values(ids)) assert.deepEqual(await found(String(id)), [id]);
      const others = (await found('')).filter((id) => Object.values(ids).includes(id));
      assert.deepEqual(others, [ids.staff, ids.pupil, ids.parent, ids.unknown]);
    });

    test('access that was taken away is given back once', async () => {
      const person = await newPerson('zed');
      assert.equal(await reopenPerson(records, person), false);
      await closePerson(records, person, at(9));
      assert.equal(await reopenPerson(records, person), true);
      assert.equal((await findPerson(records, person))?.closed_at, null);
      assert.equal(await reopenPerson(records, person), false);
    });

    test('an appointment keeps its days as days, and ends once', async () => {
      const person = await newPerson('dee');
      const given = {
        ...{
          person,
          role: 'head',
          scope: '100000',
          starts_on: '2026-03-29',
          ends_on: '2026-10-25',
        },
        ...{ given_by: null, given_at: at(9) },
      };
      const id = await keepAppointment(records, given);
      assert.deepEqual(await findAppointment(records, id), { id, ...given, ended_at: null });
      assert.equal(await endAppointment(records, id, at(10)), true);
      assert.equal(await endAppointment(records, id, at(11)), false);
      assert.deepEqual(await appointmentsOf(records, [person]), [
        { id, ...given, ended_at: at(10) },
      ]);
      assert.deepEqual(await appointmentsOf(records, []), []);
    });

    test('a sign-in is taken once, even by two at once, and one that never came back is forgotten', async () => {
      const signIn = (state_hash: string, hour: number) => ({
        ...{ state_hash, browser_hash: 'b', nonce: 'n', verifier: 'v', return_to: '/' },
        ...{ step_up: false, started_at: at(hour) },
      });
      await beginSignIn(records, signIn('one', 9), at(8));
      const taken = await Promise.all([takeSignIn(records, 'one'), takeSignIn(records, 'one')]);
      assert.deepEqual(
        taken.filter((each) => each !== undefined),
        [signIn('one', 9)],
      );
      await beginSignIn(records, signIn('old', 9), at(8));
      await beginSignIn(records, signIn('new', 11), at(10));
      assert.equal(await takeSignIn(records, 'old'), undefined);
      assert.ok(await takeSignIn(records, 'new'));
    });

    test('a session takes the place of the one before, and is over when it is removed', async () => {
      const person = await newPerson('eve');
      await keepSession(records, sessionOf(person, 'first'), undefined);
      await keepSession(records, sessionOf(person, 'second'), 'first');
      assert.equal(await found('first'), undefined);
      await touchSession(records, 'second', at(10));
      await choosePurpose(records, 'second', 'attendance');
      const kept = { ...sessionOf(person, 'second'), seen_at: at(10), purpose: 'attendance' };
      assert.deepEqual(await found('second'), kept);
      assert.deepEqual(await removeSession(records, 'second'), kept);
      assert.equal(await found('second'), undefined);
      assert.equal(await removeSession(records, 'second'), undefined);
    });

    test('sessions that timed out are swept, and no other', async () => {
      const person = await newPerson('fay');
      await keepSession(records, { ...sessionOf(person, 'unused'), started_at: at(9) }, undefined);
      await keepSession(
        records,
        { ...sessionOf(person, 'long'), started_at: at(1), seen_at: at(11) },
        undefined,
      );
      await keepSession(
        records,
        { ...sessionOf(person, 'good'), started_at: at(9), seen_at: at(11) },
        undefined,
      );
      await sweepSessions(records, { startedBefore: at(4), seenBefore: at(10) });
      const left = await Promise.all(['unused', 'long', 'good'].map(found));
      assert.deepEqual(
        left.map((each) => each?.token_hash),
        [undefined, undefined, 'good'],
      );
    });

    test('of a person whose access was taken away no session is left or found', async () => {
      const person = await newPerson('gil');
      await keepSession(records, sessionOf(person, 'before'), undefined);
      assert.equal(await closePerson(records, person, at(10)), true);
      assert.equal(await closePerson(records, person, at(11)), false);
      assert.equal(await found('before'), undefined);
      await keepSession(records, sessionOf(person, 'after'), undefined);
      assert.equal(await found('after'), undefined);
      assert.deepEqual((await findPerson(records, person))?.closed_at, at(10));
    });

    test('a key is listed newest first, and revoked once', async () => {
      const key = (name: string) => ({
        ...{
          key_hash: `hash of ${name}`,
          name,
          viewer: 'system:100000',
          abilities: 'registers:write',
        },
        ...{ created_at: at(9), expires_at: at(20) },
      });
      const [one, other] = [
        await keepKey(records, key('one')),
        await keepKey(records, key('other')),
      ];
      assert.deepEqual(
        (await listKeys(records)).map(({ id }) => id),
        [other, one],
      );
      await touchKey(records, one, at(10));
      assert.equal(await revokeKey(records, one, at(11)), true);
      assert.equal(await revokeKey(records, one, at(12)), false);
      assert.deepEqual(await findKeyById(records, one), {
        ...{ id: one, ...key('one'), last_used_at: at(10), revoked_at: at(11) },
      });
      assert.equal(await findKeyById(records, 999_999), undefined);
      await assert.rejects(keepKey(records, key('one')), /unique/, 'no two keys are the same');
    });
  });
}
