import type { Ask, Route, Trail } from '../access/index.ts';
import { yearLabel } from '../base/academicYear.ts';
import type { Clock } from '../base/clock.ts';
import { Refusal } from '../base/problem.ts';
import { type Directories, type School, subjectOf } from '../schools/index.ts';
import type { Stores } from '../stores/index.ts';
import { words } from '../ui/index.ts';
import type { WithoutYear } from './issued.ts';
import {
  becauseText,
  findSuggestions,
  getSuggestion,
  maySetAside,
  type Said,
  type SetAside,
  setAside,
  speakerText,
  type StandingSuggestion,
  takeBack,
} from './overrule.ts';
import {
  type OverruleFault,
  type OverruleSaid,
  overruleFaults,
  overruleReasons,
  shockYears,
  type SuggestionKind,
  suggestionKinds,
} from './suggestion.ts';

export type SuggestionRoutesOptions = {
  stores: Stores;
  directories: Directories;
  clock: Clock;
  trail: Trail;
};

type Params = Readonly<Record<string, string>>;

/** What was suggested to a school with what each rests on; and setting a suggestion aside, or taking that back. */
export function suggestionRoutes(options: SuggestionRoutesOptions): Route[] {
  const { stores, directories } = options;
  const schoolOf = async (params: Params) => (await directories()).getTyped(params['urn'] ?? '');
  const about = {
    needs: 'issued expectation',
    subject: async (params: Params) => subjectOf(await schoolOf(params)),
  } as const satisfies Partial<Route>;
  return [
    {
      ...about,
      method: 'GET',
      path: '/schools/:urn/suggestions',
      summary:
        'What Rollcall suggests to a school, what each rests on, and what the school said of it',
      answer: async ({ viewer, params }) => listPage(stores, viewer, await schoolOf(params)),
    },
    {
      ...about,
      method: 'GET',
      path: '/schools/:urn/suggestions/set-aside',
      summary: 'Set a suggestion aside, or take that back',
      changes: true,
      async answer(ask) {
        return questionPage(stores, ask, await schoolOf(ask.params), ask.query['suggestion'] ?? '');
      },
    },
    {
      ...about,
      method: 'POST',
      path: '/schools/:urn/suggestions',
      summary: 'Set a suggestion aside: the reason',
      async answer(ask) {
        const { viewer, form, from } = ask;
        const school = await schoolOf(ask.params);
        const key = form['suggestion'] ?? '';
        const said = saidIn(form);
        const found = await findSuggestions(stores, viewer, school);
        const faults = overruleFaults(said, shockYears(getSuggestion(found, key).issued));
        if (faults.length > 0) return questionPage(stores, ask, school, key, { said, faults });
        await setAside(options, school, { viewer, from, key, ...said });
        return { kind: 'redirect', to: backTo(school, key) };
      },
    },
    {
      ...about,
      method: 'POST',
      path: '/schools/:urn/suggestions/take-back',
      summary: 'Let a suggestion stand again that was set aside',
      async answer({ viewer, params, form, from }) {
        const school = await schoolOf(params);
        const key = form['suggestion'] ?? '';
        await takeBack(options, school, { viewer, from, key });
        return { kind: 'redirect', to: backTo(school, key) };
      },
    },
  ];
}

function saidIn(form: Params): OverruleSaid {
  const { because = '', shockYear = '', reason = '' } = form;
  return { because, shockYear, reason };
}

const idOf = (key: string) => key.replace(':', '-');
const backTo = (school: School, key: string) => `/schools/${school.urn}/suggestions#${idOf(key)}`;

/** What each kind is called where what it rests on is folded away. */
const groupHeadings: Record<SuggestionKind, string> = {
  expectation: 'The expectation',
  forecast: 'The forecast',
  ladder: 'Steps beyond the expectation',
  reasons: 'The reasons',
  'learn-from': 'Schools to learn from',
  similar: 'Schools with a similar intake',
};

async function listPage(stores: Stores, viewer: Ask['viewer'], school: School) {
  const found = await findSuggestions(stores, viewer, school);
  const mayChange = maySetAside(viewer, school);
  const groups = Object.entries(groupHeadings).flatMap(([kind, heading]) => {
    const ofKind = (found?.suggestions ?? []).filter((each) => each.kind === kind);
    const suggestions = ofKind.map((each) => shownSuggestion(each, school, mayChange));
    const folded = kind === 'similar';
    return suggestions.length > 0 ? [{ id: `kind-${kind}`, heading, suggestions, folded }] : [];
  });
  return {
    kind: 'page',
    template: 'targets/suggestions.njk',
    model: {
      school: { name: school.name, href: `/schools/${school.urn}` },
      yearText: found ? yearLabel(found.issued.figures.time_period) : '',
      groups: groups.length > 0 ? groups : null,
      noLongerMade: (found?.noLongerMade ?? []).map(shownSaid),
    },
  } as const;
}

async function questionPage(
  stores: Stores,
  { viewer }: Ask,
  school: School,
  key: string,
  wrong?: { said: OverruleSaid; faults: OverruleFault[] },
) {
  if (!maySetAside(viewer, school)) {
    throw new Refusal('not-allowed', 'The head of a school sets aside what was suggested to it.');
  }
  const found = await findSuggestions(stores, viewer, school);
  const { issued, suggestion } = getSuggestion(found, key);
  const said = wrong?.said ?? { because: '', shockYear: '', reason: '' };
  const { withoutLastYear } = issued.explanation;
  const faultIn = (field: string) =>
    wrong?.faults.find((fault) => fault.field === field)?.text ?? '';
  const path = `/schools/${school.urn}/suggestions`;
  return {
    kind: 'page',
    template: 'targets/setAside.njk',
    model: {
      school: { name: school.name, href: `/schools/${school.urn}` },
      ...{ path, takeBackPath: `${path}/take-back` },
      each: shownSuggestion(suggestion, school, true),
      reasons: Object.entries(overruleReasons).map(([value, { text }]) => ({
        ...{ value, text, checked: said.because === value },
      })),
      years: [
        { value: '', text: 'It is not about one year' },
        ...shockYears(issued)
          .toReversed()
          .map((year) => ({
            value: String(year),
            text: yearLabel(year),
            selected: said.shockYear === String(year),
          })),
      ],
      withoutHint: withoutLastYear
        ? `For ${yearLabel(withoutLastYear.year)} we then also show what the forecast says without that year.`
        : '',
      said,
      wrong: {
        because: faultIn('because'),
        shockYear: faultIn('shockYear'),
        reason: faultIn('reason'),
      },
      errors: wrong ? wrong.faults.map(({ field, text }) => ({ text, href: `#${field}` })) : null,
    },
  } as const;
}

/** A suggestion as templates show it. `href` is there for who may set it aside, or take that back. */
export function shownSuggestion(
  suggestion: StandingSuggestion,
  school: School,
  mayChange: boolean,
) {
  const { key, kind, says, restsOn, otherUrn } = suggestion;
  return {
    ...{ key, kind, says, restsOn, otherUrn, id: idOf(key), name: suggestionKinds[kind] },
    href: mayChange
      ? `/schools/${school.urn}/suggestions/set-aside?suggestion=${encodeURIComponent(key)}`
      : '',
    setAside: suggestion.setAside && shownSetAside(suggestion.setAside),
    said: suggestion.said.map(shownSaid),
  };
}

export type ShownSuggestion = ReturnType<typeof shownSuggestion>;

function shownSetAside(setAside: SetAside) {
  return {
    by: speakerText(setAside.by),
    on: words.date(setAside.at),
    because: becauseText(setAside),
    reason: setAside.reason,
    suggested: setAside.suggested,
    issuedSince: setAside.issuedSince,
    without: setAside.withoutYear ? withoutText(setAside.withoutYear) : '',
  };
}

function shownSaid({ by, at, suggested, setAside }: Said) {
  return {
    ...{ by: speakerText(by), on: words.date(at), suggested },
    setAside: setAside && shownSetAside(setAside),
  };
}

/** What the forecast and the expectation of absence are when one year of the school’s own is left out. */
export function withoutText({ year, overall }: WithoutYear): string {
  const { forecastPercent, lower80Percent, upper80Percent, expectationPercent } = overall;
  const expected =
    expectationPercent === null
      ? ''
      : `, and the expectation ${words.percent(expectationPercent)} or less`;
  return `Not issued: without ${yearLabel(year)} the forecast of absence would be ${words.percent(forecastPercent)} (${words.interval(lower80Percent, upper80Percent, 80)})${expected}.`;
}
