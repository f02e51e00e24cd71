import { allowOrRefuse, type Viewer } from '../access/index.ts';
import type { AcademicYear } from '../base/academicYear.ts';
import { type School, subjectOf } from '../schools/index.ts';
import type { Stores } from '../stores/index.ts';
import type { FitSummary, Issued, IssuedFigures } from './issued.ts';
import { issuedFiguresOf, issuedTo } from './targets.sql.ts';

/**
 * What was issued to a school for the newest year, if anything was. Refuses a viewer who may not see it: there is no
 * other way to an issued expectation of one school.
 */
export async function findIssued(
  stores: Stores,
  viewer: Viewer,
  school: School,
): Promise<Issued | undefined> {
  allowOrRefuse(viewer, 'issued expectation', subjectOf(school));
  const urns = school.chain.map((record) => record.urn);
  const [row] = await stores.read(issuedTo, { urns }, { kind: 'targets' });
  if (!row) return undefined;
  return { figures: JSON.parse(row.figures), explanation: JSON.parse(row.explanation) };
}

/** The figures issued to these schools for `year`. Refuses unless the viewer may see every one of them. */
export async function issuedFigures(
  stores: Stores,
  viewer: Viewer,
  schools: readonly School[],
  year: AcademicYear,
): Promise<IssuedFigures[]> {
  for (const school of schools) allowOrRefuse(viewer, 'issued expectation', subjectOf(school));
  const urns = schools.flatMap((school) => school.chain.map((record) => record.urn));
  const rows = await stores.read(issuedFiguresOf, { urns, year }, { kind: 'targets' });
  return rows.map((row) => JSON.parse(row.figures) as IssuedFigures);
}

/** The newest fit that was published, with its model and weights: open to anyone. */
export async function newestFit(stores: Stores): Promise<FitSummary | undefined> {
  const fits = await stores.receipts('targets');
  const newest = fits.toSorted((a, b) => b.scope.localeCompare(a.scope))[0];
  return newest?.detail as FitSummary | undefined;
}
