import { withoutUpns } from './upn.ts';

/**
 * The three kinds of wrong. A *problem* is in the data and is shown to whoever sent it. A *refusal* is an answer
 * ("no, because …") that a person can act on: the command line prints it and exits 1, the web maps it to a status once.
 * Anything else thrown is a *bug*.
 */
export type Problem = {
  /** A stable name, counted and shown: `text-in-number`. */
  kind: string;
  /** Where: file, and row (1 = the header) and column when it has one. */
  file: string;
  row?: number;
  column?: string;
  /** One sentence: what is wrong, what was expected, what to do. */
  message: string;
};

export type RefusalReason =
  | 'bad-input'
  | 'not-found'
  | 'not-allowed'
  | 'signed-out'
  | 'store-held'
  | 'not-ready'
  | 'check-failed';

/**
 * An answer in words. What somebody typed may be repeated in them, but for what looks like a UPN. Where the words are for
 * whoever runs the system, with its paths and addresses, `forVisitors` is what everybody else reads.
 */
export class Refusal extends Error {
  readonly reason: RefusalReason;
  readonly forVisitors: string;
  constructor(
    reason: RefusalReason,
    message: string,
    options: ErrorOptions & { forVisitors?: string } = {},
  ) {
    super(withoutUpns(message), options);
    this.name = 'Refusal';
    this.reason = reason;
    this.forVisitors = options.forVisitors ?? this.message;
  }
}

/** What whoever does not run the system reads where a store does not answer, and where a disk is full. */
export const notNowForVisitors =
  'The site cannot reach its stores just now. Try again in a moment; if it happens again, tell whoever runs it.';
export const noRoomForVisitors =
  'The disk of this site is full, and nothing of this was stored; whatever was kept before stands. Tell whoever runs the site, and try again once there is room.';
