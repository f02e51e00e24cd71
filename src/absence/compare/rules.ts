import type { Kind, SessionClass } from './register.ts';

/** What systems do otherwise than the official definition. Rules of one `group` are kinds of one thing: one at a time. */
export type Rule = {
  id: string;
  group: string;
  /** What the information system does, as a sentence. */
  says: string;
  /** What the official definition is, and where it stands. */
  official: string;
  /** What it is called where figures tell less of it than its name says. */
  untold?: Untold;
} & Partial<Effect>;

/**
 * As absence, where figures do not tell authorised from unauthorised; as not present, where they do not tell absence from
 * what is neither; as possible, where they do not tell absence from attendance.
 */
type Untold = Partial<Record<'absence' | 'notPresent' | 'possible', Pick<Rule, 'id' | 'says'>>>;

type Effect = {
  /** Whose sessions are looked at beside, or not looked at. */
  scope(each: SessionClass): boolean | undefined;
  /** As what a session is counted: undefined where the rule does not change it. */
  counts(each: SessionClass): Kind | undefined;
  /** Persistent below the threshold and not at it. */
  below: true;
  /** A pupil’s percentage is rounded to so many decimals before it is compared with the threshold. */
  roundedTo: number;
  /** Percentages are the mean of the pupils’ own. */
  means: true;
  /** Percentages are cut off and not rounded. */
  cutOff: true;
  /** Counts are of days and not of sessions. */
  days: true;
};

const definition = (text: string) => text;
const notPossible = definition(
  'It makes no session possible: it stands neither in the numerator of a rate nor in its denominator.',
);
const codeNames: Readonly<Record<string, string>> = {
  D: 'dual registered, at the other school',
  X: 'not of compulsory school age and not required',
  Q: 'no access arrangements',
  Z: 'prospective pupil',
  '#': 'planned closure',
  Y: 'unable to attend: every Y code',
};

const asKind: [Kind, string, string][] = [
  ['attended', 'present', ''],
  ['neither', 'neither', ' and as neither present nor absent'],
  ['authorised', 'absent', ' and as authorised absence'],
  ['unauthorised', 'unauthorised', ' and as unauthorised absence'],
];

/** Absence of either kind. */
const ofEitherKind = 'absence, authorised or unauthorised: the summary does not tell which';

/** Absence, or neither that nor attendance. */
const tellsNotWhat = 'the summary does not tell as what';

const isCode = (code: string) => (each: SessionClass) =>
  code === 'Y' ? each.code.startsWith('Y') : each.code === code;

function possibleRules(code: string): Rule[] {
  const is = isCode(code);
  const says = `Counts ${code} (${codeNames[code]}) as a possible session`;
  const id = `${code === '#' ? 'hash' : code}-possible`;
  const untold: Untold = {
    absence: { id: `${id}-either`, says: `${says} and as ${ofEitherKind}.` },
    notPresent: { id: `${id}-not-present`, says: `${says}, and not as present: ${tellsNotWhat}.` },
  };
  return asKind.map(
    ([kind, name, ending]): Rule => ({
      ...{ id: `${id}-${name}`, group: `code ${code}`, says: `${says}${ending}.` },
      official: notPossible,
      ...(kind !== 'attended' && { untold }),
      counts: (each) => (is(each) ? kind : undefined),
    }),
  );
}

function absenceRules(code: string, what: string, official: string): Rule[] {
  const says = `Counts ${code} (${what}) as`;
  const untold: Untold = {
    absence: { id: `${code}-absent`, says: `${says} ${ofEitherKind}.` },
    notPresent: {
      id: `${code}-not-present`,
      says: `Does not count ${code} (${what}) as present: ${tellsNotWhat}.`,
    },
  };
  return (['authorised', 'unauthorised'] as const).map(
    (kind): Rule => ({
      ...{ id: `${code}-absent-${kind}`, group: `code ${code}`, says: `${says} ${kind} absence.` },
      ...{ official, untold },
      counts: (each) => (each.code === code ? kind : undefined),
    }),
  );
}

function countsAs(id: string, code: string, kind: Kind, says: string, official: string): Rule {
  return {
    ...{ id, group: `code ${code}`, says, official },
    counts: (each) => (each.code === code ? kind : undefined),
  };
}

const elsewhere = ['K', 'B', 'V', 'P', 'W'];
const activity = 'Approved educational activity is attendance.';
const allElsewhere = 'all approved educational activity (K, B, V, P, W) as';
const countsMissing = 'Counts a session without a mark as';

const countsJoiners =
  'Counts pupils who joined from the beginning of the period: sessions before they came are possible';
const joined = (id: string, kind: Kind, how: string): Rule => ({
  ...{ id: `joiners-from-start-${id}`, group: 'joiners', says: `${countsJoiners}${how}.` },
  untold: {
    notPresent: {
      id: 'joiners-from-start-not-present',
      says: `${countsJoiners}, and not present: ${tellsNotWhat}.`,
    },
    possible: { id: 'joiners-from-start', says: `${countsJoiners}.` },
  },
  official: 'A pupil’s sessions are possible from the day of entry on.',
  scope: (each) => (each.enrolment === 'before entry' ? true : undefined),
  counts: (each) => (each.enrolment === 'before entry' ? kind : undefined),
});

const ages = (id: string, which: readonly SessionClass['age'][], says: string): Rule => ({
  ...{ id, group: 'ages', says },
  official: 'Pupils aged 5 to 15 on 31 August before the year are counted, and no others.',
  scope: (each) => (which.includes(each.age) ? true : undefined),
});

/** In the order in which, of two that come to the same, the first is named. */
export const rules: readonly Rule[] = [
  {
    ...{ id: 'persistent-below-90', group: 'threshold', below: true },
    says: 'Counts a pupil as persistently absent below 90% attendance, and not at 90% itself.',
    official: 'Missing 10% or more is persistent: exactly 90% attendance is.',
  },
  ...[1, 0].map(
    (decimals): Rule => ({
      ...{ id: `persistent-rounded-${decimals}`, group: 'rounding of pupils', roundedTo: decimals },
      says: `Rounds each pupil’s percentage to ${decimals === 0 ? 'a whole one' : 'one decimal'} before asking whether it is persistent.`,
      official: 'Ten times the absent sessions are the possible ones or more: nothing is rounded.',
    }),
  ),
  ...['D', 'X', 'Y', 'Q', 'Z', '#'].flatMap(possibleRules),
  countsAs(
    'J1-attended',
    'J1',
    'attended',
    'Counts J1 (interview) as attendance.',
    'J1 is authorised absence since August 2024; J was attendance before.',
  ),
  countsAs(
    'C2-attended',
    'C2',
    'attended',
    'Counts C2 (part-time timetable) as attendance.',
    'C2 is authorised absence.',
  ),
  countsAs(
    'C2-out',
    'C2',
    'out',
    'Leaves C2 (part-time timetable) out, as no possible session.',
    'C2 is authorised absence, of a possible session.',
  ),
  ...absenceRules('K', 'education arranged by the local authority', activity),
  ...absenceRules('B', 'other approved educational activity', activity),
  ...absenceRules('V', 'visit or trip', activity),
  ...absenceRules('P', 'sporting activity', activity),
  ...absenceRules('W', 'work experience', activity),
  ...(['authorised', 'unauthorised'] as const).map(
    (kind): Rule => ({
      ...{ id: `elsewhere-absent-${kind}`, group: 'educated elsewhere', official: activity },
      says: `Counts ${allElsewhere} ${kind} absence.`,
      untold: {
        absence: { id: 'elsewhere-absent', says: `Counts ${allElsewhere} ${ofEitherKind}.` },
        notPresent: {
          id: 'elsewhere-not-present',
          says: `Does not count ${allElsewhere} present: ${tellsNotWhat}.`,
        },
      },
      counts: (each) =>
        elsewhere.includes(each.code) && each.means === 'attended' ? kind : undefined,
    }),
  ),
  ...absenceRules('L', 'late, before the register closed', 'L is attendance.').toReversed(),
  countsAs(
    'U-attended',
    'U',
    'attended',
    'Counts U (late, after the register closed) as attendance.',
    'U is unauthorised absence.',
  ),
  countsAs(
    'U-authorised',
    'U',
    'authorised',
    'Counts U (late, after the register closed) as authorised absence.',
    'U is unauthorised absence.',
  ),
  countsAs(
    'N-out',
    'N',
    'out',
    'Leaves N (no reason yet) out until there is a reason.',
    'N is unauthorised absence until it is replaced, within five school days.',
  ),
  countsAs(
    'N-authorised',
    'N',
    'authorised',
    'Counts N (no reason yet) as authorised absence.',
    'N is unauthorised absence until it is replaced, within five school days.',
  ),
  countsAs(
    'E-unauthorised',
    'E',
    'unauthorised',
    'Counts E (suspended or excluded) as unauthorised absence.',
    'E is authorised absence.',
  ),
  {
    ...{ id: 'missing-absent', group: 'missing' },
    says: `${countsMissing} absence (unauthorised).`,
    untold: {
      absence: { id: 'missing-absent', says: `${countsMissing} ${ofEitherKind}.` },
      notPresent: {
        id: 'missing-not-present',
        says: `${countsMissing} possible, and not as present: ${tellsNotWhat}.`,
      },
      possible: { id: 'missing-possible', says: `${countsMissing} possible.` },
    },
    official: 'A session without a mark is missing: neither possible nor absent.',
    scope: (each) => (each.code === '' && each.enrolment === 'on roll' ? true : undefined),
    counts: (each) =>
      each.code === '' && each.enrolment === 'on roll' ? 'unauthorised' : undefined,
  },
  {
    ...{ id: 'missing-attended', group: 'missing' },
    says: `${countsMissing} possible, and not as absence.`,
    official: 'A session without a mark is missing: neither possible nor absent.',
    counts: (each) => (each.code === '' && each.enrolment === 'on roll' ? 'attended' : undefined),
  },
  ages('under-5', ['under 5'], 'Counts pupils under 5 too.'),
  ages('over-15', ['over 15'], 'Counts pupils over 15 too (the sixth form).'),
  ages('all-ages', ['under 5', 'over 15'], 'Counts pupils of every age, under 5 and over 15 too.'),
  {
    ...{ id: 'leavers-left-out', group: 'leavers' },
    says: 'Leaves pupils out who have left since.',
    official: 'Who was on roll at any time in the period counts, for the sessions until they left.',
    scope: (each) => (each.left ? false : undefined),
  },
  joined('absent', 'unauthorised', ', and absent'),
  joined('possible', 'attended', ', and not absent'),
  {
    ...{ id: 'marks-outside', group: 'outside' },
    says: 'Counts marks from before a pupil’s entry and after leaving.',
    official: 'Sessions count from the day of entry to the day of leaving.',
    scope: (each) => (each.enrolment !== 'on roll' && each.code !== '' ? true : undefined),
  },
  {
    ...{ id: 'closed-counted', group: 'closed' },
    says: 'Counts marks on days on which the school was closed.',
    official: 'A session in which the school is closed is not possible.',
    scope: (each) => (each.closed ? true : undefined),
  },
  {
    ...{ id: 'census', group: 'census' },
    says: 'Leaves the second half of the summer term out for pupils aged 15, and pupils who came in it, as the school census does.',
    official:
      'The daily series counts every half-term. The census’s series is the other official one.',
    scope: (each) => (each.notInCensus ? false : undefined),
  },
  {
    ...{ id: 'other-half', group: 'other half' },
    says: 'Counts “/” in an afternoon and “\\” in a morning as present.',
    official:
      '“/” is a mark of mornings and “\\” of afternoons: in the other half each is a fault to mend.',
    counts: (each) =>
      ['/', '\\'].includes(each.code) && each.means === 'out' ? 'attended' : undefined,
  },
  {
    ...{ id: 'mean-of-pupils', group: 'rates', means: true },
    says: 'Gives the mean of the pupils’ own percentages.',
    official: 'A rate is all absent sessions over all possible ones.',
  },
  {
    ...{ id: 'cut-off', group: 'rounding', cutOff: true },
    says: 'Cuts percentages off and does not round them.',
    official: 'Percentages are rounded half away from zero.',
  },
  {
    ...{ id: 'days', group: 'days', days: true },
    says: 'Counts days and not sessions: two sessions are one day.',
    official: 'Sessions are what is counted; a day has two.',
  },
];

/** A way of counting: the official one and these rules with it. */
export type Way = readonly Rule[];

/** As what a class of sessions is counted in a way. */
export function countedAs(each: SessionClass, way: Way): Kind {
  if (!isInScope(each, way)) return 'out';
  for (const { counts } of way) {
    const kind = counts?.(each);
    if (kind !== undefined) return kind;
  }
  return each.code === '' ? 'out' : each.means;
}

/** Whether sessions of a class are looked at: on roll, aged 5 to 15, in an open session; rules widen and narrow that. */
export function isInScope(each: SessionClass, way: Way): boolean {
  let isAged = each.age === 'counted';
  let isOnRoll = each.enrolment === 'on roll';
  let isOpen = !each.closed;
  for (const { scope, group } of way) {
    const says = scope?.(each);
    if (says === false) return false;
    if (says === undefined) continue;
    if (group === 'ages') isAged = true;
    if (group === 'joiners' || group === 'outside') isOnRoll = true;
    if (group === 'closed') isOpen = true;
  }
  return isAged && isOnRoll && isOpen;
}

/** A rule that counts the same sessions as another kind. */
export function countedAsKind(rule: Rule, kind: Kind): Rule {
  return { ...rule, counts: (each) => rule.counts?.(each) && kind };
}
