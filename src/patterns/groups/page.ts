import type { Ask, Route, Viewer } from '../../access/index.ts';
import { yearLabel } from '../../base/academicYear.ts';
import type { School } from '../../schools/index.ts';
import { tableCsv, words } from '../../ui/index.ts';
import { fewestCompared } from './compare.ts';
import {
  type Compares,
  foundFor,
  type GroupOptions,
  ofAuthority,
  ofSchool,
  seesGroups,
} from './place.ts';
import { everyComparison, singles } from './table.ts';
import { findingsIn, type GroupFinding } from './told.ts';

type Params = Readonly<Record<string, string>>;

/** The groups of a school’s or an area’s pupils, each beside all others. */
export function groupPages(options: GroupOptions): Route[] {
  const { directories } = options;
  const kinds: [path: string, what: string, of: (params: Params) => Promise<Compares>][] = [
    [
      '/schools/:urn',
      'a school',
      async (params) => ofSchool((await directories()).getTyped(params['urn'] ?? '')),
    ],
    [
      '/authorities/:laCode',
      'a local authority',
      async (params) => ofAuthority(await directories(), params['laCode'] ?? ''),
    ],
  ];
  return kinds.flatMap(([path, what, of]): Route[] => {
    const about = {
      method: 'GET',
      needs: 'school statistic',
      subject: async (params: Params) => (await of(params)).subject,
    } as const;
    return [
      {
        ...about,
        path: `${path}/groups`,
        summary: `The groups of the pupils of ${what}, each beside all others`,
        answer: async (ask) => ({
          kind: 'page',
          template: 'patterns/groups/page.njk',
          model: await modelOf(options, ask, await of(ask.params)),
        }),
      },
      {
        ...about,
        path: `${path}/groups.csv`,
        summary: `The groups of the pupils of ${what}, each beside all others, as a file`,
        async answer({ viewer, params }) {
          const found = await foundFor(options, viewer, await of(params));
          return {
            ...{ kind: 'file', name: 'groups.csv', contentType: 'text/csv; charset=utf-8' },
            text: tableCsv(everyComparison(found)),
          };
        },
      },
    ];
  });
}

/** The groups of a school’s pupils that part from the rest, for whoever may see them: others are told none. */
export async function groupFindings(
  options: GroupOptions,
  viewer: Viewer,
  school: School,
): Promise<GroupFinding[]> {
  const compares = ofSchool(school);
  const found = await foundFor(options, viewer, compares);
  return found ? findingsIn(found, compares.path) : [];
}

async function modelOf(options: GroupOptions, { viewer }: Ask, compares: Compares) {
  const { name, path, where } = compares;
  const found = await foundFor(options, viewer, compares);
  const told = {
    ...{ name, path, where, home: { text: name, href: path } },
    ...{ isInside: seesGroups(viewer), fewest: fewestCompared },
  };
  if (!found) return { ...told, found: null };
  const { periods, comparisons, tooFew } = found;
  const parting = comparisons.filter(({ parts }) => parts);
  return {
    ...told,
    found: {
      findings: findingsIn(found, path),
      ...{ year: yearLabel(found.year), periods, isWithinSchools: found.isWithinSchools },
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
