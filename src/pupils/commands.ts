import {
  type Action,
  type Command,
  type CommandContext,
  type CommandInput,
  type CommandOption,
  trailOf,
  operator,
  type Purpose,
  purposes,
  purposesFor,
  type Trace,
  type Trail,
  type Viewer,
  viewerText,
} from '../access/index.ts';
import type { Clock } from '../base/clock.ts';
import { Refusal } from '../base/problem.ts';
import { openCorrections } from '../records/index.ts';
import { directoriesOf } from '../schools/index.ts';
import type { Stores } from '../stores/index.ts';
import { words } from '../ui/index.ts';
import { correctable, decideCorrection } from './correction.ts';
import {
  type EntriesOf,
  erasePupil,
  type ErasureReason,
  erasureReasons,
  exportPupil,
  restrictPupil,
  retainPupils,
} from './rights.ts';
import { type ListedPupil, pupilsFor } from './scoped.ts';
import type { Registry } from './subject.ts';

const isNumber = (text: string) => /^[1-9]\d{0,8}$/.test(text);
const from = 'command line';

const pupilOption: CommandOption = {
  value: 'NUMBER',
  help: 'The child’s number here.',
  required: true,
  accepts: isNumber,
};
const purposeOption: CommandOption = {
  value: 'PURPOSE',
  help: `What you look for: ${Object.keys(purposes).join(', ')}.`,
  accepts: (text) => Object.hasOwn(purposes, text),
};

/** Of a verb, which knows its stores only when it runs. */
type EntriesIn = (stores: Stores, clock: Clock) => EntriesOf;

/** The verbs `pupils …`. What each reads or changes is in the trail before it is printed or done. */
export function pupilCommands(entriesIn?: EntriesIn): readonly Command[] {
  return [...pupilVerbs, exportVerb(entriesIn)];
}

const pupilVerbs: readonly Command[] = [
  {
    verb: 'pupils list',
    summary: 'Lists the children enrolled at a school today.',
    options: {
      urn: {
        value: 'URN',
        help: 'The school, by any URN it has had.',
        required: true,
        accepts: (text) => /^\d{6}$/.test(text),
      },
      purpose: purposeOption,
      json: { help: 'Prints JSON.' },
    },
    example: './rollcall pupils list --urn 900001 --as teacher:900001/7B --purpose attendance',
    open: true,
    async run(context, { values, switches }) {
      const urn = Number(values['urn']);
      const { registry, viewer, purpose } = standing(context, values);
      const trace = traceAbout('pupil attendance', 'school', urn);
      const pupils = await traced(
        context,
        { ...trace, action: 'read', purpose },
        () => pupilsFor(registry, viewer, purpose).list(urn),
        (listed) => listed.map(({ id }) => id),
      );
      const shown = pupils.map(({ subject: _, ...pupil }) => pupil);
      if (switches.has('json')) context.output.line(JSON.stringify(shown, null, 2));
      else for (const pupil of pupils) context.output.line(listLine(pupil));
      return 0;
    },
  },
  {
    verb: 'pupils show',
    summary: 'Shows one child’s record.',
    options: { pupil: pupilOption, purpose: purposeOption },
    example: './rollcall pupils show --pupil 12 --as parent:4',
    open: true,
    async run(context, { values }) {
      const { registry, viewer, purpose, pupil } = standing(context, values);
      const trace = traceAbout('pupil attendance', 'pupil', pupil);
      const shown = await traced(context, { ...trace, action: 'read', purpose }, () =>
        pupilsFor(registry, viewer, purpose).get(pupil),
      );
      const { subject: _, ...record } = shown;
      context.output.line(JSON.stringify(record, null, 2));
      return 0;
    },
  },
  {
    verb: 'pupils correct',
    summary: 'Decides a correction that was asked for; without one, lists those not decided yet.',
    options: {
      correction: { value: 'NUMBER', help: 'Which.', accepts: isNumber },
      outcome: {
        value: 'OUTCOME',
        help: 'accepted, which changes the record, or refused.',
        accepts: (text) => text === 'accepted' || text === 'refused',
      },
      answer: { value: 'TEXT', help: 'What whoever asked is answered.' },
      by: { value: 'NAME', help: 'Who decided.' },
    },
    example:
      './rollcall pupils correct --correction 3 --outcome accepted --answer "As on the passport" --by "R. Moss"',
    run: runCorrect,
  },
  {
    verb: 'pupils restrict',
    summary: 'Hides a record from everybody but its head, or shows it again.',
    options: {
      pupil: pupilOption,
      because: { value: 'TEXT', help: 'Why.' },
      lift: { help: 'Shows it again.' },
    },
    example: './rollcall pupils restrict --pupil 12 --because "The family disputes it"',
    async run(context, { values, switches }) {
      const { registry, viewer, purpose, pupil } = standing(context, values, 'record-keeping');
      const lift = switches.has('lift');
      if (lift === (values['because'] !== undefined)) {
        throw new Refusal('bad-input', 'Give either --because TEXT or --lift.');
      }
      const because = lift ? null : (values['because'] ?? '');
      await restrictPupil(registry, { viewer, purpose, pupil, because, from });
      context.output.line(`Record ${pupil} is ${lift ? 'shown again' : 'restricted'}.`);
      return 0;
    },
  },
  {
    verb: 'pupils erase',
    summary: 'Erases who a child is and what is held of it; its number and the trail stay.',
    options: {
      pupil: pupilOption,
      because: {
        value: 'REASON',
        help: Object.entries(erasureReasons)
          .map(([reason, text]) => `${reason}: ${text}`)
          .join('; '),
        required: true,
        accepts: (text) => Object.hasOwn(erasureReasons, text),
      },
    },
    example: './rollcall pupils erase --pupil 12 --because asked',
    async run(context, { values }) {
      const { registry, viewer, purpose, pupil } = standing(context, values, 'record-keeping');
      const because = values['because'] as ErasureReason;
      await erasePupil(registry, { viewer, purpose, pupil, because, from });
      context.output.line(`Record ${pupil} is erased.`);
      return 0;
    },
  },
  {
    verb: 'pupils retain',
    summary:
      'Erases the records of children who left, or were entered and never enrolled, more than so many years ago.',
    options: {
      'older-than': {
        value: 'YEARS',
        help: 'At least 6, for which registers must be kept.',
        required: true,
        accepts: (text) => /^\d{1,3}$/.test(text),
      },
      'dry-run': { help: 'Only says whose would be erased.' },
    },
    example: './rollcall pupils retain --older-than 7 --dry-run',
    run: runRetain,
  },
];

function exportVerb(entriesIn: EntriesIn | undefined): Command {
  return {
    verb: 'pupils export',
    summary:
      'Writes what is held of a child, the trail about it included, as JSON, to be handed to its family.',
    options: {
      pupil: pupilOption,
      out: { value: 'FILE', help: 'Where to write it.', required: true },
      purpose: purposeOption,
      everything: {
        help: 'What tells of other people too: for --purpose oversight or record-keeping, and not for a family.',
      },
    },
    example: './rollcall pupils export --pupil 12 --out record-12.json',
    open: true,
    async run(context, { values, switches }) {
      const { registry, viewer, purpose, pupil } = standing(context, values, 'own-record');
      const trace = traceAbout('pupil characteristics', 'pupil', pupil);
      const held = await traced(context, { ...trace, action: 'exported', purpose }, () =>
        exportPupil(registry, {
          ...{ viewer, purpose, pupil, everything: switches.has('everything') },
          entriesOf: entriesIn?.(context.stores, context.clock),
        }),
      );
      await context.writeFile(values['out'] as string, `${JSON.stringify(held, null, 2)}\n`);
      context.output.line(`Wrote record ${pupil}.`);
      return 0;
    },
  };
}

async function runCorrect(context: CommandContext, { values }: CommandInput): Promise<number> {
  const { registry, viewer, purpose } = standing(context, values, 'record-keeping');
  const { correction, outcome, answer, by } = values;
  if (correction === undefined) {
    const open = await traced(
      context,
      { ...tracedVerb('request for correction', 'pupils correct'), action: 'read', purpose },
      () => openCorrections(registry.records),
      (listed) => listed.map((each) => each.pupil),
    );
    for (const each of open) {
      const field = correctable[each.field]?.label ?? each.field;
      context.output.line(
        `${each.id}: record ${each.pupil}, ${field}, asked on ${words.date(each.asked_at)}`,
      );
    }
    context.output.line(`${words.plural(open.length, 'correction')} not decided yet.`);
    return 0;
  }
  if (!outcome || !answer || !by) {
    throw new Refusal('bad-input', 'A decision needs --outcome, --answer and --by.');
  }
  const decision = { viewer, purpose, id: Number(correction), outcome, answer, by, from };
  const { pupil } = await decideCorrection(registry, decision);
  context.output.line(`Correction ${correction} of record ${pupil} is ${outcome}.`);
  return 0;
}

async function runRetain(
  context: CommandContext,
  { values, switches }: CommandInput,
): Promise<number> {
  const { registry, viewer, purpose } = standing(context, values, 'record-keeping');
  const dryRun = switches.has('dry-run');
  const years = Number(values['older-than']);
  const retain = () => retainPupils(registry, { viewer, years, dryRun, from });
  const { before, over, restricted, erased } = await (dryRun
    ? traced(
        context,
        { ...tracedVerb('pupil attendance', 'pupils retain'), action: 'read', purpose },
        retain,
        (found) => [...found.over.map(({ id }) => id), ...found.restricted],
      )
    : retain());
  const { output } = context;
  for (const { id, lastDay } of over) {
    output.line(`record ${id}, ${lastDay === null ? 'never enrolled' : `left on ${lastDay}`}`);
  }
  if (restricted.length > 0) {
    output.line(`kept, because they are restricted: ${restricted.join(', ')}`);
  }
  const left = `${words.plural(over.length, 'record')} of children who left before ${before}`;
  output.line(
    dryRun ? `${left} would be erased.` : `${left}: ${words.plural(erased, 'record')} erased.`,
  );
  return 0;
}

type Standing = {
  registry: Registry & { trail: Trail };
  viewer: Viewer;
  purpose: Purpose | null;
  pupil: number;
};

/** `implied` is the purpose of a verb that has only one. */
function standing(
  { stores, clock, viewer }: CommandContext,
  values: CommandInput['values'],
  implied?: Purpose,
): Standing {
  const trail = trailOf(stores, clock);
  const registry = { records: stores.records, directories: directoriesOf(stores), clock, trail };
  const allowed = purposesFor(viewer.role, 'pupil attendance');
  const only = allowed.length === 1 ? allowed[0] : undefined;
  const purpose = (values['purpose'] as Purpose | undefined) ?? implied ?? only ?? null;
  return { registry, viewer, purpose, pupil: Number(values['pupil'] ?? 0) };
}

function traceAbout(
  data: 'pupil attendance' | 'pupil characteristics',
  kind: 'pupil' | 'school',
  number: number,
) {
  return { data, subject: { kind, id: String(number) } };
}

/** A list that is about no school and no child in particular. */
function tracedVerb(data: 'request for correction' | 'pupil attendance', verb: string) {
  return { data, subject: { kind: 'system', id: verb } } as const;
}

/** What was read, and each child on a list, is in the trail before it is printed, and so is a refusal. Whoever looks as somebody is the operator. */
async function traced<Result>(
  { stores, clock, viewer }: CommandContext,
  what: { action: Action; purpose: Purpose | null } & Pick<Trace, 'data' | 'subject'>,
  read: () => Promise<Result>,
  listed: (result: Result) => number[] = () => [],
): Promise<Result> {
  const trail = trailOf(stores, clock);
  const trace = {
    viewer: operator,
    ...(what.data ? { data: what.data } : {}),
    ...(what.subject ? { subject: what.subject } : {}),
    ...(what.purpose ? { purpose: what.purpose } : {}),
    from,
    detail: viewer.role === 'operator' ? {} : { as: viewerText(viewer) },
  };
  try {
    const result = await read();
    await trail.leave(
      { ...trace, action: what.action },
      ...listed(result).map((id) => ({
        ...trace,
        action: what.action,
        subject: { kind: 'pupil' as const, id: String(id) },
        detail: { ...trace.detail, list: true },
      })),
    );
    return result;
  } catch (error) {
    if (error instanceof Refusal) await trail.leave({ ...trace, action: 'refused' });
    throw error;
  }
}

function listLine(pupil: ListedPupil): string {
  if (pupil.restricted) return `${pupil.id}: a restricted record`;
  const place = [`year ${pupil.yearGroup}`, pupil.className && `class ${pupil.className}`];
  return `${pupil.id}: ${pupil.surname}, ${pupil.forename} (${place.filter(Boolean).join(', ')})`;
}
