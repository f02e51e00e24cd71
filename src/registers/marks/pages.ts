import { setTimeout as pause } from 'node:timers/promises';
import { type Ask, type Route, type Trail, viewerText } from '../../access/index.ts';
import { Refusal } from '../../base/problem.ts';
import { withoutUpns } from '../../base/upn.ts';
import { csvText } from '../../base/csv.ts';
import { percentOf } from '../../base/rate.ts';
import {
  addUpload,
  findPerson,
  findUpload,
  listUploads,
  type UploadRow,
} from '../../records/index.ts';
import { type Directories, type School, subjectOf } from '../../schools/index.ts';
import { pageNumber, paginate, type Table, words } from '../../ui/index.ts';
import { usualPosition } from '../book/amend.ts';
import { absentIn, type CensusTotals, missedAs, summaryOfTotals } from './censusTotals.ts';
import { type Brought, broughtToSchool } from './brought.ts';
import { changesMuch } from './check.ts';
import { uploadJobs } from './jobs.ts';
import { withdrawUpload } from './keep.ts';
import { restingInWords, restingOn } from './resting.ts';
import {
  kindInWords,
  marksBeside,
  type MarkProblem,
  type ProblemsOfKind,
  whatToDoAbout,
} from './problems.ts';
import { isNothing, noteUpload, refusedIn, type UploadParts } from './receive.ts';
import { problemsOf } from './refused.ts';
import { assignBytes, storeBytes } from './store.ts';
import {
  answersOf,
  daysToMend,
  isWorking,
  outcomeOf,
  type Outcome,
  type UploadState,
  uploadStates,
} from './upload.ts';

export type UploadPagesOptions = UploadParts & { directories: Directories; trail: Trail };

/** A file that a page takes, as it is sent: packed with gzip it is a tenth of that. */
export const mostBytesOfPage = 200_000_000;

/** So long a page waits for work that is soon done, before it says that work goes on. */
const patience = 1500;

const urnsOf = (school: School) => school.chain.map(({ urn }) => urn);

/** A school’s page for sending a register, and the page of each upload: found, previewed, kept, withdrawn. */
export function uploadPages(options: UploadPagesOptions): Route[] {
  const { directories } = options;
  const schoolOf = async (urn = '') => (await directories()).getTyped(urn);
  const ofSchool = {
    needs: 'registers sent',
    subject: async ({ urn }: Readonly<Record<string, string>>) => subjectOf(await schoolOf(urn)),
  } as const satisfies Partial<Route>;
  const list = '/schools/:urn/uploads';
  const one = `${list}/:upload`;
  return [
    {
      ...ofSchool,
      method: 'GET',
      path: list,
      summary: 'Send a register, and what was sent before',
      answer: async ({ params, query }) =>
        listAnswer(options, await schoolOf(params['urn']), { page: pageNumber(query['page']) }),
    },
    {
      ...ofSchool,
      method: 'POST',
      path: list,
      takes: 'file',
      summary: 'Takes in a file of a register',
      answer: async (ask) => takeFile(options, await schoolOf(ask.params['urn']), ask),
    },
    {
      ...ofSchool,
      method: 'GET',
      path: one,
      summary: 'What is in a register that was sent, and what would change',
      async answer({ params }) {
        const school = await schoolOf(params['urn']);
        const upload = await uploadOf(options, school, params['upload']);
        return uploadPage(options, school, upload);
      },
    },
    {
      ...ofSchool,
      method: 'POST',
      path: one,
      summary: 'Keeps, cancels or withdraws what was sent, or answers what its file leaves open',
      answer: async (ask) => act(options, await schoolOf(ask.params['urn']), ask),
    },
    {
      ...ofSchool,
      method: 'GET',
      path: `${one}/refused.csv`,
      exports: true,
      summary: 'The marks of an upload that were refused: where they stand and how to mend them',
      async answer({ params }) {
        const school = await schoolOf(params['urn']);
        const upload = await uploadOf(options, school, params['upload']);
        return {
          kind: 'file',
          name: `refused-${upload.id}.csv`,
          contentType: 'text/csv; charset=utf-8',
          text: refusedCsv(await problemsOf(options, upload, { each: inFile, most: inFile })),
        };
      },
    },
  ];
}

/** Rows of the file with what is refused, together. */
const inFile = 100_000;

/** What has a row in the order of the file; and what it leaves out, by kind. */
function refusedCsv(problems: readonly ProblemsOfKind[]): string {
  const rows = problems
    .flatMap(({ first }) => first)
    .toSorted((a, b) => (a.row ?? 0) - (b.row ?? 0))
    .map(({ row, column, kind, message }) => ({ row, column, kind, what_to_do: message }));
  const beside = problems.flatMap((each) => {
    const marks = marksBeside(each, each.first);
    if (marks === 0) return [];
    const more = `${words.plural(marks, 'mark')} ${each.first.length > 0 ? 'more' : 'of this kind'}`;
    return [
      {
        row: undefined,
        column: undefined,
        kind: each.kind,
        what_to_do: `${more}: ${whyNotListed(each)}`,
      },
    ];
  });
  return csvText(['row', 'column', 'kind', 'what_to_do'], [...rows, ...beside]);
}

function whyNotListed({ first }: ProblemsOfKind): string {
  return first.length === 0
    ? `where they stand was kept for ${daysToMend} days. Send the register again to see it.`
    : 'only the first of a kind are listed. Mend these and send the register again to see the others.';
}

/** Of this school, under any URN it has had. */
async function uploadOf(
  { stores }: UploadPagesOptions,
  school: School,
  number = '',
): Promise<UploadRow> {
  const id = /^[1-9]\d{0,8}$/.test(number) ? Number(number) : 0;
  const upload = await findUpload(stores.records, id);
  if (upload?.urn && urnsOf(school).includes(upload.urn)) return upload;
  throw new Refusal('not-found', `There is no upload ${id || 'of this number'} of this school.`);
}

async function listAnswer(
  { stores }: UploadPagesOptions,
  school: School,
  { page, error }: { page: number; error?: string },
) {
  const size = 20;
  const path = `/schools/${school.urn}/uploads`;
  const found = await listUploads(stores.records, {
    ...{ urns: urnsOf(school), from: (page - 1) * size, size },
  });
  const brought = await broughtToSchool(stores, urnsOf(school));
  return {
    kind: 'page' as const,
    template: 'registers/marks/send.njk',
    model: {
      school: { name: school.name, href: `/schools/${school.urn}` },
      path,
      errors: error ? [{ text: error, href: '#file' }] : null,
      error: error ?? '',
      mostMegabytes: mostBytesOfPage / 1e6,
      uploads: found.uploads.length > 0 ? uploadsTable(found.uploads, path) : null,
      brought: brought.length > 0 ? broughtTable(brought) : null,
      pages: paginate({
        ...{ total: found.total, pageSize: size, page, noun: ['upload', 'uploads'] },
        href: (number) => `${path}?page=${number}`,
      }),
    },
  };
}

function uploadsTable(uploads: readonly UploadRow[], path: string): Table {
  return {
    caption: 'Sent so far',
    columns: [
      { name: 'upload', heading: 'File', kind: 'text' },
      { name: 'sent', heading: 'Sent on', kind: 'text' },
      { name: 'by', heading: 'By', kind: 'text' },
      { name: 'state', heading: 'Is', kind: 'text' },
      { name: 'new', heading: 'New', kind: 'count' },
      { name: 'amended', heading: 'Amended', kind: 'count' },
      { name: 'refused', heading: 'Refused', kind: 'count' },
    ],
    rows: uploads.map((upload) => {
      const outcome = outcomeOf(upload);
      return [
        { text: upload.title, href: `${path}/${upload.id}` },
        words.date(upload.received_at),
        upload.person_name,
        uploadStates[upload.state as UploadState],
        outcome.verdicts.new ?? 0,
        outcome.verdicts.amended ?? 0,
        refusedIn(outcome),
      ];
    }),
  };
}

const shownBrought = 20;

function broughtTable(brought: readonly Brought[]): Table {
  const caption = 'Brought in by others';
  return {
    caption:
      brought.length > shownBrought
        ? `${caption}: the newest ${shownBrought} of ${words.number(brought.length)}`
        : caption,
    columns: [
      { name: 'title', heading: 'File', kind: 'text' },
      { name: 'at', heading: 'On', kind: 'text' },
      { name: 'by', heading: 'By', kind: 'text' },
      { name: 'marks', heading: 'Marks of this school', kind: 'count' },
      { name: 'days', heading: 'Days', kind: 'text' },
      { name: 'others', heading: 'Also of other schools', kind: 'text' },
    ],
    rows: brought
      .slice(0, shownBrought)
      .map(({ title, at, by, marks, firstDay, lastDay, others }) => [
        ...[title, words.date(at), by, marks],
        `${words.date(firstDay)} to ${words.date(lastDay)}`,
        others === null ? words.notKnown : others ? 'yes' : 'no',
      ]),
  };
}

async function takeFile(options: UploadPagesOptions, school: School, ask: Ask) {
  const { stores, clock, trail } = options;
  const { viewer, sent, from } = ask;
  if (!sent || sent.name === '') {
    return listAnswer(options, school, { page: 1, error: 'Choose the file to send' });
  }
  const stored = await storeBytes(options, sent.bytes, mostBytesOfPage);
  const now = clock();
  const person = viewer.person ? await findPerson(stores.records, viewer.person) : undefined;
  await trail.leave({
    ...{ viewer, action: 'changed', data: 'registers sent', from },
    subject: { kind: 'school', id: String(school.urn) },
    detail: { register: 'sent' },
  });
  const id = await addUpload(stores.records, {
    ...{ urn: school.urn, title: titleOf(sent.name), source: 'page', state: 'waiting' },
    ...{ digest: stored.digest, bytes: stored.bytes, person: viewer.person ?? null },
    ...{ person_name: person?.name ?? 'not said', position: usualPosition(viewer) },
    ...{ viewer: viewerText(viewer), received_at: now, changed_at: now },
  });
  if (id === undefined) throw new Error('an upload without a key is always new');
  await assignBytes(options, stored, id);
  await soon(uploadJobs(options).read(id, urnsOf(school)));
  return { kind: 'redirect' as const, to: `/schools/${school.urn}/uploads/${id}` };
}

/** The name of a file without its folders; nothing that could be a child’s number stands in it. */
function titleOf(name: string): string {
  const base = name.split(/[/\\]/).at(-1) ?? '';
  return withoutUpns(base.replaceAll(/\p{C}/gu, '')).slice(0, 100) || 'a file';
}

async function soon(work: Promise<unknown>): Promise<void> {
  await Promise.race([work.catch(() => {}), pause(patience)]);
}

async function act(options: UploadPagesOptions, school: School, ask: Ask) {
  const { form, viewer, from } = ask;
  const upload = await uploadOf(options, school, ask.params['upload']);
  const jobs = uploadJobs(options);
  const urns = urnsOf(school);
  const back = { kind: 'redirect' as const, to: `/schools/${school.urn}/uploads/${upload.id}` };
  const what = form['do'] ?? '';
  if (!['keep', 'cancel', 'withdraw', 'answer'].includes(what)) {
    throw new Refusal('bad-input', 'Choose what to do with what was sent.');
  }
  await options.trail.leave({
    ...{ viewer, action: 'changed', data: 'registers sent', from },
    subject: { kind: 'school', id: String(school.urn) },
    detail: { register: what, upload: String(upload.id) },
  });
  if (what === 'keep') await soon(jobs.keep(upload.id, urns));
  else if (what === 'cancel') await jobs.cancel(upload.id);
  else if (what === 'withdraw') await withdrawUpload(options, upload.id);
  else {
    const question = upload.state === 'asking' ? outcomeOf(upload).question : null;
    if (!question) return back;
    const given = answersOf({ [question.about]: form['answer'] });
    if (Object.keys(given).length === 0) {
      const error =
        question.choices.length > 0 ? 'Choose one of the answers' : 'Enter a URN of six digits';
      return uploadPage(options, school, upload, error);
    }
    const answers = { ...upload.answers, ...given };
    await noteUpload(options, upload.id, { answers, state: 'waiting' }, ['asking']);
    await soon(jobs.read(upload.id, urns));
  }
  return back;
}

/** What is said over the counts of what it changes. */
const changesWords: Partial<Record<UploadState, string>> = {
  ready: 'What would change',
  kept: 'What changed',
  withdrawn: 'What had changed',
  cancelled: 'What would have changed',
};

/** `error` is what is wrong with an answer that was given on it. */
async function uploadPage(
  options: UploadPagesOptions,
  school: School,
  upload: UploadRow,
  error = '',
) {
  const model = await uploadModel(options, school, upload);
  return {
    kind: 'page' as const,
    template: 'registers/marks/upload.njk',
    model: {
      ...{ ...model, error },
      errors: error === '' ? null : [{ text: error, href: '#answer' }],
    },
  };
}

async function uploadModel(options: UploadPagesOptions, school: School, upload: UploadRow) {
  const outcome = outcomeOf(upload);
  const state = upload.state as UploadState;
  const progress = uploadJobs(options).progressOf(upload.id);
  // While a question is open nothing is refused yet.
  const isOpen = isWorking(state) || state === 'asking';
  const problems = isOpen ? [] : await problemsOf(options, upload);
  const path = `/schools/${school.urn}/uploads`;
  const resting = state === 'kept' ? await restingOn(options.stores, upload) : null;
  return {
    school: { name: school.name, href: `/schools/${school.urn}` },
    withdrawing: resting ? restingInWords(resting) : '',
    ...{ path, number: upload.id, title: upload.title, state, stateText: uploadStates[state] },
    changes: changesWords[state] ?? '',
    failure: upload.failure ?? '',
    working: isWorking(state),
    doing: progress?.doing ?? 'waiting',
    percent: Math.round(100 * (progress?.done ?? 0)),
    sent: { on: words.date(upload.received_at), by: upload.person_name, as: upload.position },
    found: outcome.found,
    question: state === 'asking' ? outcome.question : null,
    census: censusModel(outcome, school),
    counts: countsOf(outcome),
    much: changesMuch(outcome),
    moved: outcome.moved,
    nothing: isNothing(outcome),
    days: daysToMend,
    problems: problems.map(problemModel),
    hasPlaces: problems.some(({ first }) => first.length > 0),
  };
}

/** Of a census return: what it comes to, and the summary that its registers can be set beside. Null of any other file. */
function censusModel({ censusCounts, censusTotals, verdicts }: Outcome, school: School) {
  if (censusCounts === 0) return null;
  return {
    isHere: (verdicts.same ?? 0) > 0,
    terms: words.plural(verdicts.new ?? 0, 'pupil’s term', 'pupils’ terms'),
    were: verdicts.new === 1 ? 'was' : 'were',
    totals: totalsTable(censusTotals),
    reasons: reasonsTable(censusTotals),
    compare: `/schools/${school.urn}/absence/compare`,
    summaries: censusTotals.map((totals) => ({
      period: totals.period,
      text: summaryOfTotals(totals),
    })),
  };
}

function totalsTable(totals: readonly CensusTotals[]): Table {
  return {
    caption: 'What the return says, all its pupils together',
    columns: [
      { name: 'period', heading: 'Over', kind: 'text' },
      { name: 'pupils', heading: 'Pupils', kind: 'count' },
      { name: 'sess_possible', heading: 'Possible sessions', kind: 'count' },
      { name: 'sess_authorised', heading: 'Authorised', kind: 'count' },
      { name: 'sess_unauthorised', heading: 'Unauthorised', kind: 'count' },
      { name: 'sess_overall_percent', heading: 'Absence', kind: 'percent' },
    ],
    rows: totals.map((each) => [
      `The ${each.period}`,
      ...[each.pupils, each.possible],
      ...[missedAs(each, 'authorised'), missedAs(each, 'unauthorised')],
      percentOf(absentIn(each), each.possible) ?? null,
    ]),
  };
}

function reasonsTable(totals: readonly CensusTotals[]): Table {
  return {
    caption: 'Sessions missed, by reason',
    columns: [
      { name: 'period', heading: 'Over', kind: 'text' },
      { name: 'code', heading: 'Code', kind: 'text' },
      { name: 'sessions', heading: 'Sessions', kind: 'count' },
    ],
    rows: totals.flatMap(({ period, missed }) =>
      Object.entries(missed)
        .sort(([a], [b]) => a.localeCompare(b))
        .map(([code, sessions]) => [`The ${period}`, code, sessions]),
    ),
  };
}

function countsOf(outcome: Outcome) {
  const { verdicts } = outcome;
  const { same = 0, amended = 0, earlier = 0, repeated = 0 } = verdicts;
  return {
    ...{ new: verdicts.new ?? 0, same, amended, earlier, repeated, refused: refusedIn(outcome) },
    blank: outcome.blank,
  };
}

/** Of each kind so many places, and of each of its sentences. */
const shownOfAKind = 5;

/** What it is, how many, how to mend it, and where the first of them stand. */
function problemModel(problem: ProblemsOfKind) {
  const { kind, marks, first } = problem;
  const said = [...Map.groupBy(first, ({ message }) => message)].slice(0, shownOfAKind);
  const shown = said.map(([message, of]) => ({ message, places: of.slice(0, shownOfAKind) }));
  const more = marksBeside(
    problem,
    shown.flatMap(({ places }) => places),
  );
  return {
    kind: kindInWords(kind),
    marks,
    said:
      shown.length === 0
        ? [{ message: whatToDoAbout(kind), places: [] }]
        : shown.map(({ message, places }) => ({ message, places: places.flatMap(placeText) })),
    more: first.length > 0 ? more : 0,
  };
}

function placeText({ row, column, marks = 1 }: MarkProblem): string[] {
  const place = [row && `row ${words.number(row)}`, column && `column ${column}`]
    .filter(Boolean)
    .join(', ');
  if (place === '') return [];
  return [`${words.sentence(place)}${marks > 1 ? `: ${words.plural(marks, 'mark')}` : ''}`];
}
