import { type Ask, decide, type Route, type Subject } from '../../access/index.ts';
import { yearLabel } from '../../base/academicYear.ts';
import { type Clock, dayInEngland } from '../../base/clock.ts';
import { csvText } from '../../base/csv.ts';
import type { Urn } from '../../base/identifiers.ts';
import { Refusal } from '../../base/problem.ts';
import { areDeleted } from '../../records/index.ts';
import { type Directories, type Directory, type School, subjectOf } from '../../schools/index.ts';
import type { Stores } from '../../stores/index.ts';
import { type Link, type Table, words } from '../../ui/index.ts';
import { agreementOf } from '../agreement.ts';
import { receiptsOfSchool } from '../compare/register.sql.ts';
import { type FigureRow, figureColumns } from '../figures.ts';
import type { Level, Question } from '../question.ts';
import { countingYearOf } from '../windows.ts';
import { agreementWords } from './agreementWords.ts';
import { choiceForm, choiceQuery, readChoice, refusedOutside } from './choice.ts';
import {
  answerOrNothing,
  cardsOf,
  figuresFor,
  firstLook,
  groupsChart,
  partsTable,
  reasonsChart,
  seesPeriods,
  timesChart,
} from './figures.ts';
import { seriesWords } from './labels.ts';

export type AbsencePagesOptions = { stores: Stores; directories: Directories; clock: Clock };

/** Of what a page is: a school, or an area with its schools. */
type Place = {
  level: Level;
  name: string;
  caption: string;
  path: string;
  home: Link;
  subject: Subject;
  /** Of an area its schools, by every URN that they had. */
  urns: Urn[];
  /** Of an area its code. */
  area?: string;
  /** Which of the rows of its level is its own: areas are counted whole, whoever asks. */
  isIts(row: FigureRow): boolean;
  school: School | null;
};

type Params = Readonly<Record<string, string>>;

/** Absence counted from registers, of a school, a trust, an authority, a region and England. */
export function absencePages(options: AbsencePagesOptions): Route[] {
  const { directories } = options;
  const kinds: [path: string, what: string, placeOf: (params: Params) => Promise<Place>][] = [
    [
      '/schools/:urn',
      'a school',
      async (params) => schoolPlace((await directories()).getTyped(params['urn'] ?? '')),
    ],
    [
      '/trusts/:uid',
      'a trust',
      async (params) => trustPlace(await directories(), params['uid'] ?? ''),
    ],
    [
      '/authorities/:laCode',
      'a local authority',
      async (params) => authorityPlace(await directories(), params['laCode'] ?? ''),
    ],
    [
      '/regions/:regionCode',
      'a region',
      async (params) => regionPlace(await directories(), params['regionCode'] ?? ''),
    ],
    ['/england', 'England', async () => england],
  ];
  return kinds.flatMap(([path, what, placeOf]): Route[] => {
    const about = {
      method: 'GET',
      needs: 'school statistic',
      subject: async (params: Params) => (await placeOf(params)).subject,
    } as const;
    return [
      {
        ...about,
        path: `${path}/absence`,
        summary: `The absence of ${what}, counted from registers`,
        answer: async (ask) => figuresPage(options, ask, await placeOf(ask.params)),
      },
      {
        ...about,
        path: `${path}/absence/figures.csv`,
        summary: `The absence of ${what}, counted from registers, as a file`,
        answer: async (ask) => figuresFile(options, ask, await placeOf(ask.params)),
      },
    ];
  });
}

export const schoolsInArea = (schools: readonly School[]) =>
  schools.flatMap((school) => school.chain.map((record) => record.urn));

export function schoolPlace(school: School): Place {
  const path = `/schools/${school.urn}`;
  return {
    ...{
      level: 'school',
      name: school.name,
      caption: 'Absence, counted from registers',
      path,
      school,
    },
    home: { text: school.name, href: path },
    subject: subjectOf(school),
    urns: [school.urn],
    isIts: (row) => row['urn'] === school.urn,
  };
}

function trustPlace(directory: Directory, uid: string): Place {
  const trust = directory.getTrust(uid);
  const path = `/trusts/${trust.uid}`;
  return {
    ...{ level: 'trust', name: trust.name, caption: 'Absence, counted from registers', path },
    home: { text: trust.name, href: path },
    subject: { trustUids: [trust.uid] },
    ...{ urns: schoolsInArea(directory.schoolsOfTrust(trust.uid)), school: null },
    area: trust.uid,
    isIts: (row) => String(row['trust_uid']) === trust.uid,
  };
}

function authorityPlace(directory: Directory, laCode: string): Place {
  const authority = directory.getAuthority(laCode);
  const path = `/authorities/${authority.laCode}`;
  return {
    ...{ level: 'la', name: authority.name, caption: 'Absence, counted from registers', path },
    home: { text: authority.name, href: path },
    subject: { laCodes: [authority.laCode], regionCodes: [authority.regionCode] },
    ...{ urns: schoolsInArea(directory.schoolsOfAuthority(authority.laCode)), school: null },
    area: authority.laCode,
    isIts: (row) => row['la_code'] === authority.laCode,
  };
}

function regionPlace(directory: Directory, regionCode: string): Place {
  const { regionName } = getRegion(directory, regionCode);
  return {
    ...{ level: 'region', name: regionName, caption: 'Absence, counted from registers' },
    ...{ path: `/regions/${regionCode}`, subject: { regionCodes: [regionCode] } },
    home: { text: 'Local authorities', href: '/authorities' },
    urns: schoolsInArea(schoolsOfRegion(directory, regionCode)),
    ...{ school: null, area: regionCode, isIts: (row) => row['region_code'] === regionCode },
  };
}

export function schoolsOfRegion(directory: Directory, regionCode: string): School[] {
  return directory.authorities
    .filter((each) => each.regionCode === regionCode)
    .flatMap(({ laCode }) => directory.schoolsOfAuthority(laCode));
}

/** Refuses with `not-found` a region that is not there. */
export function getRegion(directory: Directory, regionCode: string): { regionName: string } {
  const first = directory.authorities.find((each) => each.regionCode === regionCode);
  if (!first) throw new Refusal('not-found', 'There is no region with this code.');
  return first;
}

const england: Place = {
  ...{ level: 'national', name: 'England', caption: 'Absence, counted from registers' },
  ...{
    path: '/england',
    home: { text: 'Find a school', href: '/schools' },
    subject: {},
    urns: [],
    school: null,
    isIts: () => true,
  },
};

/** Whose deleted entries may have been among what is counted; undefined: everybody’s. */
function urnsDeletedFrom({ level, school, urns }: Place): readonly Urn[] | undefined {
  if (level === 'national') return undefined;
  return school ? schoolsInArea([school]) : urns;
}

/** Areas are counted whole and kept so; of schools only the one is asked for. */
function questionOfPlace(typed: Question, { level, urns, area }: Place): Question {
  return { ...typed, level, area, urns: level === 'school' ? urns : [] };
}

async function figuresPage(
  { stores, directories, clock }: AbsencePagesOptions,
  ask: Ask,
  place: Place,
) {
  const { viewer, query } = ask;
  const periods = seesPeriods(viewer);
  const { question: typed, faults } = readChoice(query, clock, { periods });
  const question = questionOfPlace(typed, place);
  const lineage = place.school ? await lineageOf(stores, place.school.urn, question) : null;
  const hasMarks = lineage ? lineage.uploads > 0 : (await stores.receipts('marks')).length > 0;
  const figures = hasMarks ? await figuresFor(stores, viewer, question, place.isIts) : undefined;
  const parts =
    place.school || !figures
      ? null
      : await partsOf(stores, ask, question, place, await directories());
  const agreement = place.school
    ? agreementWords(
        await agreementOf(stores, place.school.urn, question.year, {
          isOver: countingYearOf(dayInEngland(clock())) > question.year,
        }),
        {
          mayChange: decide(viewer, 'school statistic', place.subject, { act: 'change' }).allowed,
          isInside: seesPeriods(viewer),
        },
      )
    : null;
  const { from, to, asKnownOn, series } = question;
  const last = lineage?.last ?? null;
  const today = dayInEngland(clock());
  return {
    kind: 'page',
    template: 'absence/pages/page.njk',
    model: {
      place: { name: place.name, caption: place.caption, path: place.path, home: place.home },
      ...(faults.length > 0
        ? { errors: faults.map(({ field, text }) => ({ text, href: `#${field}` })) }
        : { errors: null }),
      year: yearLabel(question.year),
      periods,
      counted: {
        series: seriesWords[series],
        from: words.date(lineage?.first && lineage.first > from ? lineage.first : from),
        to: words.date([last ?? to, to, today].toSorted()[0] ?? to),
        upTo: last === null ? null : words.date(last),
        known:
          asKnownOn === null
            ? `now, ${words.date(today)}`
            : `at the end of ${words.date(asKnownOn)}`,
      },
      form: choiceForm(query, question, clock, faults),
      csv: `${place.path}/absence/figures.csv${choiceQuery(query, { periods })}`,
      figures: figures
        ? {
            cards: cardsOf(figures),
            first: firstLook(figures, question),
            groups: groupsChart(figures, question),
            times: timesChart(figures),
            reasons: reasonsChart(figures, question),
            anyHidden: figures.anyHidden,
          }
        : null,
      parts,
      lineage: decide(viewer, 'registers sent', place.subject).allowed ? lineage : null,
      agreement,
      groupsHref: periods && ['school', 'la'].includes(place.level) ? `${place.path}/groups` : null,
      compareHref: place.school ? `${place.path}/absence/compare` : null,
      isCensus: series === 'census',
      isDeleted: await areDeleted(stores.records, { urns: urnsDeletedFrom(place), from, to }),
    },
  } as const;
}

/** What an area consists of, as far as the viewer may see it: England of regions, these of authorities, these of schools. */
async function partsOf(
  stores: Stores,
  { viewer }: Ask,
  question: Question,
  place: Place,
  directory: Directory,
) {
  const [level, parts] = partLevels[place.level];
  const answer = await answerOrNothing(stores, viewer, {
    ...{ ...question, level, area: undefined, by: [], time: 'year' },
    urns: level === 'school' ? place.urns : [],
  });
  const own = (answer?.rows ?? []).filter((row) => level === 'school' || place.isIts(row));
  if (own.length === 0) return null;
  const named = own.map((row) => ({ name: partName(row, level, directory), row }));
  return { heading: words.sentence(parts), table: partsTable(parts, named) };
}

const partLevels: Record<Level, readonly [Level, string]> = {
  national: ['region', 'regions'],
  region: ['la', 'local authorities'],
  la: ['school', 'schools'],
  trust: ['school', 'schools'],
  school: ['school', 'schools'],
};

function partName(row: FigureRow, level: Level, directory: Directory): Link {
  if (level === 'school') {
    const urn = Number(row['urn']);
    const school = directory.find(urn);
    const href = `/schools/${school?.urn ?? urn}/absence`;
    return { text: school?.name ?? `School ${urn}`, href };
  }
  const [region, code] = [String(row['region_code'] ?? ''), String(row['la_code'] ?? '')];
  const authority = directory.authorities.find((each) =>
    level === 'la' ? each.laCode === code : each.regionCode === region,
  );
  return level === 'la'
    ? { text: authority?.name ?? `Authority ${code}`, href: `/authorities/${code}/absence` }
    : { text: authority?.regionName ?? `Region ${region}`, href: `/regions/${region}/absence` };
}

/** Which uploads a school’s figures rest on. */
async function lineageOf(stores: Stores, urn: Urn, { from, to }: Question) {
  const [rows, receipts] = await Promise.all([
    stores.read(receiptsOfSchool, { urn, from, to }),
    stores.receipts(),
  ]);
  const byId = new Map(receipts.map((receipt) => [receipt.id, receipt]));
  const last = rows.reduce((latest, row) => (row.last > latest ? row.last : latest), '');
  const shownRows = rows.toReversed().slice(0, 20);
  const table: Table = {
    caption:
      rows.length > shownRows.length
        ? `The newest ${shownRows.length} of ${rows.length} uploads`
        : 'Uploads that these figures rest on',
    columns: [
      { name: 'upload', heading: 'Upload', kind: 'text' },
      { name: 'received', heading: 'Received', kind: 'text' },
      { name: 'sessions', heading: 'Sessions from and to', kind: 'text' },
      { name: 'marks', heading: 'Marks', kind: 'count' },
    ],
    rows: shownRows.map((row) => {
      const receipt = byId.get(row.receipt);
      const received = receipt?.committed_at ?? receipt?.started_at;
      return [
        `${receipt?.kind === 'amendment' ? 'Amendment' : 'Upload'} ${row.receipt}`,
        received ? words.date(received) : words.notKnown,
        `${words.date(row.first)} to ${words.date(row.last)}`,
        row.marks,
      ];
    }),
  };
  const first = rows.map((row) => row.first).toSorted()[0] ?? null;
  return { table, uploads: rows.length, first, last: last === '' ? null : last };
}

async function figuresFile(
  { stores, clock }: AbsencePagesOptions,
  { viewer, query }: Ask,
  place: Place,
) {
  const periods = seesPeriods(viewer);
  const [refused] = periods ? [] : refusedOutside(query);
  if (refused !== undefined) throw new Refusal('not-allowed', refused);
  const { question: typed, faults } = readChoice(query, clock, { periods });
  const [fault] = faults;
  if (fault)
    throw new Refusal('bad-input', fault.text.endsWith('.') ? fault.text : `${fault.text}.`);
  const question = questionOfPlace(typed, place);
  const answer = await answerOrNothing(stores, viewer, question);
  return {
    kind: 'file' as const,
    name: `absence-${place.path.slice(1).replaceAll('/', '-')}.csv`,
    contentType: 'text/csv; charset=utf-8',
    text: csvText(
      answer?.columns ?? figureColumns(question),
      (answer?.rows ?? []).filter(place.isIts),
    ),
  };
}
