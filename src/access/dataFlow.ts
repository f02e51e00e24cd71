import type { RecordsTables } from '../records/index.ts';
import type { DataClass } from './policy.ts';

/**
 * One way in which data come in, are held and go out, told beside the code that does it. The pages on data flows and on
 * the assessment of their impact are made from these; who may see them is told by the policy's table.
 */
export type DataFlow = {
  /** Stable: `pupil-registry`. */
  name: string;
  title: string;
  about: string;
  /** Whose data they are, as a phrase; null where they are about nobody. */
  whose: string | null;
  comesFrom: readonly Door[];
  /** The classes under which the policy lets it be seen. Empty: it is shown to nobody. */
  classes: readonly DataClass[];
  holds: Holds;
  /** Null where no personal data are processed. */
  basis: LawfulBasis | null;
  /** For how long, and what ends it. */
  kept: string;
  /** What leaves the system, beside pages that are shown. */
  goesTo: readonly Door[];
};

/** Who gives or gets, and how. */
export type Door = { who: string; how: string };

/** What each table holds, column by column; of the warehouse's tables, of which the sources tell the columns, in a sentence. */
export type Holds = {
  records?: { [Table in keyof RecordsTables]?: Record<keyof RecordsTables[Table], string> };
  warehouse?: Record<string, string>;
};

export type LawfulBasis = {
  /** Of the UK GDPR, Article 6. */
  article6: string;
  /** The law that lays the task down. */
  law: readonly string[];
  /** Where some of it is of a special category (Article 9): what, and under which condition. */
  special?: { what: string; condition: string };
  /** What we take for right and the controller has to confirm. */
  toConfirm: readonly string[];
};

export const publicTask =
  'Article 6(1)(e): a task in the public interest or in the exercise of official authority';

export const registrationLaw = [
  'Education Act 1996, section 434 (registration of pupils)',
  'School Attendance (Pupil Registration) (England) Regulations 2024 (SI 2024/208)',
] as const;

export const confirmBasis =
  'That public task is the right basis, and which of the controller’s own duties it rests on.';
