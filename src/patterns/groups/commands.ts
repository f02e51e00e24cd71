import {
  type Command,
  type CommandContext,
  type CommandInput,
  decide,
  trailOf,
  operator,
  viewerText,
} from '../../access/index.ts';
import { Refusal } from '../../base/problem.ts';
import { directoriesOf } from '../../schools/index.ts';
import { tableCsv, words } from '../../ui/index.ts';
import { foundFor, ofAuthority, ofSchool, seesGroups } from './place.ts';
import { everyComparison, inOrder } from './table.ts';
import { findingsIn, sentenceOf } from './told.ts';

/** The verb `patterns groups`. */
export const groupsCommand: Command = {
  verb: 'patterns groups',
  summary:
    'The groups of a school’s or an area’s pupils, each beside all others, over the last six weeks and the year so far.',
  options: {
    urn: {
      value: 'URN',
      help: 'Of the pupils of this school.',
      accepts: (text) => /^[1-9]\d{5}$/.test(text),
    },
    la: {
      value: 'CODE',
      help: 'Of the pupils of all schools of this local authority.',
      accepts: (text) => /^\d{3}$/.test(text),
    },
    why: { help: 'Prints every group that parts from the rest as a sentence, and not the first.' },
    out: { value: 'FILE', help: 'Writes every comparison as CSV.' },
  },
  example: './rollcall patterns groups --urn 900001 --out groups.csv',
  misused: ({ values }) =>
    (values['urn'] === undefined) === (values['la'] === undefined)
      ? 'needs --urn or --la, and not both'
      : undefined,
  open: true,
  run,
};

async function run(context: CommandContext, { values, switches }: CommandInput): Promise<number> {
  const { stores, viewer, output, clock, writeFile } = context;
  const directory = await directoriesOf(stores)();
  const compares =
    values['urn'] === undefined
      ? ofAuthority(directory, values['la'] ?? '')
      : ofSchool(directory.get(Number(values['urn'])));
  const trail = trailOf(stores, clock);
  const trace = {
    ...({ viewer: operator, data: 'school statistic', from: 'command line' } as const),
    subject: { kind: 'page', id: `${compares.path}/groups` },
    detail: { as: viewer.role === 'operator' ? null : viewerText(viewer) },
  } as const;
  if (!decide(viewer, 'school statistic', compares.subject).allowed || !seesGroups(viewer)) {
    await trail.leave({ ...trace, action: 'refused' });
    throw new Refusal(
      'not-allowed',
      'Groups are compared for the school itself, its trust and its local authority.',
    );
  }
  const found = await foundFor({ stores, clock }, viewer, compares);
  await trail.leave({ ...trace, action: values['out'] === undefined ? 'read' : 'exported' });
  if (values['out'] !== undefined) {
    await writeFile(values['out'], tableCsv(everyComparison(found)));
  }
  if (!found) {
    output.line('No registers of this year or the last are here, so no groups were compared.');
    return 0;
  }
  const parting = found.comparisons.filter(({ parts }) => parts);
  const told = switches.has('why')
    ? inOrder(parting).map((each) => sentenceOf(each, found))
    : findingsIn(found, compares.path).map(({ sentence }) => sentence);
  for (const sentence of told) output.line(sentence);
  output.line(
    `${compares.name}: ${words.plural(found.comparisons.length, 'comparison')}, ${words.number(parting.length)} with a group that parts from the other pupils; ${words.plural(found.tooFew.length, 'group')} too few for one.`,
  );
  return 0;
}
