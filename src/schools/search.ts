import type { SchoolType } from '../base/schoolType.ts';
import type { Authority, Directory, School } from './directory.ts';

export type SearchResult = { authorities: Authority[]; schools: School[]; total: number };

/** Leaves out what is not of this authority or this type. */
export type SearchFilter = { laCode?: string | undefined; schoolType?: SchoolType | undefined };

/** Open schools by name. */
export function listSchools(
  directory: Directory,
  filter: SearchFilter,
  page: { from: number; size: number },
): { schools: School[]; total: number } {
  const found = indexOf(directory).filter((entry) => entry.open && passes(entry.school, filter));
  return {
    schools: found.slice(page.from, page.from + page.size).map(({ school }) => school),
    total: found.length,
  };
}

function passes(school: School, { laCode, schoolType }: SearchFilter): boolean {
  return (
    (laCode === undefined || school.laCode === laCode) &&
    (schoolType === undefined || school.schoolType === schoolType)
  );
}

/**
 * Finds schools by name, URN, LAESTAB, postcode, town or authority: every word must occur. A name that begins with
 * what was typed comes first. Closed schools are found by number only.
 */
export function searchSchools(
  directory: Directory,
  text: string,
  page: { from: number; size: number },
  filter: SearchFilter = {},
): SearchResult {
  const typed = plain(text);
  if (typed === '') return { authorities: [], schools: [], total: 0 };
  const number = /^(\d{3})\/?(\d{3,4})$/.exec(text.trim());
  if (number) {
    const digits = Number(`${number[1]}${number[2]}`);
    const schools = directory.schools.filter(
      (school) =>
        (school.laestab === digits || school.chain.some((record) => record.urn === digits)) &&
        passes(school, filter),
    );
    return { authorities: [], schools, total: schools.length };
  }
  const words = typed.split(' ');
  const found = indexOf(directory)
    .filter(
      (entry) =>
        entry.open &&
        passes(entry.school, filter) &&
        words.every((word) => entry.text.includes(word)),
    )
    .map((entry) => ({ entry, rank: rankOf(entry, typed, words) }))
    .sort((a, b) => a.rank - b.rank || a.entry.order - b.entry.order);
  const authorities = directory.authorities.filter((authority) =>
    words.every((word) => plain(authority.name).includes(word)),
  );
  return {
    authorities,
    schools: found.slice(page.from, page.from + page.size).map(({ entry }) => entry.school),
    total: found.length,
  };
}

type Entry = { school: School; name: string; text: string; open: boolean; order: number };
const indexes = new WeakMap<Directory, Entry[]>();

function indexOf(directory: Directory): Entry[] {
  const known = indexes.get(directory);
  if (known) return known;
  const entries = directory.schools
    .map((school) => ({
      school,
      name: plain(school.name),
      text: plain(
        `${school.name} ${school.town} ${school.postcode} ${school.postcode.replace(' ', '')} ${school.laName} ${school.trust?.name ?? ''}`,
      ),
      open: school.closeDate === null,
      order: 0,
    }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.school.urn - b.school.urn));
  entries.forEach((entry, order) => {
    entry.order = order;
  });
  indexes.set(directory, entries);
  return entries;
}

function rankOf(entry: Entry, typed: string, words: readonly string[]): number {
  if (entry.name.startsWith(typed)) return 0;
  if (words.every((word) => ` ${entry.name}`.includes(` ${word}`))) return 1;
  if (words.every((word) => entry.name.includes(word))) return 2;
  return 3;
}

/** Lower case, without accents or punctuation: `St. Mary’s` and `st marys` meet. */
function plain(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/['’.\u0300-\u036f]/g, '')
    .replaceAll(/[^a-z0-9]+/g, ' ')
    .trim();
}
