import assert from 'node:assert/strict';
import { createReadStream, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { foundInWords } from './foundInWords.ts';
import { readMarks } from './read.ts';
import type { RawMark, Reading } from './reading.ts';

/* A made-up register in each form lies in `examples/`, and beside it, in `.txt`, all that is read from it. */
const folder = join(import.meta.dirname, 'examples');

for (const name of readdirSync(folder).filter((file) => !file.endsWith('.txt'))) {
  test(`the example ${name} is read as it says beside it`, async () => {
    const path = join(folder, name);
    const reading = await readMarks(() => createReadStream(path), { file: name, urn: 900_001 });
    assert.equal(asText(reading), readFileSync(`${path}.txt`, 'utf8'));
  });
}

function asText({
  found,
  counted,
  marks,
  problems,
  counts,
}: Reading & { marks: RawMark[] }): string {
  const { cells, blank, notRead } = counted;
  return [
    ...foundInWords(found).map(([name, value]) => `${name}: ${value}`),
    '',
    `${cells} places = ${counted.marks} read + ${blank} blank + ${notRead} not read`,
    ...marks.map((mark) =>
      [mark.row, mark.column, mark.urn, mark.upn, mark.date, mark.session, mark.code].join(' | '),
    ),
    ...counts.map((one) =>
      [
        one.row,
        one.urn,
        one.upn,
        one.period,
        one.sessionsPossible,
        JSON.stringify(one.sessionsMissed),
      ].join(' | '),
    ),
    ...problems.map(
      ({ row, column, cells, kind, message }) =>
        `! ${row ?? ''} | ${column ?? ''} | ${cells} | ${kind} | ${message}`,
    ),
    '',
  ].join('\n');
}
