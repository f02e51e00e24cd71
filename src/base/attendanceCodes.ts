import type { Day } from './day.ts';

/** The two halves of a school day; in the warehouse 0 and 1. */
export const sessions = ['AM', 'PM'] as const;
export type Session = (typeof sessions)[number];

/**
 * What a code makes of a session. Present and approved educational activity (`aea`) are attendance; authorised and
 * unauthorised are absence; these four make a session possible. What is `not possible` or `administrative` is neither in
 * the numerator of a rate nor in its denominator.
 */
export type CodeCategory =
  | 'present'
  | 'aea'
  | 'authorised'
  | 'unauthorised'
  | 'not possible'
  | 'administrative';

/** A code while it meant one thing. One that changed its meaning has a row for each. */
export type AttendanceCode = {
  /** As the register writes it. */
  code: string;
  /** The first and the last day of this meaning; null where it has no beginning or end. */
  from: Day | null;
  to: Day | null;
  category: CodeCategory;
  /** A code of one half of the day alone. */
  session: Session | null;
  /** Its column in files is `sess_` and this. */
  column: string;
  /** The reason under which the department publishes it. */
  reason: string;
  meaning: string;
  source: string;
};

const regulation = 'SI 2024/208, reg. 10';
const annexB = 'DfE, Pupil absence statistics: methodology, Annex B';
const notChecked = 'not checked against a source';

const newRules = '2024-08-19';
const oldRules = '2024-08-18';

type Row = [
  code: string,
  from: Day | null,
  to: Day | null,
  category: CodeCategory,
  reason: string,
  meaning: string,
  source?: string,
];

/** In the order in which files have them. */
const rows: readonly Row[] = [
  ['/', null, null, 'present', 'present', 'Present in the morning'],
  ['\\', null, null, 'present', 'present', 'Present in the afternoon'],
  ['L', null, null, 'present', 'present (late)', 'Late, before the register closed'],
  ['B', null, oldRules, 'aea', 'AEA', 'Educated off site', annexB],
  ['B', newRules, null, 'aea', 'AEA', 'Any other approved educational activity'],
  ['J', null, oldRules, 'aea', 'AEA', 'Interview, counted as attendance', annexB],
  ['K', newRules, null, 'aea', 'AEA', 'Education arranged by the local authority'],
  ['P', null, null, 'aea', 'AEA', 'Sporting activity'],
  ['V', null, null, 'aea', 'AEA', 'Educational visit or trip'],
  ['W', null, null, 'aea', 'AEA', 'Work experience'],
  [
    'C',
    null,
    oldRules,
    'authorised',
    'other authorised',
    'Any other authorised circumstances, part-time timetables and performances among them',
    annexB,
  ],
  ['C', newRules, null, 'authorised', 'other authorised', 'Leave in exceptional circumstances'],
  [
    'C1',
    newRules,
    null,
    'authorised',
    'performance',
    'Leave for a regulated performance or employment abroad',
  ],
  [
    'C2',
    newRules,
    null,
    'authorised',
    'part-time timetable',
    'Part-time timetable, of compulsory school age',
  ],
  [
    'E',
    null,
    null,
    'authorised',
    'excluded',
    'Suspended or permanently excluded, no provision made',
  ],
  [
    'F',
    null,
    '2013-12-31',
    'authorised',
    'extended holiday',
    'Agreed extended family holiday',
    annexB,
  ],
  [
    'H',
    null,
    oldRules,
    'authorised',
    'authorised holiday',
    'Holiday that the school authorised',
    annexB,
  ],
  ['I', null, null, 'authorised', 'illness', 'Illness'],
  [
    'I01',
    '2020-09-01',
    '2021-08-31',
    'authorised',
    'illness',
    'Illness, not related to coronavirus',
    notChecked,
  ],
  ['I02', '2020-09-01', '2021-08-31', 'authorised', 'illness', 'Illness, coronavirus', notChecked],
  [
    'J1',
    newRules,
    null,
    'authorised',
    'interview',
    'Interview for a job or a place at a school or college',
  ],
  ['M', null, null, 'authorised', 'medical', 'Medical or dental appointment'],
  ['R', null, null, 'authorised', 'religious', 'Religious observance'],
  ['S', null, null, 'authorised', 'study leave', 'Study leave for a public examination'],
  ['T', null, null, 'authorised', 'mobile child', 'Parent travelling for occupational purposes'],
  [
    'G',
    null,
    null,
    'unauthorised',
    'unauthorised holiday',
    'Holiday that the school did not grant',
  ],
  ['N', null, null, 'unauthorised', 'no reason yet', 'Reason not yet established'],
  [
    'O',
    null,
    null,
    'unauthorised',
    'other unauthorised',
    'Absent in other or unknown circumstances',
  ],
  ['U', null, null, 'unauthorised', 'late after close', 'Arrived after the register closed'],
  [
    'D',
    null,
    '2011-08-31',
    'aea',
    'dual registration',
    'Dual registered, at the other school: counted until August 2011',
    annexB,
  ],
  [
    'D',
    '2011-09-01',
    null,
    'not possible',
    'dual registration',
    'Dual registered, at the other school',
  ],
  [
    'Q',
    newRules,
    null,
    'not possible',
    'unable to attend',
    'No access arrangements made by the local authority',
  ],
  [
    'X',
    null,
    '2020-08-31',
    'not possible',
    'not required',
    'Not of compulsory school age and not required to attend',
  ],
  [
    'X',
    '2020-09-01',
    '2022-08-31',
    'not possible',
    'not required',
    'Not required to attend, or not attending in circumstances relating to coronavirus',
    'DfE, pupil attendance statistics, columns sess_x_covid',
  ],
  [
    'X',
    '2022-09-01',
    null,
    'not possible',
    'not required',
    'Not of compulsory school age and not required to attend',
  ],
  [
    'Y',
    null,
    oldRules,
    'not possible',
    'unable to attend',
    'Unable to attend because of exceptional circumstances',
    annexB,
  ],
  [
    'Y1',
    newRules,
    null,
    'not possible',
    'unable to attend',
    'Transport that is normally provided not available',
  ],
  ['Y2', newRules, null, 'not possible', 'unable to attend', 'Widespread disruption to travel'],
  ['Y3', newRules, null, 'not possible', 'unable to attend', 'Part of the premises closed'],
  ['Y4', newRules, null, 'not possible', 'unable to attend', 'Whole site unexpectedly closed'],
  ['Y5', newRules, null, 'not possible', 'unable to attend', 'In criminal justice detention'],
  ['Y6', newRules, null, 'not possible', 'unable to attend', 'Public health guidance or law'],
  ['Y7', newRules, null, 'not possible', 'unable to attend', 'Any other unavoidable cause'],
  [
    'Z',
    null,
    null,
    'administrative',
    'not on roll',
    'Prospective pupil, not on the register',
    'DfE, Working together to improve school attendance',
  ],
  [
    '#',
    null,
    null,
    'administrative',
    'planned closure',
    'Planned closure of the whole school',
    'DfE, Working together to improve school attendance',
  ],
];

const sessionOf: Readonly<Record<string, Session>> = { '/': 'AM', '\\': 'PM' };
const columnOf: Readonly<Record<string, string>> = { '/': 'slash', '\\': 'backslash', '#': 'hash' };

/** Every code there is and was, a row for each meaning it had. */
export const attendanceCodes: readonly AttendanceCode[] = rows.map(
  ([code, from, to, category, reason, meaning, source]) => ({
    ...{ code, from, to, category, reason, meaning },
    session: sessionOf[code] ?? null,
    column: columnOf[code] ?? code,
    source: source ?? regulation,
  }),
);

const byCode = Map.groupBy(attendanceCodes, ({ code }) => code);

/** What a code means on a day; undefined where it is none then. */
export function codeOn(code: string, date: Day): AttendanceCode | undefined {
  return byCode.get(code)?.find((each) => isUsed(each, date, date));
}

/** The same in a half of that day: a stroke of the other half is none there. */
export function codeIn(code: string, date: Day, session: number): AttendanceCode | undefined {
  const found = codeOn(code, date);
  return found && (found.session === null || found.session === sessions[session])
    ? found
    : undefined;
}

/** What codes meant at any time of a period, in the order of files. */
export function codesBetween(from: Day, to: Day): AttendanceCode[] {
  return attendanceCodes.filter((each) => isUsed(each, from, to));
}

function isUsed(each: AttendanceCode, from: Day, to: Day): boolean {
  return (each.from === null || each.from <= to) && (each.to === null || from <= each.to);
}

/** Does a session with such a code count as one that could have been attended? */
export function isPossible({ category }: Pick<AttendanceCode, 'category'>): boolean {
  return category !== 'not possible' && category !== 'administrative';
}

/**
 * A mark as one byte, for the weeks that are worked out in the warehouse: 128 = possible, 64 = absent, 32 = unauthorised,
 * and its place (below) among those that share these, so that what is possible or absent is counted a week at a time. Of
 * bytes stored nothing may change: what comes new comes at an end. Presence is 128 alone: `/` in the morning and `\` in
 * the afternoon. 0 is no mark, or one that counts nowhere.
 */
const places: Readonly<Record<'attended' | 'authorised' | 'unauthorised' | 'none', string>> = {
  attended: 'L B J K P V W D',
  authorised: 'C C1 C2 E F H I I01 I02 J1 M R S T',
  unauthorised: 'G N O U',
  none: 'D Q X Y Y1 Y2 Y3 Y4 Y5 Y6 Y7 Z #',
};
const firstPlaces = { attended: 1, none: 9, authorised: 1, unauthorised: 15 } as const;
export const codeBits = { possible: 128, absent: 64, unauthorised: 32 } as const;

export function byteOf({ code, category, session }: AttendanceCode): number {
  const { possible, absent, unauthorised } = codeBits;
  if (session !== null) return possible;
  const group =
    category === 'authorised' || category === 'unauthorised'
      ? category
      : isPossible({ category })
        ? 'attended'
        : 'none';
  const at = places[group].split(' ').indexOf(code);
  if (at < 0) throw new Error(`the code ${code} has no byte as ${category}`);
  const bits = {
    none: 0,
    attended: possible,
    authorised: possible + absent,
    unauthorised: possible + absent + unauthorised,
  };
  return bits[group] + firstPlaces[group] + at;
}
