import { decide, type Role, type Subject } from '../../access/index.ts';
import { type Clock, dayInEngland } from '../../base/clock.ts';
import { type Records, type WorklistPerson, worklistPeople } from '../../records/index.ts';

/** Whoever can have a child of a school, by every URN it has had: its head and its attendance staff of today, by name. */
export async function peopleOf(
  { records, clock }: { records: Records; clock: Clock },
  urns: readonly number[],
): Promise<WorklistPerson[]> {
  return worklistPeople(records, { urns, roles: ['head', 'school'], day: dayInEngland(clock()) });
}

/** Those of them who may write of this child themselves: of a restricted record the head alone. Each once. */
export function canHave(
  people: readonly WorklistPerson[],
  subject: Subject,
): { id: number; name: string }[] {
  const may = people.filter(({ id, role, scope }) => {
    const viewer = { role: role as Role, scope, person: id };
    return decide(viewer, 'worklist', subject, { act: 'change', purpose: 'attendance' }).allowed;
  });
  return [...new Map(may.map(({ id, name }) => [id, { id, name }])).values()];
}
