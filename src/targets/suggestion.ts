import { type AcademicYear, yearLabel, yearsAfter, yearsBetween } from '../base/academicYear.ts';
import type { Urn } from '../base/identifiers.ts';
import { percentText } from '../base/rate.ts';
import { words } from '../ui/index.ts';
import type { Issued, SchoolToAsk, SimilarSchool } from './issued.ts';

/**
 * What Rollcall suggests to a school, each thing with what it rests on. A suggestion is words and figures that were issued:
 * it does nothing, and nothing in the program acts on it. The school can set each one aside, with its reason.
 */
export type Suggestion = {
  /** Its name in addresses, the API and at the command line: `expectation`, `learn-from:900123`. */
  key: string;
  kind: SuggestionKind;
  /** The school that is suggested, where it is one. */
  otherUrn: Urn | null;
  /** What is suggested, in a clause: `Absence of at most 5.1% in 2018/19`. */
  says: string;
  /** What went into it; never empty. */
  restsOn: string[];
};

/** Every kind of suggestion there is, each with what it is called. */
export const suggestionKinds = {
  expectation: 'the expectation',
  forecast: 'the forecast',
  ladder: 'the steps beyond the expectation',
  reasons: 'the reasons',
  similar: 'a similar school',
  'learn-from': 'a school to learn from',
} as const;
export type SuggestionKind = keyof typeof suggestionKinds;

/** Why a school sets a suggestion aside. A shock is something that happened to it, in a year of its own. */
export const overruleReasons = {
  closure: { text: 'The school, or part of it, was closed', shock: true },
  outbreak: { text: 'There was an outbreak of illness', shock: true },
  boundary: { text: 'Its catchment area or boundary changed', shock: true },
  unit: { text: 'A special educational needs unit opened or closed', shock: true },
  intake: { text: 'Its intake changed', shock: true },
  data: { text: 'The data are wrong', shock: false },
  comparison: { text: 'The schools cannot be compared', shock: false },
  other: { text: 'Something else', shock: false },
} as const;
export type OverruleReason = keyof typeof overruleReasons;

/** All that was suggested to a school with one issue, in the order of its page. */
export function suggestionsOf(issued: Issued): Suggestion[] {
  const { explanation } = issued;
  return [
    ...expectationOf(issued),
    ...forecastOf(issued),
    ...ladderOf(issued),
    ...reasonsOf(issued),
    ...explanation.learnFrom.map((other) => learnFrom(other)),
    ...explanation.similar.map((other) => similarTo(other, issued)),
  ];
}

function named(kind: SuggestionKind, otherUrn: Urn | null = null) {
  return { key: otherUrn === null ? kind : `${kind}:${otherUrn}`, kind, otherUrn };
}

function expectationOf({ figures, explanation }: Issued): Suggestion[] {
  const { expectation_absence_percent: overall, expectation_persistent_percent: persistent } =
    figures;
  if (overall === null && persistent === null) return [];
  const { context_absence_percent: context, similar_count: similar } = figures;
  const compared = explanation.comparedInYear ?? null;
  return [
    {
      ...named('expectation'),
      says: `${words.sentence(both(overall, persistent, 'at most '))} in ${yearLabel(figures.time_period)}`,
      restsOn: [
        `the forecast: ${both(figures.forecast_absence_percent, figures.forecast_persistent_percent)}`,
        context === null
          ? 'no comparison with other schools, so only the least that is asked of any school'
          : `what counts for ${words.plural(similar, 'similar school')}${compared === null ? '' : ` in ${yearLabel(compared)}`}: absence of ${percentText(context)}`,
        'how much less absence such schools have really had from one year to the next',
      ],
    },
  ];
}

function forecastOf({ figures, explanation }: Issued): Suggestion[] {
  const { forecast_absence_percent: overall, forecast_persistent_percent: persistent } = figures;
  if (overall === null && persistent === null) return [];
  const { last_known_period: last, history_years: years } = figures;
  return [
    {
      ...named('forecast'),
      says: `${words.sentence(both(overall, persistent, 'about '))} in ${yearLabel(figures.time_period)}, if nothing special happens`,
      restsOn: [
        last === null
          ? 'no earlier year of this school: none is known'
          : [
              yearsText(years, last, explanation.ownYears),
              both(figures.last_absence_percent, figures.last_persistent_percent),
            ]
              .filter((text) => text !== '')
              .join(': '),
        'the size of the school, and what is usual in its local authority',
        withoutFullStop(explanation.restsOn),
      ].filter((text) => text !== ''),
    },
  ];
}

/** The years that a forecast rests on: what was published, and what the school’s own registers tell. */
function yearsText(years: number, last: AcademicYear, own: readonly AcademicYear[] = []): string {
  const published = years - own.length;
  const registers = `${words.list(own.toSorted((a, b) => a - b).map(yearLabel))} from the school’s own registers`;
  if (published <= 0) return `no published year of this school, and ${registers}`;
  const told = `${words.plural(published, 'published year')} of this school`;
  if (own.length === 0) return `${told}, the last ${yearLabel(last)}`;
  return `${told}, and ${registers}${own.includes(last) ? '' : `, the last ${yearLabel(last)}`}`;
}

function ladderOf({ figures, explanation }: Issued): Suggestion[] {
  const inYear = (year: AcademicYear | null | undefined) => (year ? ` in ${yearLabel(year)}` : '');
  const compared = inYear(explanation.comparedInYear);
  const rungs = [
    [
      figures.ladder_similar_best_quarter_percent,
      `absence of the best quarter of ${words.plural(figures.similar_count, 'similar school')}${compared}`,
    ],
    [figures.ladder_la_average_percent, `average absence in its local authority${compared}`],
    [
      figures.ladder_pre_pandemic_percent,
      `its own published absence before the pandemic${inYear(explanation.prePandemicYear)}`,
    ],
  ] as const;
  const known = rungs.flatMap(([percent, what]) =>
    percent === null ? [] : [`${what}: ${percentText(percent)}`],
  );
  if (known.length === 0) return [];
  return [
    {
      ...named('ladder'),
      says: 'Steps to aim for beyond the expectation',
      restsOn: known,
    },
  ];
}

function reasonsOf({ figures, explanation }: Issued): Suggestion[] {
  const count = explanation.reasons.length;
  if (count === 0) return [];
  return [
    {
      ...named('reasons'),
      says: `Why the expectation is what it is, and what stands out, in ${words.plural(count, 'sentence')}`,
      restsOn: [
        'the figures of the forecast and the expectation, as they are shown',
        figures.no_match_reason === null
          ? `the intake of this school and of its similar schools: ${censusText(explanation.intakeCensusOn)}`
          : 'no comparison with other schools',
      ],
    },
  ];
}

function learnFrom(other: SchoolToAsk): Suggestion {
  const { urn, name, laName, kilometres, chanceUnderForecast } = other;
  return {
    ...named('learn-from', urn),
    says: `Learning from ${name}, ${laName}`,
    restsOn: [
      `its published absence: two years running below what was forecast, which luck alone brings to ${words.chance(chanceUnderForecast)} schools`,
      `where both schools stand: ${kilometres < 1 ? 'less than 1' : words.number(kilometres)} km apart in a straight line`,
      'its trust, which is not this school’s, and its intake; nobody has asked whether it is willing',
    ],
  };
}

function similarTo(
  { urn, name, laName, differences }: SimilarSchool,
  { explanation }: Issued,
): Suggestion {
  return {
    ...named('similar', urn),
    says: `Comparison with ${name}, ${laName}`,
    restsOn: [
      `the intake, size and setting of both: ${censusText(explanation.intakeCensusOn)}`,
      differences.length === 0
        ? 'they differ in nothing that counts'
        : `where they differ most: ${differences.join('; ')}`,
    ],
  };
}

function both(overall: number | null, persistent: number | null, before = ''): string {
  const absence = overall === null ? [] : [`absence of ${before}${percentText(overall)}`];
  const often =
    persistent === null ? [] : [`persistent absence of ${before}${percentText(persistent)}`];
  return [...absence, ...often].join(', ');
}

function censusText(censusOn: string | null): string {
  return censusOn === null
    ? 'no school census is loaded'
    : `the school census of ${words.month(censusOn)}`;
}

function withoutFullStop(text: string): string {
  return text.replace(/\.$/, '').replace(/^Rests on /, '');
}

/** What a school says when it sets a suggestion aside, as it comes out of a form. */
export type OverruleSaid = { because: string; shockYear: string; reason: string };

export type OverruleFault = { field: keyof OverruleSaid; text: string };

const shortestReason = 10;
const longestReason = 500;
/** A letter, eleven digits and one more character. */
const upnShape = /\b[A-Z]\d{11}[A-Z\d]\b/i;

/** What is wrong with it, for the fields it stands in, as they stand on the page. */
export function overruleFaults(
  said: OverruleSaid,
  years: readonly AcademicYear[],
): OverruleFault[] {
  const faults = [becauseFault(said), yearFault(said, years), reasonFault(reasonText(said.reason))];
  return faults.filter((fault) => fault !== undefined);
}

function becauseFault({ because }: OverruleSaid): OverruleFault | undefined {
  if (Object.hasOwn(overruleReasons, because)) return undefined;
  return { field: 'because', text: 'Select why this does not fit' };
}

function yearFault(
  { because, shockYear }: OverruleSaid,
  years: readonly AcademicYear[],
): OverruleFault | undefined {
  if (shockYear === '') return undefined;
  if (!years.map(String).includes(shockYear)) {
    const text = 'Select one of the years, or that it is not about one year';
    return { field: 'shockYear', text };
  }
  if (becauseFault({ because, shockYear, reason: '' })) return undefined;
  if (overruleReasons[because as OverruleReason].shock) return undefined;
  const text = 'A year belongs to something that happened: select that it is not about one year';
  return { field: 'shockYear', text };
}

function reasonFault(reason: string): OverruleFault | undefined {
  const fault = (text: string): OverruleFault => ({ field: 'reason', text });
  if (reason.length < shortestReason) {
    return fault(`Say why in at least ${shortestReason} characters`);
  }
  if (reason.length > longestReason) {
    return fault(`Say why in ${longestReason} characters or fewer`);
  }
  return upnShape.test(reason)
    ? fault('Take out what looks like a pupil’s number: no child is named here')
    : undefined;
}

/** A reason as it is kept: as it was written, without spaces around it or signs that nobody sees. */
export function reasonText(typed: string): string {
  return typed
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{C}\n]/gu, '')
    .trim();
}

/** The years that a shock can have been in: the last ones known, and all until the one that was set. */
export function shockYears({ figures }: Issued): AcademicYear[] {
  const { time_period: year, last_known_period: last } = figures;
  return yearsBetween(yearsAfter(last ?? yearsAfter(year, -1), -2), year);
}
