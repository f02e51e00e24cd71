import { Refusal } from '../base/problem.ts';

/** Somebody else brought the same, and first. */
export function overtaken(title: string, cause?: unknown): Refusal {
  return new Refusal(
    'not-ready',
    `Somebody else brought the same as “${title}” while it was being stored, so nothing of it is. Look at what is there now, and send it again if it is still due.`,
    { cause },
  );
}
