import type { Clock } from '../base/clock.ts';
import type { Stores } from '../stores/index.ts';
import type { Viewer } from './viewer.ts';

/** Where a command's words go. The same whether it runs in this process or in the server that owns the stores. */
export type Output = {
  line(text: string): void;
  error(text: string): void;
  /** A line that replaces the one before, on a terminal only; empty clears it. */
  progress(text: string): void;
  isTerminal: boolean;
};

/** How e-mail goes out. */
export type MailSettings = {
  /** smtp://user:password@host:587 or smtps://…:465. */
  server: string;
  from: string;
  /** https://…: where the links in it lead. */
  site: string;
};

/** The settings that verbs depend on. */
export type CommandSettings = {
  /** These are the demo’s stores. */
  demo: boolean;
  /** How far away a school to learn from may be, in a straight line. */
  visitKm: number;
  /** Where what stands on the disk for a moment may stand; the machine’s own place for such things where none is said. */
  dataFolder?: string;
  /** Null where no e-mail is sent. */
  mail?: MailSettings | null;
};

export type CommandContext = {
  stores: Stores;
  viewer: Viewer;
  output: Output;
  clock: Clock;
  settings: CommandSettings;
  /** The folder in which relative paths were typed. */
  folder: string;
  /** Writes a file whole or not at all. */
  writeFile(path: string, text: string | AsyncIterable<string>): Promise<void>;
  /** Aborted when the person interrupts. */
  signal: AbortSignal;
};

export type CommandOption = {
  /** What follows it, `FILE`; none for a switch. */
  value?: string;
  help: string;
  required?: boolean;
  /** May be given more than once: the values come with commas between. */
  many?: true;
  /** Whether a value can be what `value` says; a call with another is wrong usage. */
  accepts?(text: string): boolean;
};

export type CommandInput = {
  values: Record<string, string | undefined>;
  switches: ReadonlySet<string>;
  files: string[];
};

/** A verb of the command line. It gives its exit code: 0 done, 1 refused or a check did not hold. */
export type Command = {
  /** `publications import`. */
  verb: string;
  summary: string;
  /** What may follow without an option: `FILE…`. */
  arguments?: string;
  options: Record<string, CommandOption>;
  example: string;
  /** What is wrong with options that do not go together, as a clause after the verb: `needs --demo or --out DIR`. */
  misused?(input: CommandInput): string | undefined;
  /** Other viewers than the operator may be shown what it gives them (`--as`). A verb that writes is the operator's. */
  open?: true;
  /** Touches no store: it is carried out by itself, as many at once as there are, and beside a site that runs. */
  apart?: true;
  run(context: CommandContext, input: CommandInput): Promise<number>;
};
