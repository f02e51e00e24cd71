import type { Measure } from '../../base/measure.ts';

/** How a measure is called on charts. */
export const measureWords: Record<Measure, { title: string; inSentence: string; counted: string }> =
  {
    overall: {
      title: 'Absence',
      inSentence: 'absence',
      counted: 'Percentage of possible sessions (half days) missed',
    },
    persistent: {
      title: 'Persistent absence',
      inSentence: 'persistent absence',
      counted: 'Percentage of pupils who missed 10% or more of their sessions',
    },
  };
