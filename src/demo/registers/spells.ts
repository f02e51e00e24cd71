/**
 * How long a spell of absence lasts, in school days, as 256 equally likely lengths: by whether a child is away little, often
 * or most of the time. Half of the spells last one or two days (FFT Education Datalab); illness mostly one to three; the
 * spells of children who are mostly away last weeks.
 */
const shares: readonly (readonly (readonly [days: number, share: number])[])[] = [
  [
    ...([
      [1, 0.47],
      [2, 0.23],
      [3, 0.12],
      [4, 0.065],
      [5, 0.06],
      [6, 0.02],
    ] as const),
    ...([
      [8, 0.015],
      [10, 0.01],
      [15, 0.006],
      [25, 0.003],
    ] as const),
  ],
  [
    ...([
      [1, 0.43],
      [2, 0.22],
      [3, 0.12],
      [4, 0.07],
      [5, 0.065],
      [7, 0.035],
    ] as const),
    ...([
      [10, 0.03],
      [15, 0.015],
      [20, 0.01],
      [30, 0.005],
    ] as const),
  ],
  [
    ...([
      [1, 0.36],
      [2, 0.19],
      [3, 0.12],
      [4, 0.08],
      [5, 0.08],
      [8, 0.06],
    ] as const),
    ...([
      [12, 0.05],
      [20, 0.03],
      [40, 0.02],
      [60, 0.01],
    ] as const),
  ],
];

/** The three tables behind each other. */
export const spellDays: readonly number[] = shares.flatMap((lengths) => {
  const table: number[] = [];
  let reached = 0;
  for (const [days, share] of lengths) {
    reached += share;
    while (table.length < Math.round(reached * 256)) table.push(days);
  }
  while (table.length < 256) table.push(lengths.at(-1)?.[0] ?? 1);
  return table;
});

/** The mean of each table. */
export const meanSpellDays = [0, 1, 2].map(
  (kind) =>
    spellDays.slice(kind * 256, kind * 256 + 256).reduce((sum, days) => sum + days, 0) / 256,
);

/** From which share of absence on a child has spells of the second and of the third kind. */
export const spellKindsFrom = [0.12, 0.35] as const;
