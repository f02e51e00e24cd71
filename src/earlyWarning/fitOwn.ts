import { createHash } from 'node:crypto';
import { countingYear, countingYearOf, schoolsWithRegisters } from '../absence/index.ts';
import { startYearOf, yearLabel, yearsAfter } from '../base/academicYear.ts';
import { type Clock, dayInEngland } from '../base/clock.ts';
import { type Day, daysAfter } from '../base/day.ts';
import { mondayOf } from '../base/weekOfYear.ts';
import { Refusal } from '../base/problem.ts';
import type { Stores } from '../stores/index.ts';
import type { Outcome } from './outcomes.sql.ts';
import { examplesOn, outcomesOf, type Trained } from './examples.ts';
import { fitCoefficients, seesLastOn } from './fit.ts';
import { isHeldOut, isNoWorse, missedBy } from './heldOut.ts';
import { fitKind, type Model, shippedModel } from './model.ts';
import { knownOn, readerOf } from './score.ts';

/** Enough to find some forty coefficients, and no more than takes minutes. */
const [fewestEnrolments, mostSchools] = [2_000, 150];
/** A year with marks in fewer weeks than this was not whole. */
const fewestWeeks = 30;
/** Every fourth Friday from the third week of the year to the last but one. */
const weeksOfFit = Array.from({ length: 11 }, (_, at) => 2 + 4 * at);

/**
 * Fits on the registers of the last year that is over, as they were known week by week, on three quarters of the children;
 * judges it on the others beside what is shipped; and keeps what it found under a receipt. What does worse than what is
 * shipped is kept too, and not used. Refuses with `not-ready` where too little of that year is here.
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
  // No school asked for would be every school, with registers too large to be read at once.
  const all = await (urns.length > 0
    ? outcomesOf(read, { urns, on: `${startYearOf(year)}-12-01` })
    : new Map<string, Outcome>());
  const whole = [...all.values()].filter(({ mondays }) => mondays.length >= fewestWeeks);
  if (whole.length < fewestEnrolments) {
    throw new Refusal(
      'not-ready',
      `The registers of ${yearLabel(year)} have ${whole.length} enrolments with marks in ${fewestWeeks} weeks, and ${fewestEnrolments} are needed. What is shipped goes on being used; it was fitted on made-up pupils.`,
    );
  }
  const outcomes = new Map(all.entries().filter(([, { mondays }]) => mondays.length > 0));
  const schools = new Set(whole.map(({ urn }) => urn)).size;
  const days = weeksOfFit.map((week) => daysAfter(mondayOf(week, year), 4)).filter(isIn(year));
  say(`Fitting on ${whole.length} enrolments at ${schools} schools …`);
  let withLast = 0;
  const shipped = shippedModel.coefficients;
  const leftOut = { own: [] as Trained[], shipped: [] as Trained[] };
  const coefficients = await fitCoefficients(
    days.map((on, at) => async (rate) => {
      signal?.throwIfAborted();
      const asked = { urns, on, seesLast: seesLastOn(at), ...(await knownOn(stores, clock, on)) };
      const examples = await examplesOn(read, asked, outcomes, rate);
      leftOut[rate === shipped.rate ? 'shipped' : 'own'].push(...examples.filter(isHeldOut));
      const fitted = examples.filter((each) => !isHeldOut(each));
      withLast += fitted.filter(({ last_possible }) => last_possible > 0).length;
      return fitted;
    }),
    shipped.rate,
  );
  const judged = {
    examples: leftOut.own.length,
    own: missedBy(leftOut.own, coefficients),
    shipped: missedBy(leftOut.shipped, shipped),
  };
  const model = {
    ...{ coefficients, fittedOn: year, schools, enrolments: whole.length },
    ...{ seesLast: withLast >= fewestEnrolments, judged, used: isNoWorse(judged) },
  };
  const receipt = await stores.write(async ({ begin }) => {
    const open = await begin({
      ...{
        kind: fitKind,
        // Every fit stays: a day that is over is scored with what there was then.
        scope: `${year} ${dayInEngland(clock())}`,
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
