import {
  allowOrRefuse,
  decide,
  type Role,
  roles,
  type Trail,
  type Viewer,
  viewerText,
} from '../access/index.ts';
import { type AcademicYear, yearLabel } from '../base/academicYear.ts';
import type { Clock } from '../base/clock.ts';
import { Refusal } from '../base/problem.ts';
import { addOverrule, type OverruleRow, overrulesOf } from '../records/index.ts';
import { type School, subjectOf } from '../schools/index.ts';
import type { Stores } from '../stores/index.ts';
import type { DatedIssue, WithoutYear } from './issued.ts';
import { findIssued } from './show.ts';
import {
  type OverruleReason,
  type OverruleSaid,
  overruleFaults,
  overruleReasons,
  reasonText,
  shockYears,
  type Suggestion,
  suggestionsOf,
} from './suggestion.ts';

/** That a school set a suggestion aside: who, when and why. What was issued is not changed by it. */
export type SetAside = {
  /** Who, in their position and by their number, and by no name. */
  by: { role: Role; person: number | null; operator: boolean };
  at: Date;
  because: OverruleReason;
  shockYear: AcademicYear | null;
  reason: string;
  /** What was suggested then. */
  suggested: string;
  /** Rollcall has issued this year's expectation again since. */
  issuedSince: boolean;
  /** What is said without the year of the shock, where the forecast leans on that year most; it was not issued. */
  withoutYear: WithoutYear | null;
};

/** One thing that was said of a suggestion: it was set aside, or that was taken back. */
export type Said = { setAside: SetAside | null; by: SetAside['by']; at: Date; suggested: string };

/** `setAside`: null while it stands. `said`: everything that was said of it, oldest first. */
export type StandingSuggestion = Suggestion & { setAside: SetAside | null; said: Said[] };

export type Suggestions = {
  issued: DatedIssue;
  suggestions: StandingSuggestion[];
  /** What was said of suggestions that are no longer made, now that the year was issued again. */
  noLongerMade: Said[];
};

/**
 * What was suggested to a school with its newest expectation, and what it said of each. Undefined when nothing was issued.
 * Refuses a viewer who may not see the expectation.
 */
export async function findSuggestions(
  stores: Stores,
  viewer: Viewer,
  school: School,
): Promise<Suggestions | undefined> {
  const issued = await findIssued(stores, viewer, school);
  return issued && suggestionsIn(stores, viewer, school, issued);
}

/** The same of what is already known to have been issued to the school. */
export async function suggestionsIn(
  stores: Stores,
  viewer: Viewer,
  school: School,
  issued: DatedIssue,
): Promise<Suggestions> {
  allowOrRefuse(viewer, 'issued expectation', subjectOf(school));
  const urns = school.chain.map((record) => record.urn);
  const rows = await overrulesOf(stores.records, { urns, year: issued.figures.time_period });
  const byKey = Map.groupBy(rows, keyOf);
  const suggestions = suggestionsOf(issued).map((suggestion): StandingSuggestion => {
    const said = (byKey.get(suggestion.key) ?? []).map((row) => saidIn(row, issued));
    byKey.delete(suggestion.key);
    return { ...suggestion, setAside: said.at(-1)?.setAside ?? null, said };
  });
  const noLongerMade = [...byKey.values()].flat().map((row) => saidIn(row, issued));
  return { issued, suggestions, noLongerMade };
}

/** Who set an expectation aside, when and why. */
export type Objection = Pick<SetAside, 'by' | 'at' | 'reason'>;

/** The reasons for which expectations of one year were set aside, by the URN they were issued to. Refuses as `findSuggestions`. */
export async function expectationsSetAside(
  stores: Stores,
  viewer: Viewer,
  schools: readonly School[],
  year: AcademicYear,
): Promise<ReadonlyMap<number, Objection>> {
  for (const school of schools) allowOrRefuse(viewer, 'issued expectation', subjectOf(school));
  const urns = schools.flatMap((school) => school.chain.map((record) => record.urn));
  const rows = await overrulesOf(stores.records, { urns, year });
  const found = new Map<number, Objection>();
  for (const row of rows.filter(({ suggestion }) => suggestion === 'expectation')) {
    found.delete(row.urn);
    if (row.reason !== null) found.set(row.urn, { by: byOf(row), at: row.at, reason: row.reason });
  }
  return found;
}

const keyOf = ({ suggestion, other_urn }: OverruleRow) =>
  other_urn === null ? suggestion : `${suggestion}:${other_urn}`;

function byOf({ role, person, by_operator }: OverruleRow): SetAside['by'] {
  return { role: role as Role, person, operator: by_operator };
}

function saidIn(row: OverruleRow, issued: DatedIssue): Said {
  const { because, reason, shock_year: shockYear, at } = row;
  // The figures in it are those of the school: what stands now of them says what may be told.
  const suggested = issued.toldOutside ? 'what is not given outside the school' : row.suggested;
  const by = byOf(row);
  const without = issued.explanation.withoutLastYear ?? null;
  return {
    by,
    at,
    suggested,
    setAside:
      because === null || reason === null
        ? null
        : {
            ...{ by, at, reason, shockYear, suggested },
            because: because as OverruleReason,
            issuedSince: row.receipt !== issued.receipt,
            withoutYear: shockYear !== null && without?.year === shockYear ? without : null,
          },
  };
}

/** Whether this viewer speaks for the school: sets its suggestions aside, and takes that back. */
export function maySetAside(viewer: Viewer, school: School): boolean {
  return decide(viewer, 'issued expectation', subjectOf(school), { act: 'change' }).allowed;
}

type Speaking = {
  stores: Stores;
  trail: Trail;
  clock: Clock;
};

/** Who says it: at a page the viewer; at the command line the operator, in the name of `viewer`. */
type Speaker = { viewer: Viewer; operator?: Viewer; from: string };

/**
 * Sets a suggestion aside for the school. Only its head may, and only with a reason, which is kept beside what was issued and
 * nowhere else: the trail says that it was done. Gives the suggestion.
 */
export async function setAside(
  speaking: Speaking,
  school: School,
  asked: Speaker & { key: string } & OverruleSaid,
): Promise<Suggestion> {
  const { issued, suggestion } = await toChange(speaking, school, asked);
  const faults = overruleFaults(asked, shockYears(issued));
  if (faults.length > 0) {
    throw new Refusal('bad-input', faults.map(({ text }) => `${text}.`).join(' '));
  }
  const shock_year = asked.shockYear === '' ? null : Number(asked.shockYear);
  await say(speaking, asked, {
    issued,
    suggestion,
    says: { because: asked.because, shock_year, reason: reasonText(asked.reason) },
  });
  return suggestion;
}

/** Lets a suggestion stand again. That it was set aside, and why, is kept. */
export async function takeBack(
  speaking: Speaking,
  school: School,
  asked: Speaker & { key: string },
): Promise<Suggestion> {
  const { issued, suggestion } = await toChange(speaking, school, asked);
  await say(speaking, asked, {
    issued,
    suggestion,
    says: { because: null, shock_year: null, reason: null },
  });
  return suggestion;
}

async function toChange(
  { stores }: Speaking,
  school: School,
  { viewer, key }: { viewer: Viewer; key: string },
): Promise<{ issued: DatedIssue; suggestion: StandingSuggestion }> {
  allowOrRefuse(viewer, 'issued expectation', subjectOf(school), { act: 'change' });
  const found = await findSuggestions(stores, viewer, school);
  return getSuggestion(found, key);
}

/** Refuses a suggestion that was not made. */
export function getSuggestion(
  found: Suggestions | undefined,
  key: string,
): { issued: DatedIssue; suggestion: StandingSuggestion } {
  const suggestion = found?.suggestions.find((each) => each.key === key);
  if (!found || !suggestion) {
    throw new Refusal('not-found', 'Rollcall does not suggest this to this school.');
  }
  return { issued: found.issued, suggestion };
}

async function say(
  { stores, trail, clock }: Speaking,
  { viewer, operator, from }: Speaker,
  what: {
    issued: DatedIssue;
    suggestion: Suggestion;
    says: Pick<OverruleRow, 'because' | 'shock_year' | 'reason'>;
  },
): Promise<void> {
  const { issued, suggestion, says } = what;
  const { urn, time_period: year } = issued.figures;
  await trail.leave({
    ...{ viewer: operator ?? viewer, action: 'changed', data: 'issued expectation', from },
    subject: { kind: 'school', id: String(urn) },
    detail: {
      done: says.because === null ? 'suggestion taken up again' : 'suggestion set aside',
      ...{ suggestion: suggestion.key, year, because: says.because },
      ...(operator ? { as: viewerText(viewer) } : {}),
    },
  });
  const added = await addOverrule(stores.records, {
    ...{ urn, year, receipt: issued.receipt, ...says },
    ...{ suggestion: suggestion.kind, other_urn: suggestion.otherUrn },
    ...{ suggested: suggestion.says, role: viewer.role, scope: viewer.scope },
    ...{ person: viewer.person ?? null, by_operator: operator !== undefined, at: clock() },
  });
  if (added === undefined) {
    throw new Refusal(
      'check-failed',
      says.because === null
        ? 'This suggestion is not set aside: there is nothing to take back.'
        : 'This suggestion is set aside already. Take that back first to give another reason.',
    );
  }
}

/** `the head (person 12)`: a position and a number, and no name. */
export function speakerText({ role, person, operator }: SetAside['by']): string {
  const position = role === 'head' ? 'the head' : roles[role].title.replace(/^on /, '');
  const who = person === null ? position : `${position} (person ${person})`;
  return operator ? `${who}, entered by the operator` : who;
}

/** `its catchment area or boundary changed, in 2017/18`. */
export function becauseText({
  because,
  shockYear,
}: Pick<SetAside, 'because' | 'shockYear'>): string {
  const { text } = overruleReasons[because];
  return shockYear === null ? text : `${text}, in ${yearLabel(shockYear)}`;
}
