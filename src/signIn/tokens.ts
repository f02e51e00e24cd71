import { createHash, randomBytes } from 'node:crypto';

/** 256 bits by chance, 43 characters. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** What is kept of a token in its place: whoever reads the records cannot use it. Tokens are chance, so no salt is needed. */
export function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

export function isToken(text: string): boolean {
  return /^[A-Za-z0-9_-]{43}$/.test(text);
}
