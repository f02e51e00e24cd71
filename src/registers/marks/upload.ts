import type { UploadRow } from '../../records/index.ts';
import {
  type CensusCounts,
  type Reading,
  type ReadOptions,
  usualReadLimits,
} from '../read/reading.ts';
import { foundInWords } from '../read/foundInWords.ts';
import type { CensusTotals } from './censusTotals.ts';
import type { Verdicts } from './check.ts';
import { fieldNamed, noteNamed } from '../read/layout.ts';
import { type MarkColumns, type PlacesOfProblem, placesOf } from './problems.ts';

/**
 * The life of an upload. It waits until it is read, is checked, and is then shown: ready to be kept, or asking what the file
 * leaves open; or refused, where no mark in it can be kept. It ends kept (and can be withdrawn), cancelled, or failed, which
 * says why.
 */
export const uploadStates = {
  waiting: 'Waiting to be read',
  reading: 'Being read',
  checking: 'Being checked',
  asking: 'A question is open',
  ready: 'Waiting for you to confirm',
  refused: 'Refused',
  keeping: 'Being kept',
  kept: 'Kept',
  withdrawn: 'Withdrawn',
  cancelled: 'Cancelled',
  failed: 'Not kept',
} as const;
export type UploadState = keyof typeof uploadStates;

/** Work goes on in these; in the others nothing happens until somebody does something. */
export const working = [
  'waiting',
  'reading',
  'checking',
  'keeping',
] as const satisfies UploadState[];
export const isWorking = (state: string) => (working as readonly string[]).includes(state);

/**
 * So long an upload waits for somebody to confirm it or to answer its question, and what is refused of one waits to be mended.
 * Then the file, what was read of it and where the refused marks stand are removed: see `tidy.ts`.
 */
export const daysToMend = 30;

/** What a person answers where a file leaves a question open; as `ReadOptions` has them. */
type ReadAnswers = Pick<ReadOptions, 'dateOrder' | 'twoDigitYears' | 'urn' | 'daysInAWeek'>;
export type Answers = ReadAnswers & {
  /** A history that comes in at once: what was entered when is taken from it. */
  history?: true;
};

export type Question = {
  about: keyof ReadAnswers;
  text: string;
  /** None where it is not chosen from a list. */
  choices: { value: string; text: string }[];
  /** How it is answered at the command line. */
  option: string;
};

/** What was found in an upload, kept with it. */
export type Outcome = {
  /** For people, in pairs of a name and a value. */
  found: [name: string, value: string][];
  form: string | null;
  firstDay: string | null;
  lastDay: string | null;
  urns: number[];
  /** Places for a mark that were not read, by kind of problem; and how many were empty. */
  notRead: Record<string, number>;
  blank: number;
  places: PlacesOfProblem[];
  /** What the columns are called that say whose a mark is and of when; a mark’s own is kept with the mark. */
  columns: MarkColumns;
  question: Question | null;
  staged: number;
  dated: boolean;
  /** Of a census return: pupils’ terms with counts, and no marks. */
  censusCounts: number;
  /** And what they come to, of those that can be kept. */
  censusTotals: CensusTotals[];
  verdicts: Verdicts;
  /** Marks that would change what stands, that would be written, and that were there already: see `check.ts`. */
  changes: number;
  writes: number | null;
  there: number;
  ofManyEach: number;
  print: string;
  against: string;
  /** What counts changed since it was shown, and with it what it would change: it is to be looked at again. */
  moved: boolean;
};

export const noOutcome: Outcome = {
  ...{ found: [], form: null, firstDay: null, lastDay: null, urns: [], notRead: {}, blank: 0 },
  ...{ places: [], columns: {}, question: null, staged: 0, dated: false },
  ...{ censusCounts: 0, censusTotals: [] },
  ...{
    verdicts: {},
    changes: 0,
    writes: null,
    there: 0,
    ofManyEach: 0,
    print: '',
    against: '',
    moved: false,
  },
};

export function outcomeOf({ outcome }: Pick<UploadRow, 'outcome'>): Outcome {
  return { ...noOutcome, ...(outcome as Partial<Outcome>) };
}

/** So many places are kept of each kind of problem. */
export const placesKept = usualReadLimits.problems;

export function outcomeOfReading(reading: Reading): Outcome {
  const { found, counted, problems, counts } = reading;
  return {
    ...noOutcome,
    found: foundInWords(found),
    form: found.form ?? null,
    firstDay: found.firstDay ?? null,
    lastDay: found.lastDay ?? null,
    urns: found.urns.slice(0, 100),
    notRead: counted.byKind,
    blank: counted.blank,
    places: placesOf(problems, placesKept),
    columns: columnsOf(reading),
    question: questionOf(reading),
    staged: isCensus(reading) ? 0 : counted.marks,
    censusCounts: counts.length,
  };
}

function columnsOf({ found: { form, headings } }: Reading): MarkColumns {
  if (form === 'marks-json') {
    return { urn: 'urn', upn: 'upn', date: 'date', session: 'session', enteredOn: 'entered_on' };
  }
  const labels = headings?.columns ?? [];
  return Object.fromEntries(
    labels.flatMap((label) => {
      const heading = /^[A-Z]+ \((.*)\)$/s.exec(label)?.[1] ?? '';
      const name = fieldNamed(heading) ?? noteNamed(heading);
      return name ? [[name, label]] : [];
    }),
  );
}

export function isCensus({ found }: Pick<Reading, 'found'>): boolean {
  return found.form === 'census-xml';
}

export type { CensusCounts };

/** What a file leaves open, and cannot be kept without. */
function questionOf({ problems, found }: Reading): Question | null {
  const has = (...kinds: string[]) => problems.find(({ kind }) => kinds.includes(kind));
  const order = has('date-order-ambiguous', 'date-orders-mixed');
  if (order) {
    return {
      about: 'dateOrder',
      text: order.message,
      choices: [
        { value: 'dmy', text: 'The day first, as 08/09/2025 for 8 September' },
        { value: 'mdy', text: 'The month first, as 09/08/2025 for 8 September' },
      ],
      option: '--date-order dmy or --date-order mdy',
    };
  }
  const years = has('two-digit-year');
  if (years) {
    return {
      about: 'twoDigitYears',
      text: 'Years have two digits, as 08/09/25: say that they are all of this century, or write four.',
      choices: [{ value: '20xx', text: 'All years are of this century: 25 is 2025' }],
      option: '--two-digit-years 20xx',
    };
  }
  const urn = has('urn-missing');
  if (urn) return { about: 'urn', text: urn.message, choices: [], option: '--urn 100000' };
  const week = found.daysInAWeek === undefined ? has('week-length-open') : undefined;
  if (!week) return null;
  return {
    about: 'daysInAWeek',
    text: week.message,
    choices: [
      { value: '5', text: 'Five: Monday to Friday' },
      { value: '7', text: 'Seven: weekends are in it too' },
    ],
    option: '--days-in-a-week 5 or --days-in-a-week 7',
  };
}

/** Answers as they were kept or typed. */
export function answersOf(given: Readonly<Record<string, unknown>>): Answers {
  const { dateOrder, twoDigitYears, urn, daysInAWeek, history } = given;
  return {
    ...(history === true ? { history } : {}),
    ...(dateOrder === 'dmy' || dateOrder === 'mdy' ? { dateOrder } : {}),
    ...(twoDigitYears === '20xx' ? { twoDigitYears } : {}),
    ...(/^[1-9]\d{5}$/.test(String(urn)) ? { urn: Number(urn) } : {}),
    ...(String(daysInAWeek) === '5' ? { daysInAWeek: 5 as const } : {}),
    ...(String(daysInAWeek) === '7' ? { daysInAWeek: 7 as const } : {}),
  };
}
