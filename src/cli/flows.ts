import { confirmBasis, type DataFlow, publicTask } from '../access/index.ts';

const backups: DataFlow = {
  name: 'backups',
  title: 'Backups',
  about:
    'Everything that the stores hold, in one file; sessions are left out. What is in it, on which basis, is told by all the others.',
  whose: 'everybody of whom anything is held',
  comesFrom: [{ who: 'Both stores', how: '“./rollcall stores backup”, by the operator.' }],
  classes: [],
  holds: {
    records: { installation: { id: 'By chance: which stores belong together.' } },
  },
  basis: {
    article6: publicTask,
    law: ['UK GDPR, Article 32(1)(b) and (c) (keeping data available, and bringing them back)'],
    toConfirm: [confirmBasis, 'For how long backups are kept, and where.'],
  },
  kept: 'By whoever makes them: an erased record lives on in older backups until they are deleted.',
  goesTo: [
    {
      who: 'Wherever the operator keeps it',
      how: 'A file that its owner alone can read; encrypt it before it leaves the machine (docs/runbooks/backup.md).',
    },
  ],
};

/** What leaves by the command line as a whole. */
export const cliFlows: readonly DataFlow[] = [backups];
