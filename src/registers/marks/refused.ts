import type { UploadRow } from '../../records/index.ts';
import { refusedOf } from './check.ts';
import { refusedRows } from './check.sql.ts';
import {
  type MarkProblem,
  problemOfMark,
  type ProblemsOfKind,
  problemsByKind,
  problemsOfPlaces,
} from './problems.ts';
import { refusedIn, type UploadParts } from './receive.ts';
import { outcomeOf } from './upload.ts';

const shownOfAKind = 100;

/**
 * What is refused of an upload, by kind: what could not be read, and what was found wrong. Of each kind the first are listed:
 * `each` of them, or `most` of all kinds together where these are more.
 */
export async function problemsOf(
  { stores }: Pick<UploadParts, 'stores'>,
  upload: UploadRow,
  { each = shownOfAKind, most = 5000 }: { each?: number; most?: number } = {},
): Promise<ProblemsOfKind[]> {
  const outcome = outcomeOf(upload);
  const counts = { ...outcome.notRead, ...Object.fromEntries(refusedOf(outcome.verdicts)) };
  const marks = refusedIn(outcome);
  const share = Math.max(1, Math.floor(most / Object.keys(counts).length));
  const ofAKind = marks > most ? Math.min(each, share) : each;
  const refused =
    refusedOf(outcome.verdicts).length === 0
      ? []
      : await stores.write(({ warehouse }) =>
          warehouse.query(refusedRows, { upload: upload.id, each: ofAKind, most }),
        );
  const all: MarkProblem[] = [
    ...problemsOfPlaces(outcome.places),
    ...refused.map((row) => problemOfMark(row, outcome.columns)),
  ];
  return problemsByKind(counts, all, ofAKind);
}
