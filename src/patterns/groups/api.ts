import { type Static, Type } from 'typebox';
import { apiRoute, type Route, type Viewer } from '../../access/index.ts';
import { dimensionWords } from '../../absence/index.ts';
import {
  countShape,
  dateShape,
  laCodeShape,
  orNull,
  percentShape,
  shape,
  timePeriodShape,
  urnShape,
} from '../../base/shapes.ts';
import {
  type Compares,
  foundFor,
  type GroupOptions,
  ofAuthority,
  ofSchool,
  seesGroups,
} from './place.ts';
import { inOrder } from './table.ts';
import { findingsIn, nameOf, sentenceOf } from './told.ts';

const chanceShape = Type.Number({ minimum: 0, maximum: 1, description: 'a chance from 0 to 1' });

const comparisonShape = shape('GroupComparison', {
  period: Type.Enum(['weeks', 'year'], { description: 'the last six weeks, or the year so far' }),
  from: dateShape,
  to: dateShape,
  by: Type.Array(Type.String(), {
    description: `by which pupils are told apart, one or two of ${Object.keys(dimensionWords).join(', ')}`,
  }),
  values: Type.Array(Type.String(), { description: 'their value of each' }),
  group: Type.String({ description: 'the same in words' }),
  pupils: countShape,
  group_percent: percentShape,
  others_percent: percentShape,
  difference_points: Type.Number({ description: 'the group’s less that of all other pupils' }),
  lower_points: Type.Number({ description: 'where it lies, every comparison paid for' }),
  upper_points: Type.Number(),
  chance: chanceShape,
  chance_paid: chanceShape,
  parts: Type.Boolean({ description: 'by more than chance brings, every comparison paid for' }),
  why: Type.String({ description: 'the comparison as a sentence' }),
});

const groupsShape = shape('GroupComparisons', {
  is_given: Type.Boolean({
    description: 'false to viewers outside the school, its trust and its authority: they get none',
  }),
  time_period: orNull(timePeriodShape),
  too_few: countShape,
  stand_out: Type.Array(Type.String(), { description: 'what the page tells first, in sentences' }),
  data: Type.Array(comparisonShape),
});

/** The groups of a school’s or an area’s pupils beside all others, as their pages and files have them. */
export function groupsApi(options: GroupOptions): Route[] {
  const { directories } = options;
  const common = {
    needs: 'school statistic',
    reply: groupsShape,
    description:
      'Over the last six weeks and the year so far, by Holm’s method. Of an area a group is set beside the other pupils of the same schools, each school weighed by how many of both it has. Of groups with fewer than ten pupils, or with fewer beside them, nothing is said: `too_few` counts them. Null and empty where no registers are here.',
  } as const;
  return [
    apiRoute({
      ...common,
      path: '/api/v1/schools/:urn/groups',
      summary: 'The groups of a school’s pupils, each beside all others',
      params: Type.Object({ urn: urnShape }),
      subject: async ({ urn }) => ofSchool((await directories()).get(urn)).subject,
      async answer({ viewer, params: { urn } }) {
        const compares = ofSchool((await directories()).get(urn));
        return { body: await bodyOf(options, viewer, compares) };
      },
    }),
    apiRoute({
      ...common,
      path: '/api/v1/authorities/:la_code/groups',
      summary: 'The groups of an area’s pupils, each beside all others',
      params: Type.Object({ la_code: laCodeShape }),
      subject: async (params) => ofAuthority(await directories(), params.la_code).subject,
      async answer({ viewer, params }) {
        const compares = ofAuthority(await directories(), params.la_code);
        return { body: await bodyOf(options, viewer, compares) };
      },
    }),
  ];
}

async function bodyOf(
  options: GroupOptions,
  viewer: Viewer,
  compares: Compares,
): Promise<Static<typeof groupsShape>> {
  const found = await foundFor(options, viewer, compares);
  return {
    is_given: seesGroups(viewer),
    time_period: found?.year ?? null,
    too_few: found?.tooFew.length ?? 0,
    stand_out: found ? findingsIn(found, compares.path).map(({ sentence }) => sentence) : [],
    data: inOrder(found?.comparisons ?? []).map((each) => ({
      ...{ period: each.key.period, by: [...each.key.by], values: [...each.key.values] },
      ...(found?.periods[each.key.period] as { from: string; to: string }),
      ...{ group: nameOf(each.key), pupils: each.pupils, parts: each.parts },
      ...{ group_percent: each.groupPercent, others_percent: each.othersPercent },
      difference_points: each.differencePoints,
      ...{ lower_points: each.lowerPoints, upper_points: each.upperPoints },
      ...{ chance: each.chance, chance_paid: each.chancePaid },
      why: found ? sentenceOf(each, found) : '',
    })),
  };
}
