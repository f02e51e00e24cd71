import { actions, confirmBasis, type DataFlow, publicTask } from '../access/index.ts';

const trail: DataFlow = {
  name: 'trail',
  title: 'The trail',
  about: `Who did what, when, from where and for which purpose (${actions.join(', ')}). A child is a number in it: never a name, a UPN or a date of birth.`,
  whose: 'everybody who signs in, and the children whose records they looked at',
  comesFrom: [
    {
      who: 'The site and the command line',
      how: 'Written before an answer is shown; what cannot be written down is not shown.',
    },
  ],
  classes: ['audit'],
  holds: {
    records: {
      audit_entries: {
        number: 'Its place in the chain.',
        at: 'When.',
        person: 'Who: a number.',
        role: 'As what.',
        scope: 'For which school, class or area.',
        action: 'What was done.',
        data_class: 'With which class of data.',
        purpose: 'For what.',
        subject_kind: 'About what kind of thing.',
        subject_id: 'About which: of a child, its number.',
        from_address: 'From which network address, or the command line.',
        detail: 'Facts without names, such as how many rows.',
        hash: 'SHA-256 of all of this and of the entry before.',
      },
      audit_head: {
        only: 'There is one row.',
        number: 'How many entries there are.',
        hash: 'The hash of the last.',
      },
    },
    warehouse: {
      audit_anchors: 'Heads that the trail had, in the other store: a number, a hash and a time.',
    },
  },
  basis: {
    article6: publicTask,
    law: [
      'UK GDPR, Article 5(2) (being able to show that the principles are kept) and Article 32 (security)',
    ],
    toConfirm: [confirmBasis, 'For how long the trail is kept.'],
  },
  kept: 'As long as the system is kept: nothing removes an entry, and the chain shows when somebody did. It outlives a child’s record, whose number it holds.',
  goesTo: [
    { who: 'An auditor', how: '“./rollcall audit export” writes what was searched for to a file.' },
    {
      who: 'A child and its parents',
      how: 'Who looked at the record, on a page and in the file of subject access.',
    },
  ],
};

/** What is held of who did what. */
export const auditFlows: readonly DataFlow[] = [trail];
