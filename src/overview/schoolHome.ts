import { type Ask, decide, isOfTheCircle, type Route, type Viewer } from '../access/index.ts';
import { type AcademicYear, yearLabel } from '../base/academicYear.ts';
import type { Clock } from '../base/clock.ts';
import type { Measure } from '../base/measure.ts';
import { schoolTypePlural, schoolTypeSingular } from '../base/schoolType.ts';
import { type AreaYear, loadedText } from '../publications/index.ts';
import { type Directories, type Directory, type School, subjectOf } from '../schools/index.ts';
import type { Stores } from '../stores/index.ts';
import {
  type DatedIssue,
  findIssued,
  type IssuedFigures,
  maySetAside,
  rungStands,
  type ShownSuggestion,
  shownSuggestion,
  suggestionsIn,
} from '../targets/index.ts';
import {
  type Cell,
  type Chart,
  chanceChart,
  historyChart,
  type LadderRung,
  ladderChart,
  type Table,
  tableCsv,
  words,
} from '../ui/index.ts';
import {
  areaYearsOf,
  type Band,
  percentOf,
  type ShownYear,
  shownYears,
  similarBands,
} from './schoolFacts.ts';
import { ownRegistersModel, ownRegistersOf } from './ownRegisters.ts';
import {
  chartOf,
  factsSentence,
  groupsTable,
  notComparedOf,
  whyNoPath,
  yearFacts,
  yearFor,
  yearModel,
  yearOfClock,
} from './yearSoFar.ts';

type Params = Readonly<Record<string, string>>;

/** A school's home: its absence over the years, and for those who may see it what it can fairly be expected to reach. */
export function schoolHomeRoutes(stores: Stores, directories: Directories, clock: Clock): Route[] {
  const schoolOf = async (params: Params) => (await directories()).getTyped(params['urn'] ?? '');
  const subject = async (params: Params) => subjectOf(await schoolOf(params));
  const yearsFor = async ({ params, may }: Ask) => {
    const school = await schoolOf(params);
    const inside = may('issued expectation', subjectOf(school));
    return {
      school,
      inside,
      years: await shownYears(stores, school, { hideSmallNumbers: !inside }),
    };
  };
  /** The charts of the years as this viewer may see them, and what they are drawn from. */
  const charted = async (
    ask: Ask,
    { school, inside, years }: { school: School; inside: boolean; years: ShownYear[] },
  ) => {
    const issued = inside ? await findIssued(stores, ask.viewer, school) : undefined;
    const areas = await areaYearsOf(stores, school);
    const bands = issued
      ? await similarBands(stores, await directories(), issued.explanation.similar)
      : { overall: [], persistent: [] };
    const drawn = (measure: Measure): Chart =>
      history(school, measure, {
        ...{ areas, bands: bands[measure], issued },
        years: withOwnYear(years, issued?.figures),
      });
    return {
      issued,
      areas,
      charts: { overall: drawn('overall'), persistent: drawn('persistent') },
    };
  };
  const factsSoFar = async ({ viewer }: Ask, school: School, issued: DatedIssue | undefined) => {
    const found = await yearFacts(stores, viewer, school, yearOfClock(clock));
    return (
      found && {
        yearText: yearLabel(found.year),
        sentence: factsSentence(found),
        noPath: whyNoPath(found, issued),
      }
    );
  };
  const ownRegisters = async (
    { viewer }: Ask,
    school: School,
    { years, issued }: { years: ShownYear[]; issued: DatedIssue | undefined },
  ) => {
    if (!isOfTheCircle(viewer)) return null;
    const found = await ownRegistersOf(stores, school, { present: yearOfClock(clock), years });
    return found ? ownRegistersModel(school, found, issued?.explanation.ownYears) : null;
  };
  /** The year so far as this viewer may see it. */
  const soFarFor = async ({ params, viewer }: Pick<Ask, 'params' | 'viewer'>) => {
    const school = await schoolOf(params);
    const issued = await findIssued(stores, viewer, school);
    const directory = await directories();
    const soFar = issued && (await yearFor(stores, viewer, { school, directory, issued }));
    return { school, soFar };
  };
  const nothing: Table = { caption: 'The year so far', columns: [], rows: [] };
  return [
    {
      method: 'GET',
      path: '/schools/:urn/year-so-far.csv',
      summary: 'A school’s year so far against the path to its expectation, as a file',
      needs: 'issued expectation',
      shows: ['school statistic'],
      subject,
      async answer(ask) {
        const { school, soFar } = await soFarFor(ask);
        const table = soFar ? chartOf(school, soFar).table : nothing;
        return csvFile(`year-so-far-${school.urn}.csv`, table);
      },
    },
    {
      method: 'GET',
      path: '/schools/:urn/year-so-far-groups.csv',
      summary: 'The groups of a school in the year so far, as a file',
      needs: 'issued expectation',
      shows: ['school statistic'],
      subject,
      async answer(ask) {
        const { school, soFar } = await soFarFor(ask);
        const table = soFar ? groupsTable(soFar) : nothing;
        return csvFile(`year-so-far-groups-${school.urn}.csv`, table);
      },
    },
    {
      method: 'GET',
      path: '/schools/:urn',
      summary: 'A school’s home',
      needs: 'public statistic',
      shows: ['issued expectation', 'school statistic', 'attendance pattern'],
      subject,
      async answer(ask) {
        const { school, inside, years } = await yearsFor(ask);
        if (String(school.urn) !== ask.params['urn']) {
          return { kind: 'redirect', to: `/schools/${school.urn}` };
        }
        const directory = await directories();
        const { issued, areas, charts } = await charted(ask, { school, inside, years });
        const soFar = issued && (await yearFor(stores, ask.viewer, { school, directory, issued }));
        return {
          kind: 'page',
          template: 'overview/schoolHome.njk',
          model: {
            ...facts(school, years, areas),
            charts,
            inside,
            morning: ask.may('attendance pattern', subjectOf(school)),
            worklist: hasWorklist(ask.viewer, school),
            ownYearText: ownYearText(years, issued?.figures),
            notCompared: await notComparedOf(stores, ask.viewer, school, yearOfClock(clock)),
            soFar: soFar ? yearModel(school, soFar) : null,
            factsSoFar:
              soFar || !ask.may('school statistic', subjectOf(school))
                ? null
                : await factsSoFar(ask, school, issued),
            ownRegisters: inside ? await ownRegisters(ask, school, { years, issued }) : null,
            issued: issued
              ? expectation(school, issued, {
                  ...{ directory, areas },
                  suggested: await suggested(stores, ask, school, issued),
                })
              : null,
          },
        };
      },
    },
    ...(['overall', 'persistent'] as const).map((measure): Route => {
      const id = historyIds[measure];
      return {
        method: 'GET',
        path: `/schools/:urn/${id}.csv`,
        summary: `The figures of a school’s chart of ${measure} absence, as a file`,
        needs: 'public statistic',
        shows: ['issued expectation'],
        subject,
        async answer(ask) {
          const facts = await yearsFor(ask);
          const { charts } = await charted(ask, facts);
          return csvFile(`${id}-${facts.school.urn}.csv`, charts[measure].table);
        },
      };
    }),
    {
      method: 'GET',
      path: '/schools/:urn/steps.csv',
      summary: 'The figures of a school’s ladder of ambition, as a file',
      needs: 'issued expectation',
      subject,
      async answer({ params, viewer }) {
        const school = await schoolOf(params);
        const issued = await findIssued(stores, viewer, school);
        const table = issued && ladder(school, issued, await areaYearsOf(stores, school)).table;
        return csvFile(
          `steps-${school.urn}.csv`,
          table ?? { caption: 'Steps', columns: [], rows: [] },
        );
      },
    },
    {
      method: 'GET',
      path: '/schools/:urn/absence.csv',
      summary: 'A school’s published absence, as a file',
      needs: 'public statistic',
      shows: ['issued expectation'],
      subject,
      async answer(ask) {
        const { school, years } = await yearsFor(ask);
        return csvFile(`absence-${school.urn}.csv`, yearsTable(years));
      },
    },
    {
      method: 'GET',
      path: '/schools/:urn/expectation.csv',
      summary: 'What was issued to a school, as a file',
      needs: 'issued expectation',
      subject,
      async answer({ params, viewer }) {
        const school = await schoolOf(params);
        const issued = await findIssued(stores, viewer, school);
        return csvFile(`expectation-${school.urn}.csv`, figuresTable(issued?.figures));
      },
    },
  ];
}

const historyIds: Record<Measure, string> = {
  overall: 'history-overall',
  persistent: 'history-persistent',
};

/** The last year that the expectation rests on, where it is not among those that are published. */
function ownYearIn(years: readonly ShownYear[], figures: IssuedFigures | undefined) {
  const year = figures?.last_known_period ?? undefined;
  return years.some((each) => each.year === year) ? undefined : year;
}

function ownYearText(years: readonly ShownYear[], figures: IssuedFigures | undefined): string {
  const year = ownYearIn(years, figures);
  return year === undefined ? '' : yearLabel(year);
}

/** With the last year that the expectation rests on, where that is not published but of the school’s own registers. */
function withOwnYear(years: ShownYear[], figures: IssuedFigures | undefined): ShownYear[] {
  const { last_absence_percent: absencePercent } = figures ?? {};
  const year = ownYearIn(years, figures);
  if (!figures || year === undefined) return years;
  const own: ShownYear = {
    ...{ year, absencePercent: absencePercent ?? null, hidden: false },
    persistentPercent: figures.last_persistent_percent,
    ...{ authorisedPercent: null, unauthorisedPercent: null },
    ...{ enrolments: null, sessionsPossible: null },
  };
  return [...years, own].sort((a, b) => a.year - b.year);
}

function csvFile(name: string, table: Table) {
  return {
    kind: 'file' as const,
    name,
    contentType: 'text/csv; charset=utf-8',
    text: tableCsv(table),
  };
}

function facts(school: School, years: ShownYear[], areas: AreaYear[]) {
  const last = years.at(-1);
  const sameYear = (level: AreaYear['level']) =>
    areas.find((area) => area.level === level && area.year === last?.year);
  const [authority, england] = [sameYear('Local authority'), sameYear('National')];
  const besideAreas = (measure: Measure) =>
    authority && england
      ? `All ${schoolTypePlural[school.schoolType]}: ${school.laName} ${areaFigure(authority, measure)}, England ${areaFigure(england, measure)}`
      : '';
  const former = school.chain.slice(0, -1).map((record) => record.urn);
  return {
    school: {
      name: school.name,
      urn: school.urn,
      type: schoolTypeSingular[school.schoolType],
      place: [school.town, school.postcode].filter(Boolean).join(', '),
      authority: {
        name: school.laName,
        href: school.laCode === '' ? null : `/authorities/${school.laCode}`,
      },
      trust: school.trust && { name: school.trust.name, href: `/trusts/${school.trust.uid}` },
      formerUrns: former.length > 0 ? words.list(former.map(String)) : '',
      closed: school.closeDate,
    },
    last: last && {
      year: last.year,
      absence: shownFigure(last, 'overall'),
      persistent: shownFigure(last, 'persistent'),
      besideAbsence: besideAreas('overall'),
      besidePersistent: besideAreas('persistent'),
    },
    noYears: noYears(school),
    onlyListed: school.onlyListed,
    anyHidden: years.some((year) => year.hidden),
    yearsTable: yearsTable(years, 'hidden'),
    schoolPath: `/schools/${school.urn}`,
  };
}

function shownFigure(year: ShownYear, measure: Measure): string {
  const value = percentOf(year, measure);
  return value === null && year.hidden ? 'hidden' : words.percent(value);
}

/** An area of which enough schools are loaded, and that has no percentage, has one that is hidden. */
function areaFigure(area: AreaYear, measure: Measure): string {
  if (area.coverage === 'too few') return 'not known (too few of its schools are loaded)';
  const value = percentOf(area, measure);
  const loaded = loadedText(area);
  return value === null ? 'hidden' : `${words.percent(value)}${loaded && ` (${loaded})`}`;
}

/** Which schools an authority's figures are of: `primary schools`, and where not all may be loaded how many are. */
function schoolsTextOf(school: School, area: AreaYear | undefined): string {
  const all = schoolTypePlural[school.schoolType];
  return area?.coverage === 'loaded'
    ? `${all} loaded (${words.number(area.schools)} in ${yearLabel(area.year)})`
    : all;
}

/** Why a school has no published year. */
/** Whether a link to it leads anywhere: what stands on it is of children, and is asked for there. */
function hasWorklist(viewer: Viewer, school: School): boolean {
  return decide(viewer, 'worklist', subjectOf(school), { purpose: 'attendance' }).allowed;
}

function noYears(school: School): string {
  if (school.onlyListed) {
    return 'This school is known here from the list of schools that came with its registers. No published absence and no school census that is loaded here names it.';
  }
  const closed =
    school.closeDate === null ? '' : `This school closed on ${words.date(school.closeDate)}. `;
  return `${closed}None of the years loaded here has figures for it.${school.closeDate === null ? ' A new school stands in them once it has been open for a year.' : ''}`;
}

/** `where` stands in place of a figure that is hidden; a file leaves it blank. */
function yearsTable(years: ShownYear[], where: 'hidden' | null = null): Table {
  return {
    caption: 'Absence by year',
    columns: [
      { name: 'time_period', heading: 'Year', kind: 'year' },
      { name: 'enrolments', heading: 'Enrolments', kind: 'count' },
      { name: 'sess_overall_percent', heading: 'Absence', kind: 'percent' },
      { name: 'sess_authorised_percent', heading: 'Authorised', kind: 'percent' },
      { name: 'sess_unauthorised_percent', heading: 'Unauthorised', kind: 'percent' },
      { name: 'enrolments_pa_10_exact_percent', heading: 'Persistently absent', kind: 'percent' },
    ],
    rows: years.map((year) => [
      year.year,
      ...[
        year.enrolments,
        year.absencePercent,
        year.authorisedPercent,
        year.unauthorisedPercent,
        year.persistentPercent,
      ].map((figure) => figure ?? (year.hidden ? where : null)),
    ]),
  };
}

function figuresTable(figures: IssuedFigures | undefined): Table {
  const entries = Object.entries(figures ?? {});
  return {
    caption: 'What was issued',
    columns: entries.map(([name]) => ({ name, heading: name, kind: 'text' })),
    rows: figures ? [entries.map(([, value]) => value)] : [],
  };
}

type Drawn = {
  years: ShownYear[];
  areas: AreaYear[];
  bands: Band[];
  issued: DatedIssue | undefined;
};

function history(school: School, measure: Measure, { years, areas, bands, issued }: Drawn) {
  const figures = issued && measureFigures(issued.figures, measure);
  const authorityAreas = areas.filter((area) => area.level === 'Local authority');
  const partly = authorityAreas.findLast((area) => area.coverage === 'loaded');
  return historyChart({
    id: historyIds[measure],
    schoolName: school.name,
    measure,
    school: years.map((year) => ({
      year: year.year,
      percent: percentOf(year, measure),
      hidden: year.hidden && percentOf(year, measure) === null,
    })),
    similar: bands,
    authority: {
      name: school.laName,
      schoolsText: schoolsTextOf(school, partly),
      years: authorityAreas.map((area) => ({
        year: area.year,
        percent: percentOf(area, measure),
        hidden: area.coverage !== 'too few' && percentOf(area, measure) === null,
      })),
    },
    forecast: figures ? { year: issued.figures.time_period, ...figures.forecast } : null,
    expectationPercent: figures?.expectationPercent ?? null,
  });
}

/** One measure's figures out of the flat row of `targets publish`. */
function measureFigures(figures: IssuedFigures, measure: Measure) {
  const of = measure === 'overall' ? 'absence' : 'persistent';
  const percent = figures[`forecast_${of}_percent`];
  const lower80 = figures[`forecast_${of}_lower_80`];
  const upper80 = figures[`forecast_${of}_upper_80`];
  const lower95 = figures[`forecast_${of}_lower_95`];
  const upper95 = figures[`forecast_${of}_upper_95`];
  if (percent === null || lower80 === null || upper80 === null) return undefined;
  if (lower95 === null || upper95 === null) return undefined;
  return {
    forecast: { percent, lower80, upper80, lower95, upper95 },
    expectationPercent: figures[`expectation_${of}_percent`],
    probability: figures[`probability_${of}_met_by_chance`],
    improvement: figures[`improvement_${of}_points`],
    last: figures[`last_${of}_percent`],
  };
}

function expectation(
  school: School,
  issued: DatedIssue,
  of: { directory: Directory; areas: readonly AreaYear[]; suggested: readonly ShownSuggestion[] },
) {
  const { directory, areas, suggested } = of;
  const { figures, explanation, issuedOn } = issued;
  const hrefOf = (urn: number) => `/schools/${directory.find(urn)?.urn ?? urn}`;
  const overall = measureFigures(figures, 'overall');
  const persistent = measureFigures(figures, 'persistent');
  const learnFrom = explanation.learnFrom.map((other) => ({
    ...other,
    href: hrefOf(other.urn),
    suggestion: aboutOf(suggested, `learn-from:${other.urn}`),
  }));
  return {
    year: figures.time_period,
    yearText: yearLabel(figures.time_period),
    issuedOn: words.date(issuedOn),
    ...cautionParts(explanation.caution ?? ''),
    overall: overall ?? null,
    againstLast: againstLast(figures),
    persistent: persistent ?? null,
    chance:
      overall && overall.probability !== null && overall.expectationPercent !== null
        ? chanceChart({
            id: 'chance',
            probability: overall.probability,
            expectationPercent: overall.expectationPercent,
          })
        : null,
    ladder: ladder(school, issued, areas),
    reasons: explanation.reasons,
    restsOn: explanation.restsOn,
    censusOn: explanation.intakeCensusOn,
    noMatchReason: figures.no_match_reason,
    similar: similarTable(explanation.similar, hrefOf, suggested),
    learnFrom: learnFrom.filter(({ suggestion }) => !suggestion?.setAside),
    notLearnFrom: learnFrom.filter(({ suggestion }) => suggestion?.setAside),
    suggested: {
      expectation: aboutOf(suggested, 'expectation'),
      forecast: aboutOf(suggested, 'forecast'),
      ladder: aboutOf(suggested, 'ladder'),
      reasons: aboutOf(suggested, 'reasons'),
    },
    suggestions: `/schools/${school.urn}/suggestions`,
    noneToLearnFromReason: explanation.noneToLearnFromReason,
    csv: `/schools/${school.urn}/expectation.csv`,
  };
}

/** The first sentence warns; the rest says why. */
function cautionParts(caution: string): { warning: string; caution: string } {
  const [warning = '', ...rest] = caution.split(/(?<=\.) /);
  return { warning, caution: rest.join(' ') };
}

function ladder(
  school: School,
  { figures, explanation }: DatedIssue,
  areas: readonly AreaYear[],
): Chart {
  const { last_known_period: lastYear, last_absence_percent: last } = figures;
  const expectationPercent = figures.expectation_absence_percent;
  const compared = explanation.comparedInYear ?? null;
  const authority = areas.find(
    (area) => area.level === 'Local authority' && area.year === compared,
  );
  const rung = (
    percent: number | null,
    year: AcademicYear | null,
    whyNotKnown = 'not known',
  ): LadderRung => ({
    percent,
    year: percent === null ? null : year,
    whyNotKnown,
    stands:
      percent === null || expectationPercent === null
        ? 'no further'
        : rungStands(percent, year, {
            expectationPercent,
            lastKnownPercent: last,
            lastKnownYear: lastYear,
          }),
  });
  return ladderChart({
    id: 'ladder',
    schoolName: school.name,
    measure: 'overall',
    year: figures.time_period,
    lastYear: lastYear !== null && last !== null ? { year: lastYear, percent: last } : null,
    forecastPercent: figures.forecast_absence_percent,
    expectationPercent,
    similarBestQuarter: rung(
      figures.ladder_similar_best_quarter_percent,
      compared,
      figures.no_match_reason === null ? 'not known' : 'no good match',
    ),
    authorityAverage: {
      ...rung(figures.ladder_la_average_percent, compared),
      name: school.laName,
      schoolsText: schoolsTextOf(school, authority),
    },
    prePandemic:
      explanation.prePandemicYear === null
        ? null
        : rung(figures.ladder_pre_pandemic_percent, explanation.prePandemicYear),
  });
}

/** The expectation beside the last year known; empty where one of them is not. */
function againstLast(figures: IssuedFigures): string {
  const { expectation_absence_percent: expected, last_absence_percent: last } = figures;
  if (expected === null || last === null || figures.last_known_period === null) return '';
  const gap = words.difference(expected, last);
  const year = yearLabel(figures.last_known_period);
  if (gap === 'the same') return `The same as in ${year}`;
  const still = expected > last ? ', and still less than would come by itself' : '';
  return `${words.sentence(gap)} than in ${year}${still}`;
}

/** What was suggested, with what it rests on and what the school said of it. */
async function suggested(
  stores: Stores,
  { viewer }: Ask,
  school: School,
  issued: DatedIssue,
): Promise<ShownSuggestion[]> {
  const { suggestions } = await suggestionsIn(stores, viewer, school, issued);
  const mayChange = maySetAside(viewer, school);
  return suggestions.map((each) => shownSuggestion(each, school, mayChange));
}

function aboutOf(all: readonly ShownSuggestion[], key: string): ShownSuggestion | null {
  return all.find((each) => each.key === key) ?? null;
}

function similarTable(
  similar: DatedIssue['explanation']['similar'],
  hrefOf: (urn: number) => string,
  suggested: readonly ShownSuggestion[],
): Table {
  const about = similar.map(({ urn }) => aboutOf(suggested, `similar:${urn}`));
  const anySaid = about.some((each) => each?.setAside || each?.href);
  return {
    caption: 'Similar schools, nearest first',
    columns: [
      { name: 'school_name', heading: 'School', kind: 'text' },
      { name: 'la_name', heading: 'Authority', kind: 'text' },
      { name: 'differences', heading: 'Where it differs most', kind: 'text' },
      ...(anySaid
        ? [{ name: 'fits', heading: 'Does it fit this school?', kind: 'text' as const }]
        : []),
    ],
    rows: similar.map(({ urn, name, laName, differences }, index) => [
      { text: name, href: hrefOf(urn) },
      laName,
      differences.length > 0 ? words.list(differences) : 'In nothing that counts',
      ...(anySaid ? [fitCell(about[index] ?? null)] : []),
    ]),
  };
}

function fitCell(about: ShownSuggestion | null): Cell {
  const { setAside, href } = about ?? {};
  const text = setAside
    ? `Set aside by ${setAside.by} on ${setAside.on}. ${setAside.because}: “${setAside.reason}”`
    : href
      ? 'This does not fit us'
      : '';
  return href ? { text, href } : text;
}
