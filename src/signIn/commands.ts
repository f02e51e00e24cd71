import {
  type Command,
  type CommandContext,
  type CommandOption,
  operator,
  trailOf,
} from '../access/index.ts';
import { dayInEngland } from '../base/clock.ts';
import { parseDay } from '../base/day.ts';
import { Refusal } from '../base/problem.ts';
import { appointmentsOf, listKeys, listPeople } from '../records/index.ts';
import { directoriesOf } from '../schools/index.ts';
import { words } from '../ui/index.ts';
import { keyChanges, keyStanding, peopleChanges } from './administration.ts';
import { appointable, isInForce } from './appointments.ts';
import { abilities, longestKeyDays } from './keys.ts';

const from = 'command line';
const isDay = (text: string) => parseDay(text) !== undefined;
const isNumber = (text: string) => /^\d{1,9}$/.test(text);
const mostShown = 500;

const personOption: CommandOption = {
  value: 'NUMBER',
  help: 'Who, by the number in people list.',
  required: true,
  accepts: isNumber,
};

/** The verbs `people …` and `keys …`, which the operator has. The first administrator of a site is appointed here. */
export const signInCommands: Command[] = [
  {
    verb: 'people list',
    summary: 'Lists who signed in here, and as what they may act now.',
    options: {
      find: { value: 'TEXT', help: 'Only those with this in their name or e-mail address.' },
      json: { help: 'Prints everything as JSON.' },
    },
    example: './rollcall people list --find ashgrove',
    async run({ stores, clock, output }, { values, switches }) {
      const { records } = stores;
      const search = values['find'] ?? '';
      const { people, total } = await listPeople(records, search, { from: 0, size: mostShown });
      await trailOf(stores, clock).leave({
        ...{ viewer: operator, action: 'read', data: 'administration', from },
        subject: { kind: 'system', id: 'people list' },
      });
      const appointments = await appointmentsOf(
        records,
        people.map(({ id }) => id),
      );
      const ofPerson = (id: number) => appointments.filter(({ person }) => person === id);
      if (switches.has('json')) {
        const all = people.map((person) => ({ ...person, appointments: ofPerson(person.id) }));
        output.line(JSON.stringify(all, null, 2));
        return 0;
      }
      const day = dayInEngland(clock());
      for (const { id, name, email, closed_at } of people) {
        output.line(
          `${id}  ${name} <${email}>${closed_at === null ? '' : ', no longer has access'}`,
        );
        for (const each of ofPerson(id)) {
          const { role, scope, starts_on, ends_on } = each;
          const as = scope === null ? role : `${role}:${scope}`;
          const standing = isInForce(each, day) ? 'in force' : 'not in force';
          output.line(
            `    appointment ${each.id}: ${as}, ${starts_on} to ${ends_on ?? 'no end'}, ${standing}`,
          );
        }
      }
      output.line(
        total > people.length
          ? `${people.length} of ${words.plural(total, 'person', 'people')}; --find narrows.`
          : words.plural(total, 'person', 'people'),
      );
      return 0;
    },
  },
  {
    verb: 'people appoint',
    summary: 'Says as what somebody who signed in may act, and from when until when.',
    options: {
      person: personOption,
      role: {
        value: 'ROLE[:SCOPE]',
        help: `As what: school:100000, say, or administrator. One of ${appointable.join(', ')}.`,
        required: true,
      },
      from: { value: 'DATE', help: 'The first day; today when left out.', accepts: isDay },
      to: {
        value: 'DATE',
        help: 'The last day; a role that sees children’s records needs one, within two years.',
        accepts: isDay,
      },
    },
    example: './rollcall people appoint --person 1 --role administrator --to 2027-08-31',
    async run(context, { values }) {
      const person = Number(values['person']);
      const id = await changesOf(context).people.appoint(by(context), {
        person,
        as: values['role'] ?? '',
        startsOn: values['from'] ?? dayInEngland(context.clock()),
        endsOn: values['to'] ?? null,
      });
      context.output.line(`Appointment ${id} given to person ${person}.`);
      return 0;
    },
  },
  {
    verb: 'people end',
    summary: 'Ends an appointment at once, in sessions that run as well.',
    options: {
      appointment: {
        value: 'NUMBER',
        help: 'Which, by the number in people list.',
        required: true,
        accepts: isNumber,
      },
    },
    example: './rollcall people end --appointment 3',
    async run(context, { values }) {
      const { id, person } = await changesOf(context).people.end(
        by(context),
        Number(values['appointment']),
      );
      context.output.line(`Appointment ${id} of person ${person} ended.`);
      return 0;
    },
  },
  {
    verb: 'people close',
    summary: 'Takes somebody’s access away: signed out at once, and not let in again.',
    options: { person: personOption },
    example: './rollcall people close --person 4',
    async run(context, { values }) {
      const { id } = await changesOf(context).people.close(by(context), Number(values['person']));
      context.output.line(`Person ${id} no longer has access.`);
      return 0;
    },
  },
  {
    verb: 'people reopen',
    summary: 'Gives somebody access again from whom it was taken away.',
    options: { person: personOption },
    example: './rollcall people reopen --person 4',
    async run(context, { values }) {
      const { id } = await changesOf(context).people.reopen(by(context), Number(values['person']));
      context.output.line(`Person ${id} can sign in again, under the appointments still in force.`);
      return 0;
    },
  },
  {
    verb: 'keys create',
    summary: 'Makes a key with which a school’s information system sends registers. Shown once.',
    options: {
      name: { value: 'TEXT', help: 'Which system it is for.', required: true },
      school: {
        value: 'URN',
        help: 'Whose registers.',
        required: true,
        accepts: (text) => /^\d{6}$/.test(text),
      },
      may: {
        value: 'ABILITY,…',
        help: `What it may do: ${Object.keys(abilities).join(', ')}. All when left out.`,
      },
      days: {
        value: 'DAYS',
        help: `How long it lasts, at most ${longestKeyDays}.`,
        required: true,
        accepts: isNumber,
      },
    },
    example: './rollcall keys create --name "Registers of Ashgrove" --school 100000 --days 365',
    async run(context, { values }) {
      const made = await changesOf(context).keys.make(by(context), {
        name: values['name'] ?? '',
        urn: values['school'] ?? '',
        abilities: (values['may'] ?? Object.keys(abilities).join(',')).split(','),
        days: Number(values['days']),
      });
      context.output.line(
        `Key ${made.id}, good until ${words.date(made.expiresAt)}. It is shown this once:`,
      );
      context.output.line(made.text);
      return 0;
    },
  },
  {
    verb: 'keys list',
    summary: 'Lists the keys that were made, without what makes them work.',
    options: { json: { help: 'Prints everything as JSON.' } },
    example: './rollcall keys list',
    async run({ stores: { records }, clock, output }, { switches }) {
      const keys = await listKeys(records);
      if (switches.has('json')) {
        output.line(
          JSON.stringify(
            keys.map(({ key_hash: _, ...key }) => key),
            null,
            2,
          ),
        );
        return 0;
      }
      for (const key of keys) {
        const used =
          key.last_used_at === null ? 'never used' : `last used ${words.date(key.last_used_at)}`;
        output.line(
          `${key.id}  ${key.name}: ${key.viewer}, ${key.abilities}, until ${words.date(key.expires_at)}, ${keyStanding(key, clock())}, ${used}`,
        );
      }
      output.line(words.plural(keys.length, 'key'));
      return 0;
    },
  },
  {
    verb: 'keys revoke',
    summary: 'Revokes a key at once.',
    options: {
      key: {
        value: 'NUMBER',
        help: 'Which, by the number in keys list.',
        required: true,
        accepts: isNumber,
      },
    },
    example: './rollcall keys revoke --key 2',
    async run(context, { values }) {
      const { id } = await changesOf(context).keys.revoke(by(context), Number(values['key']));
      context.output.line(`Key ${id} revoked.`);
      return 0;
    },
  },
];

function by({ viewer }: CommandContext) {
  if (viewer.role !== 'operator') {
    throw new Refusal('not-allowed', 'This is the operator’s. Leave out --as.');
  }
  return { viewer, from };
}

function changesOf({ stores, clock }: CommandContext) {
  const { records } = stores;
  const trail = trailOf(stores, clock);
  const parts = { records, trail, clock, directories: directoriesOf(stores) };
  return { people: peopleChanges(parts), keys: keyChanges(parts) };
}
