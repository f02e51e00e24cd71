import type { Route } from '../access/index.ts';
import { schoolTypeSingular } from '../base/schoolType.ts';
import { pageNumber, paginate } from '../ui/index.ts';
import type { Directories } from './load.ts';
import { searchSchools } from './search.ts';

const pageSize = 20;
const longestQuery = 100;

/** Search by name, URN, LAESTAB, postcode, town or authority. One school found by number is gone to at once. */
export function schoolPages(directories: Directories): Route[] {
  return [
    {
      method: 'GET',
      path: '/schools',
      summary: 'Find a school',
      needs: 'public statistic',
      async answer({ query }) {
        const directory = await directories();
        const typed = [...(query['q'] ?? '')].slice(0, longestQuery).join('').toWellFormed().trim();
        const wanted = pageNumber(query['page']);
        const found = searchSchools(directory, typed, {
          from: (wanted - 1) * pageSize,
          size: pageSize,
        });
        if (/^\d{6,7}$/.test(typed) && found.total === 1) {
          return { kind: 'redirect', to: `/schools/${found.schools[0]?.urn}` };
        }
        return {
          kind: 'page',
          template: 'schools/page.njk',
          model: {
            typed,
            schools: found.schools.map((school) => ({
              href: `/schools/${school.urn}`,
              name: school.name,
              type: schoolTypeSingular[school.schoolType],
              place: [school.town, school.postcode].filter(Boolean).join(', '),
              authority: school.laName,
              urn: school.urn,
            })),
            authorities: found.authorities.map((authority) => ({
              href: `/authorities/${authority.laCode}`,
              name: authority.name,
            })),
            loaded: directory.schools.length > 0,
            pages: paginate({
              total: found.total,
              pageSize,
              page: wanted,
              noun: ['school', 'schools'],
              href: (number) => `/schools?q=${encodeURIComponent(typed)}&page=${number}`,
            }),
          },
        };
      },
    },
  ];
}
