import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Refusal } from './base/problem.ts';
import { isWeakSecret } from './base/secret.ts';
import type { MailSettings } from './access/index.ts';
import { checkMailSettings } from './digest/index.ts';
import { parseRecordsAddress } from './records/index.ts';
import { checkSignInSettings, signInDefaults, type SignInSettings } from './signIn/index.ts';
import { refuseUnsafeServers, type StoresAddress } from './stores/index.ts';
import { parseWarehouseAddress } from './warehouse/index.ts';
import { usualDelay } from './web/index.ts';

type Setting = { default: string; help: string };

const checkout = fileURLToPath(new URL('..', import.meta.url));

/** Every setting there is. This file alone reads the environment. */
export const settings = {
  ROLLCALL_DATA: {
    default: './data',
    help: 'The folder that holds both embedded stores, their lock and the command line’s socket. The demo has its own, ./data/demo.',
  },
  ROLLCALL_WAREHOUSE: {
    default: 'embedded:$ROLLCALL_DATA/warehouse',
    help: 'Where counts are kept: embedded:FOLDER, or a ClickHouse server as http://user:password@host:8123/database, with ?cluster=NAME for a cluster (docs/production-cluster.md).',
  },
  ROLLCALL_RECORDS: {
    default: 'embedded:$ROLLCALL_DATA/records',
    help: 'Where records are kept: embedded:FOLDER, or a PostgreSQL server as postgres://user:password@host:5432/database.',
  },
  ROLLCALL_STORES_IN_PLAIN_TEXT: {
    default: '',
    help: 'yes, where the way to database servers on other machines is encrypted by other means than theirs (a tunnel). Without it, connections that others could read are refused.',
  },
  ROLLCALL_HOST: {
    default: '127.0.0.1',
    help: 'The address the site listens on. Put a TLS proxy in front before you listen on another.',
  },
  ROLLCALL_PORT: { default: '3000', help: 'The port the site listens on.' },
  ROLLCALL_PROXIES: {
    default: '',
    help: 'The addresses of the TLS proxies in front, with commas between them, as 127.0.0.1. What they say of a visitor’s address (X-Forwarded-For) is believed, and nobody else’s word.',
  },
  ROLLCALL_PAGE_SECONDS: {
    default: '10',
    help: 'How long the warehouse may take for one page.',
  },
  ROLLCALL_WORK_SECONDS: {
    default: '3600',
    help: 'How long the warehouse may take for one statement of an import or a fit.',
  },
  ROLLCALL_SWEEP_AFTER_HOURS: {
    default: '24',
    help: 'On servers: how old a write must be before what it never committed is swept.',
  },
  ROLLCALL_SITE: {
    default: '',
    help: 'The address at which people open this site, https://… without a path. Needed for signing in; the demo’s is http://localhost and its port.',
  },
  ROLLCALL_MAIL_SERVER: {
    default: '',
    help: 'The mail server that the weekly digest goes out by: smtps://user:password@mail.example:465, or smtp://… with STARTTLS, which only a server on this machine may be without. Without it no e-mail is sent; nor from the demo.',
  },
  ROLLCALL_MAIL_FROM: {
    default: '',
    help: 'The e-mail address that the digest comes from.',
  },
  ROLLCALL_SIGN_IN_ISSUER: {
    default: '',
    help: 'The OpenID Connect provider that people sign in with, https://…. Without it nobody signs in. See docs/sign-in.md.',
  },
  ROLLCALL_SIGN_IN_CLIENT_ID: {
    default: '',
    help: 'The name under which the provider knows this site.',
  },
  ROLLCALL_SIGN_IN_CLIENT_SECRET: {
    default: '',
    help: 'The secret shared with the provider: at least 24 characters, 10 of them different.',
  },
  ROLLCALL_SIGN_IN_SCOPES: {
    default: signInDefaults.scopes,
    help: 'What is asked of the provider; DfE Sign-in also gives organisation.',
  },
  ROLLCALL_SESSION_IDLE_MINUTES: {
    default: String(signInDefaults.idleMinutes),
    help: 'A session that was not used for so long is over.',
  },
  ROLLCALL_SESSION_HOURS: {
    default: String(signInDefaults.absoluteHours),
    help: 'A session is over so long after it was begun, used or not.',
  },
  ROLLCALL_IDENTITY_PORT: {
    default: '0',
    help: 'The port of the demo’s own identity provider, where a visitor chooses whom to be; 0 takes any that is free.',
  },
  ROLLCALL_ADDRESS_PER_MINUTE: {
    default: '6000',
    help: 'How many requests a minute one address may make: a whole school can be behind one.',
  },
  ROLLCALL_PERSON_PER_MINUTE: {
    default: '600',
    help: 'How many requests a minute one person who signed in, or one key, may make.',
  },
  ROLLCALL_AT_ONCE: {
    default: '40',
    help: 'How many requests are answered at once; more are turned away with 503 and told when to try again.',
  },
  ROLLCALL_DELAY_MILLISECONDS: {
    default: String(usualDelay),
    help: 'How late the process may come to what waits for it, on the average of half a second, before more is turned away with 503 until it has caught up.',
  },
  ROLLCALL_DRAIN_SECONDS: {
    default: '0',
    help: 'How long a site that was told to stop still answers, while /readyz already says that it is not ready: longer than whoever sends visitors here takes to notice.',
  },
  ROLLCALL_METRICS_TOKEN: {
    default: '',
    help: 'Who brings it (Authorization: Bearer …) reads /metrics from another machine; at least 24 characters, 10 of them different. Without it they are read on this machine alone.',
  },
  ROLLCALL_VISIT_KM: {
    default: '40',
    help: 'How far away a school to learn from may be, in a straight line, in kilometres.',
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof settings;

export type Config = {
  demo: boolean;
  /** Holds the lock and the socket. */
  dataFolder: string;
  stores: StoresAddress;
  host: string;
  port: number;
  proxies: readonly string[];
  pageSeconds: number;
  workSeconds: number;
  sweepAfterHours: number;
  visitKm: number;
  signIn: SignInSettings | null;
  /** Null where no e-mail is sent. */
  mail: MailSettings | null;
  /** Of the demo's own identity provider. */
  identityPort: number;
  drainSeconds: number;
  metricsToken: string | undefined;
  limits: { perAddress: number; perPerson: number; atOnce: number; delayed: number };
};

/**
 * Reads the settings. In the demo both stores are embedded under `ROLLCALL_DATA/demo`, whatever else is set: demo and
 * real data never meet.
 */
export function readConfig(
  environment: Record<string, string | undefined>,
  options: { demo: boolean },
): Config {
  refuseUnknownNames(Object.keys(environment));
  const value = (name: SettingName) => environment[name] || settings[name].default;
  const whole = (name: SettingName, least: number, most: number) =>
    wholeNumber(name, value(name), least, most);
  // Not set, it is the checkout's, whatever folder a command is typed in.
  const base = resolve(environment['ROLLCALL_DATA'] ? '' : checkout, value('ROLLCALL_DATA'));
  const dataFolder = options.demo ? join(base, 'demo') : base;
  const store = (name: 'ROLLCALL_WAREHOUSE' | 'ROLLCALL_RECORDS') =>
    (options.demo ? settings[name].default : value(name)).replace('$ROLLCALL_DATA', dataFolder);
  const stores: StoresAddress = {
    warehouse: parseWarehouseAddress(store('ROLLCALL_WAREHOUSE')),
    records: parseRecordsAddress(store('ROLLCALL_RECORDS')),
  };
  refuseUnsafeServers(stores, { plainText: value('ROLLCALL_STORES_IN_PLAIN_TEXT') === 'yes' });
  if (!options.demo) refuseWithoutTls('ROLLCALL_SITE', value('ROLLCALL_SITE'));
  return {
    demo: options.demo,
    dataFolder,
    stores,
    host: value('ROLLCALL_HOST'),
    port: wholeNumber('ROLLCALL_PORT', value('ROLLCALL_PORT'), 0, 65_535),
    proxies: addressesIn('ROLLCALL_PROXIES', value('ROLLCALL_PROXIES')),
    pageSeconds: wholeNumber('ROLLCALL_PAGE_SECONDS', value('ROLLCALL_PAGE_SECONDS'), 1, 600),
    workSeconds: wholeNumber('ROLLCALL_WORK_SECONDS', value('ROLLCALL_WORK_SECONDS'), 1, 86_400),
    sweepAfterHours: wholeNumber(
      'ROLLCALL_SWEEP_AFTER_HOURS',
      value('ROLLCALL_SWEEP_AFTER_HOURS'),
      1,
      8760,
    ),
    visitKm: whole('ROLLCALL_VISIT_KM', 1, 1000),
    signIn: signInOf(value, options),
    mail: mailOf(value, options),
    identityPort: whole('ROLLCALL_IDENTITY_PORT', 0, 65_535),
    drainSeconds: whole('ROLLCALL_DRAIN_SECONDS', 0, 300),
    metricsToken: tokenIn('ROLLCALL_METRICS_TOKEN', value('ROLLCALL_METRICS_TOKEN')),
    limits: {
      perAddress: whole('ROLLCALL_ADDRESS_PER_MINUTE', 1, 1_000_000),
      perPerson: whole('ROLLCALL_PERSON_PER_MINUTE', 1, 1_000_000),
      atOnce: whole('ROLLCALL_AT_ONCE', 1, 10_000),
      delayed: whole('ROLLCALL_DELAY_MILLISECONDS', 50, 60_000),
    },
  };
}

/** Null where no provider is named; in the demo, which brings its own, always. Refuses what would not be safe. */
function signInOf(
  value: (name: SettingName) => string,
  { demo }: { demo: boolean },
): SignInSettings | null {
  const issuer = value('ROLLCALL_SIGN_IN_ISSUER');
  if (demo || issuer === '') return null;
  const found: SignInSettings = {
    issuer,
    clientId: value('ROLLCALL_SIGN_IN_CLIENT_ID'),
    clientSecret: value('ROLLCALL_SIGN_IN_CLIENT_SECRET'),
    scopes: value('ROLLCALL_SIGN_IN_SCOPES'),
    site: value('ROLLCALL_SITE'),
    idleMinutes: Number(value('ROLLCALL_SESSION_IDLE_MINUTES')),
    absoluteHours: Number(value('ROLLCALL_SESSION_HOURS')),
  };
  checkSignInSettings(found, { demo });
  return found;
}

/** Null where no server is named, and in the demo: nobody in it is a person. */
function mailOf(
  value: (name: SettingName) => string,
  { demo }: { demo: boolean },
): MailSettings | null {
  const server = value('ROLLCALL_MAIL_SERVER');
  if (demo || server === '') return null;
  const found = { server, from: value('ROLLCALL_MAIL_FROM'), site: value('ROLLCALL_SITE') };
  checkMailSettings(found);
  return found;
}

/** The settings of this process. */
export function configFromEnvironment(options: { demo: boolean }): Config {
  return readConfig(process.env, options);
}

/** Set where Rollcall is developed and measured; no setting of a site. */
const ofDevelopers = /^ROLLCALL_(TEST|FUZZ|BENCH|CHROMIUM|SCREENSHOTS)/;

/** A name that is misspelt would leave a setting at its default without a word. */
function refuseUnknownNames(names: readonly string[]): void {
  const unknown = names.find(
    (name) => /^ROLLCALL_/i.test(name) && !(name in settings) && !ofDevelopers.test(name),
  );
  if (unknown === undefined) return;
  const farness = (name: string) =>
    lettersBetween(unknown, name) - sameBeginning(unknown, name) / 100;
  const [nearest = ''] = Object.keys(settings).toSorted(
    (one, other) => farness(one) - farness(other),
  );
  throw new Refusal(
    'bad-input',
    `${unknown} is no setting of Rollcall. Did you mean ${nearest}? docs/settings.md lists them all.`,
  );
}

/** How many letters two names begin with together. */
function sameBeginning(one: string, other: string): number {
  const differs = [...one].findIndex((letter, index) => letter !== other[index]);
  return differs < 0 ? one.length : differs;
}

/** How many letters have to be put in, left out or exchanged to make one name of the other. */
function lettersBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...one.toUpperCase()].entries()) {
    const above = row;
    row = [index + 1];
    for (const [column, its] of [...other].entries()) {
      const exchanged = (above[column] ?? 0) + (letter === its ? 0 : 1);
      row.push(Math.min(exchanged, (above[column + 1] ?? 0) + 1, (row[column] ?? 0) + 1));
    }
  }
  return row.at(-1) ?? 0;
}

function wholeNumber(name: SettingName, text: string, least: number, most: number): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < least || number > most) {
    throw new Refusal(
      'bad-input',
      `${name} is “${text}”: it must be a whole number from ${least} to ${most}. ${settings[name].help}`,
    );
  }
  return number;
}

function tokenIn(name: SettingName, text: string): string | undefined {
  if (text === '') return undefined;
  if (!isWeakSecret(text, { signs: 24, different: 10 })) return text;
  throw new Refusal('bad-input', `${name} is too weak. ${settings[name].help}`);
}

function refuseWithoutTls(name: SettingName, text: string): void {
  if (text === '' || text.startsWith('https://')) return;
  throw new Refusal('bad-input', `${name} must begin with https://. ${settings[name].help}`);
}

function addressesIn(name: SettingName, text: string): string[] {
  const addresses = text.split(',').flatMap((each) => each.trim() || []);
  const wrong = addresses.find((each) => isIP(each) === 0);
  if (wrong === undefined) return addresses;
  throw new Refusal(
    'bad-input',
    `${name} has “${wrong}”, which is no address of a machine. ${settings[name].help}`,
  );
}

/** `docs/settings.md`: written by `npm run docs`, held true by a test. */
export function settingsMarkdown(): string {
  const rows = Object.entries(settings).map(
    ([name, setting]) => `| \`${name}\` | \`${setting.default}\` | ${setting.help} |`,
  );
  return [
    '# Settings',
    '',
    'Set in the environment. This page is generated from `src/config.ts` by `npm run docs`.',
    '',
    '| setting | default | what it is |',
    '|---|---|---|',
    ...rows,
    '',
    'In the demo (`--demo`) both stores are embedded under `ROLLCALL_DATA/demo`, whatever else is set.',
    '',
  ].join('\n');
}
