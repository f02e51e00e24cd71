import type { Day } from '../base/day.ts';
import {
  areaUnderCurve,
  averagePrecision,
  brierScore,
  calibrationOf,
} from '../stats/classification.ts';
import { mean, weightedQuantiles } from '../stats/quantiles.ts';
import type { Came } from './examples.ts';
import { keyOf } from './examples.ts';
import { sessionsThatMatter } from './fit.ts';
import { listedFrom } from './worklist/worklist.ts';
import type { Outcome } from './outcomes.sql.ts';
import type { Score } from './scores.sql.ts';

/** A score of a day with what came, the groups to audit by, and of a made-up child what it truly tends to. */
export type Judged = Score & { came: Came; groups: string; propensity: number | null };

/** The rules that are judged: ours, and the simple ones that it must beat. */
export const methods = {
  ours: 'ours',
  persistent_now: 'persistent now',
  year_to_date_rate: 'the rate of the year to date',
  last_year_rate: 'last year’s rate',
  both_years: 'both years’ rates, projected',
} as const;
/** Besides, where the truth is known: the arithmetic with what the child truly tends to, which nobody could do better than by much. */
export type Method = keyof typeof methods | 'true_propensity';

export const topics = ['fsm', 'sen', 'eal', 'sex', 'ethnicity', 'year_group'] as const;

export const evaluationColumns = [
  ...(['england', 'on', 'target', 'method', 'breakdown_topic', 'breakdown', 'enrolments'] as const),
  ...(['came_percent', 'auc', 'average_precision', 'brier', 'calibration_slope'] as const),
  ...(['calibration_intercept', 'recall_highest_5_percent', 'listed_percent'] as const),
  ...(['recall_listed_percent', 'lead_weeks', 'listed_4_weeks_before_percent'] as const),
  ...(['listed_just_before_percent', 'unbroken_4_weeks_percent', 'ever_listed_percent'] as const),
  ...(['ever_listed_in_vain_percent'] as const),
  ...(['tendency_correlation', 'tendency_slope'] as const),
] as const;
/** Blank where a figure does not apply: what is no probability has no Brier score and no calibration. */
export type EvaluationRow = Partial<Record<(typeof evaluationColumns)[number], string | number>>;

/** With null in place of what does not apply. */
export function wholeRow(row: EvaluationRow) {
  const blank = Object.fromEntries(evaluationColumns.map((column) => [column, null]));
  return { ...(blank as Record<(typeof evaluationColumns)[number], null>), ...row };
}

type Target = 'persistent' | 'next_4_weeks';
const targets: readonly Target[] = ['persistent', 'next_4_weeks'];
/** Of a school’s enrolments, so many can be seen to. */
const capacity = 0.05;

/** A rule’s scores of one day, who is among the highest of its school, and what came. */
type Marked = { scores: number[]; outcomes: number[]; highest: number[]; groups: string[] };

/** Judges the scores of one made-up England, a week after another; what is pooled comes when all weeks are through. */
export class Evaluation {
  readonly #england: string;
  readonly #outcomes: ReadonlyMap<string, Outcome>;
  readonly #pooled = new Map<string, Marked>();
  /** By rule the days on which each enrolment was listed, among all days judged. */
  readonly #listedOn = new Map<string, Map<string, Set<Day>>>();
  readonly #seen = new Set<string>();
  readonly #days: Day[] = [];

  constructor(england: string, outcomes: ReadonlyMap<string, Outcome>) {
    this.#england = england;
    this.#outcomes = outcomes;
  }

  /** The rows of a day; days come in their order. */
  add(on: Day, rows: readonly Judged[]): EvaluationRow[] {
    this.#days.push(on);
    for (const row of rows) this.#seen.add(keyOf(row));
    for (const method of listing) this.#list(method, on, rows);
    const groups = rows.map((row) => row.groups);
    return targets.flatMap((target) => {
      const outcomes = rows.map(({ came }) =>
        Number(target === 'persistent' ? came.persistent : came.monthAbsent >= sessionsThatMatter),
      );
      return methodsOf(target, rows).map((method) => {
        const scores = rows.map((row) => scoreBy(method, target, row));
        const marked = { scores, outcomes, groups, highest: highestOfSchools(rows, scores) };
        this.#pool(`${target} ${method}`, marked);
        return {
          ...this.#of(on, target, method),
          ...figuresOf(marked, method === 'ours'),
          ...(target === 'persistent' ? tendencyBy(method, rows) : {}),
        };
      });
    });
  }

  /** Over all days together, and by group. */
  pooled(): EvaluationRow[] {
    return [...this.#pooled].flatMap(([key, marked]) => {
      const [target, method] = key.split(' ') as [Target, Method];
      const of = this.#of('', target, method);
      const leads = target === 'persistent' ? this.#leads(method) : [];
      const ever = target === 'persistent' ? this.#everListed(method) : {};
      const total = { ...of, ...figuresOf(marked, method === 'ours'), ...leadOf(leads), ...ever };
      const groups = method === 'ours' ? byGroup(marked, leads) : [];
      return [total, ...groups.map((row) => ({ ...of, ...row }))];
    });
  }

  #of(on: Day, target: Target, method: Method): EvaluationRow {
    return {
      ...{ england: this.#england, on, target, method },
      ...{ breakdown_topic: 'total', breakdown: 'total' },
    };
  }

  #pool(key: string, { scores, outcomes, highest, groups }: Marked): void {
    const pooled = this.#pooled.get(key) ?? { scores: [], outcomes: [], highest: [], groups: [] };
    this.#pooled.set(key, pooled);
    for (const [at, score] of scores.entries()) {
      pooled.scores.push(score);
      pooled.outcomes.push(outcomes[at] ?? 0);
      pooled.highest.push(highest[at] ?? 0);
      pooled.groups.push(groups[at] ?? '');
    }
  }

  #list(method: Listing, on: Day, rows: readonly Judged[]): void {
    const listed = this.#listedOn.get(method) ?? new Map<string, Set<Day>>();
    this.#listedOn.set(method, listed);
    for (const row of rows.filter((each) => isListedBy[method](each))) {
      const key = keyOf(row);
      const days = listed.get(key) ?? new Set();
      listed.set(key, days.add(on));
    }
  }

  /** Of those who became persistently absent six weeks after the first day judged, or later. */
  #leads(method: Method): Lead[] {
    const listed = this.#listedOn.get(method);
    const [first] = this.#days;
    if (!listed || !first) return [];
    return [...this.#outcomes].flatMap(([key, outcome]) => {
      const since = persistentSince(outcome);
      if (since === undefined || weeksBetween(first, since) < 6) return [];
      const days = listed.get(key) ?? new Set();
      const before = this.#days.filter((day) => day < since);
      const unlisted = before.findLastIndex((day) => !days.has(day));
      const weeksFrom = (day: Day | undefined) => (day ? weeksBetween(day, since) : 0);
      return [
        {
          groups: outcome.groups,
          weeks: weeksFrom(before.find((day) => days.has(day))),
          unbroken: weeksFrom(before[unlisted + 1]),
          justBefore: days.has(before.at(-1) ?? ''),
        },
      ];
    });
  }

  /** How many were ever listed, and how many of those did not become persistently absent. */
  #everListed(method: Method): EvaluationRow {
    const listed = this.#listedOn.get(method);
    if (!listed) return {};
    const inVain = [...listed.keys()].filter((key) => {
      const outcome = this.#outcomes.get(key);
      return outcome && persistentSince(outcome) === undefined;
    }).length;
    return {
      ever_listed_percent: (100 * listed.size) / this.#seen.size,
      ever_listed_in_vain_percent: (100 * inVain) / listed.size,
    };
  }
}

/** The rules that make a list, and whom they put on it. */
const listing = ['ours', 'persistent_now', 'both_years'] as const;
type Listing = (typeof listing)[number];
const isListedBy: Record<Listing, (row: Judged) => boolean> = {
  ours: (row) => row.probability_persistent >= listedFrom,
  persistent_now: (row) => 10 * row.absent >= row.possible,
  both_years: (row) => projected(row) >= 0.1,
};

/**
 * Of a child who became persistently absent: weeks between the first day judged on which it was listed and the day from
 * which it was so to the end of the year, 0 of one that was not listed before; the same from when on it stood on the list
 * without a break; and whether it stood there on the last day judged before.
 */
type Lead = { groups: string; weeks: number; unbroken: number; justBefore: boolean };

function leadOf(leads: readonly Lead[]): EvaluationRow {
  if (leads.length === 0) return {};
  const weeks = leads.map((each) => each.weeks);
  const equal = weeks.map(() => 1);
  const [median = NaN] = weightedQuantiles(weeks, equal, [0.5]);
  const share = (isSo: (lead: Lead) => boolean) => (100 * leads.filter(isSo).length) / leads.length;
  return {
    lead_weeks: median,
    listed_4_weeks_before_percent: share((lead) => lead.weeks >= 4),
    listed_just_before_percent: share((lead) => lead.justBefore),
    unbroken_4_weeks_percent: share((lead) => lead.unbroken >= 4),
  };
}

function methodsOf(target: Target, rows: readonly Judged[]): Method[] {
  const known = Object.keys(methods) as Method[];
  const hasTruth = target === 'persistent' && rows.some(({ propensity }) => propensity !== null);
  return hasTruth ? [...known, 'true_propensity'] : known;
}

/** How high a rule puts an enrolment; of ours a probability. */
function scoreBy(method: Method, target: Target, row: Judged): number {
  const { possible, absent, last_possible, last_absent } = row;
  switch (method) {
    case 'ours':
      return target === 'persistent' ? row.probability_persistent : row.probability_next_4_weeks;
    case 'persistent_now':
      return 10 * absent >= possible ? 1 : 0;
    case 'year_to_date_rate':
      return absent / possible;
    case 'last_year_rate':
      return last_possible > 0 ? last_absent / last_possible : usualRate;
    case 'both_years':
      return target === 'persistent' ? projected(row) : rateOfBoth(row);
    case 'true_propensity':
      return withTruth(row);
  }
}

/** Last year’s rate counts as so many sessions of this year. */
const sessionsOfLastYear = 60;

/** The rate of this year’s sessions with last year’s among them. */
function rateOfBoth({ possible, absent, last_possible, last_absent }: Judged): number {
  const last = last_possible > 0 ? last_absent / last_possible : usualRate;
  return (absent + sessionsOfLastYear * last) / (possible + sessionsOfLastYear);
}

/** The share of the year that will have been missed if the rest goes on at that rate. */
function projected(row: Judged): number {
  const { possible, absent, left } = row;
  return (absent + left * rateOfBoth(row)) / (possible + left);
}

/**
 * How near the share that a rule foresees comes to what a made-up child truly tends to, both as logarithms: their correlation,
 * and the slope of the truth on what is foreseen (1 where it is neither too bold nor too timid).
 */
function tendencyBy(method: Method, rows: readonly Judged[]): EvaluationRow {
  const foreseen = (row: Judged) =>
    method === 'ours' ? row.rate : Math.max(leastRate, scoreBy(method, 'persistent', row));
  const known = rows.filter(({ propensity }) => propensity !== null);
  if (known.length < 2 || method === 'persistent_now' || method === 'true_propensity') return {};
  const x = known.map((row) => Math.log(foreseen(row)));
  const y = known.map(({ propensity }) => Math.log(Math.max(leastRate, propensity ?? 0)));
  const [meanX, meanY] = [mean(x), mean(y)];
  let [xx, yy, xy] = [0, 0, 0];
  for (const [at, each] of x.entries()) {
    const [dx, dy] = [each - meanX, (y[at] ?? 0) - meanY];
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  }
  return { tendency_correlation: xy / Math.sqrt(xx * yy), tendency_slope: xy / xx };
}

/** Whoever missed nothing is taken to tend to this much. */
const leastRate = 0.005;

/** Of a child of whom last year is not known. */
const usualRate = 0.067;

/** How far what a child truly tends to is from what must still be missed, in spreads of what chance makes of it. */
function withTruth({ possible, absent, left, propensity }: Judged): number {
  const mustMiss = Math.floor((possible + left + 9) / 10) - absent;
  if (mustMiss <= 0) return 100;
  if (mustMiss > left) return -100;
  const truth = Math.max(1e-3, propensity ?? usualRate);
  return (
    (Math.log(truth) - Math.log((mustMiss - 0.5) / left)) / Math.sqrt(0.02 + 5 / (left * truth))
  );
}

/** 1 for each of the highest of its school, as many as the school can see to. */
function highestOfSchools(rows: readonly Judged[], scores: readonly number[]): number[] {
  const flags = new Array<number>(rows.length).fill(0);
  const places = Map.groupBy(rows.keys(), (at) => rows[at]?.urn ?? 0);
  for (const ofSchool of places.values()) {
    const highest = ofSchool
      .toSorted((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b)
      .slice(0, Math.ceil(capacity * ofSchool.length));
    for (const at of highest) flags[at] = 1;
  }
  return flags;
}

function figuresOf(
  { scores, outcomes, highest }: Omit<Marked, 'groups'>,
  isProbability: boolean,
): EvaluationRow {
  const judged = { scores, outcomes };
  const came = sum(outcomes);
  const found = sum(outcomes.map((each, at) => each * (highest[at] ?? 0)));
  const general: EvaluationRow = {
    ...{ enrolments: scores.length, came_percent: (100 * came) / scores.length },
    ...{ auc: areaUnderCurve(judged), average_precision: averagePrecision(judged) },
    recall_highest_5_percent: (100 * found) / came,
  };
  if (!isProbability) return general;
  const { slope, intercept } = calibrationOf(judged);
  const listed = scores.map((score) => Number(score >= listedFrom));
  return {
    ...general,
    ...{ brier: brierScore(judged), calibration_slope: slope, calibration_intercept: intercept },
    listed_percent: (100 * sum(listed)) / scores.length,
    recall_listed_percent: (100 * sum(outcomes.map((each, at) => each * (listed[at] ?? 0)))) / came,
  };
}

const sum = (values: readonly number[]) => values.reduce((all, each) => all + each, 0);

/** Fewer than this in a group say too little. */
const fewestInGroup = 200;

function byGroup(marked: Marked, leads: readonly Lead[]): EvaluationRow[] {
  return topics.flatMap((topic, place) => {
    const leadsOf = Map.groupBy(leads, (each) => each.groups.split('/')[place] ?? '');
    const groups = Map.groupBy(
      marked.groups.keys(),
      (at) => marked.groups[at]?.split('/')[place] ?? '',
    );
    return [...groups]
      .filter(([, places]) => places.length >= fewestInGroup)
      .toSorted(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
      .map(([group, places]) => ({
        ...{ breakdown_topic: topic, breakdown: group },
        ...figuresOf(
          {
            scores: places.map((at) => marked.scores[at] ?? 0),
            outcomes: places.map((at) => marked.outcomes[at] ?? 0),
            highest: places.map((at) => marked.highest[at] ?? 0),
          },
          true,
        ),
        ...leadOf(leadsOf.get(group) ?? []),
      }));
  });
}

/** The Monday of the first week from whose end on a tenth or more was missed, at the end of every week to come. */
export function persistentSince({ mondays, possible, absent }: Outcome): Day | undefined {
  let [seen, missed] = [0, 0];
  let since: Day | undefined;
  for (const [at, monday] of mondays.entries()) {
    seen += possible[at] ?? 0;
    missed += absent[at] ?? 0;
    if (10 * missed < seen) since = undefined;
    else since ??= monday;
  }
  return since;
}

const weeksBetween = (from: Day, to: Day) => (Date.parse(to) - Date.parse(from)) / (7 * 86_400_000);
