import { Type } from 'typebox';
import { apiRoute, type Route } from '../../access/index.ts';
import { type Clock, dayInEngland } from '../../base/clock.ts';
import {
  dateShape,
  laCodeShape,
  orNull,
  percentShape,
  shape,
  urnShape,
} from '../../base/shapes.ts';
import { type Directories, subjectOf } from '../../schools/index.ts';
import type { Stores } from '../../stores/index.ts';
import { subjectOfAuthority } from './page.ts';
import { alertKinds } from './seen.ts';
import { sentenceOf } from './sentence.ts';
import { alertsOfAuthority, alertsOfSchool, type Shown, type ShownAlert } from './show.ts';

const alertShape = shape('PatternAlert', {
  id: Type.Integer({ description: 'its number' }),
  scope: Type.String({ description: 'school, area or national' }),
  urn: orNull(urnShape),
  la_code: Type.String({ description: 'the area it is of; blank of none' }),
  group: Type.String({ description: 'which pupils or reasons it is of; blank of all' }),
  kind: Type.Enum([...alertKinds], { description: `one of ${alertKinds.join(', ')}` }),
  happened_on: dateShape,
  started_on: dateShape,
  told_on: dateShape,
  is_new: Type.Boolean({ description: 'told with the newest registers' }),
  observed_percent: orNull(percentShape),
  expected_percent: orNull(percentShape),
  lower_percent: orNull(Type.Number()),
  upper_percent: orNull(Type.Number()),
  score: Type.Number({
    description: 'minus the decimal logarithm of how often chance brings as much on a school day',
  }),
  sentence: Type.String({ description: 'the same in words' }),
  said: orNull(Type.String({ description: 'useful or not useful, as your side answered last' })),
  snoozed_until: orNull(dateShape),
  answered: Type.Integer({ description: 'how many such alerts were answered, of all schools' }),
  useful: Type.Integer({ description: 'of these, how many were useful' }),
});

const listShape = shape('PatternAlertList', {
  looked_up_to: orNull(dateShape),
  data: Type.Array(alertShape),
});

export type PatternsApiOptions = { stores: Stores; directories: Directories; clock: Clock };

/** The alerts of a school and of an area, as their pages show them. */
export function patternsApi({ stores, directories, clock }: PatternsApiOptions): Route[] {
  const common = {
    needs: 'attendance pattern',
    reply: listShape,
    description:
      'What was told in the last four weeks, new first. Outside the school, its trust and its authority only what is of all pupils of a school is given.',
  } as const;
  return [
    apiRoute({
      ...common,
      path: '/api/v1/schools/:urn/patterns',
      summary: 'What is unusual in a school’s registers',
      params: Type.Object({ urn: urnShape }),
      subject: async ({ urn }) => subjectOf((await directories()).get(urn)),
      async answer({ viewer, params }) {
        const directory = await directories();
        const school = directory.get(params.urn);
        const today = dayInEngland(clock());
        return { body: bodyOf(await alertsOfSchool(stores, viewer, { school, directory, today })) };
      },
    }),
    apiRoute({
      ...common,
      path: '/api/v1/authorities/:la_code/patterns',
      summary: 'What is unusual in an area and in the registers of its schools',
      params: Type.Object({ la_code: laCodeShape }),
      subject: async (params) => subjectOfAuthority(params.la_code, await directories()),
      async answer({ viewer, params: { la_code: laCode } }) {
        const directory = await directories();
        const today = dayInEngland(clock());
        return {
          body: bodyOf(await alertsOfAuthority(stores, viewer, { laCode, directory, today })),
        };
      },
    }),
  ];
}

const bodyOf = ({ run, alerts, snoozed }: Shown) => ({
  looked_up_to: run?.last_day ?? null,
  data: [...alerts, ...snoozed].flatMap((alert) => [alert, ...alert.ofSchools]).map(replyOf),
});

function replyOf(alert: ShownAlert) {
  return {
    ...{ id: alert.id, scope: alert.scope, urn: alert.urn || null, la_code: alert.laCode },
    ...{ group: alert.group, kind: alert.kind, is_new: alert.isNew, score: alert.score },
    ...{ happened_on: alert.happenedOn, started_on: alert.startedOn, told_on: alert.toldOn },
    ...{ observed_percent: alert.observedPercent, expected_percent: alert.expectedPercent },
    ...{ lower_percent: alert.lowerPercent, upper_percent: alert.upperPercent },
    ...{ sentence: sentenceOf(alert), said: alert.said, snoozed_until: alert.snoozedUntil },
    ...alert.provedRight,
  };
}
