import { rateByMail, type Viewer } from '../access/index.ts';
import {
  countingYearOf,
  type WeeklyRate,
  weeklyRates,
  weeklyRatesOfEngland,
} from '../absence/index.ts';
import { type AcademicYear, yearsAfter } from '../base/academicYear.ts';
import { type Day, daysAfter, mondayOnOrBefore } from '../base/day.ts';
import { weekOf } from '../base/weekOfYear.ts';
import type { Directories, Directory } from '../schools/index.ts';
import type { Stores } from '../stores/index.ts';
import { words } from '../ui/index.ts';

/** Something to be told: a sentence, since when it holds, and the page that says more. */
export type Told = { sentence: string; since: Day; href: string };

/** What is to be told to a viewer of a week, of its Monday; newest first. */
export type Alerts = (viewer: Viewer, week: Day) => Promise<readonly Told[]>;

export type Digest = {
  /** `Ashgrove School`, `England`. */
  place: string;
  week: Day;
  sentences: string[];
  told: Told[];
  /** Of what was to be told, so many are not for an e-mail, or beyond what fits. */
  more: number;
  /** Where the figures stand, a path of this site. */
  href: string;
};

/** To whom a digest goes. */
export const digestRoles = ['head', 'authority', 'department'] as const;

type Parts = { stores: Stores; directories: Directories; alerts: Alerts };
type Place = {
  name: string;
  href: string;
  weeks(year: AcademicYear): Promise<(WeeklyRate & { possible: number })[]>;
};

const mostTold = 8;

/** The Monday of the last week that is over. */
export function lastWeekBefore(today: Day): Day {
  return daysAfter(mondayOnOrBefore(today), -7);
}

/** The digest of a week for who acts in a role; undefined where there is nothing to tell, as in a holiday. */
export async function composeDigest(
  { stores, directories, alerts }: Parts,
  viewer: Viewer,
  week: Day,
): Promise<Digest | undefined> {
  const place = placeOf(stores, await directories(), viewer);
  if (!place) return undefined;
  const sentence = rateSentence(await ratesOf(place, week));
  const all = await alerts(viewer, week);
  const told = all.filter((each) => mayBeMailed(each.sentence)).slice(0, mostTold);
  if (sentence === undefined && all.length === 0) return undefined;
  return {
    ...{ place: place.name, week, href: place.href, told },
    sentences: sentence === undefined ? [] : [sentence],
    more: all.length - told.length,
  };
}

function placeOf(stores: Stores, directory: Directory, viewer: Viewer): Place | undefined {
  const { role, scope } = viewer;
  switch (role) {
    case 'head': {
      const school = directory.find(Number(scope));
      if (!school) return undefined;
      const urns = school.chain.map((record) => record.urn);
      return {
        ...{ name: school.name, href: `/schools/${school.urn}/absence` },
        weeks: (year) => weeklyRates(stores, { level: 'school', urns }, year),
      };
    }
    case 'authority': {
      const authority = directory.findAuthority(scope ?? '');
      if (!authority) return undefined;
      const { laCode, name } = authority;
      return {
        ...{ name, href: `/authorities/${laCode}/absence` },
        weeks: (year) => weeklyRates(stores, { level: 'la', area: laCode }, year),
      };
    }
    case 'department':
      return {
        ...{ name: 'England', href: '/england' },
        // Told only of weeks with sessions enough for a tenth of a percent.
        weeks: async (year) =>
          (await weeklyRatesOfEngland(stores, year)).map((each) => ({
            ...each,
            possible: Number.POSITIVE_INFINITY,
          })),
      };
    default:
      return undefined;
  }
}

type Rate = NonNullable<ReturnType<typeof rateByMail>>;
type Rates = { week: Day; last: Rate | null; before: Rate | null; yearAgo: Rate | null };

const weeksBefore = 4;

async function ratesOf(place: Place, week: Day): Promise<Rates> {
  const year = countingYearOf(week);
  const weeks = await place.weeks(year);
  const at = weeks.findIndex(({ monday }) => monday === week);
  const inYear = (monday: Day, of: AcademicYear) => weekOf(daysAfter(monday, 4), of);
  const lastYear = await place.weeks(yearsAfter(year, -1));
  const yearAgo = lastYear.find(
    ({ monday }) => inYear(monday, yearsAfter(year, -1)) === inYear(week, year),
  );
  return {
    week,
    last: at < 0 ? null : rateOf(weeks.slice(at, at + 1)),
    before: at < 1 ? null : rateOf(weeks.slice(Math.max(0, at - weeksBefore), at)),
    yearAgo: yearAgo ? rateOf([yearAgo]) : null,
  };
}

/** Weeks together, as sure as the shortest of them. */
function rateOf(weeks: readonly (WeeklyRate & { possible: number })[]): Rate | null {
  const weight = ({ possible }: { possible: number }) => (Number.isFinite(possible) ? possible : 1);
  const all = weeks.reduce((sum, each) => sum + weight(each), 0);
  const percent = weeks.reduce((sum, each) => sum + each.absencePercent * weight(each), 0) / all;
  return rateByMail(percent, {
    enrolments: Math.min(...weeks.map((each) => each.enrolments)),
    possible: Math.min(...weeks.map((each) => each.possible)),
  });
}

function rateSentence({ week, last, before, yearAgo }: Rates): string | undefined {
  if (!last) return undefined;
  const told = ({ percent, decimals }: Rate) => words.percent(percent, decimals);
  const about = last.decimals === 0 ? 'about ' : '';
  const now = `In the week of ${words.date(week)}, ${about}${told(last)} of sessions were missed.`;
  return [
    now,
    ...(before
      ? [`In the weeks before it was ${told(before)}.`]
      : ['It is the first week of the year here.']),
    ...(yearAgo ? [`In the same week of last year it was ${told(yearAgo)}.`] : []),
  ].join(' ');
}

const few = String.raw`\d|one|two|three|four|five|six|seven|eight|nine|single|both|couple|pair|several|few`;
const people =
  'pupil|student|child|boy|girl|sibling|brother|sister|twin|leaver|joiner|famil|person|people|enrolment|session|mark|absence|absentee';
/** `three more pupils`, `5 FSM pupils`, `three of its older pupils`, and neither `23 pupils` nor `Year 9 pupils`. */
const smallCount = new RegExp(
  String.raw`(?<![\d.,%]|year )\b(?:${few})\b(?: [\w’'-]+){0,3} (?:${people})|\ban? (?:${people})|\b(?:${few}) of (?:them|these|those)\b`,
  'i',
);

/** A sentence that counts fewer than ten pupils, or what they did, stays on the site: where it is not clear, it stays as well. */
export function mayBeMailed(sentence: string): boolean {
  return !smallCount.test(sentence);
}
