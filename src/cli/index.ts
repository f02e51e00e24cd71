/** The command line: finds the verb, asks the owner of the stores to carry it out, prints what comes back. */
export { describeVerb, listVerbs } from './help.ts';
export { type Call, parseCall, UsageError } from './parse.ts';
export { failureText, runCall } from './run.ts';
export { listenForCommands, type RunWords, runRemotely, socketPath } from './remote.ts';
export { terminalOutput } from './terminal.ts';
