import {
  type Command,
  type CommandContext,
  type CommandInput,
  openTrail,
  operator,
  viewerText,
} from '../access/index.ts';
import { parseAcademicYear } from '../base/academicYear.ts';
import { csvText } from '../base/csv.ts';
import { parseDay } from '../base/day.ts';
import { Refusal } from '../base/problem.ts';
import { percentText } from '../base/rate.ts';
import { areDeleted } from '../records/index.ts';
import type { Stores } from '../stores/index.ts';
import { countingOf } from './absence.sql.ts';
import { type Answer, answerFor } from './answer.ts';
import { isOneOf, parseBy, questionOf } from './ask.ts';
import { acceptCommand } from './compare/acceptCommand.ts';
import { compareCommand } from './compare/command.ts';
import { parametersIn } from './count.ts';
import type { FigureRow } from './figures.ts';
import { keepUp, rebuild } from './keepUp.ts';
import { levels, type Question, seriesNames, timeKinds } from './question.ts';

const isDay = (text: string) => parseDay(text) !== undefined;

/** The verb `absence`. */
export const absenceCommands: readonly Command[] = [
  {
    verb: 'absence',
    summary: 'The official absence figures, counted from registers.',
    options: {
      level: {
        value: levels.join('|'),
        help: 'Of what: each school, trust, authority or region, or England.',
        required: true,
        accepts: (text) => isOneOf(levels, text),
      },
      by: {
        value: 'total|year_group|sex|fsm|sen|eal|ethnicity|A,B',
        help: 'Of which pupils: all, or by one of these, or by two with a comma between.',
        accepts: (text) => parseBy(text) !== undefined,
      },
      year: {
        value: 'YYYYYY',
        help: 'The year, as 202526; that of --from, or the current one.',
        accepts: (text) => parseAcademicYear(text) !== undefined,
      },
      from: { value: 'DATE', help: 'The first day of sessions.', accepts: isDay },
      to: { value: 'DATE', help: 'The last day of sessions.', accepts: isDay },
      time: {
        value: timeKinds.join('|'),
        help: 'Into what to cut the period; “year” leaves it whole.',
        accepts: (text) => isOneOf(timeKinds, text),
      },
      series: {
        value: seriesNames.join('|'),
        help: 'As the daily feed counts, or as the school census does.',
        accepts: (text) => isOneOf(seriesNames, text),
      },
      'as-known-on': {
        value: 'DATE',
        help: 'With what was known at the end of that day: marks entered and sent by then, and the newest roll, calendar and list of schools of then (before the first, the first).',
        accepts: isDay,
      },
      unsuppressed: { help: 'Hides no small number. The operator’s, and kept on record.' },
      out: { value: 'FILE', help: 'Writes every figure as CSV.' },
      json: { help: 'Prints every figure as JSON.' },
      explain: { help: 'Prints the steps of the calculation, and counts nothing.' },
    },
    example: './rollcall absence --level school --by fsm --year 202526 --out absence.csv',
    open: true,
    run,
  },
  {
    verb: 'absence rebuild',
    summary:
      'Works out anew, from the marks, the weeks and figures that are kept to answer quickly.',
    options: {},
    example: './rollcall absence rebuild',
    async run({ stores, output, signal }) {
      const { schools, seconds } = await rebuild(stores, signal ? { signal } : {});
      const all = Object.values(seconds).reduce((sum, each) => sum + each, 0);
      output.line(`The figures of ${schools} schools were worked out anew in ${all.toFixed(1)} s.`);
      return 0;
    },
  },
  compareCommand,
  acceptCommand,
];

async function run(context: CommandContext, input: CommandInput): Promise<number> {
  const { stores, viewer, output, clock, writeFile } = context;
  const { values, switches } = input;
  const question = questionOf(values, clock);
  if (switches.has('explain')) {
    for (const line of await explained(stores, question)) output.line(line);
    return 0;
  }
  const unsuppressed = switches.has('unsuppressed');
  if (question.asKnownOn === null) await keepUp(stores);
  const answer = await traced(context, question, { unsuppressed, out: 'out' in values }, () =>
    answerFor(stores, viewer, question, { unsuppressed }),
  );
  if (values['out'] !== undefined) {
    await writeFile(values['out'], csvText(answer.columns, answer.rows));
  }
  if (switches.has('json')) output.line(JSON.stringify(answer.rows, null, 2));
  else {
    for (const line of summary(answer, question)) output.line(line);
    const { from, to } = question;
    if (await areDeleted(stores.records, { urns: undefined, from, to })) output.line(deletedText);
  }
  return 0;
}

/** The steps with what each is given, as they can be run alone. */
async function explained(stores: Stores, question: Question): Promise<string[]> {
  const { statement, steps } = countingOf(question);
  const given = Object.entries(await parametersIn(stores, question)).filter(([name]) =>
    statement.text.includes(`{${name}:`),
  );
  return [
    `The steps of ${statement.name}, each resting on those before it:`,
    ...steps.flatMap(({ name, about, text }) => [
      '',
      `-- ${name}: ${about}`,
      `${name} AS (`,
      `   ${text})`,
    ]),
    '',
    ...given.map(([name, value]) => `-- ${name} = ${JSON.stringify(value)}`),
    '-- receipts = those that count',
  ];
}

const deletedText =
  'Entries of these days were deleted, of some schools or all, because each is kept for six years: what is counted is what is left.';

const rowsShown = 20;

function summary({ rows, hidden }: Answer, question: Question): string[] {
  const { series, from, to, asKnownOn } = question;
  const known = asKnownOn === null ? '' : `, as known on ${asKnownOn}`;
  return [
    `Counted as the ${series === 'daily' ? 'daily feed' : 'school census'} does, sessions from ${from} to ${to}${known}:`,
    ...(rows.length === 0 ? ['  Nothing of it was known then.'] : []),
    ...rows.slice(0, rowsShown).map((row) => `  ${rowText(row)}`),
    ...(rows.length > rowsShown
      ? [`  … and ${rows.length - rowsShown} more (--out FILE writes all).`]
      : []),
    ...(hidden > 0
      ? [
          `${hidden} of ${rows.length} rows ${hidden === 1 ? 'has' : 'have'} figures hidden, because they rest on fewer than 6 pupils or would tell such.`,
        ]
      : []),
  ];
}

function rowText(row: FigureRow): string {
  const where = ['urn', 'trust_uid', 'la_code', 'region_code'].find((name) => row[name] !== null);
  const area = where === undefined ? 'England' : `${row['geographic_level']} ${row[where]}`;
  const group =
    row['breakdown_topic'] === 'total' ? '' : `, ${row['breakdown_topic']} ${row['breakdown']}`;
  const percent = (name: string) => {
    const value = row[name];
    return typeof value === 'number' ? percentText(value) : 'not given';
  };
  return `${area}${group}, ${row['time_identifier']}: absence ${percent('sess_overall_percent')}, persistent ${percent('enrolments_pa_10_exact_percent')}, severe ${percent('enrolments_pa_50_exact_percent')}`;
}

/** Nothing of it is given before it is written down who asked; nor a refusal. */
async function traced(
  { stores, viewer, clock }: CommandContext,
  { level, by, series, from, to }: Question,
  { unsuppressed, out }: { unsuppressed: boolean; out: boolean },
  work: () => Promise<Answer>,
): Promise<Answer> {
  const trail = openTrail(stores.records, clock, stores.anchors.note);
  const trace = {
    viewer: operator,
    data: 'school statistic',
    subject: { kind: 'page', id: 'absence' },
    from: 'command line',
    detail: {
      ...{ level, by: by.join() || 'total', series, from, to, unsuppressed },
      as: viewer.role === 'operator' ? null : viewerText(viewer),
    },
  } as const;
  try {
    const answer = await work();
    await trail.leave({ ...trace, action: out ? 'exported' : 'read' });
    return answer;
  } catch (error) {
    if (error instanceof Refusal) await trail.leave({ ...trace, action: 'refused' });
    throw error;
  }
}
