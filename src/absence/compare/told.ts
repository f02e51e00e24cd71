import { yearLabel } from '../../base/academicYear.ts';
import { roundHalfUp } from '../../base/rate.ts';
import { type Table, words } from '../../ui/index.ts';
import { countingYearOf } from '../windows.ts';
import type { Comparison, Difference, TriedRule } from './compare.ts';
import type { Rule, Way } from './rules.ts';
import type { Summary, SummaryForm } from './summary.ts';

/** How a comparison came out. */
export type Outcome = 'agrees' | 'explained' | 'differs';

/**
 * A summary that is not whole never agrees: of what is not in it nobody knows. What several ways of counting would give, or
 * too few figures, is not explained.
 */
export function outcomeOf({
  differences,
  remaining,
  notInFile,
  isOneWay,
}: Pick<Comparison, 'differences' | 'remaining' | 'notInFile' | 'isOneWay'>): Outcome {
  if (differences.length === 0 && notInFile.rows === 0) return 'agrees';
  return remaining.length === 0 && notInFile.left === 0 && isOneWay ? 'explained' : 'differs';
}

/** A comparison in words and tables: the same on the page and at the command line. */
export type Told = {
  outcome: Outcome;
  headline: string;
  /** Which days of which year were compared. */
  period: string;
  sentences: string[];
  /** The ways of counting below would give the figures, and the figures do not show that one of them is the system’s. */
  couldBe: boolean;
  /** Each a set of rules that explains all; of several, the figures cannot tell which. */
  explanations: ToldRule[][];
  nearest: ToldRule[];
  differences: Table;
  remaining: Table;
  tried: Table;
  sums: Table;
  readAs: string[];
};

export type ToldRule = { says: string; official: string; about: string };

const mostRows = 60;

export function toldOf(comparison: Comparison & { isOfYear?: boolean }, summary: Summary): Told {
  const outcome = outcomeOf(comparison);
  const { compared, differences, remaining, explanations, nearest, tried } = comparison;
  const told = (way: Way) => way.map((rule) => toldRule(rule, tried));
  return {
    outcome,
    headline: headlineOf(outcome, comparison),
    period: `Compared with the registers of ${yearLabel(countingYearOf(comparison.from))}: sessions from ${words.date(comparison.from)} to ${words.date(comparison.to)}.`,
    couldBe: explanations.length > 0 && !comparison.isOneWay,
    sentences: [
      ...setAsideWords(comparison),
      ...notInFileWords(comparison, summary),
      ...sentencesOf(outcome, comparison),
    ],
    explanations: explanations.map(told),
    nearest: outcome === 'differs' && explanations.length === 0 ? told(nearest) : [],
    differences: differencesTable('Figures that differ', differences),
    remaining: differencesTable('What nothing explains', remaining),
    tried: triedTable(comparison),
    sums: sumsTable(comparison),
    readAs: [
      `${formWords[summary.form]}: ${words.plural(summary.rows.length - comparison.setAside, 'row')}, ${words.plural(compared, 'figure')} compared, sessions from ${words.date(comparison.from)} to ${words.date(comparison.to)}.`,
      `Understood: ${words.list(summary.understood)}.`,
      ...(summary.notUnderstood.length > 0
        ? [
            `Not understood and left out: ${summary.notUnderstood.length === 1 ? 'column' : 'columns'} ${words.list(summary.notUnderstood.map(String))}.`,
          ]
        : []),
      ...[...summary.notUsed].map(
        ([reason, count]) => `Not used, ${reason}: ${words.plural(count, 'row')}.`,
      ),
      ...summary.problems.slice(0, 10).map(({ message }) => message),
    ],
  };
}

const formWords = {
  totals: 'Totals of a period',
  sessions: 'A row for each session',
  codes: 'A row for each code',
  pupils: 'A row for each pupil',
} as const;

function headlineOf(outcome: Outcome, comparison: Comparison): string {
  const { differences, compared, remaining, notInFile, explanations, isOneWay } = comparison;
  if (outcome !== 'agrees' && differences.length === 0) {
    return notInFile.left === 0 && isOneWay
      ? 'The figures in your summary agree with Rollcall’s, and we can say why it is not whole'
      : 'The figures in your summary agree with Rollcall’s, but it is not whole';
  }
  const differ = differWords(differences.length, compared);
  switch (outcome) {
    case 'agrees':
      return 'Your figures agree with Rollcall’s';
    case 'explained':
      return `${differ}, and we can say why`;
    case 'differs':
      if (explanations.length > 1)
        return `${differ}, and any of ${countWord(explanations.length)} ways of counting would give ${compared === 1 ? 'it' : 'your figures'}`;
      if (explanations.length === 1 && !isOneWay)
        return `${differ}, and it could be a way of counting, but ${compared === 1 ? 'one figure is' : 'your figures are'} not enough to show it`;
      if (remaining.length === 0)
        return `${differ}, and we can say why; but the summary is not whole`;
      return remaining.length < differences.length
        ? `${differ}, and we can explain some of it`
        : `${differ}, and nothing that we know of explains it`;
  }
}

/** “2 of 7 figures differ”, “The one figure differs”. */
export function differWords(differing: number, compared: number, where = ''): string {
  const of =
    compared === 1
      ? 'The one figure'
      : `${words.number(differing)} of ${words.plural(compared, 'figure')}`;
  return `${of}${where} ${differing === 1 ? 'differs' : 'differ'}`;
}

/** What the rows of each form are of. */
const units: Record<SummaryForm, { one: string; many: string }> = {
  totals: { one: 'row', many: 'rows' },
  sessions: { one: 'session', many: 'sessions' },
  codes: { one: 'code', many: 'codes' },
  pupils: { one: 'pupil', many: 'pupils' },
};

function setAsideWords({ setAside, from, to }: Comparison): string[] {
  if (setAside === 0) return [];
  const has =
    setAside === 1
      ? '1 row of the summary is of a session'
      : `${words.number(setAside)} rows of the summary are of sessions`;
  return [`${has} before ${words.date(from)} or after ${words.date(to)}: not compared.`];
}

function notInFileWords({ notInFile, form, from, to }: Comparison, summary: Summary): string[] {
  const { rows, of, left, where } = notInFile;
  if (rows === 0) return [];
  const others = rows === 1 ? 'the other was' : 'the others were';
  const named = where.length > 0 ? ` (${words.list(where.map(missingWords))})` : '';
  const has = `The summary has ${of === rows ? 'none' : words.number(of - rows)} of the ${words.plural(of, units[form].one, units[form].many)} of this period; ${others} not compared${named}.`;
  if (left === 0) return [`${has} The way of counting below would leave out what is not there.`];
  const isWider = (summary.from ?? from) > from || (summary.to ?? to) < to;
  return form === 'sessions' && isWider && summary.from && summary.to
    ? [
        `${has} Its rows are of ${summary.from === summary.to ? '' : `${words.date(summary.from)} to `}${words.date(summary.to)}: compare it again with ${summary.from === summary.to ? 'that' : 'these'} as its first and last day, or send one of the whole period.`,
      ]
    : [has];
}

function missingWords(where: string): string {
  const [, date, half] = /^(\d{4}-\d\d-\d\d) (AM|PM)$/.exec(where) ?? [];
  return date
    ? `${words.date(date)} ${half === 'AM' ? 'morning' : 'afternoon'}`
    : where.replace(/^code /, '');
}

function sentencesOf(outcome: Outcome, comparison: Comparison & { isOfYear?: boolean }): string[] {
  const { explanations, remaining, nearest, form, differences } = comparison;
  switch (outcome) {
    case 'agrees':
      return [
        'Every figure that you gave is what Rollcall counts: numbers of sessions to the session, percentages to the decimals given.',
        ...notEnoughWords(comparison),
      ];
    case 'explained':
      return explainedWords(comparison);
    case 'differs':
      if (explanations.length > 0) return explainedWords(comparison);
      if (differences.length === 0) return [notWholeStep[form]].filter((step) => step !== '');
      return [
        ...stopsWords(comparison),
        `No set of rules in which systems are known to differ gives all of your figures. ${remainWords(remaining.length, nearest.length > 0)} ${nextStep[form]}`,
      ];
  }
}

function explainedWords({ explanations, form, isOneWay, isOfFew }: Comparison): string[] {
  if (isOneWay) return ['Counting so gives every one of your figures:'];
  const ways = explanations.length;
  const isOfRows = form === 'sessions' || form === 'pupils';
  const why = isOfFew
    ? 'it is about so few sessions or pupils that marks amended in one of the systems would look the same'
    : 'some way would give too many differences like yours by chance';
  return [
    ways === 1
      ? `One way of counting would give what you gave, but ${why}: it is no explanation, and cannot be accepted.`
      : `${words.sentence(countWord(ways))} ways of counting each give every one of your figures. The figures cannot tell which it is, so none of them can be accepted.`,
    isOfRows
      ? nextStep[form]
      : 'Send a summary with a row for each session or each pupil: it shows where the figures differ. One with more figures tells more too: possible and absent sessions as numbers, authorised, unauthorised, persistently absent pupils.',
  ];
}

/** What an agreeing summary does not show. */
function notEnoughWords({
  tellsCounts,
  isOfYear = true,
}: Pick<Comparison, 'tellsCounts'> & { isOfYear?: boolean }): string[] {
  return [
    ...(tellsCounts
      ? []
      : [
          'The year does not agree by this alone: for that a summary gives the possible sessions, and the absent or attended ones, as numbers.',
        ]),
    ...(isOfYear
      ? []
      : ['This is a part of the year: the year agrees when a summary of all its days here does.']),
  ];
}

function remainWords(remaining: number, hasNearest: boolean): string {
  const figures =
    remaining === 1 ? 'figure that remains' : `${words.plural(remaining, 'figure')} that remain`;
  if (hasNearest) return `Below is the nearest, and the ${figures}.`;
  return `Below ${remaining === 1 ? 'is' : 'are'} the ${figures}.`;
}

/** What to do where all that was given agrees and some was not. */
const notWholeStep: Record<SummaryForm, string> = {
  totals: '',
  sessions: 'The registers agree when a summary of every session does.',
  codes: 'Send a summary with every code, those for present among them.',
  pupils: 'Look at who is on the roll in one system and not in the other.',
};

function stopsWords({ stopsOn, to }: Comparison): string[] {
  return stopsOn === null
    ? []
    : [
        `All sessions up to ${words.date(stopsOn)} together give your counts: your summary may have been printed then. Compare it again with that as its last day, and not ${words.date(to)}.`,
      ];
}

const countWord = (count: number) => ['no', 'one', 'two', 'three', 'four'][count] ?? String(count);

const nextStep = {
  totals:
    'Send a summary with a row for each session: it shows on which days the registers themselves differ.',
  sessions:
    'Look at the registers of those sessions in both systems: a mark may be missing or have been amended in one of them.',
  codes:
    'Send a summary with a row for each session: it shows on which days the registers themselves differ.',
  pupils:
    'Look at those pupils’ registers in both systems: a mark, an entry date or a leaving date may differ.',
} as const;

function toldRule(rule: Rule, tried: readonly TriedRule[]): ToldRule {
  const of = tried.find((each) => each.rule === rule);
  return { says: rule.says, official: rule.official, about: of ? aboutOf(of) : '' };
}

function aboutOf({ touches: { sessions, enrolments, first, last } }: TriedRule): string {
  if (sessions === 0 || first === null || last === null) return '';
  const when =
    first === last ? `on ${words.date(first)}` : `from ${words.date(first)} to ${words.date(last)}`;
  return `Here it is about ${words.plural(sessions, 'session')} of ${words.plural(enrolments, 'pupil')}, ${when}.`;
}

function differencesTable(caption: string, differences: readonly Difference[]): Table {
  const shown = differences.slice(0, mostRows);
  const isWhole = shown.every(({ where }) => where === '');
  const more = differences.length - shown.length;
  return {
    caption:
      more > 0
        ? `${caption}: the first ${mostRows} of ${words.number(differences.length)}`
        : caption,
    columns: [
      { name: 'where', heading: isWhole ? 'Of' : 'Where', kind: 'text' },
      { name: 'figure', heading: 'Figure', kind: 'text' },
      { name: 'theirs', heading: 'Your summary', kind: 'text' },
      { name: 'ours', heading: 'Rollcall', kind: 'text' },
      { name: 'difference', heading: 'Difference', kind: 'text' },
    ],
    rows: shown.map(({ where, figure, theirs, ours }) => [
      whereWords(where),
      figure,
      plainNumber(theirs),
      ours === null ? 'none' : plainNumber(ours),
      plainNumber(theirs - (ours ?? 0), true),
    ]),
  };
}

function whereWords(where: string): string {
  const [, date, half] = /^(\d{4}-\d\d-\d\d) (AM|PM)$/.exec(where) ?? [];
  if (date) return `${words.date(date)}, ${half === 'AM' ? 'morning' : 'afternoon'}`;
  return where === '' ? 'The whole' : words.sentence(where);
}

/** A count in whole, a percentage to two decimals. */
function plainNumber(value: number, signed = false): string {
  const rounded = roundHalfUp(value, 2);
  const text = words.number(Math.abs(rounded), Number.isInteger(rounded) ? 0 : 2);
  if (rounded < 0) return `−${text}`;
  return signed && rounded > 0 ? `+${text}` : text;
}

function triedTable({ tried, differences, notInFile, form }: Comparison): Table {
  const settled = ({ settles, leavesOut }: TriedRule) =>
    [
      ...(differences.length > 0
        ? [`${settles} of ${words.plural(differences.length, 'figure')}`]
        : []),
      ...(leavesOut > 0
        ? [
            `${leavesOut} of ${words.plural(notInFile.rows, units[form].one, units[form].many)} not in the summary`,
          ]
        : []),
    ].join(', ');
  return {
    caption: 'Each rule by itself: what it would change in Rollcall’s count',
    columns: [
      { name: 'rule', heading: 'If your system…', kind: 'text' },
      { name: 'possible', heading: 'Possible sessions', kind: 'text' },
      { name: 'absent', heading: 'Absent sessions', kind: 'text' },
      { name: 'persistent', heading: 'Persistently absent pupils', kind: 'text' },
      { name: 'settles', heading: 'Brings in line', kind: 'text' },
    ],
    rows: tried.map((each) => [
      each.rule.says,
      ...[each.possible, each.absent, each.persistent].map((change) =>
        change === 0 ? 'no change' : plainNumber(change, true),
      ),
      settled(each),
    ]),
  };
}

function sumsTable({ ours, theirs, notInFile }: Comparison): Table {
  const rows = [
    ['Possible sessions', 'possible'],
    ['Attended sessions', 'attended'],
    ['Absent sessions', 'absent'],
    ['Authorised absence', 'authorised'],
    ['Unauthorised absence', 'unauthorised'],
    ['Enrolments', 'enrolments'],
    ['Persistently absent', 'persistent'],
    ['Severely absent', 'severe'],
  ] as const;
  const anyGiven = rows.some(([, field]) => theirs[field] !== undefined);
  return {
    caption:
      notInFile.rows === 0
        ? 'The sums'
        : 'The sums: of the rows in your summary, and of the whole period in Rollcall',
    columns: [
      { name: 'figure', heading: 'Figure', kind: 'text' },
      { name: 'theirs', heading: 'Your summary', kind: 'text' },
      { name: 'ours', heading: 'Rollcall', kind: 'text' },
    ],
    rows: (anyGiven ? rows.filter(([, field]) => theirs[field] !== undefined) : rows).map(
      ([heading, field]) => {
        const given = theirs[field];
        return [
          heading,
          given === undefined ? 'not given' : plainNumber(given),
          plainNumber(ours[field]),
        ];
      },
    ),
  };
}
