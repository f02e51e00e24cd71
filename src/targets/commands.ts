import type { Command } from '../access/index.ts';
import { type AcademicYear, parseAcademicYear, yearLabel } from '../base/academicYear.ts';
import { csvText } from '../base/csv.ts';
import { Refusal } from '../base/problem.ts';
import { directoriesOf } from '../schools/index.ts';
import { words } from '../ui/index.ts';
import { assessTargets } from './assess.ts';
import { type Backtest, backtestColumns } from './backtest.ts';
import { issueTargets } from './issue.ts';
import { type Issued, issuedColumns } from './issued.ts';
import { findIssued } from './show.ts';

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
      json: { help: 'Prints what the fit found as JSON.' },
    },
    example: `./rollcall targets publish --year ${example} --out targets.csv`,
    async run({ stores, output, signal, settings, writeFile }, { values, switches }) {
      const year = yearOf(values['year']);
      const { issued, summary } = await issueTargets(stores, {
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
      const issued = await findIssued(stores, viewer, school);
      if (!issued) {
        throw new Refusal('not-found', `Nothing has been issued to ${school.name}.`);
      }
      if (switches.has('json')) output.line(JSON.stringify(issued, null, 2));
      else for (const line of issuedLines(issued)) output.line(line);
      return 0;
    },
  },
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

/** For the terminal: what was issued to a school, as on its home. */
function issuedLines({ figures, explanation }: Issued): string[] {
  const { similar, learnFrom } = explanation;
  return [
    `${figures.school_name} (URN ${figures.urn}), ${yearLabel(figures.time_period)}`,
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
