import type { Viewer } from '../access/index.ts';
import { type Clock, dayInEngland } from '../base/clock.ts';
import { type Day, daysAfter } from '../base/day.ts';
import type { Directories } from '../schools/index.ts';
import type { Stores } from '../stores/index.ts';
import { newGroupFindings } from './groups/newFindings.ts';
import { groupName, isReason } from './registers/families.ts';
import type { AlertKind } from './registers/seen.ts';
import { kindNames } from './registers/sentence.ts';
import { alertsOfAuthority, alertsOfSchool, type ShownAlert } from './registers/show.ts';

type Options = { stores: Stores; directories: Directories; clock: Clock };

/** What may leave the site: that something was found, of what kind and where, and no figure of it. */
export type PatternToSend = { sentence: string; since: Day; href: string };

/** What a head or an authority’s officer was told in a week and in no other: to be named in an e-mail. */
export async function patternsToSend(
  options: Options,
  viewer: Viewer,
  week: Day,
): Promise<PatternToSend[]> {
  const { stores, directories, clock } = options;
  const directory = await directories();
  const today = dayInEngland(clock());
  const { role, scope } = viewer;
  if (role === 'head') {
    const school = directory.find(Number(scope));
    if (!school) return [];
    const { alerts } = await alertsOfSchool(stores, viewer, { school, directory, today });
    const href = `/schools/${school.urn}/morning`;
    const groups = await newGroupFindings(stores, viewer, { school, week });
    return [
      ...alerts.filter(isOf(week)).map((each) => ({ ...briefOf(each), href })),
      ...groups.map(({ brief, since, href: to }) => ({ sentence: brief, since, href: to })),
    ];
  }
  if (role !== 'authority' || scope === null) return [];
  const { alerts } = await alertsOfAuthority(stores, viewer, { laCode: scope, directory, today });
  return alerts.filter(isOf(week)).map((each) => {
    const { sentence, since } = briefOf(each);
    const name = each.scope === 'school' ? directory.find(each.urn)?.name : undefined;
    return {
      sentence: name === undefined ? sentence : `${name}: ${sentence}`,
      ...{ since, href: `/authorities/${scope}/week` },
    };
  });
}

/** Behind these are a few children, however they are told: they stay on the site. */
const ofFew: readonly AlertKind[] = ['off_rolling', 'part_time', 'late_edits', 'apart'];
const isOf =
  (week: Day) =>
  ({ toldOn, kind }: ShownAlert) =>
    toldOn >= week && toldOn < daysAfter(week, 7) && !ofFew.includes(kind);

function briefOf({ kind, group, startedOn }: ShownAlert): { sentence: string; since: Day } {
  const of = group === '' || isReason(group) ? '' : ` (${groupName(group)})`;
  return { sentence: `${kindNames[kind]}${of}.`, since: startedOn };
}
