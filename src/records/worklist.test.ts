import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { recordsEngines } from '../testing/recordsEngines.ts';
import {
  addPupil,
  addWorklistNote,
  closePerson,
  connectRecords,
  erasePupil,
  keepAppointment,
  keepPerson,
  keepWorklistHolder,
  migrateRecords,
  type Records,
  setWorklistCapacity,
  worklistCapacityOf,
  worklistHoldersAbout,
  worklistHoldersAt,
  worklistNotesAbout,
  worklistNotesAt,
  worklistPeople,
} from './index.ts';

const { engines } = recordsEngines();

const at = new Date(Date.UTC(2026, 10, 22, 9));
const [here, before2024, elsewhere] = [900_002, 900_001, 900_003];

for (const engine of engines) {
  describe(engine.name, () => {
    let records: Records;
    let head: number;
    let officer: number;
    let pupil: number;
    let other: number;
    before(async () => {
      records = await connectRecords(await engine.address('worklist'));
      await migrateRecords(records);
      const person = async (subject: string) =>
        (
          await keepPerson(
            records,
            {
              issuer: 'tests',
              subject,
              name: `${subject} (made-up)`,
              email: '',
              organisation: null,
            },
            at,
          )
        ).id;
      head = await person('head');
      officer = await person('officer');
      const child = (surname: string) =>
        addPupil(records, {
          ...{ upn: null, surname, forename: 'A', sex: 'F', date_of_birth: '2015-01-01' },
          ...{ person: null, created_at: at, characteristics: null, contacts: [], cases: [] },
          enrolments: [
            {
              ...{ urn: here, year_group: '6', class_name: null },
              ...{ entry_date: '2024-09-01', leaving_date: '2026-07-20' },
            },
          ],
        });
      pupil = await child('One');
      other = await child('Other');
    });
    after(() => records.destroy());

    test('a school reads what was written there, by any URN it has had, and nothing of another', async () => {
      const by = { pupil, person: head, role: 'head', at };
      await addWorklistNote(records, { ...by, urn: before2024, text: 'Rang home.' });
      await addWorklistNote(records, { ...by, urn: elsewhere, text: 'Of another school.' });
      await addWorklistNote(records, { ...by, urn: here, pupil: other, text: 'A visit.' });
      const notes = await worklistNotesAt(records, [before2024, here]);
      assert.deepEqual(
        notes.map(({ urn, text, name }) => [urn, text, name]),
        [
          [before2024, 'Rang home.', 'head (made-up)'],
          [here, 'A visit.', 'head (made-up)'],
        ],
      );
      assert.deepEqual(await worklistNotesAt(records, []), []);
      assert.deepEqual(
        (await worklistNotesAbout(records, pupil)).map(({ text }) => text),
        ['Rang home.', 'Of another school.'],
        'the child itself is told of all',
      );
      await assert.rejects(
        addWorklistNote(records, { ...by, urn: here, text: '' }),
        /worklist_notes_say_something/,
      );
    });

    test('of who has a child every word stays, and the last stands', async () => {
      const by = { urn: here, pupil, person: head, role: 'head', at };
      const keep = (holder: number | null, after: number, urn = here) =>
        keepWorklistHolder(records, { ...by, urn, holder }, { after, urns: [urn] });
      const last = async () => (await worklistHoldersAt(records, [here])).at(-1)?.id ?? 0;
      assert.equal(await keep(head, 0), true);
      for (const holder of [officer, null]) assert.equal(await keep(holder, await last()), true);
      assert.equal(await keep(officer, 0, elsewhere), true);
      const names = async (urns: number[]) =>
        (await worklistHoldersAt(records, urns)).map(({ name }) => name);
      assert.deepEqual(await names([here]), ['head (made-up)', 'officer (made-up)', null]);
      assert.deepEqual(await names([elsewhere]), ['officer (made-up)']);
      assert.equal((await worklistHoldersAbout(records, pupil)).length, 4);
      assert.deepEqual(await worklistHoldersAbout(records, other), []);
    });

    test('of two who say at once who has a child the second is told so, and nothing is written over', async () => {
      const by = { urn: here, pupil: other, person: head, role: 'head', at };
      const keep = (holder: number, after: number) =>
        keepWorklistHolder(records, { ...by, holder }, { after, urns: [before2024, here] });
      const both = await Promise.all([keep(head, 0), keep(officer, 0)]);
      assert.deepEqual(both.toSorted(), [false, true]);
      const rows = await worklistHoldersAbout(records, other);
      assert.equal(rows.length, 1);
      assert.equal(await keep(officer, rows[0]?.id ?? 0), true);
    });

    test('of how many a school can see to the last word stands, of a number that a school can have', async () => {
      const set = (urn: number, children: number, person = head) =>
        setWorklistCapacity(records, { urn, children, person, role: 'head', at });
      assert.equal(await worklistCapacityOf(records, [here]), undefined);
      await set(before2024, 20);
      await set(here, 0, officer);
      await set(elsewhere, 30);
      const found = await worklistCapacityOf(records, [before2024, here]);
      assert.deepEqual([found?.children, found?.name], [0, 'officer (made-up)']);
      await assert.rejects(set(here, -1), /worklist_capacities_of_a_school/);
      await assert.rejects(set(here, 2001), /worklist_capacities_of_a_school/);
    });

    test('a child is had by who acts for the school today', async () => {
      const appoint = (
        person: number,
        scope: number,
        role: string,
        ends_on: string | null = null,
      ) =>
        keepAppointment(records, {
          ...{ person, role, scope: String(scope), starts_on: '2024-09-01', ends_on },
          ...{ given_by: null, given_at: at },
        });
      await appoint(head, before2024, 'head');
      await appoint(officer, here, 'school', '2026-11-21');
      const asked = { urns: [before2024, here], roles: ['head', 'school'] };
      const names = async (day: string, part = {}) =>
        (await worklistPeople(records, { ...asked, day, ...part })).map(({ name }) => name);
      assert.deepEqual(await names('2026-11-21'), ['head (made-up)', 'officer (made-up)']);
      assert.deepEqual(await names('2026-11-22'), ['head (made-up)']);
      assert.deepEqual(await names('2024-08-31'), []);
      assert.deepEqual(await names('2026-11-21', { roles: ['teacher'] }), []);
      assert.deepEqual(await names('2026-11-21', { urns: [elsewhere] }), []);
      await closePerson(records, officer, at);
      assert.deepEqual(await names('2026-11-21'), ['head (made-up)']);
    });

    test('with the record of a child goes what was written of it, and no other’s', async () => {
      assert.equal(await erasePupil(records, pupil, { at, day: '2026-11-22' }), true);
      assert.deepEqual(await worklistNotesAbout(records, pupil), []);
      assert.deepEqual(await worklistHoldersAbout(records, pupil), []);
      assert.equal((await worklistNotesAbout(records, other)).length, 1);
    });
  });
}
