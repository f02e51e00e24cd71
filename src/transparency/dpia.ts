import {
  dataClasses,
  dataClassNames,
  policy,
  pupilData,
  purposes,
  roleNames,
} from '../access/index.ts';
import { emergencyMinutes, registerYears } from '../pupils/index.ts';
import { longestKeyDays, signInDefaults } from '../signIn/index.ts';
import { sources } from '../publications/index.ts';
import { words } from '../ui/index.ts';
import { dataFlows, toConfirm } from './dataFlows.ts';
import { type Block, type Document, list, type Section, tableOf, text } from './document.ts';
import { organisationFields, readOrganisation, said } from './organisation.ts';
import { type Measure, overall, type Risk, risks } from './risks.ts';
import { changedBy, named, purposesOf, shownTo } from './shownTo.ts';

/** The settings that the assessment names, with what they are when nobody sets them. */
export type NamedSettings = Readonly<
  Record<
    'ROLLCALL_PERSON_PER_MINUTE' | 'ROLLCALL_ADDRESS_PER_MINUTE' | 'ROLLCALL_AT_ONCE',
    { default: string }
  >
>;

/** The data protection impact assessment, by the steps of the Information Commissioner’s template. */
export function dpiaDocument(settings: NamedSettings): Document {
  return {
    name: 'dpia',
    title: 'Data protection impact assessment',
    about:
      'What Rollcall does with children’s data, why, what could go wrong, and what is done about it: by the steps of the Information Commissioner’s template. Written by the program from its own tables, limits and tests. It is the supplier’s part: whoever runs the system completes and signs it before records of real children are held.',
    sections: [
      need(),
      processing(settings),
      consultation(),
      necessity(),
      riskSection(),
      measures(),
      automatedDecisions(),
      childrensCode(),
      signOff(),
    ],
  };
}

function need(): Section {
  return {
    heading: 'Step 1: Why an assessment is needed',
    blocks: [
      ...text(
        'Rollcall turns school attendance registers into support: it shows each school its absence, what schools with a similar intake achieve and what can fairly be expected, and (as later versions bring registers) which children are missing school, to those who can help them.',
        'An assessment is required (UK GDPR, Article 35), because several of the Information Commissioner’s criteria are met:',
      ),
      list([
        'Data about children, who merit specific protection.',
        'Large scale: it is built for every state school in England.',
        'Data of a special category: ethnicity, and special educational needs that can tell of health.',
        'Data from several sources brought together. Children are not matched between sources yet; when they are, this assessment has to be made again.',
        'Profiling: none of children. Schools are compared and forecast; see the record of the algorithm.',
      ]),
    ],
  };
}

function processing(settings: NamedSettings): Section {
  const personal = dataFlows.filter(({ whose }) => whose !== null);
  const { idleMinutes, absoluteHours } = signInDefaults;
  return {
    heading: 'Step 2: The processing',
    blocks: [],
    parts: [
      {
        heading: 'Nature',
        blocks: [
          ...text(
            'Where each kind of data comes from, where it is held, for how long and who gets it is told in the page on data flows. In short:',
          ),
          tableOf(
            'Personal data',
            ['What', 'Whose', 'Kept'],
            personal.map(({ title, whose, kept }) => [title, words.sentence(whose ?? ''), kept]),
          ),
          ...text(
            `A session ends after ${idleMinutes} minutes without use and after ${absoluteHours} hours in any case; a record opened in an emergency closes after ${emergencyMinutes} minutes; a key of another system works for at most ${longestKeyDays} days. One person may make ${settings.ROLLCALL_PERSON_PER_MINUTE.default} requests a minute, one address ${words.number(Number(settings.ROLLCALL_ADDRESS_PER_MINUTE.default))}; at most ${settings.ROLLCALL_AT_ONCE.default} are answered at once. Sessions and requests can be set otherwise by who runs the system.`,
          ),
        ],
      },
      {
        heading: 'Scope',
        blocks: [
          tableOf(
            'Classes of data, and who may see and change them',
            ['Class of data', 'What it is', 'Who may see it', 'Who may change it', 'For what'],
            dataClassNames.map((data) => [
              words.sentence(data),
              dataClasses[data],
              words.sentence(shownTo(data).join('; ')),
              words.sentence(changedBy(data).join('; ') || 'nobody'),
              purposesOf(data).join('; ') || 'No purpose is asked for',
            ]),
          ),
          ...text(
            `There are ${roleNames.length} roles. ${seeNoChild()} The operator is the person at the command line of the machine that holds the data.`,
          ),
        ],
      },
      {
        heading: 'Context',
        blocks: text(
          'Children and families do not choose whether their school keeps a register: the law demands it. They would expect their school to know whether they came, and would not expect a stranger to. So a family is told who looked, and may see, correct and take away what is held.',
          `Figures of schools rest on ${words.plural(sources.length, 'kind')} of open publications, which hold no record of a child.`,
        ),
      },
      {
        heading: 'Purposes',
        blocks: [list(Object.values(purposes))],
      },
    ],
  };
}

/** The roles for whom no class of data about children is open, counted from the table. */
function seeNoChild(): string {
  const none = roleNames.filter((role) =>
    pupilData.every((data) => policy[data][role].allow === 'never'),
  );
  return `${words.number(none.length)} of them see no child at all: ${words.list(none.map(named))}.`;
}

function consultation(): Section {
  return {
    heading: 'Step 3: Consultation',
    blocks: [
      ...text(
        'Not done yet. Before records of real children are held, whoever runs the system has to ask:',
      ),
      list([
        'children and parents, in words that a child understands, what they expect and what worries them',
        'heads, attendance officers and social workers, whose work it changes',
        'unions and staff, whose looking is written down',
        'the data protection officer, whose advice is recorded in step 7',
        'the Information Commissioner, should a high risk remain',
      ]),
    ],
  };
}

function necessity(): Section {
  const basis = dataFlows.find(({ name }) => name === 'pupil-registry')?.basis;
  return {
    heading: 'Step 4: Necessity and proportionality',
    blocks: [
      tableOf(
        'Is it needed, and is it fair?',
        ['Question', 'Answer'],
        [
          ['Lawful basis', `${basis?.article6}. ${basis?.law.join('; ')}. ${toConfirm}.`],
          [
            'Special category data',
            `${basis?.special?.what} ${basis?.special?.condition}. ${toConfirm}.`,
          ],
          [
            'Does it achieve the purpose?',
            'Whom to support is seen earlier and with reasons. Whether support then helps is for evaluation, which has not been done.',
          ],
          [
            'Is there a way with less data?',
            'Forecasts and expectations read no child’s record. A child is a number outside the page about it. The department, analysts, hubs and inspectors get figures, not children.',
          ],
          [
            'How is function creep prevented?',
            'What a role may see and for what stands in one table that anybody can read; a pair that is not in it is refused, and changing it changes this page.',
          ],
          [
            'How is the quality of data kept?',
            'A file with a fault is refused whole. Corrections are decided by a named person. What is corrected leaves a trace.',
          ],
          [
            'What are people told?',
            'Who can see what, where data come from and how everything is worked out are pages for anybody; a family sees who looked.',
          ],
          [
            'How are rights served?',
            `Access: a file of everything held. Correction and restriction: on the child’s page. Erasure: by the operator; refused while the register has to be kept (${registerYears} years). Objection: to the controller; no command for it.`,
          ],
          [
            'Processors and transfers',
            'Rollcall sends data to nobody but the identity provider that people sign in at. Where it is hosted is for whoever runs it to say.',
          ],
        ],
      ),
    ],
  };
}

function riskSection(): Section {
  return {
    heading: 'Step 5: Risks',
    blocks: [
      ...text(
        'Likelihood is remote, possible or probable; severity minimal, significant or severe. First as if nothing were done, then as things are. Both are our judgement and have not been reviewed by anybody else.',
      ),
      tableOf(
        'Risks before and after',
        ['Risk', 'Harm', 'Before', 'After'],
        risks.map((risk) => [risk.risk, risk.harm, judged(risk.before), judged(risk.after)]),
      ),
    ],
  };
}

function judged(at: Risk['before']): string {
  return `${words.sentence(overall(at))} (${at.likelihood}, ${at.severity})`;
}

function measures(): Section {
  return {
    heading: 'Step 6: Measures, and what is left',
    blocks: text(
      'Each measure names the test that fails when it is no longer so. This page cannot be written when one of these files is missing.',
    ),
    parts: risks.map((risk) => ({
      heading: risk.risk,
      blocks: [
        tableOf(
          risk.risk,
          ['Measure', 'Held by'],
          risk.measures.map(({ does, heldBy }) => [does, heldBy ?? 'No test']),
        ),
        ...text(`What is left (${overall(risk.after)}): ${risk.left}`),
      ],
    })),
  };
}

function automatedDecisions(): Section {
  return {
    heading: 'Automated decisions (UK GDPR, Articles 22A to 22D)',
    blocks: text(
      'The Data (Use and Access) Act 2025 put Articles 22A to 22D in the place of Article 22. They are about significant decisions that rest on automated processing alone. Rollcall makes none: of children it works out two probabilities for a school’s worklist, from their attendance alone, and puts them in an order by these. Nothing follows from either.',
      'What it suggests to a school shows what it rests on, can be set aside with a reason, and starts nothing: no letter, notice or referral is sent by the program. A worklist says of each child why it is listed, in words; a named person at the school looks, decides what to do and writes it down, and may leave a child alone whatever its place.',
      'Children merit specific protection. Nothing in Rollcall is addressed to a child but their own record and who looked at it.',
    ),
  };
}

function childrensCode(): Section {
  return {
    heading: 'The Children’s code',
    blocks: [
      ...text(
        'The code is for online services that children are likely to use. A pupil may sign in here to see their own record; whether a system that a school runs falls under the code is arguable, so it is met as if it did.',
      ),
      tableOf('The fifteen standards', ['Standard', 'How it stands'], standards),
    ],
  };
}

const standards: readonly (readonly [string, string])[] = [
  [
    'Best interests of the child',
    'Support, never sanction: nothing here starts a fine, a notice or a referral.',
  ],
  ['Data protection impact assessment', 'This page. To be completed by whoever runs the system.'],
  [
    'Age-appropriate application',
    'One page for pupils, in plain words. It has not been tried with children.',
  ],
  [
    'Transparency',
    'Who can see what, who looked, data flows and methods are pages; not yet written for young children.',
  ],
  [
    'Detrimental use of data',
    'What is shown to whom is one table; a use that is not in it is refused.',
  ],
  ['Policies and community standards', 'Not applicable: children publish nothing here.'],
  [
    'Default settings',
    'There are no settings for a child to make; everything is closed unless the table opens it.',
  ],
  ['Data minimisation', 'What a register and support need; of links to other services the least.'],
  ['Data sharing', 'With nobody outside the roles of the table.'],
  ['Geolocation', 'None of anybody.'],
  ['Parental controls', 'A parent sees the record of their child; the child’s page says who can.'],
  ['Profiling', 'None of children.'],
  ['Nudge techniques', 'None.'],
  ['Connected toys and devices', 'None.'],
  [
    'Online tools',
    'A pupil and a parent can see who looked, ask for a correction and take away what is held.',
  ],
];

function signOff(): Section {
  const organisation = readOrganisation();
  const empty = 'Not done yet';
  const fields = ['organisation', 'seniorResponsibleOwner', 'dataProtectionOfficer'] as const;
  const rows: [string, string][] = [
    ...fields.map((field): [string, string] => [
      organisationFields[field],
      said(organisation, field),
    ]),
    ['Measures approved by', empty],
    ['Risks that are left approved by', empty],
    ['Advice of the data protection officer', empty],
    ['Consultation reviewed by', empty],
    ['This assessment is kept under review by', empty],
  ];
  const block: Block = tableOf('Sign-off', ['Item', 'Who and when'], rows);
  return { heading: 'Step 7: Sign-off', blocks: [block] };
}

/** Every test that a measure says holds it. */
export function testsNamed(): string[] {
  const named = risks.flatMap(({ measures: all }) => all.map(({ heldBy }: Measure) => heldBy));
  return [...new Set(named)].filter((path) => path !== null).toSorted();
}
