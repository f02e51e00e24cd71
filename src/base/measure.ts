/** The two measures that an expectation is set for: overall absence, and persistent absence (10 % or more). */
export const measures = ['overall', 'persistent'] as const;
export type Measure = (typeof measures)[number];
