import { type Static, type TObject, Type } from 'typebox';
import { apiRoute, type Route, type Subject, type Viewer } from '../../access/index.ts';
import { type Clock, dayInEngland } from '../../base/clock.ts';
import type { Urn } from '../../base/identifiers.ts';
import { Refusal } from '../../base/problem.ts';
import { areDeleted } from '../../records/index.ts';
import {
  countShape,
  dateShape,
  laCodeShape,
  orNull,
  percentShape,
  regionCodeShape,
  shape,
  timePeriodShape,
  trustUidShape,
  urnShape,
} from '../../base/shapes.ts';
import { type Directories, subjectOf } from '../../schools/index.ts';
import type { Stores } from '../../stores/index.ts';
import { answerFor, nothingCounted, refuseBefore } from '../answer.ts';
import { parseBy, questionOf } from '../ask.ts';
import type { FigureRow } from '../figures.ts';
import {
  dimensions,
  type Level,
  levels,
  type Question,
  seriesNames,
  timeKinds,
} from '../question.ts';
import { answerOrNothing } from './figures.ts';
import { getRegion, schoolsInArea, schoolsOfRegion } from './page.ts';

const textOrNull = orNull(Type.String());

const figuresShape = shape('RegisterAbsence', {
  time_period: timePeriodShape,
  time_identifier: Type.String({ description: 'the piece of time: a year, a term, a week' }),
  geographic_level: Type.String({
    description: 'School, MAT, Local authority, Regional or National',
  }),
  urn: orNull(urnShape),
  trust_uid: orNull(Type.Integer()),
  la_code: textOrNull,
  region_code: textOrNull,
  breakdown_topic: Type.String({ description: 'total, or by what pupils are told apart' }),
  breakdown: Type.String({ description: 'which of them' }),
  enrolments: orNull(countShape),
  sess_possible: orNull(countShape),
  sess_overall: orNull(countShape),
  sess_authorised: orNull(countShape),
  sess_unauthorised: orNull(countShape),
  sess_overall_percent: orNull(percentShape),
  sess_authorised_percent: orNull(percentShape),
  sess_unauthorised_percent: orNull(percentShape),
  enrolments_pa_10_exact: orNull(countShape),
  enrolments_pa_10_exact_percent: orNull(percentShape),
  enrolments_pa_50_exact: orNull(countShape),
  enrolments_pa_50_exact_percent: orNull(percentShape),
  sess_attended: orNull(countShape),
  sess_late: orNull(countShape),
  sessions_by_code: Type.Record(Type.String(), orNull(countShape), {
    description: 'sessions of each code; slash, backslash and hash stand for / \\ and #',
  }),
  blank_reason: orNull(Type.String({ description: 'why something is null' })),
});

const replyShape = shape('RegisterAbsenceList', {
  series: Type.String({
    description: 'daily: as the daily feed counts; census: as the school census does',
  }),
  from: dateShape,
  to: dateShape,
  known_on: dateShape,
  entries_deleted: Type.Boolean({
    description:
      'entries of these days were deleted when their time was over: what is counted is what is left',
  }),
  data: Type.Array(figuresShape),
});

const groupText = `total, or one or two with a comma between of ${dimensions.join(', ')}`;

const queryShape = Type.Object(
  {
    year: Type.Optional(timePeriodShape),
    from: Type.Optional(dateShape),
    to: Type.Optional(dateShape),
    by: Type.Optional(Type.String({ maxLength: 40, description: groupText })),
    time: Type.Optional(
      Type.Enum([...timeKinds], { description: `one of ${timeKinds.join(', ')}` }),
    ),
    series: Type.Optional(
      Type.Enum([...seriesNames], { description: `one of ${seriesNames.join(', ')}` }),
    ),
    known_on: Type.Optional(dateShape),
  },
  { additionalProperties: false },
);

type Query = {
  year?: number;
  from?: string;
  to?: string;
  by?: string;
  time?: string;
  series?: string;
  known_on?: string;
};

export type AbsenceApiOptions = { stores: Stores; directories: Directories; clock: Clock };

type Asked = {
  /** Of a school its own; areas are counted whole and kept so. */
  urns: Urn[];
  /** Of an area its code. */
  area?: string;
  /** The schools that it is of, by every URN; undefined: all. */
  of: Urn[] | undefined;
  /** Which of the rows of its level are its own; without it all that the viewer may see. */
  isIts?: (row: FigureRow) => boolean;
};

/** Refuses with `not-found` an area of which nothing is counted, whoever asks. */
async function rowsOfArea(
  stores: Stores,
  viewer: Viewer,
  question: Question,
  isIts: (row: FigureRow) => boolean,
): Promise<FigureRow[]> {
  refuseBefore(viewer, question, false);
  const answer = await answerOrNothing(stores, viewer, question);
  const rows = (answer?.rows ?? []).filter(isIts);
  if (rows.length === 0 && question.asKnownOn === null) throw nothingCounted(question);
  return rows;
}

/** The API’s absence that is counted from registers: the same figures as the pages and the verb give. */
export function absenceApi({ stores, directories, clock }: AbsenceApiOptions): Route[] {
  const answer = async (
    viewer: Viewer,
    level: Level,
    { urns, area, of, isIts }: Asked,
    query: Query,
  ) => {
    const by = query.by ?? 'total';
    if (parseBy(by) === undefined) {
      throw new Refusal('bad-input', `by is “${by}”. Expected ${groupText}.`);
    }
    const question = questionOf(
      Object.fromEntries(
        Object.entries({
          ...{ level, by, time: query.time, series: query.series, from: query.from, to: query.to },
          year: query.year === undefined ? undefined : String(query.year),
          'as-known-on': query.known_on,
        }).filter(([, value]) => value !== undefined),
      ) as Record<string, string>,
      clock,
    );
    const asked = { ...question, urns, area };
    const rows = isIts
      ? await rowsOfArea(stores, viewer, asked, isIts)
      : (await answerFor(stores, viewer, asked)).rows;
    return {
      body: {
        ...{ series: question.series, from: question.from, to: question.to },
        known_on: question.asKnownOn ?? dayInEngland(clock()),
        entries_deleted: await areDeleted(stores.records, {
          ...{ urns: of, from: question.from, to: question.to },
        }),
        data: rows.map(asReply),
      },
    };
  };
  const common = {
    needs: 'school statistic',
    query: queryShape,
    reply: replyShape,
    description:
      'Counted from registers. Outside the school, its trust and its authority only a year to date of the daily series is given, and small numbers are null with the reason.',
  } as const;
  const ofArea = <Params extends TObject>(area: {
    path: `/api/v1/${string}`;
    what: string;
    level: Level;
    params: Params;
    place(params: Record<string, unknown>): Promise<Asked & { subject: Subject }>;
  }) =>
    apiRoute({
      ...common,
      path: area.path,
      summary: `The absence of ${area.what}, counted from registers`,
      params: area.params,
      subject: async (params) => (await area.place(params as Record<string, unknown>)).subject,
      async answer({ viewer, params, query }) {
        const place = await area.place(params as Record<string, unknown>);
        return answer(viewer, area.level, place, query as Query);
      },
    });
  return [
    ofArea({
      ...{ path: '/api/v1/schools/:urn/absence/registers', what: 'a school', level: 'school' },
      params: Type.Object({ urn: urnShape }),
      async place({ urn }) {
        const school = (await directories()).get(Number(urn));
        return { subject: subjectOf(school), urns: [school.urn], of: schoolsInArea([school]) };
      },
    }),
    ofArea({
      ...{ path: '/api/v1/trusts/:uid/absence/registers', what: 'a trust', level: 'trust' },
      params: Type.Object({ uid: trustUidShape }),
      async place({ uid }) {
        const directory = await directories();
        const trust = directory.getTrust(String(uid));
        return {
          ...{ subject: { trustUids: [trust.uid] }, urns: [] },
          of: schoolsInArea(directory.schoolsOfTrust(trust.uid)),
          area: trust.uid,
          isIts: (row) => String(row['trust_uid']) === trust.uid,
        };
      },
    }),
    ofArea({
      path: '/api/v1/authorities/:la_code/absence/registers',
      ...{ what: 'a local authority', level: 'la' },
      params: Type.Object({ la_code: laCodeShape }),
      async place({ la_code: laCode }) {
        const directory = await directories();
        const authority = directory.getAuthority(String(laCode));
        return {
          subject: { laCodes: [authority.laCode], regionCodes: [authority.regionCode] },
          ...{ urns: [], of: schoolsInArea(directory.schoolsOfAuthority(authority.laCode)) },
          area: authority.laCode,
          isIts: (row) => row['la_code'] === authority.laCode,
        };
      },
    }),
    ofArea({
      path: '/api/v1/regions/:region_code/absence/registers',
      ...{ what: 'a region', level: 'region' },
      params: Type.Object({ region_code: regionCodeShape }),
      async place({ region_code: code }) {
        const directory = await directories();
        const regionCode = String(code);
        getRegion(directory, regionCode);
        return {
          ...{ subject: { regionCodes: [regionCode] }, urns: [] },
          of: schoolsInArea(schoolsOfRegion(directory, regionCode)),
          area: regionCode,
          isIts: (row) => row['region_code'] === regionCode,
        };
      },
    }),
    apiRoute({
      ...common,
      path: '/api/v1/absence',
      summary: 'Absence counted from registers, of every area of one level',
      query: Type.Object(
        {
          level: Type.Enum([...levels], { description: `one of ${levels.join(', ')}` }),
          ...queryShape.properties,
        },
        { additionalProperties: false },
      ),
      // Rows are kept by whose they are: whoever has figures of their own may ask.
      subject: async (_params, viewer) => ownSubject(viewer),
      async answer({ viewer, query }) {
        const { level, ...rest } = query as Query & { level: Level };
        return answer(viewer, level, { urns: [], of: undefined }, rest);
      },
    }),
  ];
}

function ownSubject({ scope }: Viewer): Subject {
  if (scope === null) return {};
  return {
    ...(/^\d+$/.test(scope) ? { urns: [Number(scope)] } : {}),
    ...{ trustUids: [scope], laCodes: [scope], regionCodes: [scope], hubs: [scope] },
  };
}

const named = new Set(Object.keys(figuresShape.properties));

function asReply(row: FigureRow): Static<typeof figuresShape> {
  const figures = Object.fromEntries(
    [...named]
      .filter((name) => name !== 'sessions_by_code')
      .map((name) => [name, row[name] ?? null]),
  );
  const codes = Object.entries(row).flatMap(([column, value]): [string, number | null][] => {
    const [, code] = /^sess_([A-Z]\d{0,2}|slash|backslash|hash)$/.exec(column) ?? [];
    return code === undefined ? [] : [[code, typeof value === 'number' ? value : null]];
  });
  // Checked against the shape before it is sent.
  const reply = { ...figures, sessions_by_code: Object.fromEntries(codes) };
  return reply as Static<typeof figuresShape>;
}
