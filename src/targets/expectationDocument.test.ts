import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { percentText } from '../base/rate.ts';
import { type SchoolType, schoolTypes } from '../base/schoolType.ts';
import { changesTheTypeIsWorth, publishedAchieved } from './achieved.ts';
import { gapPartWithFewSchools, leastAsked, mostAsked } from './expectation.ts';
import { leastShare } from './weights.ts';

/** As one line, with single spaces. */
const text = readFileSync(new URL('../../docs/expectation.md', import.meta.url), 'utf8').replaceAll(
  /\s+/g,
  ' ',
);

test('docs/expectation.md names the constants that the code uses', () => {
  for (const said of [
    `at least \`${leastAsked.toFixed(2)} × F\` and at most \`${mostAsked.toFixed(2)} × F\``,
    `at least ${percentText(100 * leastAsked, 0)} and at most ${percentText(100 * mostAsked, 0)} less absence`,
    `${gapPartWithFewSchools} where fewer than 30 schools are known`,
    `weighs as much as ${changesTheTypeIsWorth} changes`,
    `Every input gets at least ${percentText(100 * leastShare, 0)} before`,
  ]) {
    assert.ok(text.includes(said), said);
  }
});

const rowNames: Record<SchoolType, string> = {
  'State-funded primary': 'primary',
  'State-funded secondary': 'secondary',
  Special: 'special',
};

test('and what was learned of yearly changes, to the last figure', () => {
  for (const schoolType of schoolTypes) {
    const { overall, persistent } = publishedAchieved[schoolType];
    const cells = [
      rowNames[schoolType],
      overall.lastingPart.toFixed(2),
      persistent.lastingPart.toFixed(2),
      percentText(100 * overall.bestQuarterPart),
      percentText(100 * persistent.bestQuarterPart),
    ];
    const row = new RegExp(
      `\\| ${cells.map((cell) => cell.replace('.', '\\.')).join(' +\\| +')} +\\|`,
    );
    assert.match(text, row);
  }
});
