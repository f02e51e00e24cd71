import { Refusal } from '../base/problem.ts';

/** The longest form of the site has 13 fields. */
const mostFields = 100;

/** A form's fields as sent by a browser; the last of a name that comes twice. Refuses more than any form has. */
export function readForm(body: string): Record<string, string> {
  const fields = [...new URLSearchParams(body)];
  if (fields.length > mostFields) {
    throw new Refusal('bad-input', `A form has at most ${mostFields} fields.`);
  }
  return Object.fromEntries(fields);
}

/** Forms come as they are. Nothing that a visitor sends is unpacked here: a little could become a lot. */
export function refusePacked(encoding: string | undefined): void {
  if (encoding === undefined || encoding.toLowerCase() === 'identity') return;
  const error = new Error('A form is sent as it is, not compressed.');
  throw Object.assign(error, { statusCode: 415 });
}
