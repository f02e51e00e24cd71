import { type Static, type TProperties, type TSchema, Type } from 'typebox';
import { schoolTypes } from './schoolType.ts';

/*
 * The words of the API as shapes: each is declared once, and is at the same time a TypeScript type, what is checked
 * when it comes in or goes out, and what the API's documentation says. The description ends every sentence that begins
 * “Expected …”.
 */

/** A thing with a name and these fields, and no others. */
export function shape<Properties extends TProperties>(
  title: string,
  properties: Properties,
  options: { description?: string } = {},
) {
  return Type.Object(properties, { title, additionalProperties: false, ...options });
}

/** Null = not known, not applicable, or hidden. */
export function orNull<Schema extends TSchema>(schema: Schema) {
  return Type.Union([schema, Type.Null()]);
}

export const urnShape = Type.Integer({
  minimum: 100_000,
  maximum: 999_999,
  description: 'a school’s unique reference number (URN): six digits',
});

export const laCodeShape = Type.String({
  pattern: '^[0-9]{3}$',
  description: 'a local authority’s code: three digits',
});

export const regionCodeShape = Type.String({
  pattern: '^[EX][0-9]{8}$',
  description: 'a region’s GSS code: E12000001',
});

export const trustUidShape = Type.String({
  pattern: '^[0-9]{1,8}$',
  description: 'an academy trust’s unique identifier (UID): digits',
});

export const schoolTypeShape = Type.Enum([...schoolTypes], {
  description: `one of ${schoolTypes.join(', ')}`,
});

export const timePeriodShape = Type.Integer({
  minimum: 200_001,
  maximum: 209_900,
  description: 'an academic year as published: 201819 is September 2018 to August 2019',
});

export const percentShape = Type.Number({
  minimum: 0,
  maximum: 100,
  description: 'a percentage from 0 to 100, unrounded',
});

export const countShape = Type.Integer({ minimum: 0, description: 'a whole number from 0' });

export const dateShape = Type.String({
  pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$',
  description: 'a date as 2018-09-01',
});

/** Where figures come from and under what licence they may be used. */
export const sourceShape = shape('Source', {
  text: Type.String({ description: 'who published the figures, to be named where they are shown' }),
  licence: orNull(Type.String()),
  licence_url: orNull(Type.String()),
  made_up: Type.Boolean({ description: 'true in the demonstration, where nothing is real' }),
});
export type Source = Static<typeof sourceShape>;

/** How figures are attributed: in the demonstration nothing is real, and nothing was published. */
export function sourceOf(published: string, options: { demo: boolean }): Source {
  if (options.demo) {
    return {
      text: 'Made up for the demonstration, in the form in which the figures are published.',
      licence: null,
      licence_url: null,
      made_up: true,
    };
  }
  return {
    text: `${published} Contains public sector information licensed under the Open Government Licence v3.0.`,
    licence: 'OGL-UK-3.0',
    licence_url: 'https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/',
    made_up: false,
  };
}
