import { attendanceCodes } from '../../base/attendanceCodes.ts';

/** A figure that a summary may have. `present` and `educatedElsewhere` are joined to `attended`. */
export type Field =
  | 'possible'
  | 'attended'
  | 'absent'
  | 'authorised'
  | 'unauthorised'
  | 'attendancePercent'
  | 'absencePercent'
  | 'authorisedPercent'
  | 'unauthorisedPercent'
  | 'enrolments'
  | 'persistent'
  | 'persistentPercent'
  | 'severe'
  | 'severePercent'
  | 'present'
  | 'educatedElsewhere'
  | 'sessions';

/** What tells rows apart, and for which days they are. */
export type Key = 'upn' | 'date' | 'session' | 'code' | 'from' | 'to';

/** Letters and digits in lower case, one space between words; `%` is a word. */
function plainOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll('%', ' percent ')
    .replaceAll(/\b(percentage|pct|rate)\b/g, ' percent ')
    .replaceAll('unauthorized', 'unauthorised')
    .replaceAll('authorized', 'authorised')
    .replaceAll(/[^a-z0-9]+/g, ' ')
    .trim();
}

const keys: Record<Key, RegExp> = {
  upn: /^(upn|pupil upn|student upn|unique pupil (number|no|id))$/,
  date: /^(date|day|session date|attendance date|mark date|date( and)? session|date am pm)$/,
  session: /^(session|am pm|am or pm|session name|session type|half day|half|period|register)$/,
  code: /^(code|codes|mark|mark code|attendance code|register code|attendance mark|reason code|symbol)$/,
  from: /^(from|from date|start|start date|(date|dates|period|starts?) from|period (start|start date|begins?)|starting|first (day|date))$/,
  to: /^(to|to date|end|end date|(date|dates|period|ends?) to|period (end|end date|ends?)|ending|until|last (day|date))$/,
};

export function keyOf(heading: string): Key | undefined {
  const plain = plainOf(heading);
  return (Object.keys(keys) as Key[]).find((key) => keys[key].test(plain));
}

/** Words that say nothing of which figure it is. */
const filler =
  /\b(the|of|number|no|total|count|sum|all|sessions?|marks?|half days?|sess|in|to date|ytd|year|overall|pupils?|students?|who are|are|missed|statistical|stats)\b/g;

const names: [Field, RegExp][] = [
  [
    'persistent',
    /^(persistent(ly)?( absen(t|ce|tees?|tee s))?|pas?|pa 10( exact)?|persistent absentee|enrolments pa 10 exact|(below|under) 90( percent)?|90 percent or below)$/,
  ],
  [
    'severe',
    /^(severe(ly)?( absen(t|ce|tees?))?|sa|pa 50( exact)?|enrolments pa 50 exact|(below|under) 50( percent)?|50 percent or below)$/,
  ],
  ['unauthorised', /^(unauthorised|unauth|un authorised)( abs(ences?|ent)?)?( code)?$/],
  ['authorised', /^(authorised|auth)( abs(ences?|ent)?)?( code)?$/],
  [
    'educatedElsewhere',
    /^(aea|approved ed(ucational)? act(ivity|ivities)?|educated (off site|elsewhere)|approved educational activities)$/,
  ],
  ['present', /^(present|presents|in school)$/],
  ['absent', /^(absent|absences?|abs|absent total|total absen(ce|t)s?|not attended)$/],
  [
    'attended',
    /^(attended|attendances?|att|actual( attendances?)?|present (and|plus) aea|present aea|attendances? made)$/,
  ],
  ['possible', /^(possible|poss|possible attendances?|possibles|available|expected)$/],
];

const bare: [Field, RegExp][] = [
  [
    'enrolments',
    /^((number of |no of |total )?(pupils|students|enrolments|children)( on roll)?|nor|(number )?on roll|roll|headcount)$/,
  ],
  [
    'sessions',
    /^((number of |no of |total )?(sessions|marks|occurrences)|count|number|total|frequency|half days)$/,
  ],
  ['absent', /^(overall absence|total absence|sessions missed|missed|overall|sess overall)$/],
  ['persistentPercent', /^(enrolments pa 10 exact percent)$/],
  ['severePercent', /^(enrolments pa 50 exact percent)$/],
  ['absencePercent', /^(sess overall percent|overall absence percent|percent overall absence)$/],
];

const percents: Partial<Record<Field, Field>> = {
  attended: 'attendancePercent',
  present: 'attendancePercent',
  absent: 'absencePercent',
  authorised: 'authorisedPercent',
  unauthorised: 'unauthorisedPercent',
  persistent: 'persistentPercent',
  severe: 'severePercent',
};

/** A heading as Arbor, SIMS, Bromcom and the others print it, leniently; undefined where it is none of ours. */
export function fieldOf(heading: string): Field | undefined {
  const plain = plainOf(heading);
  if (plain === '') return undefined;
  const alone = bare.find(([, name]) => name.test(plain));
  if (alone) return alone[0];
  const rest = plain.replaceAll(filler, ' ').replaceAll(/\s+/g, ' ').trim();
  const whole = names.find(([, name]) => name.test(rest));
  if (whole) return whole[0];
  if (!/\bpercent\b/.test(rest)) return undefined;
  const of = rest
    .replaceAll(/\bpercent\b/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
  const field = names.find(([, name]) => name.test(of))?.[0];
  return field === undefined ? undefined : percents[field];
}

export function isPercentField(field: Field): boolean {
  return field.endsWith('Percent');
}

/** The percentage of a figure that is a count; undefined where there is none. */
export function percentOfField(field: Field): Field | undefined {
  return percents[field];
}

const known = new Set(attendanceCodes.map(({ code }) => code));

const spelled = new Map([
  ['slash', '/'],
  ['backslash', '\\'],
  ['hash', '#'],
]);

/** The codes that a cell or a heading names: `I`, `Code I`, `sess_I`, `/ \`, `Present (/)`. None where it names none. */
export function markCodesOf(text: string): string[] {
  const plain = text.trim().replace(/^(code|mark|sess_)\s*/i, '');
  if (/^[/\\\s&+,|]+$/.test(plain)) return ['/', '\\'].filter((code) => plain.includes(code));
  const named = spelled.get(plain.toLowerCase());
  if (named !== undefined) return [named];
  const bracketed = /\(([^)]{1,3})\)\s*$/.exec(plain)?.[1];
  const first = /^([A-Z]\d{0,2}|[/\\#])(?=\s*[-–:.]|\s|$)/i.exec(plain)?.[1];
  const code = (bracketed ?? first ?? '').trim().toUpperCase();
  return known.has(code) ? [code] : [];
}

export const keyWords: Record<Key, string> = {
  upn: 'UPN',
  date: 'date',
  session: 'session',
  code: 'code',
  from: 'first day',
  to: 'last day',
};

export const fieldWords: Record<Field, string> = {
  possible: 'possible sessions',
  attended: 'attended sessions',
  absent: 'absent sessions',
  authorised: 'authorised absent sessions',
  unauthorised: 'unauthorised absent sessions',
  attendancePercent: 'attendance %',
  absencePercent: 'absence %',
  authorisedPercent: 'authorised absence %',
  unauthorisedPercent: 'unauthorised absence %',
  enrolments: 'enrolments',
  persistent: 'persistently absent pupils',
  persistentPercent: 'persistently absent %',
  severe: 'severely absent pupils',
  severePercent: 'severely absent %',
  present: 'present',
  educatedElsewhere: 'approved educational activity',
  sessions: 'sessions',
};
