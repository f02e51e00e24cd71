import { randomUUID } from 'node:crypto';
import { pupilKey } from '../../base/pupilKey.ts';
import { makeUpn } from '../../base/upn.ts';
import { pupilSecretOf } from '../../records/index.ts';
import type { Directories, School } from '../../schools/index.ts';
import type { Stores } from '../../stores/index.ts';
import { statement } from '../../warehouse/index.ts';

/**
 * A made-up school for the tests of marks: five children, a fortnight in September 2025, closed on its Friday. Its calendar has
 * the Saturday before it, when it was open, and the Monday after it.
 */
export const urn = 900_001;
export const otherUrn = 900_002;

export const upns = Array.from({ length: 5 }, (_, serial) =>
  makeUpn({ laCode: '990', establishment: 4001, year: 2018, serial }),
) as [string, string, string, string, string];

/** The last child left on 5 September. */
export const leaver = upns[4];
export const closedDay = '2025-09-12';
export const days = ['2025-09-03', '2025-09-04', '2025-09-05', '2025-09-08', '2025-09-09'] as const;

/** Brings in the two schools, their calendar and their rolls. */
export async function openSchool(stores: Stores): Promise<{ keys: string[] }> {
  const secret = await pupilSecretOf(stores.records);
  const keys = upns.map((upn) => String(pupilKey(upn, secret)));
  await stores.write(async ({ begin, warehouse }) => {
    const bring = async (kind: string) =>
      (await begin({ kind, scope: randomUUID(), title: kind, digest: '' })).id;
    const schools = await bring('register schools');
    await warehouse.append(
      'register_schools',
      ['receipt', 'urn', 'laestab'],
      [urn, otherUrn].map((each, at) => [schools, each, 9_904_001 + at]),
    );
    const calendar = await bring('calendars');
    await warehouse.append(
      'register_days',
      ['receipt', 'urn', 'date', 'session', 'open', 'reason'],
      [0, 1].flatMap((session) => [
        [calendar, urn, '2025-09-06', session, true, ''],
        [calendar, urn, closedDay, session, false, 'training'],
        [calendar, urn, '2025-09-15', session, true, ''],
      ]),
    );
    const rolls = await bring('pupils');
    await warehouse.append(
      'enrolments',
      ['receipt', 'urn', 'pupil', 'entry_date', 'leaving_date', 'year_group'],
      keys.map((key, at) => [
        ...[rolls, urn, key, '2024-09-01', at === 4 ? '2025-09-05' : '2149-06-06', 7],
      ]),
    );
  });
  return { keys };
}

/** A directory of these two schools alone. */
export const directories = (async () => {
  const schools = [urn, otherUrn].map((each) => ({
    ...{ urn: each, chain: [{ urn: each }], name: `School ${each}`, laCode: '990', trust: null },
    regionCode: 'E12000001',
  })) as unknown as School[];
  const find = (each: number) => schools.find((school) => school.urn === each);
  return { find, getTyped: (text: string) => find(Number(text)) };
}) as unknown as Directories;

/** What stands, as `child date session code`. */
export const standingMarks = statement<
  { pupil: string; date: string; session: number; code: string },
  { receipts: number[] }
>(
  'standingMarks',
  `SELECT toString(pupil) AS pupil, toString(date) AS date, session,
          argMax(code, (entered_at, receipt, entry)) AS code
   FROM marks WHERE receipt IN {receipts:Array(UInt32)}
   GROUP BY pupil, date, session ORDER BY pupil, date, session`,
);

/** A plain table of these marks; `quoted` makes it one that the reader reads. */
export function tableOf(
  rows: readonly (readonly (string | number)[])[],
  { heading = 'urn,upn,date,session,code', quoted = false } = {},
): string {
  const cell = (each: string | number) => (quoted ? `"${each}"` : String(each));
  return [heading, ...rows.map((row) => row.map(cell).join(','))].join('\n');
}

/** Both sessions of each of the first four children on each of the five days. */
export function fortnight(code: (child: number, day: number, session: 0 | 1) => string) {
  return upns
    .slice(0, 4)
    .flatMap((upn, child) =>
      days.flatMap((date, day) =>
        ([0, 1] as const).map((session) => [
          ...[urn, upn, date, session === 0 ? 'AM' : 'PM', code(child, day, session)],
        ]),
      ),
    );
}

export const present = (_child: number, _day: number, session: 0 | 1) =>
  session === 0 ? '/' : '\\';
