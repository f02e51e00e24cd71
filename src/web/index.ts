/** The web: one shell around every route. */
export type { Limits } from './limits.ts';
export { type AppOptions, createApp } from './app.ts';
