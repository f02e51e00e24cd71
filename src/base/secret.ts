/** What is tried first, when there is nothing else. */
const wellKnown = new Set(
  'admin changeme clickhouse default letmein pass password postgres postgresql qwerty rollcall root secret test user'.split(
    ' ',
  ),
);

/** Stands in an example that was copied: no secret has it in it. */
const placeholder =
  /change|example|your|replace|secret|passw|placeholder|todo|insert|sample|dummy|letmein|fixme/;

/** So many signs in the order of an alphabet or a keyboard were not drawn by chance. */
const longestRun = 6;
const orders = [
  ...['abcdefghijklmnopqrstuvwxyz', '01234567890'],
  ...['qwertyuiop', 'asdfghjkl', 'zxcvbnm', '1qaz2wsx3edc4rfv5tgb6yhn7ujm'],
].flatMap((order) => [order, [...order].toReversed().join('')]);

/**
 * Whether a secret could be guessed: too short, too much the same, an example’s, typed along the keyboard, or a word that is
 * tried first, however often it stands there and whatever number goes with it.
 */
export function isWeakSecret(secret: string, least: { signs: number; different: number }): boolean {
  if (secret.length < least.signs || new Set(secret).size < least.different) return true;
  const text = secret.toLowerCase();
  if (placeholder.test(text) || hasRun(text)) return true;
  return text.split(/[^a-z]+/).every((word) => word === '' || isRepeated(word));
}

function hasRun(text: string): boolean {
  return Array.from(text, (_, start) => text.slice(start, start + longestRun)).some(
    (part) => part.length === longestRun && orders.some((order) => order.includes(part)),
  );
}

function isRepeated(text: string): boolean {
  return [...wellKnown].some((word) => text.replaceAll(word, '') === '');
}
