import type { PupilSubject, Subject, Viewer } from '../access/index.ts';
import { type Clock, dayInEngland } from '../base/clock.ts';
import { type Day, isWithin } from '../base/day.ts';
import {
  casesOf,
  classesAt,
  contactsOf,
  enrolmentsOf,
  openEmergencies,
  pupilsByNumber,
  type Records,
} from '../records/index.ts';
import { type Directories, type Directory, type School, subjectOf } from '../schools/index.ts';

/** What the registry stands on. */
export type Registry = { records: Records; directories: Directories; clock: Clock };

/** A child whom nobody has to do with. */
export function nobody(id: number): PupilSubject {
  return {
    ...{ id, classes: [], parents: [], cases: [], self: null },
    ...{ emergencies: [], restricted: false },
  };
}

/** What the policy asks about a child that there is not: it is nobody’s, so that it is refused as another’s is. */
export function subjectOfNobody(id: number): Subject {
  return {
    urns: [],
    pupil: nobody(id),
  };
}

/** What the policy asks about a child, by whoever has to do with it on that day (default: today). */
export async function subjectOfPupil(
  registry: Registry,
  id: number,
  today: Day = dayInEngland(registry.clock()),
): Promise<Subject> {
  const subjects = await subjectsOfPupils(registry, [id], today);
  return subjects.get(id) ?? subjectOfNobody(id);
}

/**
 * The same of many at once; a number that no child has is left out. With `during`, of the schools where a child was on any
 * of those days, and not where it is today.
 */
export async function subjectsOfPupils(
  { records, directories, clock }: Registry,
  ids: readonly number[],
  today: Day,
  during: { from: Day; to: Day } = { from: today, to: today },
): Promise<Map<number, Subject>> {
  const directory = await directories();
  const [pupils, enrolments, contacts, cases, emergencies] = await Promise.all([
    pupilsByNumber(records, ids),
    enrolmentsOf(records, ids),
    contactsOf(records, ids),
    casesOf(records, ids),
    openEmergencies(records, ids, clock()),
  ]);
  const enrolmentsByPupil = Map.groupBy(enrolments, (each) => each.pupil);
  const contactsByPupil = Map.groupBy(contacts, (each) => each.pupil);
  const casesByPupil = Map.groupBy(cases, (each) => each.pupil);
  return new Map(
    pupils.map(({ id, person, restricted_at }) => {
      const current = (enrolmentsByPupil.get(id) ?? []).filter((each) => isDuring(each, during));
      const parents = (contactsByPupil.get(id) ?? []).filter(
        (each) => each.parental_responsibility && isWithin(today, each.starts_on, each.ends_on),
      );
      const open = (casesByPupil.get(id) ?? []).filter((each) =>
        isWithin(today, each.starts_on, each.ends_on),
      );
      const subject: Subject = {
        ...placeOf(current, directory),
        pupil: {
          id,
          classes: current.flatMap((each) => classesOf(each, directory)),
          parents: parents.flatMap((each) => each.person ?? []),
          cases: open.map((each) => ({ person: each.person, service: each.service })),
          self: person,
          emergencies: emergencies
            .filter((each) => each.pupil === id)
            .map((each) => ({ ...each, closesAt: each.closes_at })),
          restricted: restricted_at !== null,
        },
      };
      return [id, subject];
    }),
  );
}

/** Whether any of these days is within an enrolment. */
export function isDuring(
  { entry_date, leaving_date }: { entry_date: Day; leaving_date: Day | null },
  { from, to }: { from: Day; to: Day },
): boolean {
  return entry_date <= to && (leaving_date === null || leaving_date >= from);
}

/** Every school where the child is enrolled, by all of its URNs, with the trusts and areas of them all. */
function placeOf(enrolments: readonly { urn: number }[], directory: Directory): Subject {
  const subjects = enrolments.map(({ urn }) => {
    const school = directory.find(urn);
    return school ? subjectOf(school) : ({ urns: [urn] } satisfies Subject);
  });
  return {
    urns: subjects.flatMap((subject) => subject.urns ?? []),
    trustUids: subjects.flatMap((subject) => subject.trustUids ?? []),
    laCodes: subjects.flatMap((subject) => subject.laCodes ?? []),
    regionCodes: subjects.flatMap((subject) => subject.regionCodes ?? []),
  };
}

type Enrolment = { urn: number; class_name: string | null };

function classesOf({ urn, class_name }: Enrolment, directory: Directory): string[] {
  if (class_name === null) return [];
  const urns = directory.find(urn)?.chain.map((record) => record.urn) ?? [urn];
  return urns.map((each) => `${each}/${class_name}`);
}

/**
 * What the policy asks about the list of a school’s children: whoever sees one of its classes sees a list, with that class
 * in it. It is about no child in particular, so its child is number 0.
 */
export async function subjectOfPupilList(
  { records, directories, clock }: Registry,
  school: School,
): Promise<Subject> {
  const today = dayInEngland(clock());
  const urns = school.chain.map((record) => record.urn);
  const directory = await directories();
  const rows = await classesAt(records, urns, today);
  const classes = new Set(rows.flatMap((row) => classesOf(row, directory)));
  return {
    ...subjectOf(school),
    pupil: { ...nobody(0), classes: [...classes] },
  };
}

/**
 * What the policy asks about the page of one’s own children, record or cases: it is of whoever asks, in that role. Its child
 * is number 0; each child on it is asked about by itself.
 */
export function subjectOfOwn({ person }: Viewer, role: OwnRole): Subject {
  if (person === undefined) return subjectOfNobody(0);
  const own: Record<OwnRole, Partial<PupilSubject>> = {
    parent: { parents: [person] },
    pupil: { self: person },
    caseworker: {
      cases: ['social care', 'early help'].map((service) => ({ person, service })),
    },
  };
  return { urns: [], pupil: { ...nobody(0), ...own[role] } };
}

/** How somebody has children, a record or cases of their own. */
export type OwnRole = 'parent' | 'pupil' | 'caseworker';
