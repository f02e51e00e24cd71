import { confirmBasis, type DataFlow, publicTask, registrationLaw } from '../access/index.ts';

/** What is worked out of children’s marks and given out; none of it is held. */
export const earlyWarningFlows: readonly DataFlow[] = [
  {
    name: 'early-warning',
    title: 'Children whose weeks need somebody',
    about:
      'For each child on a roll the probability of being persistently absent at the end of the year, and of missing three half days or more in the next four weeks, from its attendance alone. Worked out when it is asked for, and not held. What it is worked out with is kept under a receipt: some sixty numbers about all children together, fitted on the registers of a year that is over. Who a child is (free school meals, special needs, language, sex, ethnicity) is never used for it. It orders a list; a named person decides.',
    whose: 'children',
    comesFrom: [{ who: 'Registers', how: 'Read where the marks lie, up to a day.' }],
    classes: ['pupil attendance'],
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
        who: 'The operator',
        how: '“./rollcall early-warning score --out FILE” writes them with each child’s UPN; every child in it is in the trail.',
      },
    ],
  },
];
