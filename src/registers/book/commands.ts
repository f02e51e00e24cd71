import { daysAfter } from '../../base/day.ts';
import { type Command, type CommandContext, operator, trailOf } from '../../access/index.ts';
import { sessions } from '../../base/attendanceCodes.ts';
import { dayInEngland } from '../../base/clock.ts';
import { Refusal } from '../../base/problem.ts';
import { pupilKey } from '../../base/pupilKey.ts';
import { registerYears } from '../../pupils/index.ts';
import { pupilSecretOf, rollOf } from '../../records/index.ts';
import { directoriesOf } from '../../schools/index.ts';
import type { Stores } from '../../stores/index.ts';
import { words } from '../../ui/index.ts';
import { knownSchools, stillUnexplained } from './book.sql.ts';
import { urnsOf } from './show.ts';
import { type Over, tidyRegisters } from './tidy.ts';
import { schoolDaysToExplain, unexplainedAt } from './unexplained.ts';

/** What the verbs call that they may not know. */
export type BookCommandsOptions = {
  /** What was worked out from entries that are deleted is to be forgotten. */
  forget?: ((stores: Stores, over: readonly Over[]) => Promise<void>) | undefined;
};

/** The verbs over registers as they stand. A child is a number in what they print. */
export function bookCommands(options: BookCommandsOptions = {}): Command[] {
  return [
    {
      verb: 'registers unexplained',
      summary: `Lists every N that stands for more than ${schoolDaysToExplain} school days; without --urn, how many each school has.`,
      options: {
        urn: {
          value: 'URN',
          help: 'One school, by any URN it has had.',
          accepts: (text) => /^[1-9]\d{5}$/.test(text),
        },
        json: { help: 'Prints JSON.' },
      },
      example: './rollcall registers unexplained --urn 900001',
      async run(context, { values, switches }) {
        refuseUnlessOperator(context);
        const urn = values['urn'];
        const found = urn === undefined ? await bySchool(context) : await atSchool(context, urn);
        const { output } = context;
        if (switches.has('json')) output.line(JSON.stringify(found.data, null, 2));
        else for (const line of found.lines) output.line(line);
        return 0;
      },
    },
    {
      verb: 'registers tidy',
      summary: `Deletes the entries of registers that were made more than ${registerYears} years ago, and writes down what was deleted. Nothing else ever deletes an entry.`,
      options: {
        'dry-run': { help: 'Only says what would be deleted.' },
        json: { help: 'Prints JSON.' },
      },
      example: './rollcall registers tidy --dry-run',
      async run(context, { switches }) {
        refuseUnlessOperator(context);
        const { stores, clock, output } = context;
        const dryRun = switches.has('dry-run');
        const trail = trailOf(stores, clock);
        const forget = options.forget;
        const tidied = await tidyRegisters(
          { stores, clock, trail },
          { dryRun, forget: forget && ((over) => forget(stores, over)) },
        );
        const { before, over, entries, amendments, deleted } = tidied;
        if (switches.has('json')) output.line(JSON.stringify(tidied, null, 2));
        else {
          for (const each of over) {
            output.line(
              `School ${each.urn}: ${words.plural(each.entries, 'entry', 'entries')} of ${each.first} to ${each.last}`,
            );
          }
          const what = `${words.plural(entries, 'entry', 'entries')} and ${words.plural(amendments, 'amendment')} made before ${before}`;
          output.line(
            deleted
              ? `Deleted: ${what}. Backups made before today still have them: keep no backup for longer than the registers.`
              : dryRun
                ? `Would be deleted: ${what}.`
                : `Nothing is old enough: ${what}.`,
          );
        }
        return 0;
      },
    },
  ];
}

function refuseUnlessOperator({ viewer }: CommandContext): void {
  if (viewer.role === 'operator') return;
  throw new Refusal('not-allowed', 'This is the operator’s to do. Leave out --as.');
}

type Found = { data: unknown; lines: string[] };

const schoolsAtOnce = 200;

async function bySchool({ stores, clock, signal }: CommandContext): Promise<Found> {
  const today = dayInEngland(clock());
  const directory = await directoriesOf(stores)();
  const known = await stores.read(knownSchools, {}, { work: true });
  const data: { urn: number; overdue: number; still_in_time: number }[] = [];
  for (let at = 0; at < known.length; at += schoolsAtOnce) {
    signal.throwIfAborted();
    const urns = known.slice(at, at + schoolsAtOnce).map(({ urn }) => urn);
    const before = daysAfter(today, 1);
    const found = await stores.read(stillUnexplained, { urns, before }, { work: true });
    for (const urn of new Set(found.map((each) => directory.find(each.urn)?.urn ?? each.urn))) {
      const school = directory.find(urn);
      const entries = await unexplainedAt(stores, school ? urnsOf(school) : [urn], today);
      const overdue = entries.filter((each) => each.overdue).length;
      const row = { urn, overdue, still_in_time: entries.length - overdue };
      if (!data.some((each) => each.urn === urn)) data.push(row);
    }
  }
  data.sort((one, other) => one.urn - other.urn);
  const sum = data.reduce((total, { overdue }) => total + overdue, 0);
  return {
    data,
    lines: [
      ...data.map(
        ({ urn, overdue, still_in_time }) =>
          `School ${urn}: ${words.number(overdue)} too long, ${words.number(still_in_time)} still in time`,
      ),
      `${words.plural(sum, 'entry', 'entries')} N stand for more than ${schoolDaysToExplain} school days.`,
    ],
  };
}

async function atSchool(context: CommandContext, urnText: string): Promise<Found> {
  const { stores, clock } = context;
  const { records } = stores;
  const today = dayInEngland(clock());
  const urn = Number(urnText);
  const school = (await directoriesOf(stores)()).find(urn);
  const urns = school ? urnsOf(school) : [urn];
  const entries = (await unexplainedAt(stores, urns, today)).filter(({ overdue }) => overdue);
  const secret = await pupilSecretOf(records);
  const numbers = new Map(
    (await rollOf(records, urns)).map((row) => [String(pupilKey(row.upn, secret)), row.pupil]),
  );
  const data = entries.map(({ pupil, date, session, due }) => ({
    ...{ record: numbers.get(pupil) ?? null, date, session: sessions[session], due },
  }));
  const listed = [...new Set(data.flatMap(({ record }) => record ?? []))];
  const trace = {
    ...({ viewer: operator, action: 'read', data: 'pupil attendance' } as const),
    ...({ purpose: 'record-keeping', from: 'command line' } as const),
  };
  await trailOf(stores, clock).leave(
    { ...trace, subject: { kind: 'school', id: urnText } },
    ...listed.map((id) => ({
      ...trace,
      subject: { kind: 'pupil' as const, id: String(id) },
      detail: { list: true },
    })),
  );
  return {
    data,
    lines: [
      ...data.map(
        ({ record, date, session, due }) =>
          `${record === null ? 'a child not in the registry' : `record ${record}`}, ${date} ${session}, due by ${due}`,
      ),
      `${words.plural(data.length, 'entry', 'entries')} N of school ${urn} stand for more than ${schoolDaysToExplain} school days.`,
    ],
  };
}
