import type { Stores } from './stores.ts';

/** The kinds of receipt under which Rollcall keeps what it worked out itself: they tell nothing new of what came in. */
export const workedOutKinds: readonly string[] = ['targets', 'backtest', 'early warning'];

/** The kind under which a list of schools comes in with registers. */
const schoolListKind = 'register schools';

/** The kinds under which registers come in, many times a day: they tell nothing new of what was published. */
export const registerKinds: readonly string[] = [
  ...[schoolListKind, 'calendars', 'pupils', 'marks', 'amendment', 'census counts'],
];

/** The kinds of receipt that say nothing of which schools there are, or where. */
export const kindsNamingNoSchool: readonly string[] = [...workedOutKinds, ...registerKinds].filter(
  (kind) => kind !== schoolListKind,
);

/**
 * What is worked out from the stores as they are committed, kept until a receipt comes or goes. One value is kept; two
 * who ask at once wait for one working-out. `ignoring` names kinds of receipt that do not matter to it.
 */
export function perCommit<Value>(
  work: (stores: Stores) => Promise<Value>,
  options: { ignoring?: readonly string[] } = {},
): (stores: Stores) => Promise<Value> {
  const kept = new WeakMap<Stores, { version: string; value: Promise<Value> }>();
  return async (stores) => {
    const version = (await stores.receipts())
      .filter((receipt) => !options.ignoring?.includes(receipt.kind))
      .map((receipt) => receipt.id)
      .join();
    const known = kept.get(stores);
    if (known?.version === version) return known.value;
    const value = work(stores);
    kept.set(stores, { version, value });
    value.catch(() => kept.delete(stores)); // a failure is not kept: whoever asks next tries again
    return value;
  };
}
