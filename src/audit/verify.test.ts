import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { sql } from 'kysely';
import { openTrail } from '../access/index.ts';
import {
  type AuditEntry,
  appendAudit,
  auditEntriesAfter,
  auditHash,
  type AuditHead,
  connectRecords,
  findAuditHead,
  migrateRecords,
  type Records,
} from '../records/index.ts';
import { recordsEngines } from '../testing/recordsEngines.ts';
import { testClock } from '../testing/stores.ts';
import { type Verified, verifyAudit } from './verify.ts';

/*
 * Everything somebody with the whole database at their disposal could do to the trail, done with SQL. What the chain
 * alone does not show is said to be so, and shown to be found by an anchor.
 */

const { engines } = recordsEngines();

/** How many entries there are to tamper with. */
const size = 12;

/** The first entry that is wrong, or the last when none is. */
const placeOf = (verified: Verified) => (verified.whole ? verified.entries : verified.at);

type Tampering = { does: (records: Records) => Promise<unknown>; at: number };

const run = (records: Records, text: string) => sql.raw(text).execute(records);

const alterations: Record<string, string> = {
  at: `at + interval '1 millisecond'`,
  person: 'person + 1',
  role: `'auditor'`,
  scope: `'100001'`,
  action: `'refused'`,
  data_class: `'public statistic'`,
  purpose: `'attendance'`,
  subject_kind: `'school'`,
  subject_id: `'13'`,
  from_address: `'192.0.2.2'`,
  detail: `detail || ' '`,
  hash: `md5(hash) || md5(hash)`,
};

const tamperings: Record<string, Tampering> = {
  ...Object.fromEntries(
    Object.entries(alterations).flatMap(([column, value]) =>
      [1, 6, size].map((at): [string, Tampering] => [
        `the ${column} of entry ${at} altered`,
        {
          does: (records) =>
            run(records, `UPDATE audit_entries SET ${column} = ${value} WHERE number = ${at}`),
          at,
        },
      ]),
    ),
  ),
  ...Object.fromEntries(
    ['person', 'scope', 'data_class', 'purpose', 'subject_kind', 'subject_id'].map(
      (column): [string, Tampering] => [
        `the ${column} of an entry taken away`,
        {
          does: (records) =>
            run(records, `UPDATE audit_entries SET ${column} = NULL WHERE number = 6`),
          at: 6,
        },
      ],
    ),
  ),
  'a time altered by less than a millisecond, which is kept as one': {
    does: (records) =>
      run(
        records,
        `UPDATE audit_entries SET at = at + interval '600 microseconds' WHERE number = 6`,
      ),
    at: 6,
  },
  'a time that is none': {
    does: (records) => run(records, `UPDATE audit_entries SET at = 'infinity' WHERE number = 6`),
    at: 6,
  },
  'what one column says moved to the next': {
    does: (records) =>
      run(
        records,
        `UPDATE audit_entries SET subject_kind = subject_id, subject_id = subject_kind WHERE number = 6`,
      ),
    at: 6,
  },
  ...Object.fromEntries(
    [1, 6, size].map((at): [string, Tampering] => [
      `entry ${at} removed`,
      { does: (records) => run(records, `DELETE FROM audit_entries WHERE number = ${at}`), at },
    ]),
  ),
  'all entries removed': { does: (records) => run(records, 'DELETE FROM audit_entries'), at: 1 },
  'an entry removed and the rest renumbered': {
    async does(records) {
      await run(records, 'DELETE FROM audit_entries WHERE number = 6');
      await run(records, 'UPDATE audit_entries SET number = -number WHERE number > 6');
      await run(records, 'UPDATE audit_entries SET number = -number - 1 WHERE number < 0');
      await run(records, `UPDATE audit_head SET number = ${size - 1}`);
    },
    at: 6,
  },
  'an entry put between': {
    async does(records) {
      await run(records, 'UPDATE audit_entries SET number = -number WHERE number >= 6');
      await run(records, 'UPDATE audit_entries SET number = 1 - number WHERE number < 0');
      await copyEntry(records, { from: 5, to: 6 });
      await run(records, `UPDATE audit_head SET number = ${size + 1}`);
    },
    at: 6,
  },
  'an entry put before the first': {
    does: (records) => copyEntry(records, { from: 1, to: 0 }),
    at: 0,
  },
  'an entry put after the end': {
    does: (records) => copyEntry(records, { from: size, to: size + 1 }),
    at: size + 1,
  },
  'an entry put after the end that follows from the last, without the head': {
    async does(records) {
      const head = await findAuditHead(records);
      await forge(records, size, (entry) => ({ ...entry, number: size + 1 }), head?.hash ?? '');
    },
    at: size + 1,
  },
  'a second entry of the same number': {
    async does(records) {
      await run(records, 'ALTER TABLE audit_entries DROP CONSTRAINT audit_entries_pkey');
      await run(
        records,
        `INSERT INTO audit_entries SELECT * FROM audit_entries WHERE number = ${size}`,
      );
    },
    at: size,
  },
  'two entries swapped': {
    async does(records) {
      await run(records, 'UPDATE audit_entries SET number = -number WHERE number IN (4, 9)');
      await run(records, 'UPDATE audit_entries SET number = 13 + number WHERE number < 0');
    },
    at: 4,
  },
  'two neighbours swapped, hashes left in their places': {
    async does(records) {
      await run(records, 'CREATE TEMPORARY TABLE was AS SELECT * FROM audit_entries');
      await run(
        records,
        `UPDATE audit_entries SET subject_id = was.subject_id, at = was.at FROM was
         WHERE audit_entries.number IN (6, 7) AND was.number = 13 - audit_entries.number`,
      );
    },
    at: 6,
  },
  'an entry renumbered': {
    does: (records) => run(records, 'UPDATE audit_entries SET number = 100 WHERE number = 6'),
    at: 6,
  },
  'every entry renumbered': {
    does: (records) => run(records, 'UPDATE audit_entries SET number = number + 100'),
    at: 1,
  },
  'the head put back': {
    does: (records) => run(records, 'UPDATE audit_head SET number = 9'),
    at: 9,
  },
  'the head put back with its hash': {
    does: (records) =>
      run(
        records,
        'UPDATE audit_head SET number = 9, hash = (SELECT hash FROM audit_entries WHERE number = 9)',
      ),
    at: 10,
  },
  'the head put forward': {
    does: (records) => run(records, `UPDATE audit_head SET number = ${size + 1}`),
    at: size + 1,
  },
  'the hash of the head altered': {
    does: (records) => run(records, `UPDATE audit_head SET hash = ''`),
    at: size,
  },
  'the head removed': { does: (records) => run(records, 'DELETE FROM audit_head'), at: 1 },
  'the end cut off, the head left': {
    does: (records) => run(records, 'DELETE FROM audit_entries WHERE number > 8'),
    at: 9,
  },
  'an entry altered and its own hash worked out again': {
    does: (records) => forge(records, 6, (entry) => ({ ...entry, subject_id: '99' })),
    at: 7,
  },
};

function copyEntry(records: Records, { from, to }: { from: number; to: number }) {
  return run(
    records,
    `INSERT INTO audit_entries SELECT ${to}, at, person, role, scope, action, data_class, purpose, subject_kind,
     subject_id, from_address, detail, hash FROM audit_entries WHERE number = ${from}`,
  );
}

/** Puts an entry in the place of another, or beside it, with a hash that follows from the entry before. */
async function forge(
  records: Records,
  number: number,
  change: (entry: AuditEntry) => AuditEntry,
  previousHash?: string,
) {
  const [before, now] = await auditEntriesAfter(records, number - 2, 2);
  const { hash: _, ...entry } = change(now as AuditEntry);
  const hash = auditHash(previousHash ?? before?.hash ?? '', entry);
  await records.deleteFrom('audit_entries').where('number', '=', entry.number).execute();
  await records
    .insertInto('audit_entries')
    .values({ ...entry, hash })
    .execute();
}

/** Alters an entry and works out every later hash, and the head’s: what the chain alone cannot show. */
async function rewriteFrom(records: Records, number: number) {
  for (let at = number; at <= size; at++) {
    await forge(records, at, (entry) => (at === number ? { ...entry, subject_id: '99' } : entry));
  }
  await run(
    records,
    `UPDATE audit_head SET hash = (SELECT hash FROM audit_entries WHERE number = ${size})`,
  );
}

const cutOffHeadAndAll = async (records: Records, last: number) => {
  await run(records, `DELETE FROM audit_entries WHERE number > ${last}`);
  await run(
    records,
    `UPDATE audit_head SET number = ${last}, hash = coalesce((SELECT hash FROM audit_entries WHERE number = ${last}), '')`,
  );
};

for (const engine of engines) {
  describe(engine.name, () => {
    let records: Records;
    const anchors: AuditHead[] = [];
    before(async () => {
      records = await connectRecords(await engine.address('verify'));
      await migrateRecords(records);
      let minutes = 0;
      const trail = openTrail(
        records,
        () => new Date(testClock().getTime() + 60_000 * minutes++),
        (head) => void anchors.push(head),
      );
      for (let at = 1; at <= size; at++) {
        await trail.leave({
          viewer: { role: 'head', scope: '100000', person: 7 },
          action: 'read',
          data: 'pupil attendance',
          purpose: 'safeguarding',
          subject: { kind: 'pupil', id: String(20 + at) },
          from: '192.0.2.1',
          detail: { page: '/pupils/:id', at },
        });
      }
    });
    after(() => records.destroy());

    /** What verifying finds after `tamper`, which is then undone. */
    async function tampered(
      tamper: (records: Records) => Promise<unknown>,
      known: readonly AuditHead[] = [],
    ): Promise<Verified> {
      const undo = new Error('undo');
      let found: Verified | undefined;
      await records
        .transaction()
        .execute(async (transaction) => {
          await tamper(transaction);
          found = await verifyAudit(transaction, known);
          throw undo;
        })
        .catch((error: unknown) => {
          if (error !== undo) throw error;
        });
      return found as Verified;
    }

    test('a trail that nobody touched is whole, with every head it ever had', async () => {
      const head = await findAuditHead(records);
      assert.deepEqual(await verifyAudit(records, anchors), { whole: true, entries: size, head });
      assert.equal(anchors.length, size);
    });

    test('every column of an entry is covered', async () => {
      const [entry] = await auditEntriesAfter(records, 0, 1);
      assert.deepEqual(
        Object.keys(entry as AuditEntry).sort(),
        ['number', ...Object.keys(alterations)].sort(),
      );
    });

    for (const [name, { does, at }] of Object.entries(tamperings)) {
      test(`found: ${name}`, async () => {
        const found = await tampered(does);
        assert.equal(found.whole, false, name);
        assert.equal(placeOf(found), at, JSON.stringify(found));
      });
    }

    test('found by an anchor alone: the end cut off together with the head', async () => {
      const cut = (transaction: Records) => cutOffHeadAndAll(transaction, 8);
      assert.equal((await tampered(cut)).whole, true);
      assert.equal((await tampered(cut, anchors.slice(0, 8))).whole, true);
      assert.equal(placeOf(await tampered(cut, [anchors[9] as AuditHead])), 9);
      const all = (transaction: Records) => cutOffHeadAndAll(transaction, 0);
      assert.equal(placeOf(await tampered(all, [anchors[0] as AuditHead])), 1);
    });

    test('found by an anchor alone: an entry altered and every later hash and the head with it', async () => {
      const rewrite = (transaction: Records) => rewriteFrom(transaction, 6);
      assert.equal((await tampered(rewrite)).whole, true);
      assert.equal((await tampered(rewrite, anchors.slice(0, 5))).whole, true);
      for (const at of [6, 9, size]) {
        assert.equal(placeOf(await tampered(rewrite, [anchors[at - 1] as AuditHead])), at);
      }
    });

    test('a forged anchor beside the true one does not hide anything', async () => {
      const rewrite = (transaction: Records) => rewriteFrom(transaction, 6);
      let forged: AuditHead | undefined;
      await tampered(async (transaction) => {
        await rewrite(transaction);
        forged = await findAuditHead(transaction);
      });
      const both = [anchors[size - 1] as AuditHead, forged as AuditHead];
      for (const known of [both, both.toReversed()]) {
        assert.equal(placeOf(await tampered(rewrite, known)), size);
      }
    });

    test('found: written on after it was rewritten', async () => {
      const found = await tampered(async (transaction) => {
        await cutOffHeadAndAll(transaction, 8);
        const [first] = await auditEntriesAfter(transaction, 0, 1);
        const { number: _, hash: __, ...again } = first as AuditEntry;
        const head = { number: 8, hash: (anchors[7] as AuditHead).hash };
        const hash = auditHash(head.hash, { ...again, number: 9 });
        await transaction
          .insertInto('audit_entries')
          .values({ ...again, number: 9, hash })
          .execute();
        await transaction.updateTable('audit_head').set({ number: 9, hash }).execute();
      }, anchors);
      assert.equal(placeOf(found), 9);
    });

    test('verifying while others write finds no fault', async () => {
      const [first] = await auditEntriesAfter(records, 0, 1);
      const { number: _, hash: __, ...again } = first as AuditEntry;
      const over = new AbortController();
      const writer = (async () => {
        while (!over.signal.aborted) await appendAudit(records, [again, again]);
      })();
      for (let times = 0; times < 10; times++) {
        const known = [(await findAuditHead(records)) as AuditHead];
        assert.equal((await verifyAudit(records, [...anchors, ...known])).whole, true);
      }
      over.abort();
      await writer;
    });
  });
}
