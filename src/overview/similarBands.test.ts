import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { School } from '../schools/index.ts';
import { quantileOf } from '../stats/robust.ts';
import { openTestSite, type TestSite } from '../testing/site.ts';
import { type ShownYear, shownYearsOf, similarBands } from './schoolFacts.ts';

let site: TestSite;
let primaries: School[];
let shown: Map<number, ShownYear[]>;
const year = 201718;

before(async () => {
  site = await openTestSite({ issue: false });
  const { schools } = await site.directories();
  primaries = schools.filter(({ schoolType }) => schoolType === 'State-funded primary');
  shown = await shownYearsOf(site.stores, primaries, { hideSmallNumbers: true });
});
after(() => site.close());

const yearOf = (school: School) => shown.get(school.urn)?.find((each) => each.year === year);
const bandsOf = async (similar: School[]) =>
  similarBands(site.stores, await site.directories(), similar);

test('a band of similar schools is drawn from ten schools or more', async () => {
  const known = primaries.filter((school) => yearOf(school)?.absencePercent != null);
  const inYear = async (similar: School[]) =>
    (await bandsOf(similar)).overall.find((band) => band.year === year);
  assert.equal(await inYear(known.slice(0, 9)), undefined);
  assert.notEqual(await inYear(known.slice(0, 10)), undefined);
});

test('and only from what is shown of them: a hidden share stands in it as three pupils', async () => {
  const some = (hidden: boolean) =>
    primaries.filter((school) => yearOf(school)?.hidden === hidden).slice(0, 6);
  const similar = [...some(true), ...some(false)];
  assert.equal(similar.length, 12);
  const shares = similar.map((school) => {
    const { persistentPercent, enrolments } = yearOf(school) as ShownYear;
    return persistentPercent ?? 300 / (enrolments as number);
  });
  const { persistent } = await bandsOf(similar);
  const band = persistent.find((each) => each.year === year);
  assert.deepEqual(
    [band?.lowerQuartile, band?.median, band?.upperQuartile],
    [0.25, 0.5, 0.75].map((part) => quantileOf(shares, part)),
  );
});
