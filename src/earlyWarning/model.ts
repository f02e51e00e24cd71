import { countingYear, countingYearOf } from '../absence/index.ts';
import { type AcademicYear, yearLabel } from '../base/academicYear.ts';
import { dayInEngland } from '../base/clock.ts';
import type { Day } from '../base/day.ts';
import type { Stores } from '../stores/index.ts';
import type { JudgedFit } from './heldOut.ts';
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
  /** On children left out of the fit, beside what is shipped; null of what is shipped. */
  judged: JudgedFit | null;
  /** Not where what is shipped did better on those children. */
  used: boolean;
  /** The receipt of the fit. */
  receipt: number | null;
};

export const shippedModel: Model = {
  ...{ coefficients: shippedCoefficients, fittedOn: null, schools: 0, enrolments: 0 },
  ...{ seesLast: true, judged: null, used: true, receipt: null },
};

/**
 * The newest fit on the last year that was over by the day’s, of those made by that day, where it did as well as what is
 * shipped on children left out of it; else what is shipped.
 */
export async function modelFor(stores: Stores, on: Day): Promise<Model> {
  const { from } = countingYear(countingYearOf(on));
  const fits = (await stores.receipts(fitKind)).flatMap(({ id, detail, started_at }) => {
    const model = detail['model'] as Omit<Model, 'receipt'> | undefined;
    if (!model || !isOfThisForm(model) || dayInEngland(started_at) > on) return [];
    const { fittedOn } = model;
    return fittedOn !== null && countingYear(fittedOn).to < from ? [{ ...model, receipt: id }] : [];
  });
  const newest = fits.toSorted((a, b) => (a.fittedOn ?? 0) - (b.fittedOn ?? 0)).at(-1);
  return newest?.used ? newest : shippedModel;
}

/** A fit of before the inputs were changed, or that nobody judged, is not used. */
function isOfThisForm({ coefficients, judged }: Omit<Model, 'receipt'>): boolean {
  if (!judged) return false;
  return (Object.keys(widths) as (keyof typeof widths)[]).every(
    (name) => coefficients[name]?.length === widths[name],
  );
}

/** What every page and verb says of the probabilities it shows. */
export function modelText(model: Model): string {
  return model.fittedOn === null
    ? 'The probabilities rest on made-up pupils: they were fitted on an England that does not exist, because no fit on a whole year of registers here is in use (./rollcall early-warning fit).'
    : fitText(model);
}

/** What `early-warning fit` says of what it made. */
export function fitText(model: Model): string {
  return `${fittedText(model)} ${judgedText(model)}`;
}

function fittedText({ fittedOn, schools, enrolments }: Model): string {
  return `The probabilities were fitted on the registers of ${yearLabel(fittedOn ?? 0)} here: ${enrolments.toLocaleString('en-GB')} enrolments at ${schools.toLocaleString('en-GB')} schools.`;
}

/** Of a fit that is kept, also one that is not used. */
function judgedText({ judged, used }: Model): string {
  if (!judged) return '';
  const { own, shipped } = judged;
  const figures = ({ persistent, month }: typeof own) =>
    `${persistent.toFixed(4)} and ${month.toFixed(4)}`;
  return `On children left out of the fit its mean squared differences from what came (0 is perfect) are ${figures(own)}, those of what is shipped ${figures(shipped)}${used ? '' : ': so it is kept, and what is shipped goes on being used'}.`;
}
