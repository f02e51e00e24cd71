import type { TObject, TSchema } from 'typebox';
import type { DataClass, Purpose, Subject } from './policy.ts';
import type { Viewer } from './viewer.ts';

/** A request as a slice sees it: who asks, and for what. */
export type Ask = {
  viewer: Viewer;
  /** Named parts of the path: `/schools/:urn` gives `urn`. */
  params: Readonly<Record<string, string>>;
  query: Readonly<Record<string, string>>;
  form: Readonly<Record<string, string>>;
  /** For what the viewer looks at children's data now; null when that was neither chosen nor implied. */
  purpose: Purpose | null;
  /** The address that the request came from, for the trail. */
  from: string;
  /** Of somebody who signed in; null for all others. */
  session: AskSession | null;
  /** What was sent beside the form, of a route that takes something; read by the answer, once. */
  sent?: Sent | null;
  /** As this browser sent them: for the pages of signing in alone. */
  cookies: ReadonlyMap<string, string>;
  /** The policy's answer, for the parts of a page that not everyone sees. */
  may(data: DataClass, subject: Subject): boolean;
};

/** A file, or what a system pushes. */
export type Sent = {
  /** As the sender calls it. */
  name: string;
  /** As they come: nothing of them has been looked at. */
  bytes: AsyncIterable<Uint8Array>;
  /** They are packed with gzip on the way. */
  isPacked: boolean;
  /** The header `Idempotency-Key`. */
  idempotencyKey: string | null;
};

/** What a page may know of the session it is asked in. */
export type AskSession = {
  person: number;
  /** SHA-256 of its token: its key in the records. */
  tokenHash: string;
  /** When the person last proved who they are; exports of pupil data want it to be minutes ago. */
  provedAt: Date;
};

/** A cookie to set (or, with an empty value, to take back). All are HttpOnly and SameSite=Lax, and Secure outside the demo. */
export type AnswerCookie = { name: string; value: string };

export type Answer =
  | { kind: 'page'; template: string; model: Record<string, unknown> }
  | { kind: 'file'; name: string; contentType: string; text: string }
  | { kind: 'data'; body: unknown; links?: ApiLinks }
  /**
   * After a form, or to sign in elsewhere. `to` is a path of this site, or with `elsewhere` a whole address. `viewer` is the
   * demo's choice of whom to be.
   */
  | { kind: 'redirect'; to: string; viewer?: Viewer; cookies?: AnswerCookie[]; elsewhere?: true };

/** Where the pages before and after this one are. */
export type ApiLinks = { prev?: string; next?: string };

/** What the API's documentation is made from. */
export type ApiSchema = {
  params?: TObject;
  query?: TObject;
  reply: TSchema;
  description?: string;
  /** Of what is posted: what it may be, in words. */
  body?: string;
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
  /** For those alone who may change it: a form. What is posted always changes something. */
  changes?: true;
  /** The purpose that the task implies, for the roles that may look for it; for others, and without it, the one chosen. */
  purpose?: Purpose;
  /** Other classes of data that parts of it hold, for whoever may see them: `ask.may` knows no others. */
  shows?: readonly DataClass[];
  /** A file of children's data: wants a sign-in of minutes ago, and is traced as an export. */
  exports?: true;
  /** A form with a file, or what a system pushes in JSON: `ask.sent`. */
  takes?: 'file' | 'push';
  /** For a key alone that was made for it: see `signIn/keys.ts`. */
  ability?: string;
  /** What is asked about; refuses with `not-found` when there is no such school or area. */
  subject?(params: Readonly<Record<string, string>>, viewer: Viewer): Promise<Subject>;
  /** Only on routes under `/api/v1`, which `apiRoute` makes. */
  api?: ApiSchema;
  answer(ask: Ask): Promise<Answer>;
};
