/**
 * A unique pupil number: 13 characters. A check letter; the three digits of the authority that gave it; the four of the
 * establishment; the last two of the year; a serial of three digits, or of two and a letter when it is temporary. It is
 * confidential: never in an address, a log, an error or the name of a file, and no parent’s page shows it.
 *
 * The check letter is the one at `Σ value × weight mod 23` of the alphabet without I, O and S, with weights 2 to 13 on the
 * characters after it; a letter’s value is its place in that alphabet (DfE, “Unique pupil numbers: a guide”).
 */
export type Upn = string;

const alphabet = 'ABCDEFGHJKLMNPQRTUVWXYZ';
const shape = /^[A-HJ-NP-RT-Z]\d{11}[\dA-HJ-NP-RT-Z]$/;

/** Anywhere in a text: a letter, eleven digits, and a digit or a letter. */
const shapeInText = /(?<![A-Z0-9])[A-Z]\d{11}[A-Z0-9](?![A-Z0-9])/i;

/** The same in groups, as a person writes it. */
const groupedInText =
  /(?<![A-Z0-9])[A-Z](?:[ ./_,\p{Pd}]{0,3}\d){11}[ ./_,\p{Pd}]{0,3}[A-Z0-9](?![A-Z0-9])/giu;

/** Whether something in a text looks like a UPN, right or wrong. */
export function holdsUpn(text: string): boolean {
  return shapeInText.test(text);
}

/**
 * The same of what a person writes, who may part a number into groups. In groups only one whose check letter fits is taken
 * for a UPN: a telephone number after a single letter is none.
 */
export function writesUpn(text: string): boolean {
  const seen = text.normalize('NFKC').replaceAll(/\p{Cf}/gu, '');
  return (
    holdsUpn(seen) ||
    [...seen.matchAll(groupedInText)].some(
      ([found]) => parseUpn(found.replaceAll(/[^A-Z0-9]/gi, '')) !== undefined,
    )
  );
}

/** A text with all that looks like a UPN struck through: what somebody typed, before it is repeated or kept. */
export function withoutUpns(text: string): string {
  return text.replace(new RegExp(shapeInText, 'gi'), '[UPN]');
}

/** The number as it is written, in capitals and without spaces around it; undefined when it is none. */
export function parseUpn(text: string): Upn | undefined {
  const upn = text.trim().toUpperCase();
  return upnFault(upn) === undefined ? upn : undefined;
}

/** What is wrong with a number, in words that do not repeat it; undefined when nothing is. */
export function upnFault(upn: string): string | undefined {
  if (upn.length !== 13) return `a UPN has 13 characters, and this has ${upn.length}`;
  if (!shape.test(upn)) {
    return 'a UPN is a letter and twelve digits, or eleven and a letter; no letter is I, O or S';
  }
  return checkLetter(upn.slice(1)) === upn[0]
    ? undefined
    : 'its check letter does not fit its digits: one of them was mistyped';
}

/** Given by a school for the time until the permanent one is known. */
export function isTemporaryUpn(upn: Upn): boolean {
  return /[A-Z]$/.test(upn);
}

/** What a number says: who gave it and when; not where the child is now. */
export function upnParts(upn: Upn): { laCode: string; establishment: string; year: string } {
  return { laCode: upn.slice(1, 4), establishment: upn.slice(4, 8), year: upn.slice(8, 10) };
}

/** A number with its check letter. `temporary` is the letter that ends one, in place of the serial’s last digit. */
export function makeUpn(given: {
  laCode: string;
  /** 0–9999. */
  establishment: number;
  /** The calendar year in which it is given. */
  year: number;
  /** 0–999; of a temporary one 0–99. */
  serial: number;
  temporary?: string;
}): Upn {
  const { laCode, establishment, year, serial, temporary } = given;
  const digits = (value: number, width: number) => String(value).padStart(width, '0');
  const tail = temporary === undefined ? digits(serial, 3) : `${digits(serial, 2)}${temporary}`;
  const rest = `${laCode}${digits(establishment, 4)}${digits(year % 100, 2)}${tail}`;
  const upn = `${checkLetter(rest)}${rest}`;
  const fault = upnFault(upn);
  if (fault) throw new RangeError(`no UPN can be made of this: ${fault}`);
  return upn;
}

function checkLetter(rest: string): string {
  const sum = [...rest].reduce((total, character, at) => total + valueOf(character) * (at + 2), 0);
  return alphabet[sum % alphabet.length] ?? '';
}

function valueOf(character: string): number {
  return /\d/.test(character) ? Number(character) : alphabet.indexOf(character);
}
