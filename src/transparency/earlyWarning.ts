import { listedFrom, usualCapacityShare } from '../earlyWarning/index.ts';
import { words } from '../ui/index.ts';
import { ownerSection, tierOneSection } from './algorithm.ts';
import { type Document, list, type Section, tableOf, text, metadata } from './document.ts';
import { type Measured, measuredIn, measuredList, measuredTable } from './measured.ts';
import { readOrganisation } from './organisation.ts';
import { changedBy, shownTo } from './shownTo.ts';

const data = 'worklist';
const percent = (share: number) => words.percent(100 * share, 0);

/** The record of the probabilities that order a school’s worklist. */
export function earlyWarningDocument(): Document {
  const organisation = readOrganisation();
  const measured = measuredIn('early-warning');
  return {
    name: 'algorithmic-transparency-early-warning',
    title: 'Algorithmic transparency record: early warning',
    about:
      'What puts a school’s worklist in order: which facts of a child’s attendance go in and what never does, how well that does and for whom less well, and what people decide. Figures are those that the evaluation wrote into docs/early-warning.md.',
    sections: [
      tierOneSection(organisation, {
        name: 'Rollcall: early warning',
        description:
          'Each week, from a child’s own attendance, the probability of being persistently absent at the end of the year and that of missing three half days or more in the next four weeks. They put the worklist of the child’s school in order. Nothing is decided or sent by them.',
      }),
      ownerSection(organisation),
      description(),
      deployment(),
      specification(measured),
      risks(measured),
      metadata('./rollcall early-warning evaluate --markdown docs/early-warning.md'),
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
            'The share of the sessions to come that a child will miss is foreseen from its attendance so far.',
            'Arithmetic says how many more must be missed for the year to end with a tenth missed. What is certain by it is not estimated.',
            'Otherwise a probability is told from how far the two stand apart; and another for the next four weeks.',
            'Why a child is listed stands beside it in words, with its last weeks as a strip and what arithmetic alone says.',
          ]),
        ],
      },
      {
        heading: '2.2 Scope',
        blocks: [
          list([
            'For: which children somebody at the school speaks to first.',
            'Not for: penalties, referrals, exclusions, judging a school or a member of staff; nor for telling what would help.',
            'Not given to inspectors, other schools, authorities or services.',
          ]),
        ],
      },
      {
        heading: '2.3 Benefit',
        blocks: text(
          'A child is seen some weeks before the year is lost, where the school’s time goes furthest. Whether that lowers absence has not been evaluated.',
        ),
      },
      {
        heading: '2.4 Previous process',
        blocks: text(
          'A list of those below 90% so far, which early in the year names children who were ill for a week and late in it those for whom little can change.',
        ),
      },
      {
        heading: '2.5 Alternatives considered',
        blocks: text(
          'Being persistently absent now, the rate of the year to date, last year’s rate and both years’ rates in one line are judged beside it below; the last comes near, and where a school wants a rule that it can work out by hand, that is the one. Who a child is was left out on purpose, at the price that the limits name.',
        ),
      },
    ],
  };
}

function deployment(): Section {
  const may = changedBy(data);
  return {
    heading: 'Section 3: Deployment context and decisions',
    blocks: [],
    parts: [
      {
        heading: 'Integration into the process',
        blocks: text(
          `Listed is each child with a probability of persistent absence of ${percent(listedFrom)} or more, and the highest besides up to how many the school says that it can see to (${percent(usualCapacityShare)} of its roll, until it says). First stands who missed a tenth or more and of whom nobody has written anything this year. No letter, message, referral or penalty follows.`,
        ),
      },
      {
        heading: 'Provided information',
        blocks: [
          ...text(
            'The list, with reasons, stands on a page of the school. It, or what was written on it of a child, is given to:',
          ),
          list(shownTo(data).map(words.sentence)),
        ],
      },
      {
        heading: 'Human decisions and review',
        blocks: text(
          `A named person reads why, and decides whether to do anything. Who may write a note, take a child on or let it go: ${words.list(may)}. A note says what the person saw; the order is made anew from attendance and never from notes.`,
        ),
      },
      {
        heading: 'How to object',
        blocks: [
          list([
            'A parent, or a pupil, asks the school for what is held: probabilities are not kept, notes on the worklist are, and are given with the rest of the record.',
            'A wrong mark is put right by the school, and the next list rests on what then stands. A correction is asked for on the child’s own page.',
            'Who objects to being listed tells the school. A record whose use is restricted is kept and not looked at, and is left out of the list.',
            'Who runs it names whom else to write to; the Information Commissioner takes complaints.',
          ]),
        ],
      },
      {
        heading: 'Required training',
        blocks: text(
          'None is required by the program. Who runs it says what staff are told before they use it: to be filled in by whoever runs it.',
        ),
      },
    ],
  };
}

function specification(measured: Measured): Section {
  const means = 'The mean of all weeks';
  const groups = 'By group of pupils';
  const isFurthest = ([pupils = '']: readonly string[]) => pupils.endsWith('furthest apart');
  const columns = ['pupils', 'came', 'AUC', 'slope', 'of those who came, listed'];
  const [year, month] = [/^Persistently absent at the end/, /^Three half days or more/];
  return {
    heading: 'Section 4: Tool specification',
    blocks: [],
    parts: [
      {
        heading: 'What goes in',
        blocks: [
          ...text(
            'Attendance of one child, up to the end of one day; nothing dated or entered later, which a test plants and looks for:',
          ),
          measuredList(measured, 'What goes in'),
        ],
      },
      {
        heading: 'What never goes in',
        blocks: text(
          'Free school meals, special educational needs, first language, sex, ethnicity, year group, address, family, notes, other services, and the attendance of other children. The tables by group below are the one use that is made of any of these.',
        ),
      },
      {
        heading: 'Model',
        blocks: text(
          'Three logistic regressions with a small ridge, one after another; worked out where the marks lie, by the same statement for fitting and for scoring. No neural network, no language model. Coefficients: src/earlyWarning/shipped.json, or an installation’s own fit on a whole year of its registers, which is used only where it does no worse on children left out of it. Every list says which of the two it rests on.',
        ),
      },
      {
        heading: 'How it was judged',
        blocks: [
          ...text(
            'On made-up pupils: fitted on some made-up Englands and judged on others, with other seeds and other things built into them. No figure here says how well it goes in a real school.',
            ...measured.verdicts,
          ),
          measuredTable(measured, {
            ...{ section: means, under: year },
            caption: 'Persistently absent at the end of the year: the mean of all weeks',
          }),
          measuredTable(measured, {
            ...{ section: means, under: month },
            caption: 'Three half days or more missed in the next four weeks: the mean of all weeks',
          }),
          measuredTable(measured, {
            ...{
              section: 'How early, and how often in vain',
              under: /^Of the children who became/,
            },
            caption: 'How early the children were listed, and how often in vain',
          }),
          measuredTable(measured, {
            ...{ section: 'All weeks together', under: year },
            columns: ['made-up England', 'rule', 'came', 'AUC', 'slope', 'intercept', 'Brier'],
            caption: 'Persistently absent at the end of the year: all weeks together',
          }),
        ],
      },
      {
        heading: 'For whom less well',
        blocks: [
          ...text(
            'How far the groups of each division are apart at most, in one made-up England; each group by itself stands in docs/early-warning.md.',
          ),
          measuredTable(
            measured,
            {
              ...{ section: groups, under: year, columns },
              caption: 'By group: persistently absent at the end of the year',
            },
            isFurthest,
          ),
          measuredTable(
            measured,
            {
              ...{ section: groups, under: month, columns },
              caption: 'By group: three half days or more missed in the next four weeks',
            },
            isFurthest,
          ),
        ],
      },
    ],
  };
}

function risks(measured: Measured): Section {
  return {
    heading: 'Section 5: Risks, mitigations and impact assessments',
    blocks: [],
    parts: [
      { heading: 'Known limits', blocks: [measuredList(measured, 'What it cannot do')] },
      {
        heading: 'Risks and mitigations',
        blocks: [
          tableOf(
            'Risks',
            ['Risk', 'Mitigation'],
            [
              [
                'A child is taken for what the list says of it',
                'Why stands in words of its own attendance; a person decides; the list is made anew each day.',
              ],
              [
                'A child that is not listed is left alone',
                'Of whom much was missed and nothing written stands first, whatever the probability; limits are named here.',
              ],
              [
                'It is unfair to a group',
                'Who a child is does not go in; how far groups are apart is measured and published.',
              ],
              [
                'It is taken for certain, or for real',
                'Every page says that the shipped probabilities rest on made-up pupils.',
              ],
              [
                'It is used against a family or a school',
                'By the table that decides every request no inspector, authority or service is given it.',
              ],
            ],
          ),
          ...text(
            'The data protection impact assessment, the page of that name, has more of each.',
          ),
        ],
      },
    ],
  };
}
