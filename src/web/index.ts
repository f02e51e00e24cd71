/** The web: one shell around every route. */
export { webFlows } from './flows.ts';
export { type Limits, usualDelay } from './limits.ts';
export { type AppOptions, createApp } from './app.ts';
