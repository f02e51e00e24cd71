import {
  type Command,
  type CommandContext,
  operator,
  trailOf,
  viewerText,
} from '../../access/index.ts';
import { directoriesOf } from '../../schools/index.ts';
import { type Table, tableCsv, words } from '../../ui/index.ts';
import { seriesOfMap } from './authorityFigures.ts';
import { weeksShown, weeksTable } from './curve.ts';
import { authoritiesShown, authoritiesTable } from './map.ts';

/** The verbs on what England’s page shows. */
export const englandCommands: readonly Command[] = [
  {
    verb: 'england authorities',
    summary: 'The figures of England’s map: absence of each authority, of one series at a time.',
    options: {
      figures: {
        value: seriesOfMap.join('|'),
        help: 'This year so far from registers, the daily feed’s year to date, or the newest whole year of the school census; without it what tells most of this year.',
        accepts: (text) => seriesOfMap.some((each) => each === text),
      },
      out: { value: 'FILE', help: 'Writes every authority as CSV.' },
    },
    example: './rollcall england authorities --figures feed --out authorities.csv',
    open: true,
    async run(context, { values }) {
      const shown = await authoritiesShown(optionsOf(context), context.viewer, values['figures']);
      const { authorities, figures } = shown;
      await give(context, authoritiesTable(shown), values['out']);
      const known = authorities.filter(({ percent }) => percent !== null);
      context.output.line(
        figures
          ? `${words.sentence(figures.told)}: ${words.plural(known.length, 'authority', 'authorities')} of ${words.number(authorities.length)} with a figure.`
          : 'No figure of any authority is here.',
      );
      return 0;
    },
  },
  {
    verb: 'england weeks',
    summary: 'England’s absence week by week, beside last year and the years before the pandemic.',
    options: { out: { value: 'FILE', help: 'Writes every week as CSV.' } },
    example: './rollcall england weeks --out weeks.csv',
    open: true,
    async run(context, { values }) {
      const { series, weeks } = await weeksShown(optionsOf(context), context.viewer);
      await give(context, weeksTable(series, weeks), values['out']);
      for (const { name, told } of series) context.output.line(`${name}: ${told}.`);
      return 0;
    },
  },
];

const optionsOf = ({ stores, clock }: CommandContext) => ({
  ...{ stores, clock, directories: directoriesOf(stores) },
});

/** To a file, or printed; that it was asked for is written down first. */
async function give(
  { stores, viewer, clock, output, writeFile }: CommandContext,
  table: Table,
  out: string | undefined,
): Promise<void> {
  await trailOf(stores, clock).leave({
    ...({ viewer: operator, data: 'school statistic', from: 'command line' } as const),
    subject: { kind: 'page', id: '/england' },
    detail: { as: viewer.role === 'operator' ? null : viewerText(viewer) },
    action: out === undefined ? 'read' : 'exported',
  });
  if (out === undefined)
    for (const line of tableCsv(table).trimEnd().split('\n')) output.line(line);
  else await writeFile(out, tableCsv(table));
}
