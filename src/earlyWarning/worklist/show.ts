import { allowOrRefuse, decide, type Purpose, type Viewer } from '../../access/index.ts';
import { dayInEngland } from '../../base/clock.ts';
import type { Day } from '../../base/day.ts';
import {
  type ListedPupil,
  pupilsFor,
  type Registry,
  subjectOfPupilList,
} from '../../pupils/index.ts';
import {
  enrolmentsOf,
  worklistCapacityOf,
  worklistHoldersAt,
  worklistNotesAt,
} from '../../records/index.ts';
import { keysOf } from '../../registers/index.ts';
import type { School } from '../../schools/index.ts';
import type { Stores } from '../../stores/index.ts';
import type { Model } from '../model.ts';
import { type KeptAtSchool, type Weeks, weeksOfEntries, worklistAtSchool } from './atSchool.ts';
import { canHave, peopleOf } from './people.ts';
import type { Span } from './weeks.ts';
import { type Holder, usualCapacity, type WorklistEntry } from './worklist.ts';

/** What a worklist stands on. */
export type WorklistOptions = Registry & { stores: Stores };

/** A child whom the viewer may see by name. */
export type KnownPupil = Extract<ListedPupil, { restricted: false }>;
export type ShownEntry = WorklistEntry & Weeks & { child: KnownPupil };

/** A school’s worklist as one viewer may see it: the page of it that was asked for. */
export type ShownWorklist = {
  school: School;
  model: Model;
  today: Day;
  entries: ShownEntry[];
  /** The child that was asked for, where it may be seen: who has it, and whether it stands on the list and on this page. */
  asked: {
    child: KnownPupil;
    holder: Holder | null;
    isListed: boolean;
    isShown: boolean;
    /** What this viewer kept of it just now. */
    kept: { note: boolean; holder: boolean };
  } | null;
  /** Which of the list is shown, and how many stand on each part of it. */
  part: ListPart;
  counts: Record<ListPart, number>;
  page: number;
  /** Of the whole list so many are as many as the school can see to. */
  room: number;
  /** Children who were scored, how many stand on the list without, and how many a school of so many is taken to see to. */
  scored: number;
  unscored: number;
  usual: number;
  /** What the school said last of how many it can see to; null where it never did. */
  capacity: { children: number; name: string; on: Day; keptNow: boolean } | null;
  /** Records that are restricted for this viewer: they are kept and not looked at. */
  restricted: number;
};

/** All of the list, or a part of it: those of whom nobody has written yet, whom somebody has, whom the viewer has. */
export const listParts = ['all', 'unwritten', 'held', 'mine'] as const;
export type ListPart = (typeof listParts)[number];

/** So many children on a page: each that is shown leaves a trace. */
export const pageSize = 25;

export type WorklistAsked = {
  viewer: Viewer;
  purpose: Purpose | null;
  school: School;
  /** The number of a page, or the child whose page it is to be where it stands on the part that is asked for. */
  page?: number;
  child?: number;
  part?: ListPart;
  /** The child stands there in any case: on the whole list, where it does not on that part of it. */
  hasToStand?: boolean;
  /** The last page, where there are fewer: for people. A program that asks beyond the end is given nothing. */
  orLast?: true;
  /** All of it at once: for programs. */
  whole?: true;
};

export const urnsOf = ({ chain }: School) => chain.map(({ urn }) => urn);

/** Refuses with `not-allowed` whoever is not of the school. */
export async function showWorklist(
  parts: WorklistOptions,
  { viewer, purpose, school, page = 1, child, part: asked = 'all', ...how }: WorklistAsked,
): Promise<ShownWorklist> {
  const { records, clock } = parts;
  allowOrRefuse(viewer, 'worklist', await subjectOfPupilList(parts, school), { purpose });
  const urns = urnsOf(school);
  const listed = await pupilsFor(parts, viewer, purpose).list(school.urn);
  const known = listed.filter(
    (each): each is KnownPupil =>
      !each.restricted && decide(viewer, 'worklist', each.subject, { purpose }).allowed,
  );
  const keys = await keysOf(
    records,
    known.map(({ id }) => id),
  );
  const byKey = new Map(known.flatMap((each) => pairOf(keys.get(each.id), each)));
  const capacity = await worklistCapacityOf(records, urns);
  const isJustNow = ({ person, at }: { person: number; at: Date }) =>
    person === viewer.person && clock().getTime() - at.getTime() < justNow;
  const { lately, ...kept } = await keptAt(parts, urns, { byKey, isJustNow });
  const { model, scored, entries } = await worklistAtSchool(parts, {
    ...{ ...kept, urns, among: new Set(byKey.keys()), capacity: capacity?.children },
    asked: how.hasToStand && child !== undefined ? keys.get(child) : undefined,
  });
  const all = entries.flatMap((entry) => {
    const of = byKey.get(entry.pupil);
    return of ? [{ ...entry, child: of }] : [];
  });
  const inPart = (each: ListPart) => all.filter((entry) => isInPart(entry, each, viewer));
  const placeIn = (each: ListPart) => inPart(each).findIndex((entry) => entry.child.id === child);
  const part = how.hasToStand && placeIn(asked) < 0 ? 'all' : asked;
  const [inList, at] = [inPart(part), placeIn(part)];
  const last = Math.max(1, Math.ceil(inList.length / pageSize));
  const nearest = how.orLast ? Math.min(page, last) : page;
  const shownPage = at < 0 ? nearest : 1 + Math.floor(at / pageSize);
  const shown = how.whole ? inList : inList.slice((shownPage - 1) * pageSize, shownPage * pageSize);
  const spans = await spansOf(parts, urns, shown);
  const weeks = await weeksOfEntries(parts, { urns, entries: shown, spans });
  const usual = usualCapacity(scored);
  const ofChild = known.find(({ id }) => id === child);
  const entry = all.find((each) => each.child.id === child);
  return {
    ...{ school, model, scored, usual, part, page: shownPage, today: dayInEngland(clock()) },
    unscored: entries.filter(({ score }) => score === null).length,
    counts: Object.fromEntries(
      listParts.map((each) => [each, inPart(each).length]),
    ) as ShownWorklist['counts'],
    room: Math.min(all.length, capacity?.children ?? usual),
    asked: ofChild
      ? {
          ...{ child: ofChild, holder: entry?.holder ?? null, isListed: entry !== undefined },
          isShown: at >= 0,
          kept: { note: lately.notes.has(ofChild.id), holder: lately.holders.has(ofChild.id) },
        }
      : null,
    entries: shown.map((entry) => ({ ...entry, ...(weeks.get(entry.pupil) as Weeks) })),
    capacity: capacity
      ? {
          ...{ children: capacity.children, name: capacity.name },
          ...{ on: dayInEngland(capacity.at), keptNow: isJustNow(capacity) },
        }
      : null,
    restricted: listed.length - known.length,
  };
}

function isInPart({ unseen, holder }: WorklistEntry, part: ListPart, viewer: Viewer): boolean {
  switch (part) {
    case 'all':
      return true;
    case 'unwritten':
      return unseen;
    case 'held':
      return holder?.canSee === true;
    case 'mine':
      return holder !== null && holder.person === viewer.person;
  }
}

const pairOf = <Value>(key: string | undefined, value: Value): [string, Value][] =>
  key === undefined ? [] : [[key, value]];

/** What somebody kept so many milliseconds ago, they kept just now. */
const justNow = 5 * 60_000;

type KeptRow = { person: number; at: Date };
/** The children of whom the last row is the viewer’s, of just now. */
type Lately = { notes: ReadonlySet<number>; holders: ReadonlySet<number> };

/** What this school keeps of these children, by their keys. */
async function keptAt(
  parts: WorklistOptions,
  urns: readonly number[],
  how: { byKey: ReadonlyMap<string, KnownPupil>; isJustNow: (row: KeptRow) => boolean },
): Promise<KeptAtSchool & { lately: Lately }> {
  const { records } = parts;
  const { byKey, isJustNow } = how;
  const [notes, holders, people] = await Promise.all([
    worklistNotesAt(records, urns),
    worklistHoldersAt(records, urns),
    peopleOf(parts, urns),
  ]);
  const keys = new Map([...byKey].map(([key, { id }]) => [id, key]));
  // Of a child the last row stands, also where by it nobody has the child any more.
  const standing = new Map(holders.map((row) => [row.pupil, row]));
  const newest = new Map(notes.map((row) => [row.pupil, row]));
  const latelyOf = (rows: ReadonlyMap<number, KeptRow>) =>
    new Set([...rows].flatMap(([pupil, row]) => (isJustNow(row) ? [pupil] : [])));
  return {
    lately: { notes: latelyOf(newest), holders: latelyOf(standing) },
    notes: notes.flatMap(({ id, urn, pupil, at, name, text }) =>
      pairOf(keys.get(pupil), null).map(([key]) => ({
        ...{ id, urn, pupil: key, on: dayInEngland(at), by: name, text },
      })),
    ),
    said: [...standing.values()].flatMap(({ id, urn, pupil, holder, name, at }) => {
      const key = keys.get(pupil);
      const child = key === undefined ? undefined : byKey.get(key);
      if (key === undefined || child === undefined) return [];
      const canSee = canHave(people, child.subject).some((each) => each.id === holder);
      const since = dayInEngland(at);
      return [{ id, urn, pupil: key, person: holder, name: name ?? '', since, canSee }];
    }),
  };
}

/** When these children were or will be on the roll of this school: one can leave it and come back. */
async function spansOf(
  { records }: WorklistOptions,
  urns: readonly number[],
  entries: readonly { pupil: string; child: KnownPupil }[],
): Promise<Map<string, Span[]>> {
  const rows = await enrolmentsOf(
    records,
    entries.map(({ child }) => child.id),
  );
  const here = Map.groupBy(
    rows.filter(({ urn }) => urns.includes(urn)),
    ({ pupil }) => pupil,
  );
  return new Map(entries.map(({ pupil, child }) => [pupil, here.get(child.id) ?? []]));
}
