import { patternKindNames } from '../patterns/index.ts';
import { words } from '../ui/index.ts';
import { ownerSection, tierOneSection } from './algorithm.ts';
import { type Document, list, type Section, tableOf, text, metadata } from './document.ts';
import { type Measured, measuredIn, measuredTable } from './measured.ts';
import { readOrganisation } from './organisation.ts';
import { changedBy, shownTo } from './shownTo.ts';

const data = 'attendance pattern';

/** The record of what looks at registers every day for what is unusual. */
export function patternsDocument(): Document {
  const organisation = readOrganisation();
  const measured = measuredIn('patterns');
  return {
    name: 'algorithmic-transparency-patterns',
    title: 'Algorithmic transparency record: patterns',
    about:
      'What looks at the registers of schools every day for what is unusual: what goes in and what never does, how often it is wrong, what it does not find, and what people decide. Figures are those that the evaluation wrote into docs/patterns.md.',
    sections: [
      tierOneSection(organisation, {
        name: 'Rollcall: patterns',
        description:
          'Says of each school and area, every day, what in its attendance is not as was to be expected, in a sentence with the numbers. It tells of days, groups of pupils and codes, and names no child. Nothing is decided by it.',
      }),
      ownerSection(organisation),
      description(),
      deployment(),
      specification(measured),
      risks(),
      metadata('npm run bench -- --patterns, in docs/patterns.md'),
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
            'What was to be expected of each school on each day: its own level, its weekdays, and what that day brought to all schools of the same kind.',
            'What came is set against it, by how much the school usually misses: some have an odd day every month, most none in a year.',
            'Thousands of schools are looked at, so limits are set by how many false alarms a school may have in a year; groups of pupils are compared with the number of comparisons paid for (Holm’s method), in an area each with the other pupils of the same schools, because schools differ by more than their pupils do.',
            'What is bad for everybody is told once, of all. What goes on is told once.',
          ]),
          ...text('It tells of:'),
          list(Object.values(patternKindNames)),
        ],
      },
      {
        heading: '2.2 Scope',
        blocks: [
          list([
            'For: a school, its trust and its authority, who ask what happened while something can be done.',
            'Not for: judging a school or its staff, inspection, or any decision on a child.',
            'Not a cause: a pattern says where to look.',
          ]),
        ],
      },
      {
        heading: '2.3 Benefit',
        blocks: text(
          'A school asks what happened while it can still do something, and a slow fall is seen before a term is lost. Whether that lowers absence has not been evaluated.',
        ),
      },
      {
        heading: '2.4 Previous process',
        blocks: text('Looking at last week’s percentage beside the week before, school by school.'),
      },
      {
        heading: '2.5 Alternatives considered',
        blocks: text(
          'What public health commonly uses (EARS C2, a CUSUM, a Farrington-type method) is judged beside it below, with as many false alarms.',
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
          'A school’s morning page and an authority’s week. A weekly e-mail names what was found, beside rounded rates of all pupils. No letter, message to a family, notice or referral follows.',
        ),
      },
      {
        heading: 'Provided information',
        blocks: [
          ...text('Outside the school’s own circle only what is of all its pupils. Seen by:'),
          list(shownTo(data).map(words.sentence)),
        ],
      },
      {
        heading: 'Human decisions and review',
        blocks: text(
          `A person says of an alert whether it was useful, or puts it off: ${words.list(may)}. Beside each alert stands how often its kind was useful to those who answered. An answer changes no limit by itself.`,
        ),
      },
      {
        heading: 'How to object',
        blocks: text(
          'Whoever thinks an alert wrong says “not useful”, which counts in how often such alerts are said to be useful. Wrong marks are amended by the school; what is looked at next rests on them. An alert names no child; a family that objects to how its child’s marks are used tells the school.',
        ),
      },
    ],
  };
}

function specification(measured: Measured): Section {
  return {
    heading: 'Section 4: Tool specification',
    blocks: [],
    parts: [
      {
        heading: 'What goes in',
        blocks: [
          list([
            'Counts of sessions of a school and day: possible, missed, and by the family of reasons for which they were.',
            'The same of its groups: year group, sex, free school meals, special educational needs, ethnicity and first language.',
            'Days on which schools are open, and when a register came or was amended.',
            'How many pupils left the roll, or have a part-time timetable, and how much they had missed: as counts.',
            'Nothing of a later day, nor what was entered later: a test cuts series off and asks for the same findings.',
          ]),
        ],
      },
      {
        heading: 'What never goes in',
        blocks: text(
          'Names, addresses, notes, expectations, who took a register, published results or inspections of the school. Of a group with fewer than ten pupils, or with fewer beside it, nothing is said.',
        ),
      },
      {
        heading: 'Model',
        blocks: [
          ...text(
            'Robust regression of a day’s changes over all schools, means of the last weeks beside those before, each by the spread that the series itself shows; a space-time scan of neighbouring schools. No neural network, no language model. What each kind rests on:',
          ),
          measuredTable(measured, {
            ...{ section: 'What is told', under: /./ },
            caption: 'Kinds that any daily series shows',
          }),
        ],
      },
      {
        heading: 'How it was judged',
        blocks: [
          ...text(
            'Faults by seed were put into the daily attendance of New York’s schools, which is published. Each cell is the share found, in percent, within 1, 3, 30 and 60 school days; sizes are in units of a school’s own day-to-day spread; every method has as many false alarms on untouched days.',
          ),
          measuredTable(measured, {
            ...{ section: 'How well', under: /^At one false alarm a school year/ },
            caption: 'Share of faults found, at one false alarm a school and year',
          }),
        ],
      },
    ],
  };
}

function risks(): Section {
  return {
    heading: 'Section 5: Risks, mitigations and impact assessments',
    blocks: [],
    parts: [
      {
        heading: 'Known limits',
        blocks: [
          list([
            'It was judged on one other country’s schools and on made-up ones, and on no registers of England. What a real school finds useful is not known before schools answer.',
            'What counts as a false alarm on untouched days is often something real that nobody wrote down.',
            'Slow drifts are found late, and small ones often not: the table says how many.',
            'What only registers show (late edits, off-rolling, part-time timetables) was judged on made-up schools alone.',
            'Groups overlap: that one parts from the rest does not say why.',
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
                'Alerts cry wolf, and nobody reads them',
                'False alarms a school and year are a setting, and measured; nothing is told twice; how often a kind was useful stands beside it.',
              ],
              [
                'A small group is a few children who can be known',
                'Fewer than ten are not compared; groups are for the school’s own circle; what leaves by e-mail has no figures.',
              ],
              [
                'A school is suspected of hiding absence',
                'Kinds that could be read so say what was counted, have innocent reasons named by whoever answers, and are for the school, its trust and its authority.',
              ],
              [
                'A group of pupils is blamed',
                'The page says that a difference says where to look and not why; nothing is told of a child.',
              ],
            ],
          ),
        ],
      },
    ],
  };
}
