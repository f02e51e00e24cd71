import { daysAfter } from '../../base/day.ts';
import { dayInEngland } from '../../base/clock.ts';
import type { Urn } from '../../base/identifiers.ts';
import { pupilKey } from '../../base/pupilKey.ts';
import { parseUpn, type Upn } from '../../base/upn.ts';
import {
  erasedAmong,
  noLongerErased,
  pupilSecretOf,
  putRoll,
  rollOf,
  type RollRow,
  type StandingRollRow,
} from '../../records/index.ts';
import type { Stores } from '../../stores/index.ts';
import type { Cell } from '../../warehouse/index.ts';
import type { Fault } from '../read/problems.ts';
import type { Group, Read } from './groups.ts';
import { type Compared, type ImportOptions, noCounts, type RollKind } from './import.ts';
import { areMany, leftOut, manyLeavers, yearGroupNumber } from './leavers.ts';
import {
  markedDaysOfEnrolments,
  standingDays,
  standingRolls,
  standingSchools,
} from './roll.sql.ts';
import {
  type CalendarRow,
  calendarsShape,
  type PupilRow,
  pupilsShape,
  readCalendarDay,
  readPupil,
  readSchool,
  type SchoolRow,
  schoolsShape,
} from './rows.ts';
import type { Told } from './tell.ts';

const twice = (what: string): Fault => ({
  kind: 'told-twice',
  message: `Another row says something else of the same ${what}, so that neither is taken: leave one out.`,
});

/** Rows that say the same of one thing are one; where they differ none is taken, since nobody can tell which is meant. */
function settleByKey<Row>(
  rows: readonly Read<Row>[],
  keyOf: (row: Row) => string,
  fault: { fault: Fault; column: string },
  told: Told,
): Read<Row>[] {
  const kept: Read<Row>[] = [];
  for (const same of Map.groupBy(rows, ({ of }) => keyOf(of)).values()) {
    const [first] = same;
    if (!first) continue;
    const differ = same.some(({ of }) => JSON.stringify(of) !== JSON.stringify(first.of));
    if (differ) {
      for (const { table, row } of same) {
        const at = { file: table.found.file, row, column: table.labelOf(fault.column) };
        told.add(fault.fault, at);
      }
      continue;
    }
    kept.push(...same);
  }
  return kept;
}

const urnsOf = (batch: readonly Group<unknown>[]) => batch.map(({ urn }) => urn);

export const schoolsKind: RollKind<SchoolRow> = {
  receiptKind: 'register schools',
  shape: schoolsShape,
  table: 'register_schools',
  columns: ['urn', 'laestab', 'name', 'phase', 'la_code', 'region_code'],
  read: readSchool,
  begin: (stores) => ({
    settle: ({ rows, ...group }, told) => ({
      ...group,
      rows: settleByKey(
        rows,
        (row) => String(row.urn),
        { fault: twice('school'), column: 'urn' },
        told,
      ),
    }),
    async compare(batch) {
      const rows = await stores.read(standingSchools, { urns: urnsOf(batch) }, { work: true });
      const standing = new Map(rows.map((row) => [row.urn, row]));
      const compared: Compared = { counts: noCounts(), append: [] };
      for (const { urn, rows: told } of batch) {
        const of = told[0]?.of as SchoolRow;
        const cells = [urn, of.laestab, of.name, of.phase, of.laCode, of.regionCode];
        const before = standing.get(urn);
        const same = before !== undefined && sameCells(Object.values(before), cells);
        compared.counts[before === undefined ? 'new' : same ? 'same' : 'changed'] += 1;
        compared.counts.same += told.length - 1;
        if (!same) compared.append.push(cells);
      }
      return compared;
    },
    remarks: () => [],
  }),
};

const sameCells = (some: readonly unknown[], others: readonly unknown[]) =>
  JSON.stringify(some) === JSON.stringify(others);

export const calendarsKind: RollKind<CalendarRow> = {
  receiptKind: 'calendars',
  shape: calendarsShape,
  table: 'register_days',
  columns: ['urn', 'date', 'session', 'open', 'reason'],
  read: readCalendarDay,
  begin: (stores) => ({
    settle: ({ rows, ...group }, told) => ({
      ...group,
      rows: settleByKey(rows, ({ date }) => date, { fault: twice('day'), column: 'date' }, told),
    }),
    async compare(batch) {
      const rows = await stores.read(standingDays, { urns: urnsOf(batch) }, { work: true });
      const standing = new Map(rows.map(({ urn, days }) => [urn, standingByDay(days)]));
      const compared: Compared = { counts: noCounts(), append: [] };
      for (const { urn, rows: told } of batch) {
        const days = standing.get(urn);
        const seen = new Set<string>();
        for (const { of } of told) {
          if (seen.has(of.date)) {
            compared.counts.same += 1;
            continue;
          }
          seen.add(of.date);
          const before = days?.get(of.date);
          const now = [of.am, of.pm].map((open) => `${Number(open)} ${of.reason}`);
          const same = before !== undefined && sameCells(before, now);
          compared.counts[before === undefined ? 'new' : same ? 'same' : 'changed'] += 1;
          if (same) continue;
          compared.append.push(
            [urn, of.date, 0, of.am, of.reason],
            [urn, of.date, 1, of.pm, of.reason],
          );
        }
      }
      return compared;
    },
    remarks: () => [],
  }),
};

/** By day, what stands of the morning and of the afternoon: `1 reason`. */
function standingByDay(days: readonly string[]): Map<string, string[]> {
  const byDay = new Map<string, string[]>();
  for (const text of days) {
    const date = text.slice(0, 10);
    const sessions = byDay.get(date) ?? [];
    sessions[Number(text[11])] = text.slice(13);
    byDay.set(date, sessions);
  }
  return byDay;
}

const stillThere = '2149-06-06';

export const pupilsKind: RollKind<PupilRow> = {
  receiptKind: 'pupils',
  shape: pupilsShape,
  table: 'enrolments',
  columns: [
    ...['urn', 'pupil', 'entry_date', 'leaving_date', 'year_group', 'sex', 'fsm', 'sen', 'eal'],
    ...['ethnicity', 'born'],
  ],
  read: readPupil,
  begin(stores, options) {
    const session = new PupilsSession(stores, options);
    return {
      settle: (group, told) => session.settle(group, told),
      compare: (batch, told) => session.compare(batch, told),
      remarks: () => session.remarks(),
      keep: (transaction, batches) => session.keep(transaction, batches),
    };
  },
};

const overlap: Fault = {
  kind: 'enrolments-overlap',
  message:
    'The child is on this roll twice on the same days, so that neither row is taken: correct the dates of one.',
};
const anotherChild: Fault = {
  kind: 'upn-of-another-child',
  message:
    'Another row before this one has the same UPN with another date of birth: one of the two UPNs is not this child’s. Correct it.',
};
const erasedFault: Fault = {
  kind: 'erased-record',
  message:
    'This child’s record was erased and does not come back by itself: if the child is on the roll again, import the file with --bring-back-erased.',
};
const restrictedFault: Fault = {
  kind: 'restricted-record',
  message:
    'This child’s record is restricted, so its details stay as they are: its enrolment alone follows the file.',
};

/** So many and so large a part of a school’s roll gone is worth a second look. */
const worthALook = { enrolments: 10, part: 0.1 };

/** Children whose rows wait to be mended; and how many rows do of which nobody can tell whose they are. */
type Waiting = { upns: Set<Upn>; unreadable: number };

function waitingOf(written: readonly string[]): Waiting {
  const upns = written.map((text) => parseUpn(text));
  return {
    upns: new Set(upns.filter((upn) => upn !== undefined)),
    unreadable: upns.filter((upn) => upn === undefined).length,
  };
}

class PupilsSession {
  readonly #stores: Stores;
  readonly #options: ImportOptions;
  /** Of each child that was named so far, when it was born: a UPN is one child’s in all of the files. */
  readonly #born = new Map<Upn, string>();
  readonly #changed = new Set<Urn>();
  readonly #refused = new Set<Upn>();
  readonly #back = new Set<string>();
  readonly #remarks: string[] = [];
  /** Of each school, whose rows are refused and have to be mended; and what of the roll stays as it was for their sake. */
  readonly #waiting = new Map<Urn, Waiting>();
  #strays: Waiting | undefined;
  readonly #kept = new Map<Urn, PupilRow[]>();
  /** Of each school, the entry dates that stand in place of later ones in the file: by UPN and the later date. */
  readonly #earlier = new Map<Urn, ReadonlyMap<string, string>>();
  #secret: Uint8Array | undefined;
  #ended = 0;
  #joined = 0;
  /** Marks that the new dates leave on no roll, and whose they are. */
  #outside = 0;
  readonly #outsiders = new Set<string>();

  constructor(stores: Stores, options: ImportOptions) {
    this.#stores = stores;
    this.#options = options;
  }

  settle({ rows, ...group }: Group<PupilRow>, told: Told): Group<PupilRow> {
    let unreadable = 0;
    const known = rows.filter(({ of, table, row }) => {
      const before = this.#born.get(of.upn);
      if (before === undefined) this.#born.set(of.upn, of.dateOfBirth);
      if (before === undefined || before === of.dateOfBirth) return true;
      told.add(anotherChild, { file: table.found.file, row, column: table.labelOf('upn') });
      unreadable += 1;
      return false;
    });
    const once = settleByKey(
      known,
      ({ upn, entryDate }) => `${upn} ${entryDate}`,
      { fault: twice('child'), column: 'upn' },
      told,
    );
    return this.#noteWaiting({ ...group, rows: withoutOverlaps(once, told) }, rows, unreadable);
  }

  async compare(batch: readonly Group<PupilRow>[], told: Told): Promise<Compared> {
    const urns = urnsOf(batch);
    const [standing, counted] = await Promise.all([
      rollOf(this.#stores.records, urns),
      this.#stores.read(standingRolls, { urns }, { work: true }),
    ]);
    const bySchool = Map.groupBy(standing, ({ urn }) => urn);
    const inWarehouse = new Map(counted.map(({ urn, enrolments }) => [urn, enrolments]));
    let refused = await this.#refuseErased(batch, told);
    const rolls = batch.flatMap((group) => {
      const rows = this.#withoutErased(group);
      const before = bySchool.get(group.urn) ?? [];
      const waiting = this.#thatWait(group.urn, before, rows);
      if (this.#refuseLeavers(group.urn, before, [rows, waiting], told)) {
        refused += rows.length;
        return [];
      }
      return [{ group, told: rows, before, waiting, missing: missingOf(before, rows, waiting) }];
    });
    const marked = await this.#markedDays(rolls.flatMap(({ missing }) => missing));
    const compared: Compared = { counts: noCounts(), append: [], refused };
    const lost: Stretch[] = [];
    for (const { group, told: asTold, before, waiting, missing } of rolls) {
      const [anew, leftOutWhole] = toldAnewOrNot(missing, asTold);
      this.#noteEarlier(group.urn, earlierEntries(anew, marked));
      const rows = this.#thatStand(group.urn, asTold);
      const ended = leftOutWhole.flatMap((row) => untilLastMark(row, marked.get(row)));
      const kept = [...waiting, ...ended];
      this.#ended += endedNow(before, ended);
      if (kept.length > 0) this.#kept.set(group.urn, kept);
      const counts = compareRolls(before, rows, told, kept);
      const enrolments = [...distinct(rows), ...kept];
      const gone = new Set(leftOutWhole);
      lost.push(
        ...stretchesLost(
          before.filter((row) => !gone.has(row)),
          enrolments,
        ),
      );
      for (const name of ['new', 'same', 'changed', 'removed'] as const) {
        compared.counts[name] += counts[name];
      }
      this.#remarkRemoved(group.urn, leftOutWhole.length - ended.length, before.length);
      const differs = counts.new + counts.changed + counts.removed > 0;
      if (!differs && inWarehouse.get(group.urn) === enrolments.length) continue;
      // The registry can have children of a school of which the warehouse was never told.
      if (!differs) compared.counts.changed += 1;
      this.#changed.add(group.urn);
      const secret = (this.#secret ??= await pupilSecretOf(this.#stores.records));
      for (const row of enrolments) compared.append.push(enrolmentCells(row, secret));
    }
    await this.#noteOutside(lost);
    return compared;
  }

  /** Whether so many children are left out that somebody says first that it is meant. */
  #refuseLeavers(
    urn: Urn,
    before: readonly StandingRollRow[],
    [rows, waiting]: [readonly Read<PupilRow>[], readonly PupilRow[]],
    told: Told,
  ): boolean {
    const [first] = rows;
    if (this.#options.leavers || !first || before.length === 0) return false;
    const today = dayInEngland(this.#options.clock());
    const all = [...rows.map(({ of }) => of), ...waiting];
    const left = leftOut(
      before.filter(({ restricted }) => !restricted),
      all,
      today,
    );
    if (!areMany(left)) return false;
    const { table, row } = first;
    told.add(manyLeavers(urn, left), { file: table.found.file, row, column: table.labelOf('upn') });
    return true;
  }

  #noteWaiting(
    group: Group<PupilRow>,
    before: readonly Read<PupilRow>[],
    ofAnother: number,
  ): Group<PupilRow> {
    const good = new Set(group.rows.map(({ of }) => of.upn));
    const own = waitingOf(group.refused.map((cells) => cells['upn'] ?? ''));
    for (const { of } of before) if (!good.has(of.upn)) own.upns.add(of.upn);
    this.#strays ??= waitingOf(group.strays);
    own.unreadable += ofAnother + this.#strays.unreadable;
    this.#waiting.set(group.urn, own);
    return group;
  }

  /**
   * A child is not off the roll because something in its row was mistyped: until that is mended its enrolments stand. Where
   * nobody can tell whose a refused row is, it may be that of any child who is not in the file, and all of theirs stand.
   */
  #thatWait(
    urn: Urn,
    before: readonly StandingRollRow[],
    rows: readonly Read<PupilRow>[],
  ): PupilRow[] {
    const { upns, unreadable } = this.#waiting.get(urn) ?? waitingOf([]);
    const told = new Set(rows.map(({ of }) => of.upn));
    const missing = before.filter(({ upn }) => !told.has(upn));
    // A restricted record stays on the roll whatever the file says.
    const byName = missing.filter(
      ({ upn, restricted }) => restricted || upns.has(upn) || this.#strays?.upns.has(upn),
    );
    if (unreadable === 0 || byName.length === missing.length) return byName.map(pupilRow);
    this.#remarkHeld(urn, unreadable, missing, byName);
    return missing.map(pupilRow);
  }

  #remarkHeld(
    urn: Urn,
    unreadable: number,
    missing: readonly StandingRollRow[],
    byName: readonly StandingRollRow[],
  ): void {
    const held = new Set(missing.map(({ upn }) => upn)).difference(
      new Set(byName.map(({ upn }) => upn)),
    ).size;
    const [are, stay] = held === 1 ? ['child is', 'stays'] : ['children are', 'stay'];
    const rows = unreadable === 1 ? 'a row does' : `${unreadable.toLocaleString('en-GB')} rows do`;
    this.#remarks.push(
      `School ${urn}: ${held.toLocaleString('en-GB')} ${are} on its roll and not in the file, and ${stay} on it for now: ${rows} not say whose ${unreadable === 1 ? 'it is' : 'they are'} by a UPN that can be read, and may be ${held === 1 ? 'that child’s' : 'theirs'}. Mend ${unreadable === 1 ? 'it' : 'them'}, and send the roll again.`,
    );
  }

  async #noteOutside(lost: readonly Stretch[]): Promise<void> {
    for (const [{ upn }, { marks }] of await this.#markedDays(lost)) {
      this.#outside += marks;
      this.#outsiders.add(upn);
    }
  }

  /** Of some stretches on a roll, how many marks there are, and on which days the first and the last is; none of those without one. */
  async #markedDays<Row extends Stretch>(missing: readonly Row[]): Promise<Map<Row, Marked>> {
    if (missing.length === 0) return new Map();
    const secret = (this.#secret ??= await pupilSecretOf(this.#stores.records));
    const found = await this.#stores.read(
      markedDaysOfEnrolments,
      {
        urns: missing.map(({ urn }) => urn),
        pupils: missing.map(({ upn }) => String(pupilKey(upn, secret))),
        entries: missing.map(({ entry_date }) => entry_date),
        leavings: missing.map(({ leaving_date }) => leaving_date ?? stillThere),
      },
      { work: true },
    );
    return new Map(found.map(({ enrolment, ...days }) => [missing[enrolment - 1] as Row, days]));
  }

  #noteEarlier(urn: Urn, earlier: ReadonlyMap<string, string>): void {
    if (earlier.size === 0) return;
    this.#earlier.set(urn, earlier);
    this.#joined += earlier.size;
  }

  /** The rows of a file with the entry dates that stand. */
  #thatStand(urn: Urn, rows: Read<PupilRow>[]): Read<PupilRow>[] {
    const earlier = this.#earlier.get(urn);
    if (!earlier) return rows;
    return rows.map((row) => {
      const entryDate = earlier.get(keyOf(row.of));
      return entryDate === undefined ? row : { ...row, of: { ...row.of, entryDate } };
    });
  }

  remarks(): string[] {
    const more = this.#remarks.length - 20;
    const first = this.#remarks.slice(0, 20);
    const schools = more > 0 ? [...first, `… and ${more} more schools.`] : first;
    return [
      ...endedInWords(this.#ended),
      ...joinedInWords(this.#joined),
      ...outsideInWords(this.#outside, this.#outsiders.size),
      ...schools,
    ];
  }

  async keep(
    transaction: Parameters<typeof putRoll>[0],
    batches: () => AsyncIterable<readonly Group<PupilRow>[]>,
  ): Promise<void> {
    this.#born.clear();
    const at = this.#options.clock();
    for await (const batch of batches()) {
      const changed = batch.filter(({ urn }) => this.#changed.has(urn));
      if (changed.length === 0) continue;
      const rows = changed.flatMap((group) => [
        ...distinct(this.#thatStand(group.urn, this.#withoutErased(group))).map(rollRow),
        ...(this.#kept.get(group.urn) ?? []).map(rollRow),
      ]);
      await putRoll(transaction, urnsOf(changed), rows, at);
    }
    await noLongerErased(transaction, [...this.#back]);
  }

  async #refuseErased(batch: readonly Group<PupilRow>[], told: Told): Promise<number> {
    const secret = (this.#secret ??= await pupilSecretOf(this.#stores.records));
    const rows = batch.flatMap((group) => group.rows);
    const keyed = rows.map((row) => ({ ...row, key: String(pupilKey(row.of.upn, secret)) }));
    const erased = await erasedAmong(
      this.#stores.records,
      keyed.map(({ key }) => key),
    );
    let refused = 0;
    if (erased.size === 0) return refused;
    for (const { of, table, row, key } of keyed) {
      if (!erased.has(key)) continue;
      if (this.#options.bringBackErased) this.#back.add(key);
      else {
        refused += 1;
        this.#refused.add(of.upn);
        told.add(erasedFault, { file: table.found.file, row, column: table.labelOf('upn') });
      }
    }
    return refused;
  }

  #withoutErased({ rows }: Group<PupilRow>): Read<PupilRow>[] {
    return this.#refused.size === 0 ? rows : rows.filter(({ of }) => !this.#refused.has(of.upn));
  }

  #remarkRemoved(urn: Urn, gone: number, before: number): void {
    if (gone <= worthALook.enrolments || gone <= worthALook.part * before) return;
    this.#remarks.push(
      `School ${urn}: ${gone} of ${before} enrolments on its roll are neither in the file nor have a mark, and go: a file says all of a school’s roll.`,
    );
  }
}

function endedInWords(ended: number): string[] {
  if (ended === 0) return [];
  const [are, have] = ended === 1 ? ['enrolment is', 'has'] : ['enrolments are', 'have'];
  return [
    `${ended.toLocaleString('en-GB')} ${are} not in the file but ${have} marks: left on the roll until the last of them.`,
  ];
}

function joinedInWords(joined: number): string[] {
  if (joined === 0) return [];
  const [have, it] =
    joined === 1 ? ['enrolment has', 'it begins'] : ['enrolments have', 'they begin'];
  return [
    `${joined.toLocaleString('en-GB')} ${have} marks from before the entry date in the file: ${it} on the earlier date, as before, so that those marks still count.`,
  ];
}

function outsideInWords(marks: number, children: number): string[] {
  if (marks === 0) return [];
  const [are, count] = marks === 1 ? ['mark', 'counts'] : ['marks', 'count'];
  const of = children === 1 ? 'child' : 'children';
  return [
    `${marks.toLocaleString('en-GB')} ${are} of ${children.toLocaleString('en-GB')} ${of} ${count} nowhere with this file: by its dates the ${of} ${children === 1 ? 'was' : 'were'} not on the roll on those days, and ${children === 1 ? 'was' : 'were'} until now. If these dates are wrong, correct them and send the roll again.`,
  ];
}

/** Enrolments that stand and that a file neither has nor waits for. */
function missingOf(
  before: readonly StandingRollRow[],
  rows: readonly Read<PupilRow>[],
  waiting: readonly PupilRow[],
): StandingRollRow[] {
  const told = new Set(rows.map(({ of }) => keyOf(of)));
  const waits = new Set(waiting.map(keyOf));
  return before.filter((row) => {
    const key = `${row.upn} ${row.entry_date}`;
    return !told.has(key) && !waits.has(key);
  });
}

/** Days on which a child is on a roll, the first and the last among them; null where there is no last. */
type Stretch = Pick<StandingRollRow, 'urn' | 'upn' | 'entry_date' | 'leaving_date'>;
type Marked = { first: string; last: string; marks: number };
type MarkedDays = ReadonlyMap<StandingRollRow, Marked>;
type ToldAnew = { row: StandingRollRow; by: PupilRow };

/** Of some of them the file has the child at that time after all, with other dates: told by the first row that has it. */
function toldAnewOrNot(
  missing: readonly StandingRollRow[],
  rows: readonly Read<PupilRow>[],
): [anew: ToldAnew[], not: StandingRollRow[]] {
  const named = new Set(missing.map(({ upn }) => upn));
  const ofChildren = Map.groupBy(
    rows.filter(({ of }) => named.has(of.upn)),
    ({ of }) => of.upn,
  );
  const anew: ToldAnew[] = [];
  const not: StandingRollRow[] = [];
  for (const row of missing) {
    const [by] = (ofChildren.get(row.upn as Upn) ?? [])
      .map(({ of }) => of)
      .filter((of) => isAtOneTime(pupilRow(row), of))
      .toSorted((one, other) => (one.entryDate < other.entryDate ? -1 : 1));
    if (by) anew.push({ row, by });
    else not.push(row);
  }
  return [anew, not];
}

/**
 * A file that has an enrolment begin later than before does not take marks out of it: the earlier entry date stands, where
 * there is a mark before the later one.
 */
function earlierEntries(anew: readonly ToldAnew[], marked: MarkedDays): Map<string, string> {
  const held = anew
    .filter(({ row, by }) => (marked.get(row)?.first ?? stillThere) < by.entryDate)
    .toSorted((one, other) => (one.row.entry_date > other.row.entry_date ? -1 : 1));
  return new Map(held.map(({ row, by }) => [keyOf(by), row.entry_date]));
}

/**
 * An enrolment that a file leaves out and that has marks stays, without a leaving date until the last of them: a roll in
 * September without those who left in July takes nothing out of last year’s figures.
 */
function untilLastMark(row: StandingRollRow, days: { last: string } | undefined): PupilRow[] {
  if (!days) return [];
  const was = pupilRow(row);
  return [{ ...was, leavingDate: was.leavingDate ?? days.last }];
}

/** What is left of each child’s days on a roll when the days that a new one has are taken out. */
function stretchesLost(before: readonly StandingRollRow[], now: readonly PupilRow[]): Stretch[] {
  const ofChildren = Map.groupBy(now, ({ upn }) => upn as string);
  return before.flatMap(({ urn, upn, entry_date, leaving_date }) => {
    let left: Stretch[] = [{ urn, upn, entry_date, leaving_date }];
    for (const row of ofChildren.get(upn) ?? []) left = left.flatMap((each) => without(each, row));
    return left;
  });
}

function without(stretch: Stretch, { entryDate, leavingDate }: PupilRow): Stretch[] {
  const { entry_date, leaving_date } = stretch;
  const last = leaving_date ?? stillThere;
  if (entryDate > last || (leavingDate ?? stillThere) < entry_date) return [stretch];
  return [
    ...(entry_date < entryDate ? [{ ...stretch, leaving_date: daysAfter(entryDate, -1) }] : []),
    ...(leavingDate !== null && leavingDate < last
      ? [{ ...stretch, entry_date: daysAfter(leavingDate, 1) }]
      : []),
  ];
}

/** How many of these end now, and did not before. */
function endedNow(before: readonly StandingRollRow[], ended: readonly PupilRow[]): number {
  const stood = new Map(before.map((row) => [`${row.upn} ${row.entry_date}`, row.leaving_date]));
  return ended.filter((row) => stood.get(keyOf(row)) !== row.leavingDate).length;
}

/** Whether two enrolments of a child have a day in common. */
function isAtOneTime(one: PupilRow, other: PupilRow): boolean {
  return (
    other.entryDate <= (one.leavingDate ?? stillThere) &&
    one.entryDate <= (other.leavingDate ?? stillThere)
  );
}

const keyOf = ({ upn, entryDate }: PupilRow) => `${upn} ${entryDate}`;

/** One row for each enrolment. */
function distinct(rows: readonly Read<PupilRow>[]): PupilRow[] {
  return [...new Map(rows.map(({ of }) => [keyOf(of), of])).values()];
}

function withoutOverlaps(rows: Read<PupilRow>[], told: Told): Read<PupilRow>[] {
  const wrong = new Set<Read<PupilRow>>();
  for (const ofChild of Map.groupBy(rows, ({ of }) => of.upn).values()) {
    if (ofChild.length < 2) continue;
    const inTime = ofChild.toSorted((a, b) => (a.of.entryDate < b.of.entryDate ? -1 : 1));
    for (const [at, next] of inTime.entries()) {
      const before = inTime[at - 1];
      if (!before || before.of.entryDate === next.of.entryDate) continue;
      if (before.of.leavingDate !== null && before.of.leavingDate < next.of.entryDate) continue;
      wrong.add(before).add(next);
    }
  }
  for (const { table, row } of wrong) {
    told.add(overlap, { file: table.found.file, row, column: table.labelOf('entry_date') });
  }
  return wrong.size === 0 ? rows : rows.filter((row) => !wrong.has(row));
}

function compareRolls(
  before: readonly StandingRollRow[],
  rows: readonly Read<PupilRow>[],
  told: Told,
  kept: readonly PupilRow[],
) {
  const counts = noCounts();
  const standing = new Map(before.map((row) => [`${row.upn} ${row.entry_date}`, row]));
  const seen = new Set<string>();
  for (const { of, table, row } of rows) {
    const key = keyOf(of);
    const was = standing.get(key);
    const isAgain = seen.has(key);
    seen.add(key);
    if (was?.restricted) {
      const at = { file: table.found.file, row, column: table.labelOf('upn') };
      told.add(restrictedFault, at, { refused: false });
    }
    counts[isAgain ? 'same' : was === undefined ? 'new' : isSame(was, of) ? 'same' : 'changed']++;
  }
  const stays = new Map(kept.map((row) => [keyOf(row), row]));
  for (const row of before) {
    const key = `${row.upn} ${row.entry_date}`;
    const kept = stays.get(key);
    if (row.restricted || seen.has(key)) continue;
    if (!kept) counts.removed += 1;
    else if (kept.leavingDate !== row.leaving_date) counts.changed += 1;
  }
  return counts;
}

function isSame(was: StandingRollRow, of: PupilRow): boolean {
  const now = rollRow(of);
  const enrolment =
    was.year_group === now.year_group &&
    was.leaving_date === now.leaving_date &&
    (now.class_name === null || was.class_name === now.class_name);
  if (was.restricted) return enrolment;
  const details = [
    ...(['surname', 'forename', 'date_of_birth', 'sex', 'fsm', 'sen', 'eal'] as const),
    'ethnicity' as const,
  ];
  return enrolment && details.every((name) => was[name] === now[name]);
}

function rollRow(of: PupilRow): RollRow {
  return {
    ...{ urn: of.urn, upn: of.upn, surname: of.surname, forename: of.forename },
    ...{ date_of_birth: of.dateOfBirth, sex: of.sex, year_group: of.yearGroup },
    ...{ class_name: of.className, fsm: of.fsm, sen: of.sen, eal: of.eal },
    ...{ ethnicity: of.ethnicity, entry_date: of.entryDate, leaving_date: of.leavingDate },
  };
}

function pupilRow(row: StandingRollRow): PupilRow {
  return {
    ...{ urn: row.urn, upn: row.upn, surname: row.surname, forename: row.forename },
    ...{ dateOfBirth: row.date_of_birth, sex: row.sex, yearGroup: row.year_group },
    ...{ className: row.class_name, fsm: row.fsm, sen: row.sen, eal: row.eal },
    ...{ ethnicity: row.ethnicity, entryDate: row.entry_date, leavingDate: row.leaving_date },
  };
}

/** Without a name, and born on the first of the month: what figures need, and no more. */
function enrolmentCells(of: PupilRow, secret: Uint8Array): Cell[] {
  return [
    ...[of.urn, String(pupilKey(of.upn, secret)), of.entryDate, of.leavingDate ?? stillThere],
    ...[yearGroupNumber(of.yearGroup), of.sex ?? '', of.fsm, of.sen ?? '', of.eal],
    ...[of.ethnicity ?? '', `${of.dateOfBirth.slice(0, 7)}-01`],
  ];
}
