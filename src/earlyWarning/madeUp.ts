import type { EvaluationRow } from './evaluate.ts';
import type { Coefficients } from './scores.sql.ts';

/** Fits on some made-up Englands and judges on others. What makes them up stands beyond this folder. */
export type MadeUpEvaluation = (options: {
  say(step: string): void;
  signal?: AbortSignal;
}) => Promise<{ coefficients: Coefficients; rows: EvaluationRow[] }>;
