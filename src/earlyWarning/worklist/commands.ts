import {
  type Command,
  type CommandContext,
  type CommandInput,
  type Purpose,
  trailOf,
} from '../../access/index.ts';
import { csvText } from '../../base/csv.ts';
import { directoriesOf } from '../../schools/index.ts';
import { words } from '../../ui/index.ts';
import { modelText } from '../model.ts';
import { type ShownEntry, showWorklist } from './show.ts';

const columns = [
  ...['place', 'record', 'probability_persistent', 'probability_next_4_weeks', 'because'],
  ...['nobody_wrote', 'notes', 'held', 'reasons', 'arithmetic'],
];

/** A school’s worklist at the command line. A child is a number in it, and what was written stays on the page. */
export const worklistCommand: Command = {
  verb: 'early-warning worklist',
  summary:
    'A school’s worklist today: its children in the order in which somebody might look at them. It decides and sends nothing.',
  options: {
    urn: {
      value: 'URN',
      help: 'The school, by any URN it has had.',
      required: true,
      accepts: (text) => /^[1-9]\d{5}$/.test(text),
    },
    out: { value: 'FILE', help: 'Writes one CSV row a child.' },
    json: { help: 'Prints the list as JSON.' },
  },
  example: './rollcall early-warning worklist --urn 900001 --out worklist.csv',
  open: true,
  run: list,
};

async function list(context: CommandContext, { values, switches }: CommandInput): Promise<number> {
  const { stores, clock, viewer, output, writeFile } = context;
  const directories = directoriesOf(stores);
  const school = (await directories()).getTyped(values['urn'] ?? '');
  const purpose: Purpose = viewer.role === 'operator' ? 'oversight' : 'attendance';
  const parts = { stores, records: stores.records, directories, clock };
  const shown = await showWorklist(parts, { viewer, purpose, school, whole: true });
  const out = values['out'];
  const trace = {
    ...{ viewer, purpose, from: 'command line' },
    action: out === undefined ? ('read' as const) : ('exported' as const),
  };
  await trailOf(stores, clock).leave(
    { ...trace, data: 'worklist', subject: { kind: 'school', id: String(school.urn) } },
    ...shown.entries.flatMap(({ child }) =>
      (['worklist', 'pupil attendance'] as const).map((data) => ({
        ...{ ...trace, data, detail: { list: true } },
        subject: { kind: 'pupil' as const, id: String(child.id) },
      })),
    ),
  );
  const rows = shown.entries.map(rowOf);
  if (out !== undefined) await writeFile(out, csvText(columns, rows));
  if (switches.has('json')) {
    output.line(
      JSON.stringify(
        {
          ...{ urn: school.urn, model: modelText(shown.model), restricted: shown.restricted },
          data: rows,
        },
        null,
        2,
      ),
    );
    return 0;
  }
  for (const row of rows) {
    const chance = row.probability_persistent;
    const chanceText = chance === null ? 'no probability yet' : words.percent(100 * chance, 0);
    output.line(
      `${row.place}. record ${row.record}: ${chanceText}${row.nobody_wrote ? ', and nobody has written anything yet' : ''}: ${row.reasons}`,
    );
  }
  output.line(
    `${words.plural(shown.counts.all - shown.unscored, 'child', 'children')} of ${words.number(shown.scored)} at ${school.urn}; ${words.number(shown.counts.unwritten)} missed a tenth or more and nobody has written anything of them this year.`,
  );
  if (shown.restricted > 0) {
    output.line(`${words.plural(shown.restricted, 'restricted record')} left out.`);
  }
  output.line(modelText(shown.model));
  return 0;
}

function rowOf(entry: ShownEntry, at: number) {
  const { score, child, holder } = entry;
  return {
    ...{ place: at + 1, record: child.id, because: entry.because, nobody_wrote: entry.unseen },
    probability_persistent: score?.probability_persistent ?? null,
    probability_next_4_weeks: score?.probability_next_4_weeks ?? null,
    ...{ notes: entry.notes.length, held: holder?.canSee === true },
    ...{ reasons: entry.why.join('; '), arithmetic: entry.arithmetic },
  };
}
