import type { Ask, Route } from '../access/index.ts';
import { yearLabel } from '../base/academicYear.ts';
import type { Measure } from '../base/measure.ts';
import { schoolTypeSingular } from '../base/schoolType.ts';
import type { AreaYear } from '../publications/index.ts';
import { type Directories, type Directory, type School, subjectOf } from '../schools/index.ts';
import type { Stores } from '../stores/index.ts';
import { findIssued, type Issued, type IssuedFigures } from '../targets/index.ts';
import {
  chanceChart,
  historyChart,
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

type Params = Readonly<Record<string, string>>;

/** A school's home: its absence over the years, and for those who may see it what it can fairly be expected to reach. */
export function schoolHomeRoutes(stores: Stores, directories: Directories): Route[] {
  const schoolOf = async (params: Params) => (await directories()).get(Number(params['urn']));
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
  return [
    {
      method: 'GET',
      path: '/schools/:urn',
      summary: 'A school’s home',
      needs: 'public statistic',
      subject,
      async answer(ask) {
        const { school, inside, years } = await yearsFor(ask);
        if (String(school.urn) !== ask.params['urn']) {
          return { kind: 'redirect', to: `/schools/${school.urn}` };
        }
        const issued = inside ? await findIssued(stores, ask.viewer, school) : undefined;
        const directory = await directories();
        const areas = await areaYearsOf(stores, school);
        const bands = issued
          ? await similarBands(stores, directory, issued.explanation.similar)
          : { overall: [], persistent: [] };
        const drawn = (measure: Measure) =>
          history(school, measure, { years, areas, bands: bands[measure], issued });
        return {
          kind: 'page',
          template: 'overview/schoolHome.njk',
          model: {
            ...facts(school, years, areas),
            charts: {
              overall: drawn('overall'),
              persistent: drawn('persistent'),
            },
            inside,
            issued: issued ? expectation(school, issued, directory) : null,
          },
        };
      },
    },
    {
      method: 'GET',
      path: '/schools/:urn/absence.csv',
      summary: 'A school’s published absence, as a file',
      needs: 'public statistic',
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
  const former = school.chain.slice(0, -1).map((record) => record.urn);
  return {
    school: {
      name: school.name,
      urn: school.urn,
      type: schoolTypeSingular[school.schoolType],
      place: [school.town, school.postcode].filter(Boolean).join(', '),
      authority: { name: school.laName, href: `/authorities/${school.laCode}` },
      trust: school.trust && { name: school.trust.name, href: `/trusts/${school.trust.uid}` },
      formerUrns: former.length > 0 ? words.list(former.map(String)) : '',
      closed: school.closeDate,
    },
    last: last && {
      year: last.year,
      absence: last.absencePercent,
      persistent: last.persistentPercent,
      hidden: last.hidden,
    },
    authorityLast: sameYear('Local authority') ?? null,
    englandLast: sameYear('National') ?? null,
    anyHidden: years.some((year) => year.hidden),
    yearsTable: yearsTable(years),
    schoolCsv: `/schools/${school.urn}/absence.csv`,
  };
}

function yearsTable(years: ShownYear[]): Table {
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
      year.enrolments,
      year.absencePercent,
      year.authorisedPercent,
      year.unauthorisedPercent,
      year.persistentPercent,
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
  issued: Issued | undefined;
};

function history(school: School, measure: Measure, { years, areas, bands, issued }: Drawn) {
  const figures = issued && measureFigures(issued.figures, measure);
  return historyChart({
    id: `history-${measure}`,
    schoolName: school.name,
    measure,
    school: years.map((year) => ({ year: year.year, percent: percentOf(year, measure) })),
    similar: bands,
    authority: {
      name: school.laName,
      years: areas
        .filter((area) => area.level === 'Local authority')
        .map((area) => ({ year: area.year, percent: percentOf(area, measure) })),
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

function expectation(school: School, { figures, explanation }: Issued, directory: Directory) {
  const hrefOf = (urn: number) => `/schools/${directory.find(urn)?.urn ?? urn}`;
  const overall = measureFigures(figures, 'overall');
  const persistent = measureFigures(figures, 'persistent');
  return {
    year: figures.time_period,
    yearText: yearLabel(figures.time_period),
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
    ladder: ladderChart({
      id: 'ladder',
      schoolName: school.name,
      measure: 'overall',
      year: figures.time_period,
      lastYear:
        figures.last_known_period !== null && figures.last_absence_percent !== null
          ? { year: figures.last_known_period, percent: figures.last_absence_percent }
          : null,
      expectationPercent: figures.expectation_absence_percent,
      similarBestQuarterPercent: figures.ladder_similar_best_quarter_percent,
      authorityAverage: { name: school.laName, percent: figures.ladder_la_average_percent },
      prePandemic:
        explanation.prePandemicYear === null
          ? null
          : { year: explanation.prePandemicYear, percent: figures.ladder_pre_pandemic_percent },
    }),
    reasons: explanation.reasons,
    restsOn: explanation.restsOn,
    censusOn: explanation.intakeCensusOn,
    noMatchReason: figures.no_match_reason,
    similar: similarTable(explanation.similar, hrefOf),
    learnFrom: explanation.learnFrom.map((other) => ({ ...other, href: hrefOf(other.urn) })),
    noneToLearnFromReason: explanation.noneToLearnFromReason,
    csv: `/schools/${school.urn}/expectation.csv`,
  };
}

/** The expectation beside the last year known; empty where one of them is not. */
function againstLast(figures: IssuedFigures): string {
  const { expectation_absence_percent: expected, last_absence_percent: last } = figures;
  if (expected === null || last === null || figures.last_known_period === null) return '';
  const gap = words.difference(expected, last);
  const year = yearLabel(figures.last_known_period);
  return gap === 'the same' ? `The same as in ${year}` : `${words.sentence(gap)} than in ${year}`;
}

function similarTable(
  similar: Issued['explanation']['similar'],
  hrefOf: (urn: number) => string,
): Table {
  return {
    caption: 'Similar schools, nearest first',
    columns: [
      { name: 'school_name', heading: 'School', kind: 'text' },
      { name: 'la_name', heading: 'Authority', kind: 'text' },
      { name: 'differences', heading: 'Where it differs most', kind: 'text' },
    ],
    rows: similar.map(({ urn, name, laName, differences }) => [
      { text: name, href: hrefOf(urn) },
      laName,
      differences.length > 0 ? words.list(differences) : 'In nothing that counts',
    ]),
  };
}
