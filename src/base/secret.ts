/** What is tried first. */
const wellKnown = new Set(
  'admin changeme clickhouse default letmein pass password postgres postgresql qwerty rollcall root secret test user'.split(
    ' ',
  ),
);

/**
 * Whether a secret could be guessed: too short, too much the same, or a word that is tried first, however often it stands
 * there and whatever number goes with it.
 */
export function isWeakSecret(secret: string, least: { signs: number; different: number }): boolean {
  if (secret.length < least.signs || new Set(secret).size < least.different) return true;
  const words = secret.toLowerCase().split(/[^a-z]+/);
  return words.every((word) => word === '' || isRepeated(word));
}

function isRepeated(text: string): boolean {
  return [...wellKnown].some((word) => text.replaceAll(word, '') === '');
}
