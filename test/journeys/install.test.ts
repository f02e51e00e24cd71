import assert from 'node:assert/strict';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { after, before, test } from 'node:test';
import { checkout, type Ended, killGroup, linesOf, run, start } from '../../src/testing/process.ts';
import { scratchFolder } from '../../src/testing/stores.ts';

/**
 * Rollcall’s own `rollcall` and `bin/install` in a small checkout: one dependency, which stands for Node.js and is beside
 * it, so that real npm installs it in a second and without a network.
 */
const { folder: scratch, remove } = scratchFolder();
const home = join(scratch, 'a checkout with spaces');
const elsewhere = join(scratch, 'elsewhere');
const installs = join(scratch, 'installs');
/** This test’s own Node.js is first on the path under npm; a fresh machine’s is not. */
const path = (process.env['PATH'] ?? '')
  .split(delimiter)
  .filter((folder) => !folder.includes('node_modules'))
  .join(delimiter);

const writeJson = (file: string, value: unknown) =>
  writeFileSync(join(home, file), JSON.stringify(value));

function script(file: string, text: string): void {
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, 0o755);
}

/** `preinstall` is run by npm before anything is installed. */
function describePackage(preinstall: string): void {
  const dependencies = { node: 'file:standin' };
  writeJson('package.json', {
    name: 'small',
    version: '1.0.0',
    scripts: {
      preinstall: `echo began >> '${installs}'; ${preinstall}`,
      postinstall: 'cp package-lock.json node_modules/.rollcall-installed',
    },
    dependencies,
  });
  writeJson('package-lock.json', {
    name: 'small',
    version: '1.0.0',
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': { name: 'small', version: '1.0.0', dependencies },
      'node_modules/node': { resolved: 'standin', link: true },
      standin: { name: 'node', version: '1.0.0', bin: { node: 'node' } },
    },
  });
}

before(() => {
  for (const folder of [home, join(home, 'bin'), join(home, 'src'), join(home, 'standin')]) {
    mkdirSync(folder);
  }
  mkdirSync(elsewhere);
  for (const file of ['rollcall', 'bin/install']) cpSync(join(checkout, file), join(home, file));
  writeJson('standin/package.json', { name: 'node', version: '1.0.0', bin: { node: 'node' } });
  script(join(home, 'standin', 'node'), `exec '${process.execPath}' "$@"`);
  writeFileSync(join(home, 'src', 'main.ts'), 'console.log("ran", ...process.argv.slice(2));\n');
});
after(remove);

function fresh(preinstall = ''): void {
  rmSync(join(home, 'node_modules'), { recursive: true, force: true });
  rmSync(installs, { force: true });
  describePackage(preinstall);
}

const type = (command = join(home, 'rollcall'), env: Record<string, string> = {}) =>
  run(command, ['a b', 'c'], { cwd: elsewhere, env: { PATH: path, ...env } });

const installsBegun = () =>
  existsSync(installs) ? linesOf(readFileSync(installs, 'utf8')).length : 0;

function assertRan({ code, stdout, stderr }: Ended): void {
  assert.equal(code, 0, stderr);
  assert.equal(stdout, 'ran a b c\n');
}

/** Says that it installs, then one line that says why not; exit 1, and nothing that would be taken for installed. */
function assertRefused({ code, stdout, stderr }: Ended, says: RegExp): void {
  const lines = linesOf(stderr).filter((line) => !line.startsWith('Installing the pinned'));
  assert.equal(lines.length, 1, stderr);
  assert.match(lines[0] ?? '', says);
  assert.deepEqual([code, stdout], [1, '']);
  assert.ok(!existsSync(join(home, 'node_modules', '.rollcall-installed')));
}

test('the first command installs and says so; the next is quiet', async () => {
  fresh();
  const first = await type();
  assertRan(first);
  assert.match(first.stderr, /^Installing the pinned dependencies .*\n$/);
  const second = await type();
  assertRan(second);
  assert.equal(second.stderr, '');
  assert.equal(installsBegun(), 1);
});

test('it works from any folder and through links', async () => {
  fresh();
  const link = join(elsewhere, 'rollcall');
  const linkToLink = join(elsewhere, 'again');
  symlinkSync(join('..', 'a checkout with spaces', 'rollcall'), link);
  symlinkSync('rollcall', linkToLink);
  assertRan(await type(linkToLink));
  assertRan(await type('./again'));
});

test('another package-lock.json is installed anew', async () => {
  fresh();
  assertRan(await type());
  writeFileSync(
    join(home, 'package-lock.json'),
    `${readFileSync(join(home, 'package-lock.json'), 'utf8')}\n`,
  );
  assertRan(await type());
  assert.equal(installsBegun(), 2);
});

test('an install by hand counts', async () => {
  fresh();
  await run('npm', ['ci'], { cwd: home, env: { PATH: path } });
  const { stderr } = await type();
  assert.equal(stderr, '');
});

test('two commands at once install once', async () => {
  fresh('sleep 1');
  const [one, other] = await Promise.all([type(), type()]);
  assertRan(one);
  assertRan(other);
  assert.equal(installsBegun(), 1);
  assert.match(one.stderr + other.stderr, /waiting for it/);
});

test('an install that was killed is done again', async () => {
  fresh('sleep 30');
  const killed = start(join(home, 'rollcall'), [], { env: { PATH: path }, ownGroup: true });
  while (installsBegun() === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  await killGroup(killed);
  describePackage('');
  const half = join(home, 'node_modules', 'node');
  rmSync(half, { recursive: true, force: true });
  mkdirSync(half, { recursive: true }); // there, with the right name and version, and not whole
  cpSync(join(home, 'standin', 'package.json'), join(half, 'package.json'));
  assertRan(await type());
});

test('without a network it is one clear line', async () => {
  fresh();
  const dependencies = { node: 'file:standin', 'is-there': '1.0.0' };
  const lock = JSON.parse(readFileSync(join(home, 'package-lock.json'), 'utf8'));
  lock.packages[''].dependencies = dependencies;
  lock.packages['node_modules/is-there'] = {
    version: '1.0.0',
    integrity: `sha512-${'A'.repeat(86)}==`,
  };
  writeJson('package-lock.json', lock);
  const described = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
  writeJson('package.json', { ...described, dependencies });
  const nowhere = { npm_config_registry: 'http://127.0.0.1:1/' };
  assertRefused(
    await type(undefined, nowhere),
    /^The dependencies could not be installed: the npm registry cannot be reached\. Connect to the network/,
  );
});

test('without npm, or with a Node.js that is too old, it is one clear line', async () => {
  fresh();
  const machine = join(scratch, 'machine');
  mkdirSync(machine);
  for (const tool of ['sh', 'dirname', 'readlink', 'cmp', 'tr', 'grep', 'sed', 'mktemp', 'cp']) {
    const { stdout } = await run('sh', ['-c', `command -v ${tool}`], { env: { PATH: path } });
    symlinkSync(stdout.trim(), join(machine, tool));
  }
  const bare = { PATH: machine };
  assertRefused(
    await type(undefined, bare),
    /^Rollcall needs Node\.js 20 or newer with npm: install/,
  );
  script(join(machine, 'node'), 'echo v20.1.0');
  assertRefused(
    await type(undefined, bare),
    /with npm; npm is not here: install it from nodejs\.org/,
  );
  script(join(machine, 'npm'), 'exit 1');
  script(join(machine, 'node'), 'echo v18.20.4');
  assertRefused(await type(undefined, bare), /^Rollcall needs .*; here is v18\.20\.4: install/);
});

test('the lock file has every optional package of every platform, as npm ci asks, and names no registry', () => {
  const text = readFileSync(join(checkout, 'package-lock.json'), 'utf8');
  const { packages } = JSON.parse(text) as {
    packages: Record<string, { optionalDependencies?: Record<string, string> }>;
  };
  const missing = Object.entries(packages).flatMap(([at, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !packages[`node_modules/${name}`] && !packages[`${at}/node_modules/${name}`],
    ),
  );
  assert.deepEqual(missing, []);
  assert.doesNotMatch(text, /"resolved"/);
});
