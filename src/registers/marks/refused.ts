import type { UploadRow } from '../../records/index.ts';
import { refusedOf } from './check.ts';
import { refusedRows } from './check.sql.ts';
import {
  type MarkProblem,
  problemOfMark,
  type ProblemsOfKind,
  problemsByKind,
} from './problems.ts';
import type { UploadParts } from './receive.ts';
import { type Outcome, outcomeOf } from './upload.ts';

const shownOfAKind = 100;

/** What is refused of an upload, by kind: what could not be read, and what was found wrong. `each` are listed of a kind. */
export async function problemsOf(
  { stores }: Pick<UploadParts, 'stores'>,
  upload: UploadRow,
  each: number = shownOfAKind,
): Promise<ProblemsOfKind[]> {
  const outcome = outcomeOf(upload);
  const most = Math.max(5000, each);
  const refused =
    refusedOf(outcome.verdicts).length === 0
      ? []
      : await stores.write(({ warehouse }) =>
          warehouse.query(refusedRows, { upload: upload.id, each, most }),
        );
  const all: MarkProblem[] = [
    ...outcome.problems,
    ...refused.map((row) => problemOfMark(row, outcome.columns)),
  ];
  return problemsByKind(
    { ...outcome.notRead, ...Object.fromEntries(refusedOf(outcome.verdicts)) },
    all,
  );
}

/** Nothing in it can be kept, and nothing of it is here already. */
export function isNothing({ verdicts }: Outcome): boolean {
  const { same = 0, amended = 0, earlier = 0, repeated = 0 } = verdicts;
  return (verdicts.new ?? 0) + same + amended + earlier + repeated === 0;
}
