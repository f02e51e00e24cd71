import { safeToShow } from '../access/index.ts';
import { type AcademicYear, yearLabel } from '../base/academicYear.ts';
import type { Urn } from '../base/identifiers.ts';
import type { ComparableSchool } from './distance.ts';
import {
  type Expectation,
  expectationRule,
  type LaAverages,
  laAverageKey,
  type ReferenceYears,
  referenceYears,
} from './expectation.ts';
import {
  type ForecastModel,
  fitForecast,
  forecastSchool,
  type SchoolForecast,
  type TypeModel,
} from './forecast.ts';
import type { SchoolHistory, SchoolYear } from './history.ts';
import { learnFallBack } from './fallBack.ts';
import type {
  FitSummary,
  Issued,
  IssuedFigures,
  MeasureSummary,
  TypeSummary,
  WithoutYear,
} from './issued.ts';
import { type LearnFrom, schoolsToLearnFrom } from './learnFrom.ts';
import { errorsOf, lastTwoYears, type LookBack, lookBack, toExpect } from './lookBack.ts';
import { differencesInWords, reasonsFor } from './reasons.ts';
import { cautionFor, levelSince } from './reasonsSince.ts';
import { findSimilar, type SimilarGroup } from './similar.ts';
import { type Intake, inputValues, learnWeights, type SchoolWeights, sexOf } from './weights.ts';
import { withoutLastYear } from './withoutYear.ts';
import { measures } from '../base/measure.ts';
import { type SchoolType, schoolTypes } from '../base/schoolType.ts';
import { words } from '../ui/index.ts';

/** A school as publishing needs it: plain values, so that the work can be done in another thread. */
export type SchoolToPublish = {
  history: SchoolHistory;
  /** It takes part in everything, and is told nothing: its own registers are not agreed yet. */
  heldBack: boolean;
  name: string;
  laName: string;
  chain: Urn[];
  linkedUrns: Urn[];
  trustUid: string | null;
  allThrough: boolean | null;
  easting: number | null;
  northing: number | null;
  intake: Intake;
};

export type PublishInput = {
  year: AcademicYear;
  schools: SchoolToPublish[];
  /** How far a school to learn from may be, in a straight line. */
  visitKm: number;
  /** The census that the intake was taken from, ISO; null when there is none. */
  intakeCensusOn: string | null;
  /** How many schools of the directory get no expectation, by reason. */
  left: Record<string, number>;
  /** Names of regions by code. */
  regionNames: Record<string, string>;
  /** Published absence of authorities, percent; null where a total is hidden. */
  authorityYears: AuthorityYear[];
};

export type AuthorityYear = {
  laCode: string;
  schoolType: SchoolType;
  year: AcademicYear;
  absencePercent: number | null;
};

/** `explanation` is JSON: it goes from one thread to another and into the store as it is. */
export type IssuedText = { figures: IssuedFigures; explanation: string };

/** What is worked out together: few enough that the explanations of one lot are gone before the collector keeps them. */
const schoolsAtOnce = 250;

/**
 * Forecast → similar schools → expectation → reasons, for every school of `year`, from what was known before it: in the
 * order of URN, some at a time, and at last what the fit found.
 */
export function* publishTargets(input: PublishInput): Generator<IssuedText[], FitSummary> {
  const { year } = input;
  const schools = input.schools.toSorted((a, b) => a.history.urn - b.history.urn);
  const histories = schools.map((school) => school.history);
  const model = fitForecast(histories, year);
  const forecasts = new Map(
    histories.map((history) => [history.urn, forecastSchool(model, history)]),
  );
  const reference = referenceYears(histories);
  const weights = weightsFor(schools, reference);
  const comparables = schools.map((school) => comparable(school, reference));
  const groups = byUrn(findSimilar(comparables, weights, reference));
  const past = lastTwoYears(histories, year).map((origin) => lookBack(histories, groups, origin));
  const pastPublished = publishedPast(histories, { groups, year, past });
  const expect = expectationRule(
    histories.map((history) => toExpect(history, forecasts, groups)),
    year,
    {
      laAverages: publishedAverages(input.authorityYears, reference),
      fallBack: learnFallBack(past.flatMap(({ gaps }) => gaps)),
    },
  );
  const visits = byUrn(
    schoolsToLearnFrom(
      schools.map((school, index) => ({
        ...(comparables[index] as ComparableSchool),
        easting: school.easting,
        northing: school.northing,
        trust: school.trustUid,
        lastAbsencePercent: lastPublished(school)?.absencePercent ?? null,
        standardisedErrors: errorsOf(school.history.urn, pastPublished),
      })),
      weights,
      { withinKilometres: input.visitKm },
    ),
  );
  const known = new Map(
    schools.map((school) => [
      school.history.urn,
      {
        school,
        values: inputValues(school.intake),
        told: inputValues(tellable(school.intake)),
      },
    ]),
  );
  const issueTo = (school: SchoolToPublish) => {
    const urn = school.history.urn;
    return issue(school, {
      input,
      model,
      weights,
      known,
      forecast: forecasts.get(urn) as SchoolForecast,
      group: groups.get(urn) as SimilarGroup,
      expectation: expect(toExpect(school.history, forecasts, groups)),
      withoutLastYear: withoutLastYear(school.history, { model, groups, expect }),
      visits: visits.get(urn) as LearnFrom,
    });
  };
  for (let from = 0; from < schools.length; from += schoolsAtOnce) {
    const some = schools.slice(from, from + schoolsAtOnce);
    yield some.filter((school) => !school.heldBack).map(issueTo);
  }
  return summaryOf(input, model, weights, groups);
}

/** What another school may be told of a school: how it did by its published years, and nothing of its registers. */
function publishedPast(
  histories: readonly SchoolHistory[],
  {
    groups,
    year,
    past,
  }: { groups: ReadonlyMap<Urn, SimilarGroup>; year: number; past: LookBack[] },
): LookBack[] {
  if (!histories.some(({ years }) => years.some((each) => each.fromRegisters))) return past;
  const published = histories.map((history) => ({
    ...history,
    years: history.years.filter((each) => !each.fromRegisters),
  }));
  return lastTwoYears(published, year).map((origin) => lookBack(published, groups, origin));
}

function lastPublished({ history }: SchoolToPublish): SchoolYear | undefined {
  return history.years.findLast((each) => !each.fromRegisters);
}

function byUrn<Each extends { urn: Urn }>(all: Each[]): Map<Urn, Each> {
  return new Map(all.map((each) => [each.urn, each]));
}

function publishedAverages(
  authorityYears: readonly AuthorityYear[],
  reference: ReferenceYears,
): LaAverages {
  return new Map(
    authorityYears
      .filter(({ schoolType, year }) => reference.get(schoolType) === year)
      .map(({ laCode, schoolType, absencePercent }) => [
        laAverageKey(laCode, schoolType),
        absencePercent,
      ]),
  );
}

function knownIn({ history }: SchoolToPublish, reference: ReferenceYears) {
  const year = reference.get(history.schoolType);
  return history.years.find((known) => known.year === year);
}

/** Intake and absence side by side, of the schools known in the reference year. */
function weightsFor(
  schools: SchoolToPublish[],
  reference: ReferenceYears,
): Record<SchoolType, SchoolWeights> {
  return learnWeights(
    schools.flatMap((school) => {
      const known = knownIn(school, reference);
      return known
        ? [
            {
              schoolType: school.history.schoolType,
              intake: school.intake,
              absencePercent: known.absencePercent,
            },
          ]
        : [];
    }),
  );
}

function comparable(school: SchoolToPublish, reference: ReferenceYears): ComparableSchool {
  const { urn, schoolType } = school.history;
  return {
    urn,
    chain: school.chain,
    linkedUrns: school.linkedUrns,
    schoolType,
    values: inputValues(school.intake),
    // Half of the special schools are flagged all-through: among them it sets no school apart.
    allThrough: schoolType === 'Special' ? null : school.allThrough,
    sex: sexOf(school.intake, schoolType),
    canBeCompared: knownIn(school, reference) !== undefined,
  };
}

/** A school with what it is compared by, and what of that another school may be told. */
type Known = {
  school: SchoolToPublish;
  values: ReturnType<typeof inputValues>;
  told: ReturnType<typeof inputValues>;
};

/** Shares of pupils that rest on few of them, or leave few out, are nobody else's to read. */
function tellable(intake: Intake): Intake {
  const { pupils } = intake;
  const share = (percent: number | null) => {
    if (percent === null || pupils === null) return null;
    const part = Math.round((percent * pupils) / 100);
    return safeToShow(part, pupils) && safeToShow(pupils - part, pupils) ? percent : null;
  };
  return {
    ...intake,
    girlsPercent: share(intake.girlsPercent),
    fsmPercent: share(intake.fsmPercent),
    senSupportPercent: share(intake.senSupportPercent),
    ehcPlanPercent: share(intake.ehcPlanPercent),
    ealPercent: share(intake.ealPercent),
  };
}

type Findings = {
  input: PublishInput;
  model: ForecastModel;
  weights: Record<SchoolType, SchoolWeights>;
  known: ReadonlyMap<Urn, Known>;
  forecast: SchoolForecast;
  group: SimilarGroup;
  expectation: Expectation;
  withoutLastYear: WithoutYear | undefined;
  visits: LearnFrom;
};

function issue(school: SchoolToPublish, findings: Findings): IssuedText {
  return {
    figures: figuresOf(school, findings),
    explanation: narrowJson(explanationOf(school, findings)),
  };
}

/** JSON of one-byte characters: with a single curly apostrophe in it, a text takes twice the memory wherever it goes. */
function narrowJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[^\x20-\xff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function figuresOf(
  { history, name }: SchoolToPublish,
  { input, forecast, group, expectation, visits }: Findings,
): IssuedFigures {
  const last = history.years.at(-1);
  const { overall, persistent, ladder } = expectation;
  return {
    urn: history.urn,
    laestab: history.laestab,
    school_name: name,
    la_code: history.laCode,
    school_type: history.schoolType,
    time_period: input.year,
    history_years: history.years.length,
    last_known_period: last?.year ?? null,
    last_absence_percent: last?.absencePercent ?? null,
    last_persistent_percent: last?.persistentPercent ?? null,
    forecast_absence_percent: forecast.overall.centralPercent,
    forecast_absence_lower_80: forecast.overall.lower80Percent,
    forecast_absence_upper_80: forecast.overall.upper80Percent,
    forecast_absence_lower_95: forecast.overall.lower95Percent,
    forecast_absence_upper_95: forecast.overall.upper95Percent,
    forecast_persistent_percent: forecast.persistent.centralPercent,
    forecast_persistent_lower_80: forecast.persistent.lower80Percent,
    forecast_persistent_upper_80: forecast.persistent.upper80Percent,
    forecast_persistent_lower_95: forecast.persistent.lower95Percent,
    forecast_persistent_upper_95: forecast.persistent.upper95Percent,
    context_absence_percent: overall?.context?.percent ?? null,
    context_persistent_percent: persistent?.context?.percent ?? null,
    expectation_absence_percent: overall?.expectationPercent ?? null,
    expectation_persistent_percent: persistent?.expectationPercent ?? null,
    improvement_absence_points: overall?.improvementPoints ?? null,
    improvement_persistent_points: persistent?.improvementPoints ?? null,
    probability_absence_met_by_chance: overall?.probabilityMetByChance ?? null,
    probability_persistent_met_by_chance: persistent?.probabilityMetByChance ?? null,
    ladder_similar_best_quarter_percent: ladder.bestQuarterOfSimilarPercent,
    ladder_la_average_percent: ladder.laAveragePercent,
    ladder_pre_pandemic_percent: ladder.prePandemicPercent,
    similar_count: group.similar.length,
    similar_urns: group.similar.map(({ urn }) => urn).join(';'),
    learn_from_urns: visits.schools.map(({ urn }) => urn).join(';'),
    no_match_reason: group.noMatchReason,
  };
}

function explanationOf(
  school: SchoolToPublish,
  { input, model, weights, known, forecast, group, expectation, withoutLastYear, visits }: Findings,
): Issued['explanation'] {
  const { schoolType } = school.history;
  const ofType = weights[schoolType];
  const { values } = known.get(school.history.urn) as Known;
  const forecast80 = {
    lower: forecast.overall.lower80Percent,
    upper: forecast.overall.upper80Percent,
  };
  const lastKnown = school.history.years.at(-1);
  const lastKnownYear = lastKnown?.year ?? null;
  const since = lastKnown?.fromRegisters
    ? null
    : levelSince(model.types[schoolType], lastKnownYear, input.year);
  const ownYears = school.history.years.filter((each) => each.fromRegisters);
  const { regionNames } = input;
  const others = group.similar.map(({ urn, distance }) => ({
    ...(known.get(urn) as Known),
    distance,
  }));
  const reasonsOf = (expected: Expectation) =>
    withSource(
      ownYears,
      reasonsFor({
        schoolType,
        expectation: expected,
        similar: group,
        values,
        similarValues: others.map((other) => other.values),
        weights: ofType,
        intakeSource: censusText(input.intakeCensusOn),
        forecast80,
        since,
        regionNames,
      }),
    );
  return {
    reasons: reasonsOf(expectation),
    caution: cautionFor({
      schoolType,
      year: input.year,
      lastKnownYear,
      forecast80,
      isHigher:
        forecast.overall.centralPercent > (school.history.years.at(-1)?.absencePercent ?? Infinity),
      since,
    }),
    similar: others.map((other) => ({
      urn: other.school.history.urn,
      name: other.school.name,
      laName: other.school.laName,
      distance: other.distance,
      differences: differencesInWords(values, other.told, ofType, { regionNames }),
    })),
    learnFrom: visits.schools.map(({ urn, kilometres, chanceUnderForecast }) => {
      const { school: other } = known.get(urn) as Known;
      return { urn, name: other.name, laName: other.laName, kilometres, chanceUnderForecast };
    }),
    noneToLearnFromReason: visits.noneReason,
    intakeCensusOn: input.intakeCensusOn,
    prePandemicYear: expectation.ladder.prePandemicYear,
    comparedInYear: expectation.ladder.comparedInYear,
    restsOn: model.types[schoolType]?.restsOn ?? '',
    ...(ownYears.length > 0 && {
      ownYears: ownYears.map(({ year }) => year),
      reasonsOutside: reasonsOf({ ...expectation, persistent: null }),
    }),
    ...(withoutLastYear && { withoutLastYear }),
  };
}

/** After what the school’s last year was: that it is from its own registers, where it is. */
function withSource(ownYears: readonly SchoolYear[], reasons: string[]): string[] {
  if (ownYears.length === 0) return reasons;
  const years = words.list(ownYears.map(({ year }) => yearLabel(year)));
  const [first = '', ...rest] = reasons;
  return [
    first,
    `${years} ${ownYears.length === 1 ? 'is' : 'are'} not published yet: counted from the school’s own registers, which the school has set beside its own system.`,
    ...rest,
  ];
}

function censusText(censusOn: string | null): string {
  return censusOn === null
    ? 'no census is loaded'
    : `school census, January ${censusOn.slice(0, 4)}`;
}

function summaryOf(
  input: PublishInput,
  model: ForecastModel,
  weights: Record<SchoolType, SchoolWeights>,
  groups: ReadonlyMap<Urn, SimilarGroup>,
): FitSummary {
  const types = schoolTypes.flatMap((schoolType): TypeSummary[] => {
    const type = model.types[schoolType];
    if (!type) return [];
    return [
      {
        schoolType,
        restsOn: type.restsOn,
        levelYear: type.levelYear,
        measures: { overall: measureSummary(type, 0), persistent: measureSummary(type, 1) },
        weights: weights[schoolType],
      },
    ];
  });
  return {
    year: input.year,
    schools: input.schools.filter((school) => !school.heldBack).length,
    left: input.left,
    withoutGoodMatch: [...groups.values()].filter((group) => group.noMatchReason !== null).length,
    restsOn: types.map((type) => type.restsOn).join(' '),
    intakeCensusOn: input.intakeCensusOn,
    types,
  };
}

function measureSummary(type: TypeModel, m: 0 | 1): MeasureSummary {
  const { shift, errors } = type.measures[measures[m]];
  return {
    levelPercent: type.level[m],
    spreadPoints: type.spread[m],
    shift,
    judgedOnYears: errors.years,
    judgedOnSchools: errors.schools,
  };
}
