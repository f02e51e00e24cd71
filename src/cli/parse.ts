import { parseArgs } from 'node:util';
import {
  type Command,
  type CommandInput,
  type CommandOption,
  parseViewer,
  type Viewer,
} from '../access/index.ts';
import { Refusal } from '../base/problem.ts';
import { withoutUpns } from '../base/upn.ts';

/** A call that no verb understands: exit 2, with one sentence. What was typed is repeated, but for what looks like a UPN. */
export class UsageError extends Error {
  constructor(message: string) {
    super(withoutUpns(message));
  }
}

export type Call = {
  command: Command;
  input: CommandInput;
  demo: boolean;
  /** Who is to be shown what they would get, instead of the operator. */
  as: Viewer | undefined;
};

/** What was asked: to carry a verb out, to be told of one, or to be told which there are. */
export type Asked =
  | { what: 'call'; call: Call }
  | { what: 'help'; command: Command }
  | { what: 'verbs'; commands: readonly Command[] };

/** Options that every verb takes. */
export const commonOptions: Record<'demo' | 'as' | 'help', CommandOption> = {
  demo: { help: 'Use the demo’s stores instead of the real ones.' },
  as: {
    value: 'ROLE:SCOPE',
    help: 'See what that viewer would get: inspector:801, school:100000, public. The operator sees what is stored.',
  },
  help: { help: 'Show this verb’s options and an example.' },
};

/** Finds the verb in `words` and reads its options; throws `UsageError` with one sentence otherwise. */
export function parseWords(words: readonly string[], commands: readonly Command[]): Asked {
  const command = findCommand(words, commands);
  if (words.length === 0 || (!command && words.includes('--help'))) {
    return { what: 'verbs', commands: startingWith(spoken(words), commands) };
  }
  if (!command) {
    throw new UsageError(
      spoken(words) === ''
        ? 'Say what to do: ./rollcall --help lists every verb.'
        : `There is no verb “${spoken(words)}”. ./rollcall --help lists every verb.`,
    );
  }
  if (words.includes('--help')) return { what: 'help', command };
  return { what: 'call', call: parseCall(words, command) };
}

function spoken(words: readonly string[]): string {
  return oneLine(words.filter((word) => !word.startsWith('-')).join(' '));
}

function findCommand(words: readonly string[], commands: readonly Command[]): Command | undefined {
  return commands
    .filter((command) => `${spoken(words)} `.startsWith(`${command.verb} `))
    .sort((a, b) => b.verb.length - a.verb.length)[0];
}

/** `targets --help` lists the verbs that begin so; any other word lists all. */
function startingWith(text: string, commands: readonly Command[]): readonly Command[] {
  const found = commands.filter((command) => `${command.verb} `.startsWith(`${text} `));
  return found.length > 0 ? found : commands;
}

function parseCall(words: readonly string[], command: Command): Call {
  const { values, positionals } = parseOptions(words, command);
  const files = positionals.slice(command.verb.split(' ').length);
  check(command, values, files);
  const input: CommandInput = {
    files,
    values: Object.fromEntries(
      Object.entries(values).filter((entry): entry is [string, string] => {
        return typeof entry[1] === 'string';
      }),
    ),
    switches: new Set(Object.keys(values).filter((name) => values[name] === true)),
  };
  const why = command.misused?.(input);
  if (why !== undefined) throw new UsageError(`${command.verb} ${why}. ${see(command)}`);
  return { command, demo: values['demo'] === true, as: viewerOf(values['as']), input };
}

function viewerOf(as: unknown): Viewer | undefined {
  if (typeof as !== 'string') return undefined;
  try {
    return parseViewer(as);
  } catch (error) {
    throw error instanceof Refusal ? new UsageError(`--as: ${oneLine(error.message)}`) : error;
  }
}

function parseOptions(words: readonly string[], command: Command) {
  const declared: Record<string, CommandOption> = { ...command.options, ...commonOptions };
  const options = Object.fromEntries(
    Object.entries(declared).map(([name, option]) => [
      name,
      {
        type: option.value ? ('string' as const) : ('boolean' as const),
        multiple: option.many === true,
      },
    ]),
  );
  try {
    const parsed = parseArgs({ args: [...words], allowPositionals: true, tokens: true, options });
    const names = parsed.tokens.flatMap((token) => (token.kind === 'option' ? token.name : []));
    const twice = names.find(
      (name, index) => !declared[name]?.many && names.indexOf(name) !== index,
    );
    if (twice !== undefined) throw new Error(`--${twice} is given twice`);
    return { ...parsed, values: withoutLists(parsed.values) };
  } catch (error) {
    const why = error instanceof Error ? error.message.split(/\.\s/)[0] : String(error);
    throw new UsageError(`${command.verb}: ${why?.replaceAll('\n', ' ')}. ${see(command)}`);
  }
}

function withoutLists(values: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(values);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, Array.isArray(value) ? value.join() : value]),
  );
}

function check(command: Command, values: Record<string, unknown>, files: string[]): void {
  const refuse = (why: string) => new UsageError(`${command.verb} ${why}. ${see(command)}`);
  if (command.arguments && files.length === 0) throw refuse(`needs ${command.arguments}`);
  if (!command.arguments && files.length > 0) {
    throw refuse(`takes nothing called “${oneLine(files[0])}”`);
  }
  for (const [name, option] of Object.entries({ ...command.options, ...commonOptions })) {
    const given = values[name];
    if (option.required && given === undefined) throw refuse(`needs --${name} ${option.value}`);
    if (typeof given !== 'string') continue;
    if (given === '' || option.accepts?.(given) === false) {
      throw refuse(`takes --${name} ${option.value}, not ${repeated(given)}`);
    }
  }
}

function see(command: Command): string {
  return `./rollcall ${command.verb} --help shows what it takes.`;
}

/** A code is repeated; a sentence is not, since it could be about somebody. */
function repeated(text: string): string {
  return /\s\S/.test(text) ? 'what was given' : `“${oneLine(text)}”`;
}

function oneLine(text = ''): string {
  return text.replaceAll(/\s+/g, ' ').slice(0, 200);
}
