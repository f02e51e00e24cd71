import {
  type Ask,
  decide,
  type Route,
  type Subject,
  type Trail,
  type Viewer,
} from '../../access/index.ts';
import { type Day, daysAfter, parseDay } from '../../base/day.ts';
import { Refusal } from '../../base/problem.ts';
import { type ListedPupil, subjectOfAddress, subjectOfPupilList } from '../../pupils/index.ts';
import { type School, subjectOf } from '../../schools/index.ts';
import type { Stores } from '../../stores/index.ts';
import { words } from '../../ui/index.ts';
import { tellCommitted } from '../afterCommit.ts';
import { notSaid } from '../notSaid.ts';
import {
  amendEntry,
  amendingFaults,
  type Amending,
  type AmendingFault,
  codesFor,
  longestReason,
  standingCode,
  usualPosition,
} from './amend.ts';
import { type EntryMade, sessionAsked, sessionHistory, type SessionHistory } from './entry.ts';
import { type BookParts, type Group, showRegister, type ShownRegister } from './show.ts';
import { schoolDaysToExplain, showUnexplained, type ShownUnexplained } from './unexplained.ts';
import { codesExplained, type SessionCell, sessionNames, totalsOf } from './week.ts';

export type BookOptions = BookParts & {
  trail: Trail;
  /** Told when an entry was changed, so that what is worked out from registers follows. */
  afterCommit?: ((stores: Stores) => Promise<unknown>) | undefined;
};

/** A register’s week, the history of an entry, changing one, and what has no reason yet. */
export function bookPages(options: BookOptions): Route[] {
  const { directories } = options;
  const schoolOf = async (urn = '') => (await directories()).getTyped(urn);
  const ofSchool = {
    needs: 'pupil attendance',
    purpose: 'attendance',
    subject: async ({ urn }: Readonly<Record<string, string>>) =>
      subjectOfPupilList(options, await schoolOf(urn)),
  } as const satisfies Partial<Route>;
  const ofChild = {
    needs: 'pupil attendance',
    purpose: 'attendance',
    subject: subjectOfAddress(options),
  } as const satisfies Partial<Route>;
  return [
    {
      ...ofSchool,
      method: 'GET',
      path: '/schools/:urn/register',
      summary: 'A week of the register of a class or a year group',
      async answer({ viewer, purpose, params, query, may }) {
        const school = await schoolOf(params['urn']);
        const asked = { viewer, purpose, school, ...groupAndWeek(query) };
        const register = await showRegister(options, asked);
        // Each child on the page was looked at: the family can be told of every one.
        for (const { pupil } of register.rows) may('pupil attendance', pupil.subject);
        return {
          kind: 'page',
          template: 'registers/book/register.njk',
          model: modelOf(register, viewer),
        };
      },
    },
    {
      ...ofSchool,
      method: 'GET',
      path: '/schools/:urn/unexplained',
      summary: 'Absences of a school whose reason is not established yet',
      async answer({ viewer, purpose, params, may }) {
        const school = await schoolOf(params['urn']);
        const { entries, others } = await showUnexplained(options, { viewer, purpose, school });
        for (const { pupil } of entries) may('pupil attendance', pupil.subject);
        return {
          kind: 'page',
          template: 'registers/book/unexplained.njk',
          model: unexplainedModel(school, viewer, entries, others),
        };
      },
    },
    {
      ...ofChild,
      method: 'GET',
      path: '/pupils/:id/entries/:day/:session',
      summary: 'Everything that was entered in the register of one session of a child',
      async answer(ask) {
        const history = await historyFor(options, ask);
        return {
          kind: 'page',
          template: 'registers/book/entry.njk',
          model: entryModel(history, ask.viewer),
        };
      },
    },
    {
      ...ofChild,
      method: 'GET',
      changes: true,
      path: '/pupils/:id/entries/:day/:session/amend',
      summary: 'Amend an entry of the register',
      async answer(ask) {
        const history = await historyFor(options, ask);
        const was = standingCode(history) ?? '';
        const position = usualPosition(ask.viewer);
        return amendPage(history, { code: '', reason: '', position, was }, []);
      },
    },
    {
      ...ofChild,
      method: 'POST',
      path: '/pupils/:id/entries/:day/:session/amend',
      summary: 'Amend an entry of the register: the new code and the reason',
      async answer(ask) {
        const { viewer, purpose, form, from } = ask;
        const history = await historyFor(options, ask);
        const { code = '', reason = '', position = '', was = '' } = form;
        const amending = { code, reason, position, was };
        const faults = amendingFaults(history, amending);
        if (faults.length > 0) return amendPage(history, amending, faults);
        try {
          await amendEntry(options, history, { ...amending, viewer, purpose, from });
        } catch (error) {
          if (!(error instanceof Refusal) || error.reason !== 'check-failed') throw error;
          return amendedMeanwhile(await historyFor(options, ask), amending, error.message);
        }
        await tellCommitted(options.afterCommit, options.stores);
        return { kind: 'redirect', to: entryPath(history.pupil.id, history) };
      },
    },
  ];
}

/** The class or year group, and the day of a week, that an address asks for. */
export function groupAndWeek(query: Readonly<Record<string, string>>): {
  group: Group | null;
  week: Day | null;
} {
  const { class: className, year, week = '', group = '' } = query;
  // The form on the page has classes and years in one list.
  const [kind, name] = group.split(':');
  const chosen =
    (kind === 'class' || kind === 'year') && name !== undefined ? { kind, name } : null;
  return {
    group: className
      ? { kind: 'class', name: className }
      : year
        ? { kind: 'year', name: year }
        : (chosen as Group | null),
    week: parseDay(week) ?? null,
  };
}

async function historyFor(
  options: BookOptions,
  { viewer, purpose, params }: Ask,
): Promise<SessionHistory> {
  const pupil = /^[1-9]\d{0,8}$/.test(params['id'] ?? '') ? Number(params['id']) : 0;
  return sessionHistory(options, { viewer, purpose, pupil, ...sessionAsked(params) });
}

export function entryPath(
  pupil: number,
  { date, session }: { date: Day; session: number },
): string {
  return `/pupils/${pupil}/entries/${date}/${sessionNames[session]}`;
}

const longDay = new Intl.DateTimeFormat('en-GB', {
  ...{ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' },
});
const weekday = new Intl.DateTimeFormat('en-GB', { weekday: 'long', timeZone: 'UTC' });
const shortWeekday = new Intl.DateTimeFormat('en-GB', { weekday: 'short', timeZone: 'UTC' });
const moment = new Intl.DateTimeFormat('en-GB', {
  ...{ day: 'numeric', month: 'long', year: 'numeric', hour: '2-digit', minute: '2-digit' },
  timeZone: 'Europe/London',
});
const at = (day: Day) => new Date(`${day}T00:00:00Z`);

/** `Monday 2 November 2026, morning`. */
function sessionText({ date, session }: { date: Day; session: number }): string {
  return `${longDay.format(at(date)).replace(',', '')}, ${session === 0 ? 'morning' : 'afternoon'}`;
}

export const yearGroupWords = (year: string) =>
  year === 'R' ? 'Reception' : year === 'N' ? 'Nursery' : `Year ${year}`;

function groupText({ kind, name }: Group): string {
  return kind === 'class' ? `Class ${name}` : yearGroupWords(name);
}

function modelOf(register: ShownRegister, viewer: Viewer) {
  const { school, group, monday, today, week, rows, classes, years, hasCalendar, isDeleted } =
    register;
  const path = `/schools/${school.urn}/register`;
  const query = (changes: { group?: Group; week?: Day }) => {
    const asked = new URLSearchParams();
    const of = changes.group ?? group;
    if (of) asked.set(of.kind, of.name);
    asked.set('week', changes.week ?? monday);
    return `${path}?${asked}`;
  };
  const groups = [
    ...classes.map((name): Group => ({ kind: 'class', name })),
    ...years.map((name): Group => ({ kind: 'year', name })),
  ];
  const cells = rows.map((row) => row.cells).filter((each) => each.length > 0);
  const days = week
    .filter(({ session }) => session === 0)
    .map(({ date }) => {
      const halves = week.filter((each) => each.date === date);
      const closed = halves.every((each) => each.closed !== null) ? halves[0]?.closed : null;
      return {
        short: shortWeekday.format(at(date)),
        rest: weekday.format(at(date)).slice(3),
        number: Number(date.slice(8)),
        closed: closed ?? '',
      };
    });
  const sending = decide(viewer, 'registers sent', subjectOf(school), { act: 'change' });
  const maySend = sending.allowed;
  const known = rows.filter(({ pupil }) => !pupil.restricted).length;
  return {
    school: { name: school.name, href: `/schools/${school.urn}` },
    ...{ path, hasCalendar, isDeleted, days, monday },
    group: group ? groupText(group) : '',
    weekText: words.date(monday),
    weekEnd: words.date(daysAfter(monday, 4)),
    groups: groups.map((each) => ({
      value: `${each.kind}:${each.name}`,
      text: groupText(each),
      selected: each.kind === group?.kind && each.name === group.name,
    })),
    previous: query({ week: daysAfter(monday, -7) }),
    next: daysAfter(monday, 7) <= today ? query({ week: daysAfter(monday, 7) }) : '',
    rows: rows.map(({ pupil, cells: own }) => ({
      name: nameOf(pupil),
      href: pupil.restricted || pupil.left ? '' : `/pupils/${pupil.id}`,
      cells: own.map((cell, index) => cellModel(cell, pupil, week[index] as ShownWeek)),
    })),
    totals: totalRows(cells),
    countText: words.plural(known, 'child', 'children'),
    codes: codesExplained(cells),
    changed: cells.flat().some((cell) => cell.kind === 'mark' && cell.changed),
    unmarked: cells.flat().filter(({ kind }) => kind === 'unmarked').length,
    unexplainedHref: `/schools/${school.urn}/unexplained`,
    rollHref: maySend ? `/schools/${school.urn}/roll` : '',
  };
}

type ShownWeek = ShownRegister['week'][number];

function nameOf(pupil: ListedPupil): string {
  if (pupil.restricted) return 'A restricted record';
  return `${pupil.surname}, ${pupil.forename}${pupil.left ? ' (has left)' : ''}`;
}

function totalRows(cells: readonly (readonly SessionCell[])[]) {
  const totals = totalsOf(cells);
  const row = (name: string, of: (each: (typeof totals)[number]) => number) => ({
    name,
    counts: totals.map(of),
  });
  if (totals.length === 0) return [];
  return [
    row('Attending', (each) => each.attending),
    row('Absent', (each) => each.absent),
    row('Not expected', (each) => each.notPossible),
    row('No mark', (each) => each.unmarked),
  ];
}

/** The entries of who has left are read here and nowhere else: the record is another school’s. */
function cellModel(cell: SessionCell, pupil: ListedPupil, of: ShownWeek) {
  const href = !pupil.restricted && pupil.left ? '' : entryPath(pupil.id, of);
  switch (cell.kind) {
    case 'mark':
      return {
        ...{ text: cell.code, href, kind: 'mark' },
        says: `${cell.meaning?.meaning ?? 'no code on that day'}${cell.changed ? ', entered more than once' : ''}`,
        changed: cell.changed,
      };
    case 'unmarked':
      return { text: '–', href, kind: 'unmarked', says: 'no mark', changed: false };
    case 'closed':
      return { text: '', href: '', kind: 'closed', says: 'closed', changed: false };
    case 'not on roll':
      return { text: '', href: '', kind: 'away', says: 'not on the roll', changed: false };
    default:
      return { text: '', href: '', kind: 'to-come', says: 'still to come', changed: false };
  }
}

function mayAmend(viewer: Viewer, { pupil }: { pupil: { subject: Subject } }): boolean {
  const purpose = 'attendance';
  return decide(viewer, 'pupil attendance', pupil.subject, { act: 'change', purpose }).allowed;
}

function entryModel(history: SessionHistory, viewer: Viewer) {
  const { pupil, school, closed, date } = history;
  const href = entryPath(pupil.id, history);
  return {
    school: { name: school.name, href: `/schools/${school.urn}` },
    name: `${pupil.forename} ${pupil.surname}`,
    child: { text: `Record ${pupil.id}`, href: `/pupils/${pupil.id}` },
    session: sessionText(history),
    registerHref: `/schools/${school.urn}/register?week=${date}`,
    closed: closed ?? '',
    standing: codeText(history.entries.at(-1)),
    entries: history.entries.toReversed().map(entryShown),
    amendHref: mayAmend(viewer, history) ? `${href}/amend` : '',
  };
}

function codeText(entry: EntryMade | undefined): string {
  if (!entry) return '';
  return `${entry.code}: ${entry.meaning?.meaning ?? 'no code on that day, so that it counts nowhere'}`;
}

function entryShown(entry: EntryMade) {
  const { amendment, cameWith, inPlaceOf } = entry;
  const isSaid = amendment && [amendment.person_name, amendment.position].some(isSaidOf);
  return {
    code: codeText(entry),
    at: moment.format(entry.at),
    cameWith: cameWith && !amendment ? cameWith.title : '',
    receipt: cameWith ? cameWith.receipt : '',
    inPlaceOf: inPlaceOf ?? '',
    amendment: amendment
      ? {
          original: `${inPlaceOf ?? 'no mark'}${entry.overtaken ? ', as it stood then: an earlier entry has come in since' : ''}`,
          reason: isSaidOf(amendment.reason) ? amendment.reason : notSaidByFile,
          by: isSaid ? `${amendment.person_name}, ${amendment.position}` : notSaidByFile,
          on: words.date(amendment.at),
          upload: cameWith && cameWith.kind !== 'amendment' ? cameWith.title : '',
        }
      : null,
  };
}

/** What somebody else entered meanwhile, and what was typed: the form is sent again against what stands now. */
function amendedMeanwhile(history: SessionHistory, amending: Amending, text: string) {
  const { model, ...answer } = amendPage(
    history,
    { ...amending, was: standingCode(history) ?? '' },
    [],
  );
  return { ...answer, model: { ...model, errors: [{ text, href: model.href }] } };
}

const isSaidOf = (text: string) => text !== notSaid;
const notSaidByFile = 'The file that it came with does not say';

function amendPage(history: SessionHistory, amending: Amending, faults: readonly AmendingFault[]) {
  const { pupil, school, date, session } = history;
  const faultIn = (field: string) => faults.find((fault) => fault.field === field)?.text ?? '';
  const href = entryPath(pupil.id, history);
  return {
    kind: 'page',
    template: 'registers/book/amend.njk',
    model: {
      school: { name: school.name, href: `/schools/${school.urn}` },
      name: `${pupil.forename} ${pupil.surname}`,
      session: sessionText(history),
      ...{ href, action: `${href}/amend`, amending, longestReason },
      standing: codeText(history.entries.at(-1)) || 'no mark',
      codes: [
        { value: '', text: 'Choose a code' },
        ...codesFor(date, session).map(({ code, meaning }) => ({
          ...{ value: code, text: `${code}: ${meaning}` },
          selected: code === amending.code,
        })),
      ],
      wrong: {
        ...{ code: faultIn('code'), reason: faultIn('reason'), position: faultIn('position') },
      },
      errors:
        faults.length > 0 ? faults.map(({ field, text }) => ({ text, href: `#${field}` })) : null,
    },
  } as const;
}

function unexplainedModel(
  school: School,
  viewer: Viewer,
  entries: ShownUnexplained[],
  others: number,
) {
  const shown = entries.map((each) => ({
    name: nameOf(each.pupil),
    href: `/pupils/${each.pupil.id}`,
    session: sessionText(each),
    group: each.pupil.className
      ? `Class ${each.pupil.className}`
      : yearGroupWords(each.pupil.yearGroup),
    due: each.due === null ? 'not known yet' : words.date(each.due),
    overdue: each.overdue,
    entryHref: `${entryPath(each.pupil.id, each)}${mayAmend(viewer, each) ? '/amend' : ''}`,
  }));
  return {
    school: { name: school.name, href: `/schools/${school.urn}` },
    schoolDays: schoolDaysToExplain,
    overdue: shown.filter(({ overdue }) => overdue),
    toCome: shown.filter(({ overdue }) => !overdue),
    others,
    othersText:
      others === 1 ? '1 entry is of a child' : `${words.number(others)} entries are of children`,
    registerHref: `/schools/${school.urn}/register`,
  };
}
