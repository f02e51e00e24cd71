import {
  allowOrRefuse,
  type Purpose,
  type Trail,
  type Viewer,
  viewerText,
} from '../access/index.ts';
import { parseDay } from '../base/day.ts';
import { Refusal } from '../base/problem.ts';
import {
  addCorrection,
  type CorrectedValue,
  type CorrectionRow,
  decideCorrection as keepDecision,
  findCorrection,
  namesOfPeople,
} from '../records/index.ts';
import { roleWords } from './roleWords.ts';
import { pupilsFor, type ShownPupil } from './scoped.ts';
import { type Registry, subjectOfPupil } from './subject.ts';

type Field = {
  label: string;
  /** What can be given, in words for the form. */
  hint: string;
  was(pupil: ShownPupil): string | null;
  /** Undefined when the text is no such value. */
  change(text: string): CorrectedValue | undefined;
};

const yesNo = (value: boolean | null | undefined) =>
  value === null || value === undefined ? null : value ? 'yes' : 'no';
const oneOf = (...values: string[]) => new RegExp(`^(${values.join('|')})$`);
const name = /^[^\p{C}<>]{1,100}$/u;

function textField(
  label: string,
  hint: string,
  column: 'surname' | 'forename' | 'sex',
  shape: RegExp,
  was: Field['was'],
): Field {
  const change = (value: string): CorrectedValue | undefined =>
    shape.test(value) ? { table: 'pupils', column, value } : undefined;
  return { label, hint, was, change };
}

function yesNoField(label: string, column: 'fsm' | 'eal'): Field {
  return {
    label,
    hint: 'yes or no',
    was: (pupil) => yesNo(pupil.characteristics?.[column]),
    change: (text) =>
      /^(yes|no)$/.test(text)
        ? { table: 'characteristics', column, value: text === 'yes' }
        : undefined,
  };
}

function codeField(label: string, hint: string, column: 'sen' | 'ethnicity', shape: RegExp): Field {
  return {
    ...{ label, hint },
    was: (pupil) => pupil.characteristics?.[column] ?? null,
    change: (value) =>
      shape.test(value) ? { table: 'characteristics', column, value } : undefined,
  };
}

/** What of a record can be put right. */
export const correctable: Record<string, Field> = {
  surname: textField('Surname', 'as it should be', 'surname', name, ({ surname }) => surname),
  forename: textField('First name', 'as it should be', 'forename', name, (pupil) => pupil.forename),
  date_of_birth: {
    label: 'Date of birth',
    hint: 'year, month and day, as 2014-03-27',
    was: (pupil) => pupil.characteristics?.date_of_birth ?? null,
    change(text) {
      const value = parseDay(text);
      return value === undefined || value < '1900-01-01'
        ? undefined
        : { table: 'pupils', column: 'date_of_birth', value };
    },
  },
  sex: textField(
    'Sex',
    'F for female or M for male, as the school census records it',
    'sex',
    oneOf('F', 'M'),
    (pupil) => pupil.characteristics?.sex ?? null,
  ),
  fsm: yesNoField('Free school meals', 'fsm'),
  sen: codeField(
    'Special educational needs',
    'N for none, K for special educational needs support, or E for an education, health and care plan',
    'sen',
    oneOf('N', 'K', 'E'),
  ),
  eal: yesNoField('First language other than English', 'eal'),
  ethnicity: codeField(
    'Ethnicity',
    'four letters, as the school census has them: WBRI for White British. The school’s office has the list',
    'ethnicity',
    /^[A-Z]{4}$/,
  ),
};

export type CorrectionAsked = { field: string; wanted: string; because: string };

/** What is wrong with what was asked, by the form’s field; undefined when nothing is. */
export function correctionFault(
  asked: CorrectionAsked,
): { field: keyof CorrectionAsked; text: string } | undefined {
  const { field, wanted, because } = asked;
  const known = Object.hasOwn(correctable, field) ? correctable[field] : undefined;
  if (!known) return { field: 'field', text: 'Choose what is wrong' };
  if (!known.change(wanted.trim())) {
    return { field: 'wanted', text: `Give the right value: ${known.hint}` };
  }
  const length = [...because.trim()].length;
  return length >= 5 && length <= 1000
    ? undefined
    : { field: 'because', text: 'Say how you know, in 5 to 1,000 characters' };
}

type Standing = Registry & { trail: Trail };

/** Asks that something in a record be put right. Refuses what the viewer does not see, and with `bad-input`. */
export async function askCorrection(
  registry: Standing,
  asked: CorrectionAsked & { viewer: Viewer; purpose: Purpose | null; pupil: number; from: string },
): Promise<number> {
  const { viewer, purpose, pupil, from } = asked;
  const shown = await pupilsFor(registry, viewer, purpose).get(pupil);
  allowOrRefuse(viewer, 'request for correction', shown.subject, { act: 'change', purpose });
  const fault = correctionFault(asked);
  const field = correctable[asked.field];
  if (fault || !field) throw new Refusal('bad-input', `${fault?.text ?? 'Choose what is wrong'}.`);
  await leaveChange(registry, { viewer, purpose, pupil, from }, 'asked', asked.field);
  return addCorrection(registry.records, {
    ...{ pupil, field: asked.field, was: field.was(shown), wanted: asked.wanted.trim() },
    ...{ because: asked.because.trim(), asked_at: registry.clock() },
    asked_by: personText(viewer),
  });
}

/**
 * Decides what was asked, once, by a person with a name and with an answer; accepted, the record is changed with it.
 * Refuses another school’s in the same words whether there is such a correction or not, with `not-found` one that is not of
 * this child, and with `check-failed` one that was decided.
 */
export async function decideCorrection(
  registry: Standing,
  decision: {
    viewer: Viewer;
    purpose: Purpose | null;
    id: number;
    /** Of which child the address says it is; left out where no address says so. */
    pupil?: number;
    outcome: string;
    answer: string;
    /** Who decides, where the viewer is not somebody who signed in. */
    by?: string;
    from: string;
  },
): Promise<CorrectionRow> {
  const { viewer, purpose, id, outcome, from } = decision;
  const { records, clock } = registry;
  const correction = await findCorrection(records, id);
  const pupil = decision.pupil ?? correction?.pupil ?? 0;
  const subject = await subjectOfPupil(registry, pupil);
  allowOrRefuse(viewer, 'pupil characteristics', subject, { act: 'change', purpose });
  if (correction?.pupil !== pupil) {
    throw new Refusal('not-found', 'No correction of this record has this number.');
  }
  const answer = decision.answer.trim();
  if (outcome !== 'accepted' && outcome !== 'refused') {
    throw new Refusal('bad-input', 'Say whether the correction is accepted or refused.');
  }
  if (answer.length < 5 || answer.length > 1000) {
    throw new Refusal('bad-input', 'Answer whoever asked, in 5 to 1,000 characters.');
  }
  const name = decision.by?.trim() || (await nameOf(registry, viewer));
  const decidedBefore = new Refusal('check-failed', 'This correction was decided before.');
  if (correction.decided_at) throw decidedBefore;
  await leaveChange(registry, { viewer, purpose, pupil, from }, outcome, correction.field);
  const change = correctable[correction.field]?.change(correction.wanted ?? '') ?? null;
  const kept = await keepDecision(records, {
    ...{ id, at: clock(), by: decider(viewer, name), outcome, answer },
    change: outcome === 'accepted' ? change : null,
  });
  if (!kept) throw decidedBefore;
  return correction;
}

const decider = (viewer: Viewer, name: string) => `${name} (${viewerText(viewer)})`;

/** A member of the family, and which: null is nobody in particular, who wrote nothing. Undefined is none of the family. */
export type FamilyMember = string | null | undefined;

/**
 * A correction as it may be read. One of the family reads their own words and those that answered them; of what somebody
 * else asked, that it was asked, and what it changed in the record; and of everybody the role alone.
 */
export function correctionShown(
  correction: CorrectionRow,
  member: FamilyMember,
  themselves = 'you',
): CorrectionRow {
  if (member === undefined) return correction;
  const { asked_by, decided_by, outcome } = correction;
  const own = asked_by === member;
  const decided = decided_by === null ? null : /\((head|operator)[^()]*\)$/.exec(decided_by);
  const decidedBy = decided?.[1] === 'head' ? 'the head' : 'somebody for the school';
  return {
    ...correction,
    asked_by: own ? themselves : askedBy(asked_by),
    decided_by: decided_by === null ? null : decidedBy,
    ...(own ? {} : { because: '', answer: null }),
    ...(own || outcome === 'accepted' ? {} : { wanted: null }),
  };
}

function askedBy(viewerText: string): string {
  const ofChild: Record<string, string> = { head: 'the head', pupil: 'the child' };
  return ofChild[viewerText.split(':')[0] ?? ''] ?? roleWords(viewerText);
}

async function nameOf({ records }: Registry, { person }: Viewer): Promise<string> {
  const names = await namesOfPeople(records, person === undefined ? [] : [person]);
  const found = names.get(person ?? 0);
  if (!found) throw new Refusal('signed-out', 'Sign in first: a decision has a person’s name.');
  return found;
}

async function leaveChange(
  { trail }: Standing,
  who: { viewer: Viewer; purpose: Purpose | null; pupil: number; from: string },
  step: string,
  field: string,
): Promise<void> {
  const { viewer, purpose, pupil, from } = who;
  await trail.leave({
    ...{ viewer, action: 'changed', from },
    data: step === 'asked' ? 'request for correction' : 'pupil characteristics',
    ...(purpose ? { purpose } : {}),
    subject: { kind: 'pupil', id: String(pupil) },
    detail: { correction: step, field },
  });
}

/** `parent:12`, `head:900001 (person 3)`: who it was, without a name. */
export function personText(viewer: Viewer): string {
  const text = viewerText(viewer);
  return viewer.scope === null || viewer.person === undefined
    ? text
    : `${text} (person ${viewer.person})`;
}
