import {
  type Action,
  actions,
  purposes,
  type Purpose,
  roleNames,
  type Route,
} from '../access/index.ts';
import { Refusal } from '../base/problem.ts';
import {
  type AuditEntry,
  type AuditSearch,
  namesOfPeople,
  type Records,
  searchAudit,
} from '../records/index.ts';
import type { Directories, Directory } from '../schools/index.ts';
import type { Table } from '../ui/index.ts';
import { timeText } from './days.ts';
import { pageOf } from './pageOf.ts';
import { readSearch, searchFieldNames, type Typed } from './wanted.ts';
import { actorText, roleText } from './words.ts';

const pageSize = 50;

/** The trail, searched by the auditor. Of a child it holds the number alone. */
export function searchAuditPage(records: Records, directories: Directories): Route {
  return {
    method: 'GET',
    path: '/audit',
    summary: 'Who did what, when, from where and for which purpose',
    needs: 'audit',
    async answer({ query }) {
      const typed: Typed = Object.fromEntries(
        searchFieldNames.map((name) => [name, (query[name] ?? '').slice(0, 40).toWellFormed()]),
      );
      const { search, error } = readOrSay(typed);
      const { found, pages } = await pageOf(pageNumber(query['page']), {
        look: async (page) =>
          search ? searchAudit(records, search, page) : { entries: [], total: 0 },
        pageSize,
        noun: ['entry', 'entries'],
        href: (number) => hrefOf(typed, number),
      });
      const directory = await directories();
      return {
        kind: 'page',
        template: 'audit/search.njk',
        model: {
          typed,
          error,
          ...(error ? { errors: [error] } : {}),
          roles: roleNames.map((role) => ({ value: role, text: roleText(role) })),
          actions: actions.map((action) => ({ value: action, text: action })),
          purposes: Object.keys(purposes).map((purpose) => ({
            value: purpose,
            text: purposes[purpose as Purpose],
          })),
          table: tableOf(found.entries, await namesIn(records, found.entries), directory),
          pages,
        },
      };
    },
  };
}

function readOrSay(typed: Typed): { search?: AuditSearch; error: string | null } {
  try {
    return { search: readSearch(typed), error: null };
  } catch (error) {
    if (error instanceof Refusal) return { error: error.message };
    throw error;
  }
}

/** So many pages as 1.5 billion entries have, which is more than there can be. */
function pageNumber(text = '1'): number {
  return /^[1-9]\d{0,6}$/.test(text) ? Number(text) : 1;
}

function hrefOf(typed: Typed, page: number): string {
  const given = Object.entries(typed).filter(([, value]) => value !== '');
  return `/audit?${new URLSearchParams([...given, ['page', String(page)]])}`;
}

async function namesIn(records: Records, entries: readonly AuditEntry[]) {
  return namesOfPeople(records, [...new Set(entries.flatMap(({ person }) => person ?? []))]);
}

function tableOf(
  entries: readonly AuditEntry[],
  names: ReadonlyMap<number, string>,
  directory: Directory,
): Table {
  return {
    caption: 'Entries, newest first',
    columns: [
      { name: 'at', heading: 'When', kind: 'text' },
      { name: 'person', heading: 'Who', kind: 'text' },
      { name: 'action', heading: 'Did what', kind: 'text' },
      { name: 'subject', heading: 'About', kind: 'text' },
      { name: 'purpose', heading: 'For', kind: 'text' },
      { name: 'detail', heading: 'How', kind: 'text' },
    ],
    rows: entries.map((entry) => [
      `${timeText(entry.at)} (entry ${entry.number})`,
      whoText(entry, names, directory),
      doneText(entry),
      subjectText(entry, directory),
      entry.purpose === null
        ? 'no purpose needed'
        : (purposes[entry.purpose as Purpose] ?? entry.purpose),
      `from ${entry.from_address}${detailText(entry.detail)}`,
    ]),
  };
}

function whoText(
  entry: AuditEntry,
  names: ReadonlyMap<number, string>,
  directory: Directory,
): string {
  const actor = actorText(entry, directory);
  if (entry.person === null) return actor;
  const name =
    entry.role === 'parent' || entry.role === 'pupil' ? undefined : names.get(entry.person);
  return `${actor}: ${name ? `${name}, ` : ''}person ${entry.person}`;
}

const doneWords: Partial<Record<Action, string>> = { read: 'saw', refused: 'was refused' };

function doneText({ action, data_class: data }: AuditEntry): string {
  const done = doneWords[action as Action] ?? action;
  return data === null ? done : `${done}: ${data}`;
}

function subjectText(
  { subject_kind: kind, subject_id: id }: AuditEntry,
  directory: Directory,
): string {
  if (kind === null || id === null) return 'nothing in particular';
  if (kind === 'pupil') return `child ${id}`;
  if (kind === 'school') return directory.find(Number(id))?.name ?? `school ${id}`;
  return `${kind} ${id}`;
}

/** `{"page":"/pupils/:id"}` → `; page: /pupils/:id`. */
function detailText(json: string): string {
  const detail = Object.entries(JSON.parse(json) as Record<string, unknown>);
  return detail.map(([name, value]) => `; ${name}: ${String(value)}`).join('');
}
