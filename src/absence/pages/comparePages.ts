import { allowOrRefuse, type Ask, decide, type Route, type Trail } from '../../access/index.ts';
import { type AcademicYear, yearLabel } from '../../base/academicYear.ts';
import { type Clock, dayInEngland } from '../../base/clock.ts';
import { parseDay } from '../../base/day.ts';
import { Refusal } from '../../base/problem.ts';
import { holdsUpn } from '../../base/upn.ts';
import { type Directories, type School, subjectOf } from '../../schools/index.ts';
import type { Stores } from '../../stores/index.ts';
import {
  type Acceptance,
  type AcceptanceFault,
  acceptanceFaults,
  acceptExplained,
  type Agreement,
  agreementOf,
  isOfYear,
  keepComparison,
} from '../agreement.ts';
import { questionOf } from '../ask.ts';
import { compareSummary } from '../compare/load.ts';
import { mostSummaryBytes, readSummary, summaryText } from '../compare/summary.ts';
import { toldOf } from '../compare/told.ts';
import { countingYearOf } from '../windows.ts';
import { agreementWords } from './agreementWords.ts';
import { seesPeriods } from './figures.ts';

export type ComparePagesOptions = {
  stores: Stores;
  directories: Directories;
  clock: Clock;
  trail: Trail;
};

type Params = Readonly<Record<string, string>>;

/** “Why don’t my numbers match?”: compare a summary, keep what was found, accept what is explained. */
export function comparePages(options: ComparePagesOptions): Route[] {
  const schoolOf = async (params: Params) =>
    (await options.directories()).getTyped(params['urn'] ?? '');
  const about = {
    needs: 'school statistic',
    subject: async (params: Params) => subjectOf(await schoolOf(params)),
  } as const satisfies Partial<Route>;
  return [
    {
      ...about,
      method: 'GET',
      path: '/schools/:urn/absence/compare',
      summary: 'Why a school’s numbers differ from those of its own system, and whether they agree',
      answer: async (ask) => comparePage(options, ask, await schoolOf(ask.params), {}),
    },
    {
      ...about,
      method: 'POST',
      path: '/schools/:urn/absence/compare',
      summary: 'Compare a summary of the school’s own system with its registers',
      takes: 'file',
      answer: async (ask) => compared(options, ask, await schoolOf(ask.params)),
    },
    {
      ...about,
      method: 'POST',
      path: '/schools/:urn/absence/accept',
      summary: 'Accept an explained difference, by name, position and reason',
      answer: async (ask) => accepted(options, ask, await schoolOf(ask.params)),
    },
  ];
}

type Shown = {
  /** What was typed, to be shown again. */
  typed?: { summary: string; from: string; to: string };
  error?: string;
  told?: ReturnType<typeof toldOf>;
  /** Of the summary that was compared, or that the form was for. */
  year?: AcademicYear;
  said?: Acceptance;
  faults?: readonly AcceptanceFault[];
};

async function comparePage(
  { stores, clock }: ComparePagesOptions,
  { viewer, query }: Ask,
  school: School,
  { typed, error, told, year: comparedYear, said, faults = [] }: Shown,
) {
  const today = dayInEngland(clock());
  const year = comparedYear ?? yearAsked(query['year'], clock);
  const agreement = await agreementOf(stores, school.urn, year, {
    isOver: countingYearOf(today) > year,
  });
  const { allowed: mayChange } = decide(viewer, 'school statistic', subjectOf(school), {
    act: 'change',
  });
  const canAccept = mayChange && isAcceptable(agreement);
  return {
    kind: 'page',
    template: 'absence/pages/compare.njk',
    model: {
      school: { name: school.name, href: `/schools/${school.urn}` },
      path: `/schools/${school.urn}/absence`,
      year: yearLabel(year),
      yearCode: year,
      ...{ mayChange, canAccept, told: told ?? null },
      agreement: agreementWords(agreement, { mayChange, isInside: seesPeriods(viewer) }),
      summaryId: agreement.summary?.id ?? null,
      typed: {
        from: '',
        to: '',
        ...typed,
        summary: isSentBack(typed?.summary ?? '') ? (typed?.summary ?? '') : '',
      },
      error: error ?? null,
      said: said ?? { name: '', position: '', reason: '' },
      wrong: Object.fromEntries(faults.map(({ field, text }) => [field, { text }])),
      ...(error
        ? { errors: [{ text: error, href: typed?.summary ? '#summary' : '#file' }] }
        : {
            errors:
              faults.length > 0
                ? faults.map(({ field, text }) => ({ text, href: `#${field}` }))
                : null,
          }),
    },
  } as const;
}

function isAcceptable({ summary, accepted, changed }: Agreement): boolean {
  return summary?.outcome === 'explained' && accepted === null && changed !== 'large';
}

/** The year that was asked for; else the current one. Refuses what is none, as everywhere that figures are asked for. */
const yearAsked = (text: string | undefined, clock: Clock): AcademicYear =>
  questionOf({ ...(text?.trim() && { year: text.trim() }) }, clock).year;

/** First shows what is found; kept is only what is sent again with “keep”. */
async function compared(options: ComparePagesOptions, ask: Ask, school: School) {
  const { stores, clock, trail } = options;
  const { viewer, form, from } = ask;
  const days = { from: form['from'] ?? '', to: form['to'] ?? '' };
  const text = ask.sent ? await textOfSent(ask.sent.bytes) : (form['summary'] ?? '');
  const year = yearAsked(form['year'] ?? ask.query['year'], clock);
  if (text instanceof Refusal) {
    return comparePage(options, ask, school, {
      ...{ typed: { ...days, summary: '' }, error: text.message, year },
    });
  }
  const typed = { summary: text, ...days };
  const summary = readSummary(typed.summary);
  const subject = subjectOf(school);
  if (summary.form === 'pupils') {
    allowOrRefuse(viewer, 'pupil attendance', subject, { purpose: 'attendance' });
    await trail.leave({
      ...{ viewer, action: 'read', data: 'pupil attendance', purpose: 'attendance', from },
      subject: { kind: 'school', id: String(school.urn) },
      detail: { done: 'summary by pupil compared' },
    });
  }
  try {
    const [first, last] = [dayIn(typed.from, 'first'), dayIn(typed.to, 'last')];
    const asked = { from: first, to: last, year };
    const comparison = await compareSummary(stores, school.urn, summary, asked);
    if (form['keep'] === 'yes') {
      await keepComparison(
        { stores, trail, clock },
        { viewer, subject, from },
        school.urn,
        comparison,
      );
      return {
        kind: 'redirect' as const,
        to: `/schools/${school.urn}/absence/compare?year=${comparison.year}`,
      };
    }
    const { year: compared } = comparison;
    const told = toldOf(
      {
        ...comparison,
        isOfYear: await isOfYear(stores, { urn: school.urn, year: compared }, comparison),
      },
      summary,
    );
    return await comparePage(options, ask, school, { typed, told, year: compared });
  } catch (error) {
    if (!(error instanceof Refusal) || error.reason === 'not-allowed') throw error;
    return comparePage(options, ask, school, { typed, error: error.forVisitors, year });
  }
}

const tooLarge = new Refusal(
  'bad-input',
  'This file has more than 5 MB, more than any summary. Send the summary and not the register.',
);
const mostBytesReadOn = 40 * mostSummaryBytes;

/** A file that was sent; no more is kept of it than a summary has. What is too large is read to its end, so that the page comes. */
async function textOfSent(bytes: AsyncIterable<Uint8Array>): Promise<string | Refusal> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    if (size <= mostSummaryBytes) chunks.push(chunk);
    if (size > mostBytesReadOn) throw tooLarge;
  }
  if (size > mostSummaryBytes) {
    return tooLarge;
  }
  return summaryText(Buffer.concat(chunks));
}

/** What names pupils is not sent back, nor what is more than a form takes. */
const isSentBack = (text: string) => text.length <= 30_000 && !holdsUpn(text);

function dayIn(text: string, which: string): string | undefined {
  if (text.trim() === '') return undefined;
  const day = parseDay(text.trim());
  if (day) return day;
  throw new Refusal('bad-input', `The ${which} day is not read: write it as 2026-09-01.`);
}

async function accepted(options: ComparePagesOptions, ask: Ask, school: School) {
  const { stores, clock, trail } = options;
  const { viewer, form, from } = ask;
  const { name = '', position = '', reason = '' } = form;
  const said = { name, position, reason };
  const faults = acceptanceFaults(said);
  const year = yearAsked(form['year'], clock);
  if (!isAcceptable(await agreementOf(stores, school.urn, year))) {
    const error = `There is nothing to accept for ${yearLabel(year)}: only an explained difference can be accepted, once, of the summary that says where the year stands. Compare a summary first.`;
    return comparePage(options, ask, school, { error, year });
  }
  if (faults.length > 0) return comparePage(options, ask, school, { said, faults, year });
  await acceptExplained(
    { stores, trail, clock },
    { viewer, subject: subjectOf(school), from },
    { urn: school.urn, year, summary: Number(form['accepted'] ?? 0) },
    said,
  );
  return {
    kind: 'redirect' as const,
    to: `/schools/${school.urn}/absence/compare?year=${year}`,
  };
}
