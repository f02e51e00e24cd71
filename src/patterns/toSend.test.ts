import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Viewer } from '../access/index.ts';
import { demoCast } from '../demo/index.ts';
import { openTestSite, type TestSite } from '../testing/site.ts';
import { type Alert, rowOfAlert } from './registers/alert.ts';
import { patternsToSend } from './toSend.ts';

const { urn } = demoCast.improvingSecondary;
const week = '2026-11-09';
const clock = () => new Date('2026-11-16T09:00:00Z');

let site: TestSite;
let laCode: string;
before(async () => {
  site = await openTestSite({ issue: false });
  laCode = (await site.directories()).get(urn).laCode;
  for (const [at, changes] of [
    { kind: 'drift', group: 'year_group 9' },
    { kind: 'off_rolling', group: '' },
    { kind: 'shock', group: '', told: '2026-11-06' },
    { kind: 'drift', group: 'year_group 8', told: '2026-11-16' },
    { kind: 'outbreak', group: '', scope: 'area', urn: 0 },
  ].entries()) {
    const { told = '2026-11-11', ...rest } = changes;
    const alert = {
      ...{
        scope: 'school',
        urn,
        laCode,
        happenedOn: `2026-11-0${at + 2}`,
        startedOn: '2026-10-12',
      },
      ...{ score: 5, band: [], evidence: [], urns: [], counts: { pupils: 3 } },
      ...{ observedPercent: 88.12, expectedPercent: 94.34, lowerPercent: 91, upperPercent: 97 },
      ...rest,
    } as Alert;
    await site.stores.records
      .insertInto('pattern_alerts')
      .values(rowOfAlert(alert, told, clock()))
      .execute();
  }
});
after(() => site?.close());

const toSend = ({ role, scope }: Pick<Viewer, 'role' | 'scope'>, of = week) =>
  patternsToSend(
    { stores: site.stores, directories: site.directories, clock },
    { role, scope },
    of,
  );

test('a head is sent the kind and the group of what was told in the week, without a figure', async () => {
  assert.deepEqual(await toSend({ role: 'head', scope: String(urn) }), [
    {
      sentence: 'Attendance has been falling (Year 9).',
      since: '2026-10-12',
      href: `/schools/${urn}/morning`,
    },
  ]);
});

test('what was told on the Monday of sending is of the next week’s e-mail, and of that alone', async () => {
  const sentences = (await toSend({ role: 'head', scope: String(urn) }, '2026-11-16')).map(
    ({ sentence }) => sentence,
  );
  assert.deepEqual(sentences, ['Attendance has been falling (Year 8).']);
});

test('an authority is sent what is of the area and, by name, of its schools', async () => {
  const { name } = (await site.directories()).get(urn);
  assert.deepEqual(
    (await toSend({ role: 'authority', scope: laCode })).map(({ sentence }) => sentence),
    [
      'More absence than usual among neighbouring schools.',
      `${name}: Attendance has been falling (Year 9).`,
    ],
  );
});

test('nobody else is sent anything', async () => {
  assert.deepEqual(await toSend({ role: 'department', scope: null }), []);
  assert.deepEqual(await toSend({ role: 'head', scope: '123456' }), []);
});
