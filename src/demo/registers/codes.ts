/**
 * What stands in a made-up register, as the engine writes it: small numbers, one for each code and for each story behind a
 * code. `code` is what `marks.csv` says first; `amendedTo` is what a later entry puts in its place.
 */
const written = {
  none: { code: '', amendedTo: '' },
  presentMorning: { code: '/', amendedTo: '' },
  presentAfternoon: { code: '\\', amendedTo: '' },
  late: { code: 'L', amendedTo: '' },
  lateEdited: { code: 'L', amendedTo: 'present' },
  ill: { code: 'I', amendedTo: '' },
  /** Said to be ill by a school that games its codes. */
  illInName: { code: 'I', amendedTo: '' },
  other: { code: 'O', amendedTo: '' },
  noReasonYet: { code: 'N', amendedTo: '' },
  noReasonThenIll: { code: 'N', amendedTo: 'I' },
  noReasonThenOther: { code: 'N', amendedTo: 'O' },
  exceptionalLeave: { code: 'C', amendedTo: '' },
  suspended: { code: 'E', amendedTo: '' },
  travelling: { code: 'T', amendedTo: '' },
  medical: { code: 'M', amendedTo: '' },
  religious: { code: 'R', amendedTo: '' },
  studyLeave: { code: 'S', amendedTo: '' },
  holiday: { code: 'G', amendedTo: '' },
  lateAfterClose: { code: 'U', amendedTo: '' },
  lateAfterCloseEdited: { code: 'U', amendedTo: 'present' },
  performance: { code: 'C1', amendedTo: '' },
  interview: { code: 'J1', amendedTo: '' },
  partTime: { code: 'C2', amendedTo: '' },
  visit: { code: 'V', amendedTo: '' },
  sport: { code: 'P', amendedTo: '' },
  workExperience: { code: 'W', amendedTo: '' },
  offSite: { code: 'B', amendedTo: '' },
  authorityProvision: { code: 'K', amendedTo: '' },
  elsewhere: { code: 'D', amendedTo: '' },
  notRequired: { code: 'X', amendedTo: '' },
  siteClosed: { code: 'Y4', amendedTo: '' },
} as const satisfies Record<string, { code: string; amendedTo: string }>;

type Entry = keyof typeof written;
const entries = Object.keys(written) as Entry[];

/** The number of each entry: `entry.ill`. */
export const entry = Object.fromEntries(entries.map((name, index) => [name, index])) as Record<
  Entry,
  number
>;

export const codesByEntry: readonly string[] = entries.map((name) => written[name].code);
export const amendmentsByEntry: readonly string[] = entries.map((name) => written[name].amendedTo);

const absences: ReadonlySet<string> = new Set('I O N C E T M R S G U C1 J1 C2'.split(' '));
const notPossible: ReadonlySet<string> = new Set(['', 'D', 'X', 'Y4']);

/** Of each entry: is it an absence, and could the child have come? */
export const absentByEntry = codesByEntry.map((code) => (absences.has(code) ? 1 : 0));
export const possibleByEntry = codesByEntry.map((code) => (notPossible.has(code) ? 0 : 1));
