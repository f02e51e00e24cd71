import {
  type Ask,
  isOfTheCircle,
  type Route,
  type Subject,
  type Viewer,
} from '../../access/index.ts';
import { dimensionWords, groupOrder } from '../../absence/index.ts';
import { yearLabel } from '../../base/academicYear.ts';
import { type Clock, dayInEngland } from '../../base/clock.ts';
import { type Directories, type School, subjectOf } from '../../schools/index.ts';
import type { Stores } from '../../stores/index.ts';
import { type Link, type Table, tableCsv, words } from '../../ui/index.ts';
import { type GroupKey, type GroupPlace, groupsOf, type GroupsOfPlace } from './ask.ts';
import { type Comparison, fewestCompared } from './compare.ts';
import { findingsIn, type GroupFinding, nameOf } from './told.ts';

type Options = { stores: Stores; directories: Directories; clock: Clock };
type Params = Readonly<Record<string, string>>;

type Page = {
  name: string;
  path: string;
  home: Link;
  /** `this school`, `this area`. */
  where: string;
  subject: Subject;
  place: GroupPlace;
};

/** The groups of a school’s or an area’s pupils, each beside all others. */
export function groupPages(options: Options): Route[] {
  const { directories } = options;
  const kinds: [path: string, what: string, pageOf: (params: Params) => Promise<Page>][] = [
    [
      '/schools/:urn',
      'a school',
      async (params) => schoolPage((await directories()).getTyped(params['urn'] ?? '')),
    ],
    [
      '/authorities/:laCode',
      'a local authority',
      async (params) => {
        const directory = await directories();
        const { laCode, name, regionCode } = directory.getAuthority(params['laCode'] ?? '');
        const path = `/authorities/${laCode}`;
        return {
          ...{ name, path, home: { text: name, href: path }, where: 'this area' },
          subject: { laCodes: [laCode], regionCodes: [regionCode] },
          place: {
            ...{ level: 'la', area: laCode },
            urns: urnsOf(directory.schoolsOfAuthority(laCode)),
          },
        };
      },
    ],
  ];
  return kinds.flatMap(([path, what, pageOf]): Route[] => {
    const about = {
      method: 'GET',
      needs: 'school statistic',
      subject: async (params: Params) => (await pageOf(params)).subject,
    } as const;
    return [
      {
        ...about,
        path: `${path}/groups`,
        summary: `The groups of the pupils of ${what}, each beside all others`,
        answer: async (ask) => ({
          kind: 'page',
          template: 'patterns/groups/page.njk',
          model: await modelOf(options, ask, await pageOf(ask.params)),
        }),
      },
      {
        ...about,
        path: `${path}/groups.csv`,
        summary: `The groups of the pupils of ${what}, each beside all others, as a file`,
        async answer({ viewer, params }) {
          const page = await pageOf(params);
          const found = await foundFor(options, viewer, page.place);
          return {
            ...{ kind: 'file', name: 'groups.csv', contentType: 'text/csv; charset=utf-8' },
            text: tableCsv(everyComparison(found)),
          };
        },
      },
    ];
  });
}

const urnsOf = (schools: readonly School[]) =>
  schools.flatMap((school) => school.chain.map((record) => record.urn));

function schoolPage(school: School): Page {
  const path = `/schools/${school.urn}`;
  return {
    ...{ name: school.name, path, home: { text: school.name, href: path }, where: 'this school' },
    ...{ subject: subjectOf(school), place: { level: 'school', urns: urnsOf([school]) } },
  };
}

/** Six weeks of a group are a period: they are for the school’s own circle, as all that is shorter than a year. */
function seesGroups(viewer: Viewer): boolean {
  return viewer.role === 'operator' || isOfTheCircle(viewer);
}

async function foundFor(
  { stores, clock }: Options,
  viewer: Viewer,
  place: GroupPlace,
): Promise<GroupsOfPlace | undefined> {
  return seesGroups(viewer) ? groupsOf(stores, place, dayInEngland(clock())) : undefined;
}

/** The groups of a school’s pupils that part from the rest, for whoever may see them: others are told none. */
export async function groupFindings(
  options: Options,
  viewer: Viewer,
  school: School,
): Promise<GroupFinding[]> {
  const { place, path } = schoolPage(school);
  const found = await foundFor(options, viewer, place);
  return found ? findingsIn(found, path) : [];
}

async function modelOf(options: Options, { viewer }: Ask, page: Page) {
  const { name, path, home, where, place } = page;
  const found = await foundFor(options, viewer, place);
  const told = { name, path, home, where, isInside: seesGroups(viewer), fewest: fewestCompared };
  if (!found) return { ...told, found: null };
  const { periods, comparisons, tooFew } = found;
  const parting = comparisons.filter(({ parts }) => parts);
  return {
    ...told,
    found: {
      findings: findingsIn(found, path),
      ...{ year: yearLabel(found.year), periods },
      parting: parting.length,
      comparisons: comparisons.length,
      tooFew: tooFew.length,
      pupils: found.pupils.year,
      tables: (['weeks', 'year'] as const).map((period) => ({
        id: period,
        heading:
          period === 'weeks'
            ? `The last six weeks, from ${words.date(periods.weeks.from)} to ${words.date(periods.weeks.to)}`
            : `The year, to ${words.date(periods.year.to)}`,
        table: singles(found, period),
      })),
    },
  };
}

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

function cellsOf(each: Comparison<GroupKey>): Table['rows'][number] {
  return [
    ...[nameOf(each.key), each.pupils, each.groupPercent, each.othersPercent],
    ...[each.differencePoints, each.lowerPoints, each.upperPoints, each.parts ? 'Yes' : 'No'],
  ];
}

/** Each division by itself, and the pairs that part from the rest. */
function singles({ comparisons }: GroupsOfPlace, period: GroupKey['period']): Table {
  const shown = inOrder(comparisons).filter(
    ({ key, parts }) => key.period === period && (key.by.length === 1 || parts),
  );
  return {
    caption: 'Each group beside all other pupils',
    columns,
    rows: shown.map(cellsOf),
  };
}

function inOrder(comparisons: readonly Comparison<GroupKey>[]): Comparison<GroupKey>[] {
  const rank = ({ key: { by, values } }: Comparison<GroupKey>) =>
    by.map((each, at) => groupOrder(each, values[at] ?? ''));
  const divisions = Object.keys(dimensionWords);
  const division = ({ key }: Comparison<GroupKey>) =>
    key.by.reduce((all, each) => 10 * all + divisions.indexOf(each) + 1, 0);
  return comparisons.toSorted((a, b) => {
    const [one = 0, two = 0] = rank(a);
    const [first = 0, second = 0] = rank(b);
    return division(a) - division(b) || one - first || two - second;
  });
}

function everyComparison(found: GroupsOfPlace | undefined): Table {
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
