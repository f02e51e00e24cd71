import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { schoolAbsence } from './sources/schoolAbsence.ts';

/* Made-up publications for the tests of this folder: rows that keep every rule, and one cell at a time changed. */

export type Cells = Record<string, string | number>;

/** The header of the absence file, in the order of publication. */
export const absenceHeader = schoolAbsence.columns.map((column) => column.name);

/** A made-up school's row: 100 enrolments, 1,000 sessions a hundred of which are missed. */
export function schoolRow(changes: Cells = {}): Cells {
  return { ...absenceFigures, ...schoolPlace, ...changes };
}

/** A made-up area's row over `schools` such schools. */
export function areaRow(
  level: 'National' | 'Regional' | 'Local authority',
  schools: number,
  changes: Cells = {},
): Cells {
  const figures = Object.fromEntries(
    Object.entries(absenceFigures).map(([name, value]) => [
      name,
      typeof value === 'number' && !name.includes('percent') && name !== 'time_period'
        ? value * schools
        : value,
    ]),
  );
  const places = {
    National: [],
    Regional: ['region_code', 'region_name'],
    'Local authority': ['region_code', 'region_name', 'old_la_code', 'new_la_code', 'la_name'],
  };
  const place = Object.fromEntries(places[level].map((name) => [name, schoolPlace[name] ?? '']));
  return {
    ...figures,
    geographic_level: level,
    school_type: 'Total',
    ...place,
    ...changes,
  };
}

const schoolPlace: Cells = {
  geographic_level: 'School',
  region_code: 'E12000099',
  region_name: 'Nowhere East',
  old_la_code: 999,
  new_la_code: 'E09000099',
  la_name: 'Nowhere',
  estab: 2001,
  laestab: 9992001,
  urn: 900001,
  school_type: 'State-funded primary',
};

const absenceFigures: Cells = {
  time_identifier: 'Academic year',
  year_breakdown: 'six half terms',
  time_period: 201718,
  country_code: 'E92000001',
  country_name: 'England',
  num_schools: 1,
  enrolments: 100,
  sess_possible: 1000,
  sess_overall: 100,
  sess_authorised: 70,
  sess_unauthorised: 30,
  sess_overall_percent: 10,
  sess_authorised_percent: 7,
  sess_unauthorised_percent: 3,
  enrolments_pa_10_exact: 20,
  enrolments_pa_10_exact_percent: 20,
  sess_possible_pa_10_exact: 200,
  sess_overall_pa_10_exact: 60,
  sess_authorised_pa_10_exact: 40,
  sess_unauthorised_pa_10_exact: 20,
  sess_overall_percent_pa_10_exact: 30,
  sess_authorised_percent_pa_10_exact: 20,
  sess_unauthorised_percent_pa_10_exact: 10,
  sess_auth_illness: 40,
  sess_auth_appointments: 10,
  sess_auth_religious: 5,
  sess_auth_study: 0,
  sess_auth_traveller: 0,
  sess_auth_holiday: 5,
  sess_auth_ext_holiday: ':',
  sess_auth_excluded: 5,
  sess_auth_other: 5,
  sess_auth_totalreasons: 70,
  sess_unauth_holiday: 10,
  sess_unauth_late: 5,
  sess_unauth_other: 10,
  sess_unauth_noyet: 5,
  sess_unauth_totalreasons: 30,
  sess_overall_totalreasons: 100,
};

/** The school `number` places on, with its own URN and LAESTAB. */
export function schoolNumber(number: number, changes: Cells = {}): Cells {
  return schoolRow({
    urn: 900_000 + number,
    estab: 2000 + number,
    laestab: 9_992_000 + number,
    ...changes,
  });
}

/** Rows as CSV; what a row does not have is blank. */
export function csvOf(rows: readonly Cells[], header: readonly string[] = absenceHeader): string {
  const lines = rows.map((row) => header.map((name) => quoted(String(row[name] ?? ''))).join(','));
  return `${[header.join(','), ...lines].join('\n')}\n`;
}

function quoted(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export const linksHeader = ['URN', 'LinkURN', 'LinkName', 'LinkType', 'LinkEstablishedDate'];

/** A folder to write files into; `write` gives the name, relative to `folder`. */
export function filesFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-publications-'));
  return {
    folder,
    write(name: string, content: string | Buffer): string {
      writeFileSync(join(folder, name), content);
      return name;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
