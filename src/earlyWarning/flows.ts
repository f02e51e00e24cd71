import { confirmBasis, type DataFlow, publicTask, registrationLaw } from '../access/index.ts';

const worklist: DataFlow = {
  name: 'school-worklist',
  title: 'What a school writes on its worklist',
  about:
    'What the head and the attendance staff of a school wrote of a child on its worklist, who has the child there, and how many children the school can see to. It is the school’s own: it does not go to another school with a child, and nobody outside reads it but the child and its family, who are given it when they ask for what is held.',
  whose: 'children, and the staff who write',
  comesFrom: [
    { who: 'The head and the attendance staff', how: 'Forms on the worklist, signed in.' },
  ],
  classes: ['worklist'],
  holds: {
    records: {
      worklist_notes: {
        id: 'Its number.',
        urn: 'At which school.',
        pupil: 'Of which child.',
        text: 'What was tried or found, in their words.',
        person: 'Who wrote it.',
        role: 'As what.',
        at: 'When.',
      },
      worklist_holders: {
        id: 'Its number.',
        urn: 'At which school.',
        pupil: 'Which child.',
        holder: 'Who has it from then on; blank where nobody has.',
        person: 'Who said so.',
        role: 'As what.',
        at: 'When.',
      },
      worklist_capacities: {
        id: 'Its number.',
        urn: 'Which school.',
        children: 'How many children it can see to.',
        person: 'Who said so.',
        role: 'As what.',
        at: 'When.',
      },
    },
  },
  basis: {
    article6: publicTask,
    law: [
      ...registrationLaw,
      'Department for Education, Working together to improve school attendance (statutory guidance from 19 August 2024)',
    ],
    special: {
      what: 'What is written can tell of health.',
      condition:
        'Article 9(2)(g), substantial public interest: Data Protection Act 2018, Schedule 1, Part 2',
    },
    toConfirm: [
      confirmBasis,
      'Who at the school reads what is written of a child before its family is given a copy, where it could do serious harm (Data Protection Act 2018, Schedule 3, Part 4) or tells of another person.',
    ],
  },
  kept: 'As long as the record of the child, and deleted with it; how many children a school can see to, as long as the system is kept.',
  goesTo: [],
};

/** What is worked out of children’s marks and given out, of which nothing is held; and what a school writes on its worklist. */
export const earlyWarningFlows: readonly DataFlow[] = [
  worklist,
  {
    name: 'early-warning',
    title: 'Children whose weeks need somebody',
    about:
      'For each child on a roll the probability of being persistently absent at the end of the year, and of missing three half days or more in the next four weeks, from its attendance alone. Worked out when it is asked for, and not held. What it is worked out with is kept under a receipt: some sixty numbers about all children together, fitted on the registers of a year that is over. Who a child is (free school meals, special needs, language, sex, ethnicity) is never used for it. It orders a list; a named person decides.',
    whose: 'children',
    comesFrom: [{ who: 'Registers', how: 'Read where the marks lie, up to a day.' }],
    classes: ['pupil attendance', 'worklist'],
    holds: {},
    basis: {
      article6: publicTask,
      law: [...registrationLaw],
      toConfirm: [
        confirmBasis,
        'That ordering a worklist by such a probability is no decision by machine alone (UK GDPR, Articles 22A to 22D): a named person decides, and sees why.',
      ],
    },
    kept: 'Not at all; the numbers that it is worked out with, as long as the system is kept.',
    goesTo: [
      {
        who: 'The school’s own system',
        how: 'The head or the attendance staff, signed in, can take the worklist from the API.',
      },
      {
        who: 'The operator',
        how: '“./rollcall early-warning score --out FILE” writes them with each child’s UPN; every child in it is in the trail.',
      },
    ],
  },
];
