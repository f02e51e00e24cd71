import { cameAfter, keepUp } from '../absence/index.ts';
import { type Clock, dayInEngland } from '../base/clock.ts';
import type { Day } from '../base/day.ts';
import { Refusal } from '../base/problem.ts';
import type { Stores } from '../stores/index.ts';
import { type Asked, parametersOn, type Read } from './ask.ts';
import { type Model, modelFor } from './model.ts';
import { schoolSizes, type Score, scoresKept, scoresSummed, scoresAsKnown } from './scores.sql.ts';

/** The registers of these stores, as long work. */
export const readerOf =
  (stores: Stores): Read =>
  (asked, parameters) =>
    stores.read(asked, parameters, { work: true });

/**
 * What was known at the end of a day. Of one that is over the marks are read as they stood then; of today the weeks that
 * are kept. Where no register had come by then, all are a history that came at once, and each mark is taken at its word.
 */
export async function knownOn(
  stores: Stores,
  clock: Clock,
  on: Day,
): Promise<Pick<Asked, 'knowing' | 'cameLater'>> {
  if (on >= dayInEngland(clock())) return { knowing: 'kept', cameLater: [] };
  const later = await cameAfter(stores, on);
  const marks = await stores.receipts('marks');
  const wasThere = marks.some(({ id }) => !later.includes(id));
  return { knowing: 'asKnown', cameLater: wasThere ? later : [] };
}

export type Scored = { model: Model; scores: Score[] };

/** Scores every enrolment of these schools (none: of all) on a day. A score rests on the child’s own sessions alone. */
export async function scoreOn(
  stores: Stores,
  clock: Clock,
  { urns, on }: Pick<Asked, 'urns' | 'on'>,
): Promise<Scored> {
  refuseToCome(on, dayInEngland(clock()));
  const known = await knownOn(stores, clock, on);
  if (known.knowing === 'kept') await keepUp(stores);
  const model = await modelFor(stores, on);
  const read = readerOf(stores);
  const { seesLast } = model;
  const parameters = await parametersOn(read, { urns, on, seesLast, ...known });
  const asked = known.knowing === 'kept' ? scoresKept : scoresAsKnown;
  return { model, scores: await read(asked, { ...parameters, ...model.coefficients }) };
}

function refuseToCome(on: Day, today: Day): void {
  if (on <= today) return;
  throw new Refusal(
    'bad-input',
    `${on} is still to come, and a score rests on what has been. Ask for ${today} or an earlier day.`,
  );
}

/** So many enrolments at a time: enough for the engine, little enough for memory. */
const enrolmentsAtOnce = 1_000_000;

/** How many enrolments were scored, and how many of them are expected to be persistently absent: nothing of a child. */
export async function scoreAll(
  stores: Stores,
  clock: Clock,
  on: Day,
  only: readonly number[] = [],
): Promise<{ enrolments: number; persistent: number }> {
  const model = await modelFor(stores, on);
  const read = readerOf(stores);
  const all = { enrolments: 0, persistent: 0 };
  for (const urns of only.length > 0 ? [[...only]] : await sharesOf(read, enrolmentsAtOnce)) {
    const known = await knownOn(stores, clock, on);
    const parameters = await parametersOn(read, { urns, on, seesLast: model.seesLast, ...known });
    const [sums] = await read(scoresSummed, { ...parameters, ...model.coefficients });
    all.enrolments += sums?.enrolments ?? 0;
    all.persistent += sums?.persistent ?? 0;
  }
  return all;
}

/** All schools, in order, by so many enrolments at a time. */
export async function sharesOf(read: Read, atOnce: number): Promise<number[][]> {
  const shares: number[][] = [];
  let room = 0;
  for (const { urn, enrolments } of await read(schoolSizes, {})) {
    if (room < enrolments || shares.length === 0) {
      shares.push([]);
      room = atOnce;
    }
    shares.at(-1)?.push(urn);
    room -= enrolments;
  }
  return shares;
}
