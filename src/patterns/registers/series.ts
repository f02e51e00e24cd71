import { medianOf } from '../../stats/robust.ts';
import type { DailySeries } from '../model/series.ts';
import type { RegisterDays, Sessions } from './days.ts';
import type { GroupKey } from './families.ts';

/** Where fewer than this share of the usual sessions have a mark, the register has not come yet. */
const cameShare = 0.4;
/** Of fewer pupils no group is looked at, and of a smaller school no single day. */
export const fewestPupils = 10;

/** One group’s days of the schools that have enough such pupils, as the model looks at them. `schools`: which rows they are. */
export function seriesOfGroup(
  days: RegisterDays,
  group: GroupKey,
  { least = 0 }: { least?: number } = {},
): { series: DailySeries; schools: number[] } {
  const sessions = days.groups.get(group);
  const width = days.days.length;
  const usual = days.schools.map((_, school) =>
    sessions ? usualPossible(sessions, school, width) : 0,
  );
  const schools = usual.flatMap((possible, school) =>
    possible > 0 && possible >= 2 * least ? [school] : [],
  );
  const size = schools.length * width;
  const absencePercent = new Float64Array(size).fill(Number.NaN);
  const possible = new Float64Array(size).fill(Number.NaN);
  const due = new Uint8Array(size);
  schools.forEach((school, row) => {
    for (let day = 0; day < width; day++) {
      const [from, to] = [school * width + day, row * width + day];
      const sessionsPossible = sessions?.possible[from] ?? 0;
      // Both say 1 for open, 2 for closed and 0 where nobody says.
      due[to] = days.open[from] as number;
      if (sessionsPossible === 0 || sessionsPossible < cameShare * (usual[school] as number))
        continue;
      possible[to] = sessionsPossible;
      absencePercent[to] = (100 * (sessions?.absent[from] ?? 0)) / sessionsPossible;
    }
  });
  return {
    series: {
      names: schools.map((school) => ({
        school: String(days.schools[school]?.urn),
        area: days.schools[school]?.laCode ?? '',
        group,
      })),
      ...{ days: days.days, absencePercent, possible, due },
    },
    schools,
  };
}

/** Sessions of a usual day of a school: the median of those with any. */
export function usualPossible({ possible }: Sessions, school: number, width: number): number {
  const came = [...possible.subarray(school * width, (school + 1) * width)].filter(
    (each) => each > 0,
  );
  return medianOf(came) ?? 0;
}
