import { noRoomForVisitors, notNowForVisitors, Refusal } from '../base/problem.ts';

/** ClickHouse's own numbers for what a person can do something about. */
const timedOut = '159';
const unknownDatabase = '81';
const notEnoughSpace = '243';
const noRoom = /No space left on device|not enough space/i;
const notKnown = ['192', '193', '194', '516'];

const unreachable =
  /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EPIPE)$/;

/** Says in one sentence what a person can act on; anything else is our own mistake and stays what it is, named. */
export function explainFailure(
  error: unknown,
  what: string,
  { where, maxExecutionSeconds }: { where: string; maxExecutionSeconds: number },
): unknown {
  if (!(error instanceof Error) || error instanceof Refusal) return error;
  const code = String((error as { code?: unknown }).code ?? '');
  const refuse = (message: string, forVisitors = notNowForVisitors) =>
    new Refusal('not-ready', message, { cause: error, forVisitors });
  if (code === timedOut) {
    return refuse(
      `The warehouse needed more than ${maxExecutionSeconds} s for ${what} and stopped. Try again when less is running, or allow more with ROLLCALL_PAGE_SECONDS or ROLLCALL_WORK_SECONDS.`,
      'This took longer than anything may take here, and was stopped. Try again when less is going on.',
    );
  }
  if (notKnown.includes(code)) {
    return refuse(
      `The warehouse at ${where} does not accept the user name and password in ROLLCALL_WAREHOUSE. Correct them there.`,
    );
  }
  if (code === unknownDatabase) {
    return refuse(
      `The warehouse at ${where} has no such database. Create it, or name another in ROLLCALL_WAREHOUSE.`,
    );
  }
  if (code === notEnoughSpace || noRoom.test(error.message)) {
    return refuse(
      `The disk of the warehouse at ${where} is full, and this step stored nothing (${what}). Whatever was kept before stands. Make room there, and try again.`,
      noRoomForVisitors,
    );
  }
  if (unreachable.test(code) || error.message === 'Timeout error.') {
    return refuse(
      `The warehouse at ${where} does not answer (${code || 'no answer in time'}). Start it, or correct the address in ROLLCALL_WAREHOUSE.`,
    );
  }
  error.message = `warehouse, ${what}: ${error.message}`;
  return error;
}
