import {
  type DataClass,
  decide,
  type Purpose,
  type Subject,
  type Viewer,
} from '../access/index.ts';
import { dayInEngland } from '../base/clock.ts';
import type { Day } from '../base/day.ts';
import type { Urn } from '../base/identifiers.ts';
import { Refusal } from '../base/problem.ts';
import {
  type CaseRow,
  casesOf,
  type CharacteristicsRow,
  type ContactRow,
  contactsOf,
  emergenciesAbout,
  type EmergencyRow,
  type EnrolmentRow,
  enrolmentsOf,
  findCharacteristics,
  type PupilRow,
  pupilsByNumber,
  pupilsEnrolledAt,
  pupilsOfCaseworker,
  pupilsOfParent,
  pupilsOfPerson,
} from '../records/index.ts';
import { type OpenEmergency, openedBy } from './emergency.ts';
import {
  isDuring,
  type Registry,
  subjectOfNobody,
  subjectOfPupil,
  subjectOfPupilList,
  subjectsOfPupils,
} from './subject.ts';

/** A child on a list. Of a restricted record nothing but its number. */
export type ListedPupil =
  | { id: number; subject: Subject; restricted: true }
  | {
      id: number;
      subject: Subject;
      restricted: false;
      surname: string;
      forename: string;
      urn: Urn;
      yearGroup: string;
      className: string | null;
      /** It has left the school since the days that were asked about: of now nothing is shown. */
      left?: true;
    };

/** One child, as this viewer may see it. A part that the policy does not show is null. */
export type ShownPupil = {
  id: number;
  subject: Subject;
  surname: string;
  forename: string;
  enrolments: EnrolmentRow[];
  characteristics: ShownCharacteristics | null;
  /** Of a parent or the child, their own entry alone: what the others gave is theirs. */
  contacts: ContactRow[] | null;
  cases: CaseRow[] | null;
  /** The viewer sees it under this, and would not without. */
  emergency: OpenEmergency | null;
  /** To its own head, who looks after its safety: that somebody opened the record in an emergency. */
  openings: { at: Date; viewer: string }[] | null;
  /** Of a restricted record that this viewer sees all the same. */
  restriction: { at: Date; because: string } | null;
};

export type ShownCharacteristics = Pick<PupilRow, 'date_of_birth' | 'sex'> &
  Omit<CharacteristicsRow, 'pupil'> & {
    /** Null to a parent and to the child: a UPN is not for use outside schools (they are given it on request). */
    upn: string | null;
  };

/** The registry as one viewer may see it for one purpose: request code has this and nothing else. */
export type ScopedPupils = {
  /** The children enrolled now at a school whom the viewer may see, by name. Refuses with `not-allowed`. */
  list(urn: Urn): Promise<ListedPupil[]>;
  /**
   * The same of those who were enrolled on any of some days, in the class and year group of then. Who has left since is shown
   * to the school itself alone, whose register of those days it is.
   */
  listDuring(urn: Urn, days: Days): Promise<ListedPupil[]>;
  /**
   * One child. Refuses with `not-allowed` one that is not the viewer’s, in the same words whether there is such a child or
   * not, and a restricted one; with `not-found` only to whoever may see every child.
   */
  get(id: number): Promise<ShownPupil>;
  /** A parent’s own children, the child itself, or the children whose case is the viewer’s. */
  mine(): Promise<ListedPupil[]>;
};

/** From one day to another, both included. */
export type Days = { from: Day; to: Day };

/** The one way from a request to the children. It asks the policy itself, so that no caller can forget. */
export function pupilsFor(
  registry: Registry,
  viewer: Viewer,
  purpose: Purpose | null,
): ScopedPupils {
  const { records, directories, clock } = registry;
  const decideFor = (data: DataClass, subject: Subject) =>
    decide(viewer, data, subject, { purpose });

  const listed = async (
    ids: readonly number[],
    at?: { days: Days; urns: readonly number[] },
  ): Promise<ListedPupil[]> => {
    const today = dayInEngland(clock());
    const during = at?.days ?? { from: today, to: today };
    const subjects = await subjectsOfPupils(registry, ids, today);
    const left = new Set<number>();
    if (at && isOfTheSchool(viewer)) {
      const then = await subjectsOfPupils(registry, ids, today, at.days);
      for (const [id, subject] of then) {
        const now = decideFor('pupil attendance', subjects.get(id) ?? subjectOfNobody(id));
        if (now.allowed || now.why !== 'not own') continue;
        subjects.set(id, subject);
        left.add(id);
      }
    }
    const decisionOf = (id: number) =>
      decideFor('pupil attendance', subjects.get(id) ?? subjectOfNobody(id));
    const isHidden = (id: number) => {
      const decision = decisionOf(id);
      return !decision.allowed && decision.why === 'restricted';
    };
    const allowed = ids.filter((id) => decisionOf(id).allowed || isHidden(id));
    const [rows, enrolments] = await Promise.all([
      pupilsByNumber(records, allowed),
      enrolmentsOf(records, allowed),
    ]);
    const current = Map.groupBy(
      enrolments.filter(
        (each) => isDuring(each, during) && (at === undefined || at.urns.includes(each.urn)),
      ),
      (each) => each.pupil,
    );
    return rows
      .filter((row) => row.erased_at === null)
      .map((row): ListedPupil => {
        const subject = subjects.get(row.id) ?? subjectOfNobody(row.id);
        if (isHidden(row.id)) return { id: row.id, subject, restricted: true };
        const place = current.get(row.id)?.at(at === undefined ? 0 : -1);
        return {
          ...{ id: row.id, subject, restricted: false },
          ...{ surname: row.surname ?? '', forename: row.forename ?? '' },
          ...{ urn: place?.urn ?? 0, yearGroup: place?.year_group ?? '' },
          className: place?.class_name ?? null,
          ...(left.has(row.id) && { left: true }),
        };
      })
      .sort(byName);
  };

  const urnsToList = async (urn: Urn): Promise<number[]> => {
    const school = (await directories()).get(urn);
    const decision = decideFor('pupil attendance', await subjectOfPupilList(registry, school));
    if (!decision.allowed) throw new Refusal('not-allowed', decision.reason);
    return school.chain.map((record) => record.urn);
  };

  return {
    async list(urn) {
      const today = dayInEngland(clock());
      return listed(await pupilsEnrolledAt(records, await urnsToList(urn), today));
    },
    async listDuring(urn, days) {
      const urns = await urnsToList(urn);
      const ids = await pupilsEnrolledAt(records, urns, days.from, days.to);
      return listed(ids, { days, urns });
    },
    async get(id) {
      const subject = await subjectOfPupil(registry, id);
      const decision = decideFor('pupil attendance', subject);
      if (!decision.allowed) throw new Refusal('not-allowed', decision.reason);
      const [row] = await pupilsByNumber(records, [id]);
      if (!row || row.erased_at) {
        throw new Refusal('not-found', 'No record has this number, or it was erased.');
      }
      const may = (data: DataClass, about = subject) => decideFor(data, about).allowed;
      const mayContact = (person: number | null) =>
        may('family contacts', { ...subject, contact: { person } });
      const family = viewer.role === 'parent' || viewer.role === 'pupil';
      return {
        ...{ id, subject, emergency: decision.emergency ? openedBy(viewer, subject) : null },
        ...{ surname: row.surname ?? '', forename: row.forename ?? '' },
        enrolments: await enrolmentsOf(records, [id]),
        characteristics: may('pupil characteristics')
          ? characteristicsShown(row, await findCharacteristics(records, id), family)
          : null,
        contacts: mayContact(viewer.person ?? null)
          ? (await contactsOf(records, [id])).filter(({ person }) => mayContact(person))
          : null,
        cases: may('link to another service') ? await casesOf(records, [id]) : null,
        // As what it was opened can tell that another service knows the child.
        openings:
          viewer.role === 'head' && !decision.emergency && may('link to another service')
            ? (await emergenciesAbout(records, id)).map(openingOf)
            : null,
        restriction: row.restricted_at
          ? { at: row.restricted_at, because: row.restricted_because ?? '' }
          : null,
      };
    },
    async mine() {
      const { role, person } = viewer;
      if (person === undefined) return [];
      const today = dayInEngland(clock());
      if (role === 'parent') return listed(await pupilsOfParent(records, person, today));
      if (role === 'pupil') return listed(await pupilsOfPerson(records, person));
      if (role === 'social-worker' || role === 'early-help') {
        return listed(await pupilsOfCaseworker(records, person, today));
      }
      return [];
    },
  };
}

function isOfTheSchool({ role }: Viewer): boolean {
  return role === 'head' || role === 'school';
}

function openingOf({ opened_at, viewer }: EmergencyRow) {
  return { at: opened_at, viewer };
}

function characteristicsShown(
  row: PupilRow,
  held: CharacteristicsRow | undefined,
  family: boolean,
): ShownCharacteristics {
  return {
    ...{ date_of_birth: row.date_of_birth, sex: row.sex, upn: family ? null : row.upn },
    ...{ fsm: held?.fsm ?? null, sen: held?.sen ?? null },
    ...{ eal: held?.eal ?? null, ethnicity: held?.ethnicity ?? null },
  };
}

/** Restricted ones last: where one stood among the names would tell its own. */
function byName(one: ListedPupil, other: ListedPupil): number {
  if (one.restricted || other.restricted) {
    return Number(one.restricted) - Number(other.restricted) || one.id - other.id;
  }
  return (
    one.surname.localeCompare(other.surname) ||
    one.forename.localeCompare(other.forename) ||
    one.id - other.id
  );
}
