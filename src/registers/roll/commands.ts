import {
  type Command,
  type CommandContext,
  type CommandOption,
  type DataClass,
  trailOf,
} from '../../access/index.ts';
import type { Urn } from '../../base/identifiers.ts';
import { type Problem, Refusal } from '../../base/problem.ts';
import { words } from '../../ui/index.ts';
import { type AfterCommit, tellCommitted } from '../afterCommit.ts';
import type { DateOrder } from '../read/reading.ts';
import { openFile } from './file.ts';
import { importRoll, type RollKind, type RollOutcome } from './import.ts';
import { calendarsKind, pupilsKind, schoolsKind } from './kinds.ts';

const options: Record<string, CommandOption> = {
  'dry-run': { help: 'Only says what would change.' },
  'date-order': {
    value: 'ORDER',
    help: 'How 08/09/2025 is meant, where the file leaves it open: dmy or mdy.',
    accepts: (text) => text === 'dmy' || text === 'mdy',
  },
  json: { help: 'Prints JSON.' },
};

type Verb = {
  verb: string;
  summary: string;
  what: string;
  data: DataClass;
  more?: Record<string, CommandOption>;
};

/** A verb over one kind of file. */
function verbOf<Row extends { urn: Urn }>(
  kind: RollKind<Row>,
  verb: Verb,
  afterCommit: AfterCommit | undefined,
): Command {
  const columns = kind.shape.columns.map(({ name, optional }) => (optional ? `[${name}]` : name));
  return {
    verb: verb.verb,
    summary: `${verb.summary} Columns: ${columns.join(', ')}.`,
    arguments: 'FILE…',
    options: { ...options, ...verb.more },
    example: `./rollcall ${verb.verb} ${verb.what}.csv`,
    async run(context, input) {
      refuseUnlessOperator(context);
      const { output, stores, clock, signal, folder } = context;
      const files = [];
      for (const name of input.files) files.push(await openFile(folder, name));
      const dryRun = input.switches.has('dry-run');
      if (!dryRun) await leave(context, verb);
      const outcome = await importRoll(stores, kind, files, {
        ...{ clock, signal, dryRun, bringBackErased: input.switches.has('bring-back-erased') },
        leavers: input.switches.has('leavers'),
        dateOrder: input.values['date-order'] as DateOrder | undefined,
        onProgress: (doing, done) => output.progress(`${doing} ${Math.round(100 * done)} %`),
      });
      if (outcome.receipt !== null) await tellCommitted(afterCommit, stores);
      output.progress('');
      if (input.switches.has('json')) output.line(JSON.stringify(asData(outcome), null, 2));
      else for (const line of report(outcome, dryRun)) output.line(line);
      const held = outcome.problems.find(({ kind }) => kind === 'many-leavers')?.first ?? [];
      for (const { file, message } of held) output.error(`${file}: ${message}`);
      return outcome.rows > 0 && outcome.refused === outcome.rows ? 1 : 0;
    },
  };
}

const rollVerbs: { schools: Verb; calendars: Verb; pupils: Verb } = {
  schools: {
    verb: 'schools import',
    summary: 'Takes in the schools whose registers come: a file adds to, or changes, what is here.',
    what: 'schools',
    data: 'public statistic',
  },
  calendars: {
    verb: 'calendars import',
    summary:
      'Takes in on which days schools are open, each half a day: a file says it of the days that it has.',
    what: 'calendars',
    data: 'public statistic',
  },
  pupils: {
    verb: 'pupils import',
    summary:
      'Takes in who is on the roll: a file says all of a school’s roll, and takes the place of what it said before. Who has marks and is left out stays until the last of them.',
    what: 'pupils',
    data: 'pupil characteristics',
    more: {
      leavers: {
        help: 'Children who are not in the file have left, however many. Without it a roll is refused that leaves out more than 10 and a tenth of a school’s children, or more than 2 and a fifth.',
      },
      'bring-back-erased': {
        help: 'Children whose record was erased and who are in the file are entered again. Without it their rows are refused.',
      },
    },
  },
};

/** The verbs by which schools, their days and their pupils come in. */
export function rollCommands(afterCommit?: AfterCommit): readonly Command[] {
  return [
    verbOf(schoolsKind, rollVerbs.schools, afterCommit),
    verbOf(calendarsKind, rollVerbs.calendars, afterCommit),
    verbOf(pupilsKind, rollVerbs.pupils, afterCommit),
  ];
}

/** For people: what each file was taken for, what would change, and every kind of problem with its first rows. */
export function report(outcome: RollOutcome, dryRun: boolean): string[] {
  const { found, rows, refused, counts, problems, remarks, receipt } = outcome;
  const number = words.number;
  return [
    ...found.flatMap(({ file, encoding, delimiter, headingRow, notUsed, dateOrder }) => [
      `${file}: ${encoding}, ${delimiterWords[delimiter]}, headings in row ${headingRow}${dateOrder ? `, dates ${orderWords[dateOrder]}` : ''}`,
      ...(notUsed.length > 0 ? [`  columns not used: ${words.number(notUsed.length)}`] : []),
    ]),
    `${words.plural(rows, 'row')}: ${number(counts.new)} new, ${number(counts.same)} same, ${number(counts.changed)} amended, ${number(refused)} refused; ${number(counts.removed)} removed`,
    ...remarks,
    ...problems.flatMap(({ kind, rows: count, refused: isRefused, first }) => [
      `  ${kind}: ${words.plural(count, 'time')}${isRefused ? '' : ', not refused'}`,
      ...first.slice(0, 5).map((problem) => `    ${problemText(problem)}`),
      ...(count > 5 ? [`    … and ${number(count - 5)} more`] : []),
    ]),
    receipt !== null
      ? `Kept under receipt ${receipt}.`
      : dryRun
        ? 'Nothing was kept (--dry-run).'
        : 'Nothing changed.',
  ];
}

export function problemText({ file, row, column, message }: Problem): string {
  const where = [file, row && `row ${row}`, column && `column ${column}`].filter(Boolean);
  return `${where.join(', ')}: ${message}`;
}

const delimiterWords = {
  ',': 'commas',
  ';': 'semicolons',
  '\t': 'tabs',
  '|': 'vertical bars',
} as const;
const orderWords = {
  dmy: 'day before month',
  mdy: 'month before day',
  ambiguous: 'in an order that is not plain',
  mixed: 'in two orders',
} as const;

function asData(outcome: RollOutcome) {
  const { found, rows, refused, counts, problems, remarks, receipt } = outcome;
  const { changed: amended, ...others } = counts;
  return { files: found, rows, refused, ...others, amended, problems, remarks, receipt };
}

/** That something was brought in stands in the trail before it is done. */
async function leave(
  { stores, clock, viewer }: CommandContext,
  { verb, data }: Pick<Verb, 'verb' | 'data'>,
): Promise<void> {
  await trailOf(stores, clock).leave({
    ...{ viewer, action: 'changed', data, from: 'command line' },
    ...(data === 'pupil characteristics' ? { purpose: 'record-keeping' as const } : {}),
    subject: { kind: 'system', id: verb },
  });
}

function refuseUnlessOperator({ viewer }: CommandContext): void {
  if (viewer.role === 'operator') return;
  throw new Refusal(
    'not-allowed',
    'At the command line the operator brings data in. Leave out --as.',
  );
}
