/** Where a figure comes from. Every figure on a page can say it; `made-up` is the demo's. */
export const provenances = {
  published: { text: 'Published statistics', classes: 'govuk-tag--blue' },
  calculated: { text: 'Calculated by Rollcall', classes: 'govuk-tag--grey' },
  estimate: { text: 'Estimate', classes: 'govuk-tag--purple' },
  'from-school': { text: 'From the school', classes: 'govuk-tag--teal' },
  'made-up': { text: 'Made up for this demonstration', classes: 'govuk-tag--orange' },
} as const;
export type Provenance = keyof typeof provenances;
