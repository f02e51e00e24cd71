import { decide, type Viewer } from '../../access/index.ts';
import { answerFor, countingYear, rateStep } from '../../absence/index.ts';
import { type AcademicYear, yearLabel } from '../../base/academicYear.ts';
import { Refusal } from '../../base/problem.ts';
import { type AreaTotal, publishedTotals, publishedYearsToDate } from '../../publications/index.ts';
import { perCommit, type Stores, workedOutKinds } from '../../stores/index.ts';
import { words } from '../../ui/index.ts';

/** From which statistics a map is made: one series at a time, so that its squares can be set beside each other. */
export const seriesOfMap = ['registers', 'feed', 'year'] as const;
export type SeriesOfMap = (typeof seriesOfMap)[number];

export type AuthorityFigures = {
  series: SeriesOfMap;
  year: AcademicYear;
  /** `the year so far, counted from registers …`: what the figures are. */
  told: string;
  percents: ReadonlyMap<string, number>;
  /** As the figures’ own file names them, where it does: not every authority has a school that is known here. */
  named: ReadonlyMap<string, { name: string; regionCode: string }>;
};

/**
 * What there is of authorities that this viewer may see, best first: this year so far from registers, as far as the policy
 * and the hiding of small numbers give it; the department’s published year to date; the newest whole year published.
 */
export async function authorityFigures(
  stores: Stores,
  viewer: Viewer,
  year: AcademicYear,
): Promise<AuthorityFigures[]> {
  const all = [
    await fromRegisters(stores, viewer, year),
    await fromFeed(stores, year),
    await fromWholeYears(stores),
  ];
  return all.filter((each) => each !== undefined).filter(({ percents }) => percents.size > 0);
}

/** Kept for as long as nothing is committed: what is hidden of one authority depends on all the others. */
const answers = perCommit(async () => new Map<AcademicYear, ReturnType<typeof answerFor>>(), {
  ignoring: workedOutKinds,
});

async function fromRegisters(
  stores: Stores,
  viewer: Viewer,
  year: AcademicYear,
): Promise<AuthorityFigures | undefined> {
  if (!seesEngland(viewer)) return undefined;
  const known = await answers(stores);
  const asked =
    known.get(year) ??
    answerFor(
      stores,
      // Whoever sees England sees the same of it: rounded and hidden as for the department.
      { role: 'department', scope: null },
      {
        ...{ level: 'la', by: [], series: 'daily', time: 'year', asKnownOn: null, urns: [] },
        ...{ year, ...countingYear(year) },
      },
    );
  known.set(year, asked);
  try {
    const { rows } = await asked;
    const percents = rows.flatMap((row): [string, number][] => {
      const [code, percent] = [row['la_code'], row['sess_overall_percent']];
      const isTold = row[rateStep] !== 1 && typeof percent === 'number';
      return isTold && typeof code === 'string' ? [[code, percent]] : [];
    });
    return {
      ...{ series: 'registers', year, percents: new Map(percents), named: new Map() },
      told: `absence in ${yearLabel(year)} so far, counted from registers as the daily feed counts`,
    };
  } catch (error) {
    known.delete(year);
    // No register of this year is here.
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/** May this viewer see what registers say of England as a whole? */
export function seesEngland(viewer: Viewer): boolean {
  return decide(viewer, 'school statistic', {}).allowed;
}

async function fromFeed(stores: Stores, year: AcademicYear): Promise<AuthorityFigures | undefined> {
  const ofYear = (await publishedYearsToDate(stores)).filter((each) => each.year === year);
  const newest = ofYear.reduce(
    (last, each) => (each.publishedOn > last ? each.publishedOn : last),
    '',
  );
  const figures = ofYear.filter(({ publishedOn }) => publishedOn === newest);
  return {
    ...{ series: 'feed', year },
    told: `absence in ${yearLabel(year)} to date, summed here over the phases of school in the department’s daily feed of ${newest === '' ? 'no day' : words.date(newest)}, whose own totals weigh them and differ by some hundredths of a point${withheldText(figures, 'phase')}`,
    ...ofCodes(figures),
  };
}

async function fromWholeYears(stores: Stores): Promise<AuthorityFigures | undefined> {
  const all = (await publishedTotals(stores)).filter(({ laCode }) => laCode !== null);
  const year = all.reduce((last, each) => Math.max(last, each.year), 0);
  const figures = all.filter((each) => each.year === year);
  return {
    ...{ series: 'year', year },
    told: `absence in the whole of ${yearLabel(year)}, summed here over the types of school in the school census as published${withheldText(figures, 'type of school')}`,
    ...ofCodes(figures),
  };
}

/** What the file withholds is not in the sum of an authority: which these are. */
function withheldText(figures: readonly AreaTotal[], what: string): string {
  const without = figures.filter(({ laCode, withheld }) => laCode !== null && withheld > 0);
  if (without.length === 0) return '';
  const names = without.map(({ name, laCode }) => name || (laCode ?? '')).toSorted();
  return `; without a ${what} whose figures are withheld: ${names.join(', ')}`;
}

function ofCodes(figures: readonly AreaTotal[]): Pick<AuthorityFigures, 'percents' | 'named'> {
  const percents = new Map<string, number>();
  const named = new Map<string, { name: string; regionCode: string }>();
  for (const { laCode, absencePercent, name, regionCode } of figures) {
    if (laCode === null) continue;
    percents.set(laCode, absencePercent);
    if (name !== '') named.set(laCode, { name, regionCode });
  }
  return { percents, named };
}

/** The one asked for; else of this year’s the one that tells of most authorities; else the newest whole year. */
export function chooseFigures(
  all: readonly AuthorityFigures[],
  asked: string | undefined,
): AuthorityFigures | undefined {
  const ofThisYear = all.filter(({ series }) => series !== 'year');
  const [most] = ofThisYear.toSorted((a, b) => b.percents.size - a.percents.size);
  return all.find(({ series }) => series === asked) ?? most ?? all[0];
}
