import type { AcademicYear } from '../base/academicYear.ts';
import { firstDayOf, yearLabel } from '../base/academicYear.ts';
import { Refusal } from '../base/problem.ts';
import { publishedYearsBefore } from '../publications/index.ts';
import { directoryBefore, type School } from '../schools/index.ts';
import type { Stores } from '../stores/index.ts';
import { compute } from './compute.ts';
import type { PublishInput, Published } from './publish.ts';
import { nearestCensus, type RosterSchool, rosterOf } from './roster.ts';

export type IssueOptions = {
  year: AcademicYear;
  visitKm: number;
  signal?: AbortSignal;
  /** Told what is being done, step by step. */
  say?(step: string): void;
};

const rowsAtOnce = 2000;

/**
 * Works out what is expected of every school in `year` and issues it, replacing what was issued for that year before.
 * Refuses with `not-ready` when nothing is known of any year before it.
 */
export async function issueTargets(stores: Stores, options: IssueOptions): Promise<Published> {
  const input = await gather(stores, options);
  options.say?.(`Fitting on everything before ${yearLabel(options.year)} …`);
  const published = await compute('publish', input, options.signal);
  options.say?.(`Issuing ${published.issued.length} expectations …`);
  await store(stores, published, options.year);
  return published;
}

/** Everything the calculation needs, as plain values. */
async function gather(stores: Stores, { year, visitKm, say }: IssueOptions): Promise<PublishInput> {
  say?.('Reading the published years …');
  const published = await publishedYearsBefore(stores, year);
  if (published.size === 0) {
    throw new Refusal(
      'not-ready',
      `Nothing is known of any year before ${yearLabel(year)}: import school absence files first (./rollcall publications import FILE…).`,
    );
  }
  const { schools } = await directoryBefore(stores, year);
  const roster = rosterOf(schools, published, year);
  const censusOn = nearestCensus(schools, year);
  return {
    year,
    visitKm,
    intakeCensusOn: censusOn ?? null,
    left: Object.fromEntries(roster.left),
    schools: roster.schools.map((each) => toPublish(each, censusOn)),
  };
}

function toPublish({ school, history }: RosterSchool, censusOn: string | undefined) {
  return {
    history,
    name: school.name,
    laName: school.laName,
    chain: school.chain.map((record) => record.urn),
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

async function store(stores: Stores, published: Published, year: AcademicYear): Promise<void> {
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
  await stores.write(async (write) => {
    const receipt = await write.begin({
      kind: 'targets',
      scope: String(year),
      title: `Expectations for ${yearLabel(year)}, known on ${firstDayOf(year)}`,
      digest: '',
    });
    receipt.detail = published.summary;
    for (let from = 0; from < published.issued.length; from += rowsAtOnce) {
      const rows = published.issued
        .slice(from, from + rowsAtOnce)
        .map((issued) => rowOf(issued, receipt.id));
      await write.warehouse.append('issued_expectation', columns, rows);
    }
  });
}

function rowOf({ figures, explanation }: Published['issued'][number], receipt: number) {
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
