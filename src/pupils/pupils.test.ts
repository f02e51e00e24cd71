import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import {
  type Answer,
  type Ask,
  type DataClass,
  decide,
  grant,
  openTrail,
  operator,
  parseViewer,
  type Purpose,
  purposes,
  type Role,
  roleNames,
  type Route,
  type Trail,
  type Viewer,
  viewerText,
} from '../access/index.ts';
import { dayInEngland } from '../base/clock.ts';
import { Refusal } from '../base/problem.ts';
import { castPeople, type CastPersonKey } from '../demo/people.ts';
import { castChildren } from '../demo/pupils.ts';
import { makeEngland, saveEngland } from '../demo/index.ts';
import { type SeededCast, seedPupils } from '../demo/seedPupils.ts';
import { importFiles } from '../publications/index.ts';
import {
  addCorrection,
  addPupil,
  addWorklistNote,
  keepPerson,
  keepWorklistHolder,
  pupilsByNumber,
  searchAudit,
} from '../records/index.ts';
import { directoriesOf } from '../schools/index.ts';
import type { Stores } from '../stores/index.ts';
import { openTestStores, scratchFolder, testClock } from '../testing/stores.ts';
import { createAssets, createRenderer } from '../ui/index.ts';
import { askCorrection, decideCorrection } from './correction.ts';
import { type OpenEmergency, openedBy } from './emergency.ts';
import { pupilCommands, pupilRoutes, pupilsFor, type Registry, subjectOfPupil } from './index.ts';
import { erasePupil, exportPupil, restrictPupil, retainPupils } from './rights.ts';

let stores: Stores;
let close: () => Promise<void>;
let cast: SeededCast;
let viewers: Map<CastPersonKey, Viewer>;
let registry: Registry & { trail: Trail };
let now = testClock();
const clock = () => now;
const minutesLater = (minutes: number) => new Date(testClock().getTime() + minutes * 60_000);

before(async () => {
  ({ stores, close } = await openTestStores());
  const { folder } = scratchFolder();
  const england = makeEngland({ schools: 40, seed: 'demo' });
  await importFiles(stores, await saveEngland(england, folder));
  await rm(folder, { recursive: true });
  const seeded = await seedPupils(stores, { issuer: 'http://localhost', clock });
  assert.ok(seeded);
  cast = seeded;
  const directories = directoriesOf(stores);
  const trail = openTrail(stores.records, clock);
  registry = { records: stores.records, directories, clock, trail };
  viewers = new Map(
    castPeople(await directories()).flatMap(({ key, appointments }) =>
      appointments.map(({ role, scope }) => [
        key,
        { role, scope, person: cast.people.get(key) as number },
      ]),
    ),
  );
});
after(() => close());

const as = (key: CastPersonKey) => viewers.get(key) as Viewer;
const child = (key: string) => cast.pupils.get(key) as number;
const nobody = 999_999;
const from = 'tests';

const refused = (reason: Refusal['reason'], says?: RegExp) => (error: unknown) => {
  assert.ok(error instanceof Refusal, String(error));
  assert.equal(error.reason, reason, error.message);
  if (says) assert.match(error.message, says);
  return true;
};

/** The keys of the cast’s children who are this viewer’s to see for the purpose, a restricted record among them. */
async function seenBy(viewer: Viewer, purpose: Purpose | null): Promise<string[]> {
  const seen: string[] = [];
  for (const [key, id] of cast.pupils) {
    try {
      await pupilsFor(registry, viewer, purpose).get(id);
      seen.push(key);
    } catch (error) {
      refused('not-allowed')(error);
      if ((error as Refusal).message.startsWith('This record is restricted')) seen.push(key);
    }
  }
  return seen;
}

const atLanternfield = [
  ...['elderSibling', 'signsIn', 'openCase', 'closedCase', 'restricted', 'temporaryNumber'],
  ...['classmateOne', 'classmateTwo', 'otherClass'],
];
const inClass7B = ['elderSibling', 'openCase', 'restricted', 'classmateOne', 'classmateTwo'];
const inTheVillage = ['earlyHelp', 'villageChild'];

const whoSeesWhom: [CastPersonKey, Purpose, string[]][] = [
  ['head', 'attendance', atLanternfield],
  ['attendanceStaff', 'safeguarding', atLanternfield],
  ['teacher', 'attendance', inClass7B],
  ['villageHead', 'attendance', inTheVillage],
  ['trustLead', 'attendance', [...atLanternfield, 'youngerSibling']],
  [
    'authorityOfficer',
    'attendance',
    [...atLanternfield, 'youngerSibling', ...inTheVillage, 'special'],
  ],
  ['socialWorker', 'safeguarding', ['openCase']],
  ['earlyHelp', 'early-help', ['earlyHelp']],
  ['parent', 'own-record', ['elderSibling', 'youngerSibling']],
  ['otherParent', 'own-record', ['signsIn']],
  ['formerParent', 'own-record', []],
  ['pupil', 'own-record', ['signsIn']],
  ['department', 'attendance', []],
  ['adviser', 'attendance', []],
  ['authorityAnalyst', 'attendance', []],
  ['hub', 'attendance', []],
  ['inspector', 'attendance', []],
  ['auditor', 'oversight', []],
  ['administrator', 'oversight', []],
];

for (const [key, purpose, expected] of whoSeesWhom) {
  test(`${key} sees ${expected.length === 0 ? 'no child' : `these children alone: ${expected.join(', ')}`}`, async () => {
    assert.deepEqual((await seenBy(as(key), purpose)).sort(), [...expected].sort());
  });
}

test('everybody of the cast is among them, and there is somebody of every role that signs in', async () => {
  assert.deepEqual(
    [...viewers.keys()].filter((key) => !whoSeesWhom.some(([each]) => each === key)),
    ['formerHead'],
  );
  const roles = new Set([...viewers.values()].map(({ role }) => role));
  const others: Role[] = ['operator', 'system', 'public'];
  assert.deepEqual(
    roleNames.filter((role) => !roles.has(role) && !others.includes(role)),
    [],
  );
});

test('a child is seen for the purposes of one’s role and for no other, and for none at all by nobody', async () => {
  for (const [key, , expected] of whoSeesWhom.filter(([, , each]) => each.length > 0)) {
    const id = child(expected[0] as string);
    const allowed: (Purpose | null)[] = [];
    for (const purpose of [null, ...(Object.keys(purposes) as Purpose[])]) {
      const get = pupilsFor(registry, as(key), purpose).get(id);
      await get.then(
        () => allowed.push(purpose),
        refused('not-allowed', /^Say first what you look for/),
      );
    }
    const family = ['parent', 'pupil'].includes(as(key).role);
    const helping = ['social-worker', 'early-help'].includes(as(key).role);
    assert.deepEqual(
      allowed,
      family
        ? ['own-record']
        : helping
          ? ['safeguarding', 'early-help']
          : ['head', 'school'].includes(as(key).role)
            ? ['attendance', 'safeguarding', 'record-keeping']
            : ['attendance', 'safeguarding'],
      key,
    );
  }
});

test('another’s child is refused in the same words as a child that there is not', async () => {
  for (const [key, purpose, own] of whoSeesWhom) {
    const words = async (id: number) => {
      try {
        await pupilsFor(registry, as(key), purpose).get(id);
        return assert.fail(`${key} sees ${id}`);
      } catch (error) {
        refused('not-allowed')(error);
        return (error as Refusal).message;
      }
    };
    const none = await words(nobody);
    for (const [name, id] of cast.pupils) {
      if (!own.includes(name)) assert.equal(await words(id), none, `${key}, ${name}`);
    }
    assert.deepEqual(
      decide(as(key), 'pupil attendance', await subjectOfPupil(registry, nobody)),
      decide(as(key), 'pupil attendance', await subjectOfPupil(registry, child('leftLately'))),
    );
  }
  await assert.rejects(
    pupilsFor(registry, operator, 'own-record').get(nobody),
    refused('not-found'),
  );
});

test('the list of a school holds whom the viewer may see, and what is restricted without a name', async () => {
  const listed = async (key: CastPersonKey, urn: number) => {
    const list = await pupilsFor(registry, as(key), 'attendance').list(urn);
    return list.map((each) => (each.restricted ? '(restricted)' : each.forename));
  };
  assert.deepEqual(await listed('teacher', 900001), [
    ...['Fenella', 'Ysolda', 'Deverell', 'Merrin', '(restricted)'],
  ]);
  assert.equal((await listed('head', 900001)).length, atLanternfield.length);
  assert.ok((await listed('head', 900001)).includes('Isbel'));
  assert.deepEqual(await listed('villageHead', 900002), ['Linnet', 'Bryony']);
  for (const key of ['villageHead', 'parent', 'socialWorker', 'inspector', 'auditor'] as const) {
    await assert.rejects(listed(key, 900001), refused('not-allowed'), key);
  }
  await assert.rejects(listed('teacher', 900002), refused('not-allowed'));
  // The school's URN before it became an academy.
  assert.equal((await listed('trustLead', 900005)).length, 1);
});

test('what is mine is my children, my record, my cases of today', async () => {
  const mine = async (key: CastPersonKey, purpose: Purpose) =>
    (await pupilsFor(registry, as(key), purpose).mine()).map(({ id }) => id);
  assert.deepEqual(
    (await mine('parent', 'own-record')).sort((a, b) => a - b),
    [child('elderSibling'), child('youngerSibling')],
  );
  assert.deepEqual(await mine('formerParent', 'own-record'), []);
  assert.deepEqual(await mine('pupil', 'own-record'), [child('signsIn')]);
  assert.deepEqual(await mine('socialWorker', 'safeguarding'), [child('openCase')]);
  assert.deepEqual(await mine('head', 'attendance'), []);
});

test('what is shown of a child is what the policy shows: no characteristics to a teacher, no services to school staff or a family', async () => {
  const parts = async (key: CastPersonKey, purpose: Purpose, name: string) => {
    const shown = await pupilsFor(registry, as(key), purpose).get(child(name));
    const { characteristics, contacts, cases } = shown;
    return [
      characteristics !== null,
      characteristics?.upn != null,
      contacts?.length ?? null,
      cases?.length ?? null,
    ];
  };
  assert.deepEqual(await parts('teacher', 'attendance', 'openCase'), [false, false, null, null]);
  assert.deepEqual(await parts('attendanceStaff', 'attendance', 'openCase'), [true, true, 1, null]);
  // Who else knows a child is for keeping it safe, and not for following up absence.
  assert.deepEqual(await parts('head', 'attendance', 'openCase'), [true, true, 1, null]);
  assert.deepEqual(await parts('head', 'safeguarding', 'openCase'), [true, true, 1, 1]);
  assert.deepEqual(await parts('authorityOfficer', 'safeguarding', 'openCase'), [
    ...[true, true, 1, null],
  ]);
  assert.deepEqual(await parts('trustLead', 'safeguarding', 'openCase'), [true, true, null, null]);
  assert.deepEqual(await parts('socialWorker', 'safeguarding', 'openCase'), [true, true, 1, 1]);
  // Her own entry, and neither the father's nor a UPN.
  assert.deepEqual(await parts('parent', 'own-record', 'elderSibling'), [true, false, 1, null]);
  assert.deepEqual(await parts('pupil', 'own-record', 'signsIn'), [true, false, null, null]);
});

test('a restricted record says so and shows nothing, to all but its own head and the operator', async () => {
  const id = child('restricted');
  for (const key of ['teacher', 'attendanceStaff', 'trustLead', 'authorityOfficer'] as const) {
    await assert.rejects(
      pupilsFor(registry, as(key), 'attendance').get(id),
      refused('not-allowed', /^This record is restricted/),
    );
    await assert.rejects(
      exportPupil(registry, { viewer: as(key), purpose: 'attendance', pupil: id }),
      refused('not-allowed'),
    );
  }
  const shown = await pupilsFor(registry, as('head'), 'attendance').get(id);
  assert.ok(shown.restriction);
  const restrict = (key: CastPersonKey, because: string | null) =>
    restrictPupil(registry, {
      ...{ viewer: as(key), purpose: 'attendance', pupil: child('classmateOne'), because, from },
    });
  await assert.rejects(restrict('villageHead', 'a dispute'), refused('not-allowed', /own pupils/));
  await assert.rejects(restrict('teacher', 'a dispute'), refused('not-allowed'));
  await restrict('head', 'a dispute');
  const list = await pupilsFor(registry, as('teacher'), 'attendance').list(900001);
  assert.equal(list.filter(({ restricted }) => restricted).length, 2);
  await restrict('head', null);
});

/* Pages. What the web shell does for each is done here in few lines: subject → policy → answer → rendered. */

const site = { assets: createAssets(), homeHref: '/', navigation: [], footer: [] };
const render = createRenderer({ site });
const frame = {
  ...{ path: '/', demo: true, signedIn: true },
  viewer: { description: 'somebody', changeHref: null },
};

function routeOf(method: Route['method'], path: string) {
  const route = pupilRoutes(registry).find(
    (each) =>
      each.method === method &&
      new RegExp(`^${each.path.replaceAll(/:\w+/g, '[^/]+')}$`).test(path),
  );
  assert.ok(route, path);
  const names = route.path.split('/');
  const params = Object.fromEntries(
    path.split('/').flatMap((part, at) => {
      const name = names[at] ?? '';
      return name.startsWith(':') ? [[name.slice(1), part]] : [];
    }),
  );
  return { route, params };
}

async function visit(
  viewer: Viewer,
  purpose: Purpose | null,
  path: string,
  form?: Record<string, string>,
): Promise<Answer> {
  const { route, params } = routeOf(form ? 'POST' : 'GET', path);
  const subject = route.subject ? await route.subject(params, viewer) : {};
  const granted = grant(route, { viewer, chosen: purpose, canChoose: false }, subject);
  if (!granted.allowed) throw new Refusal('not-allowed', granted.reason);
  looked = [];
  const may: Ask['may'] = (data, about) => {
    const { allowed } = decide(viewer, data, about, { purpose: granted.purpose });
    if (allowed) looked.push({ data, pupil: about.pupil?.id });
    return allowed;
  };
  return route.answer({
    ...{ viewer, params, query: {}, form: form ?? {}, from, session: null, may },
    ...{ purpose: granted.purpose, cookies: new Map() },
  });
}

/** What the page asked about last visit, of whom: the shell writes a trace of each. */
let looked: { data: DataClass; pupil: number | undefined }[] = [];

/** The emergency under which somebody sees a child at the moment. */
async function emergencyOpen(viewer: Viewer, id: number): Promise<OpenEmergency | null> {
  return openedBy(viewer, await subjectOfPupil(registry, id));
}

async function html(...asked: Parameters<typeof visit>): Promise<string> {
  const answer = await visit(...asked);
  assert.ok(answer.kind === 'page', JSON.stringify(answer));
  return render(answer.template, { ...answer.model, frame });
}

const titleOf = (page: string) => /<title>([^<]*)/.exec(page)?.[1] ?? '';

test('each page is worded for whoever reads it, and none has a child’s name in its title', async () => {
  const seen: [CastPersonKey, Purpose, string, RegExp][] = [
    ['head', 'attendance', '/schools/900001/pupils', /Merrin Whimbrel/],
    ['teacher', 'attendance', '/schools/900001/pupils', /A restricted record/],
    ['head', 'safeguarding', `/pupils/${child('openCase')}`, /Social care<[^]*Tiberio Sundew/],
    ['parent', 'own-record', '/my-children', /Your children[^]*Tamsel Whimbrel/],
    ['formerParent', 'own-record', '/my-children', /No child is linked to you yet/],
    ['parent', 'own-record', `/pupils/${child('elderSibling')}`, /Your child’s record/],
    ['pupil', 'own-record', '/my-record', /Your record[^]*Corvane Samphire/],
    ['pupil', 'own-record', `/pupils/${child('signsIn')}`, /written down about you/],
    ['socialWorker', 'safeguarding', '/my-cases', /Ysolda Quillwort/],
    ['earlyHelp', 'early-help', '/my-cases', /Linnet Garganey/],
    ['parent', 'own-record', `/pupils/${child('elderSibling')}/corrections`, /What is wrong\?/],
    ['head', 'attendance', `/pupils/${child('restricted')}/restriction`, /Lift the restriction/],
    ['authorityOfficer', 'attendance', `/pupils/${nobody}/emergency`, /ring 999 first/],
    ['authorityOfficer', 'attendance', '/emergency', /Surname of the child/],
    ['auditor', 'oversight', '/emergencies', /Records opened in an emergency/],
  ];
  const names = castChildren(dayInEngland(clock())).flatMap((each) => [
    each.forename,
    each.surname.split(' ')[0] as string,
    each.upn,
    each.dateOfBirth,
  ]);
  for (const [key, purpose, path, says] of seen) {
    const page = await html(as(key), purpose, path);
    assert.match(page, says, `${key} at ${path}`);
    for (const name of names) assert.ok(!titleOf(page).includes(name), `${path}: ${titleOf(page)}`);
    const links = [...page.matchAll(/(?:href|action)="([^"]*)"/g)].map(([, link]) => link ?? '');
    for (const link of links) assert.ok(!names.some((name) => link.includes(name)), link);
  }
  const parents = await html(as('parent'), 'own-record', `/pupils/${child('elderSibling')}`);
  assert.doesNotMatch(parents, /Unique pupil number|Lorcan|Other services/);
  for (const own of ['/my-children', '/my-record', '/my-cases']) {
    await assert.rejects(visit(as('head'), 'attendance', own), refused('not-allowed'));
    await assert.rejects(visit({ role: 'public', scope: null }, null, own), refused('not-allowed'));
  }
});

test('each child on a list, and each part of a record, is asked about by itself, so that each look is written down', async () => {
  await visit(as('teacher'), 'attendance', '/schools/900001/pupils');
  const named = inClass7B.filter((key) => key !== 'restricted').map(child);
  assert.deepEqual(looked.map(({ pupil }) => pupil).sort(), named.sort());
  await visit(as('head'), 'safeguarding', `/pupils/${child('openCase')}`);
  assert.deepEqual(
    looked.map(({ data }) => data),
    ['pupil characteristics', 'family contacts', 'link to another service'],
  );
});

test('an emergency opens one child to one person for an hour, loudly, and is reviewed by another', async () => {
  const id = child('earlyHelp');
  const officer = as('head');
  const path = `/pupils/${id}`;
  await assert.rejects(visit(officer, 'attendance', path), refused('not-allowed'));
  assert.match(
    await html(officer, 'attendance', `${path}/emergency`, { reason: 'too short' }),
    /Say why, in at least 20 characters/,
  );
  const reason = 'She told a teacher that she is not safe at home tonight.';
  await visit(officer, 'attendance', `${path}/emergency`, { reason });
  const page = await html(officer, 'emergency', path);
  assert.match(page, /You see this child’s record in an emergency, until 10:00/);
  assert.match(page, /Linnet/);
  assert.doesNotMatch(page, /put right|Download everything/);
  const [loud] = (await searchAudit(stores.records, { pupil: id }, { from: 0, size: 1 })).entries;
  assert.deepEqual([loud?.action, loud?.purpose], ['emergency', 'emergency']);
  assert.ok(!JSON.stringify(loud).includes('not safe'));
  const hash = createHash('sha256').update(reason).digest('hex');
  assert.equal(JSON.parse(loud?.detail ?? '').reasonSha256, hash);
  // Neither another child, nor another person, nor the same person in another role.
  await assert.rejects(visit(officer, 'attendance', `/pupils/${child('villageChild')}`));
  await assert.rejects(visit(as('attendanceStaff'), 'attendance', path));
  const elsewhere = { ...officer, scope: '900006' };
  await assert.rejects(visit(elsewhere, 'attendance', path));
  // Nothing is changed or taken away under it.
  for (const [where, form] of [
    ['corrections', { field: 'forename', wanted: 'Lin', because: 'I know it' }],
    ['restriction', { because: 'I know it' }],
  ] as const) {
    await assert.rejects(
      visit(officer, 'attendance', `${path}/${where}`, form),
      refused('not-allowed'),
    );
  }
  await assert.rejects(visit(officer, 'attendance', `${path}/export`), refused('not-allowed'));
  now = minutesLater(59);
  assert.ok(await emergencyOpen(officer, id));
  now = minutesLater(60);
  assert.equal(await emergencyOpen(officer, id), null);
  await assert.rejects(visit(officer, 'attendance', path), refused('not-allowed'));

  const list = await html(as('auditor'), 'oversight', '/emergencies');
  assert.match(list, /To be reviewed[^]*Isolde Kittiwake[^]*not safe at home/);
  const [, review = ''] = /action="(\/emergencies\/\d+\/review)"/.exec(list) ?? [];
  const note = 'There was one: the school confirms it.';
  const own = { ...as('auditor'), person: officer.person as number };
  const changes = () => searchAudit(stores.records, { actions: ['changed'] }, { from: 0, size: 1 });
  const { total: before } = await changes();
  await assert.rejects(visit(own, 'oversight', review, { note }), refused('check-failed'));
  await assert.rejects(visit(officer, 'attendance', review, { note }), refused('not-allowed'));
  await visit(as('auditor'), 'oversight', review, { note });
  assert.match(
    await html(as('auditor'), 'oversight', '/emergencies'),
    /Reviewed on 22 November 2026 by Prudence Waxwing/,
  );
  await assert.rejects(
    visit(as('auditor'), 'oversight', review, { note }),
    refused('check-failed'),
  );
  // Of all these the one review that was kept.
  assert.equal((await changes()).total, before + 1);
  now = testClock();
});

test('only the roles that the policy names open a record in an emergency, and only signed in', async () => {
  const reason = 'A reason of more than twenty characters';
  const path = `/pupils/${child('special')}/emergency`;
  for (const key of ['teacher', 'trustLead', 'parent', 'pupil', 'inspector', 'auditor'] as const) {
    await assert.rejects(visit(as(key), null, path, { reason }), refused('not-allowed'), key);
  }
  const { person: _, ...unknown } = as('head');
  await assert.rejects(visit(unknown, null, path, { reason }), refused('signed-out'));
  await assert.rejects(
    visit(as('socialWorker'), null, `/pupils/${nobody}/emergency`, { reason }),
    refused('not-found'),
  );
  const [loud] = (await searchAudit(stores.records, { pupil: nobody }, { from: 0, size: 1 }))
    .entries;
  assert.equal(loud?.action, 'emergency');
});

test('nobody goes through the children by emergencies: five are open at once, and every try is in the trail', async () => {
  const officer = as('villageHead');
  const reason = 'A reason of more than twenty characters';
  const others = atLanternfield.map(child);
  const tried = await Promise.allSettled(
    others.map((id) => visit(officer, null, `/pupils/${id}/emergency`, { reason })),
  );
  for (const each of tried) {
    if (each.status === 'rejected') refused('not-allowed', /5 records open/)(each.reason);
  }
  const open = await Promise.all(others.map((id) => emergencyOpen(officer, id)));
  assert.equal(open.filter((each) => each !== null).length, 5);
  for (const id of others) {
    const { entries } = await searchAudit(
      stores.records,
      { pupil: id, person: officer.person as number, actions: ['emergency'] },
      { from: 0, size: 10 },
    );
    assert.equal(entries.length, 1);
  }
  // The child’s own head, who keeps it safe, is told when and as what, and neither who nor why.
  const opened = others[open.findIndex((each) => each !== null)] as number;
  const page = await html(as('head'), 'safeguarding', `/pupils/${opened}`);
  assert.match(page, /Opened in an emergency[^]*22 November 2026 at 09:00, by a head</);
  for (const [key, purpose] of [
    ['head', 'attendance'],
    ['attendanceStaff', 'safeguarding'],
  ] as const) {
    assert.doesNotMatch(await html(as(key), purpose, `/pupils/${opened}`), /in an emergency/);
  }
  // When they are closed and nobody reviewed them, there is no sixth.
  now = minutesLater(61);
  const sixth = `/pupils/${child('special')}/emergency`;
  await assert.rejects(
    visit(officer, null, sixth, { reason }),
    refused('not-allowed', /nobody has reviewed yet. Ask an auditor/),
  );
  const list = await html(as('auditor'), 'oversight', '/emergencies');
  const [, review = ''] = /action="(\/emergencies\/\d+\/review)"/.exec(list) ?? [];
  await visit(as('auditor'), 'oversight', review, { note: 'There was none, and I said so.' });
  assert.equal((await visit(officer, null, sixth, { reason })).kind, 'redirect');
  now = testClock();
});

test('the day after a case, an enrolment or a parent’s responsibility ends, it is nobody’s to see', async () => {
  const year = Number(dayInEngland(clock()).slice(0, 4));
  const on = async (key: string, day: string) => {
    const { urns, pupil } = await subjectOfPupil(registry, child(key), day);
    return {
      urns,
      classes: pupil?.classes,
      parents: pupil?.parents,
      cases: pupil?.cases.map(({ person }) => person),
    };
  };
  const worker = cast.people.get('socialWorker');
  assert.deepEqual((await on('closedCase', `${year}-07-17`)).cases, [worker]);
  assert.deepEqual((await on('closedCase', `${year}-07-18`)).cases, []);
  const lastDay = await on('elderSibling', `${year}-07-21`);
  assert.deepEqual(
    [lastDay.urns, lastDay.classes],
    [
      [900005, 900006],
      ['900005/6A', '900006/6A'],
    ],
  );
  assert.deepEqual((await on('elderSibling', `${year}-07-22`)).urns, []);
  assert.deepEqual((await on('elderSibling', `${year}-09-01`)).classes, ['900001/7B']);
  const both = await on('elderSibling', `${year - 1}-12-31`);
  const one = await on('elderSibling', `${year}-01-01`);
  assert.deepEqual([both.parents?.length, one.parents?.length], [2, 1]);
});

test('in an emergency a child is found by surname and birthday, which stand in no address and no trace', async () => {
  const told = castChildren(dayInEngland(clock())).find(({ key }) => key === 'villageChild');
  assert.ok(told);
  const reason = 'Found alone at the station, and we must ring home.';
  // As somebody writes it who has only heard it: without the mark of what is made up.
  const surname = told.surname.replace(' (made-up)', '').toLowerCase();
  assert.notEqual(surname, told.surname.toLowerCase());
  const form = { surname, date_of_birth: told.dateOfBirth, reason };
  const tries = async () => {
    const mine = { person: as('socialWorker').person as number, actions: ['emergency'] };
    return (await searchAudit(stores.records, mine, { from: 0, size: 1 })).total;
  };
  const before = await tries();
  const typo = await html(as('socialWorker'), null, '/emergency', { ...form, surname: 'Nobody' });
  assert.match(typo, /There is a problem[^]*No child of this surname and date of birth is on/);
  for (const kept of ['value="Nobody"', `value="${told.dateOfBirth}"`, reason]) {
    assert.ok(typo.includes(kept), kept);
  }
  assert.match(typo, /Name no child in the reason/);
  assert.equal(await tries(), before + 1);
  assert.deepEqual(await visit(as('socialWorker'), null, '/emergency', form), {
    ...{ kind: 'redirect', to: `/pupils/${child('villageChild')}` },
  });
  const { entries } = await searchAudit(stores.records, {}, { from: 0, size: 1000 });
  const text = JSON.stringify(entries);
  for (const { surname, upn, dateOfBirth } of castChildren(dayInEngland(clock()))) {
    for (const each of [surname.split(' ')[0] as string, upn, dateOfBirth]) {
      assert.ok(!text.includes(each), each);
    }
  }
});

test('a correction is asked for by the family, decided by the head by name, and changes the record', async () => {
  const pupil = child('elderSibling');
  const asked = { viewer: as('parent'), purpose: 'own-record', pupil, from } as const;
  const put = (field: string, wanted: string) =>
    askCorrection(registry, { ...asked, field, wanted, because: 'as on the passport' });
  await assert.rejects(put('upn', 'B801200005001'), refused('bad-input'));
  await assert.rejects(put('__proto__', 'x'), refused('bad-input'));
  await assert.rejects(put('date_of_birth', '2015-02-30'), refused('bad-input'));
  const id = await put('forename', 'Meryn');
  const teacher = { ...asked, viewer: as('teacher'), purpose: 'attendance' as const };
  await assert.rejects(
    askCorrection(registry, { ...teacher, field: 'sex', wanted: 'M', because: 'I know it' }),
    refused('not-allowed'),
  );
  const decision = { purpose: 'attendance', id, outcome: 'accepted', from } as const;
  const decided = (key: CastPersonKey, answer: string) =>
    decideCorrection(registry, { ...decision, viewer: as(key), answer });
  await assert.rejects(decided('villageHead', 'Thank you'), refused('not-allowed'));
  await assert.rejects(decided('attendanceStaff', 'Thank you'), refused('not-allowed'));
  await assert.rejects(decided('head', ''), refused('bad-input'));
  const about = (name: string, number: number) =>
    visit(as('head'), 'record-keeping', `/pupils/${child(name)}/corrections/${number}`, {
      ...{ outcome: 'accepted', answer: 'Thank you' },
    });
  // Under another child’s address it is none, in the words of a number that no correction has.
  await assert.rejects(about('signsIn', id), refused('not-found', /of this record/));
  await assert.rejects(about('elderSibling', nobody), refused('not-found', /of this record/));
  await decided('head', 'Thank you, it is changed.');
  const changes = () =>
    searchAudit(stores.records, { pupil, actions: ['changed'] }, { from: 0, size: 1 });
  const { total } = await changes();
  await assert.rejects(decided('head', 'Thank you again'), refused('check-failed'));
  await assert.rejects(about('elderSibling', id), refused('check-failed'));
  assert.equal((await changes()).total, total);
  const page = await html(as('parent'), 'own-record', `/pupils/${pupil}/corrections`);
  assert.match(
    page,
    /Accepted[^]*Was: Merrin<br>Asked for: Meryn[^]*Asked on [^<]* by you<[^]*by the head: “Thank you, it/,
  );
  assert.doesNotMatch(page, /Isolde|parent:\d|person \d/);
  assert.match(
    await html(as('head'), 'record-keeping', `/pupils/${pupil}/corrections`),
    /by parent:\d+<[^]*by Isolde Kittiwake \(made-up\) \(head:900001\)/,
  );
  assert.match(await html(as('parent'), 'own-record', '/my-children'), /Meryn Whimbrel/);
  const none = decideCorrection(registry, {
    ...decision,
    id: nobody,
    viewer: as('villageHead'),
    answer: 'Thanks',
  });
  await assert.rejects(none, refused('not-allowed', /own pupils/));
});

test('a copy of a record holds everything its reader may be given, and says what is left out', async () => {
  const pupil = child('signsIn');
  await run('pupils show', { pupil: String(pupil), purpose: 'attendance' }, as('head'));
  const held = await exportPupil(registry, { viewer: as('pupil'), purpose: 'own-record', pupil });
  assert.equal(held.identity.forename, 'Corvane');
  assert.equal(held.identity.upn?.length, 13);
  assert.deepEqual(held.characteristics.sen, 'K');
  assert.ok(held.looked_at.some(({ role }) => role === 'operator'));
  assert.deepEqual([held.contacts, held.services, held.emergencies], [[], [], []]);
  assert.equal(held.left_out.length, 3);
  assert.match(held.left_out.join(), /probability .* is kept nowhere/);
  assert.deepEqual(held.account?.name, 'Corvane Samphire (made-up)');
  assert.deepEqual(
    held.account?.appointments.map(({ role }) => role),
    ['pupil'],
  );
  // What the operator writes goes to a family, unless everything is asked for, and for what.
  const written = { viewer: operator, purpose: 'own-record', pupil } as const;
  const forFamily = await exportPupil(registry, written);
  assert.deepEqual([forFamily.contacts, forFamily.services, forFamily.emergencies], [[], [], []]);
  assert.deepEqual(forFamily.left_out, held.left_out);
  assert.deepEqual(forFamily.account?.name, held.account?.name);
  const everything = { ...written, everything: true };
  await assert.rejects(exportPupil(registry, everything), refused('bad-input', /--purpose/));
  await assert.rejects(
    exportPupil(registry, { ...everything, viewer: as('head'), purpose: 'record-keeping' }),
    refused('bad-input'),
  );
  const all = await exportPupil(registry, { ...everything, purpose: 'oversight' });
  assert.deepEqual([all.contacts.length, all.left_out.length], [1, 1]);
  const helped = child('openCase');
  const atSchool = { viewer: as('head'), purpose: 'attendance', pupil: helped } as const;
  assert.deepEqual((await exportPupil(registry, atSchool)).left_out.length, 5);
  await assert.rejects(
    exportPupil(registry, { ...atSchool, viewer: as('teacher') }),
    refused('not-allowed'),
  );
  const file = await visit(as('pupil'), 'own-record', `/pupils/${pupil}/export`);
  assert.ok(file.kind === 'file');
  assert.equal(file.name, `record-${pupil}.json`);
  assert.deepEqual(JSON.parse(file.text), JSON.parse(JSON.stringify(held)));
});

test('a family is given what every school wrote on its worklist, and a school what it wrote itself', async () => {
  const pupil = child('signsIn');
  const { records } = stores;
  const [head, villageHead] = [as('head'), as('villageHead')];
  const at = new Date('2026-01-08T09:00:00Z');
  const by = (viewer: Viewer) => ({
    ...{ urn: Number(viewer.scope), pupil, person: viewer.person ?? 0, role: viewer.role, at },
  });
  await addWorklistNote(records, { ...by(head), text: 'Rang home on Thursday.' });
  await addWorklistNote(records, { ...by(villageHead), text: 'Of a school before.' });
  const first = { after: 0, urns: [Number(head.scope)] };
  await keepWorklistHolder(records, { ...by(head), holder: head.person ?? 0 }, first);
  const written = async (viewer: Viewer, purpose: Purpose, everything = false) =>
    (await exportPupil(registry, { viewer, purpose, pupil, everything })).worklist;
  for (const viewer of [as('pupil'), as('otherParent')]) {
    const held = await written(viewer, 'own-record');
    assert.deepEqual(
      held.map(({ urn, role, text }) => [urn, role, text]),
      [
        [900001, 'head', 'Rang home on Thursday.'],
        [Number(villageHead.scope), 'head', 'Of a school before.'],
        [900001, 'head', 'Somebody has the child.'],
      ],
    );
    assert.doesNotMatch(JSON.stringify(held), /Kittiwake|Moorhen/);
  }
  const atSchool = await written(head, 'attendance');
  assert.deepEqual(
    atSchool.map(({ urn }) => urn),
    [900001, 900001],
  );
  assert.match(JSON.stringify(atSchool), /Isolde Kittiwake/);
  assert.match(JSON.stringify(await written(operator, 'oversight', true)), /Moorhen/);
  assert.doesNotMatch(JSON.stringify(await written(operator, 'own-record')), /Moorhen/);
});

test('one of the family is not given another’s words: that something was asked, by whom as a role, and what it changed', async () => {
  const pupil = child('signsIn');
  const because = 'Kanarie told me so in the kitchen';
  const asked = (key: CastPersonKey, field: string, wanted: string) =>
    askCorrection(registry, {
      ...{ viewer: as(key), purpose: 'own-record', pupil, from, field, wanted, because },
    });
  const accepted = await asked('otherParent', 'sex', 'M');
  await asked('otherParent', 'forename', 'Kanarievogel');
  await decideCorrection(registry, {
    ...{ viewer: as('head'), purpose: 'record-keeping', id: accepted, outcome: 'accepted' },
    ...{ answer: 'Kanarie, thank you', from },
  });
  const path = `/pupils/${pupil}/corrections`;
  const readAs = async (key: CastPersonKey) => {
    const held = await exportPupil(registry, { viewer: as(key), purpose: 'own-record', pupil });
    return [await html(as(key), 'own-record', path), JSON.stringify(held.corrections)];
  };
  const [page = '', file = ''] = await readAs('pupil');
  for (const text of [page, file]) {
    assert.doesNotMatch(text, /Kanarie|Isolde|parent:\d|person \d/);
    assert.match(text, /a parent/);
    assert.match(text, /the head/);
  }
  for (const text of await readAs('otherParent')) assert.match(text, /Kanarievogel/);
  const handed = await exportPupil(registry, { viewer: operator, purpose: 'own-record', pupil });
  assert.doesNotMatch(JSON.stringify(handed.corrections), /Kanarie/);
  assert.match(await html(as('head'), 'record-keeping', path), /Kanarievogel/);
});

test('a copy of a record holds the account of whoever it is for, and what they did here, and nobody else’s', async () => {
  const pupil = child('elderSibling');
  const parent = as('parent');
  await registry.trail.leave({ viewer: parent, action: 'signed in', from: '203.0.113.7' });
  const held = await exportPupil(registry, { viewer: parent, purpose: 'own-record', pupil });
  assert.match(held.account?.name ?? '', /Ottoline/);
  assert.match(held.account?.email ?? '', /@/);
  const last = held.account?.done.at(-1);
  assert.deepEqual([last?.action, last?.from], ['signed in', '203.0.113.7']);
  assert.ok(held.account?.done.every(({ role }) => role === 'parent'));
  assert.doesNotMatch(JSON.stringify(held), /Lorcan/);
  const atSchool = await exportPupil(registry, {
    ...{ viewer: as('head'), purpose: 'attendance', pupil },
  });
  assert.equal(atSchool.account, null);
  assert.match(atSchool.left_out.join(), /account with which/);
});

/** A verb of the command line, carried out as somebody. */
async function run(verb: string, values: Record<string, string>, viewer: Viewer, ...on: string[]) {
  const command = pupilCommands().find((each) => each.verb === verb);
  assert.ok(command);
  const lines: string[] = [];
  const files: Record<string, string> = {};
  const output = {
    ...{ line: (text: string) => void lines.push(text), error() {}, progress() {} },
    isTerminal: false,
  };
  const writeFile = async (path: string, text: string) => void (files[path] = text);
  const signal = new AbortController().signal;
  const settings = { demo: true, visitKm: 40 };
  const code = await command.run(
    { ...{ stores, viewer, output, clock, settings, writeFile, signal }, folder: '/' },
    { values, switches: new Set(on), files: [] },
  );
  return { code, lines, files };
}

test('the command line asks the same policy as the pages', async () => {
  const teacher = parseViewer('teacher:900001/7B');
  const list = await run('pupils list', { urn: '900001', purpose: 'attendance' }, teacher);
  assert.equal(list.lines.length, inClass7B.length);
  const [look] = (
    await searchAudit(stores.records, { pupil: child('classmateOne') }, { from: 0, size: 1 })
  ).entries;
  assert.deepEqual(JSON.parse(look?.detail ?? ''), { as: 'teacher:900001/7B', list: true });
  await assert.rejects(
    run('pupils list', { urn: '900001' }, teacher),
    refused('not-allowed', /Say first/),
  );
  const parent = parseViewer(viewerText(as('parent')));
  const own = { pupil: String(child('youngerSibling')), out: 'record.json' };
  assert.match((await run('pupils show', own, parent)).lines.join(), /Tamsel/);
  const { files } = await run('pupils export', own, parent);
  assert.match(files['record.json'] ?? '', /"forename": "Tamsel"/);
  const others = { ...own, pupil: String(child('special')) };
  await assert.rejects(run('pupils export', others, parent), refused('not-allowed'));
  const [entry] = (
    await searchAudit(stores.records, { pupil: child('special') }, { from: 0, size: 1 })
  ).entries;
  assert.deepEqual(
    [entry?.action, entry?.role, JSON.parse(entry?.detail ?? '').as],
    ['refused', 'operator', viewerText(parent)],
  );
});

test('a record is kept as long as its register, then erased; a restricted one is kept, and said to be', async () => {
  const erase = (name: string, because: string) =>
    run('pupils erase', { pupil: String(child(name)), because }, operator);
  await assert.rejects(erase('elderSibling', 'mistake'), refused('check-failed', /is enrolled/));
  await assert.rejects(erase('leftLately', 'asked'), refused('check-failed', /6 years ago/));
  await assert.rejects(erase('restricted', 'asked'), refused('check-failed', /restricted/));
  await assert.rejects(
    erasePupil(registry, {
      ...{ viewer: as('head'), purpose: 'attendance', because: 'asked', from },
      pupil: child('leftLongAgo'),
    }),
    refused('not-allowed'),
  );
  const retain = (years: string, ...on: string[]) =>
    run('pupils retain', { 'older-than': years }, operator, ...on);
  await assert.rejects(retain('5'), refused('bad-input'));
  const id = String(child('leftLongAgo'));
  await run('pupils restrict', { pupil: id, because: 'a claim is open' }, operator);
  assert.deepEqual((await retain('7')).lines, [
    `kept, because they are restricted: ${id}`,
    '0 records of children who left before 2019-11-22: 0 records erased.',
  ]);
  await run('pupils restrict', { pupil: id }, operator, 'lift');
  const dry = await retain('7', 'dry-run');
  assert.equal(
    dry.lines.at(-1),
    '1 record of children who left before 2019-11-22 would be erased.',
  );
  assert.equal((await pupilsByNumber(stores.records, [Number(id)]))[0]?.erased_at, null);
  const trailBefore = await searchAudit(
    stores.records,
    { pupil: Number(id) },
    { from: 0, size: 100 },
  );
  const done = await retain('7');
  assert.match(done.lines.at(-1) ?? '', /1 record erased/);
  const [row] = await pupilsByNumber(stores.records, [Number(id)]);
  assert.deepEqual([row?.surname, row?.upn, row?.date_of_birth], [null, null, null]);
  const trailAfter = await searchAudit(
    stores.records,
    { pupil: Number(id) },
    { from: 0, size: 100 },
  );
  assert.deepEqual(trailAfter.entries.slice(1), trailBefore.entries);
  assert.equal(
    (await retainPupils(registry, { ...{ viewer: operator, years: 7, dryRun: true, from } })).over
      .length,
    0,
  );
});

/** Every row of every table of the records, as text. */
async function everythingHeld(): Promise<string> {
  const tables = await sql<{ name: string }>`SELECT table_name AS name
    FROM information_schema.tables WHERE table_schema = 'public'`.execute(stores.records);
  assert.ok(tables.rows.length >= 15);
  const texts = tables.rows.map(async ({ name }) => {
    const held = sql<{
      row: string;
    }>`SELECT row_to_json(held)::text AS row FROM ${sql.table(name)} AS held`;
    return (await held.execute(stores.records)).rows.map(({ row }) => row).join('\n');
  });
  return (await Promise.all(texts)).join('\n');
}

test('nothing in any table of the records says who an erased child was, whether it was enrolled or never', async () => {
  const { records } = stores;
  const at = new Date('2012-09-01T08:00:00Z');
  const write = async (child: string, upn: string, enrolled: boolean) => {
    const [forename, surname] = [`Fore${child}`, `Sur${child}`];
    const email = `${child}@mail.invalid`;
    const who = {
      issuer: 'tests',
      subject: `subject ${child}`,
      organisation: `School of ${child}`,
    };
    const account = { ...who, name: `${forename} ${surname}`, email };
    const { id: person } = await keepPerson(records, account, at);
    const pupil = await addPupil(records, {
      ...{ upn, surname, forename, date_of_birth: '1999-03-04', sex: 'F', person, created_at: at },
      enrolments: enrolled
        ? [
            {
              ...{ urn: 900001, year_group: '11', class_name: '11C' },
              ...{ entry_date: '2012-09-01', leaving_date: '2015-07-21' },
            },
          ]
        : [],
      characteristics: null,
      contacts: [
        {
          ...{ name: `Mother of ${forename}`, relationship: 'mother', telephone: null, email },
          ...{ person: null, parental_responsibility: true },
          ...{ starts_on: '2012-09-01', ends_on: null },
        },
      ],
      cases: [],
    });
    await addCorrection(records, {
      ...{ pupil, field: 'forename', was: forename, wanted: forename, because: forename },
      ...{ asked_at: at, asked_by: `pupil:${person}` },
    });
    return { pupil, told: [forename, surname, upn, email, '1999-03-04'] };
  };
  const left = await write('kanarie', 'A990200012001', true);
  const never = await write('kanarienvogel', 'A990200012002', false);
  const asked = await write('zeisig', 'A990200012003', false);
  const all = [left, never, asked];
  const before = await everythingHeld();
  for (const each of all.flatMap(({ told }) => told)) assert.ok(before.includes(each), each);
  const retain = (...on: string[]) => run('pupils retain', { 'older-than': '7' }, operator, ...on);
  await run('pupils erase', { pupil: String(asked.pupil), because: 'asked' }, operator);
  const wouldGo = await retain('dry-run');
  assert.deepEqual(wouldGo.lines.slice(0, 2), [
    `record ${left.pupil}, left on 2015-07-21`,
    `record ${never.pupil}, never enrolled`,
  ]);
  // Who was on that list was looked at.
  const { entries } = await searchAudit(records, { pupil: never.pupil }, { from: 0, size: 1 });
  assert.deepEqual([entries[0]?.action, entries[0]?.role], ['read', 'operator']);
  await retain();
  const after = await everythingHeld();
  for (const each of all.flatMap(({ told }) => told)) assert.ok(!after.includes(each), each);
});

test('corrections are decided at the command line too, by somebody named', async () => {
  const pupil = child('signsIn');
  const id = await askCorrection(registry, {
    ...{ viewer: as('pupil'), purpose: 'own-record', pupil, from },
    ...{ field: 'eal', wanted: 'yes', because: 'We speak Kelpish at home' },
  });
  const { lines } = await run('pupils correct', {}, operator);
  assert.ok(lines.some((line) => line.startsWith(`${id}: record ${pupil}, First language`)));
  const [look] = (await searchAudit(stores.records, { pupil }, { from: 0, size: 1 })).entries;
  assert.deepEqual([look?.action, look?.data_class], ['read', 'request for correction']);
  const decision = { correction: String(id), outcome: 'refused', answer: 'Please come and talk' };
  await assert.rejects(run('pupils correct', decision, operator), refused('bad-input'));
  await run('pupils correct', { ...decision, by: 'R. Moss (made-up)' }, operator);
  const left = (await run('pupils correct', {}, operator)).lines;
  assert.ok(!left.some((line) => line.startsWith(`${id}:`)));
  assert.equal(left.at(-1), '1 correction not decided yet.');
});
