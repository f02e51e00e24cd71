import { daysAfter } from '../../base/day.ts';
import { bandChart, type Chart, type Table, words } from '../../ui/index.ts';
import type { Directory } from '../../schools/index.ts';
import { groupName, isReason } from './families.ts';
import type { NotIn } from './notIn.ts';
import type { BandDay } from './seen.ts';
import { headingOf, sentenceOf, told } from './sentence.ts';
import type { ProvedRight, Shown, ShownAlert } from './show.ts';

/** An alert as a page has it. */
export type AlertModel = {
  id: number;
  heading: string;
  /** Of an authority’s page: the school that it is of. */
  place: { text: string; href: string } | null;
  sentence: string;
  told: string;
  chart: Chart | null;
  evidence: string[];
  /** Of an area: the schools it rests on, and what each shows of it. */
  schools: { text: string; href: string; sentence: string }[];
  /** Of a group that parts from the rest: where it stands beside all others; blank of other kinds. */
  groups: string;
  provedRight: string;
  said: string;
  snoozed: string;
};

/** Fewer days with a figure make no chart. */
const fewestDays = 5;

export function alertModel(
  alert: ShownAlert,
  { directory, names }: { directory: Directory; names: boolean },
): AlertModel {
  const { id, kind, group, evidence, provedRight, said, snoozedUntil } = alert;
  const school = alert.scope === 'school' ? directory.find(alert.urn) : undefined;
  return {
    id,
    heading: headingOf(alert),
    place: school && names ? { text: school.name, href: `/schools/${school.urn}/morning` } : null,
    sentence: sentenceOf(alert),
    // Registers up to a day are looked at when it is over.
    told: `First shown on ${words.date(daysAfter(alert.toldOn, 1))}.`,
    groups: kind === 'apart' && school ? `/schools/${school.urn}/groups` : '',
    chart: chartOf(alert),
    evidence: evidence.map((each) => {
      const { came, usual } = told(each);
      return `${words.sentence(came)}, where ${usual} was to be expected`;
    }),
    schools: names ? schoolsOf(alert, directory) : [],
    provedRight: provedRightText(provedRight),
    said: said === null ? '' : said === 'useful' ? 'You said: useful.' : 'You said: not useful.',
    snoozed: snoozedUntil === null ? '' : `Not shown again until ${words.date(snoozedUntil)}.`,
  };

  function chartOf(of: ShownAlert): Chart | null {
    // That nothing came needs no picture.
    if (kind === 'missing') return null;
    if (of.band.filter(({ observed }) => observed !== null).length < fewestDays) return null;
    const what = isReason(group)
      ? `Sessions missed for ${groupName(group)}`
      : group === ''
        ? 'Attendance'
        : `Attendance of ${groupName(group)}`;
    return bandChart({
      id: `alert-${id}-chart`,
      title: `${what} by day, and what was to be expected`,
      subtitle:
        'The band is where 95 such days in 100 lie, from the school’s own days before and what others did.',
      name: what,
      days: isReason(group) ? of.band.map(missedOn) : of.band,
      marked: of.happenedOn,
    });
  }
}

function schoolsOf({ urns, laCode, ofSchools }: ShownAlert, directory: Directory) {
  const sentences = new Map(ofSchools.map((alert) => [alert.urn, sentenceOf(alert)]));
  return [...new Set([...sentences.keys(), ...urns])].flatMap((urn) => {
    const found = directory.find(urn);
    return found?.laCode === laCode
      ? [
          {
            ...{ text: found.name, href: `/schools/${found.urn}/morning` },
            sentence: sentences.get(urn) ?? '',
          },
        ]
      : [];
  });
}

/** A few answers are said as few: of three, two are no percentage. */
const fewestForShare = 10;

export function provedRightText({ answered, useful }: ProvedRight): string {
  if (answered === 0) return 'Nobody has said yet whether such alerts are useful.';
  if (answered === 1)
    return `One such alert has been answered so far: it was ${useful === 1 ? 'useful' : 'not useful'}.`;
  const of = `Of ${words.number(answered)} such alerts that were answered`;
  const were = `${words.number(useful)} ${useful === 1 ? 'was' : 'were'} useful`;
  return answered < fewestForShare
    ? `${of} so far, ${were}: too few to go by.`
    : `${of}, ${were} (${words.percent((100 * useful) / answered, 0)}).`;
}

/** What was missed for a reason, and not what was not. */
function missedOn({ day, observed, expected, lower, upper }: BandDay): BandDay {
  const missed = (percent: number | null) => (percent === null ? null : 100 - percent);
  return {
    ...{ day, observed: missed(observed), expected: missed(expected) },
    ...{ lower: missed(upper), upper: missed(lower) },
  };
}

/** What was looked at, so that “nothing unusual” says of what. */
export function lookedText(run: Shown['run']): string {
  if (!run) return '';
  const alarms = words.number(run.alarms_a_year, run.alarms_a_year % 1 === 0 ? 0 : 1);
  return `What is looked at: the whole school, each year group, each group of ten or more pupils and each reason, for single days, falls over weeks and months, weekdays and the days around holidays; and registers that are missing or hard to believe, codes in place of others, late arrivals amended, part-time timetables and who leaves the roll. About ${alarms} alert a school and year comes by chance.`;
}

export function notInTable(notIn: readonly NotIn[]): Table {
  return {
    caption: 'Registers that have not come',
    columns: [
      { name: 'date', heading: 'Day', kind: 'text' },
      { name: 'missing', heading: 'Not in', kind: 'text' },
    ],
    rows: notIn.map(({ day, years }) => [
      words.date(day),
      years.length === 0 ? 'The whole register' : words.list(years),
    ]),
  };
}
