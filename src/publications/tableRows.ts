import { csvRows } from './csvRows.ts';
import { fileBytes } from './fileBytes.ts';
import { type Limits, usualLimits } from './limits.ts';
import { asUtf8 } from './utf8.ts';

/**
 * The rows of a CSV file, cells as text, the header first, as many at a time as come together; gzip and the usual encodings
 * are known by themselves. Throws `Unreadable` where it is no such file.
 */
export async function* tableRows(
  path: string,
  limits: Limits = usualLimits,
): AsyncGenerator<string[][]> {
  const progress = { bytesRead: 0, bytesTotal: 0 };
  yield* csvRows(asUtf8(fileBytes(path, limits, progress), { encoding: 'UTF-8' }), limits);
}
