import { createHash, timingSafeEqual } from 'node:crypto';

/** Whether a secret is the one expected. Takes as long whether or not it is; nothing is nobody's secret. */
export function sameSecret(given: string, expected: string): boolean {
  const [one, other] = [given, expected].map((text) => createHash('sha256').update(text).digest());
  return expected !== '' && timingSafeEqual(one as Buffer, other as Buffer);
}
