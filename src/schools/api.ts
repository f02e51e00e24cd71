import { type Static, Type } from 'typebox';
import { type ApiLinks, apiRoute, type Route, safeToShow } from '../access/index.ts';
import {
  countShape,
  dateShape,
  laCodeShape,
  orNull,
  percentShape,
  schoolTypeShape,
  shape,
  type Source,
  sourceOf,
  sourceShape,
  trustUidShape,
  urnShape,
} from '../base/shapes.ts';
import type { Authority, Intake, School } from './directory.ts';
import type { Directories } from './load.ts';
import { listSchools, searchSchools } from './search.ts';
import { subjectOf } from './subject.ts';

const schoolFields = {
  urn: urnShape,
  laestab: orNull(Type.Integer({ minimum: 1_000_000, maximum: 9_999_999 })),
  school_name: Type.String(),
  school_type: schoolTypeShape,
  la_code: Type.String(),
  la_name: Type.String({
    description: 'where no publication that is loaded names it: Local authority, and its code',
  }),
  only_listed: Type.Boolean({
    description:
      'known only from a list of schools that came with registers: nothing that is loaded was published of it',
  }),
};
const schoolLineShape = shape('SchoolLine', schoolFields, {
  description: 'A school in a list, by its newest URN.',
});

const trustLineShape = shape('TrustLine', { trust_uid: trustUidShape, trust_name: Type.String() });

const metres = orNull(Type.Number({ description: 'metres on the National Grid' }));

const intakeShape = shape('Intake', {
  census_on: dateShape,
  pupils: orNull(countShape),
  girls_percent: orNull(percentShape),
  ehc_plan_percent: orNull(percentShape),
  sen_support_percent: orNull(percentShape),
  eal_percent: orNull(percentShape),
  fsm_ever6_percent: orNull(percentShape),
  hidden: Type.Boolean({
    description: 'something is hidden because it rests on fewer than six pupils',
  }),
});

const schoolShape = shape('School', {
  ...schoolFields,
  urns: Type.Array(urnShape, { description: 'every URN it has had, oldest first' }),
  region_code: Type.String(),
  region_name: Type.String({ description: 'blank when not known' }),
  trust: orNull(trustLineShape),
  all_through: orNull(Type.Boolean()),
  town: Type.String({ description: 'blank when not known' }),
  postcode: Type.String({ description: 'blank when not known' }),
  easting: metres,
  northing: metres,
  open_date: orNull(dateShape),
  close_date: orNull(dateShape),
  idaci_score: orNull(
    Type.Number({ minimum: 0, maximum: 1, description: 'of the neighbourhood it stands in' }),
  ),
  rural_urban_class: Type.String({ description: 'of 2011: A1 to F2; blank when not known' }),
  intakes: Type.Array(intakeShape, { description: 'at each school census, oldest first' }),
});

const authorityShape = shape('Authority', {
  la_code: Type.String(),
  la_name: Type.String(),
  region_code: Type.String(),
  region_name: Type.String(),
  schools: Type.Integer({ minimum: 0, description: 'open schools of the three types' }),
});

const metaShape = shape('Page', {
  page: Type.Integer({ minimum: 1 }),
  per_page: Type.Integer({ minimum: 1 }),
  total: countShape,
});

const searchShape = Type.Object(
  {
    q: Type.Optional(
      Type.String({
        maxLength: 100,
        description: 'words of a name, town, postcode or authority, or a URN or LAESTAB',
      }),
    ),
    la_code: Type.Optional(laCodeShape),
    school_type: Type.Optional(schoolTypeShape),
    page: Type.Integer({
      minimum: 1,
      maximum: 100_000,
      default: 1,
      description: 'a whole number from 1: which page',
    }),
    per_page: Type.Integer({
      minimum: 1,
      maximum: 100,
      default: 20,
      description: 'a whole number from 1 to 100: how many to a page',
    }),
  },
  { additionalProperties: false },
);

/** The API’s schools, authorities and trusts: who they are, and nothing of their absence. */
export function schoolApi(directories: Directories, options: { demo: boolean }): Route[] {
  const source = sourceOf(
    'Department for Education, Get Information about Schools and the school census; Ministry of Housing, Communities and Local Government, indices of deprivation.',
    options,
  );
  return [
    apiRoute({
      path: '/api/v1/schools',
      summary: 'Schools, listed or searched',
      description:
        'Open schools by name. With q, those in which every word occurs, best match first; a number finds closed schools too.',
      needs: 'public statistic',
      query: searchShape,
      reply: shape('Schools', {
        data: Type.Array(schoolLineShape),
        meta: metaShape,
        source: sourceShape,
      }),
      async answer({ query }) {
        const { page, per_page } = query;
        const filter = { laCode: query.la_code, schoolType: query.school_type };
        const wanted = { from: (page - 1) * per_page, size: per_page };
        const directory = await directories();
        const found =
          query.q === undefined
            ? listSchools(directory, filter, wanted)
            : searchSchools(directory, query.q, wanted, filter);
        return {
          body: {
            data: found.schools.map(schoolLine),
            meta: { page, per_page, total: found.total },
            source,
          },
          links: pageLinks(query, found.total),
        };
      },
    }),
    apiRoute({
      path: '/api/v1/schools/:urn',
      summary: 'A school',
      description: 'Found by any URN it has or had.',
      needs: 'public statistic',
      shows: ['issued expectation'],
      params: Type.Object({ urn: urnShape }),
      reply: shape('SchoolReply', { data: schoolShape, source: sourceShape }),
      subject: async ({ urn }) => subjectOf((await directories()).get(urn)),
      async answer({ params, may }) {
        const school = (await directories()).get(params.urn);
        const inside = may('issued expectation', subjectOf(school));
        return {
          body: {
            data: wholeSchool(school, { hideSmallNumbers: !inside }),
            source: school.onlyListed ? listSource(options) : source,
          },
        };
      },
    }),
    apiRoute({
      path: '/api/v1/authorities',
      summary: 'Local authorities',
      needs: 'public statistic',
      reply: shape('Authorities', { data: Type.Array(authorityShape), source: sourceShape }),
      async answer() {
        const { authorities, schoolsOfAuthority } = await directories();
        return {
          body: {
            data: authorities.map((authority) =>
              authorityLine(authority, schoolsOfAuthority(authority.laCode)),
            ),
            source,
          },
        };
      },
    }),
    apiRoute({
      path: '/api/v1/trusts/:uid',
      summary: 'An academy trust and its schools',
      needs: 'public statistic',
      params: Type.Object({ uid: trustUidShape }),
      reply: shape('TrustReply', {
        data: shape('Trust', {
          trust_uid: trustUidShape,
          trust_name: Type.String(),
          schools: Type.Array(schoolLineShape, { description: 'its open schools, by name' }),
        }),
        source: sourceShape,
      }),
      subject: async ({ uid }) => ({ trustUids: [(await directories()).getTrust(uid).uid] }),
      async answer({ params }) {
        const directory = await directories();
        const { uid, name } = directory.getTrust(params.uid);
        const schools = directory
          .schoolsOfTrust(uid)
          .filter((school) => school.closeDate === null)
          .toSorted((a, b) => a.name.localeCompare(b.name) || a.urn - b.urn);
        return {
          body: {
            data: { trust_uid: uid, trust_name: name, schools: schools.map(schoolLine) },
            source,
          },
        };
      },
    }),
  ];
}

/** Of a school that nothing published names: what is said of it is the word of whoever sent the list. */
function listSource({ demo }: { demo: boolean }): Source {
  return {
    text: 'The list of schools that came with its registers.',
    ...{ licence: null, licence_url: null, made_up: demo },
  };
}

function schoolLine(school: School): Static<typeof schoolLineShape> {
  return {
    urn: school.urn,
    laestab: school.laestab,
    school_name: school.name,
    school_type: school.schoolType,
    la_code: school.laCode,
    la_name: school.laName,
    only_listed: school.onlyListed,
  };
}

function wholeSchool(
  school: School,
  options: { hideSmallNumbers: boolean },
): Static<typeof schoolShape> {
  return {
    ...schoolLine(school),
    urns: school.chain.map((record) => record.urn),
    region_code: school.regionCode,
    region_name: school.regionName,
    trust: school.trust && { trust_uid: school.trust.uid, trust_name: school.trust.name },
    all_through: school.allThrough,
    town: school.town,
    postcode: school.postcode,
    easting: school.easting,
    northing: school.northing,
    open_date: school.openDate,
    close_date: school.closeDate,
    idaci_score: school.idaci,
    rural_urban_class: school.ruralUrban,
    intakes: school.intakes.map((intake) => shownIntake(intake, options.hideSmallNumbers)),
  };
}

/** A share is hidden when it, or the rest of the school, rests on one to five pupils. */
function shownIntake(intake: Intake, hide: boolean): Static<typeof intakeShape> {
  const { pupils } = intake;
  let hidden = hide && !safeToShow(null, pupils);
  const share = (percent: number | null) => {
    if (percent === null || !hide) return percent;
    const part = pupils === null ? null : Math.round((percent * pupils) / 100);
    const rest = part === null || pupils === null ? null : pupils - part;
    if (!hidden && safeToShow(part, pupils) && safeToShow(rest, pupils)) return percent;
    hidden = true;
    return null;
  };
  const shown = {
    census_on: intake.censusOn,
    pupils: hidden ? null : pupils,
    girls_percent: share(intake.girlsPercent),
    ehc_plan_percent: share(intake.ehcPlanPercent),
    sen_support_percent: share(intake.senSupportPercent),
    eal_percent: share(intake.ealPercent),
    fsm_ever6_percent: share(intake.fsmPercent),
  };
  return { ...shown, hidden };
}

function authorityLine(authority: Authority, schools: School[]): Static<typeof authorityShape> {
  return {
    la_code: authority.laCode,
    la_name: authority.name,
    region_code: authority.regionCode,
    region_name: authority.regionName,
    schools: schools.filter((school) => school.closeDate === null).length,
  };
}

function pageLinks(query: Static<typeof searchShape>, total: number): ApiLinks {
  const last = Math.max(1, Math.ceil(total / query.per_page));
  const at = (page: number) => {
    const words = Object.entries({ ...query, page }).map(([name, value]) => [name, String(value)]);
    return `/api/v1/schools?${new URLSearchParams(words as [string, string][])}`;
  };
  return {
    ...(query.page > 1 ? { prev: at(Math.min(query.page - 1, last)) } : {}),
    ...(query.page < last ? { next: at(query.page + 1) } : {}),
  };
}
