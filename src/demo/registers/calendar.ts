import { type AcademicYear, startYearOf } from '../../base/academicYear.ts';
import { type Day, daysAfter, isWeekday, weekdayOf } from '../../base/day.ts';
import { randomStream } from '../../stats/randomStream.ts';

export type CalendarDay = {
  date: Day;
  open: boolean;
  /** Why a weekday of the year is closed; empty when it is open. */
  reason: '' | 'holiday' | 'bank holiday' | 'staff training';
};

/** A school's year: its weekdays from the first to the last, and what its open days are to it. */
export type SchoolCalendar = {
  weekdays: readonly CalendarDay[];
  openDays: readonly Day[];
  /** Places in `openDays`, from 1: the last day before each holiday, the last of the year included. */
  lastBeforeHoliday: readonly number[];
};

const daysInSchoolYear = 190;
const trainingDays = 5;

/** Authorities agree on terms with their schools; each school has staff-training days of its own. */
export function calendarOf(
  seed: number | string,
  year: AcademicYear,
  { authority, urn }: { authority: number; urn: number },
): SchoolCalendar {
  const chance = randomStream(seed, 'training', urn, year);
  const weekdays = termDays(year, authority);
  const open = weekdays.flatMap(({ open: isOpen }, at) => (isOpen ? [at] : []));
  const firstOfTerms = open.filter((at, place) => place === 0 || at - (open[place - 1] ?? at) > 5);
  const training = new Set<number>([firstOfTerms[0] ?? 0]);
  for (const at of chance.shuffled(firstOfTerms.slice(1))) {
    if (training.size < 3) training.add(at);
  }
  while (training.size < trainingDays) training.add(chance.pick(open));
  const made = weekdays.map((day, at): CalendarDay => {
    return training.has(at) ? { ...day, open: false, reason: 'staff training' } : day;
  });
  const places = made.flatMap(({ open: isOpen }, at) => (isOpen ? [at] : []));
  const lastBeforeHoliday = places.flatMap((at, place) =>
    (places[place + 1] ?? at + 9) - at > 5 ? [place + 1] : [],
  );
  return {
    weekdays: made,
    openDays: places.map((at) => made[at]?.date ?? ''),
    lastBeforeHoliday,
  };
}

/** 195 weekdays of term, holidays between them: what an authority publishes. */
function termDays(year: AcademicYear, authority: number): CalendarDay[] {
  const start = startYearOf(year);
  const easter = easterSunday(start + 1);
  const earlierOctober = authority % 5 === 4 ? 7 : 0;
  const weeksOff: readonly (readonly [Day, number])[] = [
    [daysAfter(lastMonday(start, 10), -earlierOctober), 5],
    [mondayFrom(`${start}-12-20`), 12],
    [mondayFrom(`${start + 1}-02-12`), 5],
    [daysAfter(easter, authority % 3 === 1 ? 1 : -6), 12],
    [lastMonday(start + 1, 5), 5],
  ];
  const bankHolidays = new Set([
    daysAfter(easter, -2),
    daysAfter(easter, 1),
    mondayFrom(`${start + 1}-05-01`),
    lastMonday(start + 1, 5),
  ]);
  const isOff = (date: Day) =>
    weeksOff.some(([from, days]) => date >= from && date < daysAfter(from, days));
  const days: CalendarDay[] = [];
  let open = 0;
  for (
    let date = daysAfter(mondayFrom(`${start}-09-01`), authority % 3);
    open < daysInSchoolYear + trainingDays;
    date = daysAfter(date, 1)
  ) {
    if (!isWeekday(date)) continue;
    const reason = bankHolidays.has(date) ? 'bank holiday' : isOff(date) ? 'holiday' : '';
    if (reason === '') open++;
    days.push({ date, open: reason === '', reason });
  }
  return days;
}

/** Days since 1970, as the engine counts them. */
export function numberOfDay(date: Day): number {
  return Date.parse(`${date}T00:00:00Z`) / 86_400_000;
}

function mondayFrom(date: Day): Day {
  return daysAfter(date, (8 - weekdayOf(date)) % 7);
}

function lastMonday(year: number, month: 5 | 10): Day {
  return mondayFrom(`${year}-${String(month).padStart(2, '0')}-25`);
}

/** The Gregorian computus (Meeus, Jones and Butcher). */
function easterSunday(year: number): Day {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const d =
    (19 * a + b - Math.floor(b / 4) - Math.floor((b - Math.floor((b + 8) / 25) + 1) / 3) + 15) % 30;
  const e = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - d - (c % 4)) % 7;
  const f = d + e - 7 * Math.floor((a + 11 * d + 22 * e) / 451) + 114;
  const month = Math.floor(f / 31);
  return `${year}-${String(month).padStart(2, '0')}-${String((f % 31) + 1).padStart(2, '0')}`;
}
