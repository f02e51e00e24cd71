import { createAssets } from './assets.ts';
import { barsChart } from './charts/barsChart.ts';
import { calibrationChart } from './charts/calibrationChart.ts';
import { chanceChart } from './charts/chanceChart.ts';
import { type YearData, yearChart } from './charts/yearChart.ts';
import type { Chart } from './charts/chart.ts';
import { coverageChart } from './charts/coverageChart.ts';
import { historyChart } from './charts/historyChart.ts';
import type { HistoryData } from './charts/historyData.ts';
import { type LadderData, ladderChart } from './charts/ladderChart.ts';
import { type SpreadData, spreadChart } from './charts/spreadChart.ts';
import { timeChart } from './charts/timeChart.ts';
import type { Frame, Site } from './frame.ts';
import { paginate } from './pagination.ts';
import { type Render, createRenderer } from './render.ts';

/** Made-up data for every component. No school here exists. */
export const site: Site = {
  assets: createAssets(),
  homeHref: '/',
  navigation: [
    { text: 'Find a school', href: '/search' },
    { text: 'How it works', href: '/methods' },
  ],
  footer: [
    { text: 'Data sources', href: '/data-sources' },
    { text: 'API', href: '/api/v1' },
  ],
};

export const frame: Frame = {
  path: '/search/ashgrove',
  viewer: { description: 'the head of Ashgrove Academy', changeHref: '/who' },
  demo: true,
};

/** A gap in 2015/16. */
export const history: HistoryData = {
  id: 'history',
  schoolName: 'Ashgrove Academy',
  measure: 'overall',
  school: [
    { year: 201213, percent: 5.92 },
    { year: 201314, percent: 5.1 },
    { year: 201415, percent: 5.4 },
    { year: 201617, percent: 5.1 },
    { year: 201718, percent: 5.3125 },
  ],
  similar: [
    { year: 201314, lowerQuartile: 4.7, median: 5.2, upperQuartile: 5.8 },
    { year: 201415, lowerQuartile: 4.8, median: 5.3, upperQuartile: 5.8 },
    { year: 201516, lowerQuartile: 4.7, median: 5.15, upperQuartile: 5.7 },
    { year: 201617, lowerQuartile: 4.8, median: 5.3, upperQuartile: 5.9 },
    { year: 201718, lowerQuartile: 5.0, median: 5.45, upperQuartile: 6.1 },
  ],
  authority: {
    name: 'Elmbridge',
    schoolsText: 'secondary schools',
    years: [
      { year: 201213, percent: 5.7 },
      { year: 201718, percent: 5.2 },
    ],
  },
  forecast: { year: 201819, percent: 5.2, lower80: 4.4, upper80: 6, lower95: 3.9, upper95: 6.5 },
  expectationPercent: 4.9,
};

export const ladder: LadderData = {
  id: 'ladder',
  schoolName: 'Ashgrove Academy',
  measure: 'overall',
  year: 201819,
  lastYear: { year: 201718, percent: 5.3125 },
  expectationPercent: 4.9,
  forecastPercent: 5.2,
  similarBestQuarter: { year: 201718, percent: 4.62, stands: 'further' },
  authorityAverage: {
    name: 'Elmbridge',
    schoolsText: 'secondary schools',
    year: 201718,
    percent: 5.4,
    stands: 'already there',
  },
  prePandemic: { year: 201819, percent: null, stands: 'no further' },
};

export const spread: SpreadData = {
  id: 'spread',
  areaName: 'Elmbridge',
  schoolsText: 'secondary schools',
  measure: 'overall',
  year: 201718,
  schoolPercents: Array.from({ length: 38 }, (_, index) => 5.3 + 1.4 * Math.sin(index * 1.7)),
  averagePercent: 5.42,
  england: { lowerQuartile: 4.7, median: 5.3, upperQuartile: 6.1 },
};

/** Eleven weeks of a year, a little above the path. */
const yearSoFar: YearData = {
  id: 'year-so-far',
  schoolName: 'Nowhere School',
  year: 202627,
  expectationPercent: 8,
  end: { centralPercent: 8.6, lower80Percent: 7.9, upper80Percent: 9.3 },
  weeks: Array.from({ length: 46 }, (_, at) => ({
    monday: new Date(Date.UTC(2026, 7, 31 + 7 * at)).toISOString().slice(0, 10),
    pathPercent: 8 - 2 / (1 + at / 4),
    schoolPercent: at < 11 ? 8.4 - 2.5 / (1 + at / 4) : null,
  })),
};

export function everyChart(): Chart[] {
  return [
    historyChart(history),
    historyChart({ ...history, id: 'facts', forecast: null, expectationPercent: null }),
    ladderChart(ladder),
    chanceChart({ id: 'chance', probability: 0.31, expectationPercent: 4.9 }),
    yearChart(yearSoFar),
    spreadChart(spread),
    spreadChart({
      ...spread,
      id: 'many',
      measure: 'persistent',
      schoolPercents: Array.from({ length: 480 }, (_, index) => 9 + 5 * Math.sin(index * 1.7)),
    }),
    calibrationChart({
      id: 'calibration',
      what: 'meeting the expectation for absence',
      tenths: Array.from({ length: 10 }, (_, index) => ({
        told: 0.05 + index / 10,
        happened: 0.07 + index * 0.095,
        schools: 100 + 200 * index,
      })),
    }),
    barsChart({
      id: 'bars',
      title: 'Absence by year group',
      subtitle: 'Absent sessions as a share of possible ones.',
      bars: [
        ...[7, 8, 9, 10].map((year) => ({ name: `Year ${year}`, percent: 0.9 * year })),
        { name: 'Year 11', percent: null, instead: 'hidden' },
      ],
      table: { caption: 'Absence by year group', columns: [], rows: [] },
    }),
    timeChart({
      id: 'weeks',
      title: 'Absence by week',
      subtitle: 'Absent sessions as a share of possible ones.',
      pieces: Array.from({ length: 38 }, (_, week) => ({
        name: `Week ${week + 1}`,
        shortName: `W${week + 1}`,
        authorisedPercent: week === 7 ? null : 4 + Math.sin(week),
        unauthorisedPercent: week === 7 ? null : 2 + week / 30,
      })),
      table: { caption: 'Absence by week', columns: [], rows: [] },
    }),
    coverageChart({
      id: 'coverage',
      title: 'How often the intervals held',
      groups: [
        { name: 'State-funded primary', coverage80: 0.803, coverage95: 0.951, schools: 16_700 },
        { name: 'Special', coverage80: 0.771, coverage95: 0.938, schools: 980 },
      ],
    }),
  ];
}

export const galleryContext = {
  frame,
  schoolName: 'Ashgrove Academy',
  charts: everyChart(),
  source: {
    text: 'Department for Education, Pupil absence in schools in England',
    href: '/data-sources',
    provenance: 'published',
  },
  table: {
    caption: 'Schools found',
    columns: [
      { name: 'school_name', heading: 'School', kind: 'text' },
      { name: 'absence_percent', heading: 'Absence', kind: 'percent' },
    ],
    rows: [
      ['Ashgrove Academy', 5.3125],
      [{ text: 'Brook Lane School', href: '/schools/100001' }, null],
    ],
  },
  query: 'ash',
  pages: paginate({
    total: 345,
    pageSize: 20,
    page: 7,
    noun: ['school', 'schools'],
    href: (page) => `/search?page=${page}`,
  }),
};

export const render: Render = createRenderer({ site });

export function renderGallery(changes: Record<string, unknown> = {}): string {
  return render('ui/gallery.fixture.njk', { ...galleryContext, ...changes });
}
