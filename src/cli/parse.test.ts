import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Command } from '../access/index.ts';
import { seedCommand } from '../demo/index.ts';
import { publicationCommands } from '../publications/index.ts';
import { targetCommands } from '../targets/index.ts';
import fc from '../testing/chance.ts';
import { describeVerb, listVerbs, parseWords, UsageError } from './index.ts';
import type { Call } from './parse.ts';

const command = (verb: string, more: Partial<Command> = {}): Command => ({
  verb,
  summary: `Does ${verb}.`,
  options: {
    year: { value: 'YYYYYY', help: 'The year.', accepts: (text) => /^\d{6}$/.test(text) },
    out: { value: 'FILE', help: 'Writes it.' },
    json: { help: 'Prints JSON.' },
  },
  example: `./rollcall ${verb} --json`,
  run: async () => 0,
  ...more,
});

const commands = [
  command('sing'),
  command('sing loudly'),
  command('sing to', { arguments: 'WHOM…' }),
  command('draw', { options: { on: { value: 'DATE', help: 'When.', required: true } } }),
];

function callOf(words: string[]): Call {
  const asked = parseWords(words, commands);
  assert.equal(asked.what, 'call');
  return (asked as { call: Call }).call;
}

function wrong(words: string[]): string {
  try {
    parseWords(words, commands);
  } catch (error) {
    assert.ok(error instanceof UsageError, String(error));
    return error.message;
  }
  return assert.fail(`understood ${words.join(' ')}`);
}

/** A word that is no option: a path, say. */
const plainWord = fc.stringMatching(/^[a-z0-9./_]{1,12}$/);

test('options that each make sense and do not go together are wrong usage, of the real verbs too', () => {
  const all = [...targetCommands, ...publicationCommands, seedCommand];
  const refused: Record<string, RegExp> = {
    'targets backtest --from 201718 --to 201516': /201718 is after 201516/,
    'seed --schools 3': /add --demo, or --out DIR/,
    'seed --schools 0 --out made-up': /takes --schools N, not “0”/,
    'publications import a.csv --census abc': /takes --census YEAR, not “abc”/,
    'publications import a.csv --published x': /takes --published DATE, not “x”/,
  };
  for (const [words, why] of Object.entries(refused)) {
    assert.throws(
      () => parseWords(words.split(' '), all),
      (error) => error instanceof UsageError && why.test(error.message),
      words,
    );
  }
  for (const words of [
    'targets backtest --from 201516 --to 201516',
    'seed --schools 3 --demo',
    'seed --schools 3 --out made-up',
  ]) {
    assert.equal(parseWords(words.split(' '), all).what, 'call', words);
  }
});

test('options are read in any order, before or after the files, with = or without', () => {
  fc.assert(
    fc.property(
      fc.record({
        year: fc.option(fc.stringMatching(/^\d{6}$/), { nil: undefined }),
        out: fc.option(plainWord, { nil: undefined }),
        json: fc.boolean(),
        demo: fc.boolean(),
        as: fc.constantFrom(undefined, 'public', 'school:100000', 'inspector:801'),
        files: fc.array(plainWord, { minLength: 1, maxLength: 4 }),
        joined: fc.boolean(),
        filesFirst: fc.boolean(),
      }),
      fc.infiniteStream(fc.nat()),
      ({ joined, files, filesFirst, ...given }, chance) => {
        const option = (name: string, value: string) =>
          joined ? [`--${name}=${value}`] : [`--${name}`, value];
        const options = [
          ...(given.year === undefined ? [] : [option('year', given.year)]),
          ...(given.out === undefined ? [] : [option('out', given.out)]),
          ...(given.as === undefined ? [] : [option('as', given.as)]),
          ...(given.json ? [['--json']] : []),
          ...(given.demo ? [['--demo']] : []),
        ]
          .map((words) => ({ words, rank: chance.next().value ?? 0 }))
          .sort((a, b) => a.rank - b.rank)
          .flatMap(({ words }) => words);
        const parts = filesFirst ? [...files, ...options] : [...options, ...files];
        // Values of options stand before the verb's own words only when joined.
        const call = callOf(['sing', 'to', ...parts]);
        assert.equal(call.command.verb, 'sing to');
        assert.deepEqual(call.input.files, files);
        assert.equal(call.input.values['year'], given.year);
        assert.equal(call.input.values['out'], given.out);
        assert.equal(call.input.switches.has('json'), given.json);
        assert.equal(call.demo, given.demo);
        assert.equal(call.as?.role, given.as?.split(':')[0]);
      },
    ),
  );
});

test('whatever is typed is understood or refused in one line', () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom('sing', 'to', 'draw', '--year', '--json', '--as', '--on=1', '--', '-', '--='),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 6 }), (words) => {
      try {
        parseWords(words, commands);
      } catch (error) {
        assert.ok(error instanceof UsageError, String(error));
        assert.ok(!/[\n\r]/.test(error.message), error.message);
      }
    }),
  );
});

test('the longest verb that fits is meant', () => {
  assert.equal(callOf(['sing', 'loudly', '--json']).command.verb, 'sing loudly');
  assert.equal(callOf(['sing', '--json']).command.verb, 'sing');
});

test('wrong usage says what is wrong and where to look', () => {
  assert.match(
    wrong(['dance']),
    /^There is no verb “dance”\. \.\/rollcall --help lists every verb/,
  );
  assert.match(wrong(['--json']), /^Say what to do/);
  assert.match(wrong(['sing', 'softly']), /takes nothing called “softly”/);
  assert.match(wrong(['sing', 'to']), /needs WHOM…/);
  assert.match(wrong(['draw']), /needs --on DATE/);
  assert.match(wrong(['draw', '--on', '']), /takes --on DATE, not “”/);
  assert.match(wrong(['sing', '--year', '2018']), /takes --year YYYYYY, not “2018”/);
  assert.match(wrong(['sing', '--year', '--json']), /--year/);
  assert.match(wrong(['sing', '--loud']), /Unknown option '--loud'\. .*sing --help/);
  assert.match(wrong(['sing', '--json=1']), /--json/);
  assert.match(wrong(['sing', '--out', 'a', '--out', 'b']), /--out is given twice/);
  assert.match(wrong(['sing', '--as', 'wizard']), /“wizard” is not a role/);
  assert.match(wrong(['sing', '--as', 'school']), /needs its URN/);
});

test('--help lists every verb, those that begin so, or the options of one with an example', () => {
  assert.deepEqual(parseWords([], commands), { what: 'verbs', commands });
  assert.deepEqual(parseWords(['--help'], commands), { what: 'verbs', commands });
  assert.deepEqual(parseWords(['sin', '--help'], commands), { what: 'verbs', commands });
  for (const { verb } of commands) {
    assert.equal(parseWords([...verb.split(' '), '--help'], commands).what, 'help');
    assert.ok(listVerbs(commands).includes(`  ${verb} `));
  }
  const text = describeVerb(commands[3] as Command);
  for (const words of [
    '--on DATE',
    '(needed)',
    '--demo',
    '--as ROLE:SCOPE',
    'Example: ./rollcall',
  ]) {
    assert.ok(text.includes(words), words);
  }
});
