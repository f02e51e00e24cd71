import { Refusal } from '../base/problem.ts';

/** Another command stored the same part first. */
export function overtaken(title: string, cause?: unknown): Refusal {
  return new Refusal(
    'not-ready',
    `Another command stored the same part as “${title}” first, so nothing of this one was stored. Look at what is there now, and run this again if it is still needed.`,
    { cause },
  );
}
