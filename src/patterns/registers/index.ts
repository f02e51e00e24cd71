/**
 * Patterns in our own registers: each school’s days by group and reason (`days.ts`), what they show (`look.ts`, on `model/`),
 * joined and told once (`join.ts`, `run.ts`), and the pages on which it is seen and answered.
 */
export type { Alert } from './alert.ts';
export { patternsApi } from './api.ts';
export { registerPatternCommands } from './commands.ts';
export { registerDaysOn } from './days.ts';
export { patternFlows } from './flows.ts';
export { joinSeen } from './join.ts';
export { look } from './look.ts';
export { patternPages } from './page.ts';
export type { Seen } from './seen.ts';
export { kindNames as patternKindNames } from './sentence.ts';
export { endBehind, runBehind, runPatterns } from './run.ts';
