import { roundHalfUp } from '../../base/rate.ts';
import type { MadeUpEngland } from '../madeUpEngland.ts';
import type { MadeUpSchool } from '../school.ts';
import { type Cell, csv, dayMonthYear } from './csv.ts';

export const locationsHeader =
  'urn,name,town,postcode,open_date,close_date,easting,northing,xy_source,nearest_lsoa11,lsoa_dist_m,lad22,' +
  'idaci_score,income_score,ruc11';

export const linksHeader = '"URN","LinkURN","LinkName","LinkType","LinkEstablishedDate"';

export const groupLinksHeader =
  ',URN,Group UID,Group ID,Group Name,Companies House Number,Group Type (code),Group Type,Closed Date,Open date,' +
  'Incorporated on (open date),Group Status (code),Group Status,Joined date,EstablishmentName,' +
  'TypeOfEstablishment (code),TypeOfEstablishment (name),PhaseOfEducation (code),PhaseOfEducation (name),' +
  'LA (code),LA (name)';

/** One row for every URN there ever was. */
export function locations(england: MadeUpEngland): string {
  const rows: { urn: number; cells: Cell[] }[] = [];
  for (const school of england.schools) {
    const { place, authority, before } = school;
    const row = (urn: number, opened: string | undefined, closed: string | undefined): Cell[] => [
      urn,
      school.name,
      place.town,
      place.postcode,
      opened && dayMonthYear(opened, '-'),
      closed && dayMonthYear(closed, '-'),
      place.easting.toFixed(1),
      place.northing.toFixed(1),
      'made-up',
      `E99${String(100_000 + (urn % 100_000)).padStart(6, '0')}`,
      '120.0',
      authority.gssCode,
      roundHalfUp(place.idaci, 3),
      roundHalfUp(place.income, 3),
      place.ruralUrban,
    ];
    if (before) rows.push({ urn: before.urn, cells: row(before.urn, undefined, before.closedOn) });
    rows.push({ urn: school.urn, cells: row(school.urn, school.openedOn, school.closedOn) });
  }
  rows.sort((a, b) => a.urn - b.urn);
  return csv(
    locationsHeader,
    rows.map(({ cells }) => cells),
  );
}

/** Both ends of every change, each field quoted, lines ending as the register of schools ends them. */
export function links(england: MadeUpEngland): string {
  const rows: { urn: number; cells: Cell[] }[] = [];
  for (const { urn, name, before, openedOn } of england.schools) {
    if (!before) continue;
    const link = (from: number, to: number, type: string, day: string): Cell[] =>
      [from, to, name, type, dayMonthYear(day, '-')].map((cell, index) =>
        index < 2 ? cell : `"${cell}"`,
      );
    rows.push({ urn, cells: link(urn, before.urn, 'Predecessor', openedOn ?? '') });
    rows.push({ urn: before.urn, cells: link(before.urn, urn, 'Successor', before.closedOn) });
  }
  rows.sort((a, b) => a.urn - b.urn);
  const lines = [linksHeader, ...rows.map(({ cells }) => cells.join(','))];
  return lines.map((line) => `${line}\r\n`).join('');
}

/** Trust membership; a sponsored academy's sponsor has a row of its own, as published. */
export function groupLinks(england: MadeUpEngland): string {
  const rows: Cell[][] = [];
  for (const school of england.schools.toSorted((a, b) => a.urn - b.urn)) {
    const { trust, academy } = school;
    if (!trust || !academy || school.closedOn) continue;
    const groups = [
      { ...trust, id: `TR${trust.uid}`, code: 6, type: 'Multi-academy trust' },
      ...(academy.kind === 'sponsor led'
        ? [
            {
              ...trust,
              uid: trust.uid + 5000,
              id: `SP${trust.uid}`,
              code: 5,
              type: 'School sponsor',
            },
          ]
        : []),
    ];
    for (const group of groups) {
      rows.push([
        rows.length,
        school.urn,
        group.uid,
        group.id,
        group.name,
        group.code === 6 ? `${99_000_000 + (trust.uid % 100_000)}.0` : '',
        group.code,
        group.type,
        '',
        group.code === 6 ? '' : '2011-01-01',
        group.code === 6 ? '2011-01-01' : '',
        'OPEN',
        'Open',
        academy.openedOn ?? '2011-09-01',
        school.name,
        ...establishmentType(school),
        ...phaseOfEducation(school),
        school.authority.laCode,
        school.authority.name,
      ]);
    }
  }
  return csv(groupLinksHeader, rows);
}

function establishmentType({ schoolType, academy }: MadeUpSchool): [number, string] {
  const special = schoolType === 'Special';
  if (academy?.kind === 'free school')
    return special ? [36, 'Free schools special'] : [35, 'Free schools'];
  if (academy?.kind === 'sponsor led') {
    return special ? [33, 'Academy special sponsor led'] : [28, 'Academy sponsor led'];
  }
  return special ? [44, 'Academy special converter'] : [34, 'Academy converter'];
}

function phaseOfEducation({ schoolType, allThrough }: MadeUpSchool): [number, string] {
  if (schoolType === 'Special') return [0, 'Not applicable'];
  if (allThrough) return [7, 'All-through'];
  return schoolType === 'State-funded primary' ? [2, 'Primary'] : [4, 'Secondary'];
}
