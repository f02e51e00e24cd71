import type { Viewer } from '../access/index.ts';
import type { Clock } from '../base/clock.ts';
import { showWorklist } from '../earlyWarning/index.ts';
import { addWorklistNote, keepWorklistHolder, setWorklistCapacity } from '../records/index.ts';
import { directoriesOf } from '../schools/index.ts';
import type { Stores } from '../stores/index.ts';
import { demoCast } from './cast.ts';
import type { SeededCast } from './seedPupils.ts';

/** Of the child in which place of the list, who wrote what so many days ago; and whether Osric Sandwort has it since. */
const written: readonly {
  place: number;
  by: 'head' | 'attendanceStaff';
  daysAgo: number;
  text: string;
  takesOn?: true;
}[] = [
  {
    ...{ place: 0, by: 'attendanceStaff', daysAgo: 17, takesOn: true },
    text: 'Rang home on three mornings, no answer. Wrote to the address that we have.',
  },
  {
    ...{ place: 0, by: 'head', daysAgo: 6 },
    text: 'Met the family at school. The bus from their road stopped in September; asked the authority about transport.',
  },
  {
    ...{ place: 4, by: 'attendanceStaff', daysAgo: 10, takesOn: true },
    text: 'Comes late since the move to the other building. A place at breakfast club from Monday.',
  },
  {
    ...{ place: 9, by: 'head', daysAgo: 3 },
    text: 'Talked with the form tutor: unwell since half-term, the family is in touch. Look again in two weeks.',
  },
];

/** Some of the worklist of the cast’s high school has been worked through, so that the demo shows what that looks like. */
export async function seedWorklist(
  stores: Stores,
  { people, clock }: { people: SeededCast['people']; clock: Clock },
): Promise<void> {
  const { records } = stores;
  const directories = directoriesOf(stores);
  const school = (await directories()).get(demoCast.improvingSecondary.urn);
  const head = people.get('head');
  const staff = people.get('attendanceStaff');
  if (head === undefined || staff === undefined) return;
  const viewer: Viewer = { role: 'head', scope: String(school.urn), person: head };
  const shown = await showWorklist(
    { stores, records, directories, clock },
    { viewer, purpose: 'attendance', school, whole: true },
  );
  const { urn } = school;
  const roles = { head: 'head', attendanceStaff: 'school' } as const;
  for (const { place, by, daysAgo, text, takesOn } of written) {
    const entry = shown.entries[place];
    const person = people.get(by);
    if (!entry || person === undefined) continue;
    const at = new Date(clock().getTime() - daysAgo * 86_400_000);
    const row = { urn, pupil: entry.child.id, person, role: roles[by], at };
    await addWorklistNote(records, { ...row, text });
    if (takesOn) {
      await keepWorklistHolder(records, { ...row, holder: staff }, { after: 0, urns: [urn] });
    }
  }
  const at = new Date(clock().getTime() - 30 * 86_400_000);
  await setWorklistCapacity(records, { urn, children: 60, person: head, role: 'head', at });
}
