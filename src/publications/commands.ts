import type { Command, CommandContext, CommandInput, Output } from '../access/index.ts';
import { yearLabel } from '../base/academicYear.ts';
import { Refusal } from '../base/problem.ts';
import { type FileOutcome, type ImportOptions, importFiles, type PartOutcome } from './import.ts';
import { shortfallText } from './pieces.ts';
import { isEqual, type Reconciliation, reconcile, reconciliationCsv } from './reconcile.ts';

/** The verbs of this slice. */
export const publicationCommands: readonly Command[] = [
  {
    verb: 'publications import',
    summary: 'Reads published files, says what they are, and stores them all or none.',
    arguments: 'FILE…',
    options: {
      census: {
        value: 'YEAR',
        help: 'The January of a school census, where its layout is misread, as 2019.',
        accepts: (text) => /^20\d\d$/.test(text),
      },
      published: {
        value: 'DATE',
        help: 'The day a year-to-date snapshot was published, as 2025-08-07.',
        accepts: isDate,
      },
      'remove-missing': {
        help: 'Lets a file remove more than 2 % of the rows that are stored of what it replaces.',
      },
      partial: {
        help: 'Lets a new year of school absence have less than half as many schools of a type as another year.',
      },
      'dry-run': { help: 'Only say what would be stored.' },
      json: { help: 'Print JSON.' },
    },
    example: './rollcall publications import absence_3term_school_*.csv.gz',
    run: runImport,
  },
  {
    verb: 'publications reconcile',
    summary:
      'Sums the schools and compares every count with the published national, regional and authority rows.',
    options: {
      out: { value: 'FILE', help: 'Write every published row × count column as CSV.' },
      json: { help: 'Print JSON.' },
    },
    example: './rollcall publications reconcile --out reconciled.csv',
    run: runReconcile,
  },
];

async function runImport(context: CommandContext, input: CommandInput): Promise<number> {
  refuseUnlessOperator(context);
  const { output, stores, folder, signal, clock } = context;
  const dryRun = input.switches.has('dry-run');
  const outcomes = await importFiles(stores, input.files, {
    folder,
    ...editionOptions(input),
    dryRun,
    removeMissing: input.switches.has('remove-missing'),
    partial: input.switches.has('partial'),
    signal,
    clock,
    onProgress: (doing, done) => output.progress(progressBar(doing, done)),
  });
  output.progress('');
  if (input.switches.has('json')) output.line(JSON.stringify(outcomes.map(fileAsData), null, 2));
  else for (const line of importReport(outcomes, dryRun)) output.line(line);
  return 0;
}

/** What a file does not say about itself and a person may. Checked before the verb runs. */
function editionOptions(input: CommandInput): Pick<ImportOptions, 'census' | 'published'> {
  const { census, published } = input.values;
  return {
    ...(census === undefined ? {} : { census: Number(census) }),
    ...(published === undefined ? {} : { published }),
  };
}

function isDate(text: string): boolean {
  const at = new Date(`${text}T00:00:00Z`);
  return (
    /^\d{4}-\d\d-\d\d$/.test(text) &&
    !Number.isNaN(at.getTime()) &&
    at.toISOString().startsWith(text)
  );
}

function progressBar(doing: string, done: number): string {
  const width = 24;
  const full = Math.round(width * Math.min(1, done));
  const percent = String(Math.round(100 * Math.min(1, done))).padStart(3);
  return `[${'='.repeat(full)}${' '.repeat(width - full)}] ${percent} % ${doing}`;
}

/** For people: each file with what it was taken for, rows used, rows not used by reason, and what became of it. */
function importReport(outcomes: readonly FileOutcome[], dryRun: boolean): string[] {
  const lines = outcomes.flatMap(fileReport);
  const parts = outcomes.flatMap((outcome) => outcome.parts);
  const stored = parts.filter(({ became }) => became !== 'unchanged');
  const rows = stored.reduce((sum, { part }) => sum + part.rows, 0);
  if (stored.length === 0) return [...lines, 'Nothing changed.'];
  return [
    ...lines,
    dryRun
      ? `Nothing was stored (--dry-run); ${rowsText(rows)} would be.`
      : `Stored ${rowsText(rows)} with one commit.`,
  ];
}

function fileReport({ reading, parts }: FileOutcome): string[] {
  const kinds = reading.sources.map((source) => source.title).join(' and ');
  const used = parts.reduce((sum, { part }) => sum + part.rows, 0);
  const not = [...reading.notUsed.values()].reduce((sum, count) => sum + count, 0);
  return [
    `${reading.file}: ${kinds}`,
    ...reading.assumed.map((assumed) => `  taken as: ${assumed}`),
    ...(reading.encoding === 'UTF-8' ? [] : [`  read as ${reading.encoding}`]),
    ...(reading.unknownColumns.length === 0
      ? []
      : [`  columns not known and left: ${reading.unknownColumns.join(', ')}`]),
    `  ${rowsText(used)} used, ${not.toLocaleString('en-GB')} not used`,
    ...[...reading.notUsed].map(([reason, count]) => `    not used, ${reason}: ${rowsText(count)}`),
    ...[...reading.withoutValue].map(
      ([why, count]) => `    cells without a value, ${why}: ${count.toLocaleString('en-GB')}`,
    ),
    ...reading.warnings.map(
      ({ rows, rule, first }) =>
        `    odd: ${rowsText(rows)} ${rows === 1 ? 'breaks' : 'break'} the rule “${rule}” First, row ${first.row}: ${first.message}`,
    ),
    ...parts.flatMap(partReport),
  ];
}

function partReport(outcome: PartOutcome): string[] {
  const { part } = outcome;
  const name = part.source.scope.label(part.scope);
  if (outcome.became === 'new') {
    return [
      `  ${name}: ${rowsText(part.rows)}, new`,
      ...outcome.lacks.map(
        (lacks) =>
          `    PARTIAL: ${shortfallText(lacks, part)}. Whatever is worked out of this year rests on these alone.`,
      ),
    ];
  }
  if (outcome.became === 'unchanged') {
    const since = outcome.since.toISOString().slice(0, 10);
    return [`  ${name}: already imported on ${since}: nothing changed`];
  }
  const { changes, removes } = outcome;
  if (!changes) {
    const away = removes === 0 ? '' : ` and remove ${rowsText(removes)} of it`;
    return [`  ${name}: ${rowsText(part.rows)}, would replace what is there${away}`];
  }
  const { added, removed, changed } = changes;
  return [
    `  ${name}: replaces what was there: ${rowsText(added)} added, ${inDigits(removed)} removed, ${inDigits(changed)} changed`,
    ...changes.first.map((words) => `    ${words}`),
    ...(added + removed + changed > changes.first.length ? ['    …'] : []),
  ];
}

const inDigits = (count: number) => count.toLocaleString('en-GB');

function rowsText(rows: number): string {
  return `${inDigits(rows)} ${rows === 1 ? 'row' : 'rows'}`;
}

function fileAsData({ reading, parts }: FileOutcome) {
  return {
    file: reading.file,
    kinds: reading.sources.map((source) => source.kind),
    assumed: reading.assumed,
    encoding: reading.encoding,
    unknown_columns: reading.unknownColumns,
    rows_not_used: Object.fromEntries(reading.notUsed),
    cells_without_value: Object.fromEntries(reading.withoutValue),
    warnings: reading.warnings.map(({ kind, rows, first }) => ({ kind, rows, first })),
    parts: parts.map(({ part, became, ...rest }) => ({
      kind: part.source.kind,
      scope: part.scope,
      rows_used: part.rows,
      became,
      ...rest,
    })),
  };
}

async function runReconcile(context: CommandContext, input: CommandInput): Promise<number> {
  const { output, stores } = context;
  const reconciliation = await reconcile(stores);
  const { out } = input.values;
  if (out !== undefined) await context.writeFile(out, reconciliationCsv(reconciliation));
  const { equalRows, publishedRows, counts } = reconciliation;
  const differing = counts.filter((count) => !isEqual(count));
  if (input.switches.has('json')) {
    output.line(
      JSON.stringify(
        { published_rows: publishedRows, equal_rows: equalRows, differences: differing },
        null,
        2,
      ),
    );
  } else {
    sayDifferences(reconciliation, output);
    output.line(
      `${equalRows.toLocaleString('en-GB', { useGrouping: false })} of ${publishedRows} published rows equal`,
    );
  }
  return equalRows === publishedRows ? 0 : 1;
}

const differencesShown = 10;

function sayDifferences({ counts, yearsWithoutSchools }: Reconciliation, output: Output): void {
  for (const year of yearsWithoutSchools) {
    output.line(`${yearLabel(year)}: no schools are imported for this year.`);
  }
  const without = new Set(yearsWithoutSchools);
  const differing = counts.filter((count) => !isEqual(count) && !without.has(count.time_period));
  for (const count of differing.slice(0, differencesShown)) {
    const area = [count.geographic_level, count.region_code, count.new_la_code, count.school_type]
      .filter((word) => word !== '')
      .join(' ');
    output.line(
      `${count.time_period} ${area}: ${count.column} is published as ${count.published ?? 'blank'} and comes to ${count.recomputed ?? 'blank'}`,
    );
  }
  if (differing.length > differencesShown) {
    output.line(
      `… and ${differing.length - differencesShown} more counts (--out FILE writes all).`,
    );
  }
}

/** Bringing data in is the operator's: another role shown with --as may not. */
function refuseUnlessOperator({ viewer }: CommandContext): void {
  if (viewer.role !== 'operator') {
    throw new Refusal('not-allowed', 'Only the operator imports publications. Leave out --as.');
  }
}
