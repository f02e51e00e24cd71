import { type Ask, type Route, type Sent, type Trail } from '../../access/index.ts';
import type { Clock } from '../../base/clock.ts';
import type { Urn } from '../../base/identifiers.ts';
import { Refusal } from '../../base/problem.ts';
import { withoutUpns } from '../../base/upn.ts';
import { type Directories, type School, subjectOf } from '../../schools/index.ts';
import type { Stores } from '../../stores/index.ts';
import { words } from '../../ui/index.ts';
import { type AfterCommit, tellCommitted } from '../afterCommit.ts';
import { unzipped } from '../marks/bytes.ts';
import type { DateOrder } from '../read/reading.ts';
import { importRoll, type ImportOptions, type RollFile, type RollOutcome } from './import.ts';
import { calendarsKind, pupilsKind, schoolsKind } from './kinds.ts';
import { waitingFiles } from './waiting.ts';

export type RollPagesOptions = {
  stores: Stores;
  directories: Directories;
  clock: Clock;
  trail: Trail;
  afterCommit?: AfterCommit | undefined;
};

/** What a school sends here, and what it is called. */
export const rollWords = {
  pupils: { text: 'Roll of pupils', one: 'The roll' },
  calendars: { text: 'Calendar', one: 'The calendar' },
} as const;
export type RollWhat = keyof typeof rollWords;

/** A whole roll of the largest school is a tenth of this. */
export const mostRollBytes = 20_000_000;

/** Takes in one file of the kind that it is. */
export function takeRoll(
  stores: Stores,
  what: RollWhat | 'schools',
  file: RollFile,
  options: ImportOptions,
): Promise<RollOutcome> {
  if (what === 'schools') return importRoll(stores, schoolsKind, [file], options);
  return what === 'pupils'
    ? importRoll(stores, pupilsKind, [file], options)
    : importRoll(stores, calendarsKind, [file], options);
}

export const urnsOf = (school: School): Urn[] => school.chain.map(({ urn }) => urn);

/** A school sends its roll or its calendar, is shown what would change, and says whether to keep it. */
export function rollPages(options: RollPagesOptions): Route[] {
  const { stores, directories, clock } = options;
  const waiting = waitingFiles(clock);
  const schoolOf = async (urn = '') => (await directories()).getTyped(urn);
  const ofSchool = {
    needs: 'registers sent',
    subject: async ({ urn }: Readonly<Record<string, string>>) => subjectOf(await schoolOf(urn)),
  } as const satisfies Partial<Route>;
  const preview = async (
    school: School,
    token: string,
    order: DateOrder | undefined,
    { leavers = false, answered = true }: { leavers?: boolean; answered?: boolean } = {},
  ) => {
    const { what, name, bytes } = waiting.get(token, school.urn);
    const kind = what as RollWhat;
    const outcome = await takeRoll(stores, kind, fileOf(name, bytes), {
      ...{ clock, dryRun: true, dateOrder: order, onlyUrns: urnsOf(school), leavers },
    });
    return previewPage(school, kind, token, { order, leavers, answered }, outcome);
  };
  return [
    {
      ...ofSchool,
      method: 'GET',
      changes: true,
      path: '/schools/:urn/roll',
      summary: 'Send a roll or a calendar',
      answer: async ({ params }) => sendPage(await schoolOf(params['urn'])),
    },
    {
      ...ofSchool,
      method: 'POST',
      takes: 'file',
      path: '/schools/:urn/roll',
      summary: 'Shows what a roll or a calendar that is sent would change',
      async answer(ask) {
        const school = await schoolOf(ask.params['urn']);
        const what = ask.form['what'];
        if (what !== 'pupils' && what !== 'calendars') {
          return sendPage(school, 'Choose what the file is: a roll or a calendar');
        }
        const sent = ask.sent;
        const bytes = sent ? await bytesOf(sent) : Buffer.alloc(0);
        if (!sent || bytes.length === 0) return sendPage(school, 'Choose a file');
        const name = withoutUpns(sent.name).slice(0, 100);
        const token = waiting.add({ urn: school.urn, what, name, bytes });
        try {
          return await preview(school, token, undefined);
        } catch (error) {
          waiting.remove(token);
          if (error instanceof Refusal && error.reason === 'bad-input') {
            return sendPage(school, error.message);
          }
          throw error;
        }
      },
    },
    {
      ...ofSchool,
      method: 'POST',
      path: '/schools/:urn/roll/confirm',
      summary: 'Keeps a roll or a calendar that was sent',
      async answer(ask) {
        const school = await schoolOf(ask.params['urn']);
        const { token = '', decision } = ask.form;
        const order = orderIn(ask.form['dateOrder']);
        const leavers = ask.form['leavers'] === 'yes';
        if (decision === 'read-again') {
          const answered = order !== undefined || leavers;
          return preview(school, token, order, { leavers, answered });
        }
        const { what, name, bytes } = waiting.get(token, school.urn);
        if (decision !== 'keep') {
          waiting.remove(token);
          return { kind: 'redirect', to: `/schools/${school.urn}/roll` };
        }
        const kind = what as RollWhat;
        await leave(options, ask, school, kind);
        const outcome = await takeRoll(stores, kind, fileOf(name, bytes), {
          ...{ clock, dateOrder: order, onlyUrns: urnsOf(school), leavers },
        });
        if (hasManyLeavers(outcome)) {
          return previewPage(school, kind, token, { order, leavers, answered: true }, outcome);
        }
        waiting.remove(token);
        if (outcome.receipt !== null) await tellCommitted(options.afterCommit, stores);
        return donePage(school, kind, outcome);
      },
    },
  ];
}

/** That a school’s roll or calendar was changed stands in the trail before it is. */
export async function leave(
  { trail }: Pick<RollPagesOptions, 'trail'>,
  { viewer, from }: Pick<Ask, 'viewer' | 'from'>,
  school: School,
  what: string,
): Promise<void> {
  await trail.leave({
    ...{ viewer, action: 'changed', data: 'registers sent', from },
    subject: { kind: 'school', id: String(school.urn) },
    detail: { sent: what },
  });
}

const orderIn = (text: string | undefined): DateOrder | undefined =>
  text === 'dmy' || text === 'mdy' ? text : undefined;

function fileOf(name: string, bytes: Buffer): RollFile {
  const isZipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return {
    name,
    source: async function* () {
      const all = (async function* () {
        yield bytes;
      })();
      yield* isZipped ? unzipped(all, { bytes: bytes.length }) : all;
    },
  };
}

/** All that was sent, and no more than there may be. */
export async function bytesOf({ bytes }: Pick<Sent, 'bytes'>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    if (size > mostRollBytes) {
      const most = Math.round(mostRollBytes / 1_000_000);
      const text = `More than ${most} MB were sent, and no school’s roll or calendar is so large. Send this school’s alone.`;
      throw Object.assign(new Error(text), { statusCode: 413 });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const schoolModel = (school: School) => ({ name: school.name, href: `/schools/${school.urn}` });

function sendPage(school: School, error = '') {
  return {
    kind: 'page',
    template: 'registers/roll/send.njk',
    model: {
      school: schoolModel(school),
      path: `/schools/${school.urn}/roll`,
      kinds: Object.entries(rollWords).map(([value, { text }]) => ({ value, text })),
      columns: [
        { text: rollWords.pupils.text, names: columnsOf(pupilsKind.shape.columns) },
        { text: rollWords.calendars.text, names: columnsOf(calendarsKind.shape.columns) },
      ],
      mostMegabytes: Math.round(mostRollBytes / 1_000_000),
      error,
      errors: error === '' ? null : [{ text: error, href: '#file' }],
    },
  } as const;
}

function columnsOf(columns: readonly { name: string; optional?: true }[]): string {
  return columns
    .map(({ name, optional }) => (optional ? `${name} (if there is one)` : name))
    .join(', ');
}

const shownProblems = 20;

function outcomeModel({ rows, refused, counts, problems, remarks, found }: RollOutcome) {
  const number = words.number;
  return {
    file: found[0]?.file ?? '',
    counts: [
      { label: 'New', value: number(counts.new) },
      { label: 'The same', value: number(counts.same) },
      { label: 'Changed', value: number(counts.changed) },
      { label: 'Removed', value: number(counts.removed) },
      { label: 'Refused', value: number(refused) },
    ],
    rowsText: words.plural(rows, 'row'),
    refused,
    ...{ changes: counts.new + counts.changed + counts.removed > 0, remarks },
    problems: problems.map(({ rows: count, refused: isRefused, first }) => ({
      heading: `${words.plural(count, 'time')}${isRefused ? '' : ', and not refused for it'}: ${first[0]?.message ?? ''}`,
      places: first.slice(0, shownProblems).map(({ row, column }) => {
        return [row && `row ${row}`, column && `column ${column}`].filter(Boolean).join(', ');
      }),
      more: count > shownProblems ? words.number(count - shownProblems) : '',
    })),
  };
}

/** It was refused for them, and can be kept once somebody says that they have left. */
const hasManyLeavers = ({ problems }: RollOutcome) =>
  problems.some(({ kind }) => kind === 'many-leavers');

function previewPage(
  school: School,
  what: RollWhat,
  token: string,
  given: { order: DateOrder | undefined; leavers: boolean; answered: boolean },
  outcome: RollOutcome,
) {
  const { order, leavers, answered } = given;
  const isOpen =
    outcome.problems.some(({ kind }) => kind.startsWith('date-order')) || order !== undefined;
  const error = isOpen
    ? { text: 'Choose how the dates are written', href: '#dateOrder' }
    : { text: 'Say that they have left, or send all of the roll', href: '#leavers' };
  return {
    kind: 'page',
    template: 'registers/roll/preview.njk',
    model: {
      school: schoolModel(school),
      ...{ what, title: rollWords[what].one, token, done: false },
      path: `/schools/${school.urn}/roll`,
      order: order ?? '',
      ...{ asksOrder: isOpen, leavers, asksLeavers: hasManyLeavers(outcome) },
      errors: answered ? null : [error],
      ...outcomeModel(outcome),
    },
  } as const;
}

function donePage(school: School, what: RollWhat, outcome: RollOutcome) {
  return {
    kind: 'page',
    template: 'registers/roll/preview.njk',
    model: {
      school: schoolModel(school),
      ...{ what, title: rollWords[what].one, token: '', order: '', asksOrder: false, done: true },
      ...{ leavers: false, asksLeavers: false, errors: null },
      path: `/schools/${school.urn}/roll`,
      receipt: outcome.receipt === null ? '' : String(outcome.receipt),
      ...outcomeModel(outcome),
    },
  } as const;
}
