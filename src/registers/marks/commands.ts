import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import {
  type Command,
  type CommandContext,
  type CommandInput,
  trailOf,
  viewerText,
} from '../../access/index.ts';
import { Refusal } from '../../base/problem.ts';
import { withoutUpns } from '../../base/upn.ts';
import { addUpload, listUploads, removeUpload, type UploadRow } from '../../records/index.ts';
import { words } from '../../ui/index.ts';
import { bytesOfFile, sizeOfFile } from './bytes.ts';
import { absentIn, missedAs } from './censusTotals.ts';
import { changesMuch } from './check.ts';
import { keepUpload, withdrawUpload } from './keep.ts';
import { marksBeside, type MarkProblem, type ProblemsOfKind } from './problems.ts';
import {
  digestOf,
  getUpload,
  noteUpload,
  type OpenedFile,
  receive,
  refusedIn,
  type UploadParts,
} from './receive.ts';
import { problemsOf } from './refused.ts';
import { restingInWords, restingOn } from './resting.ts';
import { refuseUnread } from './stage.ts';
import { giveUp, noteLeft, stopped, tidyUploads, whileUnderWay } from './tidy.ts';
import { answersOf, type Outcome, outcomeOf, type UploadState, uploadStates } from './upload.ts';

/** The verbs by which marks come in, are listed and are withdrawn. */
export function marksCommands(afterCommit: UploadParts['afterCommit']): readonly Command[] {
  const partsOf = (context: CommandContext): UploadParts => ({
    stores: context.stores,
    clock: context.clock,
    folder: join(context.settings.dataFolder ?? tmpdir(), 'uploads'),
    ...(afterCommit ? { afterCommit } : {}),
  });
  return [
    {
      verb: 'registers import',
      summary:
        'Takes in marks, in whatever form a school has them; what is wrong is counted, shown and left out.',
      arguments: 'FILE…',
      options: {
        'dry-run': { help: 'Only says what would change.' },
        'date-order': {
          value: 'ORDER',
          help: 'How 08/09/2025 is meant, where the file leaves it open: dmy or mdy.',
          accepts: (text) => text === 'dmy' || text === 'mdy',
        },
        'two-digit-years': {
          value: 'CENTURY',
          help: '20xx: a year of two digits is of this century.',
          accepts: (text) => text === '20xx',
        },
        urn: {
          value: 'URN',
          help: 'The school, where the file does not say.',
          accepts: (text) => /^[1-9]\d{5}$/.test(text),
        },
        'days-in-a-week': {
          value: 'DAYS',
          help: 'How many days of a week a Common Transfer File has: 5 or 7.',
          accepts: (text) => text === '5' || text === '7',
        },
        history: {
          help: 'The files are a history that comes in at once: “as known on” a day takes them at their word. Without it nothing of them was known before now.',
        },
        json: { help: 'Prints JSON.' },
      },
      example: './rollcall registers import marks.csv',
      run: (context, input) => runImport(partsOf(context), context, input),
    },
    {
      verb: 'registers uploads',
      summary: 'Lists what was sent of registers, and what became of it.',
      options: { json: { help: 'Prints JSON.' } },
      example: './rollcall registers uploads',
      run: (context, input) => runList(partsOf(context), context, input),
    },
    {
      verb: 'registers withdraw',
      summary: 'Withdraws an upload that was kept: what stood before stands again.',
      arguments: 'N',
      options: {
        'dry-run': {
          help: 'Only says what would count no longer, which later uploads said the same, and what was amended.',
        },
      },
      example: './rollcall registers withdraw 12',
      misused: ({ files }) =>
        files.length === 1 && /^[1-9]\d{0,8}$/.test(files[0] ?? '')
          ? undefined
          : 'needs the number of one upload, as “registers uploads” lists it',
      run: (context, { files, switches }) =>
        runWithdraw(partsOf(context), context, Number(files[0]), switches.has('dry-run')),
    },
  ];
}

async function runImport(
  parts: UploadParts,
  context: CommandContext,
  input: CommandInput,
): Promise<number> {
  refuseUnlessOperator(context);
  const { output, folder } = context;
  await tidyUploads(parts);
  const dryRun = input.switches.has('dry-run');
  const reports: FileReport[] = [];
  let refusal: string | undefined;
  for (const [at, name] of input.files.entries()) {
    const path = resolve(folder, name);
    const size = await sizeOfFile(path, name);
    if (!dryRun) await leave(context, 'registers import');
    const report = await importFile(parts, context, { path, name, size, input, dryRun }).catch(
      refusedInWords,
    );
    output.progress('');
    const after = laterInWords(input.files.slice(at + 1));
    if (typeof report === 'string') {
      refusal = `${name}: ${report}${after}`;
      break;
    }
    reports.push(report);
    if (!input.switches.has('json')) for (const line of linesOf(report)) output.line(line);
    const nothing = whyNothing(report);
    if (nothing) refusal = `${nothing}${after}`;
    if (refusal) break;
  }
  if (input.switches.has('json')) output.line(JSON.stringify(reports.map(asData), null, 2));
  if (refusal) output.error(refusal);
  return refusal ? 1 : 0;
}

function refusedInWords(error: unknown): string {
  if (error instanceof Refusal) return error.message;
  throw error;
}

/** Files that were named after one that was refused. */
function laterInWords(names: readonly string[]): string {
  if (names.length === 0) return '';
  const [first = '', ...others] = names;
  const more = others.length === 0 ? '' : ` and ${words.plural(others.length, 'more file')}`;
  return ` Not looked at yet: ${first}${more}. Send ${others.length === 0 ? 'it' : 'them'} again.`;
}

/** What became of a file, for whoever sent it. */
type FileReport = {
  name: string;
  upload: number | null;
  state: UploadState;
  failure: string | null;
  outcome: Outcome;
  problems: ProblemsOfKind[];
  receipt: number | null;
  dryRun: boolean;
  seconds: number;
};

async function importFile(
  parts: UploadParts,
  { output, viewer, signal }: CommandContext,
  of: { path: string; name: string; size: number; input: CommandInput; dryRun: boolean },
): Promise<FileReport> {
  const { stores, clock } = parts;
  const { path, name, size, input, dryRun } = of;
  const began = performance.now();
  const read = { bytes: 0, of: size };
  const file: OpenedFile = { source: bytesOfFile(path, read), read };
  const { values } = input;
  const answers = answersOf({
    dateOrder: values['date-order'],
    twoDigitYears: values['two-digit-years'],
    urn: values['urn'],
    daysInAWeek: values['days-in-a-week'],
    history: input.switches.has('history'),
  });
  const now = clock();
  const enough = new AbortController();
  const heeded = AbortSignal.any([signal, enough.signal]);
  const digest = digestOf(bytesOfFile(path, { ...read }), heeded);
  digest.catch(() => {});
  const id = await addUpload(stores.records, {
    ...{ urn: null, title: withoutUpns(basename(name)).slice(0, 200), source: 'command line' },
    ...{ state: 'reading', digest: '' },
    ...{ bytes: Math.min(size, 2 ** 31 - 1), person: null, person_name: 'The operator' },
    ...{ position: 'operator', viewer: viewerText(viewer), answers },
    ...{ received_at: now, changed_at: now },
  });
  if (id === undefined) throw new Error('an upload without a key is always new');
  const working = {
    ...{ ownUrns: [], signal },
    onProgress: (doing: string, done: number) =>
      output.progress(`${doing} ${name} ${Math.round(100 * done)} %`),
  };
  return whileUnderWay(parts, id, async () => {
    try {
      let upload = await receive(parts, await getUpload(parts, id), file, working);
      const problems = await problemsOf(parts, upload);
      if (upload.state !== 'failed') {
        await noteUpload(parts, id, { digest: await digest.catch(refuseUnread) });
      }
      if (upload.state === 'ready' && !dryRun) {
        upload = await keepUpload(parts, id, { ...working, file, asShown: false });
      }
      const { state, failure, receipt } = upload;
      return {
        ...{ name, upload: dryRun ? null : id, state: state as UploadState, failure, receipt },
        ...{ outcome: outcomeOf(upload), problems, dryRun },
        seconds: (performance.now() - began) / 1000,
      };
    } catch (error) {
      const failure = error instanceof Refusal ? error.message : stopped;
      const state = signal.aborted ? 'cancelled' : 'failed';
      await giveUp(parts, id, failure, { from: notKept, state }).catch(() => {});
      throw error;
    } finally {
      enough.abort();
      if (dryRun) await removeUpload(stores.records, id).catch(() => {});
      if (dryRun) await tidyUploads(parts).catch(() => {});
    }
  });
}

const notKept = ['reading', 'checking', 'asking', 'ready', 'keeping'];

function whyNothing({ name, state, failure, outcome, problems }: FileReport): string | undefined {
  if (state === 'failed') return `${name}: ${failure}`;
  if (outcome.question) {
    const { text, option } = outcome.question;
    return `${name}: ${text} Say it with ${option}. Nothing of the file was kept.`;
  }
  if (state !== 'refused') return undefined;
  const first = problems[0]?.first[0];
  if (!first) return `${name}: there is no mark in it, so that nothing was kept.`;
  return `${name}${placeOf(first)}: ${first.message} No mark in the file can be kept.`;
}

function placeOf({ row, column }: MarkProblem): string {
  return [row && `, row ${words.number(row)}`, column && `, column ${column}`]
    .filter(Boolean)
    .join('');
}

const shownInTerminal = 5;

function linesOfKind(problem: ProblemsOfKind): string[] {
  const { kind, marks, first } = problem;
  const shown = first.slice(0, shownInTerminal);
  const more = marksBeside(problem, shown);
  return [
    `  ${kind}: ${words.plural(marks, 'mark')}`,
    ...shown.map((each) => {
      const place = placeOf(each).replace(/^, /, '');
      return `    ${place ? `${place}: ` : ''}${each.message}`;
    }),
    ...(more > 0 ? [`    … and ${words.number(more)} more`] : []),
  ];
}

function linesOf(report: FileReport): string[] {
  const { name, outcome, problems, upload, receipt, state, dryRun, seconds } = report;
  const { verdicts, staged, censusCounts } = outcome;
  const number = (count: number | undefined) => words.number(count ?? 0);
  const marks = staged + Object.values(outcome.notRead).reduce((sum, cells) => sum + cells, 0);
  const speed = `${words.number(Math.round(staged / seconds))} marks a second, figures included`;
  return [
    `${name}:`,
    ...outcome.found.map(([what, value]) => `  ${what}: ${value}`),
    ...(censusCounts > 0
      ? [
          `  ${words.plural(censusCounts, 'term')} of pupils by reason, and no marks: what the school returned, of which no figure is made.${verdicts.same ? ' All of it is here already.' : ''}`,
          ...outcome.censusTotals.map(
            (each) =>
              `  The ${each.period}: ${words.plural(each.pupils, 'pupil')}, ${number(each.possible)} possible sessions, ${number(absentIn(each))} absent, ${number(missedAs(each, 'authorised'))} of them authorised. Compare it with the registers: ./rollcall absence compare.`,
          ),
        ]
      : [
          `  ${words.plural(marks, 'mark')}: ${number(verdicts.new)} new, ${number(verdicts.same)} same, ${number(verdicts.amended)} amended, ${number(refusedIn(outcome))} refused${verdicts.repeated ? `, ${number(verdicts.repeated)} repeated` : ''}${verdicts.earlier ? `, ${number(verdicts.earlier)} earlier than what stands` : ''}`,
        ]),
    ...(changesMuch(outcome)
      ? [
          '  Warning: it would change more than 10 % of the marks that are here already in the sessions concerned, or more than 100 marks of children with more than four changes each.',
        ]
      : []),
    ...problems.flatMap(linesOfKind),
    dryRun
      ? '  Nothing was kept (--dry-run).'
      : receipt !== null
        ? `  Kept as upload ${upload}, under receipt ${receipt}: ${speed}.`
        : state === 'kept'
          ? '  Nothing changed.'
          : '  Nothing was kept.',
  ];
}

function asData(report: FileReport) {
  const { name, outcome, problems, upload, receipt, state, failure } = report;
  const { verdicts, found, question, blank, censusCounts } = outcome;
  const { same = 0, amended = 0, earlier = 0, repeated = 0 } = verdicts;
  return {
    ...{ file: name, upload, receipt, state, failure, found: Object.fromEntries(found), blank },
    ...{ question: question && { text: question.text, option: question.option } },
    ...{ new: verdicts.new ?? 0, same, amended, earlier, repeated },
    ...{ refused: refusedIn(outcome), census_counts: censusCounts },
    warning: changesMuch(outcome),
    problems,
  };
}

async function runList(
  parts: UploadParts,
  context: CommandContext,
  { switches }: CommandInput,
): Promise<number> {
  refuseUnlessOperator(context);
  const { output } = context;
  // Of what a process that ended was working on it says so, and not that somebody is.
  await noteLeft(parts);
  const { uploads, total } = await listUploads(parts.stores.records, { from: 0, size: 1000 });
  if (switches.has('json')) {
    output.line(JSON.stringify(uploads.map(uploadAsData), null, 2));
    return 0;
  }
  for (const upload of uploads) {
    const { new: fresh, same, amended, earlier, refused } = uploadAsData(upload);
    output.line(
      `${upload.id}  ${words.date(upload.received_at)}  ${upload.title}: ${uploadStates[upload.state as UploadState]}; ${words.number(fresh)} new, ${words.number(same)} same, ${words.number(amended)} amended, ${words.number(refused)} refused${earlier > 0 ? `, ${words.number(earlier)} earlier than what stands` : ''}`,
    );
  }
  output.line(words.plural(total, 'upload'));
  return 0;
}

function uploadAsData(upload: UploadRow) {
  const outcome = outcomeOf(upload);
  const { verdicts } = outcome;
  return {
    ...{ upload: upload.id, urn: upload.urn, title: upload.title, source: upload.source },
    ...{ state: upload.state, failure: upload.failure, receipt: upload.receipt },
    received_at: upload.received_at.toISOString(),
    ...{ new: verdicts.new ?? 0, same: verdicts.same ?? 0, amended: verdicts.amended ?? 0 },
    earlier: verdicts.earlier ?? 0,
    refused: refusedIn(outcome),
  };
}

async function runWithdraw(
  parts: UploadParts,
  context: CommandContext,
  id: number,
  dryRun: boolean,
): Promise<number> {
  refuseUnlessOperator(context);
  const upload = await getUpload(parts, id);
  const resting = await restingOn(parts.stores, upload);
  if (dryRun) {
    const says =
      upload.state === 'kept' ? restingInWords(resting) : 'It is not kept: nothing would change.';
    context.output.line(`Upload ${id}: ${says} Nothing was withdrawn (--dry-run).`);
    return 0;
  }
  await leave(context, 'registers withdraw');
  await withdrawUpload(parts, id);
  context.output.line(`Upload ${id} is withdrawn: ${restingInWords(resting, true)}`);
  return 0;
}

/** That something was brought in, or taken back, stands in the trail before it is done. */
async function leave({ stores, clock, viewer }: CommandContext, verb: string): Promise<void> {
  await trailOf(stores, clock).leave({
    ...{ viewer, action: 'changed', data: 'pupil attendance', purpose: 'record-keeping' },
    ...{ from: 'command line', subject: { kind: 'system', id: verb } },
  });
}

function refuseUnlessOperator({ viewer }: CommandContext): void {
  if (viewer.role === 'operator') return;
  throw new Refusal(
    'not-allowed',
    'At the command line the operator brings data in. Leave out --as.',
  );
}
