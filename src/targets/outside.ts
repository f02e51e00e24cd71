import {
  isOfTheCircle,
  rateOutside,
  shareOutside,
  type Viewer,
  viewerText,
} from '../access/index.ts';
import { answerFor, countingYear } from '../absence/index.ts';
import type { AcademicYear } from '../base/academicYear.ts';
import type { Urn } from '../base/identifiers.ts';
import { Refusal } from '../base/problem.ts';
import { perCommit, registerKinds, type Stores } from '../stores/index.ts';
import type { DatedIssue, IssuedFigures } from './issued.ts';
import { issuedFromRegisters } from './targets.sql.ts';
import { keptPerCommit } from './yearSoFar/registers.ts';

/*
 * What was issued, as somebody sees it who may see expectations and not every figure of a school’s registers: the
 * department, an authority’s analyst. Only what rests on registers is treated; what is published stays as published.
 */

type Issues = {
  year: AcademicYear;
  /** The years of its own registers that a school’s issue rests on, by the URN it was issued to. */
  ownYears: ReadonlyMap<Urn, readonly AcademicYear[]>;
};

const whole = (viewer: Viewer) => viewer.role === 'operator' || isOfTheCircle(viewer);

/** Figures as this viewer sees them. Nothing is changed where no issue of the year rests on registers. */
export async function figuresFor(
  stores: Stores,
  viewer: Viewer,
  year: AcademicYear,
): Promise<(figures: IssuedFigures) => Promise<IssuedFigures>> {
  const issues = await issuesFromRegisters(stores, year);
  if (issues.ownYears.size === 0 || viewer.role === 'operator') return async (figures) => figures;
  if (whole(viewer)) return async (figures) => withoutOthers(figures);
  return async (figures) => {
    const own = issues.ownYears.get(figures.urn) ?? [];
    if (own.length === 0) return workedOutRounded(figures);
    return (await isHidden(stores, viewer, own, figures.urn))
      ? withoutAny(figures)
      : withoutPersistent(workedOutRounded(figures));
  };
}

/** An issue as this viewer sees it, its sentences with its figures. */
export async function issueFor(
  stores: Stores,
  viewer: Viewer,
  issued: DatedIssue,
): Promise<DatedIssue> {
  const seen = await figuresFor(stores, viewer, issued.figures.time_period);
  const figures = await seen(issued.figures);
  const { ownYears = [], reasonsOutside, withoutLastYear: _, ...explanation } = issued.explanation;
  if (ownYears.length === 0 || whole(viewer)) return { ...issued, figures };
  const hidden = figures.forecast_absence_percent === null;
  return {
    ...issued,
    figures,
    explanation: {
      ...explanation,
      ownYears,
      reasons: hidden ? [hiddenText] : [...(reasonsOutside ?? []), roundedText],
      caution: hidden ? null : explanation.caution,
    },
    toldOutside: true,
  };
}

const roundedText =
  'What rests on the school’s own registers is given to one decimal outside the school, its trust and its local authority, and nothing of persistent absence: a rate of pupils would say how many they are.';
const hiddenText =
  'This rests on the school’s own registers, and figures of them that rest on few pupils are not given outside the school, its trust and its local authority.';

/** Which issues of a year rest on registers: read again when expectations are issued, not when marks come in. */
const issuesOfYears = perCommit(async () => new Map<AcademicYear, Promise<Issues>>(), {
  ignoring: registerKinds,
});

async function issuesFromRegisters(stores: Stores, year: AcademicYear): Promise<Issues> {
  const known = await issuesOfYears(stores);
  const found =
    known.get(year) ??
    stores.read(issuedFromRegisters, { year }, { kind: 'targets' }).then((rows) => ({
      year,
      ownYears: new Map(rows.map((row) => [row.urn, row.own_years] as const)),
    }));
  known.set(year, found);
  found.catch(() => known.delete(year));
  return found;
}

/** Whether the daily figures of the school in one of these years are hidden from the viewer: then so is what rests on them. */
async function isHidden(
  stores: Stores,
  viewer: Viewer,
  years: readonly AcademicYear[],
  urn: Urn,
): Promise<boolean> {
  for (const year of years) {
    const shown = await keptPerCommit(stores, `shown ${viewerText(viewer)} ${year}`, () =>
      shownSchools(stores, viewer, year),
    );
    if (!shown.has(urn)) return true;
  }
  return false;
}

async function shownSchools(
  stores: Stores,
  viewer: Viewer,
  year: AcademicYear,
): Promise<ReadonlySet<Urn>> {
  try {
    const { rows } = await answerFor(stores, viewer, {
      ...{ level: 'school', by: [], series: 'daily', time: 'year', asKnownOn: null, urns: [] },
      ...{ year, ...countingYear(year) },
    });
    const shown = rows.filter((row) => row['sess_overall_percent'] !== null);
    return new Set(shown.map((row) => row['urn'] as Urn));
  } catch (error) {
    if (error instanceof Refusal) return new Set();
    throw error;
  }
}

const round = (percent: number | null) => (percent === null ? null : rateOutside(percent));
const roundShare = (share: number | null) => (share === null ? null : shareOutside(share));

/** What is taken from similar schools may be one school’s own figure: it is theirs, whoever asks. */
function withoutOthers(figures: IssuedFigures): IssuedFigures {
  return {
    ...figures,
    context_absence_percent: round(figures.context_absence_percent),
    context_persistent_percent: round(figures.context_persistent_percent),
    ladder_similar_best_quarter_percent: round(figures.ladder_similar_best_quarter_percent),
  };
}

const workedOut = [
  'forecast_absence_percent',
  'forecast_absence_lower_80',
  'forecast_absence_upper_80',
  'forecast_absence_lower_95',
  'forecast_absence_upper_95',
  'expectation_absence_percent',
  'improvement_absence_points',
] as const;

const ofPersistence = [
  'last_persistent_percent',
  'forecast_persistent_percent',
  'forecast_persistent_lower_80',
  'forecast_persistent_upper_80',
  'forecast_persistent_lower_95',
  'forecast_persistent_upper_95',
  'expectation_persistent_percent',
  'improvement_persistent_points',
  'probability_persistent_met_by_chance',
] as const;

function changed(
  figures: IssuedFigures,
  columns: readonly (keyof IssuedFigures)[],
  change: (value: number | null) => number | null,
): IssuedFigures {
  const found = columns.map((name) => [name, change(figures[name] as number | null)]);
  return { ...figures, ...Object.fromEntries(found) };
}

/** A forecast and what is asked say what they rest on to whoever has the open method. */
function workedOutRounded(figures: IssuedFigures): IssuedFigures {
  const { probability_absence_met_by_chance: byChance } = figures;
  const rates = ofPersistence.filter((name) => !/^(last|probability)/.test(name));
  return {
    ...changed(withoutOthers(figures), [...workedOut, ...rates], round),
    probability_absence_met_by_chance: roundShare(byChance),
    probability_persistent_met_by_chance: roundShare(figures.probability_persistent_met_by_chance),
  };
}

const nothing = () => null;

function withoutPersistent(figures: IssuedFigures): IssuedFigures {
  return {
    ...changed(figures, ofPersistence, nothing),
    last_absence_percent: round(figures.last_absence_percent),
  };
}

function withoutAny(figures: IssuedFigures): IssuedFigures {
  const all = [...workedOut, ...ofPersistence];
  return {
    ...changed(withoutOthers(figures), all, nothing),
    last_absence_percent: null,
    probability_absence_met_by_chance: null,
  };
}
