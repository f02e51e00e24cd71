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
export { countFigures } from './count.ts';
export { keepUp, type KeptUp } from './keepUp.ts';
export { type CountedRow, type Dimension, type Question, seriesNames } from './question.ts';
export { schoolsWithRegisters } from './registerUrns.ts';
export { countingYear, countingYearOf } from './windows.ts';
export { countingMarkdown } from './countingDocument.ts';
export { absenceFlows } from './flows.ts';
export { absenceApi } from './pages/api.ts';
export { absencePages } from './pages/page.ts';
export { seriesWords } from './pages/labels.ts';
export { comparePages } from './pages/comparePages.ts';
