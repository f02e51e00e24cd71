import { type Clock, dayInEngland } from '../base/clock.ts';
import {
  addPupil,
  countPupils,
  keepAppointment,
  keepPerson,
  type NewPupil,
  restrictPupil,
} from '../records/index.ts';
import { directoriesOf } from '../schools/index.ts';
import type { Stores } from '../stores/index.ts';
import { castPeople, type CastPersonKey } from './people.ts';
import { type CastChild, castChildren } from './pupils.ts';

export type SeededCast = {
  /** Numbers of people and of children, by their keys. */
  people: Map<CastPersonKey, number>;
  pupils: Map<string, number>;
};

/**
 * Writes the people and children of the named cast into records that hold no child yet; undefined when some are there.
 * `issuer` is who vouches for the people: the demo’s own identity provider.
 */
export async function seedPupils(
  stores: Stores,
  { issuer, clock }: { issuer: string; clock: Clock },
): Promise<SeededCast | undefined> {
  const { records } = stores;
  if ((await countPupils(records)) > 0) return undefined;
  const at = clock();
  const people: SeededCast['people'] = new Map();
  for (const each of castPeople(await directoriesOf(stores)())) {
    const { subject, email } = each;
    const name = `${each.givenName} ${each.familyName}`;
    const { id } = await keepPerson(
      records,
      { issuer, subject, name, email, organisation: null },
      at,
    );
    people.set(each.key, id);
    for (const { role, scope, startsOn, endsOn } of each.appointments) {
      await keepAppointment(records, {
        ...{ person: id, role, scope, starts_on: startsOn, ends_on: endsOn },
        ...{ given_by: null, given_at: at },
      });
    }
  }
  const pupils: SeededCast['pupils'] = new Map();
  for (const child of castChildren(dayInEngland(at))) {
    const id = await addPupil(records, newPupil(child, people, at));
    pupils.set(child.key, id);
    if (child.restrictedBecause !== null) {
      await restrictPupil(records, id, { at, because: child.restrictedBecause });
    }
  }
  return { people, pupils };
}

function newPupil(child: CastChild, people: SeededCast['people'], at: Date): NewPupil {
  const personOf = (key: CastPersonKey | null) => (key === null ? null : (people.get(key) ?? null));
  return {
    ...{ upn: child.upn, surname: child.surname, forename: child.forename, sex: child.sex },
    ...{ date_of_birth: child.dateOfBirth, person: personOf(child.person), created_at: at },
    enrolments: child.enrolments.map((each) => ({
      ...{ urn: each.urn, year_group: each.yearGroup, class_name: each.className },
      ...{ entry_date: each.entryDate, leaving_date: each.leavingDate },
    })),
    characteristics: child.characteristics,
    contacts: child.contacts.map((each) => ({
      ...{ name: each.name, relationship: each.relationship, telephone: each.telephone },
      ...{ email: each.email, parental_responsibility: each.responsibility },
      ...{ person: personOf(each.person), starts_on: each.from, ends_on: each.to },
    })),
    cases: child.cases.flatMap(({ person, service, from, to }) => {
      const id = personOf(person);
      return id === null ? [] : [{ person: id, service, starts_on: from, ends_on: to }];
    }),
  };
}
