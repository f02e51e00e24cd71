import { type AcademicYear, yearLabel, yearsAfter, yearsBetween } from '../../base/academicYear.ts';
import type { Cell, Column, Table } from '../table.ts';
import { interval, list, percent, sentence, sureness } from '../words.ts';
import { type HistoryData, type YearPercent, knownPoints, lastKnown } from './historyData.ts';
import { measureWords } from './measureWords.ts';

/** What a history is called: `Absence at Ashgrove Academy, 2012/13 to 2017/18`. */
export function historyTitle(data: HistoryData, years: AcademicYear[]): string {
  return `${measureWords[data.measure].title} at ${data.schoolName}, ${spanText(years)}`;
}

function spanText(years: AcademicYear[]): string {
  const [first, last] = [years[0], years.at(-1)];
  if (first === undefined || last === undefined) return 'no years known';
  return first === last ? yearLabel(first) : `${yearLabel(first)} to ${yearLabel(last)}`;
}

/** What is counted, how to read the band, and which years before the forecast are missing. */
export function historySubtitle(data: HistoryData, years: AcademicYear[]): string {
  const counted = measureWords[data.measure].counted;
  const band = data.similar.length > 0 ? ' The band holds the middle half of similar schools.' : '';
  const area =
    data.authority && lastKnown(data.authority.years)
      ? ` “Local authority” is ${areaText(data.authority)}.`
      : '';
  return `${counted}.${band}${area}${missingBeforeForecast(data, years)}`;
}

function areaText({ name, schoolsText }: NonNullable<HistoryData['authority']>): string {
  return `all ${schoolsText} in ${name}`;
}

/** The years between the last that is drawn and the forecast's, which the drawing passes over. */
function missingBeforeForecast({ forecast }: HistoryData, years: AcademicYear[]): string {
  const last = years.at(-1);
  if (!forecast || last === undefined) return '';
  const missing = yearsBetween(yearsAfter(last, 1), yearsAfter(forecast.year, -1));
  return missing.length === 0 ? '' : ` No figures are known for ${spanText(missing)}.`;
}

/** What the chart shows, a sentence for each thing drawn. */
export function historyDescription(data: HistoryData, years: AcademicYear[]): string {
  return [
    ofSchool(data),
    ofGaps(data, years),
    ofSimilar(data),
    ofAuthority(data),
    ofForecast(data),
    data.expectationPercent === null
      ? ''
      : `The expectation is ${percent(data.expectationPercent)}.`,
  ]
    .filter((words) => words !== '')
    .join(' ');
}

type InYear = { year: AcademicYear; percent: number };

function inYear({ year, percent: value }: InYear): string {
  return `${percent(value)} in ${yearLabel(year)}`;
}

function ofSchool({ school, schoolName, measure }: HistoryData): string {
  const words = measureWords[measure];
  const known = knownPoints(school);
  const [first, last] = [known[0], known.at(-1)];
  if (!first || !last) return `No figures of ${words.inSentence} are known for ${schoolName}.`;
  const through = first === last ? inYear(last) : `${inYear(first)} and ${inYear(last)}`;
  return `${words.title} at ${schoolName} was ${through}.`;
}

function ofGaps({ school }: HistoryData, years: AcademicYear[]): string {
  const known = new Set(knownPoints(school).map((point) => point.year));
  const gaps = years.filter((year) => !known.has(year));
  if (known.size === 0 || gaps.length === 0) return '';
  return `There are no figures for ${list(gaps.map(yearLabel))}.`;
}

function ofSimilar({ similar }: HistoryData): string {
  const last = [...similar].sort((one, other) => one.year - other.year).at(-1);
  if (!last) return '';
  return (
    `In ${yearLabel(last.year)} half of similar schools were between ${percent(last.lowerQuartile)}` +
    ` and ${percent(last.upperQuartile)}, with ${percent(last.median)} in the middle.`
  );
}

function ofAuthority({ authority }: HistoryData): string {
  const last = lastKnown(authority?.years ?? []);
  return authority && last ? `${sentence(areaText(authority))} had ${inYear(last)}.` : '';
}

function ofForecast({ forecast }: HistoryData): string {
  if (!forecast) return '';
  const { year, percent: middle, lower80, upper80 } = forecast;
  return `The forecast for ${yearLabel(year)} is ${percent(middle)}: ${interval(lower80, upper80, 80)}.`;
}

type Source = { column: Column; of: (year: AcademicYear) => Cell };

/** A row a year, gaps included, the forecast's year last. What cannot be known of a year is blank. */
export function historyTable(data: HistoryData, years: AcademicYear[]): Table {
  const sources: Source[] = [
    { column: { name: 'time_period', heading: 'Year', kind: 'year' }, of: (year) => year },
    ...pastSources(data),
    ...forecastSources(data),
  ];
  const { forecast } = data;
  const title = historyTitle(data, years);
  return {
    caption: forecast ? `${title}, and forecast for ${yearLabel(forecast.year)}` : title,
    columns: sources.map((source) => source.column),
    rows: [...years, ...(forecast ? [forecast.year] : [])].map((year) =>
      sources.map((source) => source.of(year)),
    ),
  };
}

function pastSources({ school, similar, authority, forecast }: HistoryData): Source[] {
  const past = (name: string, heading: string, points: YearPercent[]): Source => {
    const byYear = new Map(
      points.map((point) => [point.year, point.hidden ? 'hidden' : point.percent]),
    );
    return {
      column: { name: `${name}_percent`, heading, kind: 'percent' },
      of: (year) => (year === forecast?.year ? '' : (byYear.get(year) ?? null)),
    };
  };
  const ofSimilar = (key: 'lowerQuartile' | 'median' | 'upperQuartile') =>
    similar.map((point) => ({ year: point.year, percent: point[key] }));
  return [
    past('school', 'This school', school),
    ...(similar.length > 0
      ? [
          past(
            'similar_lower_quartile',
            'Similar schools: lower quartile',
            ofSimilar('lowerQuartile'),
          ),
          past('similar_median', 'Similar schools: middle', ofSimilar('median')),
          past(
            'similar_upper_quartile',
            'Similar schools: upper quartile',
            ofSimilar('upperQuartile'),
          ),
        ]
      : []),
    ...(authority ? [past('authority', sentence(areaText(authority)), authority.years)] : []),
  ];
}

function forecastSources({ forecast, expectationPercent }: HistoryData): Source[] {
  if (!forecast) return [];
  const foretold = (name: string, heading: string, value: number): Source => ({
    column: { name: `${name}_percent`, heading, kind: 'percent' },
    of: (year) => (year === forecast.year ? value : ''),
  });
  return [
    foretold('forecast', 'Forecast', forecast.percent),
    foretold('forecast_lower_80', `Forecast: low, ${sureness(80)}`, forecast.lower80),
    foretold('forecast_upper_80', `Forecast: high, ${sureness(80)}`, forecast.upper80),
    foretold('forecast_lower_95', `Forecast: low, ${sureness(95)}`, forecast.lower95),
    foretold('forecast_upper_95', `Forecast: high, ${sureness(95)}`, forecast.upper95),
    ...(expectationPercent === null
      ? []
      : [foretold('expectation', 'Expectation', expectationPercent)]),
  ];
}
