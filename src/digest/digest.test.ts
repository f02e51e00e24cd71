import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { keepUp } from '../absence/index.ts';
import { trailOf } from '../access/index.ts';
import { demoCast } from '../demo/index.ts';
import { keepAppointment, keepPerson } from '../records/index.ts';
import {
  accessibilityProblems,
  launchBrowser,
  sidewaysOverflow,
  withoutBrowser,
} from '../testing/browser.ts';
import { layMarks } from '../testing/layMarks.ts';
import {
  type CapturedLetter,
  type ClosesAt,
  partsOf,
  startMailServer,
  type Taking,
} from '../testing/mailServer.ts';
import { openTestSite, type TestSite } from '../testing/site.ts';
import { commands } from '../wiring.ts';
import { type Alerts, lastWeekBefore, mayBeMailed } from './compose.ts';
import { keepSendingDigests } from './job.ts';
import { checkMailSettings } from './mail.ts';
import { messageOf } from './message.ts';
import { type DigestParts, previewDigests, sendDigests } from './send.ts';

const { urn } = demoCast.improvingSecondary;
const week = '2026-11-09';
const clock = () => new Date('2026-11-16T09:00:00Z');
const address = (name: string) => `${name}@example.invalid`;
const link = 'https://rollcall.example';

let site: TestSite;
let app: FastifyInstance;
let laCode: string;
const people: Record<string, number> = {};

before(async () => {
  site = await openTestSite({ issue: false });
  const directory = await site.directories();
  const school = directory.get(urn);
  laCode = school.laCode;
  const others = directory.schools
    .filter((each) => each.laCode === laCode && each.urn !== urn)
    .slice(0, 11);
  await layMarks(site.stores, {
    schools: [school, ...others].map((each) => ({
      ...{ urn: each.urn, laestab: each.laestab ?? 0 },
      ...{ laCode: each.laCode, regionCode: each.regionCode },
    })),
    pupils: Array.from({ length: 70 }, (_, at) => ({ absence: at % 8 === 0 ? 0.3 : 0.03 })),
    ...{ from: '2026-10-05', to: '2026-11-13' },
  });
  await keepUp(site.stores);
  const { records } = site.stores;
  // The cast has addresses of its own: this test's people alone shall have some.
  await records.updateTable('people').set({ email: '' }).execute();
  for (const [name, role, scope] of [
    ['head', 'head', String(urn)],
    ['officer', 'authority', laCode],
    ['analyst', 'department', null],
    ['teacher', 'school', String(urn)],
    ['stranger', 'head', '123456'],
  ] as const) {
    const at = clock();
    const identity = { issuer: 'tests', subject: name, organisation: null };
    const person = await keepPerson(records, { ...identity, name, email: address(name) }, at);
    await keepAppointment(records, {
      ...{ person: person.id, role, scope, starts_on: '2026-09-01', ends_on: null },
      ...{ given_by: null, given_at: at },
    });
    people[name] = person.id;
  }
  app = await site.serve({ demo: true, clock });
});
after(() => site?.close());

const told = {
  sentence: 'Year 9 missed more than expected on four Fridays <in a row>.',
  since: '2026-10-16',
  href: `/schools/${urn}/morning`,
};
const alerts: Alerts = async ({ role }) =>
  role === 'head' ? [told, { ...told, sentence: 'Only 3 pupils are behind this.' }] : [];

function partsFor(server: string, changes: Partial<DigestParts> = {}): DigestParts {
  const { stores, directories } = site;
  return {
    ...{ stores, directories, clock, alerts, trail: trailOf(stores, clock) },
    mail: { server, from: 'rollcall@example.invalid', site: link },
    ...changes,
  };
}

async function withServer(
  use: (server: Awaited<ReturnType<typeof startMailServer>>) => Promise<void>,
  takes?: (to: string) => Taking,
  closesAt?: (connection: number) => ClosesAt | undefined,
): Promise<void> {
  const server = await startMailServer(takes, closesAt);
  try {
    await use(server);
  } finally {
    await server.close();
    await site.stores.records.deleteFrom('digests').execute();
  }
}

const letterTo = (letters: readonly CapturedLetter[], name: string) =>
  letters.filter(({ to }) => to.includes(address(name)));

describe('the digests of a week', () => {
  test('go to the head, the authority’s officer and the department, and to nobody else', () =>
    withServer(async ({ letters, address: server }) => {
      const done = await sendDigests(partsFor(server), week);
      assert.deepEqual(done, {
        ...{ sent: 3, unsure: 0, refused: 0, before: 0, nothing: 1 },
        ...{ withoutAddress: 0, failed: 0 },
      });
      const names = letters.flatMap(({ to }) => to).sort();
      assert.deepEqual(names, ['analyst', 'head', 'officer'].map(address));
    }));

  test('say the same in plain text and in HTML: rates, what to look at, links', () =>
    withServer(async ({ letters, address: server }) => {
      await sendDigests(partsFor(server), week);
      const [letter] = letterTo(letters, 'head');
      assert.ok(letter);
      const parts = partsOf(letter);
      const [text = '', html = ''] = [parts.get('text/plain'), parts.get('text/html')];
      assert.match(text, /In the week of 9 November 2026, about \d+% of sessions were missed\./);
      assert.match(text, /In the weeks before it was \d+%\./);
      assert.ok(text.includes(`${told.sentence} Since 16 October 2026.`));
      assert.ok(text.includes(`${link}/schools/${urn}/absence`));
      assert.ok(html.includes('Fridays &lt;in a row&gt;.'));
      assert.match(html, /about \d+% of sessions were missed/);
      assert.match(
        letter.headers.get('list-unsubscribe') ?? '',
        /^<https:\/\/rollcall\.example\/digest\/stop\?token=[\w-]{32}>$/,
      );
    }));

  test('have no count under ten, nobody’s name, no expectation and no child in them', () =>
    withServer(async ({ letters, address: server }) => {
      await sendDigests(partsFor(server), week);
      for (const letter of letters) {
        const parts = [...partsOf(letter).values()];
        assert.equal(parts.length, 2);
        for (const part of parts) {
          assert.ok(!/\b\d (?:pupil|child|session)/.test(part));
          assert.ok(!/expect(?:ation|ed to)|target|forecast/i.test(part));
          assert.ok(!/UPN|Dear/i.test(part));
        }
      }
      const [head] = letterTo(letters, 'head');
      assert.ok(head);
      assert.ok(partsOf(head).get('text/plain')?.includes('1 more thing to see on the site'));
    }));

  test('never go twice for a week, however many ask at once; another week’s is another', () =>
    withServer(async ({ letters, address: server }) => {
      const parts = partsFor(server);
      await Promise.all([sendDigests(parts, week), sendDigests(parts, week)]);
      assert.equal(letters.length, 3);
      const again = await sendDigests(parts, week);
      assert.deepEqual([again.sent, again.before], [0, 3]);
      await sendDigests(parts, '2026-11-02');
      assert.equal(letters.length, 6);
    }));

  test('one that the server refuses is tried again; one that it may have taken is not', () =>
    withServer(
      async ({ letters, address: server }) => {
        const first = await sendDigests(partsFor(server), week);
        assert.deepEqual([first.sent, first.refused, first.unsure], [1, 1, 1]);
        const second = await sendDigests(partsFor(server), week);
        assert.deepEqual([second.sent, second.refused, second.before], [0, 1, 2]);
        assert.equal(letterTo(letters, 'officer').length, 1);
      },
      (to) => (to === address('head') ? 'refuse' : to === address('officer') ? 'hang up' : 'take'),
    ));

  test('a server that goes away before the letter was asked for has not got it, and gets it the next time', async () => {
    for (const point of ['greeting', 'EHLO', 'MAIL', 'RCPT', 'DATA'] as const) {
      let isAway = true;
      await withServer(
        async ({ letters, address: server }) => {
          const first = await sendDigests(partsFor(server), week);
          assert.deepEqual([first.sent, first.refused, first.unsure], [0, 3, 0], point);
          isAway = false;
          const second = await sendDigests(partsFor(server), week);
          assert.deepEqual([second.sent, second.refused, second.unsure], [3, 0, 0], point);
          assert.equal(letters.length, 3);
        },
        undefined,
        // The first connection only asks whether the server answers.
        (connection) => (isAway && connection > 0 ? point : undefined),
      );
    }
  });

  test('what the trail does not take is not sent, and goes the next time', () =>
    withServer(async ({ letters, address: server }) => {
      const { stores } = site;
      const full = {
        ...trailOf(stores, clock),
        leave: () => Promise.reject(new Error('no room')),
      };
      const first = await sendDigests(partsFor(server, { trail: full }), week);
      assert.deepEqual([first.sent, first.failed], [0, 3]);
      assert.equal(letters.length, 0);
      assert.equal((await sendDigests(partsFor(server), week)).sent, 3);
    }));

  test('one that cannot be put together keeps none of the others back', () =>
    withServer(async ({ letters, address: server }) => {
      const broken: Alerts = async (viewer, of) => {
        if (viewer.role === 'head' && viewer.scope === String(urn)) throw new Error('broken');
        return alerts(viewer, of);
      };
      const done = await sendDigests(partsFor(server, { alerts: broken }), week);
      assert.deepEqual([done.sent, done.failed], [2, 1]);
      assert.equal(letterTo(letters, 'head').length, 0);
      assert.equal((await sendDigests(partsFor(server), week)).sent, 1);
    }));

  test('a server that is away after all were sent is not asked, and nothing is told as refused', () =>
    withServer(async ({ address: server }) => {
      await sendDigests(partsFor(server), week);
      const done = await sendDigests(partsFor('smtp://127.0.0.1:1'), week);
      assert.deepEqual([done.before, done.refused], [3, 0]);
    }));

  test('one that was left open by a process that ended counts as unsure, and is told once', () =>
    withServer(async ({ letters, address: server }) => {
      const person = people['head'] as number;
      const digest = { person, role: 'head', scope: String(urn), week, state: 'begun' as const };
      const { records } = site.stores;
      const at = new Date('2026-11-16T07:30:00Z');
      await records
        .insertInto('digests')
        .values({ ...digest, at })
        .execute();
      const first = await sendDigests(partsFor(server), week);
      assert.deepEqual([first.sent, first.unsure, first.before], [2, 1, 1]);
      assert.equal(letterTo(letters, 'head').length, 0);
      assert.equal((await sendDigests(partsFor(server), week)).unsure, 0);
    }));

  test('nobody is written to whose address is not one plain address', () =>
    withServer(async ({ letters, address: server }) => {
      const { records } = site.stores;
      const give = (email: string) =>
        records
          .updateTable('people')
          .set({ email })
          .where('id', '=', people['head'] as number)
          .execute();
      for (const email of [
        'head@example.invalid, other@example.invalid',
        'head@example.invalid\r\nBcc: other@example.invalid',
        'Head <head@example.invalid>',
      ]) {
        await give(email);
        const done = await sendDigests(partsFor(server), week);
        assert.equal(done.withoutAddress, 1, email);
      }
      await give(address('head'));
      assert.ok(letters.every(({ to }) => to.length === 1));
      assert.equal(letterTo(letters, 'head').length + letterTo(letters, 'other').length, 0);
    }));

  test('where no mail server is, nothing counts as sent', async () => {
    const done = await sendDigests(partsFor('smtp://127.0.0.1:1'), week);
    assert.deepEqual([done.sent, done.refused, done.unsure], [0, 3, 0]);
  });

  test('in a holiday there is nothing to tell', () =>
    withServer(async ({ letters, address: server }) => {
      const done = await sendDigests(partsFor(server, { alerts: async () => [] }), '2026-09-07');
      assert.deepEqual([done.sent, done.nothing], [0, 4]);
      assert.equal(letters.length, 0);
    }));

  test('each that goes is written down, without an address', () =>
    withServer(async ({ address: server }) => {
      await sendDigests(partsFor(server), week);
      const entries = await site.stores.records
        .selectFrom('audit_entries')
        .selectAll()
        .where('subject_id', 'like', 'digest %')
        .execute();
      assert.ok(entries.length >= 3);
      assert.ok(!JSON.stringify(entries).includes('@'));
    }));

  test('an appointment that is over, and a person who is closed, get none', () =>
    withServer(async ({ letters, address: server }) => {
      const later = () => new Date('2027-11-16T09:00:00Z');
      const { records } = site.stores;
      await records
        .updateTable('appointments')
        .set({ ends_on: '2026-12-31' })
        .where('person', '=', people['head'] as number)
        .execute();
      await sendDigests(partsFor(server, { clock: later }), week);
      assert.equal(letterTo(letters, 'head').length, 0);
      await records
        .updateTable('appointments')
        .set({ ends_on: null })
        .where('person', '=', people['head'] as number)
        .execute();
    }));
});

describe('the job of each week', () => {
  test('sends from Monday morning on, tells how many, and stops', () =>
    withServer(async ({ letters, address: server }) => {
      const lines: string[] = [];
      const early = keepSendingDigests(
        partsFor(server, { clock: () => new Date('2026-11-16T06:00:00Z') }),
        { tell: (text) => lines.push(text) },
      );
      await early();
      assert.equal(letters.length, 0);
      const done = Promise.withResolvers<void>();
      const stop = keepSendingDigests(partsFor(server), {
        tell: (text) => {
          lines.push(text);
          done.resolve();
        },
      });
      await done.promise;
      await stop();
      assert.equal(letters.length, 3);
      assert.deepEqual(lines, [
        'Digests of the week of 2026-11-09: 3 sent, 0 not taken by the mail server, 0 unsure and not sent again, 0 failed and tried again.',
      ]);
    }));

  test('the last week is the one that ended with the Sunday before', () => {
    assert.deepEqual(['2026-11-15', '2026-11-16', '2026-11-22'].map(lastWeekBefore), [
      '2026-11-02',
      '2026-11-09',
      '2026-11-09',
    ]);
  });
});

describe('the verb', () => {
  const verb = commands.find((each) => each.verb === 'digest send');
  const run = async (options: { dry?: boolean; server?: string; week?: string }) => {
    const lines: string[] = [];
    assert.ok(verb);
    const code = await verb.run(
      {
        ...{ stores: site.stores, viewer: { role: 'operator', scope: null }, clock, folder: '.' },
        output: {
          line: (text) => lines.push(text),
          error: (text) => lines.push(text),
          progress() {},
          isTerminal: false,
        },
        settings: {
          ...{ demo: false, visitKm: 40 },
          mail: options.server
            ? { server: options.server, from: 'rollcall@example.invalid', site: link }
            : null,
        },
        writeFile: async () => {},
        signal: new AbortController().signal,
      },
      {
        values: options.week ? { week: options.week } : {},
        switches: new Set(options.dry ? ['dry-run'] : []),
        files: [],
      },
    );
    return { code, text: lines.join('\n') };
  };

  test('prints with --dry-run what would be sent, and keeps nothing', async () => {
    const { code, text } = await run({ dry: true });
    assert.equal(code, 0);
    assert.ok(text.includes(`To person ${people['head']}, head:${urn}:`));
    assert.ok(text.includes('Nothing was sent.'));
    assert.ok(!text.includes('@'));
    const kept = await site.stores.records.selectFrom('digests').selectAll().execute();
    assert.deepEqual(kept, []);
  });

  test('sends once', () =>
    withServer(async ({ letters, address: server }) => {
      const first = await run({ server });
      assert.match(first.text, /^Week of 2026-11-09: 3 sent, 0 had it before/);
      const second = await run({ server });
      assert.match(second.text, /: 0 sent, 3 had it before/);
      assert.equal(letters.length, 3);
    }));

  test('refuses without a mail server, and of a week that is not over', async () => {
    await assert.rejects(run({}), /No mail server is set/);
    await assert.rejects(run({ week: '2026-11-16' }), /is not over/);
  });
});

describe('stopping', () => {
  const post = (form: Record<string, string>) =>
    app.inject({
      ...{ method: 'POST', url: '/digest/stop' },
      payload: new URLSearchParams(form).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });

  test('works by the link in the e-mail and no more than opening it changes nothing; it can be taken back', () =>
    withServer(async ({ letters, address: server }) => {
      await sendDigests(partsFor(server), week);
      const [letter] = letterTo(letters, 'head');
      const [, token = ''] =
        /token=([\w-]+)/.exec(letter?.headers.get('list-unsubscribe') ?? '') ?? [];
      const page = await app.inject({ url: `/digest/stop?token=${token}` });
      assert.equal(page.statusCode, 200);
      assert.ok(page.body.includes('You get an e-mail once a week'));
      assert.equal((await previewDigests(partsFor(server), week)).length, 3);
      assert.ok((await post({ token })).body.includes('You get no weekly e-mail'));
      assert.equal((await previewDigests(partsFor(server), week)).length, 2);
      assert.ok((await post({ token, again: 'yes' })).body.includes('once a week'));
      assert.equal((await previewDigests(partsFor(server), week)).length, 3);
    }));

  test('a link that is not known says so and nothing else', async () => {
    const { statusCode, body } = await app.inject({ url: '/digest/stop?token=no' });
    assert.equal(statusCode, 200);
    assert.ok(body.includes('This link is not known'));
    assert.ok((await post({ token: 'no' })).body.includes('This link is not known'));
  });

  test('its page is accessible, and narrow enough for a phone', {
    skip: withoutBrowser,
  }, async () => {
    const at = await app.listen({ host: '127.0.0.1', port: 0 });
    const browser = await launchBrowser();
    try {
      for (const width of [320, 1200]) {
        const page = await browser.newPage({ viewport: { width, height: 700 } });
        await page.goto(`${at}/digest/stop?token=no`);
        assert.deepEqual(await accessibilityProblems(page), []);
        assert.equal(await sidewaysOverflow(page), 0);
      }
    } finally {
      await browser.close();
    }
  });
});

test('what may leave by e-mail counts ten at least, in figures and in words', () => {
  for (const sentence of [
    '3 pupils were away.',
    'Three children left.',
    'The mark of 1 child changed.',
    'nine more pupils than usual',
    'Three of its pupils left.',
    '5 FSM pupils miss more.',
    'It is two siblings.',
    'A pupil came back.',
    'Both of these left.',
  ]) {
    assert.equal(mayBeMailed(sentence), false, sentence);
  }
  for (const sentence of [
    '60 pupils missed 9 percentage points more.',
    'Absence was 6.3 pupils in a hundred.',
    'Year 9 pupils missed more on four Fridays.',
  ]) {
    assert.equal(mayBeMailed(sentence), true, sentence);
  }
});

test('settings of the mail server that are none, or without links, are refused', () => {
  const right = { server: 'smtps://a:b@mail.example:465', from: 'a@example.org', site: link };
  checkMailSettings(right);
  for (const wrong of [
    { server: 'mail.example' },
    { server: 'https://mail.example' },
    { from: 'somebody' },
    { from: 'A <a@example.org>, b@example.org' },
    { site: '' },
  ]) {
    assert.throws(() => checkMailSettings({ ...right, ...wrong }), /ROLLCALL_/);
  }
});

test('a message escapes what it is made of', () => {
  const { html, text } = messageOf(
    { place: 'A & B <School>', week, sentences: ['"So"'], told: [], more: 0, href: '/england' },
    { site: link, stopPath: '/digest/stop?token=a' },
  );
  assert.ok(html.includes('A &amp; B &lt;School&gt;'));
  assert.ok(text.includes('A & B <School>'));
});
