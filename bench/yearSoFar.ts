import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AcademicYear } from '../src/base/academicYear.ts';
import type { SchoolType } from '../src/base/schoolType.ts';
import { weekOf } from '../src/base/weekOfYear.ts';
import { makeEngland } from '../src/demo/madeUpEngland.ts';
import { eventsAsked } from '../src/demo/registers/events.ts';
import { registerWeeks } from '../src/demo/registers/registers.sql.ts';
import { parametersOf, tellRolls } from '../src/demo/registers/told.ts';
import { registerYear } from '../src/demo/registers/year.ts';
import { ownYear } from '../src/targets/yearSoFar/ownYear.ts';
import { findSeason, type WeekSums } from '../src/targets/yearSoFar/season.ts';
import {
  feedMoments,
  judge,
  type Judged,
  type Moment,
} from '../src/targets/yearSoFar/yearEnds.fixture.ts';
import { realFiles, withoutRealData } from '../src/testing/realData.ts';
import { connectWarehouse } from '../src/warehouse/index.ts';

/*
 * `node bench/yearSoFar.ts`: how well the year’s end is told in the middle of it, on made-up registers of a year that the
 * season was not found from, and on the department’s feed where that lies beside the project. Writes docs/year-so-far.md.
 */
const schools = 240;
const seasonYear: AcademicYear = 202425;
const judgedYear: AcademicYear = 202526;
const weeksJudged = [3, 7, 11, 15, 20, 27, 35, 42];
/** How wide a forecast of a school usually is, 8 years in 10, as a share of it. */
const forecastReach = 0.14;

const page = fileURLToPath(new URL('../docs/year-so-far.md', import.meta.url));
const text = await readFile(page, 'utf8');
const made = table(judge(await madeUpMoments()), 'week');
const feed = withoutRealData
  ? undefined
  : table(judge(firstOfMonths(feedMoments(realFiles('dfe-attendance-feed/ytd')))), 'published on');
const written = [
  ['made-up', made],
  ['feed', feed],
].reduce(
  (all, [name, rows]) =>
    rows === undefined
      ? all
      : (all ?? '').replace(new RegExp(`(<!-- ${name} -->)[^]*?(<!-- end -->)`), `$1\n${rows}\n$2`),
  text as string | undefined,
);
await writeFile(page, written ?? text);

/** The feed is published every fortnight: one day of each month is enough to read. */
function firstOfMonths(moments: readonly Moment[]): Moment[] {
  const days = [...new Set(moments.map(({ when }) => when))].sort();
  const kept = new Set(days.filter((day, at) => day.slice(0, 7) !== days[at - 1]?.slice(0, 7)));
  return moments.filter(({ when }) => kept.has(when));
}

function table(rows: readonly Judged[], what: string): string {
  const number = (value: number) => value.toFixed(2);
  return [
    `| | ${what} | of the year | cases | as it stands | season taken out | last year | ours | bias as it stands | bias of ours | inside 80 % |`,
    '|---|---|---|---|---|---|---|---|---|---|---|',
    ...rows.map(
      (row) =>
        `| ${row.schoolType} | ${row.when} | ${Math.round(100 * row.share)} % | ${row.count} | ${[row.asItStands, row.withoutSeason, row.beforehand, row.ours, row.biasAsItStands, row.bias].map(number).join(' | ')} | ${Math.round(100 * row.inside80)} % |`,
    ),
  ].join('\n');
}

type SchoolWeeks = { enrolments: number; weeks: WeekSums[] };

async function madeUpMoments(): Promise<Moment[]> {
  const england = makeEngland({ schools: 450, seed: 'year so far' });
  const typeOf = new Map(england.schools.map(({ urn, schoolType }) => [urn, schoolType]));
  const [before, judged] = await weeksOf([seasonYear, judgedYear]);
  const seasons = new Map(
    [...new Set(typeOf.values())].map((schoolType) => {
      const ofType = [...(before ?? [])].filter(([urn]) => typeOf.get(urn) === schoolType);
      const sums = Map.groupBy(
        ofType.flatMap(([, { weeks }]) => weeks),
        ({ week }) => week,
      );
      const pooled = [...sums].map(([week, each]) => ({ week, ...sumOf(each) }));
      return [schoolType, findSeason(pooled, { schools: ofType.length, year: seasonYear })];
    }),
  );
  return weeksJudged.flatMap((week) =>
    [...(judged ?? [])].flatMap(([urn, school]): Moment[] => {
      const schoolType = typeOf.get(urn) as SchoolType;
      const season = seasons.get(schoolType);
      const last = before?.get(urn);
      const weeks = school.weeks.filter((each) => each.week <= week);
      const soFar = sumOf(weeks);
      const passed = season && ownYear(season, weeks)?.passed;
      if (!passed || !last || soFar.absent === 0) return [];
      const percent = percentOf(sumOf(last.weeks));
      return [
        {
          ...{ schoolType, when: String(week), soFarPercent: percentOf(soFar) },
          ...{ enrolments: school.enrolments, passed },
          beforehand: {
            percent,
            lower80Percent: percent * (1 - forecastReach),
            upper80Percent: percent * (1 + forecastReach),
          },
          endPercent: percentOf(sumOf(school.weeks)),
        },
      ];
    }),
  );

  async function weeksOf(years: readonly AcademicYear[]): Promise<Map<number, SchoolWeeks>[]> {
    const folder = await mkdtemp(join(tmpdir(), 'rollcall-year-'));
    const kind = { kind: 'embedded', folder } as const;
    const warehouse = connectWarehouse(kind, { maxExecutionSeconds: 600 });
    try {
      const found: Map<number, SchoolWeeks>[] = [];
      for (const year of years) {
        const of = registerYear(england, { year, events: eventsAsked([], []) ?? new Map() });
        await tellRolls(warehouse, of, of.schools.slice(0, schools));
        const rows = await warehouse.query(registerWeeks, parametersOf(of));
        found.push(
          new Map(
            [...Map.groupBy(rows, ({ urn }) => urn)].map(([urn, ofSchool]) => [
              urn,
              {
                enrolments: Math.max(...ofSchool.map(({ enrolments }) => enrolments)),
                weeks: ofSchool.map((row) => ({ ...row, week: weekOf(row.monday, year) })),
              },
            ]),
          ),
        );
      }
      return found;
    } finally {
      await warehouse.close();
      await rm(folder, { recursive: true, force: true });
    }
  }
}

function sumOf(weeks: readonly Pick<WeekSums, 'possible' | 'absent'>[]) {
  return {
    possible: weeks.reduce((sum, each) => sum + each.possible, 0),
    absent: weeks.reduce((sum, each) => sum + each.absent, 0),
  };
}

function percentOf({ possible, absent }: { possible: number; absent: number }): number {
  return (100 * absent) / possible;
}
