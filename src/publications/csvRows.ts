import { pipeline, Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { Unreadable } from './fileBytes.ts';
import type { Limits } from './limits.ts';

/** The rows of a CSV text in UTF-8, cells as text; the first one is the header. Throws `Unreadable` where it is no CSV. */
export async function* csvRows(
  text: AsyncIterable<Buffer>,
  limits: Limits,
): AsyncGenerator<readonly string[]> {
  const parser = parse({
    relax_column_count: true, // told by the reader, with the row
    max_record_size: limits.rowCharacters,
  });
  pipeline(Readable.from(text), parser, () => {}); // an error comes out of the parser below
  let row = 0;
  try {
    for await (const record of parser) {
      row += 1;
      yield record as string[];
    }
  } catch (error) {
    throw notCsv(error, row, limits);
  }
}

function notCsv(error: unknown, rowsGiven: number, limits: Limits): unknown {
  if (!(error instanceof CsvError)) return error;
  const records = typeof error.records === 'number' ? error.records : rowsGiven;
  const row = records + 1;
  switch (error.code) {
    case 'CSV_MAX_RECORD_SIZE':
      return new Unreadable(
        'row-too-long',
        `the row has more than ${limits.rowCharacters.toLocaleString('en-GB')} characters: this is no table, or a quotation mark that opens a cell is never closed.`,
        row,
      );
    case 'CSV_QUOTE_NOT_CLOSED':
      return new Unreadable(
        'quote-not-closed',
        'a quotation mark opens a cell and is never closed. Close it, or get the file again.',
        row,
      );
    default:
      return new Unreadable(
        'misplaced-quote',
        'a quotation mark stands inside a cell. In CSV the cell is then quoted as a whole, and the mark inside it doubled.',
        row,
      );
  }
}
