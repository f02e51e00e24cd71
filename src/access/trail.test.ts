import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type AuditHead,
  auditEntriesAfter,
  findAuditHead,
  type Records,
} from '../records/index.ts';
import { openTestRecords, testClock } from '../testing/stores.ts';
import { loudTrail, openTrail, type Trace } from './index.ts';

let records: Records;
let close: () => Promise<void>;
before(async () => {
  ({ records, close } = await openTestRecords());
});
after(async () => {
  await close();
});

const trace = (changes: Partial<Trace> = {}): Trace => ({
  viewer: { role: 'head', scope: '100000', person: 7 },
  action: 'read',
  data: 'pupil attendance',
  purpose: 'attendance',
  subject: { kind: 'pupil', id: '12' },
  from: '192.0.2.1',
  ...changes,
});
const count = async () => (await findAuditHead(records))?.number ?? 0;
const since = async (was: number) => auditEntriesAfter(records, was, 10_000);

test('what was done is written down before anybody is told that it was', async () => {
  const was = await count();
  const heads: AuditHead[] = [];
  const trail = openTrail(records, testClock, (head) => void heads.push(head));
  await trail.leave(
    trace({ detail: { page: '/pupils/:id', rows: 3 } }),
    trace({ action: 'refused' }),
  );
  const [first, second] = await since(was);
  const { hash: _, ...said } = first ?? { hash: '' };
  assert.deepEqual(said, {
    number: was + 1,
    at: testClock(),
    person: 7,
    role: 'head',
    scope: '100000',
    action: 'read',
    data_class: 'pupil attendance',
    purpose: 'attendance',
    subject_kind: 'pupil',
    subject_id: '12',
    from_address: '192.0.2.1',
    detail: '{"page":"/pupils/:id","rows":3}',
  });
  assert.equal(second?.action, 'refused');
  assert.deepEqual(heads, [await findAuditHead(records)]);
});

test('traces left at once are all written, in the order they came', async () => {
  const was = await count();
  const trail = openTrail(records, testClock);
  await Promise.all(
    Array.from({ length: 300 }, (_, at) =>
      trail.leave(trace({ detail: { at, half: 1 } }), trace({ detail: { at, half: 2 } })),
    ),
  );
  const wanted = Array.from({ length: 300 }, (_, at) =>
    [1, 2].map((half) => ({ at, half })),
  ).flat();
  assert.deepEqual(
    (await since(was)).map((entry) => JSON.parse(entry.detail)),
    wanted,
  );
});

test('nothing to leave is no entry', async () => {
  const was = await count();
  await openTrail(records, testClock).leave();
  assert.equal(await count(), was);
});

test('where nothing can be written, whoever leaves a trace is told, and it goes on when it can again', async () => {
  const was = await count();
  const trail = openTrail(records, testClock);
  const tooLarge = trace({ viewer: { role: 'head', scope: '100000', person: 2 ** 40 } });
  await assert.rejects(trail.leave(tooLarge));
  await trail.leave(trace());
  assert.equal(await count(), was + 1);
});

const holdsChild: Record<string, Partial<Trace>> = {
  'a UPN': { detail: { found: 'H801200001001' } },
  'a UPN in a sentence': { detail: { why: 'asked for h80120000100a again' } },
  'a UPN, about no child': {
    subject: { kind: 'system', id: 'import' },
    detail: { row: 'A123456789012' },
  },
  'a birthday': { detail: { was: '2014-05-06' } },
  'a birthday as people write it': { detail: { was: 'born 6/5/2014' } },
  'a surname': { detail: { surname: 'Ash' } },
  'the name of a contact': { detail: { contact_name: 'Ash' } },
  'a child by its name': { subject: { kind: 'pupil', id: 'Ash' } },
};

for (const [what, changes] of Object.entries(holdsChild)) {
  test(`a trace that holds ${what} is a bug: refused whole, and not repeated in the error`, async () => {
    const was = await count();
    await assert.rejects(
      openTrail(records, testClock).leave(trace(), trace(changes)),
      (error: unknown) => {
        assert.ok(error instanceof TypeError);
        assert.doesNotMatch(error.message, /801200001|80120000100a|123456789|2014|Ash/);
        return true;
      },
    );
    assert.equal(await count(), was);
  });
}

test('days of attendance, and days that are not about a child, may stand in a trace', async () => {
  const was = await count();
  const trail = openTrail(records, testClock);
  await trail.leave(
    trace({ detail: { day: '2026-11-20', field: 'surname' } }),
    trace({ subject: { kind: 'system', id: 'absence' }, detail: { from: '2016-09-01' } }),
  );
  assert.equal(await count(), was + 2);
});

test('what a visitor typed is cut, and a UPN in it struck through', async () => {
  const was = await count();
  const typed = `/pupils/H801200001001/${'x'.repeat(500)}`;
  await openTrail(records, testClock).leave(trace({ subject: { kind: 'page', id: typed } }));
  const [entry] = await since(was);
  assert.equal(entry?.subject_id, `/pupils/[UPN]/${'x'.repeat(500)}`.slice(0, 200));
});

test('an emergency is told aloud, once it is written down: who, and never which child', async () => {
  const told: string[] = [];
  const trail = loudTrail(openTrail(records, testClock), (text) => void told.push(text));
  await trail.leave(trace({ action: 'emergency' }), trace());
  assert.deepEqual(told, [
    'An emergency: head, person 7, asked for a child’s record. Review it at /emergencies.',
  ]);
  const bad = trace({ action: 'emergency', subject: { kind: 'pupil', id: 'no number' } });
  await assert.rejects(trail.leave(bad));
  assert.equal(told.length, 1);
});
