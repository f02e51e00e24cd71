import { countingYear, countingYearOf } from '../../absence/index.ts';
import { type Clock, dayInEngland } from '../../base/clock.ts';
import { daysAfter, mondayOnOrBefore } from '../../base/day.ts';
import type { Stores } from '../../stores/index.ts';
import type { StripWeek } from '../../ui/index.ts';
import { calendarAt, sessionsToCome } from '../coming.ts';
import type { Model } from '../model.ts';
import { arithmeticOf } from '../reasons.ts';
import { scoreOn } from '../score.ts';
import { stripWeeks } from '../strip.sql.ts';
import { isOnRoll, leavesBefore, markedOn, type Span, weeksOfRows } from './weeks.ts';
import { type Note, type Said, type WorklistEntry, worklistOf } from './worklist.ts';

/** What a school keeps itself of its worklist. */
export type KeptAtSchool = {
  notes: readonly Note[];
  said: readonly Said[];
  capacity?: number | undefined;
  /** A child who stands on the list whatever it is. */
  asked?: string | undefined;
};

type Parts = { stores: Stores; clock: Clock };

/**
 * The worklist of a school today, by every URN it has had, with the model that its probabilities come from and how many
 * children were scored. A child is a key in it, and only these keys are looked at: who may know which child it is, the
 * registry decides.
 */
export async function worklistAtSchool(
  { stores, clock }: Parts,
  { urns, among, ...kept }: KeptAtSchool & { urns: readonly number[]; among: ReadonlySet<string> },
): Promise<{ model: Model; scored: number; entries: WorklistEntry[] }> {
  const on = dayInEngland(clock());
  const { from: since } = countingYear(countingYearOf(on));
  const { model, scores: all } = await scoreOn(stores, clock, { urns, on });
  const isAmong = ({ pupil }: { pupil: string }) => among.has(pupil);
  const scores = all.filter(isAmong);
  const entries = worklistOf({ urns, scores, since, ...kept, said: kept.said.filter(isAmong) });
  return { model, scored: scores.length, entries };
}

/** Of an entry, what is looked up for those alone that are shown. */
export type Weeks = {
  strip: StripWeek[];
  /** What the arithmetic alone says; null where it is not known how much of the year is left. */
  arithmetic: string | null;
};

/** So many weeks of school are shown; with the longest holiday they are among so many of the calendar. */
const [weeksShown, weeksLookedAt] = [8, 12];

/** The last weeks of these entries, and what the arithmetic says of each. `spans`: when each was or will be on this roll. */
export async function weeksOfEntries(
  { stores, clock }: Parts,
  {
    urns,
    entries,
    spans,
  }: {
    urns: readonly number[];
    entries: readonly Pick<WorklistEntry, 'pupil' | 'score'>[];
    spans: ReadonlyMap<string, readonly Span[]>;
  },
): Promise<Map<string, Weeks>> {
  const today = dayInEngland(clock());
  const pupils = entries.map(({ pupil }) => pupil);
  const from = daysAfter(today, -7 * (weeksLookedAt - 1));
  const [rows, days] = await Promise.all([
    stores.read(stripWeeks, { urns: [...urns], pupils, from, to: today }),
    calendarAt(stores, urns, today),
  ]);
  const coming = sessionsToCome(days, today);
  const lastDay = coming?.at(-1)?.date ?? today;
  const calendar = days.filter(({ date }) => date >= mondayOnOrBefore(from));
  const byNewest = rows.toSorted((a, b) => urns.indexOf(a.urn) - urns.indexOf(b.urn));
  const byPupil = Map.groupBy(byNewest, ({ pupil }) => pupil);
  return new Map(
    entries.map(({ pupil, score }) => {
      const own = byPupil.get(pupil) ?? [];
      const onRoll = spans.get(pupil) ?? [];
      const marked = markedOn(own, today);
      const left = coming?.filter(
        ({ date, session }) =>
          isOnRoll(date, onRoll) && !(date === today && marked.includes(session)),
      );
      const days = left?.map(({ date }) => date) ?? null;
      const around = { calendar, today, spans: onRoll };
      return [
        pupil,
        {
          strip: weeksOfRows(own, around).filter(isOfSchool).slice(-weeksShown),
          arithmetic: score && arithmeticOf(score, days, { leaves: leavesBefore(lastDay, onRoll) }),
        },
      ];
    }),
  );
}

const isOfSchool = ({ cells }: StripWeek) => cells.some((cell) => cell !== 'blank');
