import { yearLabel } from '../base/academicYear.ts';
import { sources } from '../publications/index.ts';
import {
  type BacktestSummary,
  fewestSimilarSchools,
  gapPartWithFewSchools,
  inputNames,
  inputWords,
  issuedColumns,
  leastAsked,
  type Model,
  modelFiles,
  modelVersion,
  mostAsked,
  mostSimilarSchools,
  overruleReasons,
  suggestionKinds,
} from '../targets/index.ts';
import { words } from '../ui/index.ts';
import {
  type Block,
  type Document,
  list,
  type Section,
  tableOf,
  text,
  metadata,
} from './document.ts';
import { groupsOutside, performance, readEvaluation } from './evaluation.ts';
import {
  type Organisation,
  type OrganisationField,
  organisationFields,
  readOrganisation,
  said,
} from './organisation.ts';
import { changedBy, shownTo } from './shownTo.ts';

const percent = (part: number) => words.percent(100 * part, 0);
const data = 'issued expectation';

/** The expectation’s record by the sections of the Algorithmic Transparency Recording Standard. */
export function algorithmDocument(): Document {
  const organisation = readOrganisation();
  const evaluation = readEvaluation();
  return {
    name: 'algorithmic-transparency',
    title: 'Algorithmic transparency record: the attendance expectation',
    about:
      'What the expectation is, how it is worked out, how well that does, for whom less well, and what people decide: by the sections of the Algorithmic Transparency Recording Standard. Figures come from the evaluation’s own file, limits and inputs from the code.',
    sections: [
      tierOneSection(organisation, {
        name: 'Rollcall: attendance expectation',
        description: `Works out for each state school in England, from published statistics of schools, how much absence would come next year if nothing special happened, what schools with a similar intake achieve, and what can fairly be expected: at least ${percent(leastAsked)} and at most ${percent(mostAsked)} less absence than would come anyway. It is for support and never for accountability. It reads no record of a pupil and decides nothing about one.`,
      }),
      ownerSection(organisation),
      description(),
      deployment(evaluation),
      specification(evaluation),
      riskSection(evaluation),
      metadata(
        `${evaluation.command} --summary docs/backtest.json, of forecast version ${evaluation.model}`,
      ),
    ],
  };
}

/** What an algorithm is, and where to ask about it. */
export function tierOneSection(
  organisation: Organisation,
  { name, description: about }: { name: string; description: string },
): Section {
  return {
    heading: 'Tier 1: Overview',
    blocks: [
      tableOf(
        'Tier 1: Overview',
        ['Field', 'What is recorded'],
        [
          ['Name', name],
          ['Description', about],
          ...asked(organisation, ['website', 'contactEmail']),
        ],
      ),
    ],
  };
}

function asked(organisation: Organisation, fields: readonly OrganisationField[]) {
  return fields.map((field): [string, string] => [
    organisationFields[field],
    said(organisation, field),
  ]);
}

export function ownerSection(organisation: Organisation): Section {
  const numbered = [
    ['1.1', 'organisation'],
    ['1.2', 'team'],
    ['1.3', 'seniorResponsibleOwner'],
    ['1.4', 'externalSupplier'],
    ['1.4.1', 'externalSupplier'],
    ['1.4.2', 'companiesHouseNumber'],
    ['1.4.3', 'supplierRole'],
    ['1.4.4', 'procurement'],
    ['1.4.5', 'supplierDataAccess'],
  ] as const satisfies readonly (readonly [string, OrganisationField])[];
  const label: Record<string, string> = {
    '1.4': 'Whether an external supplier is involved',
    '1.4.1': 'Supplier',
  };
  return {
    heading: 'Tier 2, section 1: Owner and responsibility',
    blocks: [
      tableOf(
        'Tier 2, section 1: Owner and responsibility',
        ['Field', 'What is recorded'],
        numbered.map(([number, field]) => [
          `${number} ${label[number] ?? organisationFields[field]}`,
          said(organisation, field),
        ]),
      ),
    ],
  };
}

function description(): Section {
  return {
    heading: 'Section 2: Description and rationale',
    blocks: [],
    parts: [
      {
        heading: '2.1 Detailed description',
        blocks: [
          list([
            'Forecast: from the school’s published years and those of all schools of its type, the absence and persistent absence to be expected if nothing special happens, with intervals. The change that all schools share is kept apart.',
            `Similar schools: of the same type, the nearest by ${inputNames.length} things, between ${fewestSimilarSchools} and ${mostSimilarSchools} of them within a distance at which the comparison is still fair; else none, and the reason.`,
            `Expectation: closes the gap between the forecast and the similar schools as far as it is more than luck (${percent(gapPartWithFewSchools)} of it where too few schools are known to tell); never more than the best quarter of those schools is estimated to achieve in a year; at least ${percent(leastAsked)} and at most ${percent(mostAsked)} of the forecast. Limits for persistent absence are wider, as it moves more.`,
            'Beside it: the chance to meet it by luck alone, a ladder of further steps, reasons in sentences, and schools to learn from.',
          ]),
          ...text(
            'The whole rule with every constant is in docs/expectation.md and docs/forecast.md; the site’s methods page shows it with the figures that are loaded.',
          ),
        ],
      },
      {
        heading: '2.2 Scope',
        blocks: [
          list([
            'For: planning support at a school, by the school, its trust, its authority and the department.',
            'Not for accountability: it is not shown to inspectors, parents, the public or other schools, and nothing ranks schools by it.',
            'Not for decisions about a pupil, a family or a member of staff.',
            'Not a proof, a cause or a limit: see docs/expectation.md.',
          ]),
        ],
      },
      {
        heading: '2.3 Benefit',
        blocks: text(
          'A head sees with reasons and uncertainty what is usual for schools like theirs, and whom to ask. Whether that lowers absence has not been evaluated.',
        ),
      },
      {
        heading: '2.4 Previous process',
        blocks: text(
          'Comparing a school with last year’s figure or with an average of all schools, which blames intake and luck on the school. The department has its own attendance baseline improvement expectation, whose formula we have not seen.',
        ),
      },
      {
        heading: '2.5 Alternatives considered',
        blocks: text(
          'Last year’s figure, the mean of three years and a regression on three years: all are judged beside it below. What else was tried and left out is in docs/forecast.md.',
        ),
      },
    ],
  };
}

function deployment({ errors }: BacktestSummary): Section {
  const may = changedBy(data);
  const last = Math.max(...errors.map((row) => row.time_period));
  const compared = errors
    .filter((row) => row.time_period === last && row.measure === 'overall')
    .reduce((sum, row) => sum + row.schools, 0);
  return {
    heading: 'Section 3: Deployment context and decisions',
    blocks: [],
    parts: [
      {
        heading: 'Integration into the process',
        blocks: text(
          'The operator issues expectations for a year. They stand on the school’s home page. Nothing follows from them by itself: no letter, no notice, no referral, no message.',
        ),
      },
      {
        heading: 'Provided information',
        blocks: [
          ...text(
            'Each school’s expectation with its forecast, intervals, chance, reasons, similar schools and what it rests on. It is seen by:',
          ),
          list(shownTo(data).map(words.sentence)),
        ],
      },
      {
        heading: 'Frequency and scale',
        blocks: text(
          `Usually once a year, for each state-funded primary, secondary and special school of which enough is published. In the last year of the evaluation that was ${words.number(compared)} schools with three years before it.`,
        ),
      },
      {
        heading: 'Human decisions and review',
        blocks: [
          ...text(
            `People decide whether and how to support a school. Everything that is suggested shows what it rests on and can be set aside with a reason: ${words.list(Object.values(suggestionKinds))}. What is set aside stays visible with its reason, and can be taken up again.`,
            may.length > 0
              ? `Who may set a suggestion aside, from the policy’s table: ${words.list(may)}.`
              : 'By the policy’s table nobody may set one aside yet.',
            'A reason is one of:',
          ),
          list(Object.values(overruleReasons).map((reason) => reason.text)),
        ],
      },
      {
        heading: 'Required training',
        blocks: text(
          'None is required by the program. Who runs it says what staff are told before they use it: to be filled in by whoever runs it.',
        ),
      },
      {
        heading: 'Appeals and review',
        blocks: text(
          'A school that thinks its expectation wrong sets it aside and says why; its authority and trust see that. It has no consequence to appeal against. Published figures that are wrong are put right by the department.',
        ),
      },
    ],
  };
}

const tasks: Record<
  Model,
  { title: string; task: string; inputs: string; outputs: string; architecture: string }
> = {
  forecast: {
    title: 'Forecast',
    task: 'What a school’s absence and persistent absence will be if nothing special happens.',
    inputs:
      'Published absence, persistent absence and enrolments of the years before; school type; local authority. No intake, no pupil.',
    outputs:
      'A central figure and intervals for both measures; the distribution of the shift that all schools share.',
    architecture:
      'Best linear prediction (kriging) from a lasting, a wandering and a yearly part, by type and size; drawn towards last year; intervals from past errors. No neural network, no language model.',
  },
  expectation: {
    title: 'Similar schools and expectation',
    task: 'Which schools are alike, what they achieve, and what follows for a school.',
    inputs: `${words.sentence(words.list(inputNames.map((name) => inputWords[name] ?? name)))}; published absence; the forecast.`,
    outputs: words.list(issuedColumns.map((name) => name.replaceAll('_', ' '))),
    architecture:
      'Weighted nearest neighbours, weights learned by linear regression (Lindeman, Merenda and Gold’s shares); a rule with limits. Schools to learn from are shared out by deferred acceptance.',
  },
};

function specification(evaluation: BacktestSummary): Section {
  const models = Object.keys(tasks) as Model[];
  return {
    heading: 'Section 4: Tool specification',
    blocks: [],
    parts: [
      {
        heading: 'System architecture',
        blocks: text(
          'One program in TypeScript on the server; published figures in ClickHouse, records in PostgreSQL, both in the process or on servers. Calculations run in a thread of their own and give the same figures again from the same files. See ARCHITECTURE.md.',
        ),
      },
      { heading: 'Phase', blocks: text('Prototype.') },
      {
        heading: 'Maintenance',
        blocks: text(
          'A version is the SHA-256 of the model’s code, so that any change of it shows here. Back-tests are run again when the model or the figures change, by one command.',
        ),
      },
      ...models.map((model) => ({
        heading: `Model: ${tasks[model].title}`,
        blocks: [modelTable(model)],
      })),
      { heading: 'Performance of the forecast', blocks: performance(evaluation) },
      {
        heading: 'Performance of the expectation',
        blocks: text(
          'Nobody has yet been asked for one, so what it does to absence is not known. How often past schools would have met it by luck and ordinary work (about two in five), and how the chances that were issued came out, is in docs/expectation.md.',
        ),
      },
      { heading: 'Datasets and their purposes', blocks: datasets(evaluation) },
    ],
  };
}

function modelTable(model: Model): Block {
  const { title, task, inputs, outputs, architecture } = tasks[model];
  return tableOf(
    `Model: ${title}`,
    ['Field', 'What is recorded'],
    [
      ['Version', modelVersion(model)],
      [
        'Code',
        modelFiles(model)
          .map((path) => `src/${path}`)
          .join(', '),
      ],
      ['Task', task],
      ['Inputs', inputs],
      ['Outputs', outputs],
      ['Architecture', architecture],
    ],
  );
}

function datasets({ errors }: BacktestSummary): Block[] {
  const years = [...new Set(errors.map((row) => row.time_period))].toSorted().map(yearLabel);
  return [
    tableOf(
      'Published files that can be loaded',
      ['Source', 'Publisher', 'What it holds', 'Licence'],
      sources.map((source) => [
        words.sentence(source.title),
        source.publisher,
        source.about,
        source.licence,
      ]),
    ),
    tableOf(
      'Data',
      ['Field', 'What is recorded'],
      [
        ['Modality', 'Tables of figures.'],
        [
          'Quantities',
          `For the evaluation, school absence of ${words.list(years)} each forecast from the published years before it.`,
        ],
        [
          'Sensitive attributes',
          'None of a person. Shares of pupils by free school meals, special needs and first language of a school are used to compare schools, and to judge groups.',
        ],
        [
          'Completeness and representativeness',
          'Every state-funded school that is published. Schools with fewer than six enrolments are left out of the statistics. For judging, only schools with three years before the one forecast.',
        ],
        ['Collection', 'By the department, from schools’ registers and the school census.'],
        [
          'Cleaning',
          'A file with a fault is refused whole. What is read past is counted by name; see the data sources page.',
        ],
        ['Sharing', 'The files are open data. What was issued is shown to the roles of section 3.'],
        [
          'Access and storage',
          'In the warehouse of who runs the system; see the page on data flows.',
        ],
      ],
    ),
  ];
}

/** Said in docs/expectation.md, measured there. */
export const lowChancesText =
  'a school told less than 30%, which is asked for most, meets it more often than told';

function riskSection(evaluation: BacktestSummary): Section {
  return {
    heading: 'Section 5: Risks, mitigations and impact assessments',
    blocks: [],
    parts: [
      {
        heading: 'Impact assessments',
        blocks: [
          tableOf(
            'Assessments',
            ['Assessment', 'How it stands'],
            [
              [
                'Data protection impact assessment',
                'The page of that name: the supplier’s part, to be completed by whoever runs it.',
              ],
              [
                'Equality impact assessment',
                'To be filled in by whoever runs it. Performance by groups of schools is in section 4.',
              ],
              ['Others', 'None.'],
            ],
          ),
        ],
      },
      {
        heading: 'Known limits',
        blocks: [
          list([
            `Groups: the forecast is out on average for ${groupsOutside(evaluation)} groups of schools (section 4 names each). Most of all persistent absence is forecast too high for schools with fewest free school meals, and too low for those with most.`,
            `Low chances: ${lowChancesText}, by about ten points.`,
            '2023/24: forecasts rest on 2012/13 to 2017/18 and a sample of 2022/23. No outcomes by school have been there to check them.',
            'No year is a clean test: 2015/16 to 2017/18 were in sight while the method was chosen.',
            'The change that all schools share is not foretold: one year’s chances are right or wrong together.',
            'Intake is from one census, and the area of a school stands for that of its pupils.',
          ]),
        ],
      },
      {
        heading: 'Risks and mitigations',
        blocks: [
          tableOf(
            'Risks',
            ['Risk', 'Mitigation'],
            [
              [
                'It is used to judge or rank schools',
                'Shown to no inspector, parent or other school, by the table that decides every request; nothing sorts schools by it.',
              ],
              [
                'It is taken for certain',
                'Intervals and the chance to meet it by luck stand beside it.',
              ],
              [
                'It is unfair to a group',
                'Every group that is out is named; what is asked has an upper limit.',
              ],
              [
                'A shock is taken for the usual',
                'The school sets the suggestion aside and says in which year it was.',
              ],
              [
                'People stop thinking',
                'Everything suggested shows what it rests on; nothing acts by itself.',
              ],
            ],
          ),
        ],
      },
    ],
  };
}
