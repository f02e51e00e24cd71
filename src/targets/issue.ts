import type { AcademicYear } from '../base/academicYear.ts';
import { firstDayOf, yearLabel, yearsAfter } from '../base/academicYear.ts';
import { Refusal } from '../base/problem.ts';
import { areaFigures, publishedYearsBefore } from '../publications/index.ts';
import { directoryBefore, type School } from '../schools/index.ts';
import type { Stores } from '../stores/index.ts';
import { computeInParts } from './compute.ts';
import type { FitSummary, IssuedFigures } from './issued.ts';
import type { AuthorityYear, IssuedText, PublishInput } from './publish.ts';
import { mostYearsAhead } from './history.ts';
import { ownYearsBefore } from './ownYears.ts';
import { nearestCensus, type Roster, type RosterSchool, rosterOf } from './roster.ts';

export type IssueOptions = {
  year: AcademicYear;
  visitKm: number;
  /** The operator asked for a file without disclosure control: kept with the receipt (docs/decisions/008). */
  unsuppressed?: boolean;
  signal?: AbortSignal;
  /** Told what is being done, step by step. */
  say?(step: string): void;
};

/** What was issued, in the order of URN, and what the fit found. */
export type Issuing = { issued: IssuedFigures[]; summary: FitSummary };

/**
 * Works out what is expected of every school in `year` and issues it, replacing what was issued for that year before.
 * Refuses with `not-ready`, and replaces nothing, when nothing is known of any year before it, when what is known is too
 * old, or when no school would get an expectation.
 */
export async function issueTargets(stores: Stores, options: IssueOptions): Promise<Issuing> {
  const { year, signal, say } = options;
  const parts = computeInParts('publish', await gather(stores, options), signal);
  say?.(`Fitting on everything before ${yearLabel(year)} …`);
  const first = await parts.next();
  say?.('Issuing the expectations …');
  return store(stores, { parts, first }, options);
}

/** Everything the calculation needs, as plain values. */
async function gather(stores: Stores, { year, visitKm, say }: IssueOptions): Promise<PublishInput> {
  say?.('Reading the published years …');
  const published = await publishedYearsBefore(stores, year);
  say?.('Counting the years that schools’ own registers tell …');
  const own = await ownYearsBefore(
    stores,
    year,
    (urn, known) => published.get(urn)?.some((each) => each.year === known) ?? false,
  );
  if (published.size === 0 && own.size === 0) {
    throw new Refusal(
      'not-ready',
      `Nothing is known of any year before ${yearLabel(year)}: import school absence files first (./rollcall publications import FILE…), or a whole year of registers.`,
    );
  }
  const { schools, authorities } = await directoryBefore(stores, year);
  const roster = rosterOf(schools, published, year, own);
  refuseTooLittleKnown(roster);
  const censusOn = nearestCensus(schools, year);
  return {
    year,
    visitKm,
    intakeCensusOn: censusOn ?? null,
    left: Object.fromEntries([...roster.left, ...heldBack(roster)]),
    regionNames: Object.fromEntries(
      authorities.map(({ regionCode, regionName }) => [regionCode, regionName]),
    ),
    authorityYears: await authorityYearsBefore(stores, authorities, year),
    schools: roster.schools.map((each) => toPublish(each, censusOn)),
  };
}

/** Those that are told nothing, though they take part in the fit with what is published of them. */
function heldBack({ schools }: Roster): [string, number][] {
  const held = schools.filter(({ notAgreed }) => notAgreed.length > 0).length;
  return held === 0 ? [] : [['its own registers are not agreed yet', held]];
}

function refuseTooLittleKnown({ year, schools, left }: Roster): void {
  const last = Math.max(0, ...schools.map(({ history }) => history.years.at(-1)?.year ?? 0));
  if (last === 0) {
    const why = [...left].map(([reason, count]) => `${count} left out, ${reason}`).join('; ');
    throw new Refusal(
      'not-ready',
      `No school would get an expectation for ${yearLabel(year)}: ${why || 'of none are both its type and an earlier year known'}. Nothing was issued or replaced. Import school absence files of the years before it (./rollcall publications import FILE…).`,
    );
  }
  const latest = yearsAfter(last, mostYearsAhead);
  if (year > latest) {
    throw new Refusal(
      'not-ready',
      `Nothing is known after ${yearLabel(last)}: from there an expectation can be set for ${yearLabel(latest)} at the latest, not for ${yearLabel(year)}. Import newer school absence files, or choose an earlier year.`,
    );
  }
}

/** As their pages show them, so that a school's ladder and its authority's home say the same. */
async function authorityYearsBefore(
  stores: Stores,
  authorities: readonly { laCode: string; regionCode: string }[],
  before: AcademicYear,
): Promise<AuthorityYear[]> {
  const found: AuthorityYear[] = [];
  for (const authority of authorities) {
    for (const { level, ...area } of await areaFigures(stores, authority)) {
      if (level === 'Local authority' && area.year < before) {
        const { schoolType, year, absencePercent } = area;
        found.push({ laCode: authority.laCode, schoolType, year, absencePercent });
      }
    }
  }
  return found;
}

function toPublish({ school, history, notAgreed }: RosterSchool, censusOn: string | undefined) {
  return {
    history,
    heldBack: notAgreed.length > 0,
    name: school.name,
    laName: school.laName,
    chain: school.chain.map((record) => record.urn),
    linkedUrns: school.linkedUrns,
    trustUid: school.trust?.uid ?? null,
    allThrough: school.allThrough,
    easting: school.easting,
    northing: school.northing,
    intake: intakeOf(school, censusOn),
  };
}

function intakeOf(school: School, censusOn: string | undefined) {
  const census = school.intakes.find((intake) => intake.censusOn === censusOn);
  return {
    pupils: census?.pupils ?? null,
    girlsPercent: census?.girlsPercent ?? null,
    fsmPercent: census?.fsmPercent ?? null,
    senSupportPercent: census?.senSupportPercent ?? null,
    ehcPlanPercent: census?.ehcPlanPercent ?? null,
    ealPercent: census?.ealPercent ?? null,
    idaci: school.idaci,
    urbanRuralClass: school.ruralUrban || null,
    regionCode: school.regionCode || null,
  };
}

const columns = [
  'receipt',
  'time_period',
  'urn',
  'laestab',
  'school_name',
  'la_code',
  'school_type',
  'figures',
  'explanation',
];

/** The warehouse merges what comes in many small pieces, at length: but all at once would fill hundreds of megabytes. */
const rowsAtOnce = 2000;

type Parts = AsyncGenerator<IssuedText[], FitSummary>;

/** Stores each part while the next is worked out. `first` was waited for: a fit takes longer than a write should be open. */
async function store(
  stores: Stores,
  { parts, first }: { parts: Parts; first: Awaited<ReturnType<Parts['next']>> },
  { year, unsuppressed }: IssueOptions,
): Promise<Issuing> {
  const issued: IssuedFigures[] = [];
  try {
    return await stores.write(async (write) => {
      const receipt = await write.begin({
        kind: 'targets',
        scope: String(year),
        title: `Expectations for ${yearLabel(year)}, known on ${firstDayOf(year)}`,
        digest: '',
      });
      let part = first;
      const lots = oneBehind((rows: Row[]) =>
        write.warehouse.append('issued_expectation', columns, rows),
      );
      try {
        let rows: Row[] = [];
        for (; !part.done; part = await parts.next()) {
          for (const each of part.value) {
            issued.push(each.figures);
            rows.push(rowOf(each, receipt.id));
          }
          if (rows.length < rowsAtOnce) continue;
          await lots.begin(rows);
          rows = [];
        }
        await lots.begin(rows);
      } finally {
        await lots.end();
      }
      receipt.detail = unsuppressed ? { ...part.value, unsuppressed } : part.value;
      return { issued, summary: part.value };
    });
  } finally {
    await parts.return(undefined as never);
  }
}

/** Does something with each lot while the next is got ready. What goes wrong with one is thrown at the next, or at the end. */
function oneBehind<Lot>(work: (lot: Lot) => Promise<void>) {
  let last: Promise<{ error?: unknown }> = Promise.resolve({});
  const end = async () => {
    const { error } = await last;
    if (error !== undefined) throw error;
  };
  return {
    end,
    async begin(lot: Lot): Promise<void> {
      await end();
      last = work(lot).then(
        () => ({}),
        (error: unknown) => ({ error }),
      );
    },
  };
}

type Row = ReturnType<typeof rowOf>;

function rowOf({ figures, explanation }: IssuedText, receipt: number) {
  return [
    receipt,
    figures.time_period,
    figures.urn,
    figures.laestab,
    figures.school_name,
    figures.la_code,
    figures.school_type,
    JSON.stringify(figures),
    explanation,
  ];
}
