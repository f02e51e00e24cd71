import { type AcademicYear, yearLabel, yearsAfter } from '../base/academicYear.ts';
import { Refusal } from '../base/problem.ts';
import { schoolTypes } from '../base/schoolType.ts';
import { publishedYearsBefore, yearsOfSchool } from '../publications/index.ts';
import type { Directories, School } from '../schools/index.ts';
import type { Stores } from '../stores/index.ts';
import type { Backtest } from './backtest.ts';
import { compute } from './compute.ts';
import type { SchoolHistory } from './history.ts';
import { historyOf, nearestCensus, withoutUrn } from './roster.ts';

/**
 * How well the method did on past years: each year from `from` to `to` is forecast from the years before
 * it and compared with what came. Refuses with `not-ready` when none of those years is
 * known, or nothing before them, and with `check-failed` when no school could be compared.
 */
export async function assessTargets(
  stores: Stores,
  directories: Directories,
  options: { from: AcademicYear; to: AcademicYear; signal?: AbortSignal },
): Promise<Backtest> {
  const { from, to } = options;
  if (from > to) {
    throw new Refusal(
      'bad-input',
      `--from ${from} is after --to ${to}: give the earlier year first.`,
    );
  }
  const published = await publishedYearsBefore(stores, yearsAfter(to, 1));
  const { schools } = await directories();
  const histories = schools.flatMap((school) => wholeHistory(school, published) ?? []);
  const known = new Set(histories.flatMap((history) => history.years.map(({ year }) => year)));
  if (![...known].some((year) => year >= from) || ![...known].some((year) => year < from)) {
    throw new Refusal(
      'not-ready',
      `The stores know ${listYears(known)}: a back-test from ${yearLabel(from)} to ${yearLabel(to)} needs a year in that span and one before it. Import more school absence files, or choose other years.`,
    );
  }
  const groups = { fsm_fifth: fsmFifths(schools, from) };
  const found = await compute('backtest', { histories, from, to, groups }, options.signal);
  if (found.rows.length === 0) {
    throw new Refusal(
      'check-failed',
      `No school is known in ${from === to ? yearLabel(from) : `${yearLabel(from)} to ${yearLabel(to)}`} and in enough years before it for all methods: there is nothing to compare. Import more school absence files, or choose other years.`,
    );
  }
  await keep(stores, found, options);
  return found;
}

/** Kept with its receipt, so that the methods page shows how well the method did on the very figures that are loaded. */
async function keep(
  stores: Stores,
  found: Backtest,
  { from, to }: { from: AcademicYear; to: AcademicYear },
): Promise<void> {
  await stores.write(async (write) => {
    const receipt = await write.begin({
      kind: 'backtest',
      scope: `${from}-${to}`,
      title: `Back-test of ${yearLabel(from)} to ${yearLabel(to)}`,
      digest: '',
    });
    receipt.detail = {
      ...found,
      groupRows: found.groupRows.filter((row) => row.method === 'ours'),
    };
  });
}

/** A back-test that was run on the figures that are loaded, and when. */
export type KeptBacktest = Backtest & { ranOn: Date | null };

/** Of the back-tests that were run, the one over most years, and of those the last: open to anyone. */
export async function widestBacktest(stores: Stores): Promise<KeptBacktest | undefined> {
  const kept = (await stores.receipts('backtest')).map(
    (receipt): KeptBacktest => ({
      ...(receipt.detail as unknown as Backtest),
      ranOn: receipt.committed_at,
    }),
  );
  const years = ({ rows }: Backtest) => new Set(rows.map((row) => row.time_period)).size;
  // Receipts come oldest first: among equals the last one stays.
  return kept.reduce<KeptBacktest | undefined>(
    (widest, each) => (widest && years(widest) > years(each) ? widest : each),
    undefined,
  );
}

function listYears(known: ReadonlySet<AcademicYear>): string {
  return known.size === 0 ? 'no year' : [...known].sort().map(yearLabel).join(', ');
}

function wholeHistory(
  school: School,
  published: Awaited<ReturnType<typeof publishedYearsBefore>>,
): SchoolHistory | undefined {
  const years = yearsOfSchool(school.chain.flatMap((record) => published.get(record.urn) ?? []));
  return years.length === 0 ? undefined : historyOf(school, school.urn, years.map(withoutUrn));
}

/** Fifths of each school type by free school meals in the nearest census, lowest first: only for judging, never for forecasting. */
function fsmFifths(schools: readonly School[], year: AcademicYear): Map<number, string> {
  const census = nearestCensus(schools, year);
  const fifths = new Map<number, string>();
  for (const schoolType of schoolTypes) {
    const known = schools
      .filter((school) => school.schoolType === schoolType)
      .flatMap((school) => {
        const fsm = school.intakes.find((intake) => intake.censusOn === census)?.fsmPercent;
        return fsm === null || fsm === undefined ? [] : [{ urn: school.urn, fsm }];
      })
      .sort((a, b) => a.fsm - b.fsm || a.urn - b.urn);
    known.forEach(({ urn }, rank) => {
      fifths.set(urn, String(1 + Math.floor((5 * rank) / known.length)));
    });
  }
  return fifths;
}
