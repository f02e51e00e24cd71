import type { Day } from '../../base/day.ts';
import type { Urn } from '../../base/identifiers.ts';
import type { AlertRow, NewAlert } from '../../records/index.ts';
import type { Scope } from '../model/detect.ts';
import type { GroupKey } from './families.ts';
import type { AlertKind, BandDay, Figures } from './seen.ts';

/** The same thing as it shows in another group of pupils or of reasons. */
export type Evidence = Pick<Figures, 'observedPercent' | 'expectedPercent'> & { group: GroupKey };

/** Something to tell once: findings about the same thing, joined. */
export type Alert = Figures & {
  scope: Scope;
  urn: Urn;
  laCode: string;
  group: GroupKey;
  kind: AlertKind;
  happenedOn: Day;
  startedOn: Day;
  score: number;
  band: readonly BandDay[];
  evidence: readonly Evidence[];
  urns: readonly Urn[];
  counts: Readonly<Record<string, number>>;
};

/** One that was told, with its number and the day on which it was. */
export type ToldAlert = Alert & { id: number; toldOn: Day };

export function rowOfAlert(alert: Alert, toldOn: Day, at: Date): NewAlert {
  const { scope, urn, laCode, group, kind, happenedOn, startedOn, ...found } = alert;
  return {
    ...{ scope, urn, la_code: laCode, pupil_group: group, kind, told_on: toldOn, at },
    ...{ happened_on: happenedOn, started_on: startedOn, found: JSON.stringify(found) },
  };
}

export function alertOfRow(row: AlertRow): ToldAlert {
  const found = JSON.parse(row.found) as Omit<
    Alert,
    'scope' | 'urn' | 'laCode' | 'group' | 'kind' | 'happenedOn' | 'startedOn'
  >;
  return {
    ...found,
    ...{ id: row.id, scope: row.scope as Scope, urn: row.urn, laCode: row.la_code },
    ...{ group: row.pupil_group, kind: row.kind as AlertKind },
    ...{ happenedOn: row.happened_on, startedOn: row.started_on, toldOn: row.told_on },
  };
}
