import { roundHalfUp } from '../../base/rate.ts';
import { type Table, words } from '../../ui/index.ts';
import type { Comparison, Difference, TriedRule } from './compare.ts';
import type { Rule, Way } from './rules.ts';
import type { Summary } from './summary.ts';

/** How a comparison came out. */
export type Outcome = 'agrees' | 'explained' | 'differs';

export function outcomeOf({ differences, remaining }: Comparison): Outcome {
  if (differences.length === 0) return 'agrees';
  return remaining.length === 0 ? 'explained' : 'differs';
}

/** A comparison in words and tables: the same on the page and at the command line. */
export type Told = {
  outcome: Outcome;
  headline: string;
  sentences: string[];
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

export function toldOf(comparison: Comparison, summary: Summary): Told {
  const outcome = outcomeOf(comparison);
  const { compared, differences, remaining, explanations, nearest, tried } = comparison;
  const told = (way: Way) => way.map((rule) => toldRule(rule, tried));
  return {
    outcome,
    headline: headlineOf(outcome, comparison),
    sentences: sentencesOf(outcome, comparison),
    explanations: explanations.map(told),
    nearest: outcome === 'differs' ? told(nearest) : [],
    differences: differencesTable('Figures that differ', differences),
    remaining: differencesTable('What nothing explains', remaining),
    tried: triedTable(comparison),
    sums: sumsTable(comparison),
    readAs: [
      `${formWords[summary.form]}: ${words.plural(summary.rows.length, 'row')}, ${words.plural(compared, 'figure')} compared, sessions from ${words.date(comparison.from)} to ${words.date(comparison.to)}.`,
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

function headlineOf(outcome: Outcome, { differences, compared, remaining }: Comparison): string {
  const differ = `${words.number(differences.length)} of ${words.plural(compared, 'figure')} ${differences.length === 1 ? 'differs' : 'differ'}`;
  switch (outcome) {
    case 'agrees':
      return 'Your figures agree with Rollcall’s';
    case 'explained':
      return `${differ}, and we can say why`;
    case 'differs':
      return remaining.length < differences.length
        ? `${differ}, and we can explain some of it`
        : `${differ}, and nothing that we know of explains it`;
  }
}

function sentencesOf(outcome: Outcome, comparison: Comparison): string[] {
  const { explanations, remaining, nearest, form } = comparison;
  switch (outcome) {
    case 'agrees':
      return [
        'Every figure that you gave is what Rollcall counts: numbers of sessions to the session, percentages to the decimals given.',
      ];
    case 'explained':
      return explanations.length === 1
        ? ['Counting so gives every one of your figures:']
        : [
            `${words.sentence(countWord(explanations.length))} ways of counting each give every one of your figures. The figures cannot tell which it is.`,
            ...(form === 'sessions' ? [] : ['A summary with a row for each session could.']),
          ];
    case 'differs':
      return [
        ...stopsWords(comparison),
        `No set of rules in which systems are known to differ gives all of your figures. ${nearest.length > 0 ? 'Below is the nearest, and the' : 'Below are the'} ${words.plural(remaining.length, 'figure')} that ${remaining.length === 1 ? 'remains' : 'remain'}. ${nextStep[form]}`,
      ];
  }
}

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
      theirs === null ? 'not in the file' : plainNumber(theirs),
      ours === null ? 'none' : plainNumber(ours),
      plainNumber((theirs ?? 0) - (ours ?? 0), true),
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

function triedTable({ tried, differences }: Comparison): Table {
  return {
    caption: 'Each rule by itself: what it would change in Rollcall’s count',
    columns: [
      { name: 'rule', heading: 'If your system…', kind: 'text' },
      { name: 'possible', heading: 'Possible sessions', kind: 'text' },
      { name: 'absent', heading: 'Absent sessions', kind: 'text' },
      { name: 'persistent', heading: 'Persistently absent pupils', kind: 'text' },
      { name: 'settles', heading: 'Brings in line', kind: 'text' },
    ],
    rows: tried.map(({ rule, possible, absent, persistent, settles }) => [
      rule.says,
      ...[possible, absent, persistent].map((each) =>
        each === 0 ? 'no change' : plainNumber(each, true),
      ),
      differences.length === 0 ? '' : `${settles} of ${differences.length}`,
    ]),
  };
}

function sumsTable({ ours, theirs }: Comparison): Table {
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
    caption: 'The sums',
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
