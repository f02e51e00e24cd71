import type { FastifyRequest } from 'fastify';
import { Refusal } from '../base/problem.ts';
import { sameSecret } from '../base/sameSecret.ts';
import type { Asker } from './asker.ts';

const field = 'csrf';

/**
 * A form must come from a page of this site: by the browser's own word (`Sec-Fetch-Site`, `Origin`) and, of somebody who
 * signed in, with the token that only this site's pages hold.
 */
export function refuseForeignForm(
  request: FastifyRequest,
  asker: Asker,
  form: Readonly<Record<string, string>>,
): void {
  const { 'sec-fetch-site': site, origin, host } = request.headers;
  const elsewhere =
    (site !== undefined && site !== 'same-origin' && site !== 'none') ||
    (origin !== undefined && hostOf(origin) !== host);
  if (elsewhere) throw refusal();
  if (asker.by === 'session' && !sameSecret(form[field] ?? '', asker.formToken ?? '')) {
    throw refusal();
  }
}

function refusal(): Refusal {
  return new Refusal(
    'not-allowed',
    'This form did not come from a page of this site that is still open. Go back, load the page again and send it once more.',
  );
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}

/** Every form of a page that sends something takes the token with it, so that none can be without. */
export function withFormToken(html: string, token: string | null): string {
  if (token === null) return html;
  const hidden = `<input type="hidden" name="${field}" value="${token}">`;
  return html.replaceAll(/<form\b[^<>]*>/gi, (form) =>
    /\bmethod="post"/i.test(form) ? form + hidden : form,
  );
}
