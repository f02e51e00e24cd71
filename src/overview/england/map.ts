import type { Viewer } from '../../access/index.ts';
import { yearLabel } from '../../base/academicYear.ts';
import type { Clock } from '../../base/clock.ts';
import { regionNames } from '../../base/region.ts';
import { roundHalfUp } from '../../base/rate.ts';
import type { Authority, Directories } from '../../schools/index.ts';
import type { Stores } from '../../stores/index.ts';
import { type Square, squareMap, type Table, words } from '../../ui/index.ts';
import { yearOfClock } from '../yearSoFar.ts';
import {
  type AuthorityFigures,
  authorityFigures,
  chooseFigures,
  type SeriesOfMap,
} from './authorityFigures.ts';
import { hasPlace, placeAll } from './grid.ts';

export type EnglandOptions = { stores: Stores; directories: Directories; clock: Clock };

/** An authority of the map; one that no school here is of has no page. */
export type ShownAuthority = Authority & { hasPage: boolean; percent: number | null };

export type AuthoritiesShown = {
  /** By region and name, and never by figure. */
  authorities: ShownAuthority[];
  figures: AuthorityFigures | undefined;
  all: readonly AuthorityFigures[];
};

/** Every authority that is known from schools or from the figures themselves, with its figure to one decimal. */
export async function authoritiesShown(
  { stores, directories, clock }: EnglandOptions,
  viewer: Viewer,
  asked: string | undefined,
): Promise<AuthoritiesShown> {
  const { authorities } = await directories();
  const all = await authorityFigures(stores, viewer, yearOfClock(clock));
  const figures = chooseFigures(all, asked);
  const known = new Set(authorities.map(({ laCode }) => laCode));
  const others = [...(figures?.named ?? [])].filter(([laCode]) => !known.has(laCode));
  const shown = [
    ...authorities.map((authority) => ({ ...authority, hasPage: true })),
    ...others.map(([laCode, { name, regionCode }]) => ({
      ...{ laCode, name, regionCode, hasPage: false },
      regionName: regionNames[regionCode] ?? '',
    })),
  ].map((each) => {
    const percent = figures?.percents.get(each.laCode);
    return { ...each, percent: percent === undefined ? null : roundHalfUp(percent, 1) };
  });
  const inOrder = shown.toSorted(
    (a, b) => a.regionName.localeCompare(b.regionName) || a.name.localeCompare(b.name),
  );
  return { authorities: inOrder, figures, all };
}

/** The same as squares. */
export function mapOf({ authorities, figures }: AuthoritiesShown) {
  const anyPlace = authorities.some(({ laCode }) => hasPlace(laCode));
  // One that came to an end has no place and no figure: the table names it.
  const shown = authorities.filter(
    ({ laCode, percent }) => !anyPlace || hasPlace(laCode) || percent !== null,
  );
  const places = placeAll(shown.map(({ laCode }) => laCode));
  const squares = shown.flatMap((authority): Square[] => {
    const place = places.get(authority.laCode);
    return place
      ? [
          {
            ...place,
            name: authority.name,
            short: shortName(authority.name),
            href: hrefOf(authority),
            percent: authority.percent,
            region: regionOnMap(authority.regionCode),
          },
        ]
      : [];
  });
  return squareMap({
    id: 'map',
    title:
      figures?.series === 'year'
        ? `Absence in ${yearLabel(figures.year)}, by authority`
        : 'Absence so far this year, by authority',
    subtitle: figures
      ? `${words.sentence(figures.told)}, in every hundred possible sessions. Each square is an authority, near where it lies and not by its size; thick lines are between regions. A darker square has more absence. Intake and the share of schools counted differ from one authority to the next, so this is no ranking.`
      : 'No figure of any authority is here.',
    squares,
    table: authoritiesTable({ authorities, figures }),
  });
}

const hrefOf = ({ laCode, hasPage }: ShownAuthority) => (hasPage ? `/authorities/${laCode}` : null);

/** Statistics of absence part London in two; on the map it is one. */
function regionOnMap(code: string): string {
  return code.startsWith('E1300000') ? 'E12000007' : code;
}

/** The first letters of a name, without what many names begin with. */
export function shortName(name: string): string {
  const own = name.replace(/^(?:City of |County |The )/, '');
  const parts = own.split(/[\s-]+/).filter((part) => /^[A-Z]/.test(part));
  if (parts.length < 2) return own.slice(0, 3);
  return parts
    .slice(0, 3)
    .map((part) => part[0])
    .join('');
}

const seriesNames: Record<SeriesOfMap, string> = {
  registers: 'registers, year so far',
  feed: 'daily feed, year to date',
  year: 'school census, whole year',
};

export function authoritiesTable({
  authorities,
  figures,
}: Pick<AuthoritiesShown, 'authorities' | 'figures'>): Table {
  return {
    caption: 'Absence of each authority, by region and name',
    columns: [
      { name: 'la_name', heading: 'Authority', kind: 'text' },
      { name: 'la_code', heading: 'Code', kind: 'text' },
      { name: 'region_name', heading: 'Region', kind: 'text' },
      { name: 'sess_overall_percent', heading: 'Absence', kind: 'percent' },
      { name: 'series', heading: 'Series', kind: 'text' },
    ],
    rows: authorities.map((authority) => {
      const { name, laCode, regionName, percent } = authority;
      const href = hrefOf(authority);
      return [
        href === null ? name : { text: name, href },
        ...[laCode, regionName, percent],
        percent === null || !figures
          ? ''
          : `${seriesNames[figures.series]}, ${yearLabel(figures.year)}`,
      ];
    }),
  };
}
