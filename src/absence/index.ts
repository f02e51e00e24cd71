/**
 * Absence: the official statistics, counted from registers. `absence.sql.ts` has the definitions as named steps,
 * `reference.ts` the same once more as plainly as can be, and `cases.ts` as small tables that both are held against and
 * docs/counting is made from. Two official series exist for the same term, the daily feed’s and the census’s: every
 * figure says which it is.
 */
export { type Agreement, agreementOf, type AgreementState } from './agreement.ts';
export { absenceCommands } from './commands.ts';
export { answerFor } from './answer.ts';
export { rateStep } from './figures.ts';
export { calendarOfSchool } from './compare/register.sql.ts';
export { cameAfter, countFigures, knownBefore } from './count.ts';
export { bringUp, keepUp, type KeptUp } from './keepUp.ts';
export { kernel, type Step } from './absence.sql.ts';
export { type CountedRow, type Dimension, type Question, seriesNames } from './question.ts';
export { schoolsWithRegisters } from './registerUrns.ts';
export { type WeeklyRate, weeklyRates, weeklyRatesOfEngland } from './weeklyRates.ts';
export { countingYear, countingYearOf, easterSunday } from './windows.ts';
export { countingMarkdown } from './countingDocument.ts';
export { absenceFlows } from './flows.ts';
export { absenceApi } from './pages/api.ts';
export { absencePages } from './pages/page.ts';
export {
  dimensionWords,
  groupOrder,
  groupWords,
  seriesWords,
  shortGroupWords,
} from './pages/labels.ts';
export { comparePages } from './pages/comparePages.ts';
