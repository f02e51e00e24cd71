import type { Route } from '../access/index.ts';
import type { Directories } from '../schools/index.ts';
import { words } from '../ui/index.ts';

/** What this is, what it is not, and the way in. */
export function startPage(directories: Directories): Route {
  return {
    method: 'GET',
    path: '/',
    summary: 'Start page',
    needs: 'public statistic',
    async answer() {
      const directory = await directories();
      const open = directory.schools.filter((school) => school.closeDate === null).length;
      return {
        kind: 'page',
        template: 'overview/start.njk',
        model: {
          schools: open === 0 ? '' : words.plural(open, 'school'),
          authorities:
            directory.authorities.length === 0
              ? ''
              : words.plural(directory.authorities.length, 'local authority', 'local authorities'),
        },
      };
    },
  };
}
