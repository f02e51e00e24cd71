import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../testing/chance.ts';
import { actOf, grant } from './grant.ts';
import {
  dataClassNames,
  decide,
  policy,
  pupilData,
  type Purpose,
  purposes,
  type PupilSubject,
  type Subject,
} from './policy.ts';
import { type Role, roleNames, roles, type Viewer } from './viewer.ts';

const child: PupilSubject = {
  ...{ id: 7, classes: ['100000/7B'], parents: [5], self: 8 },
  cases: [{ person: 6, service: 'social care' }],
  ...{ emergencies: [], restricted: false },
};
const subject: Subject = {
  ...{ urns: [100000, 100001], trustUids: ['2044'], laCodes: ['801'], regionCodes: ['E12000009'] },
  ...{ hubs: ['north-coast'], pupil: child },
};

const head: Viewer = { role: 'head', scope: '100000', person: 1 };
const officer: Viewer = { role: 'authority', scope: '802', person: 2 };
const parent: Viewer = { role: 'parent', scope: null, person: 5 };
const worker: Viewer = { role: 'social-worker', scope: null, person: 6 };

const why = (...asked: Parameters<typeof decide>) => {
  const decision = decide(...asked);
  return decision.allowed ? 'allowed' : decision.why;
};

test('every refusal says why, in a sentence', () => {
  for (const data of dataClassNames)
    for (const role of roleNames) {
      const decision = decide({ role, scope: null }, data, {});
      if (!decision.allowed) assert.match(decision.reason, /^[A-Z].*[.”]$/, `${role}, ${data}`);
    }
});

test('about a child nobody is allowed anything without a purpose, and every role that may look has some', () => {
  for (const data of pupilData)
    for (const role of roleNames) {
      const rule = policy[data][role];
      if (rule.allow === 'never') continue;
      assert.ok(rule.purposes && rule.purposes.length > 0, `${role}, ${data}`);
      const viewer = { ...head, role, scope: '100000' };
      assert.equal(decide(viewer, data, subject).allowed, false, `${role}, ${data}`);
    }
});

test('a worklist is the school’s own: whoever sees a child’s attendance from elsewhere sees none of it', () => {
  const everything = (role: Role, scope: string | null, person: number) =>
    (['attendance', 'safeguarding', 'own-record', 'early-help'] as const).map((purpose) =>
      decide({ role, scope, person }, 'worklist', subject, { purpose }),
    );
  const sees = (...asked: Parameters<typeof everything>) =>
    everything(...asked).some(({ allowed }) => allowed);
  const scopes: Partial<Record<Role, string>> = {
    ...{ head: '100000', school: '100000', teacher: '100000/7B', trust: '2044', authority: '801' },
  };
  const seen = roleNames.filter((role) =>
    [5, 6, 8].some((person) => sees(role, scopes[role] ?? null, person)),
  );
  assert.deepEqual(seen.toSorted(), ['head', 'operator', 'parent', 'pupil', 'school']);
  assert.equal(sees('head', '200000', 5), false);
});

test('a child at two schools is seen by both, and by the trusts and areas of both', () => {
  const two = {
    ...subject,
    urns: [100000, 200000],
    trustUids: ['2044', '9'],
    laCodes: ['801', '802'],
  };
  const look = { purpose: 'attendance' } as const;
  for (const [role, scope] of [
    ...[
      ['head', '100000'],
      ['head', '200000'],
      ['trust', '2044'],
      ['trust', '9'],
    ],
    ...[
      ['authority', '801'],
      ['authority', '802'],
    ],
  ] as [Role, string][]) {
    assert.equal(why({ role, scope, person: 1 }, 'pupil attendance', two, look), 'allowed');
  }
});

test('that another service knows a child is for its own caseworker and the head who keeps children safe, and no other', () => {
  const may = roleNames.filter((role) => {
    const scope = role === 'authority' ? '801' : role === 'trust' ? '2044' : '100000';
    return [5, 6, 8].some(
      (person) =>
        why({ role, scope, person }, 'link to another service', subject, {
          purpose: 'safeguarding',
        }) === 'allowed',
    );
  });
  assert.deepEqual(may, ['operator', 'head', 'social-worker']);
  const seen = why(head, 'link to another service', subject, { purpose: 'attendance' });
  assert.equal(seen, 'no purpose');
});

test('who is a social worker and an early-help worker sees in each role the cases of that service', () => {
  const asEarlyHelp: Viewer = { role: 'early-help', scope: null, person: 6 };
  const look = { purpose: 'safeguarding' } as const;
  assert.equal(why(worker, 'pupil attendance', subject, look), 'allowed');
  assert.equal(why(asEarlyHelp, 'pupil attendance', subject, look), 'not own');
});

test('a parent sees what is held of themselves as a contact, and not of the other parent', () => {
  const look = { purpose: 'own-record' } as const;
  const contact = (person: number | null) =>
    why(parent, 'family contacts', { ...subject, contact: { person } }, look);
  assert.deepEqual([contact(5), contact(9), contact(null)], ['allowed', 'not own', 'not own']);
});

test('an emergency opens what it opens to one person in one role, to look and not to change', () => {
  const closesAt = new Date('2026-11-22T10:00:00Z');
  const opened = (viewer: string, person = 2): Subject => ({
    ...subject,
    pupil: { ...child, emergencies: [{ person, viewer, closesAt }] },
  });
  const own = opened('authority:802');
  assert.deepEqual(decide(officer, 'pupil attendance', own), { allowed: true, emergency: true });
  assert.equal(why(officer, 'pupil attendance', opened('authority:803')), 'not own');
  assert.equal(why(officer, 'pupil attendance', opened('authority:802', 3)), 'not own');
  assert.equal(why(officer, 'link to another service', own), 'never');
  assert.equal(why(officer, 'pupil characteristics', own, { act: 'change' }), 'only to look');
  const restricted = { ...own, pupil: { ...(own.pupil as PupilSubject), restricted: true } };
  assert.equal(why(officer, 'pupil attendance', restricted), 'allowed');
});

test('a restricted record is for its head, the family and its caseworker, and that it is restricted is told to no stranger', () => {
  const restricted: Subject = { ...subject, pupil: { ...child, restricted: true } };
  const look = { purpose: 'attendance' } as const;
  const staff: Viewer = { role: 'school', scope: '100000', person: 3 };
  assert.equal(why(head, 'pupil attendance', restricted, look), 'allowed');
  assert.equal(why(staff, 'pupil attendance', restricted, look), 'restricted');
  const elsewhere = { ...staff, scope: '300000' };
  assert.equal(why(elsewhere, 'pupil attendance', restricted, look), 'not own');
  // A head cannot shut the family out, nor who works to keep the child safe.
  assert.equal(why(parent, 'pupil attendance', restricted, { purpose: 'own-record' }), 'allowed');
  assert.equal(why(worker, 'pupil attendance', restricted, { purpose: 'safeguarding' }), 'allowed');
});

test('what is posted changes something, and who may only look is refused it', () => {
  assert.equal(actOf({ method: 'POST' }), 'change');
  assert.equal(actOf({ method: 'GET' }), 'see');
  const route = { method: 'POST', needs: 'pupil characteristics' } as const;
  const asked = { chosen: 'attendance', canChoose: true } as const;
  assert.equal(grant(route, { viewer: head, ...asked }, subject).allowed, true);
  const staff = { ...head, role: 'school' } as const;
  const refused = grant(route, { viewer: staff, ...asked }, subject);
  assert.equal(!refused.allowed && refused.why, 'only to look');
});

test('the purpose is the task’s, else the chosen, else the only one; who has several is asked', () => {
  const route = { method: 'GET', needs: 'pupil attendance' } as const;
  const granted = (viewer: Viewer, chosen: Purpose | null, implied?: Purpose) => {
    const about = implied ? { ...route, purpose: implied } : route;
    const answer = grant(about, { viewer, chosen, canChoose: true }, subject);
    return answer.allowed ? answer.purpose : answer.why;
  };
  assert.equal(granted(head, 'attendance', 'record-keeping'), 'record-keeping');
  assert.equal(granted(head, 'attendance'), 'attendance');
  assert.equal(granted(head, null), 'no purpose');
  assert.equal(granted(head, 'own-record'), 'no purpose');
  assert.equal(granted(parent, null, 'record-keeping'), 'own-record');
});

/** Codes and numbers from so few that strangers often meet. */
const code = fc.constantFrom('1', '2');
const number = fc.constantFrom(1, 2);
const anySubject: fc.Arbitrary<Subject> = fc.record({
  urns: fc.array(number),
  ...{ trustUids: fc.array(code), laCodes: fc.array(code), regionCodes: fc.array(code) },
  hubs: fc.array(code),
  pupil: fc.record({
    ...{ id: number, classes: fc.array(code), parents: fc.array(number), self: number },
    cases: fc.array(fc.record({ person: number, service: fc.constantFrom('social care', 'x') })),
    ...{ emergencies: fc.constant([]), restricted: fc.boolean() },
  }),
  contact: fc.record({ person: number }),
});

test('whoever has no scope and is no person is allowed nothing that is somebody’s own', () => {
  const personal = roleNames.filter((role) => roles[role].scope !== 'nothing');
  fc.assert(
    fc.property(
      ...[fc.constantFrom(...personal), fc.constantFrom(...dataClassNames), anySubject],
      fc.constantFrom(...(Object.keys(purposes) as Purpose[])),
      (role, data, about, purpose) => {
        if (policy[data][role].allow === 'always') return;
        assert.equal(decide({ role, scope: null }, data, about, { purpose }).allowed, false);
      },
    ),
  );
});

test('who may change a thing may look at it, for the same purpose', () => {
  fc.assert(
    fc.property(
      fc.record({
        role: fc.constantFrom(...roleNames),
        scope: fc.oneof(code, fc.constant(null)),
        person: number,
      }),
      ...[fc.constantFrom(...dataClassNames), anySubject],
      fc.constantFrom(...(Object.keys(purposes) as Purpose[])),
      (viewer, data, about, purpose) => {
        const change = decide(viewer, data, about, { act: 'change', purpose }).allowed;
        assert.ok(!change || decide(viewer, data, about, { purpose }).allowed);
      },
    ),
  );
});
