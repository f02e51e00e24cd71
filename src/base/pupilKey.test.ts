import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectWarehouse, statement } from '../warehouse/index.ts';
import { embeddedAddress, scratchFolder } from '../testing/stores.ts';
import { pupilKey } from './pupilKey.ts';
import { makeUpn } from './upn.ts';

const secret = Uint8Array.from({ length: 16 }, (_, at) => at);

test('a pupil key is SipHash-2-4 as its authors give it, for texts of every length', () => {
  const text = (length: number) => String.fromCharCode(...Array.from({ length }, (_, at) => at));
  assert.equal(pupilKey(text(0), secret), 0x726fdb47dd0e0e31n);
  assert.equal(pupilKey(text(8), secret), 0x93f5f5799a932462n);
  assert.equal(pupilKey(text(15), secret), 0xa129ca6149be45e5n);
});

test('the engine makes the same key of a UPN, and another installation makes another', async () => {
  const { folder, remove } = scratchFolder();
  const warehouse = connectWarehouse(embeddedAddress(folder).warehouse, {
    maxExecutionSeconds: 30,
  });
  try {
    const upns = [0, 1, 57, 998].map((serial) =>
      makeUpn({ laCode: '999', establishment: 4000, year: 2020, serial }),
    );
    const other = Uint8Array.from(secret, (byte) => 255 - byte);
    for (const each of [secret, other]) {
      const words = [0, 8].map((at) => Buffer.from(each).readBigUInt64LE(at).toString());
      const rows = await warehouse.query(
        statement<{ key: string }, { upns: string[]; k0: string; k1: string }>(
          'keys',
          `SELECT toString(sipHash64Keyed(({k0:UInt64}, {k1:UInt64}), upn)) AS key
           FROM (SELECT arrayJoin({upns:Array(String)}) AS upn)`,
        ),
        { upns, k0: words[0] as string, k1: words[1] as string },
      );
      assert.deepEqual(
        rows.map(({ key }) => key),
        upns.map((upn) => pupilKey(upn, each).toString()),
      );
    }
    assert.notEqual(pupilKey(upns[0] as string, secret), pupilKey(upns[0] as string, other));
    assert.throws(() => pupilKey(upns[0] as string, secret.subarray(1)), /16 secret bytes/);
  } finally {
    await warehouse.close();
    remove();
  }
});
