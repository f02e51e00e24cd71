/**
 * The GOV.UK page kit: a renderer of templates, the frame of a page, components, and charts as SVG made on the server.
 * Every page works without JavaScript and under a content security policy that allows nothing inline.
 */
export {
  type Asset,
  type Assets,
  assetCacheControl,
  createAssets,
  securityHeaders,
} from './assets.ts';
export { type Frame, type Link, type Site } from './frame.ts';
export { type PageContext, type Render, createRenderer } from './render.ts';
export { type Pages, pageNumber, paginate } from './pagination.ts';
export type { Provenance } from './provenance.ts';
export {
  type Cell,
  type Column,
  type ColumnKind,
  type Table,
  tableCsv,
} from './table.ts';
export * as words from './words.ts';
export type { Chart } from './charts/chart.ts';
export type {
  ForecastPoint,
  HistoryData,
  YearPercent,
  YearQuartiles,
} from './charts/historyData.ts';
export { historyChart } from './charts/historyChart.ts';
export { type LadderData, type LadderRung, ladderChart } from './charts/ladderChart.ts';
export { type SpreadData, spreadChart } from './charts/spreadChart.ts';
export { type ChanceData, chanceChart } from './charts/chanceChart.ts';
export { type YearData, yearChart } from './charts/yearChart.ts';
export {
  type CalibrationData,
  type CalibrationTenth,
  calibrationChart,
} from './charts/calibrationChart.ts';
export { type CoverageData, type CoverageGroup, coverageChart } from './charts/coverageChart.ts';
export { type Bar, type BarsData, barsChart } from './charts/barsChart.ts';
export { type BandData, type BandPoint, bandChart } from './charts/bandChart.ts';
export { type TimeData, type TimePiece, timeChart } from './charts/timeChart.ts';
export { type Square, type SquareMap, squareMap } from './charts/squareMap.ts';
export { type WeekLine, type WeeksData, weeksChart } from './charts/weeksChart.ts';
export {
  type SessionKind,
  sessionKinds,
  sessionStrip,
  stripLegend,
  stripSentences,
  type StripWeek,
} from './charts/sessionStrip.ts';
