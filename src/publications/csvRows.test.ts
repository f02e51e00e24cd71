import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'csv-parse/sync';
import fc from '../testing/chance.ts';
import { csvRows } from './csvRows.ts';
import { Unreadable } from './fileBytes.ts';
import { usualLimits } from './limits.ts';

/** Reads a text that comes in pieces of so many characters. */
async function rowsOf(text: string, piece = text.length || 1): Promise<string[][]> {
  async function* pieces() {
    for (let at = 0; at < text.length; at += piece) yield Buffer.from(text.slice(at, at + piece));
  }
  const rows: string[][] = [];
  for await (const some of csvRows(pieces(), usualLimits)) rows.push(...some);
  return rows;
}

const cell = fc.string({
  unit: fc.constantFrom('a', 'é', ' ', ',', '"', '\n', '\r'),
  maxLength: 4,
});
const table = fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), {
  minLength: 1,
  maxLength: 5,
});
const lineEnds = fc.constantFrom('\n', '\r\n', '\r');

const quoted = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

test('whatever is written as CSV is read back, in whatever pieces it comes', async () => {
  await fc.assert(
    fc.asyncProperty(
      table,
      lineEnds,
      fc.integer({ min: 1, max: 9 }),
      async (rows, lineEnd, piece) => {
        // The first line tells how lines end, so it is a plain header here as it is in a file.
        const lines = [['head', 'er'], ...rows].map((row) => row.map(quoted).join(','));
        const text = lines.map((line) => line + lineEnd).join('');
        assert.deepEqual(await rowsOf(text, piece), [['head', 'er'], ...rows]);
      },
    ),
  );
});

test('it reads any text as csv-parse does, and refuses what csv-parse refuses', async () => {
  const text = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n'), maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(text, async (body) => {
      const whole = `head,er\n${body}`;
      const theirs = attempt(() => parse(whole, { relax_column_count: true }));
      const ours = await rowsOf(whole).catch((error: unknown) => {
        assert.ok(error instanceof Unreadable);
        return 'refused' as const;
      });
      assert.deepEqual(ours, theirs);
    }),
    { numRuns: 2000 },
  );
});

function attempt(work: () => string[][]): string[][] | 'refused' {
  try {
    return work();
  } catch {
    return 'refused';
  }
}
