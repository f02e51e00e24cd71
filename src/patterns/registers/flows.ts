import { confirmBasis, type DataFlow, publicTask, registrationLaw } from '../../access/index.ts';

/** What is held of patterns in registers. */
export const patternFlows: readonly DataFlow[] = [
  {
    name: 'attendance-patterns',
    title: 'Patterns in registers',
    about:
      'What is unusual in the registers of a school or area, found once a day by a program and told once: figures of a school or of a group of ten or more pupils, and no child. Those who get an alert say whether it was useful, or put it off.',
    whose: 'staff of schools and local authorities who answer an alert',
    comesFrom: [
      {
        who: 'Registers',
        how: 'Worked out once a day after registers came, or with “./rollcall patterns run”.',
      },
      {
        who: 'The school and its local authority',
        how: 'Answers on the pages “This morning” and “This week”.',
      },
    ],
    classes: ['attendance pattern'],
    holds: {
      records: {
        pattern_alerts: {
          id: 'Its number.',
          scope: 'Whether it is of a school, an area or everybody.',
          urn: 'Of which school; 0 where of none.',
          la_code: 'Of which area.',
          pupil_group:
            'Of which year group, group of pupils or family of reasons; blank where of all.',
          kind: 'What kind of thing it is.',
          started_on: 'When it likely began.',
          happened_on: 'The first day on which it could be told.',
          told_on: 'Of the registers up to which day it was told.',
          found:
            'Attendance that came and that was to be expected, day by day for some weeks, the groups that show it too, and how rare it is by chance.',
          at: 'When it was kept.',
        },
        pattern_answers: {
          id: 'Its number.',
          alert: 'Of which alert.',
          said: 'Whether it was useful, or put off.',
          snoozed_until: 'Until when.',
          person: 'Who said it.',
          role: 'As what.',
          scope: 'For which school or area.',
          at: 'When.',
        },
        pattern_runs: {
          id: 'Its number.',
          on_day: 'At the end of which day registers were looked at.',
          last_day: 'The last day of which any had come.',
          schools: 'How many schools.',
          series: 'How many series of days.',
          told: 'How many alerts were new.',
          alarms_a_year: 'How many false alarms a school and year were allowed.',
          at: 'When it was done.',
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
  },
];
