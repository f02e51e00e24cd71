/**
 * Patterns: what is unusual in attendance, found early and told once. `model/` has what is to be expected of each series on
 * each day and a file for each kind of finding; it reads no store, no clock and no chance. `registers/` looks at our own
 * registers with it once a day, keeps what is new, and shows it to those who can help.
 */
export { detectCommand } from './detectCommand.ts';
export { groupsApi } from './groups/api.ts';
export { groupsCommand } from './groups/commands.ts';
export { groupPages } from './groups/page.ts';
export { patternsToSend } from './toSend.ts';
export {
  type Alert,
  endBehind,
  joinSeen,
  look,
  patternFlows,
  patternPages,
  patternsApi,
  registerDaysOn,
  patternKindNames,
  registerPatternCommands,
  runBehind,
  runPatterns,
  type Seen,
} from './registers/index.ts';
