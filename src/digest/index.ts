/**
 * Digest: once a week, by e-mail, what a head should know of the school, an authority’s officer of the area, and the department
 * of England. What leaves by e-mail is rounded as outside the circle; nothing of a child, no small count and no expectation is
 * in it. What else is to be told, alerts say, is passed in: this slice does not know who finds it.
 */
export { digestCommands } from './commands.ts';
export type { Alerts, Told } from './compose.ts';
export { digestFlows } from './flows.ts';
export { keepSendingDigests } from './job.ts';
export { checkMailSettings } from './mail.ts';
export { digestRoutes } from './page.ts';
