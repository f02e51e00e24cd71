import { isOfTheCircle, type Viewer } from '../../access/index.ts';
import { type Day, daysAfter } from '../../base/day.ts';
import {
  alertsTold,
  answersTo,
  findPatternRun,
  type PatternAnswerRow,
  type PatternRunRow,
  usefulByKind,
} from '../../records/index.ts';
import type { Directory, School } from '../../schools/index.ts';
import type { Stores } from '../../stores/index.ts';
import { alertOfRow, type ToldAlert } from './alert.ts';
import { maySeeAlert } from './maySee.ts';
import type { AlertKind } from './seen.ts';

/** What was told so many days ago is still shown, so that who was away finds it. */
const daysShown = 28;
/** So many calendar days after an area’s alert, what its schools show of it is told within it. */
const sameThing = 14;

/** How often alerts of a kind were useful to those who answered. */
export type ProvedRight = { answered: number; useful: number };

export type ShownAlert = ToldAlert & {
  isNew: boolean;
  /** What the viewer’s side said last; null before. */
  said: 'useful' | 'not useful' | null;
  snoozedUntil: Day | null;
  provedRight: ProvedRight;
  /** Of an area: what its single schools show of the same thing. */
  ofSchools: ShownAlert[];
};

export type Shown = {
  /** The newest look; undefined before the first. */
  run: PatternRunRow | undefined;
  alerts: ShownAlert[];
  snoozed: ShownAlert[];
};

/** What was told lately of a school, as this viewer may see it: its own, and what is of everybody. */
export async function alertsOfSchool(
  stores: Stores,
  viewer: Viewer,
  { school, directory, today }: { school: School; directory: Directory; today: Day },
): Promise<Shown> {
  const since = daysAfter(today, -daysShown);
  const urns = school.chain.map((record) => record.urn);
  const [own, national] = await Promise.all([
    alertsTold(stores.records, { urns, scopes: ['school'], since, until: today }),
    alertsTold(stores.records, { scopes: ['national'], since, until: today }),
  ]);
  return shown(stores, viewer, [...national, ...own].map(alertOfRow), { directory, today });
}

/** What was told lately of an area and of its schools. */
export async function alertsOfAuthority(
  stores: Stores,
  viewer: Viewer,
  { laCode, directory, today }: { laCode: string; directory: Directory; today: Day },
): Promise<Shown> {
  const since = daysAfter(today, -daysShown);
  const schools = directory.schoolsOfAuthority(laCode);
  const urns = schools.flatMap(({ chain }) => chain.map((record) => record.urn));
  const of = { since, until: today };
  const [areas, own, national] = await Promise.all([
    alertsTold(stores.records, { ...of, laCodes: [laCode], scopes: ['area'] }),
    alertsTold(stores.records, { ...of, urns, scopes: ['school'] }),
    alertsTold(stores.records, { ...of, scopes: ['national'] }),
  ]);
  const told = [...national, ...areas, ...own].map(alertOfRow);
  const { alerts, ...others } = await shown(stores, viewer, told, { directory, today });
  return { ...others, alerts: withinAreas(alerts) };
}

/** What a school shows of something that its area was told of stands with the area’s, and not once more by itself. */
function withinAreas(alerts: readonly ShownAlert[]): ShownAlert[] {
  const areas = alerts.filter(({ scope }) => scope === 'area');
  const areaOf = (alert: ShownAlert) => areas.find((area) => isOfArea(alert, area));
  const within = Map.groupBy(alerts, areaOf);
  return (within.get(undefined) ?? []).map((alert) => ({
    ...alert,
    ofSchools: within.get(alert) ?? [],
  }));
}

/** Of which kind a school’s own alert is, that is what an area’s is made of. */
const made: Partial<Record<AlertKind, AlertKind>> = {
  ...{ shock: 'shock', outbreak: 'shock', missing: 'missing' },
};

function isOfArea(alert: ShownAlert, area: ShownAlert): boolean {
  return (
    alert.scope === 'school' &&
    made[area.kind] === alert.kind &&
    (area.urns.length === 0 || area.urns.includes(alert.urn)) &&
    alert.happenedOn >= area.startedOn &&
    alert.happenedOn <= daysAfter(area.happenedOn, sameThing)
  );
}

async function shown(
  stores: Stores,
  viewer: Viewer,
  told: readonly ToldAlert[],
  { directory, today }: { directory: Directory; today: Day },
): Promise<Shown> {
  const mine = told.filter((alert) => maySeeAlert(viewer, alert, directory));
  const [run, answers, useful] = await Promise.all([
    findPatternRun(stores.records, today),
    answersTo(
      stores.records,
      mine.map(({ id }) => id),
    ),
    usefulByKind(stores.records),
  ]);
  const byAlert = Map.groupBy(answers, ({ alert }) => alert);
  const alerts = mine.map((alert): ShownAlert => {
    const said = (byAlert.get(alert.id) ?? []).filter((each) => isOfMySide(viewer, each));
    const kind = useful.find((each) => each.kind === (alert.kind satisfies AlertKind));
    return {
      ...alert,
      ...(isOfTheCircle(viewer) ? {} : { evidence: [], urns: [] }),
      isNew: run !== undefined && alert.toldOn >= run.last_day,
      said: (said.findLast((each) => each.said !== 'snoozed')?.said ?? null) as ShownAlert['said'],
      snoozedUntil: snoozedUntil(said, today),
      provedRight: { answered: kind?.answered ?? 0, useful: kind?.useful ?? 0 },
      ofSchools: [],
    };
  });
  return {
    run,
    alerts: alerts.filter((alert) => alert.snoozedUntil === null).toSorted(byNews),
    snoozed: alerts.filter((alert) => alert.snoozedUntil !== null),
  };
}

/** A school and its authority each answer for themselves; what one puts off the other still sees. */
function isOfMySide({ role, scope }: Viewer, answer: PatternAnswerRow): boolean {
  const side = (of: string) => (of === 'head' || of === 'school' ? 'school' : of);
  return side(answer.role) === side(role) && answer.scope === scope;
}

function snoozedUntil(said: readonly PatternAnswerRow[], today: Day): Day | null {
  const until = said.findLast((each) => each.said === 'snoozed')?.snoozed_until ?? null;
  return until !== null && until > today ? until : null;
}

const scopeOrder = { national: 0, area: 1, school: 2 } as const;

/** New before old, what is of all before what is of one, and then the newest and the rarest first. */
function byNews(a: ShownAlert, b: ShownAlert): number {
  if (a.isNew !== b.isNew) return a.isNew ? -1 : 1;
  if (a.scope !== b.scope) return scopeOrder[a.scope] - scopeOrder[b.scope];
  if (a.happenedOn !== b.happenedOn) return a.happenedOn > b.happenedOn ? -1 : 1;
  return b.score - a.score;
}
