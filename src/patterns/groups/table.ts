import { dimensionWords, groupOrder } from '../../absence/index.ts';
import type { Table } from '../../ui/index.ts';
import type { GroupKey, GroupsOfPlace } from './ask.ts';
import type { Comparison } from './compare.ts';
import { nameOf } from './told.ts';

type GroupComparison = Comparison<GroupKey>;

const columns = [
  { name: 'group', heading: 'Pupils', kind: 'text' },
  { name: 'pupils', heading: 'How many', kind: 'count' },
  { name: 'group_percent', heading: 'Absence', kind: 'percent' },
  { name: 'others_percent', heading: 'All others', kind: 'percent' },
  { name: 'difference_points', heading: 'Difference, points', kind: 'points' },
  { name: 'lower_points', heading: 'Not less than', kind: 'points' },
  { name: 'upper_points', heading: 'Not more than', kind: 'points' },
  { name: 'parts', heading: 'Parts from the rest', kind: 'text' },
] satisfies Table['columns'];

function cellsOf(each: GroupComparison): Table['rows'][number] {
  return [
    ...[nameOf(each.key), each.pupils, each.groupPercent, each.othersPercent],
    ...[each.differencePoints, each.lowerPoints, each.upperPoints, each.parts ? 'Yes' : 'No'],
  ];
}

/** Each division by itself, and the pairs that part from the rest. */
export function singles(
  { comparisons, isWithinSchools }: GroupsOfPlace,
  period: GroupKey['period'],
): Table {
  const shown = inOrder(comparisons).filter(
    ({ key, parts }) => key.period === period && (key.by.length === 1 || parts),
  );
  const rows = shown.map(cellsOf);
  const when = period === 'weeks' ? 'in the last six weeks' : 'in the year so far';
  if (!isWithinSchools) {
    return { caption: `Each group beside all other pupils, ${when}`, columns, rows };
  }
  return {
    caption: `Each group beside the other pupils of the same schools, ${when}`,
    columns: columns.map((column) =>
      column.name === 'others_percent' ? { ...column, heading: 'Others, same schools' } : column,
    ),
    rows,
  };
}

/** As a school lists its groups, the single ones first. */
export function inOrder(comparisons: readonly GroupComparison[]): GroupComparison[] {
  const rank = ({ key: { by, values } }: GroupComparison) =>
    by.map((each, at) => groupOrder(each, values[at] ?? ''));
  const divisions = Object.keys(dimensionWords);
  const division = ({ key }: GroupComparison) =>
    key.by.reduce((all, each) => 10 * all + divisions.indexOf(each) + 1, 0);
  return comparisons.toSorted((a, b) => {
    const [one = 0, two = 0] = rank(a);
    const [first = 0, second = 0] = rank(b);
    return division(a) - division(b) || one - first || two - second;
  });
}

/** Every comparison, of both periods: as a file. */
export function everyComparison(found: GroupsOfPlace | undefined): Table {
  return {
    caption: 'Each group beside all other pupils',
    columns: [
      { name: 'from', heading: 'From', kind: 'text' },
      { name: 'to', heading: 'To', kind: 'text' },
      ...columns,
      { name: 'chance', heading: 'Chance', kind: 'chance' },
      { name: 'chance_paid', heading: 'Chance, comparisons paid for', kind: 'chance' },
    ],
    rows: inOrder(found?.comparisons ?? []).map((each) => {
      const { from, to } = found?.periods[each.key.period] ?? { from: '', to: '' };
      return [from, to, ...cellsOf(each), each.chance, each.chancePaid];
    }),
  };
}
