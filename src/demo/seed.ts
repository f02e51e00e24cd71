import { rm } from 'node:fs/promises';
import type { AcademicYear } from '../base/academicYear.ts';
import { importFiles } from '../publications/index.ts';
import { directoriesOf } from '../schools/index.ts';
import type { Stores } from '../stores/index.ts';
import { words } from '../ui/index.ts';
import { assessTargets, issueTargets, widestBacktest } from '../targets/index.ts';
import { demoSchoolCount } from './authorities.ts';
import { makeEngland } from './madeUpEngland.ts';
import { saveEngland } from './saveEngland.ts';

/** The year for which the demo's expectations are set: the first that its files do not know. */
export const demoYear: AcademicYear = 201819;

/** The demo is the same on every machine. */
export const demoSeed = 'demo';

/**
 * Fills empty stores with the made-up England, through the same doors as real data: its files are imported, then the
 * expectations are worked out from them. Cut off anywhere, it may be begun again on the same stores.
 */
export async function seedDemo(
  stores: Stores,
  options: {
    /** Where the files are while they are read; removed afterwards. */
    folder: string;
    visitKm: number;
    schools?: number;
    signal?: AbortSignal;
    say(step: string): void;
  },
): Promise<void> {
  const { folder, visitKm, schools = demoSchoolCount, say } = options;
  const stop = options.signal ? { signal: options.signal } : {};
  try {
    say(`Making up an England of ${words.plural(schools, 'school')} …`);
    const files = await saveEngland(makeEngland({ schools, seed: demoSeed }), folder);
    say(`Importing its ${files.length} published files …`);
    await importFiles(stores, files, { ...stop, removeMissing: true });
    say('Working out what can fairly be expected of each school …');
    await issueTargets(stores, { year: demoYear, visitKm, ...stop });
    say('Checking how well that would have done in past years …');
    await assessTargets(stores, directoriesOf(stores), { from: 201516, to: 201718, ...stop });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Whether all of `seedDemo` was done. */
export async function demoIsSeeded(stores: Stores): Promise<boolean> {
  return (await widestBacktest(stores)) !== undefined;
}
