import type { Subject } from '../access/index.ts';
import type { School } from './directory.ts';

/** What the policy asks about a school. */
export function subjectOf(school: School): Subject {
  return {
    urns: school.chain.map((record) => record.urn),
    trustUids: school.trust ? [school.trust.uid] : [],
    laCodes: [school.laCode],
    regionCodes: [school.regionCode],
  };
}
