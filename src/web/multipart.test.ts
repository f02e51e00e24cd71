import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../testing/chance.ts';
import { boundaryOf, readMultipart } from './multipart.ts';

async function* inPieces(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  for (let at = 0, piece = 0; at < bytes.length; piece += 1) {
    const size = sizes[piece % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function whole(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const each of bytes) all.push(Buffer.from(each));
  return Buffer.concat(all);
}

test('a form with a file is read the same in whatever pieces it comes, whatever is in the file', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 300 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
      async (content, sizes) => {
        const boundary = '----a1';
        const file = Buffer.concat([
          Buffer.from('\r\n--'),
          Buffer.from(content),
          Buffer.from('\r\n-'),
        ]);
        const form = Buffer.concat([
          Buffer.from(
            `--${boundary}\r\nContent-Disposition: form-data; name="csrf"\r\n\r\ntoken\r\n`,
          ),
          Buffer.from(
            `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a é.csv"\r\nContent-Type: text/csv\r\n\r\n`,
          ),
          file,
          Buffer.from(`\r\n--${boundary}--\r\n`),
        ]);
        const sent = await readMultipart(inPieces(form, sizes), boundary);
        assert.deepEqual(sent.fields, { csrf: 'token' });
        assert.equal(sent.file?.name, 'a é.csv');
        assert.deepEqual(await whole(sent.file?.bytes ?? inPieces(Buffer.alloc(0), [1])), file);
      },
    ),
    { numRuns: 60 },
  );
});

test('a form that breaks off is refused, before its file or in it', async () => {
  const start = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nabc';
  const sent = await readMultipart(inPieces(Buffer.from(start), [7]), 'b');
  await assert.rejects(whole(sent.file?.bytes ?? assert.fail()), /broke off/);
  for (const text of ['', '--b', '--b\r\nContent-Disp', `--b\r\n${'x'.repeat(20_000)}`]) {
    await assert.rejects(readMultipart(inPieces(Buffer.from(text), [11]), 'b'), /broke off/);
  }
  assert.equal(boundaryOf('multipart/form-data; boundary=b'), 'b');
  assert.equal(boundaryOf('text/csv'), undefined);
});
