import { dayInEngland } from '../base/clock.ts';
import { hourly } from '../base/hourly.ts';
import { lastWeekBefore } from './compose.ts';
import { type DigestParts, type DigestsDone, sendDigests } from './send.ts';

/** UTC: registers of Friday afternoon have come, and nobody is woken. */
const firstHour = 7;

/**
 * Sends the digests of the last week, from Monday morning on, and looks every hour whether somebody has none yet: registers
 * that came late, a mail server that was away. Gives what stops it.
 */
export function keepSendingDigests(
  parts: DigestParts,
  { tell, every }: { tell(text: string): void; every?: number },
): () => Promise<void> {
  const look = async (signal: AbortSignal) => {
    if (parts.clock().getUTCHours() < firstHour) return;
    try {
      const week = lastWeekBefore(dayInEngland(parts.clock()));
      const text = doneText(await sendDigests(parts, week, signal), week);
      if (text) tell(text);
    } catch {
      // Why could hold an address.
      if (!signal.aborted)
        tell('The weekly digests could not be sent. They are tried again in an hour.');
    }
  };
  return hourly(look, every);
}

function doneText(
  { sent, refused, unsure, failed }: DigestsDone,
  week: string,
): string | undefined {
  // An address that cannot be written to is the same every hour: the verb tells of it.
  if (sent + refused + unsure + failed === 0) return undefined;
  return `Digests of the week of ${week}: ${sent} sent, ${refused} not taken by the mail server, ${unsure} unsure and not sent again, ${failed} failed and tried again.`;
}
