import { allowOrRefuse, type Command, viewerText } from '../access/index.ts';
import { type AcademicYear, parseAcademicYear, yearLabel } from '../base/academicYear.ts';
import { csvText } from '../base/csv.ts';
import { Refusal } from '../base/problem.ts';
import { directoriesOf } from '../schools/index.ts';
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
      const none = issued.filter((each) => each.figures.no_match_reason !== null).length;
      output.line(
        `${issued.length} expectations issued for ${yearLabel(year)}. ${summary.restsOn}`,
      );
      output.line(`${none} schools have no good match; each says why.`);
      for (const [reason, count] of Object.entries(summary.left)) {
        output.line(`${count} schools left out: ${reason}.`);
      }
      return 0;
    },
  },
];

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
