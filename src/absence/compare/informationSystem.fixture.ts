import { type Day, daysAfter, isWeekday } from '../../base/day.ts';
import { makeUpn } from '../../base/upn.ts';
import type { Enrolment, PupilMarks, SchoolRegister } from './register.ts';

/*
 * A made-up register, and a made-up information system that counts it as plainly as can be, in one of the ways in which
 * systems differ. It shares no code with what is tested.
 */

const upnOf = (at: number) =>
  makeUpn({ laCode: '801', establishment: 2000, year: 2020, serial: 1 + at });

const from = '2026-05-11';
const to = '2026-06-19';

function schoolDays(): Day[] {
  const days: Day[] = [];
  for (let day: Day = from; day <= to; day = daysAfter(day, 1)) {
    const isHoliday = day >= '2026-05-25' && day <= '2026-05-29';
    if (isWeekday(day) && !isHoliday) days.push(day);
  }
  return days;
}

/** Every 25 school days: 50 sessions, of which five are exactly a tenth. */
export const days = schoolDays();
export const closedDay = '2026-06-05';

type Child = { upn: string; born: Day; entry?: Day; leaving?: Day; codes: Record<string, string> };

const usual = { born: '2013-03-01' };
const bit = (at: number) => days[at] as Day;

/** So many sessions of a code, each in its own place, so that no two rules come to the same by chance. */
function spread(code: string, count: number, start: number): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, at) => {
      const place = (start + at) % (2 * days.length);
      return [`${bit(Math.floor(place / 2))} ${place % 2}`, code];
    }),
  );
}

function children(): Child[] {
  const codes: [string, number][] = [
    ['D', 3],
    ['X', 4],
    ['Q', 5],
    ['Z', 6],
    ['#', 7],
    ['Y1', 8],
    ['J1', 9],
    ['C2', 10],
    ['K', 11],
    ['B', 12],
    ['V', 13],
    ['P', 14],
    ['W', 15],
    ['L', 16],
    ['U', 17],
    ['N', 18],
    ['E', 19],
  ];
  const coded = codes.map(
    ([code, count], at): Child => ({
      ...{ ...usual, upn: upnOf(at) },
      codes: { ...spread('I', 1 + (at % 3), 40), ...spread(code, count + 2, at % 6) },
    }),
  );
  const others: Omit<Child, 'upn'>[] = [
    // Four of 40 possible sessions: exactly 90 %, twice.
    { ...usual, codes: { ...spread('X', 8, 0), ...spread('I', 4, 34) } },
    { ...usual, codes: { ...spread('X', 8, 10), ...spread('O', 4, 40) } },
    // 90.9 % of 44 sessions: 91 % when rounded; and 90.4 %: 90 % when rounded to a whole one.
    { ...usual, codes: { ...spread('X', 6, 0), ...spread('I', 4, 20) } },
    { ...usual, codes: { ...spread('I', 4, 20), ...spread('', 8, 28) } },
    // No mark in eleven sessions.
    { ...usual, codes: { ...spread('', 11, 24), ...spread('I', 2, 0) } },
    // Under 5, over 15, and 15 in the weeks of examinations.
    { born: '2021-03-01', codes: spread('I', 21, 0) },
    { born: '2009-03-01', codes: spread('O', 23, 6) },
    { born: '2010-03-01', codes: spread('I', 25, 20) },
    // Left, and came.
    { ...usual, leaving: '2026-06-10', codes: spread('I', 27, 0) },
    { ...usual, entry: '2026-05-19', codes: spread('I', 3, 30) },
    // Marked as present on the day on which the school was closed.
    { ...usual, codes: {} },
    { ...usual, codes: spread('G', 1, 44) },
  ];
  return [
    ...coded,
    ...others.map((each, at) => ({ ...each, upn: upnOf(coded.length + at) })),
    ...Array.from({ length: 12 }, (_, at) => ({
      ...usual,
      upn: upnOf(coded.length + others.length + at),
      codes: at % 4 === 0 ? spread('M', 1, at) : {},
    })),
  ];
}

export const upns = children().map(({ upn }) => upn);

type Mark = { upn: string; date: Day; session: number; code: string };

function marksOf({ upn, entry = '2020-09-01', leaving = '2149-06-06', codes }: Child): Mark[] {
  return days.flatMap((date) =>
    [0, 1].flatMap((session): Mark[] => {
      const isOn = date >= entry && date <= leaving;
      // Two marks after leaving, two before coming.
      const isStray =
        (leaving === '2026-06-10' && date === '2026-06-11') ||
        (entry === '2026-05-19' && date === '2026-05-15');
      if (!isOn && !isStray) return [];
      const code = codes[`${date} ${session}`] ?? (session === 0 ? '/' : '\\');
      return code === '' ? [] : [{ upn, date, session, code }];
    }),
  );
}

/** One mark of the wrong half, on a day of its own. */
const wrongHalf = { upn: upnOf(30), date: '2026-05-20', session: 1, code: '/' };

function allMarks(): Mark[] {
  return children()
    .flatMap(marksOf)
    .map((mark) =>
      mark.upn === wrongHalf.upn && mark.date === wrongHalf.date && mark.session === 1
        ? wrongHalf
        : mark,
    );
}

/** The register as it is kept here. */
export function madeUpRegister(): SchoolRegister {
  const marks = [...Map.groupBy(allMarks(), ({ upn }) => upn)].map(
    ([pupil, own]): PupilMarks => ({
      pupil,
      dates: own.map(({ date }) => date),
      sessions: own.map(({ session }) => session),
      codes: own.map(({ code }) => code),
    }),
  );
  return {
    ...{ urn: 900001, year: 202526, from, to, marks },
    enrolments: children().map(
      ({ upn, born, entry, leaving }): Enrolment => ({
        ...{ pupil: upn, born, year_group: 7 },
        entry_date: entry ?? '2020-09-01',
        leaving_date: leaving ?? '2149-06-06',
      }),
    ),
    calendar: days.flatMap((date) =>
      [0, 1].map((session) => ({ date, session, open: date !== closedDay })),
    ),
  };
}

/** How a made-up system counts: as the definition says, but for what is set. */
export type Counting = {
  /** Codes counted otherwise: `possible`, `present`, `authorised`, `unauthorised`, or left out. */
  codes?: Record<string, 'possible' | 'present' | 'authorised' | 'unauthorised' | 'out'>;
  missing?: 'unauthorised' | 'present';
  under5?: boolean;
  over15?: boolean;
  withoutLeavers?: boolean;
  joiners?: 'unauthorised' | 'present';
  outside?: boolean;
  closed?: boolean;
  census?: boolean;
  otherHalf?: boolean;
  below?: boolean;
  roundedTo?: number;
  means?: boolean;
  cutOff?: boolean;
  inDays?: boolean;
};

type Counted = Mark & { as: 'possible' | 'present' | 'authorised' | 'unauthorised' };

const authorised = ['C', 'C1', 'C2', 'E', 'I', 'J1', 'M', 'R', 'S', 'T'];
const unauthorised = ['G', 'N', 'O', 'U'];
const present = ['/', '\\', 'L', 'B', 'K', 'P', 'V', 'W'];

function countedMarks(how: Counting): Counted[] {
  const kids = new Map(children().map((each) => [each.upn, each]));
  const marks: Mark[] = [...allMarks()];
  const had = new Set(marks.map(({ upn, date, session }) => `${upn} ${date} ${session}`));
  for (const [upn, { entry = '2020-09-01', leaving = '2149-06-06' }] of kids) {
    for (const date of days) {
      for (const session of [0, 1]) {
        if (had.has(`${upn} ${date} ${session}`) || date > leaving || date === closedDay) continue;
        marks.push({ upn, date, session, code: date < entry ? 'before' : 'missing' });
      }
    }
  }
  return marks.flatMap((mark): Counted[] => {
    const { born, entry = '2020-09-01', leaving = '2149-06-06' } = kids.get(mark.upn) as Child;
    if (born === '2021-03-01' && !how.under5) return [];
    if (born === '2009-03-01' && !how.over15) return [];
    if (how.withoutLeavers && leaving < '2026-06-19') return [];
    if (how.census && born === '2010-03-01' && mark.date >= '2026-05-25') return [];
    if (mark.date === closedDay && !how.closed) return [];
    const isOutside = mark.date < entry || mark.date > leaving;
    if (mark.code === 'before') return how.joiners ? [{ ...mark, as: how.joiners }] : [];
    if (isOutside && mark.date < entry && how.joiners) return [{ ...mark, as: how.joiners }];
    if (isOutside && !how.outside) return [];
    if (mark.code === 'missing') return how.missing ? [{ ...mark, as: how.missing }] : [];
    const other = how.codes?.[mark.code.startsWith('Y') ? 'Y' : mark.code];
    if (other === 'out') return [];
    if (other) return [{ ...mark, as: other }];
    if (mark.code === '/' && mark.session === 1 && !how.otherHalf) return [];
    if (present.includes(mark.code)) return [{ ...mark, as: 'present' }];
    if (authorised.includes(mark.code)) return [{ ...mark, as: 'authorised' }];
    if (unauthorised.includes(mark.code)) return [{ ...mark, as: 'unauthorised' }];
    return [];
  });
}

const isAbsent = ({ as }: Counted) => as === 'authorised' || as === 'unauthorised';

function sums(marks: readonly Counted[]) {
  const of = (...kinds: Counted['as'][]) => marks.filter(({ as }) => kinds.includes(as)).length;
  return {
    possible: marks.length,
    present: of('present'),
    authorised: of('authorised'),
    unauthorised: of('unauthorised'),
    absent: of('authorised', 'unauthorised'),
  };
}

const round = (value: number, decimals: number) => Number((value + 1e-9).toFixed(decimals));
const percent = (how: Counting, value: number, decimals = 1) =>
  (how.cutOff
    ? Math.floor(value * 10 ** decimals) / 10 ** decimals
    : round(value, decimals)
  ).toFixed(decimals);

/** One row of totals, in the words of one system. */
export function totalsCsv(how: Counting): string {
  const marks = countedMarks(how);
  const {
    possible,
    present: attended,
    authorised: auth,
    unauthorised: unauth,
    absent,
  } = sums(marks);
  const byPupil = [...Map.groupBy(marks, ({ upn }) => upn).values()];
  const persistent = byPupil.filter((own) => {
    const missed = own.filter(isAbsent).length;
    const attendance = (100 * (own.length - missed)) / own.length;
    const compared = how.roundedTo === undefined ? attendance : round(attendance, how.roundedTo);
    return how.below ? compared < 90 - 1e-9 : compared <= 90 + 1e-9;
  }).length;
  const rate = how.means
    ? byPupil.reduce((sum, own) => sum + own.filter(isAbsent).length / own.length, 0) /
      byPupil.length
    : absent / possible;
  const unit = how.inDays ? 2 : 1;
  return [
    'Possible Sessions,Attendances,Authorised Absences,Unauthorised Absences,Total Absences,% Absence,PA pupils',
    [possible, attended, auth, unauth, absent].map((each) => each / unit).join() +
      `,${percent(how, 100 * rate, 2)},${persistent}`,
    '',
  ].join('\r\n');
}

/** A row a session. */
export function sessionsCsv(how: Counting): string {
  const marks = countedMarks(how);
  const bySession = Map.groupBy(marks, ({ date, session }) => `${date} ${session}`);
  return [
    'Date\tSession\tPossible\tPresent\tAuth. absence\tUnauth. absence',
    ...[...bySession].sort().map(([key, own]) => {
      const [date = '', session] = key.split(' ');
      const { possible, present: here, authorised: auth, unauthorised: unauth } = sums(own);
      const british = date.split('-').toReversed().join('/');
      return [british, session === '0' ? 'AM' : 'PM', possible, here, auth, unauth].join('\t');
    }),
  ].join('\n');
}

/** A row a code. */
export function codesCsv(how: Counting): string {
  const counted = countedMarks(how).filter(({ code }) => !['missing', 'before'].includes(code));
  return [
    'Attendance code;Sessions',
    ...[...Map.groupBy(counted, ({ code }) => code)].map(([code, own]) => `${code};${own.length}`),
  ].join('\n');
}

/** A row a pupil. */
export function pupilsCsv(how: Counting): string {
  const byPupil = Map.groupBy(countedMarks(how), ({ upn }) => upn);
  return [
    '"UPN","Sessions possible","Absent","Attendance %"',
    ...[...byPupil].map(([upn, own]) => {
      const { possible, absent } = sums(own);
      const attendance = (100 * (possible - absent)) / possible;
      return `"${upn}",${possible},${absent},"${percent(how, attendance)}%"`;
    }),
    '"Total",999,99,"90.0%"',
  ].join('\n');
}
