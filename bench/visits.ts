import { demoCast } from '../src/demo/index.ts';
import { randomStream } from '../src/stats/randomStream.ts';
import type { Visit } from './load.ts';

type School = { urn: number; school_name: string; la_code: string; trust: string | null };
export type Places = { schools: School[]; authorities: string[]; trusts: string[] };

type Line = { urn: number; school_name: string; la_code: string };

/** Whom and what there is to ask about, from the API itself: a few hundred schools spread over the country. */
export async function findPlaces(address: string): Promise<Places> {
  const get = async <Data>(path: string): Promise<Data> => {
    const reply = await fetch(`${address}${path}`);
    if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
    return ((await reply.json()) as { data: Data }).data;
  };
  const authorities = (await get<{ la_code: string }[]>('/api/v1/authorities')).map(
    (each) => each.la_code,
  );
  const schools: School[] = [];
  for (const code of authorities) {
    for (const line of await get<Line[]>(`/api/v1/schools?la_code=${code}&per_page=10`)) {
      const { trust } = await get<{ trust: { trust_uid: string } | null }>(
        `/api/v1/schools/${line.urn}`,
      );
      schools.push({ ...line, trust: trust?.trust_uid ?? null });
    }
  }
  const trusts = [...new Set(schools.flatMap((school) => school.trust ?? []))];
  return { schools, authorities, trusts };
}

/** What people do, in shares of a hundred; every visit is about another school, authority or trust. */
export function visitsTo(places: Places): () => Visit {
  const chance = randomStream('bench');
  const one = <Each>(all: readonly Each[]): Each => all[chance.integer(all.length)] as Each;
  const school = () => one(places.schools);
  const someone = () =>
    one(['public', `inspector:${one(places.authorities)}`, `school:${demoCast.allThrough.urn}`]);
  const kinds: [share: number, page: string, make: () => Omit<Visit, 'page'>][] = [
    [5, 'start', () => ({ path: '/', viewer: someone() })],
    [
      15,
      'search',
      () => ({
        path: `/schools?q=${encodeURIComponent(school().school_name.split(' ')[0] ?? '')}`,
        viewer: someone(),
      }),
    ],
    [20, 'school, from outside', () => ({ path: `/schools/${school().urn}`, viewer: someone() })],
    [15, 'school, its own head', () => ownSchool(school())],
    [
      10,
      'school, the department',
      () => ({ path: `/schools/${school().urn}`, viewer: 'department' }),
    ],
    [
      5,
      'authority, from outside',
      () => ({ path: `/authorities/${one(places.authorities)}`, viewer: someone() }),
    ],
    [5, 'authority, its own officer', () => ownAuthority(one(places.authorities))],
    [5, 'trust', () => ({ path: `/trusts/${one(places.trusts)}`, viewer: 'department' })],
    [3, 'authorities', () => ({ path: '/authorities', viewer: someone() })],
    [2, 'methods', () => ({ path: '/methods', viewer: someone() })],
    [
      5,
      'API, schools',
      () => ({ path: `/api/v1/schools?la_code=${one(places.authorities)}`, viewer: someone() }),
    ],
    [
      5,
      'API, absence',
      () => ({ path: `/api/v1/schools/${school().urn}/absence`, viewer: someone() }),
    ],
    [
      5,
      'API, expectation',
      () => ({ path: `/api/v1/schools/${school().urn}/expectation`, viewer: 'department' }),
    ],
  ];
  const total = kinds.reduce((sum, [share]) => sum + share, 0);
  return () => {
    let at = chance.uniform() * total;
    for (const [share, page, make] of kinds) {
      at -= share;
      if (at < 0) return { page, ...make() };
    }
    throw new Error('the shares do not add up');
  };
}

function ownSchool({ urn }: School) {
  return { path: `/schools/${urn}`, viewer: `school:${urn}` };
}

function ownAuthority(laCode: string) {
  return { path: `/authorities/${laCode}`, viewer: `authority:${laCode}` };
}
