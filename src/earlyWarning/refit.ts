import type { Clock } from '../base/clock.ts';
import { Refusal } from '../base/problem.ts';
import type { Stores } from '../stores/index.ts';
import { fitOnOwnRegisters } from './fitOwn.ts';
import { fitKind, fitText } from './model.ts';

const hour = 3_600_000;
const week = 7 * 24 * hour;
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
    every = hour,
    fit = fitOnOwnRegisters,
  }: { tell(text: string): void; every?: number; fit?: typeof fitOnOwnRegisters },
): () => Promise<void> {
  const stopping = new AbortController();
  const { signal } = stopping;
  let running: Promise<void> | undefined;
  let triedAt: Date | undefined;
  const look = async () => {
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
