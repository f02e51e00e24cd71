import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { recordsEngines } from '../testing/recordsEngines.ts';
import {
  addCorrection,
  addEmergency,
  addPupil,
  appointmentsOf,
  casesOf,
  classesAt,
  connectRecords,
  contactsOf,
  correctionsOf,
  countPupils,
  decideCorrection,
  emergenciesAbout,
  enrolmentsOf,
  erasePupil,
  findCharacteristics,
  findCorrection,
  findEmergency,
  findPerson,
  findSession,
  keepAppointment,
  keepPerson,
  keepSession,
  listEmergencies,
  migrateRecords,
  namesOfPeople,
  type NewPupil,
  openCorrections,
  openEmergencies,
  pupilsByNumber,
  pupilsEnrolledAt,
  pupilsNamed,
  pupilsOfCaseworker,
  pupilsOfParent,
  pupilsOfPerson,
  pupilsWhoLeftBefore,
  type Records,
  restrictPupil,
  reviewEmergency,
} from './index.ts';

const { engines } = recordsEngines();

const at = (hour: number, minute = 0) => new Date(Date.UTC(2026, 10, 22, hour, minute));

for (const engine of engines) {
  describe(engine.name, () => {
    let records: Records;
    let parent: number;
    let worker: number;
    before(async () => {
      records = await connectRecords(await engine.address('pupils'));
      await migrateRecords(records);
      const person = (subject: string) => {
        const nobody = { issuer: 'tests', email: '', organisation: null };
        return keepPerson(records, { ...nobody, subject, name: `${subject} (made-up)` }, at(8));
      };
      parent = (await person('parent')).id;
      worker = (await person('worker')).id;
    });
    after(() => records.destroy());

    let made = 0;
    const newPupil = (changes: Partial<NewPupil> = {}): NewPupil => ({
      ...{ upn: `A95000017830${made++}`, surname: 'Ångström (made-up)', forename: 'Merrin' },
      ...{ date_of_birth: '2015-11-01', sex: 'F', person: null, created_at: at(9) },
      enrolments: [
        {
          ...{ urn: 900001, year_group: '6', class_name: '6A' },
          ...{ entry_date: '2025-09-01', leaving_date: '2026-07-21' },
        },
        {
          ...{ urn: 900002, year_group: '7', class_name: '7B' },
          ...{ entry_date: '2026-09-01', leaving_date: null },
        },
      ],
      characteristics: { fsm: true, sen: 'K', eal: false, ethnicity: 'WBRI' },
      contacts: [
        {
          ...{ name: 'Parent (made-up)', relationship: 'mother', telephone: null, email: null },
          ...{ parental_responsibility: true, person: parent },
          ...{ starts_on: '2020-01-01', ends_on: '2026-10-31' },
        },
      ],
      cases: [
        {
          ...{ person: worker, service: 'social care' },
          ...{ starts_on: '2026-11-01', ends_on: '2026-11-22' },
        },
      ],
      ...changes,
    });
    const leaver = (lastDay: string) =>
      newPupil({
        enrolments: [
          {
            ...{ urn: 900003, year_group: '11', class_name: '11C' },
            ...{ entry_date: '2010-09-01', leaving_date: lastDay },
          },
        ],
      });

    test('what is written of a child comes back to the day, and a child that is nobody is nothing', async () => {
      const pupil = newPupil();
      const before = await countPupils(records);
      const id = await addPupil(records, pupil);
      assert.equal(await countPupils(records), before + 1);
      const [row] = await pupilsByNumber(records, [id, 999_999]);
      assert.equal(row?.date_of_birth, '2015-11-01');
      assert.equal(row?.upn, pupil.upn);
      const enrolments = await enrolmentsOf(records, [id]);
      assert.deepEqual(
        enrolments.map(({ id: _, pupil: __, ...each }) => each),
        pupil.enrolments,
      );
      assert.equal((await findCharacteristics(records, id))?.sen, 'K');
      assert.equal(await findCharacteristics(records, 999_999), undefined);
      assert.equal((await contactsOf(records, [id]))[0]?.ends_on, '2026-10-31');
      assert.equal((await casesOf(records, [id]))[0]?.starts_on, '2026-11-01');
      for (const rowsOf of [pupilsByNumber, enrolmentsOf, contactsOf, casesOf]) {
        assert.deepEqual(await rowsOf(records, []), []);
      }
      await assert.rejects(addPupil(records, { ...newPupil(), upn: pupil.upn }));
      assert.equal(await countPupils(records), before + 1);
    });

    test('a child belongs to a school, a parent and a caseworker from the first day to the last, both included', async () => {
      const id = await addPupil(records, newPupil());
      const isAt = async (urn: number, day: string) =>
        (await pupilsEnrolledAt(records, [urn], day)).includes(id);
      assert.deepEqual(
        [
          await isAt(900001, '2025-08-31'),
          await isAt(900001, '2025-09-01'),
          await isAt(900001, '2026-07-21'),
          await isAt(900001, '2026-07-22'),
          await isAt(900002, '2999-01-01'),
        ],
        [false, true, true, false, true],
      );
      assert.deepEqual(await pupilsEnrolledAt(records, [], '2026-11-22'), []);
      assert.deepEqual(await classesAt(records, [], '2026-11-22'), []);
      assert.deepEqual(await classesAt(records, [900001, 900002], '2026-07-21'), [
        { urn: 900001, class_name: '6A' },
      ]);
      const ofParent = async (day: string) =>
        (await pupilsOfParent(records, parent, day)).includes(id);
      assert.deepEqual([await ofParent('2026-10-31'), await ofParent('2026-11-01')], [true, false]);
      const ofWorker = async (day: string) =>
        (await pupilsOfCaseworker(records, worker, day)).includes(id);
      assert.deepEqual(
        [await ofWorker('2026-10-31'), await ofWorker('2026-11-22'), await ofWorker('2026-11-23')],
        [false, true, false],
      );
    });

    test('a child is found as who signs in, and by name and birthday whatever the capitals', async () => {
      const id = await addPupil(
        records,
        newPupil({ person: worker, surname: 'Łódka (made-up)', date_of_birth: '2014-03-27' }),
      );
      assert.deepEqual(await pupilsOfPerson(records, worker), [id]);
      assert.deepEqual(await pupilsOfPerson(records, parent), []);
      const named = { surname: 'łÓDKA (MADE-UP)', dateOfBirth: '2014-03-27' };
      assert.deepEqual(await pupilsNamed(records, named), [id]);
      assert.deepEqual(await pupilsNamed(records, { ...named, dateOfBirth: '2014-03-28' }), []);
      assert.deepEqual(await pupilsNamed(records, { ...named, surname: '%' }), []);
      const names = await namesOfPeople(records, [parent, 999_999]);
      assert.deepEqual([...names], [[parent, 'parent (made-up)']]);
      assert.equal((await namesOfPeople(records, [])).size, 0);
    });

    test('an emergency is open to its person, its role and its child alone, and for its time alone', async () => {
      const pupil = await addPupil(records, newPupil());
      const viewer = 'authority:990';
      const emergency = {
        ...{ pupil, person: worker, viewer, reason: 'A reason that says something' },
        ...{ opened_at: at(9), closes_at: at(10) },
      };
      const most = { open: 1, unreviewed: 9 };
      const several = await Promise.all(
        [1, 2, 3].map(() => addEmergency(records, emergency, most)),
      );
      const [id, ...more] = several.flatMap((each) => ('id' in each ? each.id : []));
      assert.ok(id !== undefined && more.length === 0);
      assert.deepEqual(
        several.filter((each) => !('id' in each)),
        [{ reached: 'open' }, { reached: 'open' }],
      );
      assert.deepEqual(await openEmergencies(records, [pupil, pupil + 1], at(9, 59)), [
        { pupil, person: worker, viewer, closes_at: at(10) },
      ]);
      for (const [other, when] of [
        [pupil, at(10)],
        [pupil, at(8, 59)],
        [pupil + 1, at(9, 59)],
      ] as const) {
        assert.deepEqual(await openEmergencies(records, [other], when), []);
      }
      assert.equal((await emergenciesAbout(records, pupil)).length, 1);
      const review = { id, at: at(11), by: parent, note: 'It was one.' };
      assert.equal(await reviewEmergency(records, { ...review, by: worker }), false);
      assert.equal(await reviewEmergency(records, review), true);
      assert.equal(await reviewEmergency(records, { ...review, by: null }), false);
      assert.equal((await findEmergency(records, id))?.reviewed_by, parent);
      const next = { ...emergency, opened_at: at(10), closes_at: at(11) };
      assert.ok('id' in (await addEmergency(records, next, most)));
      const last = { ...emergency, opened_at: at(11), closes_at: at(12) };
      assert.deepEqual(await addEmergency(records, last, { open: 1, unreviewed: 1 }), {
        reached: 'unreviewed',
      });
      const { emergencies, total } = await listEmergencies(records, { from: 0, size: 1 });
      assert.equal(total, 2);
      assert.deepEqual(
        emergencies.map(({ reviewed_at }) => reviewed_at),
        [null],
      );
    });

    test('an emergency closes after its hour, whatever somebody wrote into its row', async () => {
      const pupil = await addPupil(records, newPupil());
      const emergency = {
        ...{ pupil, person: parent, viewer: 'head:900001', reason: 'A reason of some words' },
        ...{ opened_at: at(9), closes_at: at(23) },
      };
      await addEmergency(records, emergency, { open: 9, unreviewed: 9 });
      assert.equal((await openEmergencies(records, [pupil], at(9, 59))).length, 1);
      assert.deepEqual(await openEmergencies(records, [pupil], at(10)), []);
    });

    test('a correction is decided once, changes the record when accepted, and keeps what was', async () => {
      const pupil = await addPupil(records, newPupil({ characteristics: null }));
      const asked = (field: string, was: string | null, wanted: string) =>
        addCorrection(records, {
          ...{ pupil, field, was, wanted, because: 'as on the passport' },
          ...{ asked_at: at(9), asked_by: 'parent:1' },
        });
      const forename = await asked('forename', 'Merrin', 'Merryn');
      const fsm = await asked('fsm', null, 'yes');
      const sex = await asked('sex', 'F', 'M');
      assert.deepEqual(
        (await openCorrections(records)).map(({ id }) => id),
        [forename, fsm, sex],
      );
      const decision = { at: at(10), by: 'Head (made-up)', answer: 'Thank you' };
      const accepted = { ...decision, outcome: 'accepted' } as const;
      const changes = [
        [forename, { table: 'pupils', column: 'forename', value: 'Merryn' }],
        [fsm, { table: 'characteristics', column: 'fsm', value: true }],
      ] as const;
      for (const [id, change] of changes) {
        assert.equal(await decideCorrection(records, { ...accepted, id, change }), true);
        assert.equal(await decideCorrection(records, { ...accepted, id, change }), false);
      }
      await decideCorrection(records, { ...decision, id: sex, outcome: 'refused', change: null });
      const [row] = await pupilsByNumber(records, [pupil]);
      assert.deepEqual([row?.forename, row?.sex], ['Merryn', 'F']);
      assert.deepEqual(await findCharacteristics(records, pupil), {
        ...{ pupil, fsm: true, sen: null, eal: null, ethnicity: null },
      });
      assert.deepEqual(
        (await correctionsOf(records, pupil)).map(({ was, outcome }) => [was, outcome]),
        [
          ['Merrin', 'accepted'],
          [null, 'accepted'],
          ['F', 'refused'],
        ],
      );
      assert.equal((await findCorrection(records, sex))?.decided_by, 'Head (made-up)');
      assert.equal(await findCorrection(records, 999_999), undefined);
      assert.deepEqual(await openCorrections(records), []);
    });

    test('a record is restricted and shown again, and nobody’s is not', async () => {
      const pupil = await addPupil(records, newPupil());
      assert.equal(await restrictPupil(records, pupil, { at: at(9), because: 'disputed' }), true);
      assert.deepEqual((await pupilsByNumber(records, [pupil]))[0]?.restricted_at, at(9));
      assert.equal(await restrictPupil(records, pupil, null), true);
      assert.equal((await pupilsByNumber(records, [pupil]))[0]?.restricted_because, null);
      assert.equal(await restrictPupil(records, 999_999, null), false);
    });

    test('those who left long ago are found by the last of their enrolments', async () => {
      const old = await addPupil(records, leaver('2019-07-19'));
      const late = await addPupil(records, leaver('2019-07-20'));
      const back = await addPupil(records, {
        ...leaver('2019-07-19'),
        enrolments: [
          ...leaver('2019-07-19').enrolments,
          {
            ...{ urn: 900001, year_group: '12', class_name: null },
            ...{ entry_date: '2026-09-01', leaving_date: null },
          },
        ],
      });
      const found = await pupilsWhoLeftBefore(records, '2019-07-20');
      const ids = found.map(({ id }) => id);
      assert.deepEqual(
        [ids.includes(old), ids.includes(late), ids.includes(back)],
        [true, false, false],
      );
      assert.equal(found.find(({ id }) => id === old)?.last_day, '2019-07-19');
    });

    test('a child that was never enrolled is found by how long ago it was written', async () => {
      const never = (written: string) =>
        addPupil(records, newPupil({ enrolments: [], created_at: new Date(written) }));
      const old = await never('2019-07-19T12:00:00Z');
      const late = await never('2019-07-21T12:00:00Z');
      const found = await pupilsWhoLeftBefore(records, '2019-07-20');
      assert.deepEqual(
        found.filter(({ id }) => [old, late].includes(id)),
        [{ id: old, restricted_at: null, last_day: null }],
      );
    });

    test('with a child go the accounts that are here for it alone, and no others', async () => {
      const account = async (subject: string, role: string) => {
        const who = { issuer: 'tests', subject, name: `Kanarie ${subject}`, email: `${subject}@x` };
        const { id } = await keepPerson(records, { ...who, organisation: 'Kanarie' }, at(8));
        const appointment = await keepAppointment(records, {
          ...{ person: id, role, scope: null, starts_on: '2015-01-01', ends_on: null },
          ...{ given_by: null, given_at: at(8) },
        });
        await keepSession(
          records,
          {
            ...{ token_hash: subject, person: id, appointment, purpose: null, csrf: 'x' },
            ...{ id_token: subject, started_at: at(8), seen_at: at(8), stepped_up_at: null },
          },
          undefined,
        );
        return id;
      };
      const itself = await account('itself', 'pupil');
      const mother = await account('mother', 'parent');
      const father = await account('father', 'parent');
      const teacher = await account('teacher', 'teacher');
      const contact = (person: number) => ({
        ...{ name: 'Contact', relationship: 'parent', telephone: null, email: null, person },
        ...{ parental_responsibility: true, starts_on: '2010-01-01', ends_on: null },
      });
      const pupil = await addPupil(records, {
        ...leaver('2019-07-19'),
        person: itself,
        contacts: [mother, father, teacher].map(contact),
      });
      const sibling = await addPupil(records, newPupil({ contacts: [contact(father)] }));
      assert.equal(await erasePupil(records, pupil, { at: at(12), day: '2026-11-22' }), true);
      for (const person of [itself, mother]) {
        const { issuer: _, created_at: __, ...left } = (await findPerson(records, person)) ?? {};
        assert.deepEqual(left, {
          ...{ id: person, subject: `erased ${person}`, name: '(erased)', email: '' },
          ...{ organisation: null, closed_at: at(12) },
        });
        assert.deepEqual((await appointmentsOf(records, [person]))[0]?.ended_at, at(12));
      }
      for (const person of [father, teacher]) {
        assert.match((await findPerson(records, person))?.name ?? '', /Kanarie/);
        assert.equal((await appointmentsOf(records, [person]))[0]?.ended_at, null);
      }
      const signedIn = await Promise.all(
        ['itself', 'mother', 'father', 'teacher'].map((each) => findSession(records, each)),
      );
      assert.deepEqual(
        signedIn.map((each) => each !== undefined),
        [false, false, true, true],
      );
      assert.equal((await contactsOf(records, [sibling])).length, 1);
    });

    test('erasing leaves a number and enrolments that name nobody, and nothing else anywhere', async () => {
      const pupil = await addPupil(records, {
        ...leaver('2019-07-19'),
        ...{ surname: 'Vanishing (made-up)', upn: 'H243278544154' },
      });
      await addCorrection(records, {
        ...{ pupil, field: 'surname', was: 'Vanishing', wanted: 'Vanished', because: 'Vanishing' },
        ...{ asked_at: at(9), asked_by: 'parent:1' },
      });
      await addEmergency(
        records,
        {
          ...{ pupil, person: worker, viewer: 'authority:990', reason: 'Vanishing is in danger' },
          ...{ opened_at: at(13), closes_at: at(14) },
        },
        { open: 9, unreviewed: 9 },
      );
      const when = { at: at(12), day: '2026-11-22' };
      assert.equal(await erasePupil(records, pupil, when), true);
      assert.equal(await erasePupil(records, pupil, when), false);
      const left = [
        await pupilsByNumber(records, [pupil]),
        await enrolmentsOf(records, [pupil]),
        await contactsOf(records, [pupil]),
        await casesOf(records, [pupil]),
        await correctionsOf(records, pupil),
        await emergenciesAbout(records, pupil),
      ];
      assert.doesNotMatch(JSON.stringify(left), /vanish|H2432|Merrin|2015-11-01|11C|mother/i);
      assert.deepEqual(
        left.map(({ length }) => length),
        [1, 1, 0, 0, 0, 1],
      );
      const enrolled = await addPupil(records, newPupil());
      assert.equal(await erasePupil(records, enrolled, when), false);
      assert.equal((await contactsOf(records, [enrolled])).length, 1);
    });
  });
}
