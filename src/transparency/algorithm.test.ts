import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { yearLabel } from '../base/academicYear.ts';
import { schoolTypePlural } from '../base/schoolType.ts';
import { modelVersion } from '../targets/index.ts';
import { algorithmDocument, lowChancesText } from './algorithm.ts';
import { groupsOutside, performance, readEvaluation } from './evaluation.ts';
import { documentMarkdown } from './markdown.ts';
import { organisationFields, parseOrganisation, said } from './organisation.ts';

const docs = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
const evaluation = readEvaluation();
const page = documentMarkdown(algorithmDocument());
const textOf = (blocks: ReturnType<typeof performance>) => JSON.stringify(blocks);

test('the record has every section of the standard', () => {
  for (const heading of [
    'Tier 1: Overview',
    'Tier 2, section 1: Owner and responsibility',
    'Section 2: Description and rationale',
    '2.1 Detailed description',
    '2.2 Scope',
    '2.3 Benefit',
    '2.4 Previous process',
    '2.5 Alternatives considered',
    'Section 3: Deployment context and decisions',
    'Integration into the process',
    'Provided information',
    'Frequency and scale',
    'Human decisions and review',
    'Required training',
    'Appeals and review',
    'Section 4: Tool specification',
    'System architecture',
    'Phase',
    'Maintenance',
    'Model: Forecast',
    'Model: Similar schools and expectation',
    'Datasets and their purposes',
    'Section 5: Risks, mitigations and impact assessments',
    'Impact assessments',
    'Risks and mitigations',
    'Metadata',
  ]) {
    assert.match(page, new RegExp(`^##+ ${heading.replaceAll('.', '\\.')}$`, 'm'));
  }
  for (const number of ['1.1', '1.2', '1.3', '1.4', '1.4.1', '1.4.2', '1.4.3', '1.4.4', '1.4.5']) {
    assert.ok(page.includes(`| ${number} `), number);
  }
  assert.doesNotMatch(page, /undefined|NaN|\bnull\b|\[object/);
});

test('its evaluation is that of docs/backtest.md, to the last figure', () => {
  const figures = docs('backtest.md');
  assert.ok(figures.includes(`**${evaluation.verdict}**`));
  assert.ok(figures.includes(`\`${evaluation.command}\``));
  const { judged, outside } = evaluation.groups;
  const all = Object.values(judged).reduce((sum, each) => sum + each, 0);
  assert.ok(figures.includes(`in ${all - outside.length} of ${all} groups`));
  assert.ok(evaluation.errors.length >= 18);
  for (const row of evaluation.errors) {
    const { last_year = null, mean3 = null, ar3 = null } = row.simple;
    const cells = [row.mean_absolute_error, last_year, mean3, ar3].map((error) =>
      error === null ? '—' : error.toFixed(3),
    );
    const start = `| ${yearLabel(row.time_period)} | ${schoolTypePlural[row.school_type]}, ${row.measure} |`;
    const line = figures.split('\n').find((each) => each.startsWith(start));
    assert.ok(line?.includes(` | ${cells.join(' | ')} | `), `${start} ${cells.join(' | ')}`);
  }
});

/** What a row of the evaluation's file may tell. */
const told = new Set([
  ...['command', 'model', 'verdict', 'errors', 'shifts', 'groups', 'chances', 'judged', 'outside'],
  ...['time_period', 'school_type', 'measure', 'schools', 'mean_absolute_error', 'simple'],
  ...['last_year', 'mean3', 'ar3', 'coverage_80', 'coverage_95'],
  ...['coverage_80_shift_removed', 'coverage_95_shift_removed', 'common_error'],
  ...['inside_80', 'inside_95', 'group', 'group_value', 'region', 'fsm_fifth', 'size_fifth'],
  ...['mean_error_shift_removed', 'mean_error_standard_error'],
  ...['asked', 'shift', 'tenth', 'cases', 'mean_probability', 'share_met'],
]);

test('the evaluation’s file tells of types, groups and tenths, and of no single school', () => {
  const names = [...docs('backtest.json').matchAll(/"(\w+)":/g)].map(([, name = '']) => name);
  assert.ok(names.length > 1000);
  assert.deepEqual(
    [...new Set(names)].filter((name) => !told.has(name)),
    [],
  );
  for (const { schools } of evaluation.groups.outside) assert.ok(schools >= 20);
  for (const { schools } of evaluation.errors) assert.ok(schools >= 100);
});

test('it says whether the version that was judged is the one that runs', () => {
  const now = modelVersion('forecast');
  assert.match(textOf(performance({ ...evaluation, model: now })), /That is the version that runs/);
  assert.match(
    textOf(performance({ ...evaluation, model: 'another' })),
    new RegExp(`That was version another; the one that runs is ${now} and has not been judged`),
  );
});

test('it names how many groups are out, the chances that came out otherwise, and what is not known', () => {
  assert.ok(page.includes(`out on average for ${groupsOutside(evaluation)} groups`));
  const [first, ...others] = evaluation.groups.outside;
  assert.ok(first);
  const fewer = { ...evaluation, groups: { ...evaluation.groups, outside: others } };
  assert.notEqual(groupsOutside(fewer), groupsOutside(evaluation));
  assert.match(page, /2023\/24: .*No outcomes by school/);
  const measured = docs('expectation.md').replaceAll(/\s+/g, ' ');
  assert.ok(measured.includes(lowChancesText));
  assert.match(measured, /such chances are too low by about ten points/);
});

test('what only whoever runs it can say is marked as not said, and never made up', () => {
  const nobody = Object.fromEntries(Object.keys(organisationFields).map((name) => [name, null]));
  const empty = parseOrganisation(JSON.stringify(nobody));
  assert.match(said(empty, 'organisation'), /^To be filled in by whoever runs it/);
  const told = parseOrganisation(JSON.stringify({ ...nobody, team: 'Attendance' }));
  assert.equal(said(told, 'team'), 'Attendance');
  assert.throws(() => parseOrganisation('{"organisation": null}'), /has to have just these fields/);
  assert.throws(
    () => parseOrganisation(JSON.stringify({ ...nobody, team: 3 })),
    /team has to be a text or null/,
  );
});
