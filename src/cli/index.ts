/** The command line: finds the verb, asks the owner of the stores to carry it out, prints what comes back. */
export { cliFlows } from './flows.ts';
export { describeVerb, listVerbs } from './help.ts';
export { untilInterrupted } from './interrupt.ts';
export { type Call, parseWords, UsageError } from './parse.ts';
export { findSite, interrupted, listenForCommands, runRemotely, socketPath } from './remote.ts';
export { failureText, runApart, runCall } from './run.ts';
export { restore, storesCommands } from './storesCommands.ts';
export { terminalOutput } from './terminal.ts';
