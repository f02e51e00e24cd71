import type { DataFlow } from '../access/index.ts';
import { sources } from './sources/index.ts';

const bySource = Map.groupBy(sources, ({ table }) => table);

const publications: DataFlow = {
  name: 'publications',
  title: 'Publications',
  about: `Statistics of schools and areas that others published: ${sources.map(({ title }) => title).join('; ')}. They hold no record of a child. A figure that rests on fewer than six pupils is shown to nobody outside the school’s own circle.`,
  whose: null,
  comesFrom: [...new Set(sources.map(({ publisher }) => publisher))].map((who) => ({
    who,
    how: 'Open data; the operator downloads files and imports them.',
  })),
  classes: ['public statistic'],
  holds: {
    records: {
      receipts: {
        id: 'Its number, which every row of the warehouse carries.',
        kind: 'What was brought in or worked out.',
        scope: 'Which part: a year, a January.',
        title: 'The file’s name, or the year.',
        digest: 'SHA-256 of the file.',
        detail: 'Counts and notes.',
        started_at: 'When it was begun.',
        committed_at: 'From when it counts.',
        withdrawn_at: 'Until when it counted.',
      },
    },
    warehouse: Object.fromEntries(
      [...bySource].map(([table, of]) => [table, of.map(({ about }) => about).join(' ')]),
    ),
  },
  basis: null,
  kept: 'As long as the system is kept; what a newer file replaces stays, marked as replaced.',
  goesTo: [{ who: 'Anybody', how: 'Pages, files of their figures, and the API.' }],
};

/** What is held of what others published. */
export const publicationFlows: readonly DataFlow[] = [publications];
