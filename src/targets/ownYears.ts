import {
  type AgreementState,
  agreementOf,
  countFigures,
  type CountedRow,
  countingYear,
  type Question,
} from '../absence/index.ts';
import { type AcademicYear, yearsAfter } from '../base/academicYear.ts';
import type { Urn } from '../base/identifiers.ts';
import type { PublishedYear } from '../publications/index.ts';
import type { School } from '../schools/index.ts';
import type { Stores } from '../stores/index.ts';
import { mostYearsAhead } from './history.ts';
import { keptPerCommit } from './yearSoFar/registers.ts';

/**
 * A year that is over, counted from a school’s own registers as the school census counts; and whether the school’s own
 * system says the same, or somebody there explained and accepted the difference.
 */
export type OwnYear = PublishedYear & { state: AgreementState };

/** May an expectation rest on it? */
export function mayBeUsed({ state }: Pick<OwnYear, 'state'>): boolean {
  return state === 'agrees' || state === 'explained and accepted';
}

/**
 * The years before `year` that schools’ own registers tell whole, by URN; as many as an expectation may rest on. Those that
 * are published are left out: nothing rests on them, so nobody need have agreed them.
 */
export async function ownYearsBefore(
  stores: Stores,
  year: AcademicYear,
  isPublished: (urn: Urn, year: AcademicYear) => boolean,
): Promise<Map<Urn, OwnYear[]>> {
  const found = new Map<Urn, OwnYear[]>();
  for (let back = mostYearsAhead; back >= 1; back--) {
    const known = yearsAfter(year, -back);
    for (const own of await wholeYears(stores, known, [])) {
      if (isPublished(own.urn, known)) continue;
      const { state } = await agreementOf(stores, own.urn, known, { isOver: true });
      found.set(own.urn, [...(found.get(own.urn) ?? []), { ...own, state }]);
    }
  }
  return found;
}

/** What schools’ own registers say of one year, of those that tell it whole. */
export async function ownYearsIn(
  stores: Stores,
  year: AcademicYear,
  urns: readonly Urn[],
): Promise<OwnYear[]> {
  const whole = await keptPerCommit(stores, `whole ${year} ${urns.join()}`, () =>
    wholeYears(stores, year, urns),
  );
  const found: OwnYear[] = [];
  for (const own of whole) {
    const { state } = await agreementOf(stores, own.urn, year, { isOver: true });
    found.push({ ...own, state });
  }
  return found;
}

/** A year is whole when there are sessions in each of its six half-terms. */
const halfTermsInYear = 6;

async function wholeYears(
  stores: Stores,
  year: AcademicYear,
  urns: readonly Urn[],
): Promise<PublishedYear[]> {
  const asked: Question = {
    ...{ level: 'school', by: [], series: 'census', year, time: 'year', asKnownOn: null, urns },
    ...countingYear(year),
  };
  const work = urns.length === 0 ? { work: true } : {};
  const pieces = await countFigures(stores, { ...asked, time: 'half_term' }, work);
  if (pieces.length === 0) return [];
  const halves = Map.groupBy(
    pieces.filter(({ possible }) => possible > 0),
    ({ urn }) => urn,
  );
  const rows = await countFigures(stores, asked, work);
  return rows
    .filter(({ urn }) => halves.get(urn)?.length === halfTermsInYear)
    .map((row) => yearOf(row, year));
}

function yearOf(row: CountedRow, year: AcademicYear): PublishedYear {
  const { urn, possible, authorised, unauthorised, enrolments, persistent } = row;
  return {
    ...{ year, urn, enrolments, persistentAbsentees: persistent, sessionsPossible: possible },
    absencePercent: (100 * (authorised + unauthorised)) / possible,
    authorisedPercent: (100 * authorised) / possible,
    unauthorisedPercent: (100 * unauthorised) / possible,
    persistentPercent: enrolments === 0 ? null : (100 * persistent) / enrolments,
  };
}

/** A school’s own years over all its URNs. */
export function ownYearsOfSchool(
  { chain }: Pick<School, 'chain'>,
  own: ReadonlyMap<Urn, readonly OwnYear[]>,
): OwnYear[] {
  return chain
    .flatMap(({ urn }) => own.get(urn) ?? [])
    .sort((a, b) => a.year - b.year || a.urn - b.urn);
}
