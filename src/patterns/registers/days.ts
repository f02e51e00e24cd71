import { cameAfter, countingYear, countingYearOf, knownBefore } from '../../absence/index.ts';
import { startYearOf } from '../../base/academicYear.ts';
import { type Day, daysAfter } from '../../base/day.ts';
import type { Urn } from '../../base/identifiers.ts';
import type { Stores } from '../../stores/index.ts';
import type { Statement } from '../../warehouse/index.ts';
import {
  groupDays,
  type Knowing,
  lateDays,
  type Leavers,
  leaversDays,
  openDays,
} from './days.sql.ts';
import { familyNames, type GroupKey, reasonKey } from './families.ts';

/** A school as far as patterns need it. */
export type PlacedSchool = {
  urn: Urn;
  laCode: string;
  easting: number | null;
  northing: number | null;
};

/** Sessions of some schools on some days, school by school (`school × days.length + day`). */
export type Sessions = { possible: Uint16Array; absent: Uint16Array };

/** What had come in of schools’ registers by the end of a day. */
export type RegisterDays = {
  /** Those of which anything came. */
  schools: readonly PlacedSchool[];
  /** Rising; days on which nobody is open and nothing came are left out. */
  days: readonly Day[];
  /** 1 where the school’s calendar says that it is open, 2 that it is closed, 0 where it sent none. */
  open: Uint8Array;
  groups: ReadonlyMap<GroupKey, Sessions>;
  /** Arrivals entered as late (`possible`), and those amended to present since (`absent`). */
  late: Sessions;
  leavers: readonly Leavers[];
};

/** Asks the warehouse for a statement’s rows, of the receipts that count. */
export type Read = <Row, Parameters extends object>(
  asked: Statement<Row, Parameters & { receipts: number[] }>,
  parameters: Parameters,
) => Promise<Row[]>;

export type DaysAsked = {
  schools: readonly PlacedSchool[];
  from: Day;
  /** The last day, at whose end it is looked. */
  on: Day;
  knowing: Knowing;
  cameLater: readonly number[];
  /** Neither who was late nor who left. */
  daysAlone?: boolean;
  signal?: AbortSignal | undefined;
};

/** So many schools’ days are read at once. */
const schoolsAtOnce = 250;
/** Leavers of so many days are set beside those who stayed. */
const leaverDays = 75;

/** What the stores know of these schools up to a day: as it stands now, or what had come by the end of that day. */
export async function registerDaysOn(
  stores: Stores,
  { isNow, ...asked }: Omit<DaysAsked, 'knowing' | 'cameLater'> & { isNow: boolean },
): Promise<RegisterDays> {
  return daysKnown((statement, parameters) => stores.read(statement, parameters, { work: true }), {
    ...asked,
    knowing: isNow ? 'now' : 'then',
    cameLater: isNow ? [] : await cameAfter(stores, asked.on),
  });
}

/** The same of whatever warehouse `read` asks. */
export async function daysKnown(read: Read, asked: DaysAsked): Promise<RegisterDays> {
  const { from, on } = asked;
  const calendar = daysBetween(from, on);
  const dayAt = new Map(calendar.map((day, at) => [day, at]));
  const gathered = new Gathered(asked.schools, calendar.length);
  for (let at = 0; at < asked.schools.length; at += schoolsAtOnce) {
    asked.signal?.throwIfAborted();
    const urns = asked.schools.slice(at, at + schoolsAtOnce).map(({ urn }) => urn);
    const of = {
      urns,
      cameLater: [...asked.cameLater],
      knownBefore: knownBefore(asked.knowing === 'now' ? null : on),
    };
    for (const { urn, open } of await read(openDays, { ...of, from, to: on }))
      gathered.open(urn, new Set(open), calendar);
    for (const year of yearsOf(from, on)) {
      const rows = await read(groupDays(asked.knowing), { ...of, ...year });
      for (const row of rows) gathered.add(row, dayAt);
    }
    if (asked.daysAlone) continue;
    const late = { ...of, from: laterOf(from, daysAfter(on, -120)), to: on };
    for (const row of await read(lateDays, late)) gathered.late(row, dayAt.get(row.date));
    const [last] = yearsOf(from, on).slice(-1);
    const leftFrom = daysAfter(on, -leaverDays);
    if (last)
      gathered.leavers.push(
        ...(await read(leaversDays(asked.knowing), { ...of, ...last, leftFrom })),
      );
  }
  return gathered.days(calendar);
}

/** The days asked for, academic year by academic year: who is how old hangs on it. */
function yearsOf(from: Day, to: Day) {
  const years: { startYear: number; from: Day; to: Day }[] = [];
  for (let first = from; first <= to; ) {
    const year = countingYearOf(first);
    const end = countingYear(year).to;
    years.push({ startYear: startYearOf(year), from: first, to: end < to ? end : to });
    first = daysAfter(end, 1);
  }
  return years;
}

const laterOf = (a: Day, b: Day) => (a > b ? a : b);

function daysBetween(from: Day, to: Day): Day[] {
  const days: Day[] = [];
  for (let day = from; day <= to; day = daysAfter(day, 1)) days.push(day);
  return days;
}

/** Rows as they come, put in their places. */
class Gathered {
  readonly leavers: Leavers[] = [];
  readonly #schools: readonly PlacedSchool[];
  readonly #width: number;
  readonly #rowOf: ReadonlyMap<Urn, number>;
  readonly #groups = new Map<GroupKey, Sessions>();
  readonly #late: Sessions;
  readonly #open: Uint8Array;

  constructor(schools: readonly PlacedSchool[], width: number) {
    this.#schools = schools;
    this.#width = width;
    this.#rowOf = new Map(schools.map(({ urn }, row) => [urn, row]));
    this.#late = this.#made();
    this.#open = new Uint8Array(schools.length * width);
  }

  #made(): Sessions {
    const size = this.#schools.length * this.#width;
    return { possible: new Uint16Array(size), absent: new Uint16Array(size) };
  }

  open(urn: Urn, open: ReadonlySet<Day>, calendar: readonly Day[]): void {
    const start = (this.#rowOf.get(urn) as number) * this.#width;
    calendar.forEach((day, at) => (this.#open[start + at] = open.has(day) ? 1 : 2));
  }

  add(
    row: { urn: Urn; monday: Day; group: GroupKey; possible: number[]; absent: number[] },
    dayAt: ReadonlyMap<Day, number>,
  ): void {
    const sessions = this.#groups.get(row.group) ?? this.#made();
    this.#groups.set(row.group, sessions);
    const start = (this.#rowOf.get(row.urn) as number) * this.#width;
    row.possible.forEach((possible, weekday) => {
      const day = dayAt.get(daysAfter(row.monday, weekday));
      if (day === undefined) return;
      sessions.possible[start + day] = possible;
      sessions.absent[start + day] = row.absent[weekday] ?? 0;
    });
  }

  late(row: { urn: Urn; late: number; edited: number }, day: number | undefined): void {
    if (day === undefined) return;
    const at = (this.#rowOf.get(row.urn) as number) * this.#width + day;
    this.#late.possible[at] = row.late;
    this.#late.absent[at] = row.edited;
  }

  /** Without the days on which nothing was due and nothing came, and without the schools of which nothing came. */
  days(calendar: readonly Day[]): RegisterDays {
    const all = this.#groups.get('') ?? this.#made();
    // A reason has the possible sessions of everybody, also on days on which nobody missed one for it.
    for (const key of familyNames.map(reasonKey)) {
      const { absent } = this.#groups.get(key) ?? this.#made();
      this.#groups.set(key, { possible: all.possible, absent });
    }
    const came = (row: number, day: number) => (all.possible[row * this.#width + day] ?? 0) > 0;
    const rows = this.#schools.flatMap((_, row) =>
      calendar.some((__, day) => came(row, day)) ? [row] : [],
    );
    const kept = calendar.flatMap((_, day) =>
      rows.some((row) => came(row, day) || this.#open[row * this.#width + day] === 1) ? [day] : [],
    );
    const thin = <Cells extends Uint8Array | Uint16Array>(cells: Cells): Cells => {
      const thinned = cells.slice(0, rows.length * kept.length) as Cells;
      rows.forEach((row, to) =>
        kept.forEach((day, at) => {
          thinned[to * kept.length + at] = cells[row * this.#width + day] as number;
        }),
      );
      return thinned;
    };
    const possibleOfAll = thin(all.possible);
    const thinBoth = ({ possible, absent }: Sessions): Sessions => ({
      possible: possible === all.possible ? possibleOfAll : thin(possible),
      absent: thin(absent),
    });
    return {
      schools: rows.map((row) => this.#schools[row] as PlacedSchool),
      days: kept.map((day) => calendar[day] as Day),
      open: thin(this.#open),
      groups: new Map([...this.#groups].map(([key, sessions]) => [key, thinBoth(sessions)])),
      late: thinBoth(this.#late),
      leavers: this.leavers,
    };
  }
}
