import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  type AttackedSite,
  openAttackedSite,
  pathOf,
  type Running,
  type Visitor,
} from './site.fixture.ts';

/*
 * Somebody adds fields to a form that the page does not have (a role, a person, an outcome), or names that mean something to
 * the language this is written in, so that more is changed than they may change.
 */

let open: AttackedSite;
let site: Running;
let visitors: Visitor[];
before(async () => {
  open = await openAttackedSite();
  site = await open.run({ demo: true });
  visitors = await Promise.all(
    (['head', 'parent', 'socialWorker', 'auditor', 'hub'] as const).map((each) =>
      site.signIn(each),
    ),
  );
});
after(() => open.close());

const tables = [
  'people',
  'appointments',
  'api_keys',
  'pupils',
  'characteristics',
  'contacts',
  'cases',
] as const;
async function rowsOf(): Promise<string> {
  const { records } = open.stores;
  const rows = await Promise.all(
    tables.map((table) => records.selectFrom(table).selectAll().execute()),
  );
  return JSON.stringify(rows.map((each) => each.map((row) => JSON.stringify(row)).sort()));
}

const rights = {
  ...{
    role: 'administrator',
    scope: '',
    person: '1',
    id: '1',
    approved: 'true',
    admin: '1',
    is_admin: '1',
  },
  ...{
    appointment: '20',
    as: 'department',
    viewer: 'department',
    given_by: '1',
    ended_at: '',
    closed_at: '',
  },
  ...{
    starts_on: '2020-01-01',
    ends_on: '2030-01-01',
    stepped_up_at: '2030-01-01',
    proved_at: '2030-01-01',
  },
  ...{
    outcome: 'accepted',
    decided_by: 'x',
    decided_at: '2026-01-01',
    answer: 'granted, of course',
  },
  ...{
    pupil: '13',
    urn: '900001',
    restricted_at: '',
    parental_responsibility: 'true',
    purpose: 'oversight',
  },
  ...{
    abilities: 'everything',
    token_hash: 'x',
    session: 'x',
    from: '10.0.0.1',
    closes_at: '2030-01-01',
  },
};

test('no form gives a right, changes a person or decides a correction, whatever else is in it', async () => {
  const before = await rowsOf();
  for (const visitor of visitors) {
    for (const route of site.routes.filter(({ method }) => method === 'POST')) {
      if (['/sign-out', '/pupils/:id/restriction'].includes(route.path)) continue;
      await visitor.post(pathOf(route), {
        ...rights,
        ...{ field: 'upn', wanted: 'A123456789012', because: 'because I say so' },
      });
    }
  }
  assert.equal(await rowsOf(), before);
});

describe('a correction', () => {
  const ask = async (form: Record<string, string>) => {
    const [head] = visitors;
    return (
      (await head?.post(`/pupils/${open.cast.pupils.get('classmateOne')}/corrections`, {
        ...{ because: 'the birth certificate says so', wanted: 'Sentinel' },
        ...form,
      })) ?? { status: 0 }
    );
  };
  const kept = () => open.stores.records.selectFrom('corrections').selectAll().execute();

  test('is of what can be corrected and of nothing else that a record has', async () => {
    for (const field of [
      'upn',
      'id',
      'person',
      'restricted_at',
      'created_at',
      'constructor',
      '__proto__',
      'toString',
      'hasOwnProperty',
      '',
    ]) {
      assert.equal(
        (await ask({ field })).status,
        200,
        `${field}: the form again, with what is wrong`,
      );
    }
    assert.deepEqual(await kept(), []);
  });

  test('that was asked waits for a decision, and is of the child in the address', async () => {
    const pupil = open.cast.pupils.get('classmateOne');
    const other = String(open.cast.pupils.get('villageChild'));
    await ask({ field: 'forename', ...rights, pupil: other, asked_by: 'somebody else', was: 'x' });
    const rows = await kept();
    for (const row of rows) {
      assert.deepEqual([row.pupil, row.outcome, row.decided_at], [pupil, null, null]);
      assert.doesNotMatch(row.asked_by, /somebody else/);
      assert.notEqual(row.was, 'x');
    }
  });
});

describe('choosing', () => {
  test('an appointment, a purpose or somebody of the demo gives none that is not one’s own', async () => {
    const { records } = open.stores;
    const [head] = visitors;
    assert.ok(head);
    const others = await records.selectFrom('appointments').selectAll().execute();
    for (const { id, person } of others) {
      if (person === head.person) continue;
      const { headers } = await head.post('/sign-in/as', { ...rights, appointment: String(id) });
      assert.equal(headers['set-cookie'], undefined);
    }
    for (const purpose of [
      'oversight',
      'own-record',
      'emergency',
      'early-help',
      'constructor',
      '__proto__',
    ]) {
      assert.equal((await head.post('/purpose', { ...rights, purpose })).status, 200, purpose);
    }
    for (const viewer of [
      'operator',
      'administrator',
      'auditor',
      'head:100000',
      'constructor',
      '__proto__',
      'public:1',
    ]) {
      const { headers } = await site.ask('/demo', { method: 'POST', form: { ...rights, viewer } });
      assert.equal(headers['set-cookie'], undefined, viewer);
    }
  });

  test('what a key may do gives nothing but what there is', async () => {
    const administrator = await site.signIn('administrator');
    const form = {
      ...rights,
      name: 'x',
      urn: '900001',
      days: '5',
      'pupils:read': 'yes',
      '*': 'yes',
      constructor: 'yes',
    };
    await administrator.post('/administration/keys', form);
    assert.deepEqual(await open.stores.records.selectFrom('api_keys').selectAll().execute(), []);
    await administrator.post('/administration/keys', { ...form, 'registers:write': 'yes' });
    const [key] = await open.stores.records.selectFrom('api_keys').selectAll().execute();
    assert.equal(key?.abilities, 'registers:write');
    assert.equal(key?.viewer, 'system:900001');
  });
});

describe('names that mean something to the language', () => {
  const names = [
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'valueOf',
    'hasOwnProperty',
    '__proto__[polluted]',
    'constructor[prototype][polluted]',
    '__proto__.polluted',
    'then',
    'length',
  ];

  test('change nothing, in a query, a form, a cookie, a header or a path', async () => {
    const [head] = visitors;
    const body = names.map((name) => `${encodeURIComponent(name)}=polluted`).join('&');
    for (const route of site.routes.filter(({ path }) => path !== '/sign-out')) {
      const path = `${pathOf(route)}?${body}&${body.replaceAll('%5B', '[').replaceAll('%5D', ']')}`;
      const { status } = (await (route.method === 'GET'
        ? head?.get(path)
        : head?.post(path, Object.fromEntries(names.map((name) => [name, 'polluted']))))) ?? {
        status: 0,
      };
      assert.notEqual(status, 500, route.path);
    }
    for (const name of names) {
      const part = encodeURIComponent(name);
      for (const path of [
        `/schools/${part}`,
        `/assets/${part}`,
        `/pupils/${part}`,
        `/${part}`,
        `/api/v1/${part}`,
        `/authorities/${part}`,
        `/trusts/${part}`,
      ]) {
        const headers = { cookie: `${head?.cookie}; ${name}=polluted` };
        const { status } = await site.ask(path, { headers });
        assert.ok(status >= 400 && status < 500, `${path}: ${status}`);
      }
    }
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
    assert.equal(Object.prototype.toString.call([]), '[object Array]');
    assert.deepEqual(Object.keys(Object.prototype), []);
  });

  test('nor does a field that comes twice: one counts', async () => {
    const [head] = visitors;
    assert.ok(head);
    const token = `csrf=${head.formToken}`;
    const send = (body: string) =>
      site.ask('/purpose', {
        ...{ method: 'POST', body },
        headers: { cookie: head.cookie, 'content-type': 'application/x-www-form-urlencoded' },
      });
    assert.equal((await send(`${token}&csrf=x&purpose=attendance`)).status, 403);
    assert.equal((await send(`${token}&purpose=attendance&purpose=oversight`)).status, 200);
    assert.equal((await send(`${token}&purpose[]=attendance`)).status, 200);
    assert.equal((await send(`${token}&purpose=x&purpose=attendance`)).status, 303);
  });
});

test('nothing of all that was a fault', () => {
  assert.deepEqual(open.faults, []);
});
