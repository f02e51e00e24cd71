import { basename } from 'node:path';
import { type Problem, Refusal } from '../base/problem.ts';
import type { Receipt } from '../records/index.ts';
import type { OpenReceipt, Stores, Write } from '../stores/index.ts';
import { findChanges, type PartChanges } from './changes.ts';
import type { Part } from './part.ts';
import { type Shortfall, shortfallsOf, shortfallText, storedSchoolsOf } from './pieces.ts';
import { storedKeys } from './publications.sql.ts';
import {
  type Reading,
  type ReadOptions,
  readPublication,
  seenPart,
  type SeenRows,
} from './read.ts';
import { tableColumns } from './source.ts';

export type ImportOptions = Pick<
  ReadOptions,
  'limits' | 'folder' | 'census' | 'published' | 'signal' | 'clock'
> & {
  /** Rows that are stored and that the files do not have may be many: they are gone. */
  removeMissing?: boolean;
  /** A year may have far fewer schools than the others: these are all that there are to have. */
  partial?: boolean;
  /** Checks and compares, and stores nothing. */
  dryRun?: boolean;
  /** What is being done, and how far it is, from 0 to 1. */
  onProgress?: (doing: string, done: number) => void;
};

/** What became of a part of a file. */
export type PartOutcome = { part: Part } & (
  | { became: 'new'; lacks: Shortfall[] }
  | { became: 'unchanged'; since: Date }
  | { became: 'replaced'; removes: number; changes: PartChanges | undefined }
);

export type FileOutcome = { reading: Reading; parts: PartOutcome[] };

/**
 * Imports publications: reads them all, and stores them all with one commit or none. What is already there with the
 * same rows is left as it is; other rows of the same kind and scope replace what was there. Refuses with `bad-input`
 * when any file has a problem, naming the first, and when one seems to be a piece: of what it would replace, or of a year
 * beside the other years.
 */
export async function importFiles(
  stores: Stores,
  files: readonly string[],
  options: ImportOptions = {},
): Promise<FileOutcome[]> {
  const { readings, seen } = await checkFiles(files, options);
  const problems = readings.flatMap((reading) => reading.problems);
  if (problems.length > 0) throw problemsRefused(readings, problems);
  const known = await stores.receipts();
  const coming = readings.flatMap((reading) => reading.parts);
  const outcomes: FileOutcome[] = [];
  for (const reading of readings) {
    const parts: PartOutcome[] = [];
    for (const part of reading.parts) {
      parts.push(await compare(stores, part, { known, seen, reading, coming, options }));
    }
    outcomes.push({ reading, parts });
  }
  const due = outcomes.filter(({ parts }) => parts.some(({ became }) => became !== 'unchanged'));
  if (due.length === 0 || options.dryRun) return outcomes;
  await stores.write(async (write) => {
    for (const outcome of due) await store(write, outcome, known, options);
  });
  return outcomes;
}

/** Reads files together and stores nothing: what they are, and every problem in and between them. */
async function checkFiles(
  files: readonly string[],
  options: ImportOptions = {},
): Promise<{ readings: Reading[]; seen: SeenRows }> {
  const seen: SeenRows = new Map();
  const readings: Reading[] = [];
  for (const file of new Set(files)) {
    readings.push(
      await readPublication(file, {
        ...options,
        seen,
        onProgress: ({ bytesRead, bytesTotal }) =>
          options.onProgress?.(`checking ${basename(file)}`, bytesRead / bytesTotal),
      }),
    );
  }
  return { readings: withTwins(readings), seen };
}

/** Two files that hold the same part would replace each other. */
function withTwins(readings: Reading[]): Reading[] {
  const holders = new Map<string, Reading>();
  return readings.map((reading) => {
    const twins: Problem[] = [];
    for (const part of reading.parts) {
      const name = `${part.source.kind} ${part.scope}`;
      const first = holders.get(name);
      if (first) twins.push(twinProblem(reading, first, part));
      else holders.set(name, reading);
    }
    return twins.length > 0 && reading.problems.length === 0
      ? { ...reading, problems: twins }
      : reading;
  });
}

function twinProblem(reading: Reading, first: Reading, part: Part): Problem {
  return {
    kind: 'same-part-twice',
    file: reading.file,
    message: `${part.label} is also in ${first.file}, and each would replace the other. Import only one of the two.`,
  };
}

function problemsRefused(readings: readonly Reading[], problems: readonly Problem[]): Refusal {
  const [first] = problems as [Problem];
  const others = problems.length - 1;
  const atLeast = readings.every((reading) => reading.toTheEnd) ? '' : 'at least ';
  const more =
    others === 0
      ? ''
      : ` There ${others === 1 ? 'is' : 'are'} ${atLeast}${others.toLocaleString('en-GB')} more ${others === 1 ? 'problem' : 'problems'}.`;
  return new Refusal('bad-input', `${problemText(first)} Nothing was stored.${more}`);
}

/** A problem as one sentence with its place: `schools.csv, row 12, column enrolments: …`. */
function problemText(problem: Problem): string {
  const row = problem.row === undefined ? '' : `, row ${problem.row.toLocaleString('en-GB')}`;
  const column = problem.column ? `, column ${problem.column}` : '';
  return `${problem.file}${row}${column}: ${problem.message}`;
}

async function compare(
  stores: Stores,
  part: Part,
  {
    known,
    seen,
    reading,
    coming,
    options,
  }: {
    known: readonly Receipt[];
    seen: SeenRows;
    reading: Reading;
    coming: readonly Part[];
    options: ImportOptions;
  },
): Promise<PartOutcome> {
  const before = receiptOf(part, known);
  if (!before) {
    const lacks = await lackedBy(stores, part, coming);
    const [first] = lacks;
    if (first && !options.partial) {
      throw new Refusal('bad-input', pieceOfYearRefused(reading, part, first));
    }
    return { part, became: 'new', lacks };
  }
  if (before.digest === part.digest) {
    return { part, became: 'unchanged', since: before.committed_at ?? before.started_at };
  }
  const rows = seen.get(seenPart(part.source, part.takenAs, reading.file));
  const stored = await stores.read(storedKeys(part.source), { before: before.id }, { work: true });
  const removes = stored.filter(({ seen_key }) => !rows?.has(seen_key)).length;
  if (removes > stored.length * mostRemoved && !options.removeMissing) {
    throw new Refusal('bad-input', pieceRefused(reading, part, { removes, stored: stored.length }));
  }
  return { part, became: 'replaced', removes, changes: undefined };
}

async function lackedBy(stores: Stores, part: Part, coming: readonly Part[]): Promise<Shortfall[]> {
  const ofItsKind = coming.filter(({ source }) => source === part.source);
  return shortfallsOf(part, [...(await storedSchoolsOf(stores, part.source)), ...ofItsKind]);
}

function pieceOfYearRefused({ file }: Reading, part: Part, lacks: Shortfall): string {
  return `${file}: it has ${shortfallText(lacks, part)}, and seems to be a piece of ${part.label}. Get the whole file, or add --partial if there are no more schools to be had. Nothing was stored.`;
}

/** Corrected editions take a few rows away. More, and the file is a piece of one. */
const mostRemoved = 0.02;

function pieceRefused(
  { file }: Reading,
  { label }: Part,
  { removes, stored }: { removes: number; stored: number },
): string {
  const count = (number: number) => number.toLocaleString('en-GB');
  return `${file}: it lacks ${count(removes)} of the ${count(stored)} rows that are stored of ${label}, and would remove them. Get the whole file again, or add --remove-missing if those rows are really gone. Nothing was stored.`;
}

function receiptOf(part: Part, known: readonly Receipt[]): Receipt | undefined {
  return known.find(({ kind, scope }) => kind === part.source.kind && scope === part.scope);
}

/** Reads a file once more, which was found sound, and appends the parts of it that are due. */
async function store(
  write: Write,
  outcome: FileOutcome,
  known: readonly Receipt[],
  options: ImportOptions,
): Promise<void> {
  const { reading, parts } = outcome;
  const due = parts.filter(({ became }) => became !== 'unchanged').map(({ part }) => part);
  const open = new Map<string, OpenReceipt>();
  for (const part of due)
    open.set(partKey(part.source.kind, part.takenAs), await begin(write, reading, part));
  for (const partOutcome of parts) {
    if (partOutcome.became !== 'new' || partOutcome.lacks.length === 0) continue;
    const receipt = open.get(partKey(partOutcome.part.source.kind, partOutcome.part.takenAs));
    if (receipt) receipt.detail['lacks'] = partOutcome.lacks;
  }
  const again = await readPublication(reading.file, {
    ...options,
    onProgress: ({ bytesRead, bytesTotal }) =>
      options.onProgress?.(`storing ${basename(reading.file)}`, bytesRead / bytesTotal),
    async take({ source, scope }, rows) {
      const receipt = open.get(partKey(source.kind, scope));
      if (receipt) {
        await write.warehouse.append(
          source.table,
          ['receipt', ...tableColumns(source)],
          rows.map((row) => [receipt.id, ...row]),
        );
      }
    },
  });
  if (!sameParts(again, reading)) {
    throw new Refusal(
      'bad-input',
      `${reading.file}: the file changed while it was read. Nothing was stored. Import it again when nobody writes to it.`,
    );
  }
  for (const partOutcome of parts) {
    const before = receiptOf(partOutcome.part, known);
    const after = open.get(partKey(partOutcome.part.source.kind, partOutcome.part.takenAs));
    if (partOutcome.became !== 'replaced' || !before || !after) continue;
    partOutcome.changes = await findChanges(
      write.warehouse,
      partOutcome.part.source,
      before.id,
      after.id,
    );
    const { added, removed, changed } = partOutcome.changes;
    after.detail['changes'] = { replaces: before.id, added, removed, changed };
  }
}

const partKey = (kind: string, takenAs: string): string => `${kind} ${takenAs}`;

async function begin(write: Write, reading: Reading, part: Part): Promise<OpenReceipt> {
  const receipt = await write.begin({
    kind: part.source.kind,
    scope: part.scope,
    title: basename(reading.file),
    digest: part.digest,
  });
  Object.assign(receipt.detail, {
    label: part.label,
    rows: part.rows,
    notUsed: Object.fromEntries(reading.notUsed),
    marks: Object.fromEntries(reading.withoutValue),
    warnings: Object.fromEntries(reading.warnings.map(({ kind, rows }) => [kind, rows])),
    assumed: reading.assumed,
    encoding: reading.encoding,
  });
  return receipt;
}

function sameParts(one: Reading, other: Reading): boolean {
  const digests = (reading: Reading) => reading.parts.map((part) => part.digest).join();
  return one.problems.length === 0 && digests(one) === digests(other);
}
