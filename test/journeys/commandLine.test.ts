import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { parseWords } from '../../src/cli/index.ts';
import { layDemo } from '../../src/testing/demo.ts';
import {
  type Ended,
  killGroup,
  linesOf,
  rollcall,
  run,
  type Started,
  siteOf,
  start,
} from '../../src/testing/process.ts';
import { scratchFolder } from '../../src/testing/stores.ts';
import { commands } from '../../src/wiring.ts';

const { folder: scratch, remove } = scratchFolder();
const data = join(scratch, 'data');
const desk = join(scratch, 'a desk');
const env = { ROLLCALL_DATA: data, ROLLCALL_PORT: '0' };
const socket = join(data, 'demo', 'rollcall.sock');
let site: Started | undefined;

const type = (...words: string[]) => run(rollcall, words, { cwd: desk, env });

async function serve(): Promise<Started> {
  site = start(rollcall, ['serve', '--demo'], { env, ownGroup: true });
  await siteOf(site);
  return site;
}

/** The site that a test before left running, or another one. */
const serving = async () => site ?? (await serve());

async function stop(): Promise<void> {
  site?.process.kill('SIGTERM');
  await site?.ended;
  site = undefined;
}

before(async () => {
  mkdirSync(desk);
  await layDemo(data);
  const made = await type(
    'seed',
    '--schools',
    '30',
    '--seed',
    '7',
    '--without',
    'registers',
    '--out',
    'made up',
  );
  assert.match(
    made.stdout,
    /30 schools made up: 11 published files and truth_schools\.csv in .*made up\./,
  );
});

after(async () => {
  if (site) await killGroup(site);
  remove();
});

test('--help lists every verb, and each verb its options with an example', async () => {
  const all = await type('--help');
  assert.equal(all.code, 0);
  for (const { verb } of commands) assert.ok(all.stdout.includes(`  ${verb} `), verb);
  const { stdout } = await type('targets', 'publish', '--help');
  assert.match(stdout, /Usage: \.\/rollcall targets publish [^]*--year YYYYYY[^]*Example: /);
});

test('the example of each verb is understood', () => {
  for (const { verb, example } of commands) {
    // As a shell takes it apart: what stands in quotes is one word.
    const said = example.match(/"[^"]*"|\S+/g) ?? [];
    const [first, ...words] = said
      .filter((word) => !/^[A-Z_]+=/.test(word))
      .map((word) => word.replaceAll('"', ''));
    assert.equal(first, './rollcall');
    const asked = parseWords(words, commands);
    assert.equal(asked.what === 'call' && asked.call.command.verb, verb);
  }
});

const tryImport = ['publications', 'import', '--demo', '--dry-run'];

/** Calls, each with the exit code it must give; those that fail say so in one line and print nothing else. */
const calls: [words: string[], exit: number][] = [
  [['targets', 'show', '--demo', '--urn', '900001'], 0],
  [['targets', 'show', '--demo', '--urn', '900001', '--json', '--as', 'school:900001'], 0],
  [['targets', 'show', '--demo', '--urn', '900001', '--as', 'inspector:990'], 1],
  [['targets', 'publish', '--demo', '--year', '201819', '--as', 'inspector:801'], 1],
  [['targets', 'publish', '--demo', '--year', '2018'], 2],
  [['targets', 'publish', '--demo', '--year', '201819', '--out', 'no/such/file.csv'], 1],
  [['targets', 'publish', '--demo', '--year', '201819', '--out', 'out.csv'], 0],
  [['targets', 'backtest', '--demo', '--from', '201718', '--to', '201718', '--out', 'out.csv'], 0],
  [['publications', 'reconcile', '--demo', '--out', 'out.csv'], 0],
  [['publications', 'import', '--demo', 'made up/school_locations.csv'], 1], // a fifth of the schools
  [[...tryImport, '--remove-missing', 'made up/school_locations.csv'], 0],
  [['publications', 'import', '--demo', 'not.csv'], 1],
  [['dance'], 2],
];

async function typeAndRead(words: readonly string[]): Promise<Ended & { file: string | null }> {
  rmSync(join(desk, 'out.csv'), { force: true });
  const ended = await type(...words);
  const wrote = words.includes('out.csv');
  return { ...ended, file: wrote ? readFileSync(join(desk, 'out.csv'), 'utf8') : null };
}

test('every verb gives the same, byte for byte, whether or not the site is running', async () => {
  writeFileSync(join(desk, 'not.csv'), 'a,b\n1,2\n');
  const alone: (Ended & { file: string | null })[] = [];
  for (const [words, exit] of calls) {
    const answer = await typeAndRead(words);
    assert.equal(answer.code, exit, `${words.join(' ')}: ${answer.stderr}`);
    if (exit === 0) assert.equal(answer.stderr, '', words.join(' '));
    else assert.equal(linesOf(answer.stderr).length, 1, `${words.join(' ')}: ${answer.stderr}`);
    if (exit === 2) assert.equal(answer.stdout, '');
    if (words.includes('--json')) JSON.parse(answer.stdout);
    if (answer.file !== null) assert.match(answer.file, /^[a-z0-9_,]+\n[^\r]*\n$/);
    alone.push(answer);
  }
  await serve();
  assert.equal(statSync(socket).mode & 0o777, 0o600);
  for (const [index, [words]] of calls.entries()) {
    assert.deepEqual(await typeAndRead(words), alone[index], words.join(' '));
  }
});

test('what is typed while the site runs is seen on its pages at once', async () => {
  const running = await serving();
  const page = `${await siteOf(running)}/schools/900001/absence.csv`;
  const before = await (await fetch(page)).text();
  // The same year with one more session missed in it.
  const year = 'made up/absence_3term_school_201718.csv';
  const { stdout } = await type(...tryImport, '--remove-missing', year);
  assert.match(stdout, /would/);
  const imported = await type('publications', 'import', '--demo', '--remove-missing', year);
  assert.equal(imported.code, 0, imported.stderr);
  assert.notEqual(await (await fetch(page)).text(), before);
});

const typeBacktest = () =>
  start(rollcall, ['targets', 'backtest', '--demo', '--from', '201415', '--to', '201718'], {
    cwd: desk,
    env,
  });

const interrupted = ['Interrupted: what was under way is not stored.'];

/** Types it and waits until the site carries it out. */
async function typeBacktestTo(running: Started): Promise<Started> {
  const words = 'Carrying out “targets backtest”';
  const times = (await running.says('')).split(words).length - 1;
  const typed = typeBacktest();
  await running.says(new RegExp(`(${words}[^]*){${times + 1}}`));
  return typed;
}

test('Ctrl-C ends what the site carries out for it, in one line', async () => {
  const running = await serving();
  const typed = await typeBacktestTo(running);
  typed.process.kill('SIGINT');
  const { code, stderr } = await typed.ended;
  assert.deepEqual([code, linesOf(stderr)], [1, interrupted]);
  assert.equal((await fetch(await siteOf(running))).status, 200);
});

test('a site that is stopped or killed while it carries something out is one line', async () => {
  for (const [signal, says] of [
    ['SIGKILL', /^The site ended while it carried this out/],
    ['SIGTERM', /^The site was stopped while it carried this out/],
  ] as const) {
    const running = await serving();
    const typed = await typeBacktestTo(running);
    if (signal === 'SIGKILL') await killGroup(running);
    else running.process.kill(signal);
    const { code, stderr } = await typed.ended;
    assert.equal(linesOf(stderr).length, 1, stderr);
    assert.match(stderr, says);
    assert.equal(code, 1);
    const { code: siteCode } = await running.ended;
    if (signal === 'SIGTERM') assert.equal(siteCode, 0);
    site = undefined;
  }
});

test('Ctrl-C ends what is carried out here, in one line', async () => {
  const typed = typeBacktest();
  while (!existsSync(join(data, 'demo', 'owner.json'))) await setTimeout(10);
  typed.process.kill('SIGINT');
  const { code, stderr } = await typed.ended;
  assert.deepEqual([code, linesOf(stderr)], [1, interrupted]);
});

test('whoever has read enough ends a verb quietly, whoever carries it out', async () => {
  const verb = `{ '${rollcall}' targets show --demo --urn 900001; echo "exit $?" >&2; }`;
  const readSome = async (reader: string, lines: number) => {
    const { stdout, stderr } = await run('sh', ['-c', `${verb} | ${reader}`], { cwd: desk, env });
    assert.deepEqual([linesOf(stdout).length, stderr], [lines, 'exit 0\n']);
  };
  await readSome('head -n 1', 1);
  await readSome('true', 0);
  await serve();
  await readSome('head -n 1', 1);
  await readSome('true', 0);
  await stop();
});

test('output that cannot be written is one clear line', {
  skip: !existsSync('/dev/full'),
}, async () => {
  const script = `'${rollcall}' --help > /dev/full`;
  const { code, stderr } = await run('sh', ['-c', script], { cwd: desk, env });
  assert.deepEqual([code, linesOf(stderr).length], [1, 1], stderr);
  assert.match(stderr, /^What it says cannot be written \(ENOSPC/);
});
