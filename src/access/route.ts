import type { TObject, TSchema } from 'typebox';
import type { DataClass, Subject } from './policy.ts';
import type { Viewer } from './viewer.ts';

/** A request as a slice sees it: who asks, and for what. */
export type Ask = {
  viewer: Viewer;
  /** Named parts of the path: `/schools/:urn` gives `urn`. */
  params: Readonly<Record<string, string>>;
  query: Readonly<Record<string, string>>;
  form: Readonly<Record<string, string>>;
  /** The policy's answer, for the parts of a page that not everyone sees. */
  may(data: DataClass, subject: Subject): boolean;
};

export type Answer =
  | { kind: 'page'; template: string; model: Record<string, unknown> }
  | { kind: 'file'; name: string; contentType: string; text: string }
  | { kind: 'data'; body: unknown; links?: ApiLinks }
  /** After a form. `viewer` is the demo's choice of whom to be. */
  | { kind: 'redirect'; to: string; viewer?: Viewer };

/** Where the pages before and after this one are. */
export type ApiLinks = { prev?: string; next?: string };

/** What the API's documentation is made from. */
export type ApiSchema = {
  params?: TObject;
  query?: TObject;
  reply: TSchema;
  description?: string;
};

/**
 * One thing that can be asked for. The web shell asks the policy with `needs` and `subject` before `answer` runs, and
 * the property test over roles and routes is generated from the same list, so a route without a rule cannot exist.
 */
export type Route = {
  method: 'GET' | 'POST';
  path: string;
  summary: string;
  needs: DataClass;
  /** What is asked about; refuses with `not-found` when there is no such school or area. */
  subject?(params: Readonly<Record<string, string>>): Promise<Subject>;
  /** Only on routes under `/api/v1`, which `apiRoute` makes. */
  api?: ApiSchema;
  answer(ask: Ask): Promise<Answer>;
};
