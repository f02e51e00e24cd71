import { date, text, urn, whole } from '../cells.ts';
import type { Column, Source } from '../source.ts';
import { absenceAbout } from './absenceFile.ts';

const unknown = { '': 'not known' } as const;

/** Group types of the register that are academy trusts. */
const academyTrusts = new Set(['Multi-academy trust', 'Single-academy trust']);

function unused(name: string, meaning: string): Column {
  return { name, type: text(200, { empty: true }), meaning, keep: false };
}

/** Which academy trust each academy belongs to. */
export const trustMembership: Source = {
  kind: 'trust-membership',
  title: 'trust membership (GIAS groups)',
  about:
    'The register’s groups of schools and their members. Academy trusts are kept, because a trust answers for its schools; federations, sponsors and children’s centres are counted and left.',
  publisher: 'Department for Education, Get Information about Schools',
  licence: absenceAbout.licence,
  licenceUrl: absenceAbout.licenceUrl,
  homepage: 'https://get-information-schools.service.gov.uk/Downloads',
  frequency: 'Daily; imported when it matters.',
  replaces: 'All memberships.',
  columns: [
    { name: 'URN', type: urn(), meaning: 'Unique reference number of the school.' },
    {
      name: 'Group UID',
      type: whole({ min: 1 }),
      meaning: 'Number of the trust.',
      keep: 'trust_uid',
    },
    unused('Group ID', 'Another number of the trust: TR00001.'),
    { name: 'Group Name', type: text(200), meaning: 'Name of the trust.', keep: 'trust_name' },
    unused('Companies House Number', 'Number of the company that the trust is.'),
    unused('Group Type (code)', 'Type of group, as a number.'),
    { name: 'Group Type', type: text(100), meaning: 'Type of group.', keep: 'trust_kind' },
    unused('Closed Date', 'When the trust closed.'),
    unused('Open date', 'When the group opened.'),
    unused('Incorporated on (open date)', 'When the company was founded.'),
    unused('Group Status (code)', 'OPEN or CLOSED.'),
    unused('Group Status', 'Whether the trust is open.'),
    {
      name: 'Joined date',
      type: date(),
      meaning: 'When the school joined.',
      missing: unknown,
      keep: 'joined_on',
    },
    {
      name: 'EstablishmentName',
      type: text(200),
      meaning: 'Name of the school.',
      keep: 'school_name',
    },
    unused('TypeOfEstablishment (code)', 'Type of school, as a number.'),
    unused('TypeOfEstablishment (name)', 'Type of school.'),
    unused('PhaseOfEducation (code)', 'Phase, as a number.'),
    unused('PhaseOfEducation (name)', 'Phase.'),
    unused('LA (code)', 'Local authority, three digits.'),
    unused('LA (name)', 'Local authority.'),
  ],
  skips: [
    {
      reason: 'not an academy trust',
      why: 'Sponsors, federations, foundation trusts and children’s centres do not run academies.',
      when: (cell) => !academyTrusts.has(cell('Group Type')),
    },
    {
      reason: 'the trust has closed',
      why: 'A closed trust has no schools any longer.',
      when: (cell) => cell('Group Status (code)') === 'CLOSED',
    },
  ],
  key: ['urn', 'trust_uid'],
  scope: { columns: [], label: () => 'all schools' },
  table: 'published_trust_member',
  windows1252: true,
};
