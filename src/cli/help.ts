import type { Command } from '../access/index.ts';
import { commonOptions } from './parse.ts';

/** Verbs, a line each. */
export function listVerbs(commands: readonly Command[]): string {
  const width = Math.max(...commands.map((command) => command.verb.length));
  return [
    'Rollcall: attendance in England’s schools, from published figures to fair expectations.',
    '',
    'Usage: ./rollcall VERB [options]',
    '',
    ...commands.map((command) => `  ${command.verb.padEnd(width)}  ${command.summary}`),
    '',
    './rollcall VERB --help shows its options and an example. Everywhere: --demo uses the demo’s stores, --as ROLE:SCOPE',
    'shows what that viewer would get. Exit 0: done; 1: refused, failed, or a check did not hold; 2: wrong usage.',
  ].join('\n');
}

/** One verb: what it does, its options, an example. */
export function describeVerb(command: Command): string {
  const options = Object.entries({ ...command.options, ...commonOptions }).map(([name, option]) => {
    const value = option.value ? ` ${option.value}` : '';
    const required = option.required ? ' (needed)' : '';
    return { flag: `--${name}${value}`, help: `${option.help}${required}` };
  });
  const width = Math.max(...options.map((option) => option.flag.length));
  return [
    command.summary,
    '',
    `Usage: ./rollcall ${command.verb}${command.arguments ? ` ${command.arguments}` : ''} [options]`,
    '',
    ...options.map((option) => `  ${option.flag.padEnd(width)}  ${option.help}`),
    '',
    `Example: ${command.example}`,
  ].join('\n');
}
