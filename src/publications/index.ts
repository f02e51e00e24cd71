/**
 * Publications: statistics that others published, coming in. Files are recognised by their columns, checked row by row,
 * and committed whole or not at all; what they say is read from here.
 */
export { absenceSource, publicationsApi } from './api.ts';
export { publicationCommands } from './commands.ts';
export { publicationFlows } from './flows.ts';
export { importFiles } from './import.ts';
export { dataSourcesPage } from './page.ts';
export {
  type AreaYear,
  areaFigures,
  englandQuartiles,
  loadedText,
  preparePublished,
  type PublishedYear,
  publishedYearsBefore,
  publishedYearsOf,
  type Quartiles,
  yearsOfSchool,
} from './published.ts';
export {
  type AreaTotal,
  publishedTotals,
  publishedYearsToDate,
  type YearToDate,
} from './areaTotals.ts';
export { sources } from './sources/index.ts';
export { Unreadable } from './fileBytes.ts';
export { tableRows } from './tableRows.ts';
export { type Hiding, hidingOf } from './smallNumbers.ts';
