import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  type Command,
  type CommandContext,
  type CommandInput,
  openTrail,
  operator,
} from '../../access/index.ts';
import { dayInEngland } from '../../base/clock.ts';
import { parseDay } from '../../base/day.ts';
import { Refusal } from '../../base/problem.ts';
import { type Table, tableCsv } from '../../ui/index.ts';
import { isOfYear, keepComparison } from '../agreement.ts';
import { countingYearOf } from '../windows.ts';
import { compareSummary } from './load.ts';
import { mostSummaryBytes, readSummary, summaryText } from './summary.ts';
import { type Told, type ToldRule, toldOf } from './told.ts';

const isDay = (text: string) => parseDay(text) !== undefined;

/** The verb `absence compare`. */
export const compareCommand: Command = {
  verb: 'absence compare',
  summary: 'Says why a school’s own system has other figures: session by session, rule by rule.',
  arguments: 'FILE',
  options: {
    urn: {
      value: 'URN',
      help: 'Of which school the summary is.',
      required: true,
      accepts: (text) => /^[1-9]\d{5}$/.test(text),
    },
    from: {
      value: 'DATE',
      help: 'The first day of the summary; that of its rows, or of the year.',
      accepts: isDay,
    },
    to: { value: 'DATE', help: 'The last day of the summary.', accepts: isDay },
    keep: { help: 'Keeps what was found: it says whether the school’s figures agree.' },
    out: { value: 'FILE', help: 'Writes every figure that differs as CSV.' },
    json: { help: 'Prints everything as JSON.' },
  },
  example: './rollcall absence compare --urn 900001 --from 2026-09-01 --to 2026-10-23 summary.csv',
  misused({ files }) {
    return files.length === 1 ? undefined : 'needs one FILE';
  },
  run,
};

async function run(
  context: CommandContext,
  { values, switches, files }: CommandInput,
): Promise<number> {
  const { stores, output, clock, folder } = context;
  const urn = Number(values['urn']);
  const name = files[0] ?? '';
  const summary = readSummary(summaryText(await readBytes(resolve(folder, name), name)), name);
  const trail = openTrail(stores.records, clock, stores.anchors.note);
  if (summary.form === 'pupils') {
    await trail.leave({
      ...{ viewer: operator, action: 'read', data: 'pupil attendance', from: 'command line' },
      ...{ purpose: 'record-keeping', subject: { kind: 'school', id: String(urn) } },
      detail: { done: 'summary by pupil compared' },
    });
  }
  const comparison = await compareSummary(stores, urn, summary, {
    ...{ from: values['from'], to: values['to'], year: countingYearOf(dayInEngland(clock())) },
  });
  const told = toldOf(
    { ...comparison, isOfYear: await isOfYear(stores, { urn, year: comparison.year }, comparison) },
    summary,
  );
  if (switches.has('keep')) {
    const doing = { viewer: operator, subject: { urns: [urn] }, from: 'command line' };
    await keepComparison({ stores, trail, clock }, doing, urn, comparison);
  }
  if (values['out'] !== undefined)
    await context.writeFile(values['out'], tableCsv(told.differences));
  if (switches.has('json')) output.line(JSON.stringify(asData(told, comparison), null, 2));
  else for (const line of linesOf(told)) output.line(line);
  return told.outcome === 'differs' ? 1 : 0;
}

type Compared = Awaited<ReturnType<typeof compareSummary>>;

function asData(told: Told, comparison: Compared) {
  const { form, from, to, compared, ours, theirs, differences, remaining, notInFile } = comparison;
  return {
    ...{ outcome: told.outcome, form, from, to, compared, ours, theirs },
    explanations: comparison.explanations.map((way) => way.map(({ id }) => id)),
    nearest: comparison.nearest.map(({ id }) => id),
    tried: comparison.tried.map(({ rule, ...rest }) => ({ rule: rule.id, ...rest })),
    ...{ differences, remaining, notInFile, setAside: comparison.setAside },
  };
}

function linesOf(told: Told): string[] {
  return [
    told.headline + '.',
    told.period,
    ...told.sentences,
    ...told.explanations.flatMap((rules, at) => [
      ...(told.explanations.length > 1 ? [at === 0 ? 'Either' : 'Or'] : []),
      ...rules.map((rule) => ruleLine(rule, told.couldBe ? 'Perhaps your system' : 'Your system')),
    ]),
    ...told.nearest.map((rule) => ruleLine(rule, 'The nearest')),
    ...tableLines(told.sums),
    ...(told.differences.rows.length > 0 ? tableLines(told.differences) : []),
    ...(told.outcome === 'differs' && told.remaining.rows.length > 0
      ? tableLines(told.remaining)
      : []),
    ...(told.outcome === 'agrees' ? [] : tableLines(told.tried)),
    ...told.readAs,
  ];
}

const ruleLine = ({ says, official, about }: ToldRule, whose: string) =>
  `  ${whose}: ${says} ${official}${about && ` ${about}`}`;

const mostLines = 25;

function tableLines({ caption, rows, columns }: Table): string[] {
  const headings = columns.map(({ heading }) => heading).join(' | ');
  return [
    ...(rows.length > 0 ? ['', `${caption}:`, `  ${headings}`] : []),
    ...rows.slice(0, mostLines).map((cells) => `  ${cells.join(' | ')}`),
    ...(rows.length > mostLines
      ? [`  … and ${rows.length - mostLines} more (--out FILE, --json).`]
      : []),
  ];
}

async function readBytes(path: string, name: string): Promise<Buffer> {
  try {
    if ((await stat(path)).size > mostSummaryBytes) {
      throw new Refusal(
        'bad-input',
        `${name} has more than 5 MB, more than any summary. Give the summary and not the register.`,
      );
    }
    return await readFile(path);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal('bad-input', `${name} cannot be read. Check its path.`, { cause: error });
  }
}
