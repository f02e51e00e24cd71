import type { AcademicYear } from '../base/academicYear.ts';
import type { LaEstab, Urn } from '../base/identifiers.ts';
import { Refusal } from '../base/problem.ts';
import { regionNames } from '../base/region.ts';
import { isSchoolType, type SchoolType } from '../base/schoolType.ts';
import { chainSchools, linkedBeyond, type PredecessorLink, type UrnRecord } from './identity.ts';
import type {
  AreaNameRow,
  CensusRow,
  LinkRow,
  ListedSchoolRow,
  LocationRow,
  PublishedSchoolRow,
  SampledSchoolRow,
  TrustMemberRow,
} from './schools.sql.ts';

/** A school through every URN it has had; described as its newest URN is. */
export type School = {
  /** The newest URN. */
  urn: Urn;
  /** Every URN it has had, oldest first, the newest last. */
  chain: UrnRecord[];
  /** Other schools' URNs that the register links to it as predecessors or successors: merged into it, split from it. */
  linkedUrns: Urn[];
  laestab: LaEstab | null;
  name: string;
  schoolType: SchoolType;
  allThrough: boolean | null;
  laCode: string;
  laName: string;
  regionCode: string;
  regionName: string;
  town: string;
  postcode: string;
  openDate: string | null;
  closeDate: string | null;
  trust: Trust | null;
  /** Metres on the Ordnance Survey's National Grid. */
  easting: number | null;
  northing: number | null;
  /** Income deprivation affecting children, 0–1, of the neighbourhood the school stands in. */
  idaci: number | null;
  /** Rural–urban class 2011: A1 (major conurbation) … F2 (hamlet in a sparse setting); blank when not known. */
  ruralUrban: string;
  /** Intake at each census that is loaded, oldest first. */
  intakes: Intake[];
  /** Known only from a list of schools that came with registers: no absence and no census is published of it here. */
  onlyListed: boolean;
};

export type Trust = { uid: string; name: string };
/** `regionName` is blank where neither a publication nor a list of schools says the region. */
export type Authority = { laCode: string; name: string; regionCode: string; regionName: string };

/** Who the pupils were on a census day; percentages 0–100, null where suppressed or not collected. */
export type Intake = {
  censusOn: string;
  pupils: number | null;
  girlsPercent: number | null;
  ehcPlanPercent: number | null;
  senSupportPercent: number | null;
  ealPercent: number | null;
  fsmPercent: number | null;
};

/** Everything the directory is made from. */
export type DirectoryRows = {
  published: readonly PublishedSchoolRow[];
  sampled: readonly SampledSchoolRow[];
  census: readonly CensusRow[];
  locations: readonly LocationRow[];
  links: readonly LinkRow[];
  trusts: readonly TrustMemberRow[];
  areas: readonly AreaNameRow[];
  listed: readonly ListedSchoolRow[];
};

/** Every state school that a publication or a list of schools names, and how to find one. */
export type Directory = {
  schools: readonly School[];
  /** By any URN it has or had. */
  find(urn: Urn): School | undefined;
  /** Refuses with `not-found`. */
  get(urn: Urn): School;
  /** By a URN as it stands in an address: six digits and nothing else. Refuses with `not-found`. */
  getTyped(text: string): School;
  authorities: readonly Authority[];
  findAuthority(laCode: string): Authority | undefined;
  /** Refuses with `not-found`. */
  getAuthority(laCode: string): Authority;
  schoolsOfAuthority(laCode: string): School[];
  findTrust(uid: string): Trust | undefined;
  /** Refuses with `not-found`. */
  getTrust(uid: string): Trust;
  schoolsOfTrust(uid: string): School[];
};

const censusTypes: Record<string, SchoolType> = {
  'State-funded primary': 'State-funded primary',
  'State-funded secondary': 'State-funded secondary',
  'State-funded special school': 'Special',
};

/** By the words of a list of schools. All-through schools are published among the secondary ones. */
const phaseTypes: Record<string, SchoolType> = {
  primary: 'State-funded primary',
  secondary: 'State-funded secondary',
  special: 'Special',
  'all-through': 'State-funded secondary',
};

/**
 * Joins what the publications say of each URN, chains the URNs of one school, and names it by the newest. What no
 * publication says of a URN, the list of schools that came with registers may.
 */
export function buildDirectory(rows: DirectoryRows): Directory {
  const urns = describeUrns(rows);
  const links = linksOf(rows.links);
  const chains = chainSchools(
    [...urns.values()].map((each) => each.record),
    links,
  );
  const linked = linkedBeyond(chains, links);
  const schools = chains
    .map((chain, index) =>
      schoolOf(
        chain.map((urn) => urns.get(urn) as DescribedUrn),
        linked[index] ?? [],
      ),
    )
    .sort((a, b) => a.urn - b.urn);
  return overSchools(schools, authoritiesOf(rows.areas, schools));
}

type DescribedUrn = {
  record: UrnRecord;
  schoolType: SchoolType;
  published: PublishedSchoolRow | undefined;
  sampled: SampledSchoolRow | undefined;
  location: LocationRow | undefined;
  trust: Trust | null;
  intakes: CensusRow[];
  area: AreaNameRow | undefined;
  listed: ListedSchoolRow | undefined;
};

function describeUrns(rows: DirectoryRows): Map<Urn, DescribedUrn> {
  const published = new Map(rows.published.map((row) => [row.urn, row]));
  const sampled = new Map(rows.sampled.map((row) => [row.urn, row]));
  const locations = new Map(rows.locations.map((row) => [row.urn, row]));
  const areas = new Map(rows.areas.map((row) => [row.la_code, row]));
  const trusts = new Map(
    rows.trusts.map((row) => [row.urn, { uid: String(row.trust_uid), name: row.trust_name }]),
  );
  const census = Map.groupBy(rows.census, (row) => row.urn);
  const listed = new Map(rows.listed.map((row) => [row.urn, row]));
  const described = new Map<Urn, DescribedUrn>();
  for (const urn of new Set(
    [published, sampled, census, listed].flatMap((known) => [...known.keys()]),
  )) {
    const absence = published.get(urn);
    const sample = sampled.get(urn);
    const intakes = census.get(urn) ?? [];
    const location = locations.get(urn);
    const inList = listed.get(urn);
    const type =
      absence?.school_type ??
      censusTypes[intakes.at(-1)?.school_type ?? ''] ??
      phaseTypes[inList?.phase ?? ''];
    if (type === undefined || !isSchoolType(type)) continue; // a nursery, an independent school, …
    const known = absence?.laestab ?? intakes.at(-1)?.laestab;
    const laestab = known ?? inList?.laestab ?? null;
    const laCode =
      absence?.la_code ??
      sample?.la_code ??
      (known === undefined ? (inList?.la_code ?? '') : String(known).slice(0, 3));
    described.set(urn, {
      schoolType: type,
      published: absence,
      sampled: sample,
      location,
      trust: trusts.get(urn) ?? null,
      intakes,
      area: areas.get(laCode),
      listed: inList,
      record: {
        urn,
        laestab,
        schoolType: type,
        firstYear: earliest(absence?.first_year, sample?.first_year),
        lastYear: latest(absence?.last_year, sample?.last_year),
        openDate: location?.open_date ?? null,
        closeDate: location?.close_date ?? null,
      },
    });
  }
  return described;
}

function earliest(...years: (AcademicYear | undefined)[]): AcademicYear | null {
  const known = years.filter((year) => year !== undefined);
  return known.length > 0 ? Math.min(...known) : null;
}

function latest(...years: (AcademicYear | undefined)[]): AcademicYear | null {
  const known = years.filter((year) => year !== undefined);
  return known.length > 0 ? Math.max(...known) : null;
}

function linksOf(rows: readonly LinkRow[]): PredecessorLink[] {
  return rows.map((row) =>
    row.link_type.startsWith('Predecessor')
      ? { predecessor: row.link_urn, successor: row.urn, establishedOn: row.established_on }
      : { predecessor: row.urn, successor: row.link_urn, establishedOn: row.established_on },
  );
}

/** Describes a school by its newest URN; what that one does not say, an older one may. */
function schoolOf(urns: DescribedUrn[], linkedUrns: Urn[]): School {
  const newest = urns.at(-1) as DescribedUrn;
  const last = <Value>(pick: (each: DescribedUrn) => Value | null | undefined) =>
    urns
      .toReversed()
      .map(pick)
      .find((value) => value !== null && value !== undefined && value !== '') ?? null;
  return {
    urn: newest.record.urn,
    chain: urns.map((each) => each.record),
    linkedUrns,
    laestab: last((each) => each.record.laestab),
    name: last((each) => each.location?.name ?? each.listed?.name) ?? `School ${newest.record.urn}`,
    schoolType: newest.schoolType,
    allThrough: last((each) => each.published?.all_through ?? allThroughIn(each.listed)),
    ...areaOf(last),
    town: last((each) => each.location?.town) ?? '',
    postcode: last((each) => each.location?.postcode) ?? '',
    openDate: newest.record.openDate,
    closeDate: newest.record.closeDate,
    trust: newest.trust,
    easting: last((each) => each.location?.easting),
    northing: last((each) => each.location?.northing),
    idaci: last((each) => each.location?.idaci_score),
    ruralUrban: last((each) => each.location?.ruc11) ?? '',
    intakes: intakesOf(urns),
    onlyListed: urns.every(
      ({ published, sampled, intakes }) => !published && !sampled && intakes.length === 0,
    ),
  };
}

type Last = <Value>(pick: (each: DescribedUrn) => Value | null | undefined) => Value | null;

/** The authority and the region. A list gives their codes and no names. */
function areaOf(last: Last) {
  const laCode =
    last((each) => each.published?.la_code ?? each.area?.la_code ?? each.listed?.la_code) ?? '';
  const regionCode =
    last(
      (each) => each.published?.region_code ?? each.area?.region_code ?? each.listed?.region_code,
    ) ?? '';
  return {
    laCode,
    laName:
      last((each) => each.published?.la_name ?? each.area?.la_name ?? authorityIn(each.listed)) ??
      'Authority not known',
    regionCode,
    regionName:
      last(
        (each) => each.published?.region_name ?? each.area?.region_name ?? regionIn(each.listed),
      ) ?? '',
  };
}

function allThroughIn(listed: ListedSchoolRow | undefined): boolean | undefined {
  return listed && listed.phase in phaseTypes ? listed.phase === 'all-through' : undefined;
}

/** An authority that no publication names is called by its code. */
function authorityIn(listed: ListedSchoolRow | undefined): string | undefined {
  return listed?.la_code ? `Local authority ${listed.la_code}` : undefined;
}

function regionIn(listed: ListedSchoolRow | undefined): string | undefined {
  return listed?.region_code
    ? ((Object.hasOwn(regionNames, listed.region_code)
        ? regionNames[listed.region_code]
        : undefined) ?? `Region ${listed.region_code}`)
    : undefined;
}

function intakesOf(urns: DescribedUrn[]): Intake[] {
  const byDay = new Map<string, Intake>();
  for (const row of urns.flatMap((each) => each.intakes)) {
    byDay.set(row.census_on, {
      censusOn: row.census_on,
      pupils: row.pupils,
      girlsPercent: row.girls_percent,
      ehcPlanPercent: row.ehc_plan_percent,
      senSupportPercent: row.sen_support_percent,
      ealPercent: row.eal_percent,
      fsmPercent: row.fsm_ever6_percent,
    });
  }
  return [...byDay.values()].sort((a, b) => a.censusOn.localeCompare(b.censusOn));
}

/** Those that a publication names, and those that only a list of schools has, by its first school there. */
function authoritiesOf(areas: readonly AreaNameRow[], schools: readonly School[]): Authority[] {
  const known = new Map<string, Authority>(
    areas.map(({ la_code, la_name, region_code, region_name }) => [
      la_code,
      { laCode: la_code, name: la_name, regionCode: region_code, regionName: region_name },
    ]),
  );
  for (const { laCode, laName, regionCode, regionName } of schools) {
    if (laCode === '' || known.has(laCode)) continue;
    known.set(laCode, { laCode, name: laName, regionCode, regionName });
  }
  return [...known.values()];
}

function overSchools(schools: School[], authorities: Authority[]): Directory {
  const byUrn = new Map(
    schools.flatMap((school) => school.chain.map((record) => [record.urn, school] as const)),
  );
  const byAuthority = Map.groupBy(schools, (school) => school.laCode);
  const byTrust = Map.groupBy(schools, (school) => school.trust?.uid ?? '');
  const findAuthority = (laCode: string) =>
    authorities.find((authority) => authority.laCode === laCode);
  const findTrust = (uid: string) =>
    uid === '' ? undefined : (byTrust.get(uid)?.[0]?.trust ?? undefined);
  return {
    schools,
    find: (urn) => byUrn.get(urn),
    get(urn) {
      const school = byUrn.get(urn);
      if (!school) throw new Refusal('not-found', `There is no state school with the URN ${urn}.`);
      return school;
    },
    getTyped(text) {
      const school = /^[1-9]\d{5}$/.test(text) ? byUrn.get(Number(text)) : undefined;
      if (!school) {
        const shown = text.slice(0, 20).toWellFormed();
        throw new Refusal('not-found', `There is no state school with the URN ${shown}.`);
      }
      return school;
    },
    authorities: authorities.toSorted((a, b) => a.name.localeCompare(b.name)),
    findAuthority,
    getAuthority(laCode) {
      const found = findAuthority(laCode);
      if (!found) throw new Refusal('not-found', `There is no local authority ${laCode}.`);
      return found;
    },
    schoolsOfAuthority: (laCode) => byAuthority.get(laCode) ?? [],
    findTrust,
    getTrust(uid) {
      const found = findTrust(uid);
      if (!found) throw new Refusal('not-found', `There is no academy trust ${uid}.`);
      return found;
    },
    schoolsOfTrust: (uid) => (uid === '' ? [] : (byTrust.get(uid) ?? [])),
  };
}
