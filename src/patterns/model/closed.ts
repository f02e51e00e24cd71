import { OpensOn } from './opensOn.ts';
import { placesOf } from './places.ts';
import { type DailySeries, noneDue, onDays, weekdayIndex } from './series.ts';

/** Who sent a figure in the last so many days is waited for. */
const lately = 30;
/** Where no more than this share of those who are waited for sent anything, the day is like no other, and not looked at. */
const fewShare = 0.05;

/** What the figures of a school say of a day. */
type Said = 'nothing' | 'nobody there' | 'somebody there';

/**
 * The series without days on which they were closed: a figure that says that nobody was there is none where most of the
 * area, or of all, say the same, and days without any figure are nobody's school days. Each day is judged by itself and by
 * the days before it. One school alone may be silent on a day on which its register was due.
 */
export function withoutClosedDays(series: DailySeries): DailySeries {
  const width = series.days.length;
  const absencePercent = series.absencePercent.slice();
  const due = series.due.slice();
  const schools = [...placesOf(series.names.map(({ school }) => school)).values()];
  const areas = placesOf(schools.map(([row]) => series.names[row as number]?.area ?? ''));
  areas.delete('');
  const all = schools.map((_, school) => school);
  const lastCame = new Int32Array(schools.length).fill(-1);
  const opensOn = new OpensOn(schools.length);
  const open: number[] = [];
  // Once closed days have been written down so, one school's day without anybody is its closed day too.
  let closedIsNobody = false;
  for (let day = 0; day < width; day++) {
    const weekday = weekdayIndex(series.days[day] as string);
    const said = schools.map((rows) => saidOn(series, rows, day));
    const isKnown = (school: number) => (lastCame[school] as number) >= 0;
    const isWaitedFor = (school: number) =>
      isKnown(school) &&
      open.length - (lastCame[school] as number) <= lately &&
      opensOn.weekday(school, weekday);
    const close = (school: number) => {
      for (const row of schools[school] as number[]) {
        absencePercent[row * width + day] = Number.NaN;
        due[row * width + day] = noneDue;
      }
    };
    const known = all.filter(isKnown);
    for (const members of [all, ...areas.values()])
      if (areClosed(members, said, isWaitedFor)) {
        for (const school of members) if (said[school] !== 'somebody there') close(school);
        closedIsNobody = true;
      }
    for (const school of all)
      if (said[school] === 'nobody there')
        if (closedIsNobody || known.length < 2 || !opensOn.weekday(school, weekday)) close(school);
    const came = all.filter((school) => said[school] === 'somebody there');
    if (came.length <= fewShare * all.filter(isWaitedFor).length) came.forEach(close);
    const isSilent = known.some(
      (school) =>
        known.length === 1 &&
        opensOn.weekday(school, weekday) &&
        schools[school]?.some((row) => due[row * width + day] === 1),
    );
    for (const school of all) {
      const isThere = said[school] === 'somebody there';
      if (isThere || isKnown(school)) opensOn.learn(school, weekday, isThere);
      if (isThere) lastCame[school] = open.length;
    }
    const anyCame = series.names.some(
      (_, row) => !Number.isNaN(absencePercent[row * width + day] as number),
    );
    if (anyCame || isSilent) open.push(day);
  }
  return onDays({ ...series, absencePercent, due }, open);
}

function saidOn(series: DailySeries, rows: readonly number[], day: number): Said {
  const width = series.days.length;
  let said: Said = 'nothing';
  for (const row of rows) {
    const absent = series.absencePercent[row * width + day] as number;
    if (absent < 100) return 'somebody there';
    if (absent === 100) said = 'nobody there';
  }
  return said;
}

/** Most of those that say anything say that nobody was there; of one alone, all others have to be silent. */
function areClosed(
  members: readonly number[],
  said: readonly Said[],
  isWaitedFor: (school: number) => boolean,
): boolean {
  const [there, empty] = [
    members.filter((school) => said[school] === 'somebody there').length,
    members.filter((school) => said[school] === 'nobody there').length,
  ];
  if (empty <= there) return false;
  return empty > 1 || members.filter(isWaitedFor).length > 1;
}
