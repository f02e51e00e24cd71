import { ParameterRefusal } from '../access/index.ts';
import { Refusal, type RefusalReason } from '../base/problem.ts';

/** What a refusal is called on the web. The one place where it becomes a status. */
const statuses: Record<RefusalReason, number> = {
  'bad-input': 400,
  'signed-out': 401,
  'not-allowed': 403,
  'not-found': 404,
  'check-failed': 409,
  'not-ready': 503,
  'store-held': 503,
};

const titles: Record<number, string> = {
  400: 'There is a problem with what was asked',
  401: 'Sign in first',
  403: 'This is not shown to you',
  404: 'Page not found',
  405: 'This address is only read',
  409: 'A check did not hold',
  429: 'Too many requests',
  503: 'Not ready yet',
  500: 'Sorry, there is a problem with Rollcall',
};

type Failure = Error & { statusCode?: number };

const told = new Map<string, number>();
const againAfterMilliseconds = 60_000;
const mostTold = 100;

/** What visitors are not told in full, whoever runs the site reads: once a minute, however many ask. */
export function tellOperator({ message, forVisitors }: Refusal, now: Date): void {
  if (message === forVisitors) return;
  const before = told.get(message);
  if (before !== undefined && now.getTime() - before < againAfterMilliseconds) return;
  if (told.size >= mostTold) told.clear();
  told.set(message, now.getTime());
  process.emitWarning(message, { code: 'ROLLCALL_NOT_READY' });
}

/** Asked too much (429), or more than the site can do at once (503). */
export class TurnedAway extends Error {
  readonly statusCode: 429 | 503;
  readonly waitSeconds: number;
  constructor(statusCode: 429 | 503, waitSeconds: number, message: string) {
    super(message);
    this.statusCode = statusCode;
    this.waitSeconds = waitSeconds;
  }
}

export function statusOf(error: Failure): number {
  if (error instanceof Refusal) return statuses[error.reason];
  if (error instanceof TurnedAway) return error.statusCode;
  return error.statusCode !== undefined && error.statusCode < 500 ? error.statusCode : 500;
}

/** What a person reads. A fault tells nothing of its inside. */
export function failurePage(
  error: Failure,
  status: number,
  ways: readonly { text: string; href: string }[] = [],
) {
  const heading = titleOf(error, status);
  const message = messageOf(error, status);
  const may = [
    ...ways,
    { text: 'Go to the start page', href: '/' },
    { text: 'Find a school', href: '/schools' },
    { text: 'Read how expectations are worked out', href: '/methods' },
  ];
  return status === 403 || status === 401
    ? { template: 'ui/refusal.njk', model: { heading, why: [message], may } }
    : { template: 'ui/error.njk', model: { heading, paragraphs: [message] } };
}

/** RFC 9457. */
export function problemJson(error: Failure, status: number) {
  return {
    type: error instanceof Refusal ? `urn:rollcall:${error.reason}` : 'about:blank',
    title: status === 404 ? 'Not found' : titleOf(error, status),
    status,
    detail: messageOf(error, status),
    ...(error instanceof ParameterRefusal ? { parameters: error.faults } : {}),
  };
}

function messageOf(error: Failure, status: number): string {
  return status === 500
    ? 'Nothing you did was lost. Try again in a moment; if it happens again, tell whoever runs this site.'
    : error instanceof Refusal
      ? error.forVisitors
      : error.message;
}

function titleOf(error: Failure, status: number): string | undefined {
  if (error instanceof TurnedAway && status === 503) return 'Very busy just now';
  return titles[status] ?? titles[400];
}
