import { date, text, urn } from '../cells.ts';
import type { Source } from '../source.ts';
import { absenceAbout } from './absenceFile.ts';

/** Which school became which: what a school's identity is chained by. */
export const schoolLinks: Source = {
  kind: 'school-links',
  title: 'predecessors and successors of schools (GIAS links)',
  about:
    'A school that becomes an academy, merges or splits gets a new URN; the register of schools links the old to the new.',
  publisher: 'Department for Education, Get Information about Schools',
  licence: absenceAbout.licence,
  licenceUrl: absenceAbout.licenceUrl,
  homepage: 'https://get-information-schools.service.gov.uk/Downloads',
  frequency: 'Daily; imported when it matters.',
  replaces: 'All links.',
  columns: [
    { name: 'URN', type: urn(), meaning: 'The school.' },
    { name: 'LinkURN', type: urn(), meaning: 'The school that it is linked to.', keep: 'link_urn' },
    { name: 'LinkName', type: text(200), meaning: 'Name of that school.', keep: 'link_name' },
    {
      name: 'LinkType',
      type: text(100),
      meaning: 'What the other is to the school: Predecessor, Successor, a merger, a split.',
      keep: 'link_type',
    },
    {
      name: 'LinkEstablishedDate',
      type: date(),
      meaning: 'Since when.',
      missing: { '': 'not known' },
      keep: 'established_on',
    },
  ],
  checks: [
    {
      kind: 'linked-to-itself',
      rule: 'A school is not linked to itself.',
      column: 'LinkURN',
      otherwise: 'warn',
      wrong: (row) =>
        row.URN === row.LinkURN ? `the school ${row.URN} is linked to itself` : undefined,
    },
  ],
  key: ['urn', 'link_urn', 'link_type', 'established_on'],
  scope: { columns: [], label: () => 'all schools' },
  table: 'published_school_link',
  windows1252: true,
};
