import {
  type Answer,
  type Ask,
  parseViewer,
  type Role,
  type Route,
  roles,
  type Trace,
  type Trail,
  type Viewer,
} from '../access/index.ts';
import { type Clock, dayInEngland } from '../base/clock.ts';
import { type Day, yearsAfter } from '../base/day.ts';
import { Refusal } from '../base/problem.ts';
import {
  type ApiKey,
  type Appointment,
  appointmentsOf,
  closePerson,
  endAppointment,
  findAppointment,
  findKeyById,
  findPerson,
  keepAppointment,
  listKeys,
  listPeopleByNumber,
  type Person,
  type Records,
  reopenPerson,
  revokeKey,
} from '../records/index.ts';
import { type Directories, refuseUnknownViewer } from '../schools/index.ts';
import { pageNumber, paginate, type Table, words } from '../ui/index.ts';
import {
  appointable,
  checkDay,
  checkLastDay,
  familyRoles,
  isInForce,
  parseAppointment,
  viewerOf,
} from './appointments.ts';
import { abilities, checkKey, isGood, longestKeyDays, makeKey } from './keys.ts';

export type AdministrationParts = {
  records: Records;
  trail: Trail;
  clock: Clock;
  directories: Directories;
  describeViewer(viewer: Viewer): Promise<string>;
};

const needs = 'administration';
const pageSize = 20;
const peoplePath = '/administration/people';
const keysPath = '/administration/keys';

/** Who may sign in as what, and the keys of other systems: for administrators, who see no child. */
export function administrationRoutes(parts: AdministrationParts): Route[] {
  return [...peopleRoutes(parts), ...keyRoutes(parts)];
}

type By = Pick<Trace, 'viewer' | 'from'>;

/** Writes down that something of a person, or of a key, was changed. */
const tracing =
  (trail: Trail, kind: 'person' | 'system') =>
  (by: By, id: number, detail: NonNullable<Trace['detail']>) =>
    trail.leave({
      ...{ ...by, action: 'changed', data: needs, detail },
      subject: { kind, id: String(id) },
    });

/**
 * What an administrator and the operator do to people. Each leaves its trace before it is done: nothing is changed that
 * could not be written down.
 */
export function peopleChanges({
  records,
  trail,
  clock,
  directories,
}: Omit<AdministrationParts, 'describeViewer'>) {
  const trace = tracing(trail, 'person');
  const refuseOwn = ({ viewer }: By, person: number) => {
    if (viewer.person !== person) return;
    throw new Refusal(
      'not-allowed',
      'Nobody changes their own appointments. Ask another administrator.',
    );
  };
  return {
    /** Gives the number of the appointment. */
    async appoint(
      by: By,
      given: { person: number; as: string; startsOn: string; endsOn: string | null },
    ): Promise<number> {
      const { id: person, closed_at } = await getPerson(records, given.person);
      refuseOwn(by, person);
      if (closed_at !== null) throw new Refusal('bad-input', 'This person no longer has access.');
      const { role, scope } = parseAppointment(given.as);
      const { startsOn: starts_on, endsOn: ends_on } = given;
      checkDay(starts_on);
      checkLastDay(role, starts_on, ends_on);
      refuseUnknownViewer({ role, scope }, await directories());
      await trace(by, person, { done: 'appointed', role, scope, starts_on, ends_on });
      const given_by = by.viewer.person ?? null;
      return keepAppointment(records, {
        ...{ person, role, scope, starts_on, ends_on, given_by },
        given_at: clock(),
      });
    },
    async end(by: By, id: number): Promise<Appointment> {
      const appointment = await findAppointment(records, id);
      if (!appointment) throw new Refusal('not-found', `There is no appointment ${id}.`);
      refuseOwn(by, appointment.person);
      if (appointment.ended_at !== null) {
        throw new Refusal('bad-input', `Appointment ${id} was ended already.`);
      }
      await trace(by, appointment.person, { done: 'ended', appointment: id });
      await endAppointment(records, id, clock());
      return appointment;
    },
    async close(by: By, id: number): Promise<Person> {
      const person = await getPerson(records, id);
      refuseOwn(by, id);
      await trace(by, id, { done: 'closed' });
      await closePerson(records, id, clock());
      return person;
    },
    /** Their appointments count again, those that are still in force. */
    async reopen(by: By, id: number): Promise<Person> {
      const person = await getPerson(records, id);
      refuseOwn(by, id);
      if (person.closed_at === null) {
        throw new Refusal('bad-input', `Person ${id} has access: nobody took it away.`);
      }
      await trace(by, id, { done: 'reopened' });
      await reopenPerson(records, id);
      return person;
    },
  };
}

/** The same for the keys of other systems. */
export function keyChanges({
  records,
  trail,
  clock,
  directories,
}: Omit<AdministrationParts, 'describeViewer'>) {
  const trace = tracing(trail, 'system');
  return {
    /** The trace comes after, for the key's number; without it nobody gets to see the key. */
    async make(by: By, wanted: Parameters<typeof makeKey>[1]) {
      refuseUnknownViewer({ role: 'system', scope: wanted.urn }, await directories());
      const made = await makeKey(records, wanted, clock());
      const { viewer, expiresAt } = made;
      await trace(by, made.id, { done: 'made', viewer, until: expiresAt.toISOString() });
      return made;
    },
    async revoke(by: By, id: number): Promise<ApiKey> {
      const key = await findKeyById(records, id);
      if (!key) throw new Refusal('not-found', `There is no key ${id}.`);
      await trace(by, id, { done: 'revoked' });
      await revokeKey(records, id, clock());
      return key;
    },
  };
}

export async function getPerson(records: Records, id: number): Promise<Person> {
  const person =
    Number.isSafeInteger(id) && id < 2 ** 31 ? await findPerson(records, id) : undefined;
  if (!person)
    throw new Refusal(
      'not-found',
      'There is no such person. People are here from when they first signed in.',
    );
  return person;
}

function peopleRoutes(parts: AdministrationParts): Route[] {
  const changes = peopleChanges(parts);
  return [
    {
      method: 'GET',
      path: peoplePath,
      summary: 'Who may sign in as what',
      needs,
      answer: (ask) => peoplePage(parts, ask),
    },
    {
      method: 'GET',
      path: `${peoplePath}/:person`,
      summary: 'What somebody may sign in as',
      needs,
      answer: (ask) => personPage(parts, Number(ask.params['person']), {}),
    },
    {
      method: 'POST',
      path: `${peoplePath}/:person/appointments`,
      summary: 'Give an appointment',
      needs,
      async answer(ask) {
        const person = Number(ask.params['person']);
        const { role = '', scope = '', starts_on = '', ends_on = '' } = ask.form;
        const as = scope.trim() === '' ? role : `${role}:${scope.trim()}`;
        const days = { startsOn: starts_on.trim(), endsOn: ends_on.trim() || null };
        const known = appointable.find((each) => each === role);
        const wrong = await firstWrong(
          ['role', () => checkRole(role)],
          [
            'scope',
            async () => refuseUnknownViewer(parseAppointment(as), await parts.directories()),
          ],
          ['starts_on', () => checkDay(days.startsOn)],
          ['ends_on', () => known && checkLastDay(known, days.startsOn, days.endsOn)],
          ['role', () => changes.appoint(ask, { person, as, ...days })],
        );
        if (wrong) return personPage(parts, person, { typed: ask.form, wrong });
        return { kind: 'redirect', to: `${peoplePath}/${person}` };
      },
    },
    {
      method: 'POST',
      path: `${peoplePath}/:person/appointments/:appointment/end`,
      summary: 'End an appointment',
      needs,
      async answer(ask) {
        const { person } = await changes.end(ask, numberIn(ask.params['appointment']));
        return { kind: 'redirect', to: `${peoplePath}/${person}` };
      },
    },
    {
      method: 'GET',
      path: `${peoplePath}/:person/close`,
      summary: 'Take somebody’s access away: are you sure?',
      needs,
      async answer({ params }) {
        const person = await getPerson(parts.records, numberIn(params['person']));
        const told = toldOf(person, await appointmentsOf(parts.records, [person.id]));
        return {
          kind: 'page',
          template: 'signIn/close.njk',
          model: { id: person.id, name: told.name, isClosed: person.closed_at !== null },
        };
      },
    },
    {
      method: 'POST',
      path: `${peoplePath}/:person/close`,
      summary: 'Take somebody’s access away',
      needs,
      async answer(ask) {
        const { id } = await changes.close(ask, numberIn(ask.params['person']));
        return { kind: 'redirect', to: `${peoplePath}/${id}` };
      },
    },
  ];
}

/** 0, which nothing has, for what is no number of anything. */
function numberIn(text: string | undefined): number {
  return /^\d{1,9}$/.test(text ?? '') ? Number(text) : 0;
}

/** Refuses with `bad-input` what nobody can be appointed to. */
function checkRole(role: string): void {
  if (role === '') throw new Refusal('bad-input', 'Choose a role.');
  if (!appointable.some((each) => each === role)) parseAppointment(role);
}

/** What is wrong in a form, and the field that it is wrong in. */
type Wrong = { field: string; text: string };

/** Does one thing after the other; gives the first that the person can correct. */
async function firstWrong(
  ...steps: readonly [field: string, step: () => unknown][]
): Promise<Wrong | undefined> {
  for (const [field, step] of steps) {
    try {
      await step();
    } catch (error) {
      if (!isWrongInput(error)) throw error;
      return { field, text: error.message };
    }
  }
  return undefined;
}

/** For a page with a form: the summary of what is wrong, and the same beside its field. */
function errorsOf(wrong: Wrong | undefined) {
  return {
    errors: wrong ? [{ text: wrong.text, href: `#${wrong.field}` }] : null,
    fieldErrors: wrong ? { [wrong.field]: { text: wrong.text } } : {},
  };
}

/** What the person can correct in the form that they sent. */
function isWrongInput(error: unknown): error is Refusal {
  if (!(error instanceof Refusal)) return false;
  return error.reason === 'bad-input' || error.reason === 'not-found';
}

async function peoplePage(
  { records, clock }: AdministrationParts,
  { query }: Ask,
): Promise<Answer> {
  const typed = (query['q'] ?? '').slice(0, 100).toWellFormed().trim();
  const page = pageNumber(query['page']);
  const found = await listPeopleByNumber(records, typed, {
    numbered: familyRoles,
    page: { from: (page - 1) * pageSize, size: pageSize },
  });
  const all = await appointmentsOf(
    records,
    found.people.map(({ id }) => id),
  );
  return {
    kind: 'page',
    template: 'signIn/people.njk',
    model: {
      typed,
      people: peopleTable(found.people, all, dayInEngland(clock())),
      pages: paginate({
        total: found.total,
        pageSize,
        page,
        noun: ['person', 'people'],
        href: (number) =>
          `${peoplePath}?${new URLSearchParams({ q: typed, page: String(number) })}`,
      }),
    },
  };
}

function peopleTable(people: Person[], all: Appointment[], day: Day): Table {
  return {
    caption: 'People',
    columns: [
      { name: 'name', heading: 'Name', kind: 'text' },
      { name: 'email', heading: 'E-mail', kind: 'text' },
      { name: 'organisation', heading: 'Acts for, as the sign-in service says', kind: 'text' },
      { name: 'now', heading: 'Appointed now', kind: 'text' },
    ],
    rows: people.map((person) => {
      const { id, organisation, closed_at } = person;
      const { name, email } = toldOf(person, all);
      return [
        { text: name, href: `${peoplePath}/${id}` },
        email,
        organisation ?? 'not said',
        closed_at === null ? nowText(all, id, day) : 'no longer has access',
      ];
    }),
  };
}

/**
 * An administrator runs the system and sees no child: who was ever appointed pupil or parent has a number here and no
 * name, and so has who was never appointed, who may be a child.
 */
function toldOf({ id, name, email }: Person, all: readonly Appointment[]) {
  const held = all.filter(({ person }) => person === id).map(({ role }) => role);
  const family = familyRoles.find((role) => held.includes(role));
  if (held.length > 0 && family === undefined) return { name, email };
  const kind = family === undefined ? 'Person' : `${words.sentence(roles[family].title)},`;
  return { name: `${kind} ${family === undefined ? id : `number ${id}`}`, email: 'not shown' };
}

function nowText(all: Appointment[], person: number, day: Day): string {
  const held = all.filter((each) => each.person === person && isInForce(each, day));
  const said = held.map(({ role, scope }) =>
    scope === null ? titleOf(role) : `${titleOf(role)} (${scope})`,
  );
  return said.length === 0 ? 'no appointment now' : said.join(', ');
}

/** `head`, `attendance staff of a school`: a role in words, without what stands before it in a sentence. */
function titleOf(role: string): string {
  const title = Object.hasOwn(roles, role) ? roles[role as Role].title : role;
  return title.replace(/^(on the|an?|the) /, '');
}

async function personPage(
  { records, clock, describeViewer }: AdministrationParts,
  id: number,
  { typed = {}, wrong }: { typed?: Readonly<Record<string, string>>; wrong?: Wrong },
): Promise<Answer> {
  const person = await getPerson(records, id);
  const day = dayInEngland(clock());
  const held = await appointmentsOf(records, [person.id]);
  const appointments = await Promise.all(
    held.map(async (each) => ({
      id: each.id,
      as: await describeViewer(viewerOf(each)),
      from: words.date(each.starts_on),
      to: each.ends_on === null ? 'no end' : words.date(each.ends_on),
      standing: standingOf(each, day, person),
      canEnd:
        person.closed_at === null &&
        each.ended_at === null &&
        (each.ends_on === null || each.ends_on >= day),
    })),
  );
  return {
    kind: 'page',
    template: 'signIn/person.njk',
    model: {
      person: {
        id: person.id,
        ...toldOf(person, held),
        organisation: person.organisation ?? 'not said',
        issuer: person.issuer,
        isClosed: person.closed_at !== null,
      },
      appointments,
      roles: appointable.map((role) => ({
        value: role,
        text: words.sentence(titleOf(role)),
        selected: role === typed['role'],
      })),
      typed: {
        scope: typed['scope'] ?? '',
        startsOn: typed['starts_on'] ?? day,
        endsOn: typed['ends_on'] ?? yearsAfter(day, 1),
      },
      ...errorsOf(wrong),
    },
  };
}

function standingOf(appointment: Appointment, day: Day, { closed_at }: Person): string {
  if (appointment.ended_at !== null) return `ended on ${words.date(appointment.ended_at)}`;
  if (closed_at !== null) return `no: access was taken away on ${words.date(closed_at)}`;
  if (isInForce(appointment, day)) return 'now';
  return appointment.starts_on > day ? 'not yet' : 'over';
}

function keyRoutes(parts: AdministrationParts): Route[] {
  const changes = keyChanges(parts);
  return [
    {
      method: 'GET',
      path: keysPath,
      summary: 'Keys of other systems',
      needs,
      answer: () => keysPage(parts, {}),
    },
    {
      method: 'POST',
      path: keysPath,
      summary: 'Make a key',
      needs,
      async answer(ask) {
        const { name = '', urn = '', days = '' } = ask.form;
        const wanted = Object.keys(abilities).filter((each) => ask.form[each] === 'yes');
        const given = { name, urn: urn.trim(), abilities: wanted, days: Number(days) };
        let made: Awaited<ReturnType<typeof changes.make>> | undefined;
        const wrong = await firstWrong(
          ['name', () => checkKey.name(given)],
          [
            'urn',
            async () =>
              refuseUnknownViewer(parseViewer(`system:${given.urn}`), await parts.directories()),
          ],
          ['ability', () => checkKey.abilities(given)],
          ['days', () => checkKey.days(given)],
          [
            'name',
            async () => {
              made = await changes.make(ask, given);
            },
          ],
        );
        if (!made) return keysPage(parts, { typed: ask.form, ...(wrong && { wrong }) });
        const model = { id: made.id, text: made.text, until: words.date(made.expiresAt) };
        return { kind: 'page', template: 'signIn/keyMade.njk', model };
      },
    },
    {
      method: 'POST',
      path: `${keysPath}/:key/revoke`,
      summary: 'Revoke a key',
      needs,
      async answer(ask) {
        await changes.revoke(ask, numberIn(ask.params['key']));
        return { kind: 'redirect', to: keysPath };
      },
    },
  ];
}

async function keysPage(
  { records, clock }: AdministrationParts,
  { typed = {}, wrong }: { typed?: Readonly<Record<string, string>>; wrong?: Wrong },
): Promise<Answer> {
  const keys = (await listKeys(records)).map((key) => ({
    id: key.id,
    name: key.name,
    viewer: key.viewer,
    abilities: key.abilities,
    until: words.date(key.expires_at),
    used: key.last_used_at === null ? 'never' : words.date(key.last_used_at),
    standing: keyStanding(key, clock()),
    isGood: isGood(key, clock()),
  }));
  return {
    kind: 'page',
    template: 'signIn/keys.njk',
    model: {
      keys,
      abilities: Object.entries(abilities).map(([name, text]) => ({
        name,
        text,
        checked: typed[name] === 'yes',
      })),
      longestKeyDays,
      typed: {
        name: typed['name'] ?? '',
        urn: typed['urn'] ?? '',
        days: typed['days'] ?? String(longestKeyDays - 1),
      },
      ...errorsOf(wrong),
    },
  };
}

export function keyStanding(key: ApiKey, now: Date): string {
  if (key.revoked_at !== null) return `revoked on ${words.date(key.revoked_at)}`;
  return isGood(key, now) ? 'good' : 'expired';
}
