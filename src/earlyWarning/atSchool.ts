import { countingYear, countingYearOf } from '../absence/index.ts';
import { type Clock, dayInEngland } from '../base/clock.ts';
import { dayAfter } from './ask.ts';
import { sessionsToCome } from './left.sql.ts';
import { type Model } from './model.ts';
import { scoreOn } from './score.ts';
import { stripWeeks } from './strip.sql.ts';
import type { Stores } from '../stores/index.ts';
import { type Holder, type Note, type WorklistEntry, worklistOf } from './worklist.ts';

/** What a school keeps itself of its worklist. */
export type KeptAtSchool = {
  notes: readonly Note[];
  holders: readonly Holder[];
  capacity?: number | undefined;
};

const weeksShown = 8;

/**
 * The worklist of a school today, by every URN it has had, with the model that its probabilities come from. A child is a key
 * in it: who may know which child it is, the registry decides.
 */
export async function worklistAtSchool(
  stores: Stores,
  clock: Clock,
  urns: readonly number[],
  kept: KeptAtSchool,
): Promise<{ model: Model; entries: WorklistEntry[] }> {
  const on = dayInEngland(clock());
  const { from: since, to: end } = countingYear(countingYearOf(on));
  const { model, scores } = await scoreOn(stores, clock, { urns, on });
  const pupils = scores.map(({ pupil }) => pupil);
  const of = { urns: [...urns], to: on };
  const [strips, coming] = await Promise.all([
    stores.read(stripWeeks, { ...of, pupils, from: dayAfter(on, -7 * (weeksShown - 1)) }),
    stores.read(sessionsToCome, { ...of, end }),
  ]);
  const parts = { urns, scores, strips, since, coming: coming.map(({ date }) => date) };
  return { model, entries: worklistOf({ ...parts, ...kept }) };
}
