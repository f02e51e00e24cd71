import {
  decide,
  isOfTheCircle,
  rateOutside,
  shareOutside,
  type Viewer,
  viewerText,
} from '../access/index.ts';
import { agreementOf, answerFor, countingYear, countingYearOf } from '../absence/index.ts';
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

/**
 * Where the year stands against the path, as this viewer may see it; undefined where nothing can be said of it. The school’s
 * own circle sees every week and group; others who may see the expectation see where the year stands now.
 */
export async function yearFor(
  stores: Stores,
  viewer: Viewer,
  { school, directory, issued }: { school: School; directory: Directory; issued: DatedIssue },
): Promise<YearAgainstPath | undefined> {
  const { figures } = issued;
  if (!isOfTheCircle(viewer)) {
    const facts = await yearFacts(stores, viewer, school, figures.time_period);
    if (facts?.percent === undefined || facts.percent === null) return undefined;
  }
  const all = await yearAgainstPath(stores, { school, schools: directory.schools, figures });
  if (!all) return undefined;
  return isOfTheCircle(viewer) ? withoutOthers(all) : fromOutside(all);
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

function fromOutside(all: YearAgainstPath): YearAgainstPath {
  return {
    ...withoutOthers(all),
    soFarPercent: rateOutside(all.soFarPercent),
    groups: [],
    weeks: all.weeks.map((week) => ({
      ...week,
      pathPercent: rateOutside(week.pathPercent),
      schoolPercent:
        week.monday === all.lastWeek && week.schoolPercent !== null
          ? rateOutside(week.schoolPercent)
          : null,
    })),
  };
}

export type YearFacts = {
  year: AcademicYear;
  /** Null where it is hidden because few pupils are behind it. */
  percent: number | null;
};

/** Kept for as long as nothing is committed: what is hidden of one school depends on all the others. */
const answers = perCommit(async () => new Map<string, ReturnType<typeof answerFor>>(), {
  ignoring: workedOutKinds,
});

/** Absence in the year so far, for whoever may see figures of the school. Refuses, as the policy says, who may not. */
export async function yearFacts(
  stores: Stores,
  viewer: Viewer,
  school: School,
  year: AcademicYear,
): Promise<YearFacts | undefined> {
  const known = await answers(stores);
  const key = `${viewerText(viewer)} ${year}`;
  const asked =
    known.get(key) ??
    answerFor(stores, viewer, {
      ...{ level: 'school', by: [], time: 'year', asKnownOn: null, urns: [] },
      // Outside the circle the daily series alone is given.
      series: viewer.role === 'operator' || isOfTheCircle(viewer) ? 'census' : 'daily',
      ...{ year, ...countingYear(year) },
    });
  known.set(key, asked);
  try {
    const { rows } = await asked;
    const row = rows.find(({ urn }) => school.chain.some((record) => record.urn === urn));
    return row && { year, percent: row['sess_overall_percent'] as number | null };
  } catch (error) {
    known.delete(key);
    // No register is here, or none of a school that the viewer may ask about: the policy let this school’s be asked for.
    if (error instanceof Refusal) return undefined;
    throw error;
  }
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
  return state === 'differs'
    ? {
        text: `These registers of ${yearLabel(year)} do not agree with the school’s own system, as it was last compared.`,
        ...{ link: 'See what differs', href },
      }
    : {
        text: `These registers of ${yearLabel(year)} have not been compared with the school’s own system yet.`,
        ...{ link: 'Compare them with its summary', href },
      };
}

export function yearOfClock(clock: Clock): AcademicYear {
  return countingYearOf(dayInEngland(clock()));
}

/** As the page has it. */
export function yearModel(school: School, found: YearAgainstPath) {
  const { year, end, expectationPercent, soFarPercent, pathPercent, passed } = found;
  const against = words.difference(soFarPercent, pathPercent);
  const where =
    against === 'the same'
      ? 'That is where this school is.'
      : `This school is ${against.replace(/ (higher|lower)$/, (_, way) => (way === 'higher' ? ' above that' : ' below that'))}.`;
  return {
    yearText: yearLabel(year),
    soFarPercent,
    pathPercent,
    against: words.sentence(against === 'the same' ? 'on the path' : `${against} than the path`),
    end,
    sentence: `Up to the week of ${words.date(found.lastWeek)}, ${words.percent(soFarPercent)} of sessions were missed. On the way to ${words.percent(expectationPercent)} for the whole year it would be ${words.percent(pathPercent)} by now. ${where}`,
    endSentence: `If the rest of the year goes as it usually does, it ends ${words.interval(end.lower80Percent, end.upper80Percent, 80)}. ${verdict(found)}`,
    seasonSentence: seasonSentence(school, found, passed.ratio),
    chart: chartOf(school, found),
    groups: found.groups.length > 0 ? groupsModel(found) : null,
    csv: `/schools/${school.urn}/year-so-far.csv`,
    groupsCsv: `/schools/${school.urn}/year-so-far-groups.csv`,
  };
}

function verdict({ end, expectationPercent }: YearAgainstPath): string {
  const expectation = `The expectation of ${words.percent(expectationPercent)}`;
  if (end.upper80Percent <= expectationPercent) {
    return `${expectation} is above all of that: the year is well on the way to meeting it.`;
  }
  if (end.lower80Percent > expectationPercent) {
    return `${expectation} is below all of that: it would take a better rest of the year than is usual.`;
  }
  return `${expectation} lies within that: the year can still end on either side of it.`;
}

function seasonSentence(school: School, { season }: YearAgainstPath, ratio: number): string {
  const percent = words.percent(100 * ratio, 0);
  const compared =
    Math.abs(ratio - 1) < 0.02
      ? 'By this time of the year, absence usually stands about where it ends.'
      : `By this time of the year, absence usually stands at ${percent} of what the whole year comes to: it is low in September and high in winter.`;
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
