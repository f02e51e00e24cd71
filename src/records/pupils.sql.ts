import { type Selectable, sql } from 'kysely';
import type { Records } from './connect.ts';
import type {
  CasesTable,
  CharacteristicsTable,
  ContactsTable,
  EnrolmentsTable,
  PupilsTable,
} from './tables.ts';

export type PupilRow = Selectable<PupilsTable>;
export type EnrolmentRow = Selectable<EnrolmentsTable>;
export type CharacteristicsRow = Selectable<CharacteristicsTable>;
export type ContactRow = Selectable<ContactsTable>;
export type CaseRow = Selectable<CasesTable>;

/** One parameter, however many there are: a school has fifteen hundred children. */
function anyOf(numbers: readonly number[]) {
  return sql<number>`any(${[...numbers]}::int[])`;
}

/** A child with everything held of it, to be written at once. */
export type NewPupil = Pick<
  PupilRow,
  'upn' | 'surname' | 'forename' | 'date_of_birth' | 'sex' | 'person' | 'created_at'
> & {
  enrolments: Omit<EnrolmentRow, 'id' | 'pupil'>[];
  characteristics: Omit<CharacteristicsRow, 'pupil'> | null;
  contacts: Omit<ContactRow, 'id' | 'pupil'>[];
  cases: Omit<CaseRow, 'id' | 'pupil'>[];
};

/** Writes a child whole or not at all; gives its number. */
export async function addPupil(records: Records, pupil: NewPupil): Promise<number> {
  const { enrolments, characteristics, contacts, cases, ...identity } = pupil;
  return records.transaction().execute(async (transaction) => {
    const { id } = await transaction
      .insertInto('pupils')
      .values({ ...identity, restricted_at: null, restricted_because: null, erased_at: null })
      .returning('id')
      .executeTakeFirstOrThrow();
    const ofPupil = <Row>(rows: readonly Row[]) => rows.map((row) => ({ ...row, pupil: id }));
    if (enrolments.length > 0) {
      await transaction.insertInto('enrolments').values(ofPupil(enrolments)).execute();
    }
    if (characteristics) {
      await transaction
        .insertInto('characteristics')
        .values({ ...characteristics, pupil: id })
        .execute();
    }
    if (contacts.length > 0) {
      await transaction.insertInto('contacts').values(ofPupil(contacts)).execute();
    }
    if (cases.length > 0) await transaction.insertInto('cases').values(ofPupil(cases)).execute();
    return id;
  });
}

/** How many children there are, those who were erased included. */
export async function countPupils(records: Records): Promise<number> {
  const { pupils } = await records
    .selectFrom('pupils')
    .select((build) => build.fn.countAll<string>().as('pupils'))
    .executeTakeFirstOrThrow();
  return Number(pupils);
}

/** Of numbers that no child has, nothing. */
export async function pupilsByNumber(
  records: Records,
  pupils: readonly number[],
): Promise<PupilRow[]> {
  if (pupils.length === 0) return [];
  return records
    .selectFrom('pupils')
    .selectAll()
    .where('id', '=', anyOf(pupils))
    .orderBy('id')
    .execute();
}

/** Numbers of the children enrolled at any of these on that day, or on any until another; both days of an enrolment are inclusive. */
export async function pupilsEnrolledAt(
  records: Records,
  urns: readonly number[],
  day: string,
  until: string = day,
): Promise<number[]> {
  if (urns.length === 0) return [];
  const rows = await records
    .selectFrom('enrolments')
    .innerJoin('pupils', 'pupils.id', 'enrolments.pupil')
    .select('pupil')
    .distinct()
    .where('urn', 'in', urns)
    .where('erased_at', 'is', null)
    .where('entry_date', '<=', until)
    .where((build) =>
      build.or([build('leaving_date', 'is', null), build('leaving_date', '>=', day)]),
    )
    .orderBy('pupil')
    .execute();
  return rows.map(({ pupil }) => pupil);
}

/** The classes that children are in at any of these on that day. */
export async function classesAt(
  records: Records,
  urns: readonly number[],
  day: string,
): Promise<{ urn: number; class_name: string }[]> {
  if (urns.length === 0) return [];
  return records
    .selectFrom('enrolments')
    .select(['urn', 'class_name'])
    .distinct()
    .where('urn', 'in', urns)
    .where('class_name', 'is not', null)
    .where('entry_date', '<=', day)
    .where((build) =>
      build.or([build('leaving_date', 'is', null), build('leaving_date', '>=', day)]),
    )
    .orderBy('urn')
    .orderBy('class_name')
    .$narrowType<{ class_name: string }>()
    .execute();
}

/** All enrolments, of any time, each child’s oldest first. */
export async function enrolmentsOf(
  records: Records,
  pupils: readonly number[],
): Promise<EnrolmentRow[]> {
  if (pupils.length === 0) return [];
  return records
    .selectFrom('enrolments')
    .selectAll()
    .where('pupil', '=', anyOf(pupils))
    .orderBy('pupil')
    .orderBy('entry_date')
    .orderBy('id')
    .execute();
}

export async function findCharacteristics(
  records: Records,
  pupil: number,
): Promise<CharacteristicsRow | undefined> {
  return records
    .selectFrom('characteristics')
    .selectAll()
    .where('pupil', '=', pupil)
    .executeTakeFirst();
}

/** All contacts, of any time. */
export async function contactsOf(
  records: Records,
  pupils: readonly number[],
): Promise<ContactRow[]> {
  if (pupils.length === 0) return [];
  return records
    .selectFrom('contacts')
    .selectAll()
    .where('pupil', '=', anyOf(pupils))
    .orderBy('id')
    .execute();
}

/** All cases, of any time. */
export async function casesOf(records: Records, pupils: readonly number[]): Promise<CaseRow[]> {
  if (pupils.length === 0) return [];
  return records
    .selectFrom('cases')
    .selectAll()
    .where('pupil', '=', anyOf(pupils))
    .orderBy('starts_on')
    .orderBy('id')
    .execute();
}

/** Numbers of the children for whom this person has parental responsibility on that day. */
export async function pupilsOfParent(
  records: Records,
  person: number,
  day: string,
): Promise<number[]> {
  const rows = await records
    .selectFrom('contacts')
    .select('pupil')
    .distinct()
    .where('person', '=', person)
    .where('parental_responsibility', '=', true)
    .where('starts_on', '<=', day)
    .where((build) => build.or([build('ends_on', 'is', null), build('ends_on', '>=', day)]))
    .orderBy('pupil')
    .execute();
  return rows.map(({ pupil }) => pupil);
}

/** Numbers of the children whose case is this person’s on that day. */
export async function pupilsOfCaseworker(
  records: Records,
  person: number,
  day: string,
): Promise<number[]> {
  const rows = await records
    .selectFrom('cases')
    .select('pupil')
    .distinct()
    .where('person', '=', person)
    .where('starts_on', '<=', day)
    .where((build) => build.or([build('ends_on', 'is', null), build('ends_on', '>=', day)]))
    .orderBy('pupil')
    .execute();
  return rows.map(({ pupil }) => pupil);
}

/** Numbers of the child that this person is: one or none. */
export async function pupilsOfPerson(records: Records, person: number): Promise<number[]> {
  const rows = await records
    .selectFrom('pupils')
    .select('id')
    .where('person', '=', person)
    .execute();
  return rows.map(({ id }) => id);
}

/** Numbers of the children of this surname, written in whatever capitals, born that day. */
export async function pupilsNamed(
  records: Records,
  named: { surname: string; dateOfBirth: string },
): Promise<number[]> {
  const rows = await records
    .selectFrom('pupils')
    .select(['id', 'surname'])
    .where('date_of_birth', '=', named.dateOfBirth)
    .orderBy('id')
    .execute();
  // Compared here: a server’s own idea of capitals depends on the locale it was set up with.
  const wanted = withoutCapitals(named.surname);
  return rows
    .filter(({ surname }) => surname !== null && withoutCapitals(surname) === wanted)
    .map(({ id }) => id);
}

function withoutCapitals(name: string): string {
  return name.normalize('NFC').toLocaleLowerCase('en-GB');
}

/** What people who sign in are called, by their numbers. */
export async function namesOfPeople(
  records: Records,
  people: readonly number[],
): Promise<Map<number, string>> {
  if (people.length === 0) return new Map();
  const rows = await records
    .selectFrom('people')
    .select(['id', 'name'])
    .where('id', 'in', people)
    .execute();
  return new Map(rows.map(({ id, name }) => [id, name]));
}
