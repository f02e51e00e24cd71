import type { Source } from '../source.ts';
import { areaAbsence } from './areaAbsence.ts';
import { schoolAbsence } from './schoolAbsence.ts';
import { schoolCensus } from './schoolCensus.ts';
import { schoolLinks } from './schoolLinks.ts';
import { schoolLocations } from './schoolLocations.ts';
import { schoolSample } from './schoolSample.ts';
import { trustMembership } from './trustMembership.ts';
import { yearToDate } from './yearToDate.ts';

/** Every kind of file that can be imported. A new one is a file here and a line below. */
export const sources: readonly Source[] = [
  schoolAbsence,
  areaAbsence,
  schoolSample,
  schoolCensus,
  schoolLocations,
  schoolLinks,
  trustMembership,
  yearToDate,
];

/** The source of a receipt's kind. */
export function findSource(kind: string): Source | undefined {
  return sources.find((source) => source.kind === kind);
}
