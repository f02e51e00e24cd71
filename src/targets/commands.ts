import {
  type Command,
  type CommandContext,
  type CommandInput,
  viewerText,
} from '../access/index.ts';
import { type AcademicYear, parseAcademicYear, yearLabel } from '../base/academicYear.ts';
import { csvText } from '../base/csv.ts';
import { Refusal } from '../base/problem.ts';
import { percentText } from '../base/rate.ts';
import { directoriesOf } from '../schools/index.ts';
import { words } from '../ui/index.ts';
import { assessTargets } from './assess.ts';
import { type Backtest, backtestColumns } from './backtest.ts';
import { backtestMarkdown } from './backtestMarkdown.ts';
import { summariseBacktest, summaryText } from './backtestSummary.ts';
import { issueTargets } from './issue.ts';
import { type DatedIssue, type IssuedFigures, issuedColumns } from './issued.ts';
import { modelVersion } from './modelVersion.ts';
import { becauseText, findSuggestions, speakerText, type StandingSuggestion } from './overrule.ts';
import { overruleCommand } from './overruleCommand.ts';
import { issuedForViewer } from './show.ts';
import { withoutText } from './suggestionPages.ts';

const example = '201819';

/** The verbs `targets …`. */
export const targetCommands: Command[] = [
  {
    verb: 'targets publish',
    summary: 'Works out what can fairly be expected of every school in a year, and issues it.',
    options: {
      year: {
        value: 'YYYYYY',
        help: `The year to set, as ${example}: fits on all before it.`,
        required: true,
        accepts: isYear,
      },
      out: { value: 'FILE', help: 'Also writes one CSV row a school.' },
      json: { help: 'Prints what the fit found as JSON; with --as, what was issued.' },
      unsuppressed: {
        help: 'Kept on record. Changes nothing: every figure was published, or is worked out from such.',
      },
    },
    example: `./rollcall targets publish --year ${example} --out targets.csv`,
    open: true,
    run: (context, input) =>
      context.viewer.role === 'operator' ? publish(context, input) : showToViewer(context, input),
  },
  {
    verb: 'targets show',
    summary: 'Shows what was issued to one school, with the reasons, as its head reads it.',
    options: {
      urn: {
        value: 'URN',
        help: 'The school, by any URN it has had.',
        required: true,
        accepts: (text) => /^\d{6}$/.test(text),
      },
      json: { help: 'Prints everything as JSON.' },
    },
    example: './rollcall targets show --urn 100000 --as inspector:801',
    open: true,
    async run({ stores, viewer, output }, { values, switches }) {
      const school = (await directoriesOf(stores)()).get(Number(values['urn']));
      const found = await findSuggestions(stores, viewer, school);
      if (!found) {
        throw new Refusal('not-found', `Nothing has been issued to ${school.name}.`);
      }
      const { issued, suggestions } = found;
      if (switches.has('json')) {
        const { figures, explanation } = issued;
        const issuedOn = issued.issuedOn.toISOString().slice(0, 10);
        output.line(JSON.stringify({ issuedOn, figures, explanation, suggestions }, null, 2));
      } else {
        for (const line of issuedLines(issued)) output.line(line);
        for (const line of suggestions.flatMap(setAsideLines)) output.line(line);
      }
      return 0;
    },
  },
  overruleCommand,
  {
    verb: 'targets backtest',
    summary: 'Forecasts past years from the years before them, and says how well that did.',
    options: {
      from: {
        value: 'YYYYYY',
        help: 'The first year to forecast.',
        required: true,
        accepts: isYear,
      },
      to: { value: 'YYYYYY', help: 'The last year to forecast.', required: true, accepts: isYear },
      out: {
        value: 'FILE',
        help: 'Writes every figure as CSV, overall rows first, then by group.',
      },
      markdown: {
        value: 'FILE',
        help: 'Writes the tables as a page of documentation (docs/backtest.md).',
      },
      summary: {
        value: 'FILE',
        help: 'Writes what the record of the algorithm rests on, no single school in it (docs/backtest.json).',
      },
      json: { help: 'Prints everything as JSON.' },
    },
    example: './rollcall targets backtest --from 201516 --to 201718 --out backtest.csv',
    misused: ({ values: { from, to } }) =>
      yearOf(from) > yearOf(to)
        ? `takes --from a year that is not after --to, and ${from} is after ${to}`
        : undefined,
    async run({ stores, output, signal, writeFile }, { values, switches }) {
      const [from, to] = [yearOf(values['from']), yearOf(values['to'])];
      output.progress(`Forecasting ${yearLabel(from)} to ${yearLabel(to)} …`);
      const found = await assessTargets(stores, directoriesOf(stores), { from, to, signal });
      output.progress('');
      if (values['out']) {
        await writeFile(
          values['out'],
          csvText(backtestColumns, [...found.rows, ...found.groupRows]),
        );
      }
      const command = `./rollcall targets backtest --from ${from} --to ${to}`;
      if (values['markdown']) {
        await writeFile(values['markdown'], backtestMarkdown(found, command));
      }
      if (values['summary']) {
        const summary = summariseBacktest(found, { command, model: modelVersion('forecast') });
        await writeFile(values['summary'], summaryText(summary));
      }
      if (switches.has('json')) {
        output.line(JSON.stringify(found));
        return 0;
      }
      for (const line of backtestLines(found)) output.line(line);
      return 0;
    },
  },
];

async function publish(context: CommandContext, { values, switches }: CommandInput) {
  const { stores, output, signal, settings } = context;
  const year = yearOf(values['year']);
  const { issued, summary } = await issueTargets(stores, {
    year,
    visitKm: settings.visitKm,
    unsuppressed: switches.has('unsuppressed'),
    signal,
    say: (step) => output.progress(step),
  });
  output.progress('');
  await writeIssued(context, values['out'], issued);
  if (switches.has('json')) {
    output.line(JSON.stringify(summary));
    return 0;
  }
  output.line(`${issued.length} expectations issued for ${yearLabel(year)}. ${summary.restsOn}`);
  const without = summary.withoutGoodMatch;
  output.line(
    `${words.plural(without, 'school')} ${without === 1 ? 'has' : 'have'} no good match; each says why.`,
  );
  for (const [reason, count] of Object.entries(summary.left)) {
    output.line(`${words.plural(count, 'school')} left out: ${reason}.`);
  }
  return 0;
}

/** A viewer is shown what the operator issued; nothing is worked out or issued for them. */
async function showToViewer(context: CommandContext, { values, switches }: CommandInput) {
  const { stores, viewer, output } = context;
  if (switches.has('unsuppressed')) {
    throw new Refusal('not-allowed', '--unsuppressed is the operator’s. Leave out --as.');
  }
  const year = yearOf(values['year']);
  const issued = await issuedForViewer(stores, viewer, year);
  if (issued.length === 0) {
    const to = viewer.scope === null ? '' : ` to ${viewerText(viewer)}`;
    throw new Refusal(
      'not-found',
      `Nothing has been issued${to} for ${yearLabel(year)}. The operator issues with ./rollcall targets publish --year ${year} (without --as).`,
    );
  }
  await writeIssued(context, values['out'], issued);
  if (switches.has('json')) {
    output.line(JSON.stringify(issued));
    return 0;
  }
  output.line(
    `${words.plural(issued.length, 'expectation')} issued for ${yearLabel(year)}, as ${viewerText(viewer)} sees them:`,
  );
  for (const row of issued.slice(0, rowsShown)) output.line(`  ${issuedLine(row)}`);
  const more = issued.length - rowsShown;
  if (more > 0) output.line(`  … and ${words.number(more)} more (--out FILE writes all).`);
  return 0;
}

const rowsShown = 20;

function issuedLine(row: IssuedFigures): string {
  const asked = (percent: number | null) => (percent === null ? 'not set' : percentText(percent));
  return `${row.urn} ${row.school_name}: absence of at most ${asked(row.expectation_absence_percent)}, persistent absence of at most ${asked(row.expectation_persistent_percent)}`;
}

async function writeIssued(
  { writeFile }: CommandContext,
  path: string | undefined,
  issued: readonly IssuedFigures[],
): Promise<void> {
  if (path !== undefined) await writeFile(path, csvText(issuedColumns, issued));
}

/** For the terminal: what was issued to a school, as on its home. */
function issuedLines({ issuedOn, figures, explanation }: DatedIssue): string[] {
  const { similar, learnFrom } = explanation;
  return [
    `${figures.school_name} (URN ${figures.urn}), ${yearLabel(figures.time_period)}, issued on ${words.date(issuedOn)}`,
    ...(explanation.caution === null ? [] : [explanation.caution]),
    ...explanation.reasons.map((reason) => `  ${reason}`),
    figures.no_match_reason === null
      ? `${similar.length} similar schools, nearest first:`
      : `No good match: ${figures.no_match_reason}`,
    ...similar.map(({ urn, name, laName }) => `  ${urn} ${name}, ${laName}`),
    learnFrom.length > 0
      ? 'Schools to learn from:'
      : `No school to learn from: ${explanation.noneToLearnFromReason}`,
    ...learnFrom.map(
      ({ urn, name, laName, kilometres }) =>
        `  ${urn} ${name}, ${laName}, ${words.number(kilometres)} km away`,
    ),
    explanation.restsOn,
  ];
}

/** For the terminal: what the school said of a suggestion that it set aside. */
function setAsideLines({ key, says, setAside }: StandingSuggestion): string[] {
  if (!setAside) return [];
  const { by, at, withoutYear } = setAside;
  const reason = setAside.reason.replaceAll('\n', ' ');
  return [
    `Set aside by ${speakerText(by)} on ${words.date(at)}: ${key} (${says}). ${becauseText(setAside)}: “${reason}”`,
    ...(withoutYear ? [`  ${withoutText(withoutYear)}`] : []),
  ];
}

/** For the terminal: a line a method, then the verdict. */
function backtestLines({ rows, verdict }: Backtest): string[] {
  const figures = rows.map((row) =>
    [
      row.time_period,
      row.school_type.padEnd(22),
      row.measure.padEnd(10),
      row.method.padEnd(9),
      `${row.schools} schools`.padStart(14),
      `error ${row.mean_absolute_error.toFixed(3)}`,
      ...(row.mean_interval_score_80 === null
        ? ['no past errors to make intervals from']
        : [
            `score ${row.mean_interval_score_80.toFixed(3)}`,
            `covers ${row.coverage_80_shift_removed?.toFixed(1)}% / ${row.coverage_95_shift_removed?.toFixed(1)}%`,
          ]),
    ].join('  '),
  );
  return [...figures, verdict];
}

function isYear(text: string): boolean {
  return parseAcademicYear(text) !== undefined;
}

/** Checked before the verb runs. */
function yearOf(text: string | undefined): AcademicYear {
  return parseAcademicYear(text ?? '') as AcademicYear;
}
