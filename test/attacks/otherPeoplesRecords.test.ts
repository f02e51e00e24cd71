import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { CastPersonKey } from '../../src/demo/index.ts';
import { makeKey } from '../../src/signIn/index.ts';
import {
  type Answer,
  type AttackedSite,
  inTurn,
  openAttackedSite,
  pathOf,
  type Running,
  type Visitor,
} from './site.fixture.ts';

/*
 * Somebody who is signed in, and may see something, puts other numbers into addresses and forms: of other people’s children,
 * of people, keys, appointments, corrections and emergencies; or finds out by the answers which numbers there are.
 */

let open: AttackedSite;
let site: Running;
const visitors = new Map<CastPersonKey, Visitor>();
const names = new Map<number, string>();

/** Whose children the cast may see by the stories of their own; everybody else’s are others’. */
const seesNobody: CastPersonKey[] = [
  ...(['formerHead', 'formerParent', 'hub', 'auditor', 'administrator', 'department'] as const),
  ...(['authorityAnalyst', 'adviser', 'inspector'] as const),
];
const sees: Partial<Record<CastPersonKey, RegExp>> = {
  otherParent: /^(signsIn)$/,
  pupil: /^(signsIn)$/,
  villageHead: /^(villageChild|youngerSibling)$/,
  parent: /^(elderSibling|youngerSibling)$/,
};

before(async () => {
  open = await openAttackedSite();
  site = await open.run();
  for (const key of [...seesNobody, ...(Object.keys(sees) as CastPersonKey[])]) {
    visitors.set(key, await site.signIn(key));
  }
  const { records } = open.stores;
  for (const [key, id] of open.cast.pupils) {
    const canary = `Kanarie${key}`;
    names.set(id, canary);
    await records
      .updateTable('pupils')
      .set({ surname: canary, forename: canary })
      .where('id', '=', id)
      .execute();
  }
});
after(() => open.close());

/** The children whose names are in an answer, by their keys, that this person does not see. */
function othersIn({ body, headers }: Answer, who: CastPersonKey): string[] {
  const own = sees[who];
  const told = `${body}${JSON.stringify(headers)}`;
  return [...open.cast.pupils.keys()].filter(
    (key) => told.includes(`Kanarie${key}`) && !own?.test(key),
  );
}

test('the test sees what it looks for: a parent’s own children are on the parent’s page', async () => {
  const { body } = (await visitors.get('parent')?.get('/my-children')) ?? { body: '' };
  assert.match(body, /KanarieelderSibling/);
});

describe('nobody gets another child’s record', () => {
  test('by any number in any address or form, as anybody', async () => {
    const form = {
      ...{ field: 'surname', wanted: 'Stolen', because: 'because I want it', outcome: 'accepted' },
      ...{ answer: 'all is well with this', reason: 'too short', note: 'too short' },
      ...{
        lift: 'yes',
        purpose: 'own-record',
        surname: 'Kanariesigns',
        date_of_birth: '2010-01-01',
      },
    };
    const about = site.routes.filter(({ path }) =>
      /:(id|correction|emergency|person|key|appointment)/.test(path),
    );
    assert.ok(about.length >= 12, `${about.length} routes`);
    const found: string[] = [];
    for (const [turn, [who, visitor]] of [...visitors].entries()) {
      const others = [...open.cast.pupils].filter(([key]) => !sees[who]?.test(key));
      for (const each of [2 * turn, 2 * turn + 1]) {
        const [, id] = inTurn(others, each);
        for (const route of about) {
          const path = pathOf(route, { id: String(id) });
          const answer = await (route.method === 'GET'
            ? visitor.get(path)
            : visitor.post(path, form));
          const forAuditor = who === 'auditor' && route.needs === 'audit';
          const isForm = route.needs === 'opening in an emergency';
          if (route.path.startsWith('/pupils/') && !forAuditor && !isForm) {
            assert.notEqual(answer.status, 200, `${who} ${path}`);
          }
          found.push(...othersIn(answer, who).map((child) => `${who} ${path}: ${child}`));
        }
      }
    }
    assert.deepEqual(found, []);
    const changed = await open.stores.records
      .selectFrom('pupils')
      .select(['id', 'surname'])
      .execute();
    for (const { id, surname } of changed) assert.equal(surname, names.get(id));
    assert.deepEqual(await open.stores.records.selectFrom('corrections').selectAll().execute(), []);
  });

  test('by any page at all, whatever number, name or school is asked for', async () => {
    const id = String(open.cast.pupils.get('classmateOne'));
    const found: string[] = [];
    for (const [turn, [who, visitor]] of [...visitors].entries()) {
      for (const [index, route] of site.routes.entries()) {
        if (route.method !== 'GET' || (index + turn) % 3 > 0) continue;
        const path = `${pathOf(route, { id })}?id=${id}&child=${id}&pupil=${id}&q=Kanarie&person=${visitor.person}`;
        const answer = await visitor.get(path);
        found.push(...othersIn(answer, who).map((child) => `${who} ${path}: ${child}`));
      }
    }
    assert.deepEqual(found, []);
  });

  test('by their number written in another way', async () => {
    const id = open.cast.pupils.get('classmateOne') ?? 0;
    const visitor = visitors.get('parent');
    const own = open.cast.pupils.get('elderSibling') ?? 0;
    const ways = [
      ...[
        `0${id}`,
        `${id}.0`,
        `+${id}`,
        `${id}e0`,
        `0x${id.toString(16)}`,
        `${id}%20`,
        `%20${id}`,
        `${id}%00`,
        `-${id}`,
      ],
      ...[
        `${own},${id}`,
        `${own};${id}`,
        `${own}/../${id}`,
        `${own}%2f..%2f${id}`,
        `${own}?id=${id}`,
        `[${id}]`,
        `${id}n`,
        encodeURIComponent('١٠'),
      ],
    ];
    for (const way of ways) {
      for (const end of ['', '/export', '/corrections', '/who-looked']) {
        const answer = await visitor?.get(`/pupils/${way}${end}`);
        assert.ok(answer);
        assert.deepEqual(othersIn(answer, 'parent'), [], way);
      }
    }
  });

  test('with the key of a school’s system', async () => {
    const { text } = await makeKey(
      open.stores.records,
      { name: 'x', urn: '900001', abilities: ['registers:write'], days: 5 },
      new Date(),
    );
    for (const route of site.routes.filter(({ method }) => method === 'GET')) {
      for (const id of open.cast.pupils.values()) {
        if (!route.path.includes(':id') && id > 1) continue;
        const headers = { authorization: `Bearer ${text}` };
        const { body } = await site.ask(pathOf(route, { id: String(id) }), { headers });
        assert.doesNotMatch(body, /Kanarie/, route.path);
      }
    }
  });
});

describe('whether there is something of a number is told to nobody who may not see it', () => {
  /** What an answer tells, the address that was asked for taken out. */
  const told = ({ status, headers, body }: Answer, path: string) => {
    const { date: _, 'content-length': __, ...rest } = headers;
    return JSON.stringify([status, rest, body])
      .replaceAll(path, 'PATH')
      .replaceAll(encodeURIComponent(path), 'PATH')
      .replaceAll(path.replaceAll('/', '%2F'), 'PATH');
  };

  test('of a child: the same answer for one there is, a restricted one, one who left, and none', async () => {
    const { pupils } = open.cast;
    const none = 99_999;
    const about = site.routes.filter(
      ({ path }) => path.startsWith('/pupils/:id') && !path.includes('emergency'),
    );
    for (const who of ['formerParent', 'inspector', 'auditor', 'parent'] as const) {
      const visitor = visitors.get(who);
      assert.ok(visitor);
      for (const route of about) {
        if (who === 'auditor' && route.needs === 'audit') continue;
        const ask = async (id: number): Promise<string> => {
          const path = pathOf(route, { id: String(id) });
          const form = { because: 'because of that' };
          return told(
            await (route.method === 'GET' ? visitor.get(path) : visitor.post(path, form)),
            path,
          );
        };
        const expected = await ask(none);
        for (const key of ['classmateOne', 'restricted', 'leftLongAgo', 'openCase']) {
          assert.equal(await ask(pupils.get(key) ?? 0), expected, `${who} ${route.path} ${key}`);
        }
      }
    }
  });

  test('of a child: nor by the time that the answer takes', async () => {
    const visitor = visitors.get('parent');
    const timeOf = async (id: number) => {
      const began = performance.now();
      await visitor?.get(`/pupils/${id}`);
      return performance.now() - began;
    };
    const times: Record<'there' | 'none', number[]> = { there: [], none: [] };
    for (let round = 0; round < 40; round += 1) {
      times.there.push(await timeOf(open.cast.pupils.get('classmateOne') ?? 0));
      times.none.push(await timeOf(99_999));
    }
    const middle = (all: number[]) => all.sort((a, b) => a - b)[all.length >> 1] ?? 0;
    const [there, none] = [middle(times.there), middle(times.none)];
    // Of a few milliseconds each; a network adds more than this.
    assert.ok(Math.abs(there - none) < 10, `${there} ms and ${none} ms`);
  });

  test('of a key: the same answer whether its number is one', async () => {
    const { records } = open.stores;
    const { id } = await makeKey(
      records,
      { name: 'x', urn: '900001', abilities: ['registers:write'], days: 5 },
      new Date(),
    );
    const answers: string[] = [];
    for (const number of [id, 99_999]) {
      const headers = { authorization: `Bearer rollcall_${number}_${'a'.repeat(43)}` };
      answers.push(told(await site.ask('/api/v1/schools', { headers }), '/api/v1/schools'));
    }
    assert.equal(answers[0], answers[1]);
  });

  test('of a person, an appointment, a key or an emergency: everybody else is refused alike', async () => {
    for (const who of ['villageHead', 'parent', 'department', 'inspector'] as CastPersonKey[]) {
      const visitor = visitors.get(who);
      for (const route of site.routes.filter(
        ({ needs }) => needs === 'administration' || needs === 'audit',
      )) {
        if (route.path.startsWith('/pupils/')) continue;
        const answers = await Promise.all(
          ['1', '99999'].map(async (number) => {
            const values = {
              person: number,
              key: number,
              appointment: number,
              emergency: number,
              id: number,
            };
            const path = pathOf(route, values);
            const answer = (await (route.method === 'GET'
              ? visitor?.get(path)
              : visitor?.post(path))) as Answer;
            assert.equal(answer.status, 403, `${who} ${path}`);
            return told(answer, path);
          }),
        );
        assert.equal(answers[0], answers[1], route.path);
      }
    }
  });
});

test('nothing of all that was a fault', () => {
  assert.deepEqual(open.faults, []);
});
