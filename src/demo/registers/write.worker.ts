import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectWarehouse } from '../../warehouse/index.ts';
import { makeEngland } from '../madeUpEngland.ts';
import type { Share } from './save.ts';
import { writeRegisters } from './write.ts';
import { registerYear } from './year.ts';

/*
 * Writes one share of the schools, in a process of its own: with an engine whose folder nobody else has, so that made-up
 * marks never come near anybody’s stores.
 */
const share = JSON.parse(process.argv[2] ?? '') as Share;
const folder = await mkdtemp(join(tmpdir(), 'rollcall-made-up-'));
const warehouse = connectWarehouse({ kind: 'embedded', folder }, { maxExecutionSeconds: 3600 });
const abandoned = () => process.exit(1);
process.on('disconnect', abandoned);
try {
  const of = registerYear(makeEngland(share.england), {
    year: share.year,
    events: new Map(share.events),
  });
  await writeRegisters(warehouse, of, {
    schools: of.schools.slice(share.from, share.to),
    files: share.files,
    until: share.until,
    say: (written) => process.send?.(written),
  });
} finally {
  await warehouse.close();
  await rm(folder, { recursive: true, force: true });
}
process.off('disconnect', abandoned);
process.disconnect();
