import { type Day, daysAfter } from '../../base/day.ts';
import {
  type Coefficients,
  cameAfterDay,
  Evaluation,
  type EvaluationRow,
  examplesOn,
  fitCoefficients,
  keyOf,
  outcomesOf,
  parametersOn,
  type Read,
  scoresAsKnown,
  seesLastOn,
} from '../../earlyWarning/index.ts';
import type { Warehouse } from '../../warehouse/index.ts';
import { eventsAsked } from '../registers/events.ts';
import { pupilPropensities } from '../registers/registers.sql.ts';
import { parametersOf, tellRolls } from '../registers/told.ts';
import { bringRegisters, type MadeUpRegisters, type Setting } from './madeUpRegisters.ts';

const oneSchoolIn = 900;

function setting(
  name: string,
  seed: string,
  built: { asked?: string[]; without?: string[]; seesLast?: boolean } = {},
): Setting {
  const { asked = [], without = [], seesLast = true } = built;
  const events = eventsAsked(asked, without);
  if (!events) throw new Error(`no such events: ${asked.join()} ${without.join()}`);
  return { name, seed, events, oneSchoolIn, seesLast };
}

const nothing = { without: ['events'] };

/** What the model is fitted on, and what it is judged on: other seeds, and more or less built into them. */
export const settings: Record<'fit' | 'judged', readonly Setting[]> = {
  fit: [
    setting('fitted on, usual', 'early warning 1'),
    setting('fitted on, nothing built in', 'early warning 2', nothing),
  ],
  judged: [
    setting('usual', 'early warning 3'),
    setting('nothing built in', 'early warning 4', nothing),
    setting('many decline after a move', 'early warning 5', {
      asked: ['decline-after-move:6:0.6'],
    }),
    setting('flu in half of the areas', 'early warning 6', { asked: ['flu:6:0.5'] }),
    setting('a fifth of schools drift', 'early warning 7', { asked: ['drift:1.8:0.2'] }),
    setting('usual, the year before not known', 'early warning 8', { seesLast: false }),
  ],
};

/** The last days of school weeks of the judged year. */
export function fridays(every: number): Day[] {
  const days: Day[] = [];
  for (let day = '2025-09-19'; day < '2026-07-11'; day = daysAfter(day, 7)) days.push(day);
  return days.filter((_, at) => at % every === 0);
}

const onDay = (on: Day, seesLast: boolean) =>
  ({ urns: [], on, knowing: 'asKnown', cameLater: [], seesLast }) as const;

const readerOf =
  (warehouse: Warehouse, { receipts }: MadeUpRegisters): Read =>
  (asked, parameters) =>
    warehouse.query(asked, { ...parameters, receipts });

/** Fits on made-up Englands. */
export async function fitOnMadeUp(
  warehouse: Warehouse,
  { say, every = 2 }: { say(step: string): void; every?: number },
): Promise<Coefficients> {
  const days = [];
  for (const [at, each] of settings.fit.entries()) {
    say(`Making up registers: ${each.name} …`);
    const made = await bringRegisters(warehouse, each, 1000 + 10 * at);
    const read = readerOf(warehouse, made);
    const outcomes = await outcomesOf(read, { urns: [], on: '2026-01-01' });
    for (const [day, on] of fridays(every).entries()) {
      const asked = onDay(on, seesLastOn(day + at));
      days.push((rate: readonly number[]) => examplesOn(read, asked, outcomes, rate));
    }
  }
  say('Fitting …');
  return fitCoefficients(days);
}

/** Judges coefficients on one made-up England that they were not fitted on. */
export async function judgeOnMadeUp(
  warehouse: Warehouse,
  coefficients: Coefficients,
  { setting: each, at, every = 2 }: { setting: Setting; at: number; every?: number },
): Promise<EvaluationRow[]> {
  const made = await bringRegisters(warehouse, each, 2000 + 10 * at);
  const read = readerOf(warehouse, made);
  await tellRolls(warehouse, made.year, made.schools);
  const truths = await warehouse.query(pupilPropensities, {
    ...parametersOf(made.year),
    ...{ key0: '1', key1: '2' },
  });
  const propensities = new Map(truths.map(({ urn, pupil, away }) => [`${urn} ${pupil}`, away]));
  const outcomes = await outcomesOf(read, { urns: [], on: '2026-01-01' });
  const evaluation = new Evaluation(each.name, outcomes);
  const rows: EvaluationRow[] = [];
  for (const on of fridays(every)) {
    const parameters = await parametersOn(read, onDay(on, each.seesLast));
    const scores = await read(scoresAsKnown, { ...parameters, ...coefficients });
    const judged = scores.flatMap((score) => {
      const outcome = outcomes.get(keyOf(score));
      if (!outcome) return [];
      const propensity = propensities.get(`${score.urn} ${score.pupil}`) ?? null;
      return [{ ...score, came: cameAfterDay(outcome, on), groups: outcome.groups, propensity }];
    });
    rows.push(...evaluation.add(on, judged));
  }
  return [...rows, ...evaluation.pooled()];
}
