import { allowOrRefuse, type Viewer } from '../access/index.ts';
import type { AcademicYear } from '../base/academicYear.ts';
import { type Directory, directoriesOf, type School, subjectOf } from '../schools/index.ts';
import type { Stores } from '../stores/index.ts';
import type { DatedIssue, FitSummary, IssuedFigures } from './issued.ts';
import { figuresFor, issueFor } from './outside.ts';
import { issuedFiguresOf, issuedTo } from './targets.sql.ts';

/**
 * What was issued to a school for the newest year, if anything was, as the viewer sees it: what rests on registers is not
 * given exactly outside the school’s own circle. Refuses a viewer who may not see it: there is no other way to an issued
 * expectation of one school.
 */
export async function findIssued(
  stores: Stores,
  viewer: Viewer,
  school: School,
): Promise<DatedIssue | undefined> {
  allowOrRefuse(viewer, 'issued expectation', subjectOf(school));
  const urns = school.chain.map((record) => record.urn);
  const [row] = await stores.read(issuedTo, { urns }, { kind: 'targets' });
  if (!row) return undefined;
  const receipt = (await stores.receipts('targets')).find(({ id }) => id === row.receipt);
  if (!receipt?.committed_at) throw new Error(`receipt ${row.receipt} does not count`);
  const issued: DatedIssue = {
    issuedOn: receipt.committed_at,
    receipt: receipt.id,
    figures: JSON.parse(row.figures),
    explanation: JSON.parse(row.explanation),
  };
  return issueFor(stores, viewer, issued);
}

/** The figures issued to these schools for `year`, as the viewer sees them. Refuses unless the viewer may see every one of them. */
export async function issuedFigures(
  stores: Stores,
  viewer: Viewer,
  schools: readonly School[],
  year: AcademicYear,
): Promise<IssuedFigures[]> {
  for (const school of schools) allowOrRefuse(viewer, 'issued expectation', subjectOf(school));
  const urns = schools.flatMap((school) => school.chain.map((record) => record.urn));
  const rows = await stores.read(issuedFiguresOf, { urns, year }, { kind: 'targets' });
  const seen = await figuresFor(stores, viewer, year);
  const figures: IssuedFigures[] = [];
  for (const row of rows) figures.push(await seen(JSON.parse(row.figures) as IssuedFigures));
  return figures;
}

/**
 * What was issued for `year` to the schools whose expectations the viewer sees, in the order of URN. Refuses a viewer who
 * sees none, with the policy's reason, and one whose school, trust or authority is not there.
 */
export async function issuedForViewer(
  stores: Stores,
  viewer: Viewer,
  year: AcademicYear,
): Promise<IssuedFigures[]> {
  const directory = await directoriesOf(stores)();
  const schools = schoolsOf(viewer, directory);
  const figures = await issuedFigures(stores, viewer, schools, year);
  return figures.toSorted((a, b) => a.urn - b.urn);
}

function schoolsOf(viewer: Viewer, directory: Directory): readonly School[] {
  const scope = viewer.scope ?? '';
  switch (viewer.role) {
    case 'head':
    case 'school':
      return [directory.get(Number(scope))];
    case 'trust':
      return directory.schoolsOfTrust(directory.getTrust(scope).uid);
    case 'authority':
    case 'analyst':
      return directory.schoolsOfAuthority(directory.getAuthority(scope).laCode);
    default:
      allowOrRefuse(viewer, 'issued expectation', {});
      return directory.schools;
  }
}

/** The newest fit that was published, with its model and weights: open to anyone. */
export async function newestFit(stores: Stores): Promise<FitSummary | undefined> {
  const fits = await stores.receipts('targets');
  const newest = fits.toSorted((a, b) => b.scope.localeCompare(a.scope))[0];
  return newest?.detail as FitSummary | undefined;
}
