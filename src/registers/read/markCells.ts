import type { Urn } from '../../base/identifiers.ts';

/** An empty cell, or what registers write for no mark. */
export function isBlank(cell: string | undefined): boolean {
  if (cell === undefined || cell === '' || cell === '-' || cell === '.') return true;
  if (cell.length === 1) return cell === ' ';
  const text = cell.trim();
  return text === '' || text === '-' || text === '.';
}

/** Whether a text can be a code at all; which codes there are on which day is checked afterwards. */
export function canBeCode(text: string): boolean {
  return text.length === 1 || /^\S{1,4}$/.test(text);
}

/** Six digits, as a school’s number has; undefined for anything else. */
export function urnOf(text: string): Urn | undefined {
  return /^[1-9]\d{5}$/.test(text) ? Number(text) : undefined;
}
