import { readCensus } from './census.ts';
import { readCtf } from './ctf.ts';
import { readJson } from './json.ts';
import {
  type CensusCounts,
  type Found,
  type RawMark,
  type Reading,
  type ReadLimits,
  type ReadOptions,
  type Source,
  StopReading,
  type TakeMarks,
  usualReadLimits,
} from './reading.ts';
import { readTable, startOfTable, type Texts } from './table.ts';
import { Tally } from './tally.ts';
import { type Characters, textOf } from './text.ts';

/**
 * Reads a register in whatever form it comes, and says what was found out about it. It never fails: what cannot be read is
 * a problem with its place and how to mend it, and `counted` accounts for every place a mark could stand. Marks are handed
 * to `take` some at a time while the file is read, so that the largest file needs little memory.
 *
 * Nothing may be kept unless `complete` is true: a file that breaks off is told by that alone.
 */
export async function readRegister(
  source: Source,
  options: ReadOptions,
  take: TakeMarks,
): Promise<Reading> {
  const limits = { ...usualReadLimits, ...options.limits };
  const tally = new Tally(options.file, limits.problems, take);
  const characters: Characters = { encoding: 'UTF-8', damaged: false };
  const found: Found = { encoding: 'UTF-8', urns: [] };
  const texts = () => textOf(source, characters, limits);
  let stop: StopReading | undefined;
  let counts: CensusCounts[] = [];
  try {
    counts = await readAs(texts, options, limits, tally, found);
  } catch (error) {
    if (!(error instanceof StopReading)) throw error;
    stop = error;
  }
  await tally.handOn();
  if (characters.damaged) tellDamaged(tally);
  if (stop) tally.problem(stop.kind, stop.message, { row: stop.row, cells: 0 });
  Object.assign(found, tally.span(), { encoding: characters.encoding });
  const complete = stop === undefined;
  return { found, counted: tally.counted, problems: tally.problems, counts, complete };
}

/** The same with all marks at once: for what fits into memory. */
export async function readMarks(
  source: Source,
  options: ReadOptions,
): Promise<Reading & { marks: RawMark[] }> {
  const marks: RawMark[] = [];
  const reading = await readRegister(source, options, (some) => {
    for (const mark of some) marks.push(mark);
  });
  return { ...reading, marks };
}

/** In so much of a file its form shows, headings and titles before them included. */
const headCharacters = 262_144;

async function readAs(
  texts: Texts,
  options: ReadOptions,
  limits: ReadLimits,
  tally: Tally,
  found: Found,
): Promise<CensusCounts[]> {
  const { head, whole } = await headOf(texts);
  const start = head.trimStart();
  if (start === '') {
    throw new StopReading('empty-file', 'There is nothing in the file: export the register again.');
  }
  if (start.startsWith('{') || start.startsWith('[')) {
    await readJson(texts, options, limits, tally, found);
    return [];
  }
  if (start.startsWith('<')) return readXml(start, texts, options, limits, tally, found);
  const table = startOfTable(head, whole, options, limits);
  if (!table) throw noHeadings();
  await readTable(texts, table, options, limits, tally, found);
  return [];
}

async function readXml(
  start: string,
  texts: Texts,
  options: ReadOptions,
  limits: ReadLimits,
  tally: Tally,
  found: Found,
): Promise<CensusCounts[]> {
  const root = /<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)/.exec(start)?.[1];
  if (root === 'Message') return readCensus(texts, options, limits, tally, found);
  if (root === 'CTfile' || root === 'ATfile') {
    await readCtf(texts, options, limits, tally, found);
    return [];
  }
  throw new StopReading(
    'xml-not-a-register',
    'This XML is neither a Common Transfer File nor a census return: export the register in another form.',
  );
}

async function headOf(texts: Texts): Promise<{ head: string; whole: boolean }> {
  let head = '';
  for await (const text of texts()) {
    head += text;
    if (head.length >= headCharacters) return { head, whole: false };
  }
  return { head, whole: true };
}

function noHeadings(): StopReading {
  return new StopReading(
    'headings-not-found',
    'No row of headings was found in the first 20: a long table needs UPN, date, session and code, and a wide one UPN and a column for each session, headed as Mon 08/09/2025 AM.',
  );
}

function tellDamaged(tally: Tally): void {
  tally.problem(
    'mixed-encodings',
    'Some characters are not in the encoding of the rest of the file: marks are read all the same, but save it as UTF-8 next time.',
    { cells: 0 },
  );
}
