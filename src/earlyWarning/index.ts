/**
 * Early warning: which children’s weeks need somebody, from attendance alone. `counts.sql.ts` counts where the marks lie,
 * `scores.sql.ts` makes probabilities of it, `fit.ts` finds the coefficients, `worklist/` puts a school’s children in
 * order. It orders a list and decides nothing.
 */
export { parametersOn, type Read } from './ask.ts';
export { Evaluation, type EvaluationRow } from './evaluate.ts';
export { cameAfterDay, examplesOn, keyOf, outcomesOf } from './examples.ts';
export { fitCoefficients, seesLastOn } from './fit.ts';
export { fitOnOwnRegisters } from './fitOwn.ts';
export { keepRefitting } from './refit.ts';
export { scoreAll } from './score.ts';
export { type Coefficients, scoresAsKnown } from './scores.sql.ts';
export type { MadeUpEvaluation } from './madeUp.ts';
export { earlyWarningCommands } from './commands.ts';
export { earlyWarningFlows } from './flows.ts';
export { showWorklist, worklistApi, worklistPages } from './worklist/index.ts';
export { listedFrom, usualCapacityShare } from './worklist/worklist.ts';
