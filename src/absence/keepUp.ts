import { academicYear, startYearOf } from '../base/academicYear.ts';
import { type Day, daysAfter, mondayOnOrBefore } from '../base/day.ts';
import { inTurn, type Receipt } from '../records/index.ts';
import { type Stores, workedOutKinds } from '../stores/index.ts';
import type { Warehouse } from '../warehouse/index.ts';
import {
  type ChangedSchool,
  changedByCalendars,
  changedByMarks,
  changedByRolls,
  changedPlaces,
  derivedReceipts,
  firstHalfTermPeriod,
  keepAreas,
  keepAreaWeeks,
  keepHalfTerms,
  keepLonger,
  keepSchoolWeeks,
  keptPeriods,
  packWeeks,
  saidOfSchools,
  sizesOfSchools,
  sumHalfTerms,
} from './kept.sql.ts';
import type { Question } from './question.ts';
import { countingYear, countingYearOf, halfTerms, type Period } from './windows.ts';

/** Kinds of receipt that say nothing of registers, of schools’ places or of trusts. */
const ofOthers: readonly string[] = [
  ...workedOutKinds,
  ...['area-absence', 'school-absence', 'school-census', 'school-links', 'school-locations'],
  ...['school-absence-sample', 'year-to-date'],
];

export type KeptUp = {
  /** Receipts that are in now, and were not; and the other way round. */
  added: number;
  removed: number;
  schools: number;
  /** How long each step took, in seconds. */
  seconds: Record<string, number>;
};

export type KeepUpOptions = {
  say?(done: string): void;
  signal?: AbortSignal;
  /** Schools and days whose marks were deleted because their time was over: worked out anew from what is left. */
  deleted?: readonly Pick<ChangedSchool, 'urn' | 'first' | 'last'>[];
};

const running = new WeakMap<Stores, Promise<unknown>>();
/** Which receipts are in, as last read, where no other process can change it. */
const known = new WeakMap<Stores, Promise<State>>();

/**
 * Brings the kept weeks and figures up to the receipts that count: what receipts that came or went are about is worked out
 * anew, and nothing else. One at a time, whichever process it is in; after a kill the next does it again. Until it is
 * through, readers have the figures as they stood.
 */
export async function keepUp(stores: Stores, options: KeepUpOptions = {}): Promise<KeptUp> {
  const before = running.get(stores) ?? Promise.resolve();
  const mine = before
    .catch(() => {})
    .then(() => keepUpNow(stores, options))
    .finally(() => {
      known.delete(stores);
      if (running.get(stores) === mine) running.delete(stores);
    });
  running.set(stores, mine);
  return mine;
}

/** Forgets which receipts are in, so that everything is worked out from nothing. */
export async function rebuild(stores: Stores, options: KeepUpOptions = {}): Promise<KeptUp> {
  await stores.write(async ({ warehouse }) => {
    const state = await warehouse.query(derivedReceipts, {});
    const version = newestVersion(state) + 2;
    await note(
      warehouse,
      state.map((each) => each.derived_receipt),
      false,
      version,
    );
  });
  known.delete(stores);
  return keepUp(stores, options);
}

/**
 * Whether what is kept may be read: every receipt that counts is in, and no other; or it is just being brought up; or what
 * is not in says nothing of these schools. Areas are read as they stood: to count all their marks would take minutes.
 */
export async function isKept(
  stores: Stores,
  { level, urns }: Pick<Question, 'level' | 'urns'>,
): Promise<boolean> {
  const counting = (await stores.counting()).filter(({ kind }) => !ofOthers.includes(kind));
  const isIn = new Set(
    (await stateOf(stores)).filter((each) => each.is_in).map((each) => each.derived_receipt),
  );
  const added = counting.filter(({ id }) => !isIn.has(id)).map(({ id }) => id);
  const removed = isIn.size - (counting.length - added.length);
  if (added.length + removed === 0) return true;
  if (isIn.size === 0) return false;
  if (level !== 'school' || running.has(stores)) return true;
  if (urns.length === 0 || removed > 0) return false;
  const [said] = await stores.read(saidOfSchools, { among: added, urns: [...urns] });
  return said?.rows === 0;
}

function stateOf(stores: Stores): Promise<State> {
  const kept = known.get(stores);
  if (kept) return kept;
  const state = stores.read(derivedReceipts, {});
  if (stores.alone && !running.has(stores)) {
    known.set(stores, state);
    state.catch(() => known.delete(stores));
  }
  return state;
}

type State = { derived_receipt: number; is_in: boolean; version: number }[];
const newestVersion = (state: State) => Math.max(0, ...state.map(({ version }) => version));
/** Under this number stands that a version was begun: no receipt has it. */
const begun = 0;

async function note(warehouse: Warehouse, receipts: number[], isIn: boolean, version: number) {
  await warehouse.append(
    'derived_receipts',
    ['derived_receipt', 'is_in', 'version'],
    [begun, ...receipts].map((receipt) => [receipt, isIn && receipt !== begun, version]),
  );
}

async function keepUpNow(stores: Stores, options: KeepUpOptions): Promise<KeptUp> {
  const bring = async () => {
    const counting = (await stores.counting()).filter(({ kind }) => !ofOthers.includes(kind));
    return stores.write(({ warehouse }) => bringUp(warehouse, counting, options));
  };
  // Two processes on the same servers take turns: the second finds what the first has done.
  return stores.alone ? bring() : inTurn(stores.records, 'kept figures', bring);
}

/** The same over a warehouse alone. */
export async function bringUp(
  warehouse: Warehouse,
  counting: readonly Pick<Receipt, 'id' | 'kind'>[],
  { say = () => {}, signal, deleted = [] }: KeepUpOptions = {},
): Promise<KeptUp> {
  const state = await warehouse.query(derivedReceipts, {});
  const receipts = counting.map(({ id }) => id);
  const isIn = state.filter((each) => each.is_in).map((each) => each.derived_receipt);
  const added = receipts.filter((each) => !isIn.includes(each));
  const removed = isIn.filter((each) => !receipts.includes(each));
  const seconds: Record<string, number> = {};
  const done = { added: added.length, removed: removed.length, schools: 0, seconds };
  const changed = [...added, ...removed];
  if (changed.length === 0 && deleted.length === 0) return done;
  const version = newestVersion(state) + 2;
  await note(warehouse, [], false, version);

  const timed = async (name: string, work: () => Promise<unknown>) => {
    signal?.throwIfAborted();
    const start = performance.now();
    await work();
    seconds[name] = (seconds[name] ?? 0) + (performance.now() - start) / 1000;
    say(name);
  };
  const emptied = removed.length > 0 || deleted.length > 0;
  const ofMarks = [
    ...(await warehouse.query(changedByMarks, { receipts: changed })),
    ...deleted.map(({ urn, first, last }) => ({ urn, first, last, pupils: pupilsOfASchool })),
  ];
  for (const { urns, first, last } of shared(ofMarks, weeksAtOnce)) {
    await timed('weeks', () =>
      warehouse.run(packWeeks, { receipts, urns, from: first, to: last, version, emptied }),
    );
  }
  const ofRolls = await warehouse.query(changedByRolls, { receipts: changed });
  const ofCalendars = await warehouse.query(changedByCalendars, { receipts: changed });
  const sizes = new Map(
    (await warehouse.query(sizesOfSchools, { receipts })).map((each) => [
      each.urn,
      each.enrolments,
    ]),
  );
  const all = [...ofMarks, ...ofCalendars, ...ofRolls];
  done.schools = new Set(all.map(({ urn }) => urn)).size;
  const years = yearsOf(all);
  for (const year of years) {
    const halves = halfTerms(year);
    const startYear = startYearOf(year);
    const ofYear = {
      receipts,
      version,
      startYear,
      series: 'daily',
      halfTerms: halves.map(({ from }) => from),
    };
    const inYear = within(all, countingYear(year), sizes);
    const gone = emptied || ofRolls.length > 0;
    for (const { urns, first, last } of shared(inYear, enrolmentWeeksAtOnce)) {
      const touched = touchedBy(year, { from: first, to: last });
      const [from, to] = [
        halves[touched[0] as number]?.from ?? '',
        halves[touched.at(-1) as number]?.to ?? '',
      ];
      await timed('half-terms', () =>
        warehouse.run(sumHalfTerms, {
          ...ofYear,
          urns,
          from,
          to,
          time: 'half_term',
          emptied: gone,
        }),
      );
      const periods = touched.map((at) => firstHalfTermPeriod + at);
      await timed('figures of half-terms', () =>
        warehouse.run(keepHalfTerms, { ...ofYear, urns, periods }),
      );
      await timed('figures of terms and the year', () =>
        warehouse.run(keepLonger, { ...ofYear, urns, periods: longerOf(touched) }),
      );
      await timed('weeks and days', () =>
        warehouse.run(keepSchoolWeeks, {
          ...{ ...ofYear, urns, time: 'week' },
          ...wholeWeeks({ from: first, to: last }, year),
        }),
      );
    }
  }
  await timed('areas', () => keepAreasOf(warehouse, { receipts, version, all, changed }));
  await note(warehouse, added, true, version);
  await note(warehouse, removed, false, version);
  return done;
}

const areaLevels = ['trust', 'la', 'region', 'national'] as const;

/** Adds up the areas of what changed; of everything that is kept, where schools changed their places. */
async function keepAreasOf(
  warehouse: Warehouse,
  of: { receipts: number[]; version: number; all: readonly ChangedSchool[]; changed: number[] },
): Promise<void> {
  const { receipts, version, all, changed } = of;
  const [places] = await warehouse.query(changedPlaces, { receipts: changed });
  const spans =
    places && places.rows > 0
      ? (await warehouse.query(keptPeriods, {})).map(({ start_year, first, last, periods }) => ({
          ...{ startYear: start_year, from: first, to: last, periods },
        }))
      : yearsOf(all).map((year) => {
          const span = wholeWeeks(spanOf(within(all, countingYear(year), new Map())), year);
          return { startYear: startYearOf(year), ...span, periods: periodsOf(year, span) };
        });
  for (const { startYear, from, to, periods } of spans) {
    for (const level of areaLevels) {
      await warehouse.run(keepAreas, { receipts, version, level, periods, startYear });
      await warehouse.run(keepAreaWeeks, { receipts, version, level, startYear, from, to });
    }
  }
}

/** The half-terms (from 0) that days of a year touch. */
function touchedBy(year: number, { from, to }: Period): number[] {
  return halfTerms(year).flatMap((half, at) => (half.from <= to && half.to >= from ? [at] : []));
}

function periodsOf(year: number, span: Period): number[] {
  const touched = touchedBy(year, span);
  return [...touched.map((at) => firstHalfTermPeriod + at), ...longerOf(touched)];
}

/** From a Monday to a Sunday, as far as the year has the days. */
function wholeWeeks({ from, to }: Period, year: number): Period {
  const whole = countingYear(year);
  const monday = mondayOnOrBefore(from);
  const sunday = daysAfter(mondayOnOrBefore(to), 6);
  return {
    from: monday < whole.from ? whole.from : monday,
    to: sunday > whole.to ? whole.to : sunday,
  };
}

/** The year and the terms that half-terms (from 0) are part of. */
function longerOf(touched: readonly number[]): number[] {
  return [0, ...new Set(touched.map((at) => Math.floor(at / 2) + 1))];
}

function yearsOf(changed: readonly ChangedSchool[]): number[] {
  const first = changed.map((each) => startYearOf(countingYearOf(each.first)));
  const last = changed.map((each) => startYearOf(countingYearOf(each.last)));
  const [from, to] = [Math.min(...first), Math.max(...last)];
  return changed.length === 0
    ? []
    : Array.from({ length: to - from + 1 }, (_, at) => academicYear(from + at)).filter(
        // Between two that changed may be one that did not.
        (year) => within(changed, countingYear(year), new Map()).length > 0,
      );
}

/** What of it lies in a period, a row a school. */
function within(
  changed: readonly ChangedSchool[],
  { from, to }: Period,
  sizes: ReadonlyMap<number, number>,
): ChangedSchool[] {
  const bySchool = new Map<number, ChangedSchool>();
  for (const each of changed) {
    if (each.first > to || each.last < from) continue;
    const known = bySchool.get(each.urn);
    const first = [each.first, known?.first ?? to].toSorted()[0] as Day;
    const last = [each.last, known?.last ?? from].toSorted()[1] as Day;
    bySchool.set(each.urn, {
      urn: each.urn,
      first: first < from ? from : first,
      last: last > to ? to : last,
      pupils: sizes.get(each.urn) ?? each.pupils,
    });
  }
  return [...bySchool.values()];
}

function spanOf(changed: readonly ChangedSchool[]): Period {
  return {
    from: changed.map(({ first }) => first).reduce((a, b) => (a < b ? a : b), '9999'),
    to: changed.map(({ last }) => last).reduce((a, b) => (a > b ? a : b), ''),
  };
}

/** Of a school whose pupils nobody counted. */
const pupilsOfASchool = 1000;

/** So much at a time: enough for the engine, little enough for memory, and each school whole. */
const weeksAtOnce = 3_000_000;
const enrolmentWeeksAtOnce = 5_000_000;
const pupilsAtOnce = 400_000;

type Share = { urns: number[]; first: Day; last: Day };

/** Schools shared out by how many pupils’ weeks there are, those of like days together. */
function shared(changed: readonly ChangedSchool[], atOnce: number): Share[] {
  const key = ({ first, last, urn }: ChangedSchool) =>
    `${first} ${last} ${String(urn).padStart(9, '0')}`;
  const shares: (Share & { pupils: number })[] = [];
  for (const { urn, first, last, pupils } of changed.toSorted((a, b) =>
    key(a) < key(b) ? -1 : 1,
  )) {
    const open = shares.at(-1);
    const until = open && open.last > last ? open.last : last;
    const weeks = (Date.parse(until) - Date.parse(open?.first ?? first)) / (7 * 86_400_000) + 1;
    if (open && (open.pupils + pupils) * weeks <= atOnce && open.pupils + pupils <= pupilsAtOnce) {
      open.urns.push(urn);
      open.pupils += pupils;
      open.last = until;
    } else shares.push({ urns: [urn], first, last, pupils });
  }
  return shares;
}
