/**
 * Registers: the schools whose registers come, the days they are open, who is on the roll, and the marks; each as it came,
 * under the receipt that brought it. Marks are only ever added: what stands is the newest, and what stood can be told.
 */
export { rollCommands, rollRoutes } from './roll/index.ts';
export {
  attendanceOfChild,
  bookCommands,
  bookRoutes,
  canMissAtMost,
  entriesOf,
  keysOf,
  mostInAWeek,
  sessionKindOf,
  sessionsOfDays,
  sessionsToBeBack,
} from './book/index.ts';
export { marksCommands, marksRoutes, resumeUploads } from './marks/index.ts';
export { registerFlows } from './flows.ts';
export { tellCommitted } from './afterCommit.ts';
