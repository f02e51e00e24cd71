/** A register is marked twice a day. */
export type SessionName = 'AM' | 'PM';

const words = new Map<string, SessionName>([
  ['am', 'AM'],
  ['a.m.', 'AM'],
  ['a.m', 'AM'],
  ['morning', 'AM'],
  ['am session', 'AM'],
  ['session am', 'AM'],
  ['morning session', 'AM'],
  ['1', 'AM'],
  ['session 1', 'AM'],
  ['pm', 'PM'],
  ['p.m.', 'PM'],
  ['p.m', 'PM'],
  ['afternoon', 'PM'],
  ['pm session', 'PM'],
  ['session pm', 'PM'],
  ['afternoon session', 'PM'],
  ['2', 'PM'],
  ['session 2', 'PM'],
]);

/** `AM`, `am`, `morning`, `1` … ; undefined for a text that names no session. */
export function sessionOf(text: string): SessionName | undefined {
  if (text === 'AM' || text === 'PM') return text;
  return words.get(text.trim().toLowerCase());
}

const sessionWord = '(?:[ap]\\.?m\\b\\.?|morning|afternoon)(?: session)?';
const wordLast = new RegExp(
  `^(.*?[\\d)a-z])[\\s,_(\\[/-]*(?:session )?(${sessionWord})[)\\]]?$`,
  'i',
);
const wordFirst = new RegExp(`^[(\\[]?(${sessionWord})[)\\]]?[\\s,_:-]+(.*\\d.*)$`, 'i');
const numberLast = /^(.*\d{4}|\d{4}-\d\d-\d\d)[\s_]+(?:session )?\(?([12])\)?$/i;
const clockTime = /\d:\d\d(?::\d\d)?\s*[ap]\.?m\.?$/i;

/** A heading such as `Mon 08/09/2025 AM` taken apart. A time such as `12:00:00 AM` is part of the date, not a session. */
export function splitSession(text: string): { rest: string; session: SessionName | undefined } {
  const whole = text.replaceAll(/\s+/g, ' ').trim();
  if (clockTime.test(whole)) return { rest: whole, session: undefined };
  const alone = /[a-z]/i.test(whole) ? sessionOf(whole) : undefined;
  if (alone) return { rest: '', session: alone };
  const last = wordLast.exec(whole) ?? numberLast.exec(whole);
  if (last) return { rest: last[1] ?? '', session: sessionOf(last[2] ?? '') };
  const first = wordFirst.exec(whole);
  if (first) return { rest: first[2] ?? '', session: sessionOf(first[1] ?? '') };
  return { rest: whole, session: undefined };
}
