import type { Subject } from '../access/index.ts';
import type { School } from './directory.ts';

/** What the policy asks about a school. */
export function subjectOf(school: School): Subject {
  return {
    urns: school.chain.map((record) => record.urn),
    trustUid: school.trust?.uid ?? null,
    laCode: school.laCode,
    regionCode: school.regionCode,
  };
}
