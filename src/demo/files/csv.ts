export type Cell = string | number | undefined;

/** No cell has a comma, a quote or a line break: names are made of plain words. */
export function csv(header: string, rows: readonly Cell[][]): string {
  const lines = rows.map((row) => row.join(','));
  return `${[header, ...lines].join('\n')}\n`;
}

/** `2015-09-01` as the register of schools writes it: `01-09-2015`. */
export function dayMonthYear(iso: string, separator: '-' | '/'): string {
  return iso.split('-').toReversed().join(separator);
}
