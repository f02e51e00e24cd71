import assert from 'node:assert/strict';
import { closeSync, ftruncateSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Refusal } from '../../src/base/problem.ts';
import { importFiles } from '../../src/publications/index.ts';
import { scratchFolder } from '../../src/testing/stores.ts';
import { type AttackedSite, openAttackedSite, type Running, type Visitor } from './site.fixture.ts';

/*
 * Somebody sends more than anybody needs to send: to fill the memory, to keep the processor busy, or to have something
 * small unpacked into something huge. Two things here read what comes from outside: forms, and files that the operator
 * imports. There is no reader of XML, of ZIP, of workbooks, of JSON in requests or of files sent by a browser.
 */

let open: AttackedSite;
let site: Running;
let head: Visitor;
const { folder, remove } = scratchFolder();
before(async () => {
  open = await openAttackedSite();
  site = await open.run();
  head = await site.signIn('head');
});
after(async () => {
  await open.close();
  remove();
});

const urlencoded = 'application/x-www-form-urlencoded';
const post = (body: string | Buffer, headers: Record<string, string> = {}) =>
  site.ask('/purpose', {
    ...{ method: 'POST', body },
    headers: { cookie: head.cookie, 'content-type': urlencoded, ...headers },
  });

/** Memory of this process, which the site runs in, grows by less than this while it is attacked. In bytes. */
async function grows(most: number, attack: () => Promise<void>): Promise<void> {
  const before = process.memoryUsage.rss();
  await attack();
  const grown = process.memoryUsage.rss() - before;
  assert.ok(grown < most, `${Math.round(grown / 1e6)} MB`);
}

const megabyte = 1_000_000;

describe('a form', () => {
  const token = () => `csrf=${head.formToken}&purpose=attendance`;

  test('of usual size is read', async () => {
    assert.equal((await post(token())).status, 303);
    assert.equal((await post(`${token()}&more=${'é'.repeat(5000)}`)).status, 303);
  });

  test('of more than 64 KiB is refused, said beforehand or not, and is not read to its end', async () => {
    const body = `${token()}&more=${'a'.repeat(65_536)}`;
    assert.equal((await post(body)).status, 413);
    const start = `POST /purpose HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${urlencoded}\r\n`;
    assert.match(
      await site.raw(`${start}Content-Length: 99999999999\r\n\r\na=b`),
      /^HTTP\/1\.1 413 /,
    );
    await grows(40 * megabyte, async () => {
      const chunk = `10000\r\n${'a'.repeat(0x10000)}\r\n`;
      const told = await site.raw(`${start}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(300)}`);
      assert.match(told, /^HTTP\/1\.1 413 /);
    });
  });

  test('whose length is no length is refused', async () => {
    const start = `POST /purpose HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${urlencoded}\r\n`;
    for (const length of [
      '-1',
      '1e9',
      '0x10',
      '99999999999999999999999999',
      '1, 2',
      ' ',
      '5\x00',
    ]) {
      const told = await site.raw(`${start}Content-Length: ${length}\r\n\r\na=bcd`);
      assert.match(told, /^HTTP\/1\.1 4(00|13) /, length);
    }
  });

  test('of more fields than any form has is refused', async () => {
    assert.equal((await post(`${token()}${'&a=b'.repeat(98)}`)).status, 303);
    assert.equal((await post(`${token()}${'&a=b'.repeat(99)}`)).status, 400);
    assert.equal(
      (await post(`${token()}${'&'.repeat(30_000)}`)).status,
      303,
      'nothing is no field',
    );
    assert.equal((await post('a&'.repeat(30_000))).status, 400);
  });

  test('whose names would make depth is flat', async () => {
    const deep = `a${'[b]'.repeat(10_000)}=c&a[0][0][0]=d&a.b.c=e`;
    assert.equal((await post(`${token()}&${deep}`)).status, 303);
  });

  test('that is compressed is refused unread, and so unpacks to nothing', async () => {
    const bomb = gzipSync(Buffer.alloc(50 * megabyte, 'a'));
    assert.ok(bomb.length < 65_536, 'small enough to be read');
    await grows(40 * megabyte, async () => {
      for (const encoding of ['gzip', 'GZIP', 'deflate', 'br', 'gzip, gzip', 'x']) {
        assert.equal((await post(bomb, { 'content-encoding': encoding })).status, 415, encoding);
      }
    });
    assert.equal((await post(bomb)).status, 400, 'without saying so it is bytes that are no text');
  });

  test('of another kind is refused: XML with entities, JSON, files, and what the browser does not say', async () => {
    const entities = `<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]><a>&b;&x;</a>`;
    const depth = `${'['.repeat(30_000)}${']'.repeat(30_000)}`;
    const bodies: [string, string][] = [
      ['application/xml', entities],
      ['text/xml', entities],
      ['application/soap+xml', entities],
      ['application/json', depth],
      ['application/json', '{"a":{"toString":1,"valueOf":1}}'],
      ['text/plain', 'a=b'],
      [
        'multipart/form-data; boundary=x',
        '--x\r\nContent-Disposition: form-data; name="a"; filename="a.zip"\r\n\r\nPK\r\n--x--',
      ],
      ['application/octet-stream', 'a'],
      ['application/x-www-form-urlencodedx', 'a=b'],
      ['*/*', 'a=b'],
    ];
    for (const [type, body] of bodies) {
      assert.equal((await post(body, { 'content-type': type })).status, 415, type);
    }
  });

  test('of characters that are none is read as text, and harms nothing', async () => {
    for (const odd of ['%', '%zz', '%c3', '%ed%a0%80', '\xff\xfe', '%u0041', '=', '==', '&&=&']) {
      const { status } = await post(Buffer.from(`${token()}&odd=${odd}`, 'latin1'));
      assert.equal(status, 303, odd);
    }
  });

  test('with a zero character, which no text has and no database takes, is refused', async () => {
    for (const zero of ['%00', '\0', 'a%00b']) {
      assert.equal((await post(`${token()}&odd=${zero}`)).status, 400, JSON.stringify(zero));
    }
  });
});

describe('an address or a header', () => {
  test('longer than any is refused', async () => {
    assert.match(
      await site.raw(`GET /schools?q=${'a'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`),
      / 431 /,
    );
    const header = `X-A: ${'a'.repeat(20_000)}\r\n`;
    assert.match(await site.raw(`GET / HTTP/1.1\r\nHost: x\r\n${header}\r\n`), / 431 /);
    const many = 'X-A: a\r\n'.repeat(5000);
    assert.match(await site.raw(`GET / HTTP/1.1\r\nHost: x\r\n${many}\r\n`), / 431 /);
    assert.equal((await site.ask(`/schools/${'1'.repeat(5000)}`)).status, 414);
  });

  test('of very many fields is answered like any other', async () => {
    assert.equal((await site.ask(`/schools?${'a=b&'.repeat(3000)}q=x`)).status, 200);
    assert.equal((await site.ask('/', { headers: { cookie: 'a=b; '.repeat(2500) } })).status, 200);
  });
});

describe('a file that is imported', () => {
  const file = (name: string, content: Buffer | string): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const refused = (path: string, words: RegExp) =>
    grows(150 * megabyte, async () => {
      const began = performance.now();
      await assert.rejects(importFiles(open.stores, [path]), (error) => {
        assert.ok(error instanceof Refusal, String(error));
        assert.match(error.message, words);
        return true;
      });
      assert.ok(performance.now() - began < 5000);
    });

  /** Of which all but the beginning is a hole of zeros on the disk. */
  function hugeFile(name: string, bytes: number): string {
    const path = join(folder, name);
    const handle = openSync(path, 'w');
    writeSync(handle, 'a'.repeat(300_000));
    ftruncateSync(handle, bytes);
    closeSync(handle);
    return path;
  }

  test('of a gigabyte in one line is refused at the beginning of it', async () => {
    await refused(hugeFile('line.csv', 1_000_000_000), /row has more than 65,536 characters/);
  });

  test('of zeros, or that is no file, is refused', async () => {
    await refused(file('zeros.csv', Buffer.alloc(100_000)), /zero bytes/);
    await refused('/dev/zero', /pipe or a device/);
    await refused(folder, /folder/);
  });

  test('that unzips to far more than any table is refused', async () => {
    const bomb = gzipSync(Buffer.alloc(50 * megabyte, 'a,b\n'));
    await refused(file('bomb.csv.gz', bomb), /not|more than/);
    const header = 'time_period,time_identifier,geographic_level\n';
    const rows = gzipSync(Buffer.concat([Buffer.from(header), Buffer.alloc(50 * megabyte, '\n')]));
    await refused(file('rows.csv.gz', rows), /blank rows|unzips to more|column|not/);
  });

  test('in a quotation that never ends, or of a quotation in every cell, is refused', async () => {
    await refused(
      file('quote.csv', `a,"${'b\n'.repeat(500_000)}`),
      /row has more than|never closed/,
    );
    await refused(file('quotes.csv', '"'.repeat(5_000_000)), /row has more than|quotation/);
    await refused(file('columns.csv', ','.repeat(60_000)), /./);
  });

  test('of another kind is refused by its first bytes, and nothing in it is followed', async () => {
    const xml =
      '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>';
    await refused(file('a.xml', xml), /web page, not a table/);
    await refused(
      file('a.xlsx', Buffer.from('PK\x03\x04aaaa', 'latin1')),
      /ZIP archive or an Excel/,
    );
    await refused(file('a.json', `${'['.repeat(100_000)}`), /JSON/);
  });
});

test('nothing of all that was a fault', () => {
  assert.deepEqual(open.faults, []);
});
