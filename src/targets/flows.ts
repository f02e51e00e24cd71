import { confirmBasis, type DataFlow, publicTask } from '../access/index.ts';

const expectations: DataFlow = {
  name: 'expectations',
  title: 'Issued expectations',
  about:
    'What Rollcall told a school: forecast, expectation, reasons, similar schools. Worked out from published figures of schools, and from sums of the registers of those schools whose own systems agree with them; no record of a child is read.',
  whose: null,
  comesFrom: [
    {
      who: 'The publications',
      how: '“./rollcall targets publish” works it out from them, and issues it.',
    },
    {
      who: 'Registers',
      how: 'As one year’s sums of a school, where nothing is published of the year and the school has set them beside its own system.',
    },
  ],
  classes: ['issued expectation'],
  holds: {
    warehouse: {
      issued_expectation:
        'One row for each school and year: the figures and the words that were issued.',
    },
  },
  basis: null,
  kept: 'As long as the system is kept, so that what a school was told can be looked up; a newer issue replaces it on pages.',
  goesTo: [
    {
      who: 'The operator, or whoever the operator shows it to as somebody else',
      how: '“./rollcall targets publish --out FILE” writes what they may see.',
    },
  ],
};

const overrules: DataFlow = {
  name: 'overrules',
  title: 'Suggestions that were set aside',
  about:
    'That a school said that a suggestion does not fit, and why; or that it does after all. What Rollcall suggests never acts by itself.',
  whose: 'heads who say so',
  comesFrom: [
    {
      who: 'The head of a school',
      how: 'A form on the school’s home, or the operator in their name.',
    },
  ],
  classes: ['issued expectation'],
  holds: {
    records: {
      overrules: {
        id: 'Its number.',
        urn: 'Of which school.',
        year: 'Of which year.',
        receipt: 'Of which issue of that year.',
        suggestion: 'Which suggestion.',
        other_urn: 'Which school had been suggested, where it was one.',
        suggested: 'What had been suggested, in the words of that day.',
        because: 'The kind of reason.',
        reason: 'The reason, in words.',
        shock_year: 'The year in which something out of the ordinary happened.',
        person: 'Who said so.',
        role: 'As what.',
        scope: 'For which school.',
        by_operator: 'Whether the operator entered it in their name.',
        at: 'When.',
      },
    },
  },
  basis: {
    article6: publicTask,
    law: ['UK GDPR, Article 5(2) (being able to show how a suggestion was dealt with)'],
    toConfirm: [confirmBasis],
  },
  kept: 'As long as the system is kept: rows are only ever added.',
  goesTo: [],
};

/** What is held of expectations. */
export const targetFlows: readonly DataFlow[] = [expectations, overrules];
