/** What a file may be at most. Everything from outside has a limit, so that rubbish is refused and not swallowed. */
export type Limits = {
  /** Characters in one row; the widest publication has some 3,000. */
  rowCharacters: number;
  rows: number;
  /** Rows without anything in them; a spreadsheet saves some. */
  blankRows: number;
  /** Bytes when unzipped. */
  bytes: number;
  /** Unzipped bytes per zipped byte; publications have 4 to 12. */
  inflation: number;
  /** After so many problems the rest is not read. */
  problems: number;
};

export const usualLimits: Limits = {
  rowCharacters: 65_536,
  rows: 1_000_000,
  blankRows: 10_000,
  bytes: 2_000_000_000,
  inflation: 200,
  problems: 1000,
};
