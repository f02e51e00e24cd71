import { allowOrRefuse, type Command, viewerText } from '../access/index.ts';
import { type AcademicYear, parseAcademicYear, yearLabel } from '../base/academicYear.ts';
import { csvText } from '../base/csv.ts';
import { Refusal } from '../base/problem.ts';
import { directoriesOf } from '../schools/index.ts';
import { assessTargets } from './assess.ts';
import { type Backtest, backtestColumns } from './backtest.ts';
import { issueTargets } from './issue.ts';
import { issuedColumns } from './issued.ts';

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
      },
      out: { value: 'FILE', help: 'Also writes one CSV row a school.' },
      json: { help: 'Prints what the fit found as JSON.' },
    },
    example: `./rollcall targets publish --year ${example} --out targets.csv`,
    async run({ stores, viewer, output, signal, settings, writeFile }, { values, switches }) {
      allowOrRefuse(viewer, 'issued expectation', {});
      if (viewer.role !== 'operator') {
        throw new Refusal(
          'not-allowed',
          `Only the operator publishes expectations, not ${viewerText(viewer)}.`,
        );
      }
      const year = yearOf(values['year']);
      const { issued, summary } = await issueTargets(stores, directoriesOf(stores), {
        year,
        visitKm: settings.visitKm,
        signal,
        say: (step) => output.progress(step),
      });
      output.progress('');
      if (values['out']) {
        await writeFile(
          values['out'],
          csvText(
            issuedColumns,
            issued.map((each) => each.figures),
          ),
        );
      }
      if (switches.has('json')) {
        output.line(JSON.stringify(summary));
        return 0;
      }
      output.line(
        `${issued.length} expectations issued for ${yearLabel(year)}. ${summary.restsOn}`,
      );
      output.line(`${summary.withoutGoodMatch} schools have no good match; each says why.`);
      for (const [reason, count] of Object.entries(summary.left)) {
        output.line(`${count} schools left out: ${reason}.`);
      }
      return 0;
    },
  },
  {
    verb: 'targets backtest',
    summary: 'Forecasts past years from the years before them, and says how well that did.',
    options: {
      from: { value: 'YYYYYY', help: 'The first year to forecast.', required: true },
      to: { value: 'YYYYYY', help: 'The last year to forecast.', required: true },
      out: {
        value: 'FILE',
        help: 'Writes every figure as CSV, overall rows first, then by group.',
      },
      json: { help: 'Prints everything as JSON.' },
    },
    example: './rollcall targets backtest --from 201516 --to 201718 --out backtest.csv',
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
      if (switches.has('json')) {
        output.line(JSON.stringify(found));
        return 0;
      }
      for (const line of backtestLines(found)) output.line(line);
      return 0;
    },
  },
];

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
      `score ${row.mean_interval_score_80.toFixed(3)}`,
      `covers ${row.coverage_80_shift_removed.toFixed(1)}% / ${row.coverage_95_shift_removed.toFixed(1)}%`,
    ].join('  '),
  );
  return [...figures, verdict];
}

function yearOf(text: string | undefined): AcademicYear {
  const year = parseAcademicYear(text ?? '');
  if (year === undefined) {
    throw new Refusal(
      'bad-input',
      `“${text}” is not an academic year. Write it as ${example}, for 2018/19.`,
    );
  }
  return year;
}
