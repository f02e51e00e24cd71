import { confirmBasis, type DataFlow, publicTask, registrationLaw } from '../access/index.ts';
import { emergencyMinutes } from '../records/index.ts';
import { correctable } from './correction.ts';
import { mostOpenAtOnce, mostUnreviewed } from './emergency.ts';
import { registerYears } from './rights.ts';

const confirmParagraph =
  'Which paragraph of Schedule 1, Part 2 is relied on (6, statutory purposes; 18, safeguarding), with its policy document.';

const registration = {
  article6: publicTask,
  law: registrationLaw,
  special: {
    what: 'Ethnicity; special educational needs can tell of health.',
    condition:
      'Article 9(2)(g), substantial public interest: Data Protection Act 2018, Schedule 1, Part 2',
  },
  toConfirm: [confirmBasis, confirmParagraph],
} as const;

const kept = `While the child is enrolled and for at least ${registerYears} years after the last day, because every entry of a register is kept so long. Then “./rollcall pupils retain” erases it, with the accounts of the child and of contacts who are here for no other child and do not work here; a record without any enrolment goes once it is so old itself. Nothing does so by itself: whoever runs the system says when. A restricted record is not erased by its age.`;

const registry: DataFlow = {
  name: 'pupil-registry',
  title: 'The pupil registry',
  about:
    'Who a child is, where it is enrolled, what else a school holds of it, whom to ring, and whose case it is.',
  whose: 'children, their parents and carers, and the workers whose case a child is',
  comesFrom: [
    {
      who: 'A school’s information system',
      how: 'A roll of pupils: see rolls, calendars and schools. Contacts and cases do not come with it.',
    },
    {
      who: 'The demonstration',
      how: 'Its made-up children are written when it is set up.',
    },
    {
      who: 'A family or a school',
      how: 'A correction that was agreed to changes a value (see corrections).',
    },
  ],
  classes: [
    'pupil attendance',
    'pupil characteristics',
    'family contacts',
    'link to another service',
  ],
  holds: {
    records: {
      pupils: {
        id: 'The child’s number here: all that stands in addresses, logs and the trail.',
        upn: 'Unique pupil number; empty once erased.',
        surname: 'Surname; empty once erased.',
        forename: 'First name; empty once erased.',
        date_of_birth: 'Date of birth; empty once erased.',
        sex: 'Sex, as the register has it.',
        person: 'Which person who signs in the child is, if any.',
        restricted_at: 'Since when the record is kept and not used.',
        restricted_because: 'Why.',
        erased_at: 'When it was erased.',
        created_at: 'When it was first written.',
      },
      enrolments: {
        id: 'Its number.',
        pupil: 'Of which child.',
        urn: 'At which school.',
        year_group: 'Year group.',
        class_name: 'Class; empty once erased.',
        entry_date: 'First day on the roll.',
        leaving_date: 'Last day on the roll; empty until then.',
      },
      characteristics: {
        pupil: 'Of which child.',
        fsm: 'Whether it is eligible for free school meals.',
        sen: 'Special educational needs: support, or a plan.',
        eal: 'Whether its first language is another than English.',
        ethnicity: 'Ethnicity, by the census’s codes. Special category.',
      },
      contacts: {
        id: 'Its number.',
        pupil: 'About which child.',
        name: 'Who to ring.',
        relationship: 'What they are to the child.',
        telephone: 'Telephone number.',
        email: 'E-mail address.',
        parental_responsibility: 'Whether they have it: that lets them see the record.',
        person: 'Which person who signs in they are, if any.',
        starts_on: 'From which day.',
        ends_on: 'Until which day.',
      },
      cases: {
        id: 'Its number.',
        pupil: 'Which child.',
        person: 'Whose case it is.',
        service:
          'Social care or early help. That there is a case tells of a link to another service.',
        starts_on: 'From which day.',
        ends_on: 'Until which day: the day after, the worker sees the child no longer.',
      },
    },
  },
  basis: registration,
  kept,
  goesTo: [],
};

const emergencies: DataFlow = {
  name: 'emergency-openings',
  title: 'Emergency openings',
  about: `That somebody opened a record in an emergency that they do not otherwise see: for ${emergencyMinutes} minutes, at most ${mostOpenAtOnce} at once and ${mostUnreviewed} that were not reviewed, and reviewed by another person.`,
  whose: 'children, and the staff who open and review',
  comesFrom: [{ who: 'Whoever opens a record', how: 'A form in which they say why.' }],
  classes: ['opening in an emergency', 'audit'],
  holds: {
    records: {
      emergencies: {
        id: 'Its number.',
        pupil: 'Which child.',
        person: 'Who opened the record.',
        viewer: 'As what they acted.',
        reason: 'Why, in their words; emptied when the child’s record is erased.',
        opened_at: 'When.',
        closes_at: 'When it ends by itself.',
        reviewed_at: 'When it was reviewed.',
        reviewed_by: 'By whom: never by who opened it.',
        review: 'What the reviewer found; emptied when the child’s record is erased.',
      },
    },
  },
  basis: {
    article6: publicTask,
    law: [
      'Children Act 2004, section 11, and Education Act 2002, sections 157 and 175 (safeguarding and promoting the welfare of children)',
    ],
    special: {
      what: 'What is written as the reason can tell of health or harm.',
      condition:
        'Article 9(2)(g): Data Protection Act 2018, Schedule 1, Part 2 (safeguarding of children and of individuals at risk)',
    },
    toConfirm: [
      confirmBasis,
      'Which duty of safeguarding applies to each organisation that uses it.',
    ],
  },
  kept: 'As long as the system is kept; what was written in words goes when the child’s record is erased.',
  goesTo: [],
};

const rights: DataFlow = {
  name: 'corrections',
  title: 'Corrections',
  about: `What a family or a school asks to be put right in a record, and how it was decided. Can be asked of: ${Object.values(
    correctable,
  )
    .map(({ label }) => label.toLowerCase())
    .join(', ')}.`,
  whose: 'children, and who asks and decides',
  comesFrom: [
    { who: 'A parent, a pupil or a school', how: 'A form on the child’s page.' },
    { who: 'A named person', how: 'The decision, with its answer, on the page or by command.' },
  ],
  classes: ['request for correction'],
  holds: {
    records: {
      corrections: {
        id: 'Its number.',
        pupil: 'Of which child.',
        field: 'Which value.',
        was: 'What it was; emptied when the record is erased.',
        wanted: 'What it should be; emptied when the record is erased.',
        because: 'Why; emptied when the record is erased.',
        asked_at: 'When it was asked.',
        asked_by: 'By whom, as a role and a number.',
        decided_at: 'When it was decided.',
        decided_by: 'By whom.',
        outcome: 'Agreed or refused.',
        answer: 'What the family was told; emptied when the record is erased.',
      },
    },
  },
  basis: {
    article6: 'Article 6(1)(c): a legal obligation',
    law: ['UK GDPR, Articles 16, 18 and 19 (rectification, restriction, and telling of them)'],
    special: registration.special,
    toConfirm: [confirmParagraph],
  },
  kept: 'As long as the record of the child: a decided one loses its words with it, an undecided one goes with it.',
  goesTo: [],
};

const subjectAccess: DataFlow = {
  name: 'subject-access',
  title: 'Subject access',
  about:
    'Everything held of one child in a file, for its family or by its school. It leaves out what tells of other people, and says so in the same words whether there is any or not.',
  whose: 'children',
  comesFrom: [
    { who: 'The registry and the trail', how: 'Read when it is asked for. Nothing is kept of it.' },
  ],
  classes: ['pupil characteristics', 'family contacts', 'request for correction', 'audit'],
  holds: {},
  basis: {
    article6: 'Article 6(1)(c): a legal obligation',
    law: ['UK GDPR, Article 15 (access)'],
    special: registration.special,
    toConfirm: [confirmParagraph],
  },
  kept: 'Not here: whoever downloads it keeps it. That it was downloaded stands in the trail.',
  goesTo: [
    {
      who: 'The child, a parent with parental responsibility, or the school',
      how: 'A file, after proving again who one is.',
    },
  ],
};

/** What is held of children, and how it comes and goes. */
export const pupilFlows: readonly DataFlow[] = [registry, emergencies, rights, subjectAccess];
