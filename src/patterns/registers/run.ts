import { schoolsWithRegisters } from '../../absence/index.ts';
import { type Clock, dayInEngland } from '../../base/clock.ts';
import { type Day, daysAfter } from '../../base/day.ts';
import { alertsTold, findPatternRun, keepPatterns } from '../../records/index.ts';
import type { Directories } from '../../schools/index.ts';
import type { Stores } from '../../stores/index.ts';
import { type Alert, alertOfRow, rowOfAlert } from './alert.ts';
import { type PlacedSchool, type RegisterDays, registerDaysOn } from './days.ts';
import { joinSeen, notToldBefore } from './join.ts';
import type { LookOptions } from './look.ts';
import { lookInThread } from './thread.ts';

/**
 * From when on registers are looked at: the last turn of a half-year that is a year ago, or up to 19 months. It moves in
 * the holidays alone: what was not out of the ordinary on its day is not told later because the days before it are others.
 * So what happened before the last turn is not told after it.
 */
export function lookedAtFrom(on: Day): Day {
  const year = Number(on.slice(0, 4));
  const turns = [`${year}-12-25`, `${year}-08-01`, `${year - 1}-12-25`];
  const turn = turns.find((day) => day <= on) as Day;
  return `${Number(turn.slice(0, 4)) - 1}${turn.slice(4)}`;
}

/** What happened longer ago than so many school days is not told any more. */
const stillTold = 10;

export type RunParts = { stores: Stores; directories: Directories; clock: Clock };
export type RunOptions = Partial<LookOptions> & { on?: Day | undefined; signal?: AbortSignal };

export type Ran = {
  on: Day;
  /** The last day of which anything came; null where no register ever did. */
  lastDay: Day | null;
  schools: number;
  series: number;
  told: Alert[];
};

/**
 * Looks at what has come of every school’s registers by the end of a day, and keeps what is new of it. What was told once
 * is not told again.
 */
export async function runPatterns(parts: RunParts, options: RunOptions = {}): Promise<Ran> {
  const { stores, clock } = parts;
  const over = lastDayOver(clock);
  const on = options.on ?? over;
  const from = lookedAtFrom(on);
  const schools = await placedSchools(parts);
  const { signal } = options;
  const days = await registerDaysOn(stores, {
    ...{ schools, from, on, signal },
    isNow: on >= over,
  });
  const lastDay = lastDayOf(days);
  const series = days.schools.length * days.groups.size;
  if (lastDay === null) return { on, lastDay, schools: 0, series, told: [] };
  const { alarmsAYear = 1, falseShare } = options;
  const seen = await lookInThread(days, { alarmsAYear, falseShare }, signal);
  const recent = days.days.filter((day) => day <= on).at(-stillTold) ?? lastDay;
  const before = await alertsTold(stores.records, { since: from });
  const told = notToldBefore(
    joinSeen(seen, days.days).filter(
      ({ happenedOn }) => happenedOn >= recent && lookedAtFrom(happenedOn) === from,
    ),
    before.map(alertOfRow),
    days.days,
  );
  const at = clock();
  await keepPatterns(
    stores.records,
    {
      ...{ on_day: on, last_day: lastDay, schools: days.schools.length, series },
      ...{ alarms_a_year: alarmsAYear, at },
    },
    told.map((alert) => rowOfAlert(alert, on, at)),
  );
  return { on, lastDay, schools: days.schools.length, series, told };
}

/** Yesterday: while a day lasts, most registers of it have not come, and nothing is wrong with that. */
export function lastDayOver(clock: Clock): Day {
  return daysAfter(dayInEngland(clock()), -1);
}

async function placedSchools({ stores, directories }: RunParts): Promise<PlacedSchool[]> {
  const directory = await directories();
  return (await schoolsWithRegisters(stores)).map((urn) => {
    const school = directory.find(urn);
    const { laCode = '', easting = null, northing = null } = school ?? {};
    return { urn, laCode, easting, northing };
  });
}

function lastDayOf({ days, schools, groups }: RegisterDays): Day | null {
  const all = groups.get('');
  const last = days.findLastIndex((_, day) =>
    schools.some((__, school) => (all?.possible[school * days.length + day] ?? 0) > 0),
  );
  return days[last] ?? null;
}

type Behind = { work: Promise<void>; stop: AbortController };
const running = new WeakMap<Stores, Behind>();

/**
 * After registers came: looks at them behind, at most once a day, and never while somebody waits for it. What goes wrong
 * is told as a warning of the process; the next registers or the verb do it again.
 */
export function runBehind(parts: RunParts): void {
  const { stores } = parts;
  if (running.has(stores)) return;
  const stop = new AbortController();
  const work = lookOnce(parts, stop.signal)
    .catch((error: unknown) => {
      if (stop.signal.aborted) return;
      const why = error instanceof Error ? error.message : String(error);
      process.emitWarning(
        `Patterns were not looked for: the next registers, or “patterns run”, do it. ${why}`,
        { code: 'ROLLCALL_PATTERNS_BEHIND' },
      );
    })
    .finally(() => running.delete(stores));
  running.set(stores, { work, stop });
}

async function lookOnce(parts: RunParts, signal: AbortSignal): Promise<void> {
  const over = lastDayOver(parts.clock);
  const before = await findPatternRun(parts.stores.records, over);
  if (before?.on_day !== over) await runPatterns(parts, { signal });
}

/** Ends what runs behind: before stores are closed under it. */
export async function endBehind(stores: Stores): Promise<void> {
  const behind = running.get(stores);
  behind?.stop.abort();
  await behind?.work;
}
