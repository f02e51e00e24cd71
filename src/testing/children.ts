import type { CastChild, SeededCast } from '../demo/index.ts';
import type { Directory } from '../schools/index.ts';

/** Somebody as the demo's cookie makes them; `scope` is blank where the role has none. */
export type Person = { role: string; scope: string };

/** Which of these children a text tells of, by forename, UPN or date of birth, in any form that a page may give it. */
export function childrenTold(children: readonly CastChild[]): (text: string) => CastChild[] {
  const marked = children.map((child) => ({ child, marks: marksOf(child) }));
  return (text) =>
    marked
      .filter(({ marks }) => marks.some((mark) => text.includes(mark)))
      .map((each) => each.child);
}

function marksOf({ forename, upn, dateOfBirth }: CastChild): string[] {
  const inWords = new Date(`${dateOfBirth}T00:00:00Z`).toLocaleDateString('en-GB', {
    ...{ day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' },
  });
  return [forename, upn, dateOfBirth, inWords];
}

/** Who may see a child at all. Plain sentences, which know nothing of the policy’s table. */
export function whoMaySee({
  directory,
  people,
  today,
}: {
  directory: Directory;
  people: SeededCast['people'];
  today: string;
}): (person: Person, child: CastChild) => boolean {
  const isNow = ({ from, to }: { from: string; to: string | null }) =>
    from <= today && (to === null || to >= today);
  return ({ role, scope }, child) => {
    const enrolled = child.enrolments.filter(
      ({ entryDate, leavingDate }) =>
        entryDate <= today && (leavingDate === null || leavingDate >= today),
    );
    const schools = enrolled.map(({ urn }) => directory.get(urn));
    const is = (key: CastChild['person']) => key !== null && String(people.get(key)) === scope;
    const own: Record<string, () => boolean> = {
      // A school, and its head, see the children enrolled there now.
      head: () => schools.some((school) => String(school.urn) === scope),
      school: () => schools.some((school) => String(school.urn) === scope),
      // A class teacher sees the children of the class.
      teacher: () => enrolled.some(({ urn, className }) => `${urn}/${className}` === scope),
      // A trust and an authority see the children of their schools.
      trust: () => schools.some((school) => school.trust?.uid === scope),
      authority: () => schools.some((school) => school.laCode === scope),
      // Who has an open case sees that child.
      'social-worker': () => child.cases.some((each) => isNow(each) && is(each.person)),
      'early-help': () => child.cases.some((each) => isNow(each) && is(each.person)),
      // A parent with responsibility now sees their child; a pupil sees itself.
      parent: () =>
        child.contacts.some((each) => each.responsibility && isNow(each) && is(each.person)),
      pupil: () => is(child.person),
    };
    return own[role]?.() ?? false;
  };
}
