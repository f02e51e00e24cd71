import type { Clock } from '../base/clock.ts';
import { hourly } from '../base/hourly.ts';
import { Refusal } from '../base/problem.ts';
import type { Stores } from '../stores/index.ts';
import { fitOnOwnRegisters } from './fitOwn.ts';
import { fitKind, fitText } from './model.ts';

const week = 7 * 86_400_000;
/** UTC: at night, when nobody waits for a page. */
const [firstHour, lastHour] = [1, 4];

export type RefitParts = { stores: Stores; clock: Clock };

/** Whether the last fit, or the last attempt at one, is a week old and something has come since. */
export async function refitIsDue(
  { stores, clock }: RefitParts,
  triedAt: Date | undefined,
): Promise<boolean> {
  const last = (await stores.receipts(fitKind)).at(-1);
  const lastAt = Math.max(last?.started_at.getTime() ?? 0, triedAt?.getTime() ?? 0);
  if (clock().getTime() - lastAt < week) return false;
  const newest = (await stores.counting()).findLast(({ kind }) => kind !== fitKind)?.id;
  return newest !== undefined && newest > Number(last?.detail['newestReceipt'] ?? 0);
}

/** Looks every hour of the night whether a fit is due, for as long as a site is served. Gives what stops it. */
export function keepRefitting(
  parts: RefitParts,
  {
    tell,
    every,
    fit = fitOnOwnRegisters,
  }: { tell(text: string): void; every?: number; fit?: typeof fitOnOwnRegisters },
): () => Promise<void> {
  let triedAt: Date | undefined;
  const look = async (signal: AbortSignal) => {
    const now = parts.clock();
    if (now.getUTCHours() < firstHour || now.getUTCHours() > lastHour) return;
    try {
      if (!(await refitIsDue(parts, triedAt))) return;
      tell(
        `Early warning was fitted anew. ${fitText(await fit(parts.stores, parts.clock, { signal }))}`,
      );
    } catch (error) {
      // Too little to fit on is nothing to tell. Why else could hold what was read.
      const isTooLittle = error instanceof Refusal && error.reason === 'not-ready';
      if (!signal.aborted && !isTooLittle)
        tell('Early warning could not be fitted anew. What was used until now goes on being used.');
    }
    triedAt = now;
  };
  return hourly(look, every);
}
