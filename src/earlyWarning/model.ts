import { countingYear, countingYearOf } from '../absence/index.ts';
import { type AcademicYear, yearLabel } from '../base/academicYear.ts';
import type { Day } from '../base/day.ts';
import type { Stores } from '../stores/index.ts';
import { type Coefficients, widths } from './scores.sql.ts';
import { shippedCoefficients } from './shipped.ts';

/** Under this kind of receipt a fit is kept, with what it rests on. */
export const fitKind = 'early warning';

/** Coefficients, and what they were found from. */
export type Model = {
  coefficients: Coefficients;
  /** The year whose registers they were fitted on; null of those that are shipped. */
  fittedOn: AcademicYear | null;
  schools: number;
  enrolments: number;
  /** Whether the year before the one fitted on was known of enough children to be used. */
  seesLast: boolean;
  /** The receipt of the fit. */
  receipt: number | null;
};

export const shippedModel: Model = {
  ...{ coefficients: shippedCoefficients, fittedOn: null, schools: 0, enrolments: 0 },
  ...{ seesLast: true, receipt: null },
};

/** The newest fit on a year that was over by the day’s; without one what is shipped. */
export async function modelFor(stores: Stores, on: Day): Promise<Model> {
  const { from } = countingYear(countingYearOf(on));
  const fits = (await stores.receipts(fitKind)).flatMap(({ id, detail }) => {
    const model = detail['model'] as Omit<Model, 'receipt'> | undefined;
    if (!model || !isOfThisForm(model.coefficients) || model.fittedOn === null) return [];
    return countingYear(model.fittedOn).to < from ? [{ ...model, receipt: id }] : [];
  });
  return fits.toSorted((a, b) => (a.fittedOn ?? 0) - (b.fittedOn ?? 0)).at(-1) ?? shippedModel;
}

/** A fit of before the inputs were changed is not used. */
function isOfThisForm(coefficients: Coefficients): boolean {
  return (Object.keys(widths) as (keyof typeof widths)[]).every(
    (name) => coefficients[name]?.length === widths[name],
  );
}

/** What every page and verb says of the probabilities it shows. */
export function modelText({ fittedOn, schools, enrolments }: Model): string {
  return fittedOn === null
    ? 'The probabilities rest on made-up pupils: they were fitted on an England that does not exist, because no whole year of registers was fitted on here (./rollcall early-warning fit).'
    : `The probabilities were fitted on the registers of ${yearLabel(fittedOn)} here: ${enrolments.toLocaleString('en-GB')} enrolments at ${schools.toLocaleString('en-GB')} schools.`;
}
