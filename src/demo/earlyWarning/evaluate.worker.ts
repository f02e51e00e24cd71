import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Coefficients, EvaluationRow } from '../../earlyWarning/index.ts';
import { connectWarehouse, migrateWarehouse, migrations } from '../../warehouse/index.ts';
import { fitOnMadeUp, judgeOnMadeUp, settings } from './evaluate.ts';

/*
 * Fits and judges on made-up registers, in a process of its own: with an engine whose folder nobody else has, so that
 * made-up marks never come near anybody’s stores.
 */
export type Told =
  | { step: string }
  | { done: { coefficients: Coefficients; rows: EvaluationRow[] } };

const tell = (told: Told) => process.send?.(told);
const folder = await mkdtemp(join(tmpdir(), 'rollcall-early-warning-'));
const warehouse = connectWarehouse({ kind: 'embedded', folder }, { maxExecutionSeconds: 3600 });
const abandoned = () => process.exit(1);
process.on('disconnect', abandoned);
try {
  await migrateWarehouse(warehouse, migrations, () => new Date());
  const coefficients = await fitOnMadeUp(warehouse, { say: (step) => tell({ step }) });
  const rows: EvaluationRow[] = [];
  for (const [at, setting] of settings.judged.entries()) {
    tell({ step: `Judging: ${setting.name} …` });
    rows.push(...(await judgeOnMadeUp(warehouse, coefficients, { setting, at })));
  }
  await new Promise((sent) =>
    process.send?.({ done: { coefficients, rows } } satisfies Told, sent),
  );
} finally {
  await warehouse.close();
  await rm(folder, { recursive: true, force: true });
}
process.off('disconnect', abandoned);
process.disconnect();
