import type { Stores } from '../stores/index.ts';

/** Brings what is worked out of registers up to what counts now. */
export type AfterCommit = (stores: Stores) => Promise<unknown>;

/**
 * What is committed is committed, whatever becomes of what rests on it: where that cannot be brought up now, it is told as a
 * warning of the process, and the next commit or start does it again.
 */
export async function tellCommitted(
  afterCommit: AfterCommit | undefined,
  stores: Stores,
): Promise<void> {
  try {
    await afterCommit?.(stores);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    process.emitWarning(
      `The registers are kept, and the figures could not be brought up to them: the next registers, or the next start of the site, bring them up. ${why}`,
      { code: 'ROLLCALL_FIGURES_BEHIND' },
    );
  }
}
