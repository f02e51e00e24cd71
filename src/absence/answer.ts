import {
  allowOrRefuse,
  areasGivingCodes,
  areasGivingSessions,
  type CellCounts,
  decide,
  type HiddenCells,
  hideTogether,
  isOfTheCircle,
  type Subject,
  type TableArea,
  totalDivision,
  type Viewer,
} from '../access/index.ts';
import { Refusal } from '../base/problem.ts';
import { type Directory, directoriesOf } from '../schools/index.ts';
import { perCommit, type Stores, workedOutKinds } from '../stores/index.ts';
import type { RegisterSchool } from './absence.sql.ts';
import { countFigures } from './count.ts';
import { type FigureRow, figureColumns, figureRow, type HiddenOfRow } from './figures.ts';
import { type Places, placesOf } from './places.ts';
import {
  type CountedRow,
  type Dimension,
  dimensions,
  type Level,
  type Question,
} from './question.ts';
import { countingYear } from './windows.ts';

export type Answer = {
  columns: string[];
  rows: FigureRow[];
  /** Rows of which something is hidden. */
  hidden: number;
};

/**
 * The figures that a viewer may see, small numbers hidden from whoever is not of the school’s own circle. Only the
 * operator may ask for everything unsuppressed. Refuses with `not-allowed`, and with `not-found` where nothing is counted.
 */
export async function answerFor(
  stores: Stores,
  viewer: Viewer,
  question: Question,
  { unsuppressed = false }: { unsuppressed?: boolean } = {},
): Promise<Answer> {
  refuseBefore(viewer, question, unsuppressed);
  const places = await placesOf(stores);
  const counted = await countFigures(stores, question, { work: true });
  if (counted.length === 0 && question.asKnownOn !== null) {
    return { columns: figureColumns(question), rows: [], hidden: 0 };
  }
  if (counted.length === 0) {
    throw nothingCounted(question, places);
  }
  const subjects = subjectsOf(places);
  const mine = counted.filter(
    (row) => decide(viewer, 'school statistic', subjects(row, question.level)).allowed,
  );
  const first = counted[0] as CountedRow;
  if (mine.length === 0) {
    allowOrRefuse(viewer, 'school statistic', subjects(first, question.level));
  }
  const all = unsuppressed || isOfTheCircle(viewer);
  const hiding = all ? nothing : await hidingFor(stores, [...places.values()], question);
  const rows = withBlankRows(mine, hiding, question).map((row) =>
    figureRow(row, question, {
      ...{ hidden: hiding.of(row), all },
      codes: all || question.by.length === 0 || hiding.givesCodes(row),
      // What the operator gives out is given out once: nobody asks it again the next day.
      sessions: all || viewer.role === 'operator' || hiding.givesSessions(row),
    }),
  );
  return {
    columns: figureColumns(question),
    rows,
    hidden: rows.filter((row) => /fewer than 6/.test(String(row['blank_reason']))).length,
  };
}

export function nothingCounted({ from, to, level }: Question, places?: Places): Refusal {
  if (level === 'trust' && places && ![...places.values()].some(({ trust }) => trust > 0)) {
    return new Refusal(
      'not-found',
      'No trust has figures: which school is in which trust is not known of any school that has registers here. Import the published list of trusts and their schools first: ./rollcall publications import FILE.',
    );
  }
  return new Refusal(
    'not-found',
    `No session is counted from ${from} to ${to}: no register that has been imported has a mark then, of a pupil aged 5 to 15, in an enrolment. Import pupils and registers first.`,
  );
}

/** What is refused before anything is counted. */
export function refuseBefore(viewer: Viewer, question: Question, unsuppressed: boolean): void {
  const { level, from, to, year, time, asKnownOn, series } = question;
  if (viewer.role === 'operator') return;
  if (unsuppressed) {
    throw new Refusal('not-allowed', '--unsuppressed is the operator’s. Leave out --as.');
  }
  if (level === 'national') allowOrRefuse(viewer, 'school statistic', {});
  if (isOfTheCircle(viewer)) return;
  const whole = countingYear(year);
  if (from !== whole.from || to !== whole.to || time !== 'year' || asKnownOn !== null) {
    throw new Refusal('not-allowed', yearAlone);
  }
  if (series !== 'daily') throw new Refusal('not-allowed', dailyAlone);
}

/** Of two periods that differ by a day the difference is a day. */
export const yearAlone =
  'Outside the school’s own circle only a year to date is given: of two periods that differ by a day, one could be taken from the other. Ask for a whole year, without a first or a last day, pieces of time or an earlier day’s knowledge.';

/** Small numbers are hidden within one series: two of them may differ by a child. */
export const dailyAlone =
  'Outside the school’s own circle only the daily series is given: the census series leaves a few pupils out, and taking one series from the other would tell of them. Ask for the daily series.';

/** What the policy asks about a row: of a school where it is now, wherever it was on a day of which is asked. */
function subjectsOf(places: Places) {
  return (row: CountedRow, level: Level): Subject => {
    const place = level === 'school' ? places.get(row.urn) : undefined;
    const trust = level === 'school' ? (place?.trust ?? 0) : row.trust;
    const { la_code, region_code } = place ?? row;
    return {
      ...(level === 'school' ? { urns: [row.urn] } : {}),
      ...(trust > 0 ? { trustUids: [String(trust)] } : {}),
      ...(la_code === '' ? {} : { laCodes: [la_code] }),
      ...(region_code === '' ? {} : { regionCodes: [region_code] }),
    };
  };
}

type HidingRows = {
  of(row: CountedRow): HiddenOfRow;
  /** Whether rows are given, blank, for values that nobody has: who has none is hidden too. */
  needsBlank(row: CountedRow): boolean;
  /** Are sessions of each code given of groups of pupils here? */
  givesCodes(row: CountedRow): boolean;
  /** Are numbers of sessions given, and exact rates? */
  givesSessions(row: CountedRow): boolean;
};

const shown: HiddenOfRow = { everything: false, persistent: false, severe: false };
const nothing: HidingRows = {
  of: () => shown,
  needsBlank: () => false,
  givesCodes: () => true,
  givesSessions: () => true,
};

type HiddenTable = Record<keyof HiddenOfRow, HiddenCells> & {
  codes: ReadonlySet<string>;
  sessions: ReadonlySet<string>;
};
const hiddenTables = perCommit(async () => new Map<string, Promise<Map<string, HiddenTable>>>(), {
  ignoring: workedOutKinds,
});

/** Once for all who ask about the same year and divisions, until something is committed. */
async function hidingFor(
  stores: Stores,
  schools: readonly RegisterSchool[],
  question: Question,
): Promise<HidingRows> {
  const by = [...question.by].sort((a, b) => dimensions.indexOf(a) - dimensions.indexOf(b));
  const asked = { ...question, by, level: 'school', urns: [], area: '' } as const;
  const known = await hiddenTables(stores);
  const key = JSON.stringify(asked);
  const hidden = known.get(key) ?? hiddenOf(stores, schools, asked);
  known.set(key, hidden);
  hidden.catch(() => known.delete(key));
  return hidingIn(await hidden, question, by);
}

/**
 * What is hidden, in each piece of time by itself. It rests on the tables of every single division, whichever is asked
 * for, so that what one file hides another does not tell.
 */
async function hiddenOf(
  stores: Stores,
  schools: readonly RegisterSchool[],
  asked: Question,
): Promise<Map<string, HiddenTable>> {
  const { by } = asked;
  const divisions: (readonly Dimension[])[] =
    by.length === 0
      ? [[]]
      : [[], ...dimensions.map((each) => [each]), ...(by.length > 1 ? [by] : [])];
  const times = new Map<string, SchoolTables>();
  for (const each of divisions) {
    for (const row of await countFigures(stores, { ...asked, by: each }, { work: true })) {
      const tables = times.get(row.time) ?? new SchoolTables();
      times.set(row.time, tables);
      tables.add(row, each.join() || totalDivision);
    }
  }
  const hidden = new Map<string, HiddenTable>();
  const directory = await directoriesOf(stores)();
  const division = by.join() || totalDivision;
  for (const [time, tables] of times) {
    const country = countryOf(tables.urns(), schools, directory);
    hidden.set(time, {
      ...hideTogether(country, tables.pupils, {
        persistent: tables.persistent,
        severe: tables.severe,
      }),
      codes: areasGivingCodes(country, tables.pupils, division),
      sessions: withTrusts(country, areasGivingSessions(country, tables.pupils, division)),
    });
  }
  return hidden;
}

/** A trust is given where each of its schools is. */
function withTrusts(country: TableArea, given: ReadonlySet<string>): ReadonlySet<string> {
  const schools: TableArea[] = country.parts.flatMap(({ parts }) =>
    parts.flatMap((la) => la.parts),
  );
  const without = new Set(
    schools.filter(({ key }) => !given.has(key)).flatMap(({ groups }) => groups),
  );
  const trusts = schools.flatMap(({ groups }) => groups).filter((trust) => !without.has(trust));
  return new Set([...given, ...trusts]);
}

function hidingIn(
  hidden: ReadonlyMap<string, HiddenTable>,
  question: Question,
  by: readonly Dimension[],
): HidingRows {
  const swapped = by.join() !== question.by.join();
  const valueOf = ({ first, second }: CountedRow) => {
    if (by.length < 2) return first;
    return swapped ? `${second},${first}` : `${first},${second}`;
  };
  const ask = (row: CountedRow, what: keyof HiddenOfRow) =>
    hidden
      .get(row.time)
      ?.[what].isHidden(areaKey(question.level, row), by.join() || totalDivision, valueOf(row)) ??
    true;
  return {
    of: (row) => ({
      everything: ask(row, 'everything'),
      persistent: ask(row, 'persistent'),
      severe: ask(row, 'severe'),
    }),
    needsBlank: (row) =>
      by.length > 0 &&
      hidden.get(row.time)?.everything.isTotalHidden(areaKey(question.level, row)) === true,
    givesSessions: (row) =>
      hidden.get(row.time)?.sessions.has(areaKey(question.level, row)) === true,
    givesCodes: (row) => hidden.get(row.time)?.codes.has(areaKey(question.level, row)) === true,
  };
}

function areaKey(level: Level, row: Pick<CountedRow, 'urn' | 'trust' | 'la_code' | 'region_code'>) {
  switch (level) {
    case 'school':
      return `school ${row.urn}`;
    case 'trust':
      return `trust ${row.trust}`;
    case 'la':
      return `authority ${row.la_code} ${row.region_code}`;
    case 'region':
      return `region ${row.region_code}`;
    case 'national':
      return 'England';
  }
}

type Sums = Map<string, Map<string, number>>;

/** The counts of every school in one piece of time. */
class SchoolTables {
  private readonly sums = { pupils: new Map(), persistent: new Map(), severe: new Map() } as Record<
    'pupils' | 'persistent' | 'severe',
    Map<string, Sums>
  >;
  readonly pupils = this.countsOf('pupils');
  readonly persistent = this.countsOf('persistent');
  readonly severe = this.countsOf('severe');

  add(row: CountedRow, division: string): void {
    const value = row.second === totalDivision ? row.first : `${row.first},${row.second}`;
    const key = `school ${row.urn}`;
    const counts = { pupils: row.enrolments, persistent: row.persistent, severe: row.severe };
    for (const [name, count] of Object.entries(counts)) {
      const tables = this.sums[name as keyof typeof counts];
      const sums: Sums = tables.get(key) ?? new Map();
      tables.set(key, sums);
      const values = sums.get(division) ?? new Map<string, number>();
      sums.set(division, values);
      values.set(value, count);
    }
  }

  urns(): number[] {
    return [...this.sums.pupils.keys()].map((key) => Number(key.slice('school '.length)));
  }

  private countsOf(name: 'pupils' | 'persistent' | 'severe'): CellCounts {
    return { of: (school) => this.sums[name].get(school) ?? new Map() };
  }
}

/** England with its regions, authorities and schools; those without a known place stand in one of no name. */
function countryOf(
  urns: readonly number[],
  schools: readonly RegisterSchool[],
  directory: Directory,
): TableArea {
  const byUrn = new Map(schools.map((school) => [school.urn, school]));
  const placed = urns.map(
    (urn) => byUrn.get(urn) ?? { urn, laestab: 0, la_code: '', region_code: '', trust: 0 },
  );
  const regions = [...Map.groupBy(placed, (each) => each.region_code)].map(
    ([region, inRegion]): TableArea => ({
      key: areaKey('region', { urn: 0, trust: 0, la_code: '', region_code: region }),
      groups: [],
      parts: [...Map.groupBy(inRegion, (each) => each.la_code)].map(
        ([la, inAuthority]): TableArea => ({
          key: areaKey('la', { urn: 0, trust: 0, la_code: la, region_code: region }),
          groups: [],
          parts: inAuthority.map((each) => ({
            key: areaKey('school', each),
            parts: [],
            school: nameOf(each, directory),
            groups: each.trust > 0 ? [areaKey('trust', each)] : [],
          })),
        }),
      ),
    }),
  );
  return { key: 'England', parts: regions, groups: [] };
}

/** The same for every URN of a school: its newest one, or else its LAESTAB, which most academies keep. */
function nameOf({ urn, laestab }: RegisterSchool, directory: Directory): string {
  const chained = directory.find(urn);
  if (chained && chained.chain.length > 1) return `URN ${chained.urn}`;
  return laestab > 0 ? `LAESTAB ${laestab}` : `URN ${urn}`;
}

/**
 * Where the total of an area is hidden, which groups there are at all is too: one blank row stands for them. Where cells
 * of two divisions are hidden, so is which pairs have nobody: every pair of the values that there are has a row.
 */
function withBlankRows(
  rows: readonly CountedRow[],
  hiding: HidingRows,
  { by }: Question,
): CountedRow[] {
  if (by.length === 0) return [...rows];
  const areas = Map.groupBy(rows, (row) =>
    [row.time, row.region_code, row.la_code, row.trust, row.urn].join(' '),
  );
  return [...areas.values()].flatMap((ofArea): CountedRow[] => {
    const any = ofArea[0] as CountedRow;
    if (hiding.needsBlank(any)) return [{ ...any, first: '', second: '' }];
    if (by.length < 2) return ofArea;
    const seconds = new Set(ofArea.map(({ second }) => second));
    const known = new Set(ofArea.map(({ first, second }) => `${first},${second}`));
    const missing = [...new Set(ofArea.map(({ first }) => first))].flatMap((first) =>
      [...seconds]
        .filter((second) => !known.has(`${first},${second}`))
        .map((second) => ({ ...any, first, second, codes: {} }))
        .filter((row) => hiding.of(row).everything),
    );
    return [...ofArea, ...missing].sort((a, b) =>
      `${a.first},${a.second}` < `${b.first},${b.second}` ? -1 : 1,
    );
  });
}
