import type { Day } from '../../base/day.ts';
import { percentOf, roundHalfUp } from '../../base/rate.ts';
import { choicesOf, type Gap, isOfPupils, roomOf, roomOfPercents } from './gaps.ts';
import { type Field, fieldWords } from './headings.ts';
import {
  type Cells,
  cellsOf,
  type Kind,
  type SchoolRegister,
  type SessionClass,
} from './register.ts';
import {
  countedAs,
  countedAsKind,
  isInScope,
  type Rule,
  rules as allRules,
  type Way,
} from './rules.ts';
import type { Given, Summary, SummaryForm, SummaryRow } from './summary.ts';

/** Where two figures differ: a row of the summary and one of its figures, as both have it. */
export type Difference = {
  /** The row of the file. */
  row: number;
  /** `2025-09-08 AM`, `code I`, `row 12`, or blank for the whole. */
  where: string;
  figure: string;
  theirs: number;
  ours: number | null;
};

/** Sessions, codes or pupils that are here and that the file has no row of: nothing of them could be compared. */
export type NotInFile = {
  rows: number;
  /** How many there are here. */
  of: number;
  /** How many are left that the ways of counting that were found would not leave out. */
  left: number;
  /** Which, where they are few and no pupils. */
  where: string[];
};

export type TriedRule = {
  rule: Rule;
  /** What it alone would do to the whole’s sums, as this way of counting less the official one. */
  possible: number;
  absent: number;
  persistent: number;
  /** How many of the figures that differ it alone would bring in line. */
  settles: number;
  /** How many of the rows that are not in the file it alone would leave out of it. */
  leavesOut: number;
  /** Sessions that it is about: how many, of how many enrolments, from which day to which. */
  touches: { sessions: number; enrolments: number; first: Day | null; last: Day | null };
};

export type Sums = {
  possible: number;
  attended: number;
  absent: number;
  authorised: number;
  unauthorised: number;
  enrolments: number;
  persistent: number;
  severe: number;
};

export type Comparison = {
  form: SummaryForm;
  from: Day;
  to: Day;
  /** Figures that were compared, and those of them that differ by the official definition. */
  compared: number;
  differences: Difference[];
  /** Rows of sessions before and after the days that were compared: they are set aside. */
  setAside: number;
  notInFile: NotInFile;
  /** Official, over the whole period. */
  ours: Sums;
  /** The summary’s own sums over its rows, where it has them. */
  theirs: Partial<Record<Field, number>>;
  /** Every rule that would change anything here, those first that settle most. */
  tried: TriedRule[];
  /** The smallest sets of rules that explain every difference, and what is not in the file if any do; several where the figures cannot tell them apart. */
  explanations: Way[];
  /** One set of rules gives every figure, no other of its size does, and it is `shown` to be no chance. */
  isOneWay: boolean;
  /** Whether a way that gives every figure is about so few sessions that a mark amended in one system looks the same. */
  isOfFew: boolean;
  /** Whether sessions possible, and absent or attended, are told as numbers: less shows no year. */
  tellsCounts: boolean;
  /** Where nothing explains all: the rules that explain most, and what remains under them. */
  nearest: Way;
  remaining: Difference[];
  /** The day on which every count of a summary without an explanation is ours: it may have been printed on it. */
  stopsOn: Day | null;
};

export type CompareOptions = {
  /** The key of a UPN, as the register has pupils. */
  keyOf?(upn: string): string;
  rules?: readonly Rule[];
};

/**
 * Compares a summary with a register: by the official definition, then with each rule by itself, then with the smallest
 * sets of rules that explain every difference. What nothing explains is listed.
 */
export function compareWith(
  register: SchoolRegister,
  sent: Summary,
  { keyOf = (upn) => upn, rules = allRules }: CompareOptions = {},
): Comparison {
  const summary = { ...sent, rows: sent.rows.filter((row) => isWithin(row, register)) };
  const counter = new Counter(register, summary, keyOf);
  const official: Way = [];
  const differences = counter.differences(official);
  const ours = counter.sums(official);
  const useful = counter.distinct(rules);
  const tried = useful
    .map((rule) => triedRule(counter, rule, ours, differences))
    .toSorted((a, b) => b.settles + b.leavesOut - (a.settles + a.leavesOut));
  const likely = tried.map(({ rule }) => rule);
  const isAlike = differences.length === 0 && counter.missing(official).length === 0;
  const { ways: explanations, isSearched } = isAlike
    ? noWays
    : explainedBy(counter, likely, differences);
  const nearest = explanations[0] ?? (isAlike ? official : nearestTo(counter, likely));
  const isOfFew = explanations.some((way) => isOfFewSessions(way, tried, summary.form));
  return {
    ...{ form: summary.form, from: register.from, to: register.to },
    ...{ compared: counter.compared, differences, ours, theirs: counter.theirs, tried },
    setAside: sent.rows.length - summary.rows.length,
    notInFile: notInFileOf(counter, nearest),
    ...{ explanations, nearest, tellsCounts: counter.tellsCounts() },
    isOneWay:
      explanations.length === 1 && !isOfFew && isShown(counter, nearest, likely, isSearched),
    isOfFew,
    remaining: counter.differences(nearest),
    stopsOn: !isAlike && explanations.length === 0 ? counter.stopsOn() : null,
  };
}

const isWithin = ({ date }: SummaryRow, { from, to }: SchoolRegister) =>
  date === undefined || (from <= date && date <= to);

/** Up to so many of all differences like this one may be given by some way or other: of more, one that is given shows nothing. */
const mostByChance = 0.03;

/**
 * A way is shown where it is unlikely that, of all that were tried, any would give differences like these that marks amended
 * in one system made, or that somebody made up: in the counts, and then in the percentages that those do not bring in line.
 */
function isShown(counter: Counter, way: Way, rules: readonly Rule[], isSearched: boolean): boolean {
  if (!counter.tellsCounts()) return false;
  const ofPercents = way.filter((rule) => counter.settlesCounts(without(way, rule), way));
  const ofCounts = way.filter((rule) => !ofPercents.includes(rule));
  return (
    (ofCounts.length === 0 || isShownByCounts(counter, ofCounts, rules, isSearched)) &&
    (ofPercents.length === 0 ||
      (ofPercents.length === 1 && isShownByPercents(counter, ofCounts, rules)))
  );
}

function isShownByCounts(
  counter: Counter,
  way: Way,
  rules: readonly Rule[],
  isSearched: boolean,
): boolean {
  const gaps = counter.gaps(way);
  if (gaps.areOfPupils) return gaps.mostPupils >= fewestAtThreshold;
  const given = isSearched
    ? count(upTo(rules, way.length), (other) => counter.isWithin(gaps, other))
    : rules.length ** way.length;
  return given <= mostByChance * gaps.room;
}

/** Whether one rule more is the reason for percentages that are off though every count is right. */
function isShownByPercents(counter: Counter, way: Way, rules: readonly Rule[]): boolean {
  const gaps = counter.percentGaps(way);
  const given = count(waysOf(rules, 1), ([rule]) => {
    const isOfOther = way.every(({ group }) => group !== rule?.group);
    return isOfOther && counter.isWithinPercents(gaps, [...way, rule as Rule]);
  });
  return given <= mostByChance * roomOfPercents(gaps.map(({ gaps: ofRow }) => ofRow));
}

const without = (way: Way, rule: Rule): Way => way.filter((each) => each !== rule);

/** Sessions, and pupils, that a rule must be about before sums can show it. */
const fewestSessions = 10;
const fewestPupils = 2;
/** Pupils at a threshold that two counts of them must differ by. */
const fewestAtThreshold = 3;

/** In sums nobody sees whose the sessions are: of few, a mark amended in one system cannot be told from another way of counting. */
function isOfFewSessions(way: Way, tried: readonly TriedRule[], form: SummaryForm): boolean {
  if (form === 'sessions' || form === 'pupils') return false;
  return tried.some(
    ({ rule, touches: { sessions, enrolments } }) =>
      way.includes(rule) &&
      !isOfFigures(rule) &&
      (sessions < fewestSessions || enrolments < fewestPupils),
  );
}

/** Ways that explain all, and whether every other of their size was tried. */
type Explained = { ways: Way[]; isSearched: boolean };
const noWays: Explained = { ways: [], isSearched: true };

/** What explains all; else, where the file is not whole, what explains the figures that it has. */
function explainedBy(
  counter: Counter,
  rules: readonly Rule[],
  differences: readonly Difference[],
): Explained {
  const whole = explain(counter, rules, 'all');
  if (whole.ways.length > 0 || differences.length === 0) return whole;
  return counter.missing([]).length === 0 ? noWays : explain(counter, rules, 'given');
}

/** Where not all that is missing is explained, it is not there for another reason: the figures that there are decide. */
function nearestTo(counter: Counter, rules: readonly Rule[]): Way {
  const way = greedy(counter, rules, 'all');
  return counter.missing(way).length === 0 ? way : greedy(counter, rules, 'given');
}

const mostNamed = 10;

function notInFileOf(counter: Counter, nearest: Way): NotInFile {
  const missing = counter.missing([]);
  const isNamed = missing.length <= mostNamed && counter.form !== 'pupils';
  return {
    rows: missing.length,
    of: counter.here(),
    left: counter.missing(nearest).length,
    where: isNamed ? missing.map(({ where }) => where) : [],
  };
}

function triedRule(
  counter: Counter,
  rule: Rule,
  ours: Sums,
  differences: readonly Difference[],
): TriedRule {
  const sums = counter.sums([rule]);
  const left = counter.differences([rule]).length;
  return {
    rule,
    possible: sums.possible - ours.possible,
    absent: sums.absent - ours.absent,
    persistent: sums.persistent - ours.persistent,
    settles: Math.max(0, differences.length - left),
    leavesOut: Math.max(0, counter.missing([]).length - counter.missing([rule]).length),
    touches: counter.touches(rule),
  };
}

/** What is to be explained: every difference and what is not in the file, or only the figures that the file has. */
type What = 'all' | 'given';

/** The smallest sets, or where there are too many to try, the one that is found step by step. */
function explain(counter: Counter, rules: readonly Rule[], what: What): Explained {
  const found = smallest(counter, rules, what);
  if (found.ways.length > 0) return found;
  const way = greedy(counter, rules, what);
  if (way.length === 0 || !counter.explains(way, what)) return noWays;
  const needed = way.filter((rule) => !counter.explains(without(way, rule), what));
  return { ways: [counter.explains(needed, what) ? needed : way], isSearched: false };
}

/** So many ways are tried, the likelier first, before the rest is left to going one step at a time. */
const mostWays = 8000;
const mostRules = 4;

/** Every set of the smallest size that explains all. */
function smallest(counter: Counter, rules: readonly Rule[], what: What): Explained {
  let tried = 0;
  for (let size = 1; size <= mostRules; size++) {
    const found: Way[] = [];
    for (const way of waysOf(rules, size)) {
      tried += 1;
      if (tried > mostWays) return { ways: found, isSearched: false };
      if (counter.explains(way, what)) found.push(way);
    }
    if (found.length > 0) return { ways: found, isSearched: true };
  }
  return noWays;
}

function* upTo(rules: readonly Rule[], size: number): Generator<Rule[]> {
  for (let each = 1; each <= size; each++) yield* waysOf(rules, each);
}

function count<Each>(all: Iterable<Each>, isOne: (each: Each) => boolean): number {
  let found = 0;
  for (const each of all) found += Number(isOne(each));
  return found;
}

function* waysOf(rules: readonly Rule[], size: number, from = 0): Generator<Rule[]> {
  if (size === 0) yield [];
  else {
    for (let at = from; at <= rules.length - size; at++) {
      const rule = rules[at] as Rule;
      for (const rest of waysOf(rules, size - 1, at + 1)) {
        if (rest.every(({ group }) => group !== rule.group)) yield [rule, ...rest];
      }
    }
  }
}

/** One rule at a time, as long as each brings more figures in line. */
function greedy(counter: Counter, rules: readonly Rule[], what: What): Way {
  let way: Way = [];
  let left = counter.distance(way, what);
  for (let step = 0; step < 6; step++) {
    const next = rules
      .filter(({ group }) => way.every((each) => each.group !== group))
      .map((rule) => ({ way: [...way, rule], left: counter.distance([...way, rule], what) }))
      .toSorted((a, b) => compareDistance(a.left, b.left))[0];
    if (!next || compareDistance(next.left, left) >= 0) break;
    ({ way, left } = next);
  }
  // Nearer in sum and right in no figure more: that explains nothing.
  return left.figures < counter.distance([], what).figures ? way : [];
}

type Distance = { figures: number; sessions: number };

function compareDistance(a: Distance, b: Distance): number {
  return a.figures - b.figures || a.sessions - b.sessions;
}

const countFields = ['possible', 'attended', 'absent', 'authorised', 'unauthorised'] as const;
type CountField = (typeof countFields)[number];

/** What each kind adds to each count. */
const adds: Record<CountField, readonly Kind[]> = {
  possible: ['attended', 'authorised', 'unauthorised', 'neither'],
  attended: ['attended'],
  absent: ['authorised', 'unauthorised'],
  authorised: ['authorised'],
  unauthorised: ['unauthorised'],
};

const percentOfCount: Partial<Record<Field, CountField>> = {
  attendancePercent: 'attended',
  absencePercent: 'absent',
  authorisedPercent: 'authorised',
  unauthorisedPercent: 'unauthorised',
};

const countOfPupils: Partial<Record<Field, Field>> = {
  persistentPercent: 'persistent',
  severePercent: 'severe',
};

/** Classes and how many sessions of each, one after the other: `[class, count, class, count, …]`. */
type Tally = number[];

/** A way of counting, worked out for every class: as what it counts, and for each figure whether it adds to it. */
type Counting = { way: Way; kinds: readonly Kind[]; weights: Record<CountField, Uint8Array> };

type Part = { row: SummaryRow | null; where: string; tally: Tally; pupils?: readonly Tally[] };

/** A row of the summary, and how far figures of it are from ours. */
type RowGaps = { part: Part; gaps: Gap[] };

type Gaps = {
  rows: RowGaps[];
  /** Rows that are not in the file, and how many of them the way leaves out. */
  missing: number;
  leftOut: number;
  /** Numbers of sessions differ; or those agree, and numbers of pupils differ, which come of the same sessions. */
  areOfSessions: boolean;
  areOfPupils: boolean;
  /** By how many pupils the number of them differs that differs most; where a rounded percentage tells it, by how many of its steps. */
  mostPupils: number;
  /** How many differences like these there are: the figures that agree agree, and each other differs by no more, either way. */
  room: number;
};

/** Of each class: how many sessions, of whom, from when to when. */
type Span = { sessions: number; enrolments: Set<number>; first: Day | null; last: Day | null };

function spansOf({ classes, class: classOf, enrolment, session, sessions }: Cells): Span[] {
  const spans = classes.map(
    (): Span => ({ sessions: 0, enrolments: new Set(), first: null, last: null }),
  );
  for (let at = 0; at < classOf.length; at++) {
    const span = spans[classOf[at] as number] as Span;
    const { date } = sessions[session[at] as number] as { date: Day };
    span.sessions += 1;
    span.enrolments.add(enrolment[at] as number);
    if (span.first === null || date < span.first) span.first = date;
    if (span.last === null || date > span.last) span.last = date;
  }
  return spans;
}

/** Counts one register in many ways against one summary. */
class Counter {
  readonly compared: number;
  readonly theirs: Partial<Record<Field, number>> = {};
  private readonly cells: Cells;
  private readonly spans: readonly Span[];
  private readonly whole: Tally;
  private readonly pupils: readonly Tally[];
  private readonly parts: readonly Part[];
  private readonly summary: Summary;
  private readonly given: ReadonlySet<Field>;
  /** Counts that every row has, and their sums. */
  private readonly summed: readonly [CountField, number][];

  constructor(register: SchoolRegister, summary: Summary, keyOf: (upn: string) => string) {
    this.cells = cellsOf(register);
    this.summary = summary;
    this.spans = spansOf(this.cells);
    this.whole = this.tallyOf(undefined, 1)[0] ?? [];
    this.pupils = this.tallyOf(this.cells.enrolment, this.cells.enrolments.length);
    this.parts = this.partsOf(keyOf);
    this.given = new Set(
      summary.rows.flatMap((row) => [
        ...(Object.keys(row.figures) as Field[]),
        ...(row.codes ? (['sessions'] as const) : []),
      ]),
    );
    this.compared = this.parts.reduce(
      (sum, { row }) => sum + (row ? figuresOf(row, summary.form).length : 0),
      0,
    );
    for (const { figures } of summary.rows) {
      for (const [field, given] of Object.entries(figures) as [Field, Given][]) {
        if (field.endsWith('Percent') && summary.form !== 'totals') continue;
        this.theirs[field] = (this.theirs[field] ?? 0) + given.value;
      }
    }
    this.summed = countFields
      .flatMap((field) => {
        const isEverywhere = summary.rows.every(({ figures }) => figures[field] !== undefined);
        return isEverywhere && summary.form !== 'codes'
          ? [[field, this.theirs[field] ?? 0] as const]
          : [];
      })
      .map(([field, sum]) => [field, sum]);
  }

  /** Rules that change something that the summary tells; of those that come to the same, the first, by a name that says no more than the summary does. */
  distinct(rules: readonly Rule[]): Rule[] {
    return this.differing(rules).map((rule) => ({ ...rule, ...this.untold(rule) }));
  }

  private untold(rule: Rule): Partial<Rule> {
    const { absence, notPresent, possible } = rule.untold ?? {};
    const signature = this.signature([rule]);
    const isAlike = (kind: Kind) => this.signature([countedAsKind(rule, kind)]) === signature;
    const [isAuthorised, isUnauthorised] = [isAlike('authorised'), isAlike('unauthorised')];
    if (possible && isAlike('attended') && (isAuthorised || isUnauthorised)) return possible;
    if (notPresent && isAlike('neither') && (isAuthorised || isUnauthorised)) return notPresent;
    return absence && isAuthorised && isUnauthorised ? absence : {};
  }

  private differing(rules: readonly Rule[]): Rule[] {
    const seen = new Set([this.signature([])]);
    return rules.filter((rule) => {
      if (rule.days && !countFields.some((field) => this.given.has(field))) return false;
      if (isOfThreshold(rule) && !this.tellsPersistent()) return false;
      if ((rule.means || rule.cutOff) && !this.tellsPercent()) return false;
      if (rule.means && this.summary.form !== 'totals') return false;
      if (isOfFigures(rule)) return true;
      const signature = this.signature([rule]);
      if (seen.has(signature)) return false;
      seen.add(signature);
      return true;
    });
  }

  /** A code and its sessions in each row are counts too: what they come to follows. */
  tellsCounts(): boolean {
    const { rows, form } = this.summary;
    const has = (...fields: Field[]) =>
      rows.every(({ figures }) => fields.every((field) => figures[field] !== undefined));
    if (form === 'codes') return has('sessions');
    const parts = [['absent'], ['attended'], ['authorised', 'unauthorised']] as const;
    return has('possible') && parts.some((fields) => has(...fields));
  }

  private tellsPersistent(): boolean {
    const fields = ['persistent', 'persistentPercent', 'severe', 'severePercent'] as const;
    return this.summary.form === 'totals' && fields.some((field) => this.given.has(field));
  }

  private tellsPercent(): boolean {
    return [...this.given].some((field) => field.endsWith('Percent'));
  }

  /** As what each class is counted, as far as the figures that are given can tell. */
  private signature(way: Way): string {
    const codes = this.summary.form === 'codes' || this.given.has('sessions');
    const told = countFields.filter(
      (field) =>
        this.given.has(field) ||
        (field !== 'possible' && [...this.given].some((each) => percentOfCount[each] === field)) ||
        (this.tellsPercent() && field === 'possible') ||
        ((this.tellsPersistent() || this.given.has('enrolments')) &&
          ['possible', 'absent'].includes(field)),
    );
    return this.cells.classes
      .map((each, at) => {
        if (!this.whole.some((value, place) => place % 2 === 0 && value === at)) return '';
        const kind = countedAs(each, way);
        const counts = told.map((field) => Number(adds[field].includes(kind))).join('');
        return codes ? counts + Number(isCodeCounted(each, way, kind)) : counts;
      })
      .join();
  }

  sums(way: Way): Sums {
    const counting = this.countingOf(way);
    return { ...countsOf(this.whole, counting), ...pupilsOf(this.pupils, counting) };
  }

  explains(way: Way, what: What): boolean {
    const counting = this.countingOf(way);
    if (what === 'all' && !this.sumsCanMatch(counting)) return false;
    return this.parts.every((part) =>
      part.row === null
        ? what === 'given' || this.sessionsIn(part, counting) === 0
        : this.differencesOf(part, part.row, counting, { first: true }).length === 0,
    );
  }

  /** By how much each count of the summary is not ours, and so how many differences like these there could have been. */
  gaps(way: Way): Gaps {
    const counting = this.countingOf([]);
    const rows = this.rowGaps((part, row) =>
      countsIn(row, this.summary.form).map(([name, given]) =>
        this.countGap(part, name, given, counting),
      ),
    );
    const missing = this.missing([]).length;
    const leftOut = missing - this.missing(way).length;
    const differing = rows.flatMap(({ gaps }) => gaps.filter(({ gap }) => Math.abs(gap) > 1e-9));
    const areOfSessions = leftOut > 0 || differing.some(({ name }) => !isOfPupils(name));
    return {
      ...{ rows, missing, leftOut },
      ...{ areOfSessions, areOfPupils: !areOfSessions && differing.length > 0 },
      mostPupils: Math.max(
        0,
        ...differing.flatMap(({ name, gap, step }) =>
          isOfPupils(name) ? Math.abs(gap) / step : [],
        ),
      ),
      room: rows.reduce(
        (product, { gaps }) => product * roomOf(gaps),
        leftOut === missing ? choicesOf(this.here(), missing) : 1,
      ),
    };
  }

  /** Whether a way changes only figures that differ, and none by more than it differs; it leaves something out where that is to be explained. */
  isWithin({ rows, missing, leftOut }: Gaps, way: Way): boolean {
    const counting = this.countingOf(way);
    if (leftOut > 0 && this.missing(way).length >= missing) return false;
    return rows.every(({ part, gaps }) =>
      gaps.every(({ name, ours, gap }) => {
        const changed = (this.figureIn(part, name, counting) ?? 0) - ours;
        return Math.abs(changed) <= Math.abs(gap) + 1e-9;
      }),
    );
  }

  private rowGaps(gapsOf: (part: Part, row: SummaryRow) => Gap[]): RowGaps[] {
    return this.parts.flatMap((part) =>
      part.row === null ? [] : [{ part, gaps: gapsOf(part, part.row) }],
    );
  }

  /** A percentage of pupils stands for a number of them: the nearest to ours that its rounding leaves. */
  private countGap(part: Part, name: string, given: Given, counting: Counting): Gap {
    const of = countOfPupils[name as Field];
    const ours = this.figureIn(part, of ?? name, counting) ?? 0;
    if (of === undefined) return { name, ours, gap: given.value - ours, step: 1 };
    const pupils =
      part.row?.figures.enrolments?.value ?? this.figureIn(part, 'enrolments', counting) ?? 0;
    const step = pupils / 100 / 10 ** given.decimals;
    const away = (pupils * given.value) / 100 - ours;
    const fewest = Math.ceil(Math.abs(away) - step / 2 - 1e-9);
    return { name: of, ours, gap: Math.sign(away) * Math.max(0, fewest), step: Math.max(1, step) };
  }

  /** By how much each percentage is not what it would be, counted so. */
  percentGaps(way: Way): RowGaps[] {
    const counting = this.countingOf(way);
    const { form } = this.summary;
    return this.rowGaps((part, row) => {
      const counts = new Set(countsIn(row, form).map(([name]) => name));
      return figuresOf(row, form)
        .filter(([name]) => !counts.has(name))
        .map(([name, given]) => {
          const ours = asGiven(this.figureIn(part, name, counting) ?? 0, given, way);
          return { name, ours, gap: given.value - ours, step: 10 ** -given.decimals };
        });
    });
  }

  /** Whether a way leaves the counts right, and changes only percentages that differ and none by more than it differs. */
  isWithinPercents(rows: readonly RowGaps[], way: Way): boolean {
    if (!this.settlesCounts(way, way)) return false;
    const counting = this.countingOf(way);
    const changes = rows.flatMap(({ part, gaps }) =>
      gaps.map(({ name, ours, gap, step }) => {
        const given = part.row?.figures[name as Field] as Given;
        const changed = asGiven(this.figureIn(part, name, counting) ?? 0, given, way) - ours;
        return {
          changed: Math.abs(changed),
          isWithin: Math.abs(changed) < Math.abs(gap) + step / 2,
        };
      }),
    );
    return (
      changes.every(({ isWithin }) => isWithin) && changes.some(({ changed }) => changed > 1e-9)
    );
  }

  /** Whether every count is right, and no more is missing than in the way that is asked about. */
  settlesCounts(way: Way, asked: Way): boolean {
    const counting = this.countingOf(way);
    return (
      this.missing(way).length <= this.missing(asked).length &&
      this.parts.every(
        (part) =>
          part.row === null ||
          countsIn(part.row, this.summary.form).every(([name, given]) =>
            isSame(given, this.figureIn(part, name, counting), way, name),
          ),
      )
    );
  }

  get form(): SummaryForm {
    return this.summary.form;
  }

  /** What is here and not in the file, if counted so. */
  missing(way: Way): { where: string; sessions: number }[] {
    const counting = this.countingOf(way);
    return this.parts
      .filter(({ row }) => row === null)
      .map((part) => ({ where: part.where, sessions: this.sessionsIn(part, counting) }))
      .filter(({ sessions }) => sessions > 0);
  }

  /** How many sessions, codes or pupils there are here, in the file or not. */
  here(): number {
    const counting = this.countingOf([]);
    return this.parts.filter((part) => this.sessionsIn(part, counting) > 0).length;
  }

  /** What differs in sum cannot be alike in every row: most ways are told apart by it at once. */
  private sumsCanMatch({ way, weights }: Counting): boolean {
    const unit = way.some(({ days }) => days) ? 2 : 1;
    return this.summed.every(
      ([field, theirs]) => Math.abs(sumOf(this.whole, weights[field]) / unit - theirs) < 1e-6,
    );
  }

  distance(way: Way, what: What): Distance {
    const differences = this.differences(way);
    const missing = what === 'all' ? this.missing(way) : [];
    const sessions = [
      ...differences.map(({ theirs, ours }) => Math.abs(theirs - (ours ?? 0))),
      ...missing.map((each) => each.sessions),
    ].reduce((sum, each) => sum + each, 0);
    return { figures: differences.length + missing.length, sessions };
  }

  differences(way: Way): Difference[] {
    const counting = this.countingOf(way);
    return this.parts.flatMap((part) =>
      part.row === null ? [] : this.differencesOf(part, part.row, counting),
    );
  }

  /** The last day of sessions with which the sums are those that were given, two of them at least; not where those of all days are. */
  stopsOn(): Day | null {
    if (this.summary.form !== 'totals' || this.summed.length < 2) return null;
    const official = this.countingOf([]);
    if (this.sumsCanMatch(official)) return null;
    const { weights } = official;
    const { sessions, session, class: classOf } = this.cells;
    const sums = new Map<Day, number[]>();
    for (let at = 0; at < classOf.length; at++) {
      const { date } = sessions[session[at] as number] as { date: Day };
      const own = sums.get(date) ?? this.summed.map(() => 0);
      sums.set(date, own);
      for (const [place, [field]] of this.summed.entries()) {
        own[place] = (own[place] as number) + (weights[field][classOf[at] as number] as number);
      }
    }
    const total = this.summed.map(() => 0);
    for (const [date, own] of [...sums].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      for (const [place, sum] of own.entries()) total[place] = (total[place] as number) + sum;
      if (this.summed.every(([, theirs], place) => total[place] === theirs)) return date;
    }
    return null;
  }

  /** The sessions that a rule counts otherwise. */
  touches(rule: Rule): TriedRule['touches'] {
    const official = this.kindsOf([]);
    const kinds = this.kindsOf([rule]);
    const spans = this.spans.filter((_, at) => kinds[at] !== official[at]);
    const firsts = spans.flatMap(({ first }) => first ?? []).toSorted();
    const lasts = spans.flatMap(({ last }) => last ?? []).toSorted();
    return {
      sessions: spans.reduce((sum, { sessions }) => sum + sessions, 0),
      enrolments: new Set(spans.flatMap(({ enrolments }) => [...enrolments])).size,
      first: firsts[0] ?? null,
      last: lasts.at(-1) ?? null,
    };
  }

  private kindsOf(way: Way): Kind[] {
    return this.cells.classes.map((each) => countedAs(each, way));
  }

  private countingOf(way: Way): Counting {
    const kinds = this.kindsOf(way);
    const weights = Object.fromEntries(
      countFields.map((field) => [
        field,
        Uint8Array.from(kinds, (kind) => Number(adds[field].includes(kind))),
      ]),
    ) as Record<CountField, Uint8Array>;
    return { way, kinds, weights };
  }

  /** Sessions of each class, for each of `count` groups; without groups, of all. */
  private tallyOf(group: Int32Array | undefined, count: number): Tally[] {
    const { class: classes } = this.cells;
    const width = this.cells.classes.length;
    const maps = Array.from({ length: count }, () => new Map<number, number>());
    for (const [at, number] of classes.entries()) {
      const map = maps[group ? (group[at] as number) : 0];
      map?.set(number, (map.get(number) ?? 0) + 1);
    }
    return maps.map((map) => [...map].filter(([number]) => number < width).flat());
  }

  private partsOf(keyOf: (upn: string) => string): Part[] {
    const { rows, form } = this.summary;
    switch (form) {
      case 'totals':
        return rows.map((row) => ({ row, where: '', tally: this.whole, pupils: this.pupils }));
      case 'codes':
        return this.partsByCode(rows);
      case 'sessions':
        return this.partsBySession(rows);
      case 'pupils':
        return this.partsByPupil(rows, keyOf);
    }
  }

  private partsBySession(rows: readonly SummaryRow[]): Part[] {
    const tallies = this.tallyOf(this.cells.session, this.cells.sessions.length);
    const nameOf = (date: Day, half: number) => `${date} ${half === 0 ? 'AM' : 'PM'}`;
    const here = new Map(
      this.cells.sessions.map(({ date, session }, at) => [
        nameOf(date, session),
        tallies[at] ?? [],
      ]),
    );
    const parts = rows.map((row): Part => {
      const where = `${row.date} ${row.session}`;
      const tally = here.get(where) ?? [];
      here.delete(where);
      return { row, where, tally };
    });
    const others = [...here].map(([where, tally]): Part => ({ row: null, where, tally }));
    return [...parts, ...others.toSorted((a, b) => (a.where < b.where ? -1 : 1))];
  }

  private partsByCode(rows: readonly SummaryRow[]): Part[] {
    const { classes } = this.cells;
    const named = new Set(rows.flatMap(({ ofCodes }) => ofCodes ?? []));
    const ofCodes = (codes: readonly string[]): Tally =>
      [...pairsIn(this.whole)]
        .filter(([at]) => codes.includes((classes[at] as { code: string }).code))
        .flat();
    const others = [...new Set(classes.map(({ code }) => code))].filter(
      (code) => code !== '' && !named.has(code),
    );
    return [
      ...rows.map(
        (row): Part => ({
          row,
          where: `code ${(row.ofCodes ?? []).join(' ')}`,
          tally: ofCodes(row.ofCodes ?? []),
        }),
      ),
      ...others
        .toSorted()
        .map((code): Part => ({ row: null, where: `code ${code}`, tally: ofCodes([code]) })),
    ];
  }

  private partsByPupil(rows: readonly SummaryRow[], keyOf: (upn: string) => string): Part[] {
    const byPupil = Map.groupBy(
      this.cells.enrolments.keys(),
      (at) => (this.cells.enrolments[at] as { pupil: string }).pupil,
    );
    const tallyOf = (pupil: string): Tally =>
      (byPupil.get(pupil) ?? []).flatMap((at) => this.pupils[at] ?? []);
    const known = new Set<string>();
    const parts = rows.map((row): Part => {
      const pupil = keyOf(row.upn ?? '');
      known.add(pupil);
      return { row, where: `row ${row.row}`, tally: tallyOf(pupil) };
    });
    const others = [...byPupil.keys()].filter((pupil) => !known.has(pupil));
    return [
      ...parts,
      ...others.map(
        (pupil): Part => ({
          row: null,
          where: '',
          tally: tallyOf(pupil),
        }),
      ),
    ];
  }

  private differencesOf(
    part: Part,
    row: SummaryRow,
    counting: Counting,
    { first = false }: { first?: boolean } = {},
  ): Difference[] {
    const { where } = part;
    const found: Difference[] = [];
    const add = (figure: string, theirs: number, ours: number | null) =>
      found.push({ row: row.row, where, figure, theirs, ours });
    for (const [name, given] of figuresOf(row, this.summary.form)) {
      if (first && found.length > 0) return found;
      const ours = this.figureIn(part, name, counting);
      if (isSame(given, ours, counting.way, name)) continue;
      add(Object.hasOwn(fieldWords, name) ? fieldWords[name as Field] : name, given.value, ours);
    }
    return found;
  }

  private figureIn(part: Part, name: string, counting: Counting): number | null {
    return name.startsWith('code ')
      ? this.codesIn(part.tally, name.slice(5).split(' '), counting)
      : figureOf(name as Field, part, counting);
  }

  private sessionsIn({ tally }: Part, counting: Counting): number {
    if (this.summary.form !== 'codes') return sumOf(tally, counting.weights.possible);
    const codes = this.cells.classes.map(({ code }) => code);
    return this.codesIn(tally, codes, counting, { possibleOnly: true });
  }

  /** Sessions with these codes: on roll, in the ages that count, the school open. */
  private codesIn(
    tally: Tally,
    codes: readonly string[],
    { kinds, way }: Counting,
    { possibleOnly = false }: { possibleOnly?: boolean } = {},
  ): number {
    let sum = 0;
    for (const [at, count] of pairsIn(tally)) {
      const each = this.cells.classes[at];
      if (!each || !codes.includes(each.code)) continue;
      const kind = kinds[at] as Kind;
      if (possibleOnly ? kind !== 'out' : isCodeCounted(each, way, kind)) sum += count;
    }
    return way.some(({ days }) => days) ? sum / 2 : sum;
  }
}

function countsOf(tally: Tally, { weights }: Counting): Record<CountField, number> {
  return Object.fromEntries(
    countFields.map((field) => [field, sumOf(tally, weights[field])]),
  ) as Record<CountField, number>;
}

function pupilsOf(pupils: readonly Tally[], { weights, way }: Counting) {
  const of = { enrolments: 0, persistent: 0, severe: 0 };
  const isPersistent = thresholdOf(10, way);
  const isSevere = thresholdOf(50, way);
  for (const each of pupils) {
    const possible = sumOf(each, weights.possible);
    if (possible === 0) continue;
    const absent = sumOf(each, weights.absent);
    of.enrolments += 1;
    of.persistent += Number(isPersistent(absent, possible));
    of.severe += Number(isSevere(absent, possible));
  }
  return of;
}

function figureOf(field: Field, { tally, pupils }: Part, counting: Counting): number | null {
  const { weights, way } = counting;
  const count = percentOfCount[field];
  if (count !== undefined) {
    if (way.some(({ means }) => means) && pupils) return meanOf(pupils, counting, count);
    return percentOf(sumOf(tally, weights[count]), sumOf(tally, weights.possible)) ?? null;
  }
  if (isCountField(field)) {
    const sum = sumOf(tally, weights[field]);
    return way.some(({ days }) => days) ? sum / 2 : sum;
  }
  const of = pupilsOf(pupils ?? [], counting);
  switch (field) {
    case 'persistentPercent':
      return percentOf(of.persistent, of.enrolments) ?? null;
    case 'severePercent':
      return percentOf(of.severe, of.enrolments) ?? null;
    case 'enrolments':
    case 'persistent':
    case 'severe':
      return of[field];
    default:
      return null;
  }
}

const isCountField = (field: Field): field is CountField =>
  (countFields as readonly Field[]).includes(field);

const isOfThreshold = ({ below, roundedTo }: Rule) => below === true || roundedTo !== undefined;
const isOfFigures = (rule: Rule) =>
  isOfThreshold(rule) || [rule.means, rule.cutOff, rule.days].includes(true);

/** A code is listed where its session is looked at; in a closed session only what makes none possible. */
function isCodeCounted(each: SessionClass, way: Way, kind: Kind): boolean {
  if (kind !== 'out') return true;
  if (each.means !== 'out') return false;
  return each.isCode && isInScope({ ...each, closed: false }, way);
}

function sumOf(tally: Tally, weights: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < tally.length; at += 2) {
    sum += (weights[tally[at] as number] as number) * (tally[at + 1] as number);
  }
  return sum;
}

function* pairsIn(tally: Tally): Generator<[number, number]> {
  for (let at = 0; at < tally.length; at += 2) {
    yield [tally[at] as number, tally[at + 1] as number];
  }
}

/** Whether so many absent sessions of so many possible ones are over a threshold, in whole numbers unless a rule rounds. */
function thresholdOf(percent: number, way: Way): (absent: number, possible: number) => boolean {
  const below = way.some((rule) => rule.below);
  const decimals = way.find(({ roundedTo }) => roundedTo !== undefined)?.roundedTo;
  if (decimals === undefined) {
    return (absent, possible) =>
      below ? 100 * absent > percent * possible : 100 * absent >= percent * possible;
  }
  return (absent, possible) => {
    const attended = roundHalfUp((100 * (possible - absent)) / possible, decimals);
    return below ? attended < 100 - percent : attended <= 100 - percent;
  };
}

function meanOf(pupils: readonly Tally[], { weights }: Counting, count: CountField): number | null {
  const own = pupils.flatMap(
    (tally) => percentOf(sumOf(tally, weights[count]), sumOf(tally, weights.possible)) ?? [],
  );
  return own.length > 0 ? own.reduce((sum, each) => sum + each, 0) / own.length : null;
}

/** The figures of a row, each by its name: `possible`, `code I`. */
function figuresOf({ figures, codes, ofCodes }: SummaryRow, form: SummaryForm): [string, Given][] {
  const named = (Object.entries(figures) as [Field, Given][]).flatMap(
    ([field, given]): [string, Given][] => {
      if (field === 'sessions')
        return form === 'codes' ? [[`code ${ofCodes?.join(' ')}`, given]] : [];
      const ofPupils = ['enrolments', 'persistent', 'persistentPercent', 'severe', 'severePercent'];
      return form !== 'totals' && ofPupils.includes(field) ? [] : [[field, given]];
    },
  );
  const counts = Object.entries(codes ?? {}).map(([code, value]): [string, Given] => [
    `code ${code}`,
    { value, decimals: 0 },
  ]);
  return [...named, ...counts].toSorted((a, b) => costOf(a[0]) - costOf(b[0]));
}

/** Figures that are numbers of sessions or of pupils, and percentages of pupils whose number is not given. */
function countsIn(row: SummaryRow, form: SummaryForm): [string, Given][] {
  return figuresOf(row, form).filter(([name]) => {
    const of = countOfPupils[name as Field];
    return of === undefined ? !name.endsWith('Percent') : row.figures[of] === undefined;
  });
}

/** What every pupil has to be counted for comes last: most ways are told apart before. */
function costOf(name: string): number {
  if (isCountField(name as Field)) return 0;
  return percentOfCount[name as Field] || name.startsWith('code ') ? 1 : 2;
}

/** The same, as far as what was given can tell: a count to the session, a percentage within its rounding. */
function isSame(given: Given, ours: number | null, way: Way, name: string): boolean {
  if (ours === null) return given.value === 0;
  if (!name.endsWith('Percent')) return Math.abs(given.value - ours) < 1e-9;
  return Math.abs(given.value - asGiven(ours, given, way)) < 1e-9;
}

/** A percentage to as many decimals as were given. */
function asGiven(ours: number, { decimals }: Given, way: Way): number {
  return way.some(({ cutOff }) => cutOff)
    ? Math.trunc(ours * 10 ** decimals + 1e-9) / 10 ** decimals
    : roundHalfUp(ours, decimals);
}
