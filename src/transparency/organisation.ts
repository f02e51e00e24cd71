import { readFileSync } from 'node:fs';

/** What only whoever runs the system can say, each with what it is. */
export const organisationFields = {
  organisation: 'Organisation',
  team: 'Team',
  seniorResponsibleOwner: 'Senior responsible owner',
  contactEmail: 'Contact e-mail',
  website: 'Website',
  externalSupplier: 'External supplier',
  companiesHouseNumber: 'Companies House number of the supplier',
  supplierRole: 'Role of the supplier',
  procurement: 'How the supplier was procured',
  supplierDataAccess: 'Terms of the supplier’s access to data',
  dataProtectionOfficer: 'Data protection officer',
} as const;
export type OrganisationField = keyof typeof organisationFields;

export type Organisation = Record<OrganisationField, string | null>;

const toFillIn = 'To be filled in by whoever runs it (docs/organisation.json).';

const path = new URL('../../docs/organisation.json', import.meta.url);

/** `docs/organisation.json`, where whoever runs the system says who they are; null = not said. */
export function readOrganisation(): Organisation {
  return parseOrganisation(readFileSync(path, 'utf8'));
}

/** Throws on a field that is missing, that there is not, or that is no text. */
export function parseOrganisation(text: string): Organisation {
  const found = JSON.parse(text) as Record<string, unknown>;
  const wanted = Object.keys(organisationFields).toSorted().join(', ');
  if (Object.keys(found).toSorted().join(', ') !== wanted) {
    throw new TypeError(`docs/organisation.json has to have just these fields: ${wanted}`);
  }
  for (const [name, value] of Object.entries(found)) {
    if (value !== null && typeof value !== 'string') {
      throw new TypeError(`docs/organisation.json: ${name} has to be a text or null`);
    }
  }
  return found as Organisation;
}

/** What was said, or that it is still to be said. */
export function said(organisation: Organisation, field: OrganisationField): string {
  return organisation[field]?.trim() || toFillIn;
}
