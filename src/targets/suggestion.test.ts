import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from '../testing/chance.ts';
import type { Explanation, Issued, IssuedFigures } from './issued.ts';
import {
  overruleFaults,
  overruleReasons,
  reasonText,
  shockYears,
  suggestionKinds,
  suggestionsOf,
} from './suggestion.ts';

const figures = {
  ...{ urn: 900_001, laestab: null, school_name: 'A school (made-up)', la_code: '990' },
  ...{ school_type: 'State-funded primary', time_period: 201_819, history_years: 6 },
  ...{ last_known_period: 201_718, last_absence_percent: 5.24, last_persistent_percent: 12 },
  ...{ forecast_absence_percent: 5.16, forecast_persistent_percent: 11.9 },
  ...{ context_absence_percent: 4.9, context_persistent_percent: 10 },
  ...{ expectation_absence_percent: 5.04, expectation_persistent_percent: 11.6 },
  ...{ ladder_similar_best_quarter_percent: 4.2, ladder_la_average_percent: 4.8 },
  ...{ ladder_pre_pandemic_percent: null, similar_count: 1, no_match_reason: null },
} as unknown as IssuedFigures;
const place = { laName: 'Fenmoor (made-up)' };
const explanation: Explanation = {
  reasons: ['One.', 'Two.'],
  similar: [
    {
      urn: 900_002,
      name: 'B school',
      ...place,
      distance: 1,
      differences: ['size (90; theirs 80)'],
    },
  ],
  learnFrom: [
    { urn: 900_003, name: 'C school', ...place, kilometres: 12.3, chanceUnderForecast: 0.04 },
  ],
  noneToLearnFromReason: null,
  intakeCensusOn: '2019-01-17',
  prePandemicYear: null,
  comparedInYear: 201_718,
  caution: null,
  restsOn: 'Rests on the absence of primary schools in 2012/13 to 2017/18.',
};
const issued: Issued = { figures, explanation };

test('every kind of suggestion is found in what was issued, each with what it says and what it rests on', () => {
  const found = suggestionsOf(issued);
  assert.deepEqual(
    [...new Set(found.map(({ kind }) => kind))].sort(),
    Object.keys(suggestionKinds).sort(),
  );
  const byKey = Object.fromEntries(found.map((each) => [each.key, each]));
  assert.deepEqual(
    byKey['expectation']?.says,
    'Absence of at most 5.0%, persistent absence of at most 11.6% in 2018/19',
  );
  assert.deepEqual(byKey['expectation']?.restsOn.slice(0, 2), [
    'the forecast: absence of 5.2%, persistent absence of 11.9%',
    'what counts for 1 similar school in 2017/18: absence of 4.9%',
  ]);
  assert.deepEqual(byKey['forecast']?.restsOn, [
    '6 published years of this school, the last 2017/18: absence of 5.2%, persistent absence of 12.0%',
    'the size of the school, and what is usual in its local authority',
    'the absence of primary schools in 2012/13 to 2017/18',
  ]);
  assert.deepEqual(byKey['ladder']?.restsOn, [
    'absence of the best quarter of 1 similar school in 2017/18: 4.2%',
    'average absence in its local authority in 2017/18: 4.8%',
  ]);
  assert.match(String(byKey['reasons']?.restsOn), /the school census of January 2019/);
  assert.match(String(byKey['similar:900002']?.restsOn), /size \(90; theirs 80\)/);
  assert.match(String(byKey['learn-from:900003']?.restsOn), /fewer than 1 in 20 schools,.*12 km/);
});

test('a year counted from a school’s own registers is never called published', () => {
  const forecast = (own: number[], last: number, years = 6) =>
    suggestionsOf({
      figures: { ...figures, last_known_period: last, history_years: years } as IssuedFigures,
      explanation: { ...explanation, ownYears: own },
    }).find(({ key }) => key === 'forecast')?.restsOn[0];
  assert.match(
    String(forecast([201_718], 201_718)),
    /^5 published years of this school, and 2017\/18 from the school’s own registers: absence/,
  );
  assert.match(
    String(forecast([201_617, 201_516], 201_718)),
    /^4 published years of this school, and 2015\/16 and 2016\/17 from the school’s own registers, the last 2017\/18:/,
  );
  assert.match(
    String(forecast([201_718], 201_718, 1)),
    /^no published year of this school, and 2017\/18 from the school’s own registers:/,
  );
});

test('a suggestion never stands without what it rests on, whatever is not known', () => {
  const orNull = (value: fc.Arbitrary<number>) => fc.option(value, { nil: null });
  const percent = orNull(fc.double({ min: 0, max: 100, noNaN: true }));
  const anyFigures = fc.record({
    forecast_absence_percent: percent,
    forecast_persistent_percent: percent,
    context_absence_percent: percent,
    expectation_absence_percent: percent,
    expectation_persistent_percent: percent,
    ladder_la_average_percent: percent,
    last_known_period: fc.constantFrom(null, 201_718),
    last_absence_percent: percent,
    no_match_reason: fc.constantFrom(null, 'None is alike.'),
  });
  const anyExplanation = fc.record({
    intakeCensusOn: fc.constantFrom(null, '2019-01-17'),
    comparedInYear: fc.constantFrom(null, 201_718),
    restsOn: fc.constantFrom('', 'Rests on little.'),
    similar: fc.constantFrom([], explanation.similar),
    learnFrom: fc.constantFrom([], explanation.learnFrom),
  });
  fc.assert(
    fc.property(anyFigures, anyExplanation, (someFigures, someExplanation) => {
      const found = suggestionsOf({
        figures: { ...figures, ...someFigures } as IssuedFigures,
        explanation: { ...explanation, ...someExplanation },
      });
      assert.equal(new Set(found.map(({ key }) => key)).size, found.length);
      for (const { restsOn, says } of found) {
        assert.ok(restsOn.length > 0 && restsOn.every((text) => text.trim() !== ''), says);
        assert.doesNotMatch([says, ...restsOn].join(' '), /null|undefined|NaN/);
      }
    }),
  );
});

test('only a kind, a fitting year and 10 to 500 characters of reason are taken, and each fault is told at its field', () => {
  const years = shockYears(issued);
  assert.deepEqual(years, [201_516, 201_617, 201_718, 201_819]);
  const good = { because: 'closure', shockYear: '201718', reason: 'Shut for weeks' };
  const faultsOf = (changes: Partial<typeof good>) =>
    overruleFaults({ ...good, ...changes }, years).map(({ field }) => field);
  assert.deepEqual(faultsOf({}), []);
  for (const because of Object.keys(overruleReasons)) {
    assert.deepEqual(faultsOf({ because, shockYear: '' }), []);
  }
  assert.deepEqual(faultsOf({ because: '', shockYear: '199900', reason: '' }), [
    'because',
    'shockYear',
    'reason',
  ]);
  assert.deepEqual(faultsOf({ because: 'toString' }), ['because']);
  assert.deepEqual(faultsOf({ because: 'data' }), ['shockYear']);
  assert.deepEqual(faultsOf({ reason: ' a  b      \u200b' }), ['reason']);
  assert.deepEqual(faultsOf({ reason: 'x'.repeat(500) }), []);
  assert.deepEqual(faultsOf({ reason: 'x'.repeat(501) }), ['reason']);
  assert.deepEqual(faultsOf({ reason: `It is about A950000178301 alone` }), ['reason']);
});

test('a reason is kept as it was written, line for line, without signs that nobody sees', () => {
  assert.equal(reasonText(' One\r\ntwo\u0000\u200b\rthree – “é” \n'), 'One\ntwo\nthree – “é”');
});

const src = new URL('..', import.meta.url).pathname;
const code = globSync('**/*.ts', { cwd: src })
  .filter((path) => !/\.test\.ts$|^testing\//.test(path))
  .map((path) => ({ path, text: readFileSync(join(src, path), 'utf8') }));
const filesWith = (pattern: RegExp) =>
  code.flatMap(({ path, text }) => (pattern.test(text) ? [path] : [])).sort();

test('no suggestion acts: whoever reads suggestions writes nothing but what a head said of one', () => {
  const readers = filesWith(/\b(findSuggestions|suggestionsIn|suggestionsOf)\(/);
  assert.deepEqual(readers, [
    'overview/schoolHome.ts',
    'targets/api.ts',
    'targets/commands.ts',
    'targets/overrule.ts',
    'targets/suggestion.ts',
    'targets/suggestionPages.ts',
  ]);
  assert.deepEqual(filesWith(/\baddOverrule\(/), [
    'records/overrules.sql.ts',
    'targets/overrule.ts',
  ]);
  assert.deepEqual(
    filesWith(/\b(await|return) (setAside|takeBack)\(|await (setAside|takeBack)\(/),
    ['targets/overruleCommand.ts', 'targets/suggestionPages.ts'],
  );
  const writes = /stores\.write\(|\.(insertInto|updateTable|deleteFrom)\(|fetch\(|sendMail/;
  for (const path of readers) {
    assert.doesNotMatch(readFileSync(join(src, path), 'utf8'), writes, path);
  }
});

test('what was said of a suggestion is only ever added to', () => {
  assert.deepEqual(
    filesWith(/(updateTable|deleteFrom)\('overrules'|(UPDATE|DELETE FROM|TRUNCATE) overrules/),
    [],
  );
});
