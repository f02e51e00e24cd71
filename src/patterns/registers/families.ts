import { attendanceCodes, byteOf } from '../../base/attendanceCodes.ts';

/** Reasons that mean the same to whoever looks, each with its codes. Lateness is one though L is presence. */
export const families = {
  illness: ['I', 'I01', 'I02'],
  medical: ['M'],
  holiday: ['F', 'G', 'H', 'C'],
  'part-time timetable': ['C2'],
  'other authorised': ['C1', 'E', 'J1', 'R', 'S', 'T'],
  unauthorised: ['O'],
  'no reason yet': ['N'],
  late: ['L', 'U'],
} as const;
export type Family = keyof typeof families;
export const familyNames = Object.keys(families) as Family[];

/** The bytes of a family’s codes in a packed week. */
export function bytesOfFamily(family: Family): number[] {
  const codes: readonly string[] = families[family];
  const bytes = attendanceCodes.filter(({ code }) => codes.includes(code)).map(byteOf);
  return [...new Set(bytes)];
}

/** A group of pupils, or of reasons, by its key: `year_group 7`, `reason illness`; '' is everybody. */
export type GroupKey = string;

const yearNames: Readonly<Record<string, string>> = { R: 'Reception' };
const senNames: Readonly<Record<string, string>> = {
  N: 'no special needs',
  K: 'special needs support',
  E: 'an EHC plan',
};

/** `Year 7`, `illness`, `pupils eligible for free school meals`. */
export function groupName(key: GroupKey): string {
  const at = key.indexOf(' ');
  const [topic, value] = [key.slice(0, at), key.slice(at + 1)];
  switch (topic) {
    case 'year_group':
      return yearNames[value] ?? `Year ${value}`;
    case 'sex':
      return value === 'F' ? 'girls' : 'boys';
    case 'fsm':
      return value === '1'
        ? 'pupils eligible for free school meals'
        : 'pupils not eligible for free school meals';
    case 'sen':
      return `pupils with ${senNames[value] ?? value}`;
    case 'ethnicity':
      return `pupils of ethnicity ${value}`;
    case 'reason':
      return value;
    default:
      return key;
  }
}

export const isOfYear = (key: GroupKey) => key.startsWith('year_group ');
export const isReason = (key: GroupKey) => key.startsWith('reason ');
/** A group whose pupils stand in every year group: it may part from the others. */
export const isOfPupils = (key: GroupKey) => key !== '' && !isOfYear(key) && !isReason(key);
export const reasonKey = (family: Family): GroupKey => `reason ${family}`;
