/**
 * Schools: who they are, through every change of URN, where they stand, whose they are, and who their pupils were on
 * census day. Read from what is published (`publications/`); what no publication says of a school, the lists of schools that
 * come with registers may. Nothing here knows about absence.
 */
export type { Authority, Directory, Intake, School, Trust } from './directory.ts';
export {
  calendarOfDays,
  calendarOfWeeks,
  isOpenBy,
  isToldToItsEnd,
  isWholeFrom,
  type OwnCalendar,
  partOfWeek,
} from './calendar.ts';
export { urnInYear } from './identity.ts';
export { type Directories, directoriesOf, directoryBefore } from './load.ts';
export { type SearchResult, searchSchools } from './search.ts';
export { schoolPages } from './page.ts';
export { schoolApi } from './api.ts';
export { subjectOf } from './subject.ts';
export { refuseUnknownViewer, viewerWords } from './viewAs.ts';
