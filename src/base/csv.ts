export type CsvValue = string | number | boolean | null | undefined;

/** CSV as the contract says: header, `,`, `.` decimals, LF, unrounded; blank for null and undefined. */
export function csvText<Column extends string>(
  columns: readonly Column[],
  rows: Iterable<Readonly<Record<Column, CsvValue>>>,
): string {
  const lines = [columns.join(',')];
  for (const row of rows) lines.push(columns.map((column) => csvCell(row[column])).join(','));
  return `${lines.join('\n')}\n`;
}

/** One cell of a file: quoted where it must be, and harmless to whoever opens the file in a spreadsheet. */
export function csvCell(value: CsvValue): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'string' ? harmless(value) : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const plainNumber = /^-?\d+(\.\d+)?$/;

/**
 * A spreadsheet runs a text that starts like a formula, whatever quotes stand around it; with an apostrophe before it the
 * text is shown. The wide signs are those that some spreadsheets take for the narrow ones. A number stays a number.
 */
function harmless(text: string): string {
  return /^[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/.test(text) && !plainNumber.test(text)
    ? `'${text}`
    : text;
}
