import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openTestRecords, testClock } from '../testing/stores.ts';
import {
  addUpload,
  changeUpload,
  findUpload,
  findUploadOfKey,
  listUploads,
  type NewUpload,
  removeUpload,
  statesOfUploads,
  uploadsById,
  uploadsIn,
} from './uploads.sql.ts';

const { records, close } = await openTestRecords();
after(close);

const sent = (more: Partial<NewUpload> = {}): NewUpload => ({
  ...{
    urn: 900_001,
    title: 'register.csv',
    source: 'page',
    state: 'waiting',
    digest: 'a',
    bytes: 1,
  },
  ...{ person: null, person_name: 'Ida Marsh', position: 'Head', viewer: 'head:900001' },
  ...{ received_at: testClock(), changed_at: testClock(), ...more },
});

test('an upload goes from one state to the next, and from no other', async () => {
  const id = (await addUpload(records, sent({ answers: { dateOrder: 'dmy' } }))) ?? assert.fail();
  assert.equal(await changeUpload(records, id, { state: 'kept' }, ['ready']), false);
  assert.equal(
    await changeUpload(records, id, { state: 'ready', outcome: { new: 1 } }, ['waiting']),
    true,
  );
  const row = await findUpload(records, id);
  assert.deepEqual(
    [row?.state, row?.answers, row?.outcome],
    ['ready', { dateOrder: 'dmy' }, { new: 1 }],
  );
  assert.deepEqual(
    (await uploadsIn(records, ['ready'])).map((each) => each.id),
    [id],
  );
  assert.deepEqual(
    await statesOfUploads(records, [id, 999]),
    new Map([[id, { state: 'ready', changed_at: testClock() }]]),
  );
  assert.deepEqual(await uploadsById(records, [id, 999]), new Map([[id, row]]));
});

test('the same idempotency key of the same sender is taken once', async () => {
  const first = await addUpload(records, sent({ idempotency_key: 'one' }));
  assert.equal(await addUpload(records, sent({ idempotency_key: 'one' })), undefined);
  assert.ok(await addUpload(records, sent({ idempotency_key: 'one', viewer: 'system:900002' })));
  const found = await findUploadOfKey(records, { viewer: 'head:900001', key: 'one' });
  assert.equal(found?.id, first);
});

test('uploads are listed by school, the newest first, some at a time; one that was only tried leaves nothing', async () => {
  const id = (await addUpload(records, sent({ urn: 900_009 }))) ?? assert.fail();
  const last = (await addUpload(records, sent({ urn: 900_009 }))) ?? assert.fail();
  const page = await listUploads(records, { urns: [900_009], from: 0, size: 1 });
  assert.deepEqual([page.uploads.map((each) => each.id), page.total], [[last], 2]);
  await removeUpload(records, id);
  assert.equal((await listUploads(records, { urns: [900_009], from: 0, size: 9 })).total, 1);
  assert.ok((await listUploads(records, { from: 0, size: 9 })).total > 1);
});
