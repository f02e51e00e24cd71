import { type Static, type TSchema, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Ask, Route, Sent } from '../../access/index.ts';
import { Refusal } from '../../base/problem.ts';
import { countShape, orNull, shape } from '../../base/shapes.ts';
import { tellCommitted } from '../afterCommit.ts';
import { inWords, unzipped } from '../marks/bytes.ts';
import { subjectOfSender } from '../marks/index.ts';
import { usualReadLimits } from '../read/reading.ts';
import { type Characters, textOf } from '../read/text.ts';
import type { RollFile, RollOutcome } from './import.ts';
import { calendarsKind, pupilsKind, schoolsKind } from './kinds.ts';
import { bytesOf, leave, type RollPagesOptions, takeRoll, urnsOf } from './pages.ts';
import type { TableShape } from './table.ts';

const pushed: Record<'schools' | 'calendars' | 'pupils', { shape: TableShape; says: string }> = {
  schools: { shape: schoolsKind.shape, says: 'what a school says of itself' },
  calendars: { shape: calendarsKind.shape, says: 'the days on which a school is open' },
  pupils: { shape: pupilsKind.shape, says: 'a school’s whole roll' },
};
type What = keyof typeof pushed;

const replyShape = shape('RollSent', {
  state: Type.Enum(['kept', 'unchanged', 'refused'], {
    description:
      'kept; unchanged: all of it was here already; refused: no record of it can be kept',
  }),
  receipt: orNull(Type.Integer({ description: 'under which it counts' })),
  records: countShape,
  new: countShape,
  same: countShape,
  amended: countShape,
  removed: countShape,
  refused: countShape,
  problems: Type.Array(
    shape('RollProblems', {
      kind: Type.String(),
      records: countShape,
      refused: Type.Boolean({ description: 'whether a record is refused for it' }),
      first: Type.Array(
        shape('RollProblem', {
          record: orNull(Type.Integer({ description: 'which of those sent, from 1' })),
          field: orNull(Type.String()),
          message: Type.String({ description: 'what is wrong and what to do' }),
        }),
      ),
    }),
  ),
  remarks: Type.Array(Type.String()),
});

const shownOfAKind = 20;

/** `POST /api/v1/schools`, `/calendars` and `/pupils`: what a school’s information system knows, in the fields of the files. */
export function rollPushRoutes(options: RollPagesOptions): Route[] {
  const check = Compile(replyShape);
  return (Object.keys(pushed) as What[]).map((what): Route => {
    const { shape: of, says } = pushed[what];
    const fields = of.columns.map(
      ({ name, optional }) => `${name}${optional ? ' (optional)' : ''}`,
    );
    return {
      method: 'POST',
      path: `/api/v1/${what}`,
      summary: `Send ${says}`,
      needs: 'registers sent',
      ability: 'registers:write',
      takes: 'push',
      subject: async (_params, viewer) => subjectOfSender(await options.directories(), viewer),
      api: {
        reply: replyShape as TSchema,
        description:
          'Of the school whose key it is. Good records are kept at once, all or none; what is refused is told by record and field, and how to mend it. Sending the same again changes nothing. No UPN, name or date of birth is in the answer.',
        body: `An array of records in JSON, or one a line as NDJSON, each with ${fields.join(', ')}.${what === 'pupils' ? ' Many children left out are a roll that was cut short, and it is refused, unless the address ends with ?leavers=yes: then they have left.' : ''}`,
      },
      async answer(ask) {
        const body = await take(options, ask, what);
        if (!check.Check(body)) throw new Error('the reply of a push is not of the declared shape');
        return { kind: 'data', body };
      },
    };
  });
}

async function take(
  options: RollPagesOptions,
  ask: Ask,
  what: What,
): Promise<Static<typeof replyShape>> {
  const { stores, clock, directories } = options;
  if (!ask.sent) throw new Refusal('bad-input', 'Nothing was sent.');
  const school = (await directories()).getTyped(ask.viewer.scope ?? '');
  const bytes = await bytesOf(unpacked(ask.sent)).catch(inWords);
  const records = recordsOf(await textOfBytes(bytes).catch(inWords));
  const file = fileOf(records, pushed[what].shape);
  await leave(options, ask, school, what);
  const leavers = ask.query['leavers'] === 'yes';
  const outcome = await takeRoll(stores, what, file, { clock, onlyUrns: urnsOf(school), leavers });
  if (outcome.receipt !== null) await tellCommitted(options.afterCommit, stores);
  return replyOf(outcome);
}

function unpacked({ bytes, isPacked }: Sent): Pick<Sent, 'bytes'> {
  if (!isPacked) return { bytes };
  const read = { bytes: 0 };
  const counted = async function* () {
    for await (const chunk of bytes) {
      read.bytes += chunk.length;
      yield chunk;
    }
  };
  return { bytes: unzipped(counted(), read) };
}

/** In any encoding in which a register may be, with a byte-order mark or without. */
async function textOfBytes(bytes: Buffer): Promise<string> {
  const source = async function* () {
    yield bytes;
  };
  let whole = '';
  const characters: Characters = { encoding: 'UTF-8', damaged: false };
  for await (const text of textOf(source, characters, usualReadLimits)) whole += text;
  return whole;
}

type JsonRecord = Record<string, unknown>;
const isRecord = (value: unknown): value is JsonRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** An array, one record, or one a line. Refuses with `bad-input` what is none of these. */
export function recordsOf(text: string): JsonRecord[] {
  const whole = tried(text);
  const values =
    whole === undefined
      ? text
          .split('\n')
          .filter((line) => line.trim() !== '')
          .map(tried)
      : Array.isArray(whole)
        ? whole
        : [whole];
  if (values.length > 0 && values.every(isRecord)) return values;
  throw new Refusal(
    'bad-input',
    'What was sent is no array of records in JSON, nor a record a line: send one of the two.',
  );
}

function tried(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The records as the table that they are: one way of reading and checking, whatever they came as. */
function fileOf(records: readonly JsonRecord[], { columns }: TableShape): RollFile {
  const names = columns
    .filter(
      ({ name, optional }) => !optional || records.some((record) => Object.hasOwn(record, name)),
    )
    .map(({ name }) => name);
  return {
    name: 'push',
    source: async function* () {
      yield Buffer.from(`${names.join(',')}\n`);
      for (const record of records) {
        const cells = names.map((name) => cellOf(Object.hasOwn(record, name) ? record[name] : ''));
        yield Buffer.from(`${cells.join(',')}\n`);
      }
    },
  };
}

/** `true` and `false` are what they are in a file, null is an empty cell; what holds other things is no value. */
function cellOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text =
    typeof value === 'object'
      ? '[object]'
      : typeof value === 'boolean'
        ? String(Number(value))
        : String(value);
  return `"${text.replaceAll('"', '""').replaceAll(/[\r\n]+/g, ' ')}"`;
}

function replyOf(outcome: RollOutcome): Static<typeof replyShape> {
  const { rows, refused, counts, problems, remarks, receipt } = outcome;
  const all = rows > 0 && refused === rows;
  return {
    state: receipt !== null ? 'kept' : all ? 'refused' : 'unchanged',
    ...{ receipt, records: rows, new: counts.new, same: counts.same, amended: counts.changed },
    ...{ removed: counts.removed, refused, remarks },
    problems: problems.map(({ kind, rows: count, refused: isRefused, first }) => ({
      ...{ kind, records: count, refused: isRefused },
      first: first.slice(0, shownOfAKind).map(({ row, column, message }) => ({
        record: row === undefined ? null : row - 1,
        field: /\((.+)\)$/.exec(column ?? '')?.[1] ?? null,
        message,
      })),
    })),
  };
}
