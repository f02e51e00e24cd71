import { parseArgs } from 'node:util';
import type { Command, CommandInput } from '../access/index.ts';

/** A call that no verb understands: exit 2, with the usage. */
export class UsageError extends Error {}

export type Call = {
  command: Command;
  input: CommandInput;
  help: boolean;
  demo: boolean;
  as: string | undefined;
};

/** Options that every verb takes. */
export const commonOptions = {
  demo: { help: 'Use the demo’s stores instead of the real ones.' },
  as: {
    value: 'ROLE:SCOPE',
    help: 'See what that viewer would get: inspector:801, school:100000, public. The operator sees what is stored.',
  },
  help: { help: 'Show this verb’s options and an example.' },
} as const;

/** Finds the verb in `words` and reads its options; throws `UsageError` with one sentence otherwise. */
export function parseCall(words: readonly string[], commands: readonly Command[]): Call {
  const command = findCommand(words, commands);
  if (!command) {
    const typed = words.filter((word) => !word.startsWith('-')).join(' ');
    throw new UsageError(
      typed === ''
        ? 'Say what to do: ./rollcall --help lists every verb.'
        : `There is no verb “${typed}”. ./rollcall --help lists every verb.`,
    );
  }
  const declared = { ...command.options, ...commonOptions };
  const { values, positionals } = parseOptions(words, command, declared);
  const files = positionals.slice(command.verb.split(' ').length);
  const help = values['help'] === true;
  if (!help) check(command, values, files);
  return {
    command,
    help,
    demo: values['demo'] === true,
    as: typeof values['as'] === 'string' ? values['as'] : undefined,
    input: {
      files,
      values: Object.fromEntries(
        Object.entries(values).filter((entry): entry is [string, string] => {
          return typeof entry[1] === 'string';
        }),
      ),
      switches: new Set(Object.keys(values).filter((name) => values[name] === true)),
    },
  };
}

function findCommand(words: readonly string[], commands: readonly Command[]): Command | undefined {
  const spoken = words.filter((word) => !word.startsWith('-')).join(' ');
  return commands
    .filter((command) => `${spoken} `.startsWith(`${command.verb} `))
    .sort((a, b) => b.verb.length - a.verb.length)[0];
}

function parseOptions(
  words: readonly string[],
  command: Command,
  declared: Record<string, { value?: string; help: string }>,
) {
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: Object.fromEntries(
        Object.entries(declared).map(([name, option]) => [
          name,
          { type: option.value ? ('string' as const) : ('boolean' as const) },
        ]),
      ),
    });
  } catch (error) {
    const why = error instanceof Error ? error.message.split('. ')[0] : String(error);
    throw new UsageError(`${why}. ./rollcall ${command.verb} --help shows what it takes.`);
  }
}

function check(command: Command, values: Record<string, unknown>, files: string[]): void {
  const see = `./rollcall ${command.verb} --help shows what it takes.`;
  if (command.arguments && files.length === 0) {
    throw new UsageError(`${command.verb} needs ${command.arguments}. ${see}`);
  }
  if (!command.arguments && files.length > 0) {
    throw new UsageError(`${command.verb} takes nothing called “${files[0]}”. ${see}`);
  }
  for (const [name, option] of Object.entries(command.options)) {
    if (option.required && values[name] === undefined) {
      throw new UsageError(`${command.verb} needs --${name} ${option.value}. ${see}`);
    }
  }
}
