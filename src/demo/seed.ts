import { rm } from 'node:fs/promises';
import type { AcademicYear } from '../base/academicYear.ts';
import { type Clock, dayInEngland } from '../base/clock.ts';
import { daysAfter } from '../base/day.ts';
import { runPatterns } from '../patterns/index.ts';
import { importFiles } from '../publications/index.ts';
import { directoriesOf } from '../schools/index.ts';
import type { Stores } from '../stores/index.ts';
import { words } from '../ui/index.ts';
import { assessTargets, issueTargets, widestBacktest } from '../targets/index.ts';
import { demoSchoolCount } from './authorities.ts';
import { broughtTo } from './laterYears.ts';
import { makeEngland } from './madeUpEngland.ts';
import { saveEngland } from './saveEngland.ts';
import { seedPupils } from './seedPupils.ts';
import { seedWorklist } from './seedWorklist.ts';
import { presentYear, seedRegisters } from './seedRegisters.ts';

/** The year for which the demo's expectations are set: the first that its files do not know. */
export const demoYear: AcademicYear = 201819;

/** Stands in for the demo’s identity provider until that has started, and says who it is (`serve.ts`). */
const demoIssuer = 'http://localhost';

/** The demo is the same on every machine. */
export const demoSeed = 'demo';

/**
 * Fills empty stores with the made-up England, through the same doors as real data: its files are imported, then the
 * expectations are worked out from them. Cut off anywhere, it may be begun again on the same stores.
 */
export async function seedDemo(
  stores: Stores,
  options: {
    clock: Clock;
    /** Where the files are while they are read; removed afterwards. */
    folder: string;
    visitKm: number;
    schools?: number;
    signal?: AbortSignal;
    say(step: string): void;
  },
): Promise<void> {
  const { folder, visitKm, schools = demoSchoolCount, clock, say } = options;
  const today = dayInEngland(clock());
  const present = presentYear(today);
  const stop = options.signal ? { signal: options.signal } : {};
  try {
    say(`Making up an England of ${words.plural(schools, 'school')} …`);
    const england = broughtTo(makeEngland({ schools, seed: demoSeed }), present);
    const files = await saveEngland(england, folder);
    say(`Importing its ${files.length} published files …`);
    const census = england.censusIn;
    await importFiles(stores, files, { ...stop, removeMissing: true, census });
    const cast = await seedPupils(stores, { issuer: demoIssuer, clock });
    say('Writing the registers of a few of its schools, last year’s and this year’s up to today …');
    await seedRegisters(stores, england, { folder, clock, ...stop });
    if (cast) await seedWorklist(stores, { people: cast.people, clock });
    say('Looking for what is unusual in them …');
    const parts = { stores, directories: directoriesOf(stores), clock };
    // As an installation that looked a week ago and again this morning: some alerts are new and some are not.
    for (const on of [daysAfter(today, -8), daysAfter(today, -1)])
      await runPatterns(parts, { on, ...stop });
    say('Working out what can fairly be expected of each school …');
    await issueTargets(stores, { year: present, visitKm, ...stop });
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
