import {
  allowOrRefuse,
  type Command,
  type CommandContext,
  type CommandInput,
  trailOf,
  operator,
  viewerText,
} from '../access/index.ts';
import { csvText } from '../base/csv.ts';
import {
  type AuditEntry,
  auditEntriesAfter,
  type AuditHead,
  type AuditSearch,
  searchAudit,
} from '../records/index.ts';
import { auditColumns, type AuditRow, rowOf } from './columns.ts';
import { readSearch, searchFields, type Typed } from './wanted.ts';
import { verifyAudit } from './verify.ts';

/** The verbs of the trail. */
export const auditCommands: readonly Command[] = [
  {
    verb: 'audit verify',
    summary:
      'Works out the whole chain of the trail again and says whether anything was tampered with.',
    options: {
      anchor: {
        value: 'NUMBER:HASH',
        help: 'A head of the chain that you noted before, and kept elsewhere. May be repeated.',
        many: true,
        accepts: (text) => text.split(',').every((each) => anchorShape.test(each)),
      },
      head: { help: 'Also print the head of the chain, to be noted elsewhere as an anchor.' },
      json: { help: 'Print JSON.' },
    },
    example: './rollcall audit verify --head',
    run: runVerify,
  },
  {
    verb: 'audit search',
    summary: 'Finds entries of the trail, newest first.',
    options: { ...searchFields, json: { help: 'Print JSON.' } },
    example: './rollcall audit search --child 12 --from 2026-09-01',
    open: true,
    run: runSearch,
  },
  {
    verb: 'audit export',
    summary:
      'Writes entries of the trail, oldest first, as CSV: all, or those that are looked for.',
    options: {
      out: { value: 'FILE', help: 'The file to write.', required: true },
      ...searchFields,
    },
    example: './rollcall audit export --out trail.csv --from 2026-11-01',
    open: true,
    run: runExport,
  },
];

const anchorShape = /^[1-9]\d{0,8}:[0-9a-f]{64}$/;

function anchorOf(text: string): AuditHead {
  const [number = '', hash = ''] = text.split(':');
  return { number: Number(number), hash };
}

async function runVerify(context: CommandContext, input: CommandInput): Promise<number> {
  const { stores, output } = context;
  const kept = await stores.anchors.all();
  const noted = (input.values['anchor']?.split(',') ?? []).map(anchorOf);
  const verified = await verifyAudit(stores.records, [...kept, ...noted]);
  if (input.switches.has('json')) {
    output.line(JSON.stringify({ ...verified, anchors: kept.length + noted.length }, null, 2));
    return verified.whole ? 0 : 1;
  }
  if (!verified.whole) {
    output.line(`Entry ${verified.at}: ${verified.fault}.`);
    output.error(
      `The trail was tampered with, or lost its end: the ${verified.entries} entries before ${verified.at} are whole. Keep the records as they are, and compare them with a backup.`,
    );
    return 1;
  }
  output.line(`${verified.entries} entries, chain whole`);
  if (input.switches.has('head') && verified.entries > 0) {
    const { number, hash } = verified.head;
    output.line(`Keep this elsewhere, for: audit verify --anchor ${number}:${hash}`);
  }
  return 0;
}

const linesShown = 100;

async function runSearch(context: CommandContext, input: CommandInput): Promise<number> {
  const { output, stores } = context;
  const search = await searchOf(context, input, 'read');
  const page = { from: 0, size: linesShown };
  const { entries, total } = await searchAudit(stores.records, search, page);
  if (input.switches.has('json')) {
    output.line(JSON.stringify({ total, entries: entries.map(rowOf) }, null, 2));
    return 0;
  }
  for (const entry of entries) output.line(lineOf(entry));
  output.line(
    total > entries.length
      ? `${entries.length} of ${total} entries: narrow the search, or write all of them with audit export.`
      : `${total} entries`,
  );
  return 0;
}

const entriesAtOnce = 5000;

async function runExport(context: CommandContext, input: CommandInput): Promise<number> {
  const { output, stores, signal } = context;
  const search = await searchOf(context, input, 'exported');
  const rows: AuditRow[] = [];
  for (;;) {
    signal.throwIfAborted();
    const after = rows.at(-1)?.number ?? 0;
    const entries = await auditEntriesAfter(stores.records, after, entriesAtOnce, search);
    rows.push(...entries.map(rowOf));
    if (entries.length < entriesAtOnce) break;
  }
  await context.writeFile(input.values['out'] as string, csvText(auditColumns, rows));
  output.line(`${rows.length} entries written`);
  return 0;
}

/** What is looked for, once the policy allowed it; the looking is in the trail before anything is shown. */
async function searchOf(
  { viewer, stores, clock }: CommandContext,
  { values }: CommandInput,
  action: 'read' | 'exported',
): Promise<AuditSearch> {
  const trail = trailOf(stores, clock);
  const typed: Typed = Object.fromEntries(
    Object.keys(searchFields).flatMap((name) =>
      values[name] === undefined ? [] : [[name, values[name]]],
    ),
  );
  // Whoever looks as somebody else is the operator all the same.
  const trace = {
    viewer: operator,
    data: 'audit' as const,
    purpose: 'oversight' as const,
    from: 'command line',
    detail: viewer.role === 'operator' ? {} : { as: viewerText(viewer) },
  };
  try {
    allowOrRefuse(viewer, 'audit', {}, { purpose: 'oversight' });
  } catch (error) {
    await trail.leave({ ...trace, action: 'refused' });
    throw error;
  }
  const search = readSearch(typed);
  await trail.leave({ ...trace, action, detail: { ...trace.detail, ...typed } });
  return search;
}

function lineOf({ number, at, person, role, scope, ...entry }: AuditEntry): string {
  const who = [scope === null ? role : `${role}:${scope}`, person && `person ${person}`];
  const about = entry.subject_kind && `${entry.subject_kind} ${entry.subject_id}`;
  const rest = [entry.action, entry.data_class, about, entry.purpose, entry.from_address];
  return [number, at.toISOString(), ...who, ...rest].filter(Boolean).join(' · ');
}
