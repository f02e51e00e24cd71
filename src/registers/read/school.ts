import type { LaEstab, Urn } from '../../base/identifiers.ts';
import { urnOf } from './markCells.ts';
import {
  anotherSchool,
  type Fault,
  laestabNotRead,
  perhapsAnotherSchool,
  urnMissing,
  urnNotRead,
} from './problems.ts';
import type { ReadOptions } from './reading.ts';

/** Whose marks they are, as a file writes it; empty where it does not say. */
export type SchoolSaid = { urn: string; laestab: string };

export const noSchoolSaid: SchoolSaid = { urn: '', laestab: '' };

/**
 * Where a table or a record may name its school: by its two numbers in one or apart, and where a name is as likely as a
 * number.
 */
export type SchoolPlace = 'laestab' | 'authority' | 'establishment' | 'school';
export type SchoolPart = { place: SchoolPlace; text: string };

/** As a record or what stands around it names a school: by its URN, and in those places. */
export type SchoolTold = { urn: string; parts: readonly SchoolPart[] };

/** What names a school by half of its number says it together with what stands around it. */
export function schoolWithin(inner: SchoolTold, outer: SchoolTold): SchoolTold {
  if (outer.urn === '' && outer.parts.length === 0) return inner;
  const { urn, laestab } = schoolSaidBy(inner.urn, inner.parts);
  if (urn === '' && laestab === '') return outer;
  if (urn !== '' || laestabIn(laestab) !== undefined) return inner;
  return { urn: outer.urn, parts: [...inner.parts, ...outer.parts.flatMap(halvesOf)] };
}

/** Each half of a whole number by itself, so that another half is set beside it. */
function halvesOf(part: SchoolPart): readonly SchoolPart[] {
  const whole = laestabIn(part.text);
  if (whole === undefined) return [part];
  return [
    { place: 'authority', text: String(whole).slice(0, 3) },
    { place: 'establishment', text: String(whole).slice(3) },
  ];
}

/** What the places together say; a name says nothing. */
export function schoolSaidBy(urn: string, parts: readonly SchoolPart[]): SchoolSaid {
  if (parts.length === 0) return { urn, laestab: '' };
  const texts = (of: SchoolPlace) =>
    parts.filter(({ place, text }) => place === of && text !== '').map(({ text }) => text);
  const named = texts('school');
  return {
    urn: urn === '' ? (named.find((text) => urnOf(text) !== undefined) ?? '') : urn,
    laestab:
      texts('laestab')[0] ??
      named.find((text) => laestabIn(text) !== undefined) ??
      laestabOfParts(parts, texts),
  };
}

/** Before four digits by themselves, where a name is as likely: an establishment’s, or the system’s own of its school. */
const perhaps = '?';

/** An authority alone is as likely where a child lives: it says nothing. */
function laestabOfParts(
  parts: readonly SchoolPart[],
  texts: (of: SchoolPlace) => readonly string[],
): string {
  const authorities = texts('authority');
  const authority = authorities.find((text) => /^\d{3}$/.test(text)) ?? authorities[0] ?? '';
  const [own = texts('school').find((text) => /^\d{4}$/.test(text))] = texts('establishment');
  if (own !== undefined && laestabIn(own) !== undefined) return own;
  if (parts.some(({ place }) => place === 'establishment')) {
    return laestabSaid(authority, own ?? '');
  }
  if (own === undefined) return '';
  return authority === '' ? `${perhaps}${own}` : laestabSaid(authority, own);
}

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
  const ofSender = sender && laestabOf?.(sender);
  if (said.laestab.startsWith(perhaps)) {
    if (urn !== undefined) return urn;
    const number = laestabIn(withAuthority(said.laestab.replace(perhaps, '/'), ofSender));
    const named = number === undefined ? undefined : urnOfLaestab?.(number);
    // A school's number, or the system's own that happens to be one: marks are never moved to that school by it.
    if (named !== undefined && number !== ofSender) return perhapsAnotherSchool;
    return sender ?? urnMissing;
  }
  const laestab = laestabIn(withAuthority(said.laestab, ofSender));
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

/** An establishment alone is one of the sender’s authority. */
function withAuthority(said: string, own: LaEstab | undefined): string {
  return said.startsWith('/') && own !== undefined ? `${String(own).slice(0, 3)}${said}` : said;
}

/** `9904001`, `990/4001`: the authority’s three digits and the school’s four; undefined for anything else. */
export function laestabIn(text: string): LaEstab | undefined {
  const digits = /^(\d{3})[/ -]?(\d{4})$/.exec(text);
  return digits ? Number(`${digits[1]}${digits[2]}`) : undefined;
}

/** The two numbers where they stand apart. */
export function laestabSaid(authority: string, establishment: string): string {
  return authority === '' && establishment === '' ? '' : `${authority}/${establishment}`;
}
