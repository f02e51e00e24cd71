import { confirmBasis, type DataFlow, publicTask, registrationLaw } from '../access/index.ts';

const agreement: DataFlow = {
  name: 'agreement',
  title: 'Agreement with the school’s own system',
  about:
    'What was found when a school’s own summary was compared with its registers here: counts and rules, and no child. Of a summary with a row for each pupil nothing of a pupil is kept. An explained difference is accepted by a person at the school, by name.',
  whose: 'staff of schools who send a summary or accept a difference',
  comesFrom: [
    {
      who: 'The school',
      how: 'A form on the page “Why don’t my numbers match?”, or the operator with “./rollcall absence compare --keep” and “absence accept”.',
    },
  ],
  classes: ['school statistic'],
  holds: {
    records: {
      mis_summaries: {
        id: 'Its number.',
        urn: 'Of which school.',
        year: 'Of which year.',
        first_day: 'The first day that it is of.',
        last_day: 'The last day that it is of.',
        form: 'What its rows were: totals, sessions, codes or pupils.',
        found:
          'How many figures were compared and differed, whether it gives numbers of sessions, the rules that explain it, and what the school’s registers came to then: sessions, absences, codes, and how many pupils.',
        outcome: 'Whether it agrees, is explained, or differs.',
        possible: 'Possible sessions in the registers here, then.',
        absent: 'Absent sessions in the registers here, then.',
        person: 'Who sent it.',
        role: 'As what.',
        scope: 'For which school.',
        at: 'When.',
      },
      accepted_differences: {
        summary: 'Of which summary.',
        person_name: 'The name of who accepted the difference.',
        position: 'Their position at the school.',
        reason: 'Why it can stand, in their words.',
        person: 'Who it was, where they signed in.',
        role: 'As what.',
        scope: 'For which school.',
        at: 'When.',
      },
    },
  },
  basis: {
    article6: publicTask,
    law: [...registrationLaw],
    toConfirm: [confirmBasis],
  },
  kept: 'As long as the system is kept: rows are only ever added.',
  goesTo: [],
};

const keptFigures: DataFlow = {
  name: 'kept-figures',
  title: 'Figures worked out from registers',
  about:
    'Each child’s weeks with a byte a session, the sums of each enrolment, and the figures of schools and areas, so that a page need not count every mark again. Worked out from registers and nothing else, after every import and withdrawal; removed and worked out again with “./rollcall absence rebuild”.',
  whose: 'children',
  comesFrom: [{ who: 'Registers', how: 'Worked out when marks, rolls or calendars come or go.' }],
  classes: ['pupil attendance', 'school statistic'],
  holds: {
    warehouse: {
      pupil_weeks: 'For each child (a keyed number), school and week: the code of each session.',
      enrolment_half_terms:
        'For each enrolment and half-term: sessions possible, missed and without permission, and its codes.',
      school_figures: 'Counts of each school, in all and by group of pupils.',
      school_weeks: 'Counts of each school in each week and on each day.',
      area_figures: 'The same of trusts, authorities, regions and England.',
      area_weeks: 'The same of trusts, authorities, regions and England, by week and day.',
      derived_receipts: 'Which imports these figures rest on.',
    },
  },
  basis: {
    article6: publicTask,
    law: [...registrationLaw],
    toConfirm: [confirmBasis],
  },
  kept: 'As long as the marks that they are worked out from.',
  goesTo: [],
};

/** What is held beside the registers themselves. */
export const absenceFlows: readonly DataFlow[] = [agreement, keptFigures];
