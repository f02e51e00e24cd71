import { setTimeout as pause } from 'node:timers/promises';
import { countingReceipts, type Records } from '../records/index.ts';
import { findInstallation, type Warehouse } from '../warehouse/index.ts';

/** Which of the two stores answers just now. */
export type Answering = { records: boolean; warehouse: boolean };

/** A store that takes longer than this to say anything is as good as away. */
const patienceMilliseconds = 2000;

/**
 * Asks each store a small question, and waits for it a short while. One that does not answer is asked no second question
 * meanwhile: however many want to know, they take up no more than one connection.
 */
export function answeringOf(records: Records, warehouse: Warehouse): () => Promise<Answering> {
  const recordsAnswer = oneQuestion(() => countingReceipts(records));
  const warehouseAnswers = oneQuestion(() => findInstallation(warehouse));
  return async () => {
    const [ofRecords, ofWarehouse] = await Promise.all([recordsAnswer(), warehouseAnswers()]);
    return { records: ofRecords, warehouse: ofWarehouse };
  };
}

function oneQuestion(ask: () => Promise<unknown>): () => Promise<boolean> {
  let asked: Promise<boolean> | undefined;
  return () => {
    asked ??= ask()
      .then(
        () => true,
        () => false,
      )
      .finally(() => {
        asked = undefined;
      });
    return Promise.race([asked, pause(patienceMilliseconds, false, { ref: false })]);
  };
}
