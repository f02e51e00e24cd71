import type { LaEstab, Urn } from '../../base/identifiers.ts';
import { urnOf } from './markCells.ts';
import { anotherSchool, type Fault, laestabNotRead, urnMissing, urnNotRead } from './problems.ts';
import type { ReadOptions } from './reading.ts';

/** Whose marks they are, as a file writes it; empty where it does not say. */
export type SchoolSaid = { urn: string; laestab: string };

export const noSchoolSaid: SchoolSaid = { urn: '', laestab: '' };

/**
 * The school that a file means. One that names none is the sender’s; one that names another is never taken for the
 * sender’s, whether that other is known here or not.
 */
export function schoolOf(
  said: SchoolSaid,
  { urn: sender, urnOfLaestab, laestabOf }: ReadOptions,
): Urn | Fault {
  const urn = urnOf(said.urn);
  if (urn === undefined && said.urn !== '') return urnNotRead;
  const laestab = laestabIn(said.laestab);
  if (laestab === undefined) {
    if (urn === undefined && said.laestab !== '') return laestabNotRead;
    return urn ?? sender ?? urnMissing;
  }
  // A number outlives a change of URN, and is told of more than one then: of these the sender’s.
  const isSenders = sender !== undefined && laestabOf?.(sender) === laestab;
  const of = urn ?? (isSenders ? sender : urnOfLaestab?.(laestab)) ?? sender;
  if (of === undefined) return numberNotKnown;
  const own = laestabOf?.(of);
  return own === undefined || own === laestab ? of : anotherSchool;
}

const numberNotKnown: Fault = {
  ...urnMissing,
  message: 'The file names its school by a number that is not known here: choose the school.',
};

/** `9904001`, `990/4001`: the authority’s three digits and the school’s four; undefined for anything else. */
export function laestabIn(text: string): LaEstab | undefined {
  const digits = /^(\d{3})[/ -]?(\d{4})$/.exec(text);
  return digits ? Number(`${digits[1]}${digits[2]}`) : undefined;
}

/** The two numbers where they stand apart. */
export function laestabSaid(authority: string, establishment: string): string {
  return authority === '' && establishment === '' ? '' : `${authority}/${establishment}`;
}
