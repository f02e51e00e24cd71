import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { academicYear } from '../../src/base/academicYear.ts';
import { daysAfter } from '../../src/base/day.ts';
import { makeUpn } from '../../src/base/upn.ts';
import { halfTermWeeks, mondayOf } from '../../src/base/weekOfYear.ts';
import { demoCast } from '../../src/demo/index.ts';
import { addPupil, searchAudit } from '../../src/records/index.ts';
import { keysOf } from '../../src/registers/index.ts';
import {
  accessibilityProblems,
  launchBrowser,
  sidewaysOverflow,
  withoutBrowser,
} from '../../src/testing/browser.ts';
import {
  type AttackedSite,
  openAttackedSite,
  type Running,
  type Visitor,
} from '../attacks/site.fixture.ts';

/*
 * A school’s worklist as its people use it, signed in and by the site’s own forms: on a Monday in November, after ten weeks
 * of registers of five children. One is restricted, one stands on another school’s roll too.
 */

const { urn } = demoCast.improvingSecondary;
const village = demoCast.smallRuralPrimary.urn;
const path = `/schools/${urn}/worklist`;
const weeksBefore = 12;

/** The first such Monday that is not over: the cast is of the present year. */
const { year, today } = (() => {
  const now = new Date();
  const start = now.getUTCFullYear() - (now.getUTCMonth() < 7 ? 1 : 0);
  const here = academicYear(start);
  const of =
    mondayOf(weeksBefore, here) > now.toISOString().slice(0, 10) ? here : academicYear(start + 1);
  return { year: of, today: mondayOf(weeksBefore, of) };
})();
const weeks = halfTermWeeks.flatMap(([first, last]) =>
  Array.from({ length: last - first + 1 }, (_, at) => mondayOf(first + at, year)),
);
const days = weeks.flatMap((monday) => [0, 1, 2, 3, 4].map((at) => daysAfter(monday, at)));

let site: AttackedSite;
let running: Running;
let head: Visitor;
let staff: Visitor;
let villageHead: Visitor;
let dual: number;
const child = (key: string) => site.cast.pupils.get(key) as number;

before(async () => {
  site = await openAttackedSite();
  site.later.milliseconds = Date.parse(`${today}T10:00:00Z`) - Date.now();
  running = await site.run({ demo: false });
  [head, staff, villageHead] = (await Promise.all(
    (['head', 'attendanceStaff', 'villageHead'] as const).map((key) => running.signIn(key)),
  )) as [Visitor, Visitor, Visitor];
  dual = await addPupil(site.stores.records, {
    upn: makeUpn({ laCode: '990', establishment: 4001, year: 2018, serial: 77 }),
    ...{
      surname: 'Avocet (made-up)',
      forename: 'Zephyrine',
      sex: 'F',
      date_of_birth: '2014-01-01',
    },
    ...{ person: null, created_at: new Date(), contacts: [], cases: [] },
    characteristics: { fsm: false, sen: 'N', eal: false, ethnicity: 'WBRI' },
    enrolments: [urn, village].map((at) => ({
      ...{
        urn: at,
        year_group: '7',
        class_name: '7B',
        entry_date: '2024-09-01',
        leaving_date: null,
      },
    })),
  });
  await layRegisters({
    // Away each Monday, ill; each Monday and Tuesday without leave; and so on.
    elderSibling: [1, 'I'],
    signsIn: [2, 'O'],
    restricted: [3, 'O'],
    classmateOne: [0, 'I'],
    dual: [2, 'I'],
  });
});
after(async () => {
  assert.deepEqual(site.faults, []);
  await site.close();
});

/** How many days of each week a child is away, and under which code. */
async function layRegisters(away: Record<string, readonly [days: number, code: string]>) {
  const { stores } = site;
  const ids = new Map(Object.keys(away).map((key) => [key, key === 'dual' ? dual : child(key)]));
  const keys = await keysOf(stores.records, [...ids.values()]);
  await stores.write(async ({ begin, warehouse }) => {
    const bring = async (kind: string) =>
      (await begin({ kind, scope: 'worklist', title: kind, digest: '' })).id;
    const [marks, calendar, roll] = [
      ...[await bring('marks'), await bring('calendars'), await bring('pupils')],
    ] as [number, number, number];
    const rows = [...ids].flatMap(([key, id]) =>
      (key === 'dual' ? [urn, village] : [urn]).map((at) => ({
        key,
        at,
        pupil: keys.get(id) as string,
      })),
    );
    await warehouse.append(
      'enrolments',
      ['receipt', 'urn', 'pupil', 'entry_date', 'leaving_date', 'year_group', 'born'],
      rows.map(({ at, pupil }) => [roll, at, pupil, '2024-09-01', '2149-06-06', 7, '2014-01-01']),
    );
    await warehouse.append(
      'register_days',
      ['receipt', 'urn', 'date', 'session', 'open', 'reason'],
      [urn, village].flatMap((at) =>
        days.flatMap((date) => [0, 1].map((session) => [calendar, at, date, session, true, ''])),
      ),
    );
    await warehouse.append(
      'marks',
      ['receipt', 'urn', 'pupil', 'date', 'session', 'code', 'entered_at', 'entry'],
      rows.flatMap(({ key, at, pupil }) =>
        days.flatMap((date, place) => {
          if (date >= today) return [];
          const [many, code] = away[key] as readonly [number, string];
          return [0, 1].map((session) => [
            ...[marks, at, pupil, date, session],
            ...[place % 5 < many ? code : session === 0 ? '/' : '\\', `${date} 15:00:00`, 0],
          ]);
        }),
      ),
    );
  });
}

const textOf = (html: string) =>
  html
    .replaceAll(/<(script|style|svg)[\s\S]*?<\/\1>/g, ' ')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll('&#39;', '’')
    .replaceAll(/\s+/g, ' ');
const read = async (visitor: Visitor, of = path) => {
  const { status, body } = await visitor.get(of);
  assert.equal(status, 200, `${of}: ${textOf(body).slice(0, 300)}`);
  return textOf(body);
};
/** What the list says of one child. */
const ofChild = async (visitor: Visitor, name: string) => {
  const { body } = await visitor.get(path);
  const section = body
    .split('<section class="rollcall-listed"')
    .find((each) => each.includes(name));
  return section === undefined ? undefined : textOf(section);
};
const note = (visitor: Visitor, pupil: number, text: string, at: number = urn) =>
  visitor.post(`/schools/${at}/worklist/child`, { pupil: String(pupil), text });
/** The number of what the page says last of who has a child: its form sends it. */
const lastSaid = async (pupil: number) => {
  const { body } = await head.get(path);
  const form = new RegExp(
    `name="pupil" value="${pupil}">\\s*<input[^>]*name="after" value="(\\d+)"`,
  );
  return form.exec(body)?.[1] ?? '0';
};
const hold = async (
  visitor: Visitor,
  pupil: number,
  holder: number | 'nobody' | '',
  after?: string,
) =>
  visitor.post(`${path}/child`, {
    ...{ pupil: String(pupil), holder: String(holder) },
    after: after ?? (await lastSaid(pupil)),
  });

describe('the list', () => {
  test('says what it is, who is on it and why, and what its probabilities rest on', async () => {
    const text = await read(staff);
    assert.match(text, /It decides nothing and sends nothing/);
    assert.match(text, /rest on made-up pupils/);
    assert.match(text, /3 children of 4 are listed/);
    const [first] = text.match(/Corvane|Merrin|Zephyrine/) ?? [];
    assert.equal(first, 'Corvane', 'the highest first');
    const own = (await ofChild(staff, 'Merrin')) ?? '';
    assert.match(own, /Nobody has written anything yet/);
    assert.match(own, /Missed 20\.0% of the year so far \(20 of 100 half days\)/);
    assert.match(own, /in \d+ \(.*%\) to be persistently absent at the end of the year/);
    assert.match(own, /came to 8 of 10 half days; away with leave Monday\./);
    assert.doesNotMatch(text, /Deverell/);
  });

  test('says the same of what is left as the child’s own page, by the calendar', async () => {
    const own = (await ofChild(head, 'Merrin')) ?? '';
    const said =
      /Can miss at most (\d+) of the (\d+) half days left .*; out of persistent absence on (\d+ \w+ \d{4})/;
    const [, most, left, day] = said.exec(own) ?? [];
    assert.deepEqual([most, left], ['18', '290']);
    const page = await read(head, `/pupils/${child('elderSibling')}`);
    assert.match(page, new RegExp(`By the school’s calendar ${left} half days are left`));
    assert.match(page, new RegExp(`can miss at most ${most} half days`));
    assert.match(page, new RegExp(`below a tenth again on ${day}`));
  });

  test('a child’s own page has its year half day by half day, its absences in a row and their reasons', async () => {
    const parent = await running.signIn('parent');
    for (const visitor of [head, parent]) {
      const of = `/pupils/${child('elderSibling')}`;
      const text = await read(visitor, of);
      assert.match(text, /Autumn, first half .*Autumn, second half/);
      assert.match(text, /came to 8 of 10 half days; away with leave Monday\./);
      assert.match(text, /What the absence of this year was for .*Illness[^)]*\(I\) 20 /);
      const spells = text.match(/, morning \d+ \w+ \d{4}, afternoon 2 Illness/g);
      assert.equal(spells?.length, 10, 'one a week');
      assert.equal((await visitor.get(of)).body.match(/class="rollcall-strip"/g)?.length, 2);
    }
  });

  test('leaves a restricted record alone, but for the head', async () => {
    assert.equal(await ofChild(staff, 'Isbel'), undefined);
    assert.match(await read(staff), /1 restricted record of this school is kept and not looked at/);
    assert.match((await ofChild(head, 'Isbel')) ?? '', /Missed 60\.0%/);
    const { status } = await note(staff, child('restricted'), 'Rang home.');
    assert.equal(status, 403);
  });

  test('is for the head and the attendance staff of the school, and for nobody else', async () => {
    for (const key of [
      ...(['villageHead', 'formerHead', 'teacher', 'trustLead', 'authorityOfficer'] as const),
      ...(['authorityAnalyst', 'inspector', 'department', 'socialWorker', 'earlyHelp'] as const),
      ...(['parent', 'pupil', 'auditor', 'administrator', 'adviser', 'hub'] as const),
    ]) {
      const visitor = await running.signIn(key);
      for (const where of [path, `/api/v1${path}`]) {
        const { status, body } = await visitor.get(where);
        assert.equal(status, 403, `${key} ${where}`);
        assert.doesNotMatch(body, /Merrin|Corvane|Zephyrine/);
      }
      assert.equal((await note(visitor, child('elderSibling'), 'Hello there')).status, 403, key);
    }
    assert.equal((await running.ask(path)).status, 403);
  });

  test('is the same in the API', async () => {
    const { status, body } = await staff.get(`/api/v1${path}`);
    assert.equal(status, 200, body);
    const { data, total, model } = JSON.parse(body);
    assert.equal(total, 3);
    assert.match(model, /made-up/);
    assert.deepEqual(
      data.map((each: { forename: string }) => each.forename),
      ['Corvane', 'Zephyrine', 'Merrin'],
    );
    assert.deepEqual(data[2].weeks.at(-1).sessions.slice(0, 3), [
      ...['authorised', 'authorised', 'present'],
    ]);
  });
});

describe('what is written on it', () => {
  test('stands with its writer, the newest first, and the child comes after those of whom nothing is', async () => {
    const id = child('signsIn');
    const { status, headers } = await note(staff, id, 'Rang home, <b>no answer</b>.');
    assert.deepEqual([status, headers['location']], [303, `${path}?child=${id}&kept=child`]);
    await note(head, id, 'Met the family on Thursday.');
    const own = (await ofChild(head, 'Corvane')) ?? '';
    assert.match(
      own,
      /Met the family on Thursday\. Isolde Kittiwake[^]*Rang home, &lt;b&gt;no answer&lt;\/b&gt;\. Osric Sandwort/,
    );
    assert.doesNotMatch(own, /Nobody has written anything yet/);
    const [first] = (await read(head)).match(/Corvane|Merrin|Zephyrine|Isbel/) ?? [];
    assert.notEqual(first, 'Corvane');
    assert.match(await read(head, `${path}?show=unwritten`), /Merrin/);
    assert.doesNotMatch(await read(head, `${path}?show=unwritten`), /Corvane/);
  });

  test('is no number of a child, and neither nothing nor without end', async () => {
    const id = child('elderSibling');
    const upn = makeUpn({ laCode: '990', establishment: 4001, year: 2018, serial: 77 });
    for (const text of [' a ', 'x'.repeat(1001), `See ${upn}`]) {
      const { status, body } = await note(head, id, text);
      assert.equal(status, 200);
      assert.match(body, /There is a problem/);
      assert.match(body, new RegExp(`href="#note-${id}"`));
    }
    assert.doesNotMatch((await ofChild(head, 'Merrin')) ?? '', /xxx|See /);
  });

  test('is never another school’s, also of a child on two rolls', async () => {
    await note(villageHead, dual, 'Of the village school alone.', village);
    const own = (await ofChild(head, 'Zephyrine')) ?? '';
    assert.match(own, /Nobody has written anything yet/);
    assert.doesNotMatch(await read(head), /village school/);
    assert.match(await read(villageHead, `/schools/${village}/worklist`), /Of the village school/);
    await note(head, dual, 'Of the high school alone.');
    assert.doesNotMatch(await read(villageHead, `/schools/${village}/worklist`), /high school/);
  });

  test('is written by the school of the child, today, by its own forms', async () => {
    const id = child('elderSibling');
    assert.equal((await note(head, child('villageChild'), 'Rang home.')).status, 403);
    assert.equal((await note(head, child('leftLately'), 'Rang home.')).status, 403);
    assert.equal((await note(head, 999_999, 'Rang home.')).status, 403);
    // Its own child, written down at another school’s list.
    assert.equal((await note(villageHead, child('villageChild'), 'Rang home.')).status, 403);
    const forged = await head.post(`${path}/child`, {
      csrf: '',
      pupil: String(id),
      text: 'Forged.',
    });
    assert.equal(forged.status, 403);
    assert.doesNotMatch((await ofChild(head, 'Merrin')) ?? '', /Forged|Rang home/);
  });

  test('a child is taken on, handed over and let go; and had by nobody of another school', async () => {
    const id = child('elderSibling');
    const who = async () =>
      /Who has it (.*?) What has been tried/.exec((await ofChild(head, 'Merrin')) ?? '')?.[1];
    assert.equal(await who(), 'Nobody has taken it on.');
    assert.equal((await hold(head, id, head.person)).status, 303);
    assert.match((await who()) ?? '', /^Isolde Kittiwake .*, since/);
    assert.match(await read(head, `${path}?show=mine`), /Merrin/);
    await hold(head, id, staff.person);
    assert.match((await who()) ?? '', /^Osric Sandwort/);
    assert.doesNotMatch(await read(head, `${path}?show=mine`), /Merrin/);
    assert.match((await hold(head, id, villageHead.person)).body, /Choose somebody of the list/);
    assert.equal((await hold(villageHead, id, villageHead.person)).status, 403);
    await hold(staff, id, 'nobody');
    assert.equal(await who(), 'Nobody has taken it on.');
  });

  test('whoever chose nobody, or comes second, is told so on the page, and nothing is written over', async () => {
    const id = child('elderSibling');
    const before = await lastSaid(id);
    assert.match(
      textOf((await hold(head, id, '')).body),
      /There is a problem Say what was tried or found, or choose who has the child/,
    );
    assert.equal((await hold(staff, id, staff.person, before)).status, 303);
    const { status, body } = await hold(head, id, head.person, before);
    assert.equal(status, 200);
    assert.match(textOf(body), /Somebody else has said meanwhile who has this child/);
    assert.match(body, new RegExp(`href="#holder-${id}"`));
    assert.match((await ofChild(head, 'Merrin')) ?? '', /Who has it Osric Sandwort/);
    await hold(staff, id, 'nobody');
  });

  test('after a form one is back on the part of the list, told what was kept and where the child is', async () => {
    const id = child('elderSibling');
    const { headers } = await head.post(`${path}/child`, {
      ...{ pupil: String(id), holder: String(head.person), after: await lastSaid(id) },
      ...{ show: 'mine', page: '1' },
    });
    const to = headers['location'] ?? '';
    assert.equal(to, `${path}?show=mine&child=${id}&kept=child`);
    const { body } = await head.get(to);
    assert.match(
      textOf(body),
      /Success Isolde Kittiwake \(made-up\) has Merrin [^.]* now\. Go to Merrin/,
    );
    assert.match(body, new RegExp(`href="#child-${id}"`));
    const gone = await head.post(`${path}/child`, {
      ...{ pupil: String(id), holder: 'nobody', after: await lastSaid(id), show: 'mine' },
    });
    assert.match(
      await read(head, gone.headers['location'] ?? ''),
      /Nobody has Merrin [^.]* now\. Merrin stands on another part of the list/,
    );
    // Whoever opens the address besides, or later, is told nothing that they did not do.
    assert.doesNotMatch(await read(staff, to), /Success/);
    site.later.milliseconds += 10 * 60_000;
    assert.doesNotMatch(await read(head, to), /Success/);
    // Of a child whom the viewer may not see, or of another school, nothing is said.
    for (const other of [child('restricted'), child('villageChild')]) {
      assert.doesNotMatch(
        await read(staff, `${path}?child=${other}&kept=child`),
        /is kept\.|Isbel/,
      );
    }
  });

  test('a text and who has the child go with one form: both are kept, or neither and nothing typed is lost', async () => {
    const id = child('elderSibling');
    const both = async (visitor: Visitor, text: string, holder: number, after: string) =>
      visitor.post(`${path}/child`, {
        ...{ pupil: String(id), text, holder: String(holder), after },
      });
    const before = await lastSaid(id);
    const short = await both(head, ' \u3164\u2800a ', head.person, before);
    assert.match(
      textOf(short.body),
      /There is a problem Say what was tried or found, in 5 to 1,000/,
    );
    assert.match(short.body, new RegExp(`<option value="${head.person}" selected>`));
    assert.equal(await lastSaid(id), before, 'nobody has it by a form that was not kept');
    const stranger = await both(head, 'Spoke to the form tutor.', villageHead.person, before);
    assert.match(stranger.body, /Choose somebody of the list/);
    assert.match(stranger.body, /Spoke to the form tutor\./, 'what was typed is still there');
    assert.doesNotMatch((await ofChild(head, 'Merrin')) ?? '', /form tutor/);
    const kept = await both(head, 'Spoke to the form tutor.', head.person, before);
    assert.match(
      await read(head, kept.headers['location'] ?? ''),
      /What you wrote of Merrin [^.]* is kept\. Isolde Kittiwake \(made-up\) has Merrin [^.]* now\./,
    );
    await hold(head, id, 'nobody');
  });

  test('a form that was sent twice is kept once, and beyond the last page stands the last', async () => {
    const id = child('elderSibling');
    const before = await lastSaid(id);
    const both = [
      await hold(staff, id, staff.person, before),
      await hold(staff, id, staff.person, before),
    ];
    assert.deepEqual(
      both.map(({ status }) => status),
      [303, 303],
    );
    const standing = await lastSaid(id);
    assert.match(await read(staff, `${path}?show=mine&page=2`), /Merrin/);
    assert.equal((await hold(staff, id, 'nobody')).status, 303);
    assert.notEqual(await lastSaid(id), standing);
    assert.equal((await hold(staff, id, 'nobody')).status, 303);
  });

  test('a child without marks yet stands there too while somebody has it, with no probability', async () => {
    const id = child('classmateTwo');
    const listed = async () => {
      const { data } = JSON.parse((await head.get(`/api/v1${path}`)).body);
      return data.find(({ record }: { record: number }) => record === id);
    };
    assert.equal(await listed(), undefined);
    assert.equal((await hold(head, id, head.person, '0')).status, 303);
    const { because, probability_persistent, arithmetic, holder } = await listed();
    assert.deepEqual([because, probability_persistent, arithmetic], ['held', null, null]);
    assert.match(holder.name, /Isolde/);
    const text = await read(head);
    assert.match(text, /1 child stands at the end, with too few half days this year/);
    assert.match(text, /Too few half days of this year are counted to work anything out/);
    assert.equal((await hold(head, id, 'nobody')).status, 303);
    assert.equal(await listed(), undefined);
  });

  test('a restricted record is had by the head alone', async () => {
    const id = child('restricted');
    const own = (await ofChild(head, 'Isbel')) ?? '';
    assert.match(own, /I take it on/);
    assert.doesNotMatch(own, /Osric/);
    assert.match((await hold(head, id, staff.person)).body, /Choose somebody of the list/);
  });

  test('whoever is not at the school any more has no child, and the page says so', async () => {
    const id = child('elderSibling');
    await hold(head, id, staff.person);
    assert.match(await read(head), /Somebody has it \(1\)/);
    const { records } = site.stores;
    const end = (ended_at: Date | null) =>
      records
        .updateTable('appointments')
        .set({ ended_at })
        .where('person', '=', staff.person)
        .where('role', '=', 'school')
        .execute();
    await end(new Date());
    assert.match(
      (await ofChild(head, 'Merrin')) ?? '',
      /Osric Sandwort [^.]*, who cannot see to it here any more: somebody else has to take it on/,
    );
    assert.match(await read(head), /Somebody has it \(0\)/);
    await end(null);
    await hold(head, id, 'nobody');
  });

  test('how many the school can see to is its own word', async () => {
    assert.match(await read(staff), /a twentieth of the 4 children is taken, 1/);
    const say = (visitor: Visitor, children: string) =>
      visitor.post(`${path}/capacity`, { children });
    for (const wrong of ['', 'ten', '-1', '2001']) {
      assert.match((await say(staff, wrong)).body, /Say how many children, as a whole number/);
    }
    assert.equal((await say(staff, '4')).status, 303);
    const text = await read(staff);
    assert.match(text, /4 children of 4 are listed/);
    assert.match(text, /4 children, as Osric Sandwort .* said on/);
    assert.match(text, /Deverell/);
    assert.equal((await say(villageHead, '4')).status, 403);
  });
});

test('every look and every change is in the trail of the child it was about', async () => {
  const done = async (key: string, actions: ('read' | 'changed')[]) => {
    const { entries } = await searchAudit(
      site.stores.records,
      { pupil: child(key), actions },
      { from: 0, size: 200 },
    );
    return entries.filter(({ data_class }) => data_class === 'worklist');
  };
  assert.ok((await done('elderSibling', ['read'])).length > 3);
  const changes = await done('elderSibling', ['changed']);
  assert.deepEqual(changes.map(({ detail }) => JSON.parse(detail).worklist).toReversed(), [
    'taken on',
    'handed over',
    ...['let go', 'taken on', 'let go', 'taken on', 'let go', 'taken on', 'note written'],
    ...['let go', 'taken on', 'let go', 'given', 'let go'],
  ]);
  assert.ok(changes.every(({ person, purpose }) => person !== null && purpose === 'attendance'));
  assert.deepEqual(await done('leftLately', ['read', 'changed']), []);
});

test('the family is given what was written', async () => {
  const pupil = await running.signIn('pupil');
  const { status, body } = await pupil.get(`/pupils/${child('signsIn')}/export`);
  assert.equal(status, 200, body);
  const { worklist } = JSON.parse(body) as { worklist: { text: string }[] };
  assert.equal(worklist.length, 2);
  assert.match(worklist[1]?.text ?? '', /Met the family/);
});

test('a worklist and a child’s year read well on a narrow screen and on paper, without JavaScript too', {
  skip: withoutBrowser,
}, async () => {
  const browser = await launchBrowser();
  try {
    for (const javaScriptEnabled of [true, false]) {
      const context = await browser.newContext({
        javaScriptEnabled,
        viewport: { width: javaScriptEnabled ? 1200 : 320, height: 800 },
      });
      const [name = '', value = ''] = head.cookie.split('=');
      await context.addCookies([{ name, value, url: running.address }]);
      const tab = await context.newPage();
      for (const where of [path, `/pupils/${child('signsIn')}`]) {
        await tab.goto(`${running.address}${where}`);
        assert.ok((await tab.locator('svg.rollcall-strip').count()) > 0, where);
        assert.equal(await sidewaysOverflow(tab), 0, where);
        if (javaScriptEnabled) assert.deepEqual(await accessibilityProblems(tab), [], where);
        await tab.emulateMedia({ media: 'print' });
        await tab.setViewportSize({ width: 700, height: 1000 });
        assert.equal(await sidewaysOverflow(tab), 0, `${where} on paper`);
        await tab.emulateMedia({ media: 'screen' });
        await tab.setViewportSize({ width: javaScriptEnabled ? 1200 : 320, height: 800 });
      }
      await context.close();
    }
  } finally {
    await browser.close();
  }
});
