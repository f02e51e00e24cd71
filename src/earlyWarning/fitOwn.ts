import { createHash } from 'node:crypto';
import { countingYear, countingYearOf, schoolsWithRegisters } from '../absence/index.ts';
import { startYearOf, yearLabel, yearsAfter } from '../base/academicYear.ts';
import { type Clock, dayInEngland } from '../base/clock.ts';
import type { Day } from '../base/day.ts';
import { mondayOf } from '../base/weekOfYear.ts';
import { Refusal } from '../base/problem.ts';
import type { Stores } from '../stores/index.ts';
import { dayAfter } from './ask.ts';
import { examplesOn, outcomesOf } from './examples.ts';
import { fitCoefficients, seesLastOn } from './fit.ts';
import { fitKind, type Model } from './model.ts';
import { knownOn, readerOf } from './score.ts';

/** Enough to find some forty coefficients, and no more than takes minutes. */
const [fewestEnrolments, mostSchools] = [2_000, 150];
/** A year with marks in fewer weeks than this was not whole. */
const fewestWeeks = 30;
/** Every fourth Friday from the third week of the year to the last but one. */
const weeksOfFit = Array.from({ length: 11 }, (_, at) => 2 + 4 * at);

/**
 * Fits on the registers of the last year that is over, as they were known week by week, and keeps what it found under a
 * receipt. Refuses with `not-ready` where too little of that year is here; then what is shipped goes on being used.
 */
export async function fitOnOwnRegisters(
  stores: Stores,
  clock: Clock,
  { say = () => {}, signal }: { say?(step: string): void; signal?: AbortSignal } = {},
): Promise<Model> {
  const year = yearsAfter(countingYearOf(dayInEngland(clock())), -1);
  const urns = someOf(await schoolsWithRegisters(stores), `${fitKind} ${year}`);
  const read = readerOf(stores);
  say(`Reading what came of ${yearLabel(year)} …`);
  const all = await outcomesOf(read, { urns, on: `${startYearOf(year)}-12-01` });
  const whole = [...all.values()].filter(({ mondays }) => mondays.length >= fewestWeeks);
  if (whole.length < fewestEnrolments) {
    throw new Refusal(
      'not-ready',
      `The registers of ${yearLabel(year)} have ${whole.length} enrolments with marks in ${fewestWeeks} weeks, and ${fewestEnrolments} are needed. What is shipped goes on being used; it was fitted on made-up pupils.`,
    );
  }
  const outcomes = new Map(all.entries().filter(([, { mondays }]) => mondays.length > 0));
  const schools = new Set(whole.map(({ urn }) => urn)).size;
  const days = weeksOfFit.map((week) => dayAfter(mondayOf(week, year), 4)).filter(isIn(year));
  say(`Fitting on ${whole.length} enrolments at ${schools} schools …`);
  let withLast = 0;
  const coefficients = await fitCoefficients(
    days.map((on, at) => async (rate) => {
      signal?.throwIfAborted();
      const asked = { urns, on, seesLast: seesLastOn(at), ...(await knownOn(stores, clock, on)) };
      const examples = await examplesOn(read, asked, outcomes, rate);
      withLast += examples.filter(({ last_possible }) => last_possible > 0).length;
      return examples;
    }),
  );
  const seesLast = withLast >= fewestEnrolments;
  const model = { coefficients, fittedOn: year, schools, enrolments: whole.length, seesLast };
  const receipt = await stores.write(async ({ begin }) => {
    const open = await begin({
      ...{
        kind: fitKind,
        scope: String(year),
        title: `Early warning, fitted on ${yearLabel(year)}`,
      },
      digest: createHash('sha256').update(JSON.stringify(coefficients)).digest('hex'),
    });
    Object.assign(open.detail, {
      model,
      newestReceipt: (await stores.counting()).at(-1)?.id ?? null,
    });
    return open.id;
  });
  return { ...model, receipt };
}

const isIn = (year: number) => (day: Day) => {
  const { from, to } = countingYear(year);
  return from <= day && day <= to;
};

/** The same schools at every fit of a year, whatever their numbers. */
function someOf(urns: readonly number[], salt: string): number[] {
  const hash = (urn: number) => createHash('sha256').update(`${salt} ${urn}`).digest('hex');
  return urns
    .map((urn) => ({ urn, at: hash(urn) }))
    .toSorted((a, b) => (a.at < b.at ? -1 : 1))
    .slice(0, mostSchools)
    .map(({ urn }) => urn)
    .toSorted((a, b) => a - b);
}
