import type { Stores } from './stores.ts';

/**
 * What is worked out from the stores as they are committed, kept until a receipt comes or goes. One value is kept; two
 * who ask at once wait for one working-out. `ignoring` names a kind of receipt that does not matter to it.
 */
export function perCommit<Value>(
  work: (stores: Stores) => Promise<Value>,
  options: { ignoring?: string } = {},
): (stores: Stores) => Promise<Value> {
  const kept = new WeakMap<Stores, { version: string; value: Promise<Value> }>();
  return async (stores) => {
    const version = (await stores.receipts())
      .filter((receipt) => receipt.kind !== options.ignoring)
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
