import {
  type Action,
  actions,
  purposes,
  type Purpose,
  roleNames,
  type Route,
} from '../access/index.ts';
import { csvText } from '../base/csv.ts';
import { Refusal } from '../base/problem.ts';
import {
  type AuditEntry,
  type AuditSearch,
  appointmentsOf,
  auditEntriesAfter,
  namesOfPeople,
  type Records,
  searchAudit,
} from '../records/index.ts';
import type { Directories, Directory } from '../schools/index.ts';
import { pageNumber, type Table, words } from '../ui/index.ts';
import { auditColumns, type AuditRow, rowOf } from './columns.ts';
import { timeText } from './days.ts';
import { pageOf } from './pageOf.ts';
import { readSearch, searchFieldNames, type Typed } from './wanted.ts';
import { actorText, roleText } from './words.ts';

const pageSize = 50;

/** The trail, searched by the auditor, and what was found as a file. Of a child it holds the number alone. */
export function searchAuditRoutes(records: Records, directories: Directories): Route[] {
  return [searchAuditPage(records, directories), auditFile(records)];
}

function searchAuditPage(records: Records, directories: Directories): Route {
  return {
    method: 'GET',
    path: '/audit',
    summary: 'Who looked at what, when, from where and for which purpose',
    needs: 'audit',
    async answer({ query }) {
      const typed = typedIn(query);
      const { search, error } = readOrSay(typed);
      const { found, pages } = await pageOf(pageNumber(query['page']), {
        look: async (page) =>
          search ? searchAudit(records, search, page) : { entries: [], total: 0 },
        pageSize,
        noun: ['entry', 'entries'],
        href: (number) => hrefOf('/audit', typed, { page: String(number) }),
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
          actions: actions.map((action) => ({ value: action, text: doneWord(action) })),
          purposes: Object.keys(purposes).map((purpose) => ({
            value: purpose,
            text: purposes[purpose as Purpose],
          })),
          table: tableOf(found.entries, await namesIn(records, found.entries), directory),
          pages,
          csvHref: hrefOf('/audit.csv', typed),
        },
      };
    },
  };
}

const entriesAtOnce = 5000;
/** More is the command line’s: `audit export` writes all of it. */
const mostInFile = 100_000;

/** What was found, oldest first. A person is a number here too. */
function auditFile(records: Records): Route {
  return {
    method: 'GET',
    path: '/audit.csv',
    summary: 'Who looked at what, as a file',
    needs: 'audit',
    exports: true,
    async answer({ query }) {
      const search = readSearch(typedIn(query));
      const rows: AuditRow[] = [];
      for (;;) {
        const after = rows.at(-1)?.number ?? 0;
        const entries = await auditEntriesAfter(records, after, entriesAtOnce, search);
        rows.push(...entries.map(rowOf));
        if (rows.length > mostInFile) {
          throw new Refusal(
            'bad-input',
            `More than ${words.number(mostInFile)} entries were found. Search for fewer: between two days, say.`,
          );
        }
        if (entries.length < entriesAtOnce) break;
      }
      const text = csvText(auditColumns, rows);
      return { kind: 'file', name: 'audit.csv', contentType: 'text/csv; charset=utf-8', text };
    },
  };
}

function typedIn(query: Readonly<Record<string, string>>): Typed {
  return Object.fromEntries(
    searchFieldNames.map((name) => [name, (query[name] ?? '').slice(0, 40).toWellFormed()]),
  );
}

function readOrSay(typed: Typed): { search?: AuditSearch; error: string | null } {
  try {
    return { search: readSearch(typed), error: null };
  } catch (error) {
    if (error instanceof Refusal) return { error: error.message };
    throw error;
  }
}

function hrefOf(path: string, typed: Typed, more: Record<string, string> = {}): string {
  const given = Object.entries({ ...typed, ...more }).filter(([, value]) => value !== '');
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}

/**
 * Names of those who did it, but not of a child or its family: whoever was ever appointed pupil or parent is a number here,
 * as whatever they did it.
 */
async function namesIn(records: Records, entries: readonly AuditEntry[]) {
  const people = [...new Set(entries.flatMap(({ person }) => person ?? []))];
  const held = await appointmentsOf(records, people);
  const family = new Set(
    held.flatMap(({ person, role }) => (role === 'pupil' || role === 'parent' ? person : [])),
  );
  return namesOfPeople(
    records,
    people.filter((person) => !family.has(person)),
  );
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
  const ofFamily = entry.role === 'parent' || entry.role === 'pupil';
  const name = ofFamily ? undefined : names.get(entry.person);
  return `${actor}: ${name ? `${name}, ` : ''}person ${entry.person}`;
}

const doneWords: Partial<Record<Action, string>> = { read: 'saw', refused: 'was refused' };

const doneWord = (action: string) => doneWords[action as Action] ?? action;

function doneText({ action, data_class: data }: AuditEntry): string {
  const done = doneWord(action);
  return data === null ? done : `${done}: ${data}`;
}

function subjectText(
  { subject_kind: kind, subject_id: id, data_class: data }: AuditEntry,
  directory: Directory,
): string {
  if (kind === null || id === null) return data === 'own sign-in' ? 'themselves' : 'Rollcall';
  if (kind === 'pupil') return `child ${id}`;
  if (kind === 'school') return directory.find(Number(id))?.name ?? `school ${id}`;
  return `${kind} ${id}`;
}

/** `{"page":"/pupils/:id"}` → `; page: /pupils/:id`. */
function detailText(json: string): string {
  const detail = Object.entries(JSON.parse(json) as Record<string, unknown>);
  return detail.map(([name, value]) => `; ${name}: ${String(value)}`).join('');
}
