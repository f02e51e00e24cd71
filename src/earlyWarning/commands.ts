import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Command, type CommandContext, operator, trailOf } from '../access/index.ts';
import { csvText } from '../base/csv.ts';
import { dayInEngland } from '../base/clock.ts';
import { type Day, parseDay } from '../base/day.ts';
import { Refusal } from '../base/problem.ts';
import { pupilKey } from '../base/pupilKey.ts';
import { enrolmentsOf, pupilSecretOf, rollOf } from '../records/index.ts';
import { directoriesOf } from '../schools/index.ts';
import type { Stores } from '../stores/index.ts';
import { words } from '../ui/index.ts';
import { type EvaluationRow, evaluationColumns, wholeRow } from './evaluate.ts';
import { withTables } from './evaluationDocument.ts';
import { fitOnOwnRegisters } from './fitOwn.ts';
import type { MadeUpEvaluation } from './madeUp.ts';
import { fitText, modelFor, modelText } from './model.ts';
import { reasonsOf, whyOf } from './reasons.ts';
import { readerOf, scoreOn, sharesOf } from './score.ts';
import type { Score } from './scores.sql.ts';
import { weeksOfEntries } from './worklist/atSchool.ts';
import { worklistCommand } from './worklist/commands.ts';
import { listedFrom } from './worklist/worklist.ts';

const scoreColumns = [
  ...(['urn', 'upn', 'probability_persistent', 'probability_next_4_weeks', 'reasons'] as const),
] as const;

/** The verbs `early-warning …`. What makes up an England to judge on is given: it stands beyond this folder. */
export function earlyWarningCommands(onMadeUp: MadeUpEvaluation): readonly Command[] {
  return [
    {
      verb: 'early-warning score',
      summary:
        'The probability of each child on a roll of being persistently absent at the end of the year, and of missing three half days or more in the next four weeks, from attendance alone. It orders a list and decides nothing.',
      options: {
        on: {
          value: 'DATE',
          help: 'Up to which day marks are seen: nothing of a later day, and nothing entered later.',
          required: true,
          accepts: (text) => parseDay(text) !== undefined,
        },
        urn: {
          value: 'URN',
          help: 'One school alone.',
          accepts: (text) => /^[1-9]\d{5}$/.test(text),
        },
        out: { value: 'FILE', help: 'Writes one CSV row a child and school.' },
        why: {
          help: 'Prints what the highest rest on; of today also what the arithmetic says, by the calendar.',
        },
        json: { help: 'Prints how many were scored, and with what, as JSON.' },
      },
      example: './rollcall early-warning score --on 2026-11-20 --out scores.csv',
      run: score,
    },
    worklistCommand,
    {
      verb: 'early-warning fit',
      summary:
        'Fits the probabilities on the registers of the last year that is over, as they were known week by week, and judges the fit on children left out of it: what does worse than what is shipped is kept and not used. A site that is served does it every week by itself.',
      options: { json: { help: 'Prints the fit as JSON.' } },
      example: './rollcall early-warning fit',
      async run(context, { switches }) {
        refuseUnlessOperator(context);
        const { stores, clock, output, signal } = context;
        const model = await fitOnOwnRegisters(stores, clock, { say: output.progress, signal });
        output.progress('');
        output.line(switches.has('json') ? JSON.stringify(model, null, 2) : fitText(model));
        return 0;
      },
    },
    {
      verb: 'early-warning evaluate',
      summary:
        'Fits on made-up Englands and judges on others, beside simple rules, by week and by group of pupils. Takes minutes, and touches nobody’s registers.',
      options: {
        out: { value: 'FILE', help: 'Writes every figure as CSV.' },
        markdown: { value: 'FILE', help: 'Writes the tables into a document, between its marks.' },
        shipped: { value: 'FILE', help: 'Writes the coefficients that it fitted, as JSON.' },
        json: { help: 'Prints every figure as JSON.' },
      },
      example: './rollcall early-warning evaluate --out early-warning.csv',
      async run(context, { values, switches }) {
        refuseUnlessOperator(context);
        const { output, signal, writeFile } = context;
        const { rows, coefficients } = await onMadeUp({ say: output.progress, signal });
        output.progress('');
        if (values['out'] !== undefined) {
          await writeFile(values['out'], csvText(evaluationColumns, rows.map(wholeRow)));
        }
        if (values['markdown'] !== undefined) {
          const document = await readFile(resolve(context.folder, values['markdown']), 'utf8');
          await writeFile(values['markdown'], withTables(document, rows));
        }
        if (values['shipped'] !== undefined) {
          await writeFile(values['shipped'], `${JSON.stringify(coefficients, null, 2)}\n`);
        }
        if (switches.has('json')) output.line(JSON.stringify(rows, null, 2));
        else for (const line of summaryOf(rows)) output.line(line);
        return 0;
      },
    },
  ];
}

function refuseUnlessOperator({ viewer }: CommandContext): void {
  if (viewer.role === 'operator') return;
  throw new Refusal('not-allowed', 'This is the operator’s to do. Leave out --as.');
}

type Told = Score & { upn: string; record: number };

type Counted = { scored: number; likely: number; unknown: number; restricted: number };

/** Some schools after others, so that a file of all of England never stands in memory. */
async function score(
  context: CommandContext,
  { values, switches }: Parameters<Command['run']>[1],
): Promise<number> {
  refuseUnlessOperator(context);
  const { stores, output, writeFile } = context;
  const on = values['on'] as string;
  const urns = values['urn'] === undefined ? [] : [Number(values['urn'])];
  const out = values['out'];
  const counted: Counted = { scored: 0, likely: 0, unknown: 0, restricted: 0 };
  let highest: Told[] = [];
  const rows = async function* () {
    yield csvText(scoreColumns, []);
    for (const some of urns.length > 0
      ? [urns]
      : await sharesOf(readerOf(stores), childrenAtOnce)) {
      const told = await scoreSome(context, { urns: some, on, out: out !== undefined }, counted);
      highest = highestOf([...highest, ...told]);
      const lines = told.map((each) => ({ ...each, reasons: reasonsOf(each).join('; ') }));
      yield csvText(scoreColumns, lines).slice(csvText(scoreColumns, []).length);
    }
  };
  if (out !== undefined) await writeFile(out, rows());
  else for await (const _ of rows());
  const told = { on, ...counted, model: modelText(await modelFor(stores, on)) };
  if (switches.has('json')) output.line(JSON.stringify(told, null, 2));
  else for (const line of countedLines(told)) output.line(line);
  if (switches.has('why'))
    for (const line of await whyLines(context, on, highest)) output.line(line);
  return 0;
}

const childrenAtOnce = 50_000;

async function scoreSome(
  context: CommandContext,
  { urns, on, out }: { urns: readonly number[]; on: Day; out: boolean },
  counted: Counted,
): Promise<Told[]> {
  const { stores, clock } = context;
  const { scores } = await scoreOn(stores, clock, { urns, on });
  const { told, unknown, restricted } = await withUpns(stores, scores);
  await leaveTrace(context, told, out);
  counted.scored += told.length;
  counted.likely += told.filter((each) => each.probability_persistent >= listedFrom).length;
  counted.unknown += unknown;
  counted.restricted += restricted;
  return told;
}

function countedLines({
  on,
  scored,
  likely,
  unknown,
  restricted,
  model,
}: Counted & { on: Day; model: string }): string[] {
  const lines = [
    `${words.plural(scored, 'child', 'children')} scored on ${words.date(on)}; ${words.number(likely)} with a probability of one in three or more of being persistently absent at the end of the year.`,
  ];
  if (restricted > 0) lines.push(`${words.plural(restricted, 'restricted record')} left out.`);
  if (unknown > 0)
    lines.push(
      `${words.plural(unknown, 'enrolment')} left out of children who are not in the registry.`,
    );
  return [...lines, model];
}

const highestOf = (told: readonly Told[]) =>
  told.toSorted((a, b) => b.probability_persistent - a.probability_persistent).slice(0, whyShown);

const whyShown = 20;

/** A child is a number in what is printed. Of a day that is over, no calendar is asked what was still to come. */
async function whyLines(
  { stores, clock }: CommandContext,
  on: Day,
  told: readonly Told[],
): Promise<string[]> {
  const directory = await directoriesOf(stores)();
  const arithmetic = new Map<Told, string | null>();
  const schools = Map.groupBy(
    on < dayInEngland(clock()) ? [] : told,
    ({ urn }) => directory.find(urn)?.urn ?? urn,
  );
  for (const [urn, entries] of schools) {
    const urns = directory.find(urn)?.chain.map((each) => each.urn) ?? [urn];
    const enrolments = await enrolmentsOf(
      stores.records,
      entries.map(({ record }) => record),
    );
    const spans = new Map(
      entries.map(({ pupil, record }) => [
        pupil,
        enrolments.filter((row) => row.pupil === record && urns.includes(row.urn)),
      ]),
    );
    const weeks = await weeksOfEntries(
      { stores, clock },
      { urns, spans, entries: entries.map((score) => ({ pupil: score.pupil, score })) },
    );
    for (const each of entries) arithmetic.set(each, weeks.get(each.pupil)?.arithmetic ?? null);
  }
  return told.map(
    (each) =>
      `record ${each.record} at ${each.urn}: ${words.percent(100 * each.probability_persistent, 0)} and ${words.percent(100 * each.probability_next_4_weeks, 0)}: ${whyOf(each, arithmetic.get(each) ?? null)}`,
  );
}

const schoolsAtOnce = 200;

/** The UPNs of the registry, by school. Restricted records are left out, as are children who are not there. */
async function withUpns(
  stores: Stores,
  scores: readonly Score[],
): Promise<{ told: Told[]; unknown: number; restricted: number }> {
  const secret = await pupilSecretOf(stores.records);
  const bySchool = [...Map.groupBy(scores, ({ urn }) => urn)];
  const told: Told[] = [];
  const left = { unknown: 0, restricted: 0 };
  for (let at = 0; at < bySchool.length; at += schoolsAtOnce) {
    const some = bySchool.slice(at, at + schoolsAtOnce);
    const roll = await rollOf(
      stores.records,
      some.map(([urn]) => urn),
    );
    const known = new Map(roll.map((row) => [`${row.urn} ${pupilKey(row.upn, secret)}`, row]));
    for (const each of some.flatMap(([, ofSchool]) => ofSchool)) {
      const row = known.get(`${each.urn} ${each.pupil}`);
      if (!row) left.unknown += 1;
      else if (row.restricted) left.restricted += 1;
      else told.push({ ...each, upn: row.upn, record: row.pupil });
    }
  }
  told.sort((a, b) => a.urn - b.urn || (a.upn < b.upn ? -1 : 1));
  return { told, ...left };
}

const tracesAtOnce = 5_000;

/** Of every child who is told of, before anything is. */
async function leaveTrace(
  { stores, clock }: CommandContext,
  told: readonly Told[],
  out: boolean,
): Promise<void> {
  const trace = {
    ...({ viewer: operator, action: out ? 'exported' : 'read', data: 'pupil attendance' } as const),
    ...({ purpose: 'attendance', from: 'command line' } as const),
  };
  const trail = trailOf(stores, clock);
  await trail.leave({
    ...trace,
    subject: { kind: 'page', id: 'early-warning' },
    detail: { children: told.length },
  });
  for (let at = 0; at < told.length; at += tracesAtOnce) {
    await trail.leave(
      ...told.slice(at, at + tracesAtOnce).map(({ record }) => ({
        ...trace,
        subject: { kind: 'pupil' as const, id: String(record) },
        detail: { list: true },
      })),
    );
  }
}

/** One line an England: ours beside the best of the simple rules. */
function summaryOf(rows: readonly EvaluationRow[]): string[] {
  const pooled = rows.filter((row) => row.on === '' && row.breakdown_topic === 'total');
  const figure = (value: unknown) => (typeof value === 'number' ? value.toFixed(3) : '–');
  return [
    'Fitted on made-up pupils, and judged on others of other made-up Englands; all weeks together:',
    ...pooled.map(
      (row) =>
        `  ${row.england}, ${row.target}, ${row.method}: AUC ${figure(row.auc)}, average precision ${figure(row.average_precision)}, calibration slope ${figure(row.calibration_slope)}, Brier ${figure(row.brier)}`,
    ),
  ];
}
