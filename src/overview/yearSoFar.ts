import {
  decide,
  isOfTheCircle,
  rateOutside,
  shareOutside,
  type Viewer,
  viewerText,
} from '../access/index.ts';
import {
  agreementOf,
  type AgreementState,
  answerFor,
  countingYear,
  countingYearOf,
  type Question,
  rateStep,
  seriesWords,
} from '../absence/index.ts';
import { type AcademicYear, yearLabel } from '../base/academicYear.ts';
import { type Clock, dayInEngland } from '../base/clock.ts';
import { Refusal } from '../base/problem.ts';
import { schoolTypePlural, schoolTypeSingular } from '../base/schoolType.ts';
import { type Directory, type School, subjectOf } from '../schools/index.ts';
import { perCommit, type Stores, workedOutKinds } from '../stores/index.ts';
import {
  type DatedIssue,
  type GroupAgainstPath,
  yearAgainstPath,
  type YearAgainstPath,
} from '../targets/index.ts';
import { type Chart, type Table, words, yearChart } from '../ui/index.ts';

export type YearShown = YearAgainstPath & { series: Question['series'] };

/**
 * Where the year stands against the path, as this viewer may see it; undefined where nothing can be said of it. The school’s
 * own circle sees every week and group; others who may see the expectation see where the year stands now, and the year’s end
 * as it follows from that figure as they are given it: nothing of one in whole percents, which is too rough for that.
 */
export async function yearFor(
  stores: Stores,
  viewer: Viewer,
  { school, directory, issued }: { school: School; directory: Directory; issued: DatedIssue },
): Promise<YearShown | undefined> {
  const { figures } = issued;
  const asked = { school, schools: directory.schools, figures };
  if (isOfTheCircle(viewer)) {
    const all = await yearAgainstPath(stores, asked);
    return all && { ...withoutOthers(all), series: 'census' };
  }
  const facts = await yearFacts(stores, viewer, school, figures.time_period);
  if (facts === undefined || facts.percent === null || facts.step === 1) return undefined;
  const { percent, step, enrolments, series } = facts;
  const told = { percent, within: step / 2, enrolments };
  const all = await yearAgainstPath(stores, { ...asked, told });
  return all && { ...withoutOthers(all), series };
}

/**
 * The path, the season and so where the year may end rest on registers of other schools of the type, with few of them here
 * on one other’s: a school that knows its own would find the other’s weeks in an exact path.
 */
function withoutOthers(all: YearAgainstPath): YearAgainstPath {
  const { end, passed, season } = all;
  return {
    ...all,
    pathPercent: rateOutside(all.pathPercent),
    end: roundedEnd(end),
    passed: { share: shareOutside(passed.share), ratio: shareOutside(passed.ratio) },
    season: { ...season, weeks: [] },
    weeks: all.weeks.map((week) => ({ ...week, pathPercent: rateOutside(week.pathPercent) })),
    groups: all.groups.map((group) => ({
      ...group,
      pathPercent: rateOutside(group.pathPercent),
      gapPoints: rateOutside(group.gapPoints),
      end: group.end && roundedEnd(group.end),
    })),
  };
}

function roundedEnd(end: YearAgainstPath['end']): YearAgainstPath['end'] {
  return {
    withoutSeasonPercent: rateOutside(end.withoutSeasonPercent),
    centralPercent: rateOutside(end.centralPercent),
    lower80Percent: rateOutside(end.lower80Percent),
    upper80Percent: rateOutside(end.upper80Percent),
  };
}

export type YearFacts = {
  year: AcademicYear;
  series: Question['series'];
  /** Null where it is hidden because few pupils are behind it. */
  percent: number | null;
  /** What it is rounded to; 0 where it is exact. */
  step: 0 | 0.1 | 1;
  /** Pupils that it rests on; 0 where they are hidden. */
  enrolments: number;
};

/** Kept for as long as nothing is committed: what is hidden of one school depends on all the others. */
const answers = perCommit(async () => new Map<string, ReturnType<typeof answerFor>>(), {
  ignoring: workedOutKinds,
});

/** Absence in the year so far as the kernel discloses it, for whoever may see figures of the school. Refuses, as the policy says, who may not. */
export async function yearFacts(
  stores: Stores,
  viewer: Viewer,
  school: School,
  year: AcademicYear,
): Promise<YearFacts | undefined> {
  // Outside the circle the daily series alone is given.
  const series = viewer.role === 'operator' || isOfTheCircle(viewer) ? 'census' : 'daily';
  const known = await answers(stores);
  const key = `${viewerText(viewer)} ${year}`;
  const asked =
    known.get(key) ??
    answerFor(stores, viewer, {
      ...{ level: 'school', by: [], time: 'year', asKnownOn: null, urns: [] },
      ...{ series, year, ...countingYear(year) },
    });
  known.set(key, asked);
  try {
    const { rows } = await asked;
    const own = rows.filter(({ urn }) => school.chain.some((record) => record.urn === urn));
    return own.length === 0 ? undefined : { year, series, ...factsOf(own) };
  } catch (error) {
    known.delete(key);
    // No register is here, or none of a school that the viewer may ask about: the policy let this school’s be asked for.
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

type DisclosedRows = Awaited<ReturnType<typeof answerFor>>['rows'];

/** Over the URNs that a school had in the year: each as it is disclosed, and several only where their sessions are. */
function factsOf(rows: DisclosedRows): Pick<YearFacts, 'percent' | 'step' | 'enrolments'> {
  const [only, ...others] = rows;
  const column = (name: string) => rows.map((row) => row[name] as number | null);
  const sum = (values: (number | null)[]) =>
    values.reduce((all, value) => (all === null || value === null ? null : all + value), 0);
  const enrolments = Math.max(...column('enrolments').map((count) => count ?? 0));
  if (only && others.length === 0) {
    const percent = only['sess_overall_percent'] as number | null;
    return { percent, step: (only[rateStep] ?? 0) as YearFacts['step'], enrolments };
  }
  const [possible, absent] = [sum(column('sess_possible')), sum(column('sess_overall'))];
  const isTold = possible !== null && absent !== null && possible > 0;
  return { percent: isTold ? (100 * absent) / possible : null, step: 0, enrolments };
}

/** That nobody has set this year’s registers beside the school’s own system, or that they differ: for who can do it. */
export async function notComparedOf(
  stores: Stores,
  viewer: Viewer,
  school: School,
  year: AcademicYear,
): Promise<{ text: string; link: string; href: string } | null> {
  if (!decide(viewer, 'school statistic', subjectOf(school), { act: 'change' }).allowed)
    return null;
  const { state } = await agreementOf(stores, school.urn, year);
  if (state === 'agrees' || state === 'explained and accepted') return null;
  const href = `/schools/${school.urn}/absence/compare?year=${year}`;
  const { text, link } = notAgreed[state];
  return { text: `These registers of ${yearLabel(year)} ${text}`, link, href };
}

const notAgreed: Record<
  Exclude<AgreementState, 'agrees' | 'explained and accepted'>,
  { text: string; link: string }
> = {
  differs: {
    text: 'do not agree with the school’s own system, as it was last compared.',
    link: 'See what differs',
  },
  'changed since': {
    text: 'have changed since they were compared with the school’s own system.',
    link: 'Compare a new summary',
  },
  'agrees in part': {
    text: 'agree with the school’s own system in what was compared, which is not the whole year to date or gives no numbers of sessions.',
    link: 'Compare all of it',
  },
  'no summary yet': {
    text: 'have not been compared with the school’s own system yet.',
    link: 'Compare them with its summary',
  },
};

export function yearOfClock(clock: Clock): AcademicYear {
  return countingYearOf(dayInEngland(clock()));
}

/** As the page has it. */
export function yearModel(school: School, found: YearShown) {
  const { year, series, expectationPercent, soFarPercent, pathPercent } = found;
  const against = words.difference(soFarPercent, pathPercent);
  const where =
    against === 'the same'
      ? 'That is where this school is.'
      : `This school is ${against.replace(/ (higher|lower)$/, (_, way) => (way === 'higher' ? ' above that' : ' below that'))}.`;
  return {
    yearText: yearLabel(year),
    counted: seriesWords[series],
    soFarPercent,
    pathPercent,
    against: words.sentence(against === 'the same' ? 'on the path' : `${against} than the path`),
    end: endFigure(found),
    sentence: `Up to the week of ${words.date(found.lastWeek)}, ${words.percent(soFarPercent)} of sessions were missed. On the way to ${words.percent(expectationPercent)} for the whole year it would be ${words.percent(pathPercent)} by now. ${where}`,
    silentSentence: silentSentence(found),
    endSentence: endSentence(found),
    seasonSentence: seasonSentence(school, found),
    chart: chartOf(school, found),
    groups: found.groups.length > 0 ? groupsModel(found) : null,
    csv: `/schools/${school.urn}/year-so-far.csv`,
    groupsCsv: `/schools/${school.urn}/year-so-far-groups.csv`,
  };
}

/** What was missed so far, and how it is counted. */
export function factsSentence({ percent, step, series }: YearFacts): string {
  return percent === null
    ? 'Absence so far is hidden: it rests on few pupils, or would tell such.'
    : `${step === 0 ? '' : 'About '}${words.percent(percent, step === 1 ? 0 : 1)} of sessions were missed so far, by the school’s own registers, counted ${seriesWords[series]}. Absence is usually low in September and high in winter: do not set this against the figure of a whole year.`;
}

/** Why whoever may see the path sees none beside what was missed so far. */
export function whyNoPath(
  { year, percent, step }: Pick<YearFacts, 'year' | 'percent' | 'step'>,
  issued: DatedIssue | undefined,
): string | null {
  if (!issued) return null;
  const { time_period: of } = issued.figures;
  if (of !== year) {
    return `The path to the expectation is not shown: the expectation here is of ${yearLabel(of)}.`;
  }
  if (percent === 0) {
    return 'The path to the expectation is not shown yet: nothing was missed so far, or next to nothing, and that tells nothing of where the year ends.';
  }
  return step === 1
    ? 'The path to the expectation is not shown: absence of so few pupils is told in whole percents, too roughly to say where the year stands.'
    : null;
}

/** The year is over and all of it is known: what it came to is no estimate. */
function isCounted({ over, end }: YearAgainstPath): boolean {
  return over && words.percent(end.lower80Percent) === words.percent(end.upper80Percent);
}

function endFigure(found: YearAgainstPath) {
  const { end, over } = found;
  if (isCounted(found)) {
    return {
      ...{ label: 'Where the year ended', value: words.percent(found.soFarPercent) },
      ...{ detail: 'The year is over', provenance: 'calculated' },
    };
  }
  return {
    label: over ? 'Where the year may have ended' : 'Where the year may end',
    value: `${words.percent(end.lower80Percent)} to ${words.percent(end.upper80Percent)}`,
    ...{ detail: '8 years in 10', provenance: 'estimate' },
  };
}

function silentSentence({ silent, lastWeek, over }: YearAgainstPath): string {
  if (silent.length === 0) return '';
  const which =
    silent.length > 4
      ? `the first that of ${words.date(silent[0] as string)}, the last that of ${words.date(silent.at(-1) as string)}`
      : words.list(silent.map((monday) => `that of ${words.date(monday)}`));
  const much = silent.length === 1 ? 'one week' : words.plural(silent.length, 'week');
  return `Of ${much} before that of ${words.date(lastWeek)} there are no registers here: ${which}. Absence so far and the path are of the other weeks alone. Where the year ${over ? 'ended' : 'may end'} is told of the whole year, and is less sure by those weeks.`;
}

function endSentence(found: YearAgainstPath): string {
  const { end, over, soFarPercent, expectationPercent } = found;
  if (isCounted(found)) {
    const against = words.difference(soFarPercent, expectationPercent);
    return `The year is over: it ended at ${words.percent(soFarPercent)}, ${against === 'the same' ? 'which is' : `${against} than`} the expectation.`;
  }
  const interval = words.interval(end.lower80Percent, end.upper80Percent, 80);
  return over
    ? `The year is over. If the weeks without registers were as they usually are, it ended ${interval}. ${verdict(found)}`
    : `If the rest of the year goes as it usually does, it ends ${interval}. ${verdict(found)}`;
}

function verdict({ end, expectationPercent, over }: YearAgainstPath): string {
  const expectation = `The expectation of ${words.percent(expectationPercent)}`;
  if (end.upper80Percent <= expectationPercent) {
    return `${expectation} is above all of that: ${over ? 'it was met, as far as is known' : 'the year is well on the way to meeting it'}.`;
  }
  if (end.lower80Percent > expectationPercent) {
    return `${expectation} is below all of that: ${over ? 'it was not met, as far as is known' : 'it would take a better rest of the year than is usual'}.`;
  }
  return `${expectation} lies within that: ${over ? 'the registers here do not tell on which side of it the year ended' : 'the year can still end on either side of it'}.`;
}

function seasonSentence(
  school: School,
  { season, passed: { ratio }, silent }: YearAgainstPath,
): string {
  const percent = words.percent(100 * ratio, 0);
  const when = silent.length > 0 ? 'In the weeks that are here' : 'By this time of the year';
  const compared =
    Math.abs(ratio - 1) < 0.02
      ? `${when}, absence usually stands about where it ends.`
      : `${when}, absence usually stands at ${percent} of what the whole year comes to: it is low in September and high in winter.`;
  const from =
    season.from === null
      ? 'That is a usual season: the registers of last year are not here to tell it better.'
      : `That is from the registers of ${words.plural(season.from.schools, schoolTypeSingular[school.schoolType], schoolTypePlural[school.schoolType])} here in ${yearLabel(season.from.year)}${season.from.schools < 50 ? ', drawn towards a usual season because they are few' : ''}.`;
  return `${compared} ${from}`;
}

export function chartOf(school: School, found: YearAgainstPath): Chart {
  return yearChart({
    id: 'year-so-far',
    schoolName: school.name,
    year: found.year,
    weeks: found.weeks,
    expectationPercent: found.expectationPercent,
    end: found.end,
  });
}

const mostGroups = 3;
/** A part of the gap that would be shown as 0.0. */
const leastPoints = 0.05;

function groupsModel(found: YearAgainstPath) {
  const heaviest = found.groups.filter(({ gapPoints }) => gapPoints >= leastPoints);
  return {
    heaviest: heaviest.slice(0, mostGroups).map((group) => ({
      name: groupName(group),
      text: `${words.percent(group.soFarPercent)} so far, ${words.percent(group.pathPercent)} on its path. Being above it adds ${words.points(group.gapPoints)} to the school’s figure.${
        group.end
          ? ` The year may end ${words.interval(group.end.lower80Percent, group.end.upper80Percent, 80)}.`
          : ''
      }`,
    })),
    path: found.groupsFromLastYear
      ? 'A group’s path is the school’s, in the proportion in which the group’s absence stood to the school’s last year. Groups overlap: a pupil stands in one year group, and among those with or without free school meals and special needs, so the parts are not to be added up across them.'
      : 'Last year’s registers are not here, so the school’s own path is shown for every group, also for those that are usually above it.',
    table: groupsTable(found),
  };
}

export function groupsTable({ groups }: YearAgainstPath): Table {
  return {
    caption: 'Groups, by what they add to the distance from the path',
    columns: [
      { name: 'group', heading: 'Pupils', kind: 'text' },
      { name: 'enrolments', heading: 'How many', kind: 'count' },
      { name: 'absence_so_far_percent', heading: 'So far', kind: 'percent' },
      { name: 'path_percent', heading: 'On the path', kind: 'percent' },
      { name: 'gap_points', heading: 'Adds to the gap, points', kind: 'points' },
      { name: 'year_end_lower_80', heading: 'Year may end from', kind: 'percent' },
      { name: 'year_end_upper_80', heading: 'to', kind: 'percent' },
    ],
    rows: groups.map((group) => [
      groupName(group),
      group.enrolments,
      group.soFarPercent,
      group.pathPercent,
      group.gapPoints,
      group.end?.lower80Percent ?? null,
      group.end?.upper80Percent ?? null,
    ]),
  };
}

const groupWords: Record<string, string> = {
  'fsm 1': 'Eligible for free school meals',
  'fsm 0': 'Not eligible for free school meals',
  'sen N': 'No special educational needs',
  'sen K': 'SEN support',
  'sen E': 'Education, health and care plan',
  'year_group R': 'Reception',
};

export function groupName({
  grouping,
  value,
}: Pick<GroupAgainstPath, 'grouping' | 'value'>): string {
  const known = groupWords[`${grouping} ${value}`];
  if (known) return known;
  if (grouping === 'year_group' && /^\d+$/.test(value)) return `Year ${value}`;
  return {
    year_group: 'Year group not known',
    fsm: 'Free school meals not known',
    sen: 'Special needs not known',
  }[grouping];
}
