import { actions, purposes, roleNames } from '../access/index.ts';
import { Refusal } from '../base/problem.ts';
import type { AuditSearch } from '../records/index.ts';
import { startOfDay } from './days.ts';

/** What an auditor can ask for, as it is typed on the page or at the command line; both days are included. */
export const searchFields = {
  person: { value: 'NUMBER', help: 'Done by the person with this number.' },
  child: { value: 'NUMBER', help: 'About the child with this number.' },
  school: {
    value: 'URN',
    help: 'About this school or a child who is or was enrolled there, or done by somebody acting for it.',
  },
  role: { value: 'ROLE', help: `Done as one of ${roleNames.join(', ')}.` },
  action: { value: 'ACTION', help: `One of ${actions.join(', ')}.` },
  purpose: { value: 'PURPOSE', help: `For one of ${Object.keys(purposes).join(', ')}.` },
  from: { value: 'DATE', help: 'On this day or later (ISO).' },
  to: { value: 'DATE', help: 'On this day or earlier (ISO).' },
} as const;
export type SearchField = keyof typeof searchFields;
export const searchFieldNames = Object.keys(searchFields) as SearchField[];

export type Typed = Partial<Record<SearchField, string>>;

/** Reads what was typed; a blank field asks for nothing. Refuses the first that cannot be what it says. */
export function readSearch(typed: Typed): AuditSearch {
  const given = (name: SearchField) => typed[name]?.trim() || undefined;
  const number = (name: SearchField, shape: RegExp, what: string) => {
    const text = given(name);
    if (text === undefined) return undefined;
    if (!shape.test(text)) throw new Refusal('bad-input', `${shown(text)} is not ${what}.`);
    return Number(text);
  };
  const oneOf = (name: SearchField, allowed: readonly string[]) => {
    const text = given(name);
    if (text === undefined || allowed.includes(text)) return text;
    throw new Refusal('bad-input', `${shown(text)} is not one of ${allowed.join(', ')}.`);
  };
  const action = oneOf('action', actions);
  const from = given('from');
  const to = given('to');
  return withoutGaps({
    person: number('person', /^\d{1,9}$/, 'the number of a person'),
    pupil: number('child', /^\d{1,9}$/, 'the number of a child (never a name or a UPN)'),
    urn: number('school', /^\d{6}$/, 'the URN of a school: six digits'),
    role: oneOf('role', roleNames),
    actions: action === undefined ? undefined : [action],
    purpose: oneOf('purpose', Object.keys(purposes)),
    from: from === undefined ? undefined : startOfDay(from),
    before: to === undefined ? undefined : startOfDay(to, 1),
  });
}

const shown = (text: string) => `“${text.slice(0, 30)}”`;

type Gaps<Whole> = { [Name in keyof Whole]: Whole[Name] | undefined };

function withoutGaps(search: Gaps<Required<AuditSearch>>): AuditSearch {
  const given = Object.entries(search).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as AuditSearch;
}
