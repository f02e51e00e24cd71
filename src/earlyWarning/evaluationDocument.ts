import { percentText } from '../base/rate.ts';
import { mean } from '../stats/quantiles.ts';
import { words } from '../ui/index.ts';
import { tableText } from './markdownTable.ts';
import { type EvaluationRow, methods, topics } from './evaluate.ts';

/*
 * The evaluation as the tables of docs/early-warning.md. Everything in them is worked out from its rows.
 */

const figure = (value: unknown, decimals = 3) =>
  typeof value === 'number' && Number.isFinite(value) ? value.toFixed(decimals) : '–';
const percent = (value: unknown) =>
  typeof value === 'number' && Number.isFinite(value) ? percentText(value) : '–';

const targetWords = {
  persistent: 'persistently absent at the end of the year',
  next_4_weeks: 'three half days or more missed in the next four weeks',
} as const;
type Target = keyof typeof targetWords;
const targetNames = Object.keys(targetWords) as Target[];

const headingOf = (target: Target) => `${words.sentence(targetWords[target])}:`;

const methodWords: Record<string, string> = {
  ...methods,
  true_propensity: 'the arithmetic with the true tendency',
};

/** A document with its tables, which stand between the marks, made anew. */
export function withTables(document: string, rows: readonly EvaluationRow[]): string {
  const [start, end] = ['<!-- tables -->', '<!-- end -->'];
  const [before, rest] = [document.indexOf(start), document.indexOf(end)];
  if (before < 0 || rest < before) throw new Error(`the document has no ${start} and ${end}`);
  return `${document.slice(0, before + start.length)}\n${evaluationMarkdown(rows)}${document.slice(rest)}`;
}

export function evaluationMarkdown(rows: readonly EvaluationRow[]): string {
  const englands = [...new Set(rows.map((row) => String(row.england)))];
  const first = englands[0] ?? '';
  return [
    `**${verdict(rows)}**`,
    ...['', '### The mean of all weeks', ''],
    'Each week judged by itself, then the mean: what a school sees on a Friday. Simple rules come nearer by it than with all weeks in one heap, where the time of year tells them apart too.',
    '',
    ...targetNames.flatMap((target) => [...meansOf(rows, englands, target), '']),
    ...['### How early, and how often in vain', '', ...listedBy(rows, englands), ''],
    ...['### All weeks together', ''],
    ...targetNames.flatMap((target) => [...ofTarget(rows, englands, target), '']),
    ...['### Week by week', '', `In the made-up England “${first}”.`, ''],
    ...targetNames.flatMap((target) => [...byWeek(rows, first, target), '']),
    ...['### What the children truly tend to', '', ...tendencies(rows, first), ''],
    ...['### By group of pupils', '', `In the made-up England “${first}”, all weeks together.`, ''],
    ...targetNames.flatMap((target) => [...byGroup(rows, first, target), '']),
    '',
  ].join('\n');
}

const isTotal = (row: EvaluationRow) => row.breakdown_topic === 'total';
const rules = Object.keys(methods).filter((each) => each !== 'ours');

/** How often a simple rule did as well, of all weeks and Englands, by what is told of both. */
function verdict(rows: readonly EvaluationRow[]): string {
  const weeks = rows.filter((row) => isTotal(row) && row.on !== '');
  const texts = targetNames.map((target) => {
    const ours = weeks.filter((row) => row.target === target && row.method === 'ours');
    const asGood = ours.filter((row) =>
      weeks.some(
        (other) =>
          other.target === target &&
          rules.includes(String(other.method)) &&
          other.england === row.england &&
          other.on === row.on &&
          (Number(other.auc) >= Number(row.auc) ||
            Number(other.average_precision) >= Number(row.average_precision)),
      ),
    );
    return `in ${asGood.length} of ${ours.length} weeks for “${targetWords[target]}”`;
  });
  return `On made-up pupils: by AUC or average precision a simple rule did as well ${texts.join(', and ')}.`;
}

function ofTarget(
  rows: readonly EvaluationRow[],
  englands: readonly string[],
  target: Target,
): string[] {
  const pooled = rows.filter((row) => isTotal(row) && row.on === '' && row.target === target);
  return [
    headingOf(target),
    '',
    ...tableText(
      [
        ...[
          'made-up England',
          'rule',
          'came',
          'AUC',
          'average precision',
          'found in the highest 5 %',
        ],
        ...['slope', 'intercept', 'Brier', 'weeks ahead', 'listed 4 weeks ahead'],
      ],
      englands.flatMap((england) =>
        pooled
          .filter((row) => row.england === england)
          .map((row) => [
            ...[england, methodWords[String(row.method)] ?? '', percent(row.came_percent)],
            ...[
              figure(row.auc),
              figure(row.average_precision),
              percent(row.recall_highest_5_percent),
            ],
            ...[
              figure(row.calibration_slope, 2),
              figure(row.calibration_intercept, 2),
              figure(row.brier),
            ],
            ...[figure(row.lead_weeks, 0), percent(row.listed_4_weeks_before_percent)],
          ]),
      ),
    ),
  ];
}

function meansOf(
  rows: readonly EvaluationRow[],
  englands: readonly string[],
  target: Target,
): string[] {
  const weeks = rows.filter((row) => isTotal(row) && row.on !== '' && row.target === target);
  return [
    headingOf(target),
    '',
    ...tableText(
      ['made-up England', 'rule', 'weeks', 'AUC', 'average precision', 'found in the highest 5 %'],
      englands.flatMap((england) =>
        Object.keys(methodWords).flatMap((method) => {
          const of = weeks.filter((row) => row.england === england && row.method === method);
          if (of.length === 0) return [];
          const meanOf = (column: keyof EvaluationRow) =>
            mean(of.map((row) => Number(row[column])));
          return [
            [
              ...[england, methodWords[method] ?? '', figure(of.length, 0)],
              ...[figure(meanOf('auc')), figure(meanOf('average_precision'))],
              percent(meanOf('recall_highest_5_percent')),
            ],
          ];
        }),
      ),
    ),
  ];
}

/** The rules that make a list. */
function listedBy(rows: readonly EvaluationRow[], englands: readonly string[]): string[] {
  const listing = rows.filter(
    (row) => isTotal(row) && row.on === '' && row.ever_listed_percent !== undefined,
  );
  return [
    'Of the children who became persistently absent six weeks after the first day judged, or later: the median of the weeks since they were first listed, and who was on the list four weeks before, on the last day judged before, and without a break for four weeks. Beside it, of all children, who was ever listed, and who of those did not become persistently absent. Ours lists from a probability of one in three, “both years’ rates” from a projected tenth.',
    '',
    ...tableText(
      [
        ...['made-up England', 'rule', 'weeks since first listed', 'first listed 4 weeks before'],
        ...[
          'on the list just before',
          '4 weeks without a break',
          'ever listed',
          'of those in vain',
        ],
      ],
      englands.flatMap((england) =>
        listing
          .filter((row) => row.england === england)
          .map((row) => [
            ...[england, methodWords[String(row.method)] ?? '', figure(row.lead_weeks, 0)],
            ...[
              percent(row.listed_4_weeks_before_percent),
              percent(row.listed_just_before_percent),
              percent(row.unbroken_4_weeks_percent),
              percent(row.ever_listed_percent),
              percent(row.ever_listed_in_vain_percent),
            ],
          ]),
      ),
    ),
  ];
}

function byWeek(rows: readonly EvaluationRow[], england: string, target: Target): string[] {
  const weeks = rows.filter(
    (row) => isTotal(row) && row.on !== '' && row.england === england && row.target === target,
  );
  const days = [...new Set(weeks.map((row) => String(row.on)))];
  const of = (day: string, method: string) =>
    weeks.find((row) => row.on === day && row.method === method) ?? {};
  return [
    headingOf(target),
    '',
    ...tableText(
      [
        ...['on', 'came', 'AUC ours', ...rules.map((rule) => `AUC ${methodWords[rule]}`)],
        ...['precision ours', 'precision of the year’s rate', 'slope', 'intercept', 'Brier'],
      ],
      days.map((day) => {
        const ours = of(day, 'ours');
        return [
          ...[day, percent(ours.came_percent), figure(ours.auc)],
          ...rules.map((rule) => figure(of(day, rule).auc)),
          ...[
            figure(ours.average_precision),
            figure(of(day, 'year_to_date_rate').average_precision),
          ],
          ...[
            figure(ours.calibration_slope, 2),
            figure(ours.calibration_intercept, 2),
            figure(ours.brier),
          ],
        ];
      }),
    ),
  ];
}

/** How near each rule comes to the truth that the marks were drawn from. */
function tendencies(rows: readonly EvaluationRow[], england: string): string[] {
  const weeks = rows.filter((row) => row.england === england && row.tendency_slope !== undefined);
  const days = [...new Set(weeks.map((row) => String(row.on)))];
  const told = [...new Set(weeks.map((row) => String(row.method)))];
  const of = (day: string, method: string) =>
    weeks.find((row) => row.on === day && row.method === method) ?? {};
  return [
    `In the made-up England “${england}”: the correlation of what a rule foresees with the share of sessions that the child’s spells of absence truly take, as logarithms, and the slope of the truth on it.`,
    '',
    ...tableText(
      ['on', ...told.flatMap((method) => [`correlation, ${methodWords[method]}`, 'slope'])],
      days.map((day) => [
        day,
        ...told.flatMap((method) => [
          figure(of(day, method).tendency_correlation),
          figure(of(day, method).tendency_slope, 2),
        ]),
      ]),
    ),
  ];
}

/** Each group, and of each way of dividing them how far the furthest are apart. */
function byGroup(rows: readonly EvaluationRow[], england: string, target: Target): string[] {
  const groups = rows.filter(
    (row) => !isTotal(row) && row.england === england && row.target === target,
  );
  const spread = (of: readonly EvaluationRow[], column: keyof EvaluationRow) => {
    const values = of.map((row) => Number(row[column])).filter(Number.isFinite);
    return Math.max(...values) - Math.min(...values);
  };
  return [
    headingOf(target),
    '',
    ...tableText(
      [
        ...['pupils', 'scored', 'came', 'AUC', 'average precision', 'Brier', 'slope', 'intercept'],
        ...['listed', 'of those who came, listed', 'found in the highest 5 %', 'weeks ahead'],
      ],
      topics.flatMap((topic) => {
        const of = groups.filter((row) => row.breakdown_topic === topic);
        return [
          ...of.map((row) => [
            ...[`${topic} ${row.breakdown}`, figure(row.enrolments, 0), percent(row.came_percent)],
            ...[figure(row.auc), figure(row.average_precision), figure(row.brier)],
            ...[figure(row.calibration_slope, 2), figure(row.calibration_intercept, 2)],
            ...[percent(row.listed_percent), percent(row.recall_listed_percent)],
            ...[percent(row.recall_highest_5_percent), figure(row.lead_weeks, 0)],
          ]),
          [
            ...[`**${topic}: furthest apart**`, '', percent(spread(of, 'came_percent'))],
            ...[figure(spread(of, 'auc')), figure(spread(of, 'average_precision'))],
            ...[figure(spread(of, 'brier')), figure(spread(of, 'calibration_slope'), 2)],
            figure(spread(of, 'calibration_intercept'), 2),
            ...[
              percent(spread(of, 'listed_percent')),
              percent(spread(of, 'recall_listed_percent')),
            ],
            percent(spread(of, 'recall_highest_5_percent')),
            figure(spread(of, 'lead_weeks'), 0),
          ],
        ];
      }),
    ),
  ];
}
