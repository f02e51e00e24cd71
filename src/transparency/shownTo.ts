import {
  type DataClass,
  policy,
  type Purpose,
  purposes,
  type Role,
  roleNames,
  roles,
  type Rule,
} from '../access/index.ts';

type Relation = Extract<Rule, { allow: 'own' }>['relation'];

/** Whose data, after who may see them. */
const whose: Record<Relation, string> = {
  school: 'of their own school',
  class: 'of their own class',
  trust: 'of their own trust',
  authority: 'of their own area',
  region: 'of their own region',
  hub: 'of the schools their hub supports',
  caseload: 'whose case is theirs now',
  child: 'of their own children',
  contact: 'of themselves',
  self: 'of themselves',
};

/** A role as a list names it: `a head`, `attendance staff of a school`. */
export function named(role: Role): string {
  return roles[role].title.replace(/^on the /, '');
}

/** Who may see a class of data, straight from the policy’s table. */
export function shownTo(data: DataClass): string[] {
  if (roleNames.every((role) => policy[data][role].allow === 'always')) return ['everybody'];
  return roleNames.flatMap((role) => {
    const rule = policy[data][role];
    const who = named(role);
    if (rule.allow === 'never') return [];
    if (rule.allow === 'always') return [who];
    return [`${who}: ${whose[rule.relation]}${rule.emergency ? ', others in an emergency' : ''}`];
  });
}

/** For what it may be looked at, in words; empty where no purpose is asked for. */
export function purposesOf(data: DataClass): string[] {
  const named = new Set<Purpose>(
    roleNames.flatMap((role) => {
      const rule = policy[data][role];
      return rule.allow === 'never' ? [] : (rule.purposes ?? []);
    }),
  );
  return (Object.keys(purposes) as Purpose[])
    .filter((purpose) => named.has(purpose))
    .map((purpose) => purposes[purpose]);
}

/** Who may change it. */
export function changedBy(data: DataClass): string[] {
  const may = roleNames.filter((role) => {
    const rule = policy[data][role];
    return rule.allow !== 'never' && rule.changes === true;
  });
  if (may.length === roleNames.length) return ['everybody'];
  return may.map(named);
}
