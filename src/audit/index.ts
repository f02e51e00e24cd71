/**
 * The trail: that it is whole, who did what in it, who looked at a child’s record; and the policy in words, for anyone
 * to read. A child is a number here.
 */
export { auditCommands } from './commands.ts';
export { auditFlows } from './flows.ts';
export { searchAuditRoutes } from './searchPage.ts';
export type { Verified } from './verify.ts';
export { whoCanSeePage, whoCanSeeWhatPage } from './whoCanSee.ts';
export { tellable, whoLookedPage } from './whoLooked.ts';
