import { dayInEngland } from '../base/clock.ts';
import { lastWeekBefore } from './compose.ts';
import { type DigestParts, type DigestsDone, sendDigests } from './send.ts';

const hour = 3_600_000;
/** UTC: registers of Friday afternoon have come, and nobody is woken. */
const firstHour = 7;

/**
 * Sends the digests of the last week, from Monday morning on, and looks every hour whether somebody has none yet: registers
 * that came late, a mail server that was away. Gives what stops it.
 */
export function keepSendingDigests(
  parts: DigestParts,
  { tell, every = hour }: { tell(text: string): void; every?: number },
): () => Promise<void> {
  const stopping = new AbortController();
  let running: Promise<void> | undefined;
  const look = async () => {
    if (parts.clock().getUTCHours() < firstHour) return;
    try {
      const week = lastWeekBefore(dayInEngland(parts.clock()));
      const text = doneText(await sendDigests(parts, week, stopping.signal), week);
      if (text) tell(text);
    } catch {
      // Why could hold an address.
      if (!stopping.signal.aborted)
        tell('The weekly digests could not be sent. They are tried again in an hour.');
    }
  };
  const start = () => {
    running ??= look().finally(() => (running = undefined));
  };
  const timer = setInterval(start, every);
  timer.unref();
  start();
  return async () => {
    clearInterval(timer);
    stopping.abort();
    await running;
  };
}

function doneText(
  { sent, refused, unsure, failed }: DigestsDone,
  week: string,
): string | undefined {
  // An address that cannot be written to is the same every hour: the verb tells of it.
  if (sent + refused + unsure + failed === 0) return undefined;
  return `Digests of the week of ${week}: ${sent} sent, ${refused} not taken by the mail server, ${unsure} unsure and not sent again, ${failed} failed and tried again.`;
}
