import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as words from './words.ts';

test('percentages have one decimal and round half away from zero, as the department rounds', () => {
  assert.equal(words.percent(5.25), '5.3%');
  assert.equal(words.percent(4.349), '4.3%');
  assert.equal(words.percent(0), '0.0%');
  assert.equal(words.percent(-0.25), '−0.3%');
});

test('a figure that nobody knows says so, and a figure that was forgotten is a bug', () => {
  assert.equal(words.percent(null), 'not known');
  assert.equal(words.points(null), 'not known');
  assert.equal(words.number(null), 'not known');
  assert.throws(() => words.percent(undefined as never), TypeError);
  assert.throws(() => words.percent(Number.NaN), TypeError);
});

test('differences are percentage points', () => {
  assert.equal(words.points(0.5), '0.5 percentage points');
  assert.equal(words.difference(5.3, 6), '0.7 percentage points lower');
  assert.equal(words.difference(6, 5.3), '0.7 percentage points higher');
});

test('a difference agrees with the two rounded figures beside it', () => {
  assert.equal(words.difference(5.26, 5.34), 'the same');
  assert.equal(words.difference(5.24, 5.26), '0.1 percentage points lower');
});

test('large numbers have thousands separated', () => {
  assert.equal(words.number(1234567), '1,234,567');
  assert.equal(words.number(-1234.56, 1), '−1,234.6');
  assert.equal(words.number(-0.01), '0');
});

test('one and many', () => {
  assert.equal(words.plural(1, 'school'), '1 school');
  assert.equal(words.plural(0, 'school'), '0 schools');
  assert.equal(words.plural(2000, 'authority', 'authorities'), '2,000 authorities');
});

test('dates are written as GOV.UK writes them, in the time of England', () => {
  assert.equal(words.date('2026-11-22'), '22 November 2026');
  assert.equal(words.date(new Date('2026-07-01T23:30:00Z')), '2 July 2026');
  assert.throws(() => words.date('22/11/2026'), TypeError);
});

test('lists end in "and"', () => {
  assert.equal(words.list([]), '');
  assert.equal(words.list(['A']), 'A');
  assert.equal(words.list(['A', 'B', 'C']), 'A, B and C');
});

test('an interval says how sure it is in years', () => {
  assert.equal(words.interval(4.1, 6, 80), 'between 4.1% and 6.0%, 8 years in 10');
  assert.equal(words.interval(4.1, 6, 95), 'between 4.1% and 6.0%, 19 years in 20');
});

test('a chance is never told as impossible or certain', () => {
  assert.equal(words.chance(0), 'fewer than 1 in 20');
  assert.equal(words.chance(0.049), 'fewer than 1 in 20');
  assert.equal(words.chance(0.05), 'about 1 in 10');
  assert.equal(words.chance(0.31), 'about 3 in 10');
  assert.equal(words.chance(0.5), 'about 1 in 2');
  assert.equal(words.chance(0.949), 'about 9 in 10');
  assert.equal(words.chance(0.951), 'more than 19 in 20');
  assert.equal(words.chance(1), 'more than 19 in 20');
  assert.throws(() => words.chance(30), TypeError);
});
