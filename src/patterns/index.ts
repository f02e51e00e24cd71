/**
 * Patterns: what is unusual in attendance, found early and told once. `model/` has what is to be expected of each series on
 * each day and a file for each kind of finding; it reads no store, no clock and no chance.
 */
export { detectCommand } from './detectCommand.ts';
