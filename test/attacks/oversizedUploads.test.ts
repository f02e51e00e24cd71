import assert from 'node:assert/strict';
import { once } from 'node:events';
import { closeSync, ftruncateSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Refusal } from '../../src/base/problem.ts';
import { systemClock } from '../../src/base/clock.ts';
import { demoCast } from '../../src/demo/index.ts';
import { pupilsKind } from '../../src/registers/roll/kinds.ts';
import { importFiles } from '../../src/publications/index.ts';
import { makeKey } from '../../src/signIn/index.ts';
import { scratchFolder } from '../../src/testing/stores.ts';
import { type AttackedSite, openAttackedSite, type Running, type Visitor } from './site.fixture.ts';

/*
 * Somebody sends more than anybody needs to send: to fill the memory, to keep the processor busy, or to have something
 * small unpacked into something huge. What comes from outside is read in forms, in files that a school sends by a page or
 * its system pushes, and in files that the operator imports. There is no reader of ZIP or of workbooks.
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

describe('a file that a school sends', () => {
  const { urn } = demoCast.improvingSecondary;
  const [rolls, uploads] = [`/schools/${urn}/roll`, `/schools/${urn}/uploads`];
  const boundary = 'zyx';
  const type = `multipart/form-data; boundary=${boundary}`;
  const part = (head: string, body: string) =>
    `--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n\r\n${body}\r\n`;
  const fields = () => part('name="csrf"', head.formToken) + part('name="what"', 'pupils');
  const fileHead = () => `${fields()}${part('name="file"; filename="a.csv"', '').slice(0, -2)}`;
  const end = `\r\n--${boundary}--\r\n`;
  const own = () => ({
    ...{ cookie: head.cookie, origin: site.address, 'sec-fetch-site': 'same-origin' },
    'content-type': type,
  });
  const sendForm = (path: string, body: string | Buffer) =>
    site.ask(path, { method: 'POST', body, headers: own() });
  const sent = () =>
    open.stores.records.selectFrom('uploads').select(['id', 'state', 'failure']).execute();

  /** So many megabytes of a file that never ends, as fast as they are taken; the status they are answered with, 0 where the connection was cut first. */
  async function pour(path: string, megabytes: number): Promise<number> {
    const outgoing = request({
      ...{ host: '127.0.0.1', port: site.port, method: 'POST', path, agent: false },
      headers: { host: `localhost:${site.port}`, ...own() },
    });
    const answer = { status: 0 };
    const ended = once(outgoing, 'close').catch(() => {});
    outgoing.on('response', (response) => {
      answer.status = response.statusCode ?? 0;
      outgoing.destroy();
    });
    outgoing.on('error', () => {});
    outgoing.write(fileHead());
    const chunk = Buffer.alloc(megabyte, 'a,b\n');
    for (
      let count = 0;
      count < megabytes && answer.status === 0 && !outgoing.destroyed;
      count += 1
    ) {
      if (!outgoing.write(chunk))
        await Promise.race([once(outgoing, 'drain').catch(() => {}), ended]);
    }
    await ended;
    return answer.status;
  }

  test('by a form is taken, so that what is refused below is refused for what it is', async () => {
    const { status, body } = await sendForm(rolls, `${fileHead()}a,b\n1,2\n${end}`);
    assert.equal(status, 200);
    assert.match(body, /No row of headings was found/);
  });

  test('of more bytes than its page says is refused, and is held neither in memory nor on the disk', async () => {
    await grows(250 * megabyte, async () => {
      assert.ok([413, 0].includes(await pour(rolls, 300)));
      assert.ok([413, 0].includes(await pour(uploads, 300)));
    });
    assert.deepEqual(await sent(), []);
  });

  test('in a form that breaks off, or whose parts have no end, is refused', async () => {
    const bodies = {
      nothing: '',
      'no boundary': 'a=b',
      'another boundary': `${fileHead()}a,b${end}`.replaceAll(boundary, 'other'),
      'a file without end': `${fileHead()}a,b\n1,2\n`,
      'a field without end': `--${boundary}\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n${'a'.repeat(megabyte)}`,
      'a head without end': `--${boundary}\r\nContent-Disposition: form-data; name="${'a'.repeat(megabyte)}`,
      'a part without a name': `--${boundary}\r\nX: y\r\n\r\na${end}`,
      'fields without end': part('name="a"', 'b').repeat(5000),
    };
    await grows(100 * megabyte, async () => {
      for (const [what, body] of Object.entries(bodies)) {
        for (const path of [rolls, uploads]) {
          assert.equal((await sendForm(path, body)).status, 400, `${path}: ${what}`);
        }
      }
    });
    assert.deepEqual(await sent(), []);
  });

  test('without the token of its page, or by nobody, is refused before its bytes are read', async () => {
    const forged = fileHead().replace(head.formToken, 'x');
    for (const path of [rolls, uploads]) {
      assert.equal((await sendForm(path, `${forged}a${end}`)).status, 403, path);
      const headers = { ...own(), cookie: '' };
      const body = `${fileHead()}a${end}`;
      const { status } = await site.ask(path, { method: 'POST', body, headers });
      assert.ok([401, 403].includes(status), path);
    }
    assert.deepEqual(await sent(), []);
  });

  test('that unzips to far more than any register is given up', async () => {
    const rows = `${'a'.repeat(99)}\n`.repeat(500_000);
    const bombOf = (headings: string) => gzipSync(`${headings}\n${rows}`);
    const formOf = (file: Buffer) =>
      Buffer.concat([Buffer.from(fileHead()), file, Buffer.from(end)]);
    const roll = formOf(bombOf(pupilsKind.shape.columns.map(({ name }) => name).join(',')));
    const register = formOf(bombOf('urn,upn,date,session,code'));
    await grows(150 * megabyte, async () => {
      const told = await sendForm(rolls, roll);
      assert.equal(told.status, 200);
      assert.match(told.body, /unzips to more/);
      assert.equal((await sendForm(uploads, register)).status, 303);
      const deadline = Date.now() + 10_000;
      while ((await sent()).at(-1)?.state !== 'failed' && Date.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    });
    const [upload, ...more] = await sent();
    assert.deepEqual(more, []);
    assert.match(upload?.failure ?? '', /unzips to more/);
  });

  test('by its system is unpacked within limits, and only for a key', async () => {
    const wanted = { name: 'MIS', urn: String(urn), abilities: ['registers:write'], days: 1 };
    const { text } = await makeKey(open.stores.records, wanted, systemClock());
    const push = (path: string, body: Buffer, more: Record<string, string> = {}) =>
      site.ask(path, {
        ...{ method: 'POST', body },
        headers: {
          ...{ authorization: `Bearer ${text}`, 'content-type': 'application/json' },
          ...{ 'content-encoding': 'gzip', ...more },
        },
      });
    const bomb = gzipSync(Buffer.alloc(50 * megabyte, '['));
    const deep = Buffer.from(`${'['.repeat(200_000)}`);
    const before = (await sent()).length;
    await grows(250 * megabyte, async () => {
      for (const what of ['registers', 'pupils', 'calendars', 'schools']) {
        const path = `/api/v1/${what}`;
        const told = async (body: Buffer, more?: Record<string, string>) =>
          (await push(path, body, more)).status;
        assert.ok([400, 413].includes(await told(bomb)), `${path}: a bomb`);
        assert.equal(await told(bomb.subarray(0, 1000)), 400, `${path}: half a gzip`);
        assert.equal(await told(Buffer.from('[]')), 400, `${path}: no gzip`);
        assert.equal(await told(bomb, { 'content-encoding': 'br' }), 415, `${path}: brotli`);
        assert.equal(await told(bomb, { 'content-encoding': 'gzip, gzip' }), 415, `${path}: twice`);
        assert.equal(await told(bomb, { authorization: 'Bearer x' }), 401, `${path}: no key`);
        const plain = { 'content-encoding': 'identity' };
        assert.equal(await told(deep, plain), 400, `${path}: depth`);
      }
    });
    const failed = (await sent()).slice(before);
    assert.ok(
      failed.every(({ state }) => state === 'failed'),
      JSON.stringify(failed),
    );
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
