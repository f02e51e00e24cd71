import { type Day, isWeekday } from '../base/day.ts';
import { daysAfter } from '../base/day.ts';
import { randomStream } from '../stats/randomStream.ts';
import type { Stores } from '../stores/index.ts';

/** One made-up pupil of registers that a test lays: how often absent, and to which groups. */
export type LaidPupil = {
  /** The share of days missed, 0–1. */
  absence: number;
  year_group?: number;
  sex?: 'F' | 'M' | '';
  fsm?: boolean;
  sen?: 'N' | 'K' | 'E';
};

export type LaidSchool = { urn: number; laestab: number; laCode: string; regionCode: string };

/** Lays registers of these schools from the first day to the last, weekends aside, as one import would. Whole days are missed. */
export async function layMarks(
  stores: Stores,
  {
    schools,
    pupils,
    from,
    to,
    seed = 'marks',
  }: {
    schools: readonly LaidSchool[];
    pupils: readonly LaidPupil[];
    from: Day;
    to: Day;
    seed?: string;
  },
): Promise<void> {
  const random = randomStream(seed);
  const days: Day[] = [];
  for (let day = from; day <= to; day = daysAfter(day, 1)) {
    if (isWeekday(day)) days.push(day);
  }
  await stores.write(async ({ warehouse, begin }) => {
    const { id } = await begin({ kind: 'marks', scope: seed, title: 'Marks', digest: seed });
    await warehouse.append(
      'register_schools',
      ['receipt', 'urn', 'laestab', 'name', 'phase', 'la_code', 'region_code'],
      schools.map(({ urn, laestab, laCode, regionCode }) => [
        ...[id, urn, laestab, 'A school', 'primary', laCode, regionCode],
      ]),
    );
    for (const { urn } of schools) {
      const key = (at: number) => String(urn * 10_000 + at);
      await warehouse.append(
        'enrolments',
        [
          ...['receipt', 'urn', 'pupil', 'entry_date', 'leaving_date', 'year_group', 'sex', 'fsm'],
          ...['sen', 'eal', 'ethnicity', 'born'],
        ],
        pupils.map((each, at) => [
          ...[id, urn, key(at), '2020-09-01', '2149-06-06', each.year_group ?? 4],
          ...[each.sex ?? (at % 2 ? 'F' : 'M'), each.fsm ?? false, each.sen ?? 'N', false],
          ...['WBRI', '2017-10-01'],
        ]),
      );
      const marks = pupils.flatMap(({ absence }, at) =>
        days.flatMap((day) => {
          const absent = random.uniform() < absence;
          return [0, 1].map((session) => [
            ...[id, urn, key(at), day, session],
            ...[absent ? 'I' : session === 0 ? '/' : '\\', `${day} 09:00:00`, 0],
          ]);
        }),
      );
      await warehouse.append(
        'marks',
        ['receipt', 'urn', 'pupil', 'date', 'session', 'code', 'entered_at', 'entry'],
        marks,
      );
    }
  });
}
