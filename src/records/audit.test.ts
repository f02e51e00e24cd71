import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from '../testing/chance.ts';
import { recordsEngines } from '../testing/recordsEngines.ts';
import {
  type AuditSearch,
  appendAudit,
  auditEntriesAfter,
  auditExtent,
  auditHash,
  connectRecords,
  findAuditHead,
  looksAtPupil,
  migrateRecords,
  type NewAuditEntry,
  type Records,
  type RecordsAddress,
  searchAudit,
} from './index.ts';

const { engines } = recordsEngines();

const entry = (changes: Partial<NewAuditEntry> = {}): NewAuditEntry => ({
  at: new Date('2026-11-22T09:00:00.123Z'),
  person: 7,
  role: 'head',
  scope: '100000',
  action: 'read',
  data_class: 'pupil attendance',
  purpose: 'attendance',
  subject_kind: 'pupil',
  subject_id: '12',
  from_address: '192.0.2.1',
  detail: '{}',
  ...changes,
});

const all = { from: 0, size: 100_000 };

for (const engine of engines) {
  describe(engine.name, () => {
    let records: Records;
    let address: RecordsAddress;
    before(async () => {
      address = await engine.address('trail');
      records = await connectRecords(address);
      await migrateRecords(records);
    });
    after(() => records.destroy());

    /** Every entry bound to the one before it, and the head to the last. */
    async function mustBeWhole(): Promise<number> {
      const entries = await auditEntriesAfter(records, 0, 1_000_000);
      let last = { number: 0, hash: '' };
      for (const { hash, ...each } of entries) {
        assert.equal(each.number, last.number + 1);
        assert.equal(hash, auditHash(last.hash, each));
        last = { number: each.number, hash };
      }
      assert.deepEqual(await findAuditHead(records), last);
      const { number } = last;
      const extent = { head: number, entries: number, first: number > 0 ? 1 : null };
      assert.deepEqual(await auditExtent(records), { ...extent, last: number || null });
      return number;
    }

    test('an empty trail is whole, and nothing appended leaves it so', async () => {
      await appendAudit(records, []);
      assert.equal(await mustBeWhole(), 0);
    });

    test('many writers at once keep one order, none lost and none twice', async () => {
      const others = await Promise.all(
        Array.from({ length: 3 }, () =>
          engine.name === 'PGlite' ? records : connectRecords(address),
        ),
      );
      const was = await mustBeWhole();
      await Promise.all(
        Array.from({ length: 90 }, (_, at) =>
          appendAudit(
            others[at % 3] as Records,
            Array.from({ length: 1 + (at % 4) }, (__, part) =>
              entry({ detail: JSON.stringify({ at, part }) }),
            ),
          ),
        ),
      );
      const written = Array.from({ length: 90 }, (_, at) => 1 + (at % 4)).reduce((a, b) => a + b);
      assert.equal(await mustBeWhole(), was + written);
      const details = (await auditEntriesAfter(records, was, 1000)).map((each) => each.detail);
      assert.equal(new Set(details).size, written);
      for (const other of others) if (other !== records) await other.destroy();
    });

    test('a batch larger than a statement may be is one append, in order', async () => {
      const was = await mustBeWhole();
      const many = Array.from({ length: 6000 }, (_, at) => entry({ subject_id: String(at) }));
      await appendAudit(records, many);
      assert.equal(await mustBeWhole(), was + 6000);
      const last = await auditEntriesAfter(records, was + 5998, 10);
      assert.deepEqual(
        last.map((each) => each.subject_id),
        ['5998', '5999'],
      );
    });

    test('a batch with one entry that cannot be stored leaves nothing', async () => {
      const was = await mustBeWhole();
      const impossible = entry({ person: 2 ** 40 });
      await assert.rejects(appendAudit(records, [entry(), impossible]));
      assert.equal(await mustBeWhole(), was);
    });

    test('whatever text and whatever moment comes, the chain can be worked out again', async () => {
      const text = fc.string({ unit: 'binary', maxLength: 30 });
      const odd = fc.constantFrom(
        '\0',
        '\uD800',
        '\uDFFFa',
        'é',
        'e\u0301',
        '😀',
        "'; --",
        '\\',
        ' ',
      );
      const words = fc.oneof(text, odd);
      await fc.assert(
        fc.asyncProperty(
          fc.array(
            fc.record({
              at: fc.date({ min: new Date(0), max: new Date('2026-01-01'), noInvalidDate: true }),
              person: fc.option(fc.nat(2 ** 31 - 1)),
              scope: fc.option(words),
              subject_id: fc.option(words),
              from_address: words,
              detail: words,
            }),
            { maxLength: 5 },
          ),
          async (some) =>
            void (await appendAudit(
              records,
              some.map((each) => entry(each)),
            )),
        ),
        { numRuns: 40, seed: 20_261_122 },
      );
      await mustBeWhole();
    });

    test('an auditor finds by person, child, school, role, action, purpose and time, newest first', async () => {
      const noon = new Date('2027-01-05T12:00:00Z');
      const later = new Date('2027-01-06T12:00:00Z');
      await appendAudit(records, [
        entry({ at: noon, person: 901, scope: '100901', subject_id: '9001' }),
        entry({ at: noon, person: 902, role: 'teacher', scope: '100901/7B', subject_id: '9002' }),
        entry({
          at: later,
          person: 902,
          scope: '100902',
          subject_kind: 'school',
          subject_id: '100901',
        }),
        entry({
          at: later,
          person: null,
          action: 'refused',
          purpose: null,
          subject_id: '9001',
          scope: null,
        }),
      ]);
      const search = async (what: AuditSearch) => {
        const found = await searchAudit(records, what, all);
        assert.equal(found.total, found.entries.length);
        const oldest = await auditEntriesAfter(records, 0, 100_000, what);
        assert.deepEqual(oldest, found.entries.toReversed());
        return found.entries.map((each) => `${each.person} ${each.action} ${each.subject_id}`);
      };
      const from = new Date('2027-01-01T00:00:00Z');
      assert.deepEqual(await search({ person: 902 }), ['902 read 100901', '902 read 9002']);
      assert.deepEqual(await search({ pupil: 9001 }), ['null refused 9001', '901 read 9001']);
      assert.deepEqual(await search({ urn: 100901 }), [
        '902 read 100901',
        '902 read 9002',
        '901 read 9001',
      ]);
      assert.deepEqual(await search({ from, role: 'teacher' }), ['902 read 9002']);
      assert.deepEqual(await search({ from, actions: ['refused', 'changed'] }), [
        'null refused 9001',
      ]);
      assert.deepEqual(await search({ from, purpose: 'safeguarding' }), []);
      assert.equal((await search({ from, before: later })).length, 2);
      const page = await searchAudit(records, { from }, { from: 1, size: 2 });
      assert.equal(page.total, 4);
      assert.equal(page.entries.length, 2);
    });

    test('a family is told of what it may be told of, and of no other child', async () => {
      await appendAudit(records, [
        entry({ subject_id: '7001' }),
        entry({ subject_id: '7001', role: 'social-worker', purpose: 'early-help' }),
        entry({ subject_id: '7001', purpose: 'safeguarding' }),
        entry({ subject_id: '7001', action: 'refused' }),
        entry({ subject_id: '7001', data_class: 'link to another service' }),
        entry({ subject_id: '70011' }),
      ]);
      const found = await looksAtPupil(
        records,
        {
          pupil: 7001,
          actions: ['read'],
          roles: ['head', 'school'],
          purposes: ['attendance'],
          dataClasses: ['pupil attendance'],
        },
        all,
      );
      assert.equal(found.total, 1);
      assert.equal(found.entries[0]?.role, 'head');
    });
  });
}
