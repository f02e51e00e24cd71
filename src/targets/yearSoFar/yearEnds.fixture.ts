import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { SchoolType } from '../../base/schoolType.ts';
import { type Beforehand, projectYearEnd } from './projection.ts';
import type { Passed } from './ownYear.ts';
import type { Season, WeekSums } from './season.ts';

/*
 * How well a year’s end can be told in the middle of it, against years that are over: for docs/year-so-far.md and its test.
 */

/** The weeks up to one of a school that is on its way to a whole year’s percentage, with as many sessions in each as the season. */
export function weeksOnPath(season: Season, percent: number, until: number): WeekSums[] {
  return season.weeks
    .map(({ sessions, level }, week) => {
      const possible = 400_000 * sessions;
      return { week, possible, absent: (possible * level * percent) / 100 };
    })
    .filter(({ week, possible }) => week <= until && possible > 0);
}

/** One school, or authority, at one time of a year that is over; percentages 0–100. */
export type Moment = {
  schoolType: SchoolType;
  /** What is compared: `week 11`, `published on 21 November`. */
  when: string;
  soFarPercent: number;
  enrolments: number;
  passed: Passed;
  beforehand: Beforehand;
  endPercent: number;
};

export type Judged = {
  schoolType: SchoolType;
  when: string;
  share: number;
  count: number;
  /** Mean absolute errors, points: the year so far as it stands; with the season taken out; last year’s figure; ours. */
  asItStands: number;
  withoutSeason: number;
  beforehand: number;
  ours: number;
  /** Mean error of the first and of ours, points: less than nothing is too low. */
  biasAsItStands: number;
  bias: number;
  /** Share of ends inside our interval of 8 in 10. */
  inside80: number;
};

export function judge(moments: readonly Moment[]): Judged[] {
  const groups = Map.groupBy(moments, ({ schoolType, when }) => `${schoolType}/${when}`);
  return [...groups.values()].map((group): Judged => {
    const { schoolType, when } = group[0] as Moment;
    const told = group.map((moment) => {
      const { soFarPercent: percent, enrolments, passed, beforehand } = moment;
      const end = projectYearEnd(moment.schoolType, { percent, enrolments, passed }, beforehand);
      if (!end) throw new Error('nothing was missed');
      return { ...moment, end };
    });
    const mean = (of: (each: (typeof told)[number]) => number) =>
      told.reduce((sum, each) => sum + of(each), 0) / told.length;
    const error = (of: (each: (typeof told)[number]) => number) =>
      mean((each) => Math.abs(of(each) - each.endPercent));
    return {
      ...{ schoolType, when, count: told.length, share: mean(({ passed }) => passed.share) },
      asItStands: error((each) => each.soFarPercent),
      withoutSeason: error(({ end }) => end.withoutSeasonPercent),
      beforehand: error((each) => each.beforehand.percent),
      ours: error(({ end }) => end.centralPercent),
      biasAsItStands: mean((each) => each.soFarPercent - each.endPercent),
      bias: mean(({ end, endPercent }) => end.centralPercent - endPercent),
      inside80: mean(({ end, endPercent }) =>
        endPercent >= end.lower80Percent && endPercent <= end.upper80Percent ? 1 : 0,
      ),
    };
  });
}

type Snapshot = { day: string; possible: number; absent: number; enrolments: number };
type Series = { year: number; level: string; area: string; phase: string; snapshots: Snapshot[] };

const types: Readonly<Record<string, SchoolType>> = {
  Primary: 'State-funded primary',
  Secondary: 'State-funded secondary',
  Special: 'Special',
};

/** How far a year’s figure of an authority is taken to be from the last one’s, 8 years in 10: a tenth of it. */
const usualChange = 0.1;

/**
 * Every authority and phase in the department’s feed of 2024/25, at each day of publication. The season is that of England in
 * 2023/24 and what is known beforehand the authority’s own figure of 2023/24: nothing of the year judged is looked at. `files`
 * are those of the feed.
 */
export function feedMoments(files: readonly string[]): Moment[] {
  const all = [...feedSeries(files).values()];
  const find = (year: number, level: string, area: string, phase: string) =>
    all.find(
      (each) =>
        each.year === year && each.level === level && each.area === area && each.phase === phase,
    );
  return all
    .filter(({ year, level }) => year === 202425 && level === 'Local authority')
    .flatMap(({ area, phase, snapshots }): Moment[] => {
      const schoolType = types[phase];
      const last = find(202324, 'Local authority', area, phase);
      const england = find(202324, 'National', '', phase);
      const end = snapshots.at(-1);
      const lastEnd = last?.snapshots.at(-1);
      if (!schoolType || !england || !end || !lastEnd) return [];
      const percent = percentOf(lastEnd);
      return snapshots.slice(0, -1).flatMap((now): Moment[] => {
        const passed = passedIn(england.snapshots, dayBefore(now.day));
        if (!passed || now.absent === 0) return [];
        return [
          {
            ...{ schoolType, when: now.day, soFarPercent: percentOf(now), passed },
            enrolments: now.enrolments,
            beforehand: {
              percent,
              lower80Percent: percent * (1 - usualChange),
              upper80Percent: percent * (1 + usualChange),
            },
            endPercent: percentOf(end),
          },
        ];
      });
    });
}

const percentOf = ({ possible, absent }: Snapshot) => (100 * absent) / possible;

/** The same weekday a year before. */
function dayBefore(day: string): number {
  return Date.parse(day) / 86_400_000 - 364;
}

/** Where England stood on a day of a year that is over, between two days of publication. */
function passedIn(snapshots: readonly Snapshot[], day: number): Passed | undefined {
  const end = snapshots.at(-1) as Snapshot;
  const points = snapshots.map((each) => ({
    day: Date.parse(each.day) / 86_400_000,
    share: each.possible / end.possible,
    ratio: percentOf(each) / percentOf(end),
  }));
  const after = points.findIndex((point) => point.day >= day);
  const [before, next] = [points[after - 1], points[after]];
  if (!before || !next) return undefined;
  const part = (day - before.day) / (next.day - before.day);
  const between = (a: number, b: number) => a + part * (b - a);
  return {
    share: between(before.share, next.share),
    ratio: between(before.ratio, next.ratio),
  };
}

function feedSeries(files: readonly string[]): Map<string, Series> {
  const found = new Map<string, Series>();
  const wanted = files.filter((path) => path.slice(-17) > '2023-09');
  for (const path of wanted) {
    const day = /(\d{4}-\d\d-\d\d)\.csv/.exec(path)?.[1] ?? '';
    const [header = '', ...lines] = gunzipSync(readFileSync(path)).toString().trim().split(/\r?\n/);
    const names = cellsOf(header.replace(/^\uFEFF/, ''));
    const at = (name: string) => names.indexOf(name);
    const phaseAt = Math.max(at('school_type'), at('education_phase'));
    for (const line of lines) {
      const cells = cellsOf(line);
      const text = (name: string) => cells[at(name)] ?? '';
      const [possible, absent] = ['possible_sessions', 'overall_absence'].map((name) =>
        Number(text(name)),
      );
      if (!possible || !Number.isFinite(absent)) continue;
      const [year, level] = [Number(text('time_period')), text('geographic_level')];
      const area = level === 'Local authority' ? text('new_la_code') : '';
      if (level !== 'Local authority' && level !== 'National') continue;
      const phase = cells[phaseAt] ?? '';
      const key = `${year}/${level}/${area}/${phase}`;
      const series = found.get(key) ?? { year, level, area, phase, snapshots: [] };
      found.set(key, series);
      const enrolments = Number(text('enrolments')) || 1000;
      series.snapshots.push({ day, possible, absent: absent as number, enrolments });
    }
  }
  return found;
}

/** Names of authorities have commas in them, and nothing has a quotation mark. */
function cellsOf(line: string): string[] {
  return [...line.matchAll(/(?:"([^"]*)"|([^,]*))(?:,|$)/g)].map(
    ([, quoted, plain]) => quoted ?? plain ?? '',
  );
}
