import type { Day } from '../base/day.ts';
import { canMissAtMost, mostInAWeek, sessionsToBeBack } from '../registers/index.ts';
import { words } from '../ui/index.ts';
import { type Counts, longestHoliday, type Score } from './scores.sql.ts';

/** From these on a thing is told as a reason. */
const from = {
  rate: 0.05,
  recent: 4,
  spells: 4,
  longestDays: 5,
  presentDays: 2,
  lastRate: 0.08,
  unauthorisedShare: 0.4,
  absences: 6,
  atEndsShare: 0.65,
  lateShare: 0.08,
} as const;

const half = (count: number) => words.plural(count, 'half day');
const share = (part: number, whole: number) => words.percent((100 * part) / whole);

/**
 * Why a child stands where it does, in words, what weighs most first. Facts of its own attendance that the score rests on;
 * nothing of who it is.
 */
export function reasonsOf(score: Counts): string[] {
  const { possible, absent, unauthorised, late, weeks_since } = score;
  const goesOn = weeks_since <= longestHoliday;
  const reasons: string[] = [];
  const say = (isSo: boolean, text: () => string) => {
    if (isSo) reasons.push(text());
  };
  say(!goesOn, () => `no mark in the last ${words.plural(weeks_since, 'week')}`);
  say(
    goesOn && score.present_spell >= from.presentDays,
    () =>
      `away for at least half of each of the last ${words.plural(score.present_spell, 'school day')}`,
  );
  say(
    absent > 0,
    () =>
      `missed ${share(absent, possible)} of the year so far (${words.number(absent)} of ${half(possible)})`,
  );
  say(
    goesOn && score.recent_absent >= from.recent,
    () =>
      `missed ${words.number(score.recent_absent)} of ${half(score.recent_possible)} in the last four school weeks`,
  );
  say(
    score.last_possible > 0 && score.last_absent >= from.lastRate * score.last_possible,
    () => `missed ${share(score.last_absent, score.last_possible)} last year`,
  );
  say(
    score.spells >= from.spells,
    () => `absences in ${words.number(score.spells)} separate runs of school days this year`,
  );
  say(
    score.longest_spell >= from.longestDays && score.longest_spell > score.present_spell,
    () => `an absence of ${words.plural(score.longest_spell, 'school day')} in a row`,
  );
  say(
    absent >= from.absences && unauthorised >= from.unauthorisedShare * absent,
    () => `${share(unauthorised, absent)} of the absence without leave`,
  );
  say(
    absent >= from.absences && score.absent_at_ends >= from.atEndsShare * absent,
    () => `${share(score.absent_at_ends, absent)} of the absence on Mondays and Fridays`,
  );
  say(
    late >= from.absences && late >= from.lateShare * possible,
    () => `late ${words.number(late)} times`,
  );
  say(score.schools_left > 0, () => 'changed school this year');
  return reasons.length > 0 ? reasons : ['missed nothing so far this year'];
}

/**
 * What the arithmetic alone says, by the days of the sessions to come, in order; null where the school’s calendar does not
 * tell them all (`coming.ts`), and of a child who is there for a part of the week only, or of whom no register has come for
 * longer than a holiday: how many are its own to come is not known. `leaves`: these are all that come before the child’s
 * last day here.
 */
export function arithmeticOf(
  { possible, absent, week_most, weeks_since }: Standing,
  coming: readonly Day[] | null,
  { leaves }: { leaves: boolean },
): string | null {
  if (coming === null || weeks_since > longestHoliday || week_most < mostInAWeek(coming))
    return null;
  const left = coming.length;
  const most = canMissAtMost({ possible, absent, left });
  const time = leaves ? 'its time here' : 'the year';
  if (most < 0) return `whatever comes, ${time} will end with a tenth or more missed`;
  if (most >= left) return `${time} cannot end with a tenth missed`;
  const text = `can miss at most ${words.number(most)} of the ${half(left)} left for ${time} to end below a tenth`;
  if (10 * absent < possible) return text;
  const back = coming[sessionsToBeBack({ possible, absent })];
  return back === undefined
    ? text
    : `${text}; out of persistent absence on ${words.date(back)} at the earliest`;
}

type Standing = Pick<Counts, 'possible' | 'absent' | 'week_most' | 'weeks_since'>;

/** All of it: the reasons, what the arithmetic says where it says something, and what is foreseen. */
export function whyOf(score: Score, arithmetic: string | null): string {
  const foreseen = `foreseen to miss ${words.percent(100 * score.rate)} of what is left`;
  return [...reasonsOf(score), arithmetic ?? [], foreseen].flat().join('; ');
}
