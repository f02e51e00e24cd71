import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emergencyMinutes, registerYears } from '../pupils/index.ts';
import { signInDefaults } from '../signIn/index.ts';
import { dpiaDocument, testsNamed } from './dpia.ts';
import { documentMarkdown } from './markdown.ts';
import { overall, risks } from './risks.ts';

const settings = {
  ROLLCALL_PERSON_PER_MINUTE: { default: '601' },
  ROLLCALL_ADDRESS_PER_MINUTE: { default: '6001' },
  ROLLCALL_AT_ONCE: { default: '201' },
};
const page = documentMarkdown(dpiaDocument(settings));

test('the assessment has the steps of the template, and what children and automated decisions need', () => {
  for (const step of [1, 2, 3, 4, 5, 6, 7])
    assert.match(page, new RegExp(`^## Step ${step}: `, 'm'));
  assert.match(page, /^## Automated decisions \(UK GDPR, Articles 22A to 22D\)$/m);
  assert.match(page, /^## The Children’s code$/m);
  assert.match(page, /^## Step 3: Consultation\n\nNot done yet\./m);
});

test('its figures are those of the code: limits, time-outs, retention', () => {
  for (const said of [
    `after ${signInDefaults.idleMinutes} minutes without use and after ${signInDefaults.absoluteHours} hours`,
    `closes after ${emergencyMinutes} minutes`,
    `(${registerYears} years)`,
    'One person may make 601 requests a minute, one address 6,001; at most 201 are answered at once',
  ]) {
    assert.ok(page.includes(said), said);
  }
});

test('a risk is as high as the matrix says, and no measure makes it higher', () => {
  const rank = { low: 0, medium: 1, high: 2 };
  assert.equal(overall({ likelihood: 'remote', severity: 'severe' }), 'low');
  assert.equal(overall({ likelihood: 'possible', severity: 'significant' }), 'medium');
  assert.equal(overall({ likelihood: 'possible', severity: 'severe' }), 'high');
  for (const risk of risks) {
    assert.ok(rank[overall(risk.after)] <= rank[overall(risk.before)], risk.risk);
    assert.ok(risk.measures.length > 0 && risk.left !== '', risk.risk);
    assert.ok(page.includes(`### ${risk.risk}\n`), risk.risk);
  }
});

test('a risk stays as it was where no test holds any measure against it', () => {
  const unheld = risks.filter(({ measures }) => measures.every(({ heldBy }) => heldBy === null));
  for (const { risk, before, after } of unheld) assert.deepEqual(after, before, risk);
  assert.ok(testsNamed().length > 10);
  assert.ok(testsNamed().every((path) => path.endsWith('.test.ts')));
});
