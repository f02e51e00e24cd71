/**
 * The made-up England: a country of schools that do not exist, with their places, intakes, trusts and years of absence,
 * written in the very formats in which the department publishes the real ones, so that it comes in by the same door.
 */
export { type CastKey, type CastMember, demoCast } from './cast.ts';
export { demoPeople, demoRoutes } from './choose.ts';
export { seedCommand } from './commands.ts';
export { evaluateOnMadeUp } from './earlyWarning/index.ts';
export { type MadeUpEngland, makeEngland } from './madeUpEngland.ts';
export { castPeople, type CastPerson, type CastPersonKey } from './people.ts';
export { type PublishedFile } from './publishedFiles.ts';
export { saveEngland } from './saveEngland.ts';
export type { MadeUpSchool } from './school.ts';
export { demoIsSeeded, demoYear, seedDemo } from './seed.ts';
export { type CastChild, castChildren } from './pupils.ts';
export { type SeededCast, seedPupils } from './seedPupils.ts';
export { presentYear } from './seedRegisters.ts';
export { fillRegisters } from './registers/fill.ts';
export { registerYear } from './registers/year.ts';
