/** The web: one shell around every route. */
export { type AppOptions, createApp } from './app.ts';
