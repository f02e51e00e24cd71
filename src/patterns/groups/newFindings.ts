import type { Viewer } from '../../access/index.ts';
import { type Day, daysAfter } from '../../base/day.ts';
import type { School } from '../../schools/index.ts';
import type { Stores } from '../../stores/index.ts';
import { groupsOf, type GroupsOfPlace } from './ask.ts';
import { ofSchool, seesGroups } from './place.ts';
import { findingsIn, type GroupFinding } from './told.ts';

/** In a group and beside it: the number of pupils from which on their figures are given outside the circle (decision 018). */
const fewestOutside = 60;
const weeksBefore = 4;

/**
 * What registers up to the end of a week say of groups of a school, large enough to be named outside its circle, that they
 * did not say in the weeks before: a group that parts from the rest does so for months, and is told when it begins to.
 */
export async function newGroupFindings(
  stores: Stores,
  viewer: Viewer,
  { school, week }: { school: School; week: Day },
): Promise<GroupFinding[]> {
  if (!seesGroups(viewer)) return [];
  const { place, path } = ofSchool(school);
  const upTo = (day: Day) => groupsOf(stores, place, day);
  const lastDay = daysAfter(week, 6);
  const found = await upTo(lastDay);
  if (!found || found.periods.weeks.to < week) return [];
  let findings = findingsIn(ofLarge(found), path);
  for (let back = 1; back <= weeksBefore && findings.length > 0; back += 1) {
    const before = await upTo(daysAfter(lastDay, -7 * back));
    if (before?.year !== found.year) break;
    const known = new Set(findingsIn(ofLarge(before), path).map(({ brief }) => brief));
    findings = findings.filter(({ brief }) => !known.has(brief));
  }
  return findings;
}

function ofLarge(found: GroupsOfPlace): GroupsOfPlace {
  const comparisons = found.comparisons.filter(
    ({ pupils, others }) => Math.min(pupils, others) >= fewestOutside,
  );
  return { ...found, comparisons };
}
