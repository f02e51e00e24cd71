import { bandChart, type Chart, type Table, words } from '../../ui/index.ts';
import type { Directory } from '../../schools/index.ts';
import { groupName, isReason } from './families.ts';
import type { NotIn } from './notIn.ts';
import { kindNames, sentenceOf } from './sentence.ts';
import type { Shown, ShownAlert } from './show.ts';

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
  /** Of an area: the schools it rests on. */
  schools: { text: string; href: string }[];
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
  const school = names && alert.scope === 'school' ? directory.find(alert.urn) : undefined;
  return {
    id,
    heading:
      alert.scope === 'national'
        ? `Everywhere: ${words.inSentence(kindNames[kind])}`
        : kindNames[kind],
    place: school ? { text: school.name, href: `/schools/${school.urn}/morning` } : null,
    sentence: sentenceOf(alert),
    told: `It happened on ${words.date(alert.happenedOn)} and was told from registers up to ${words.date(alert.toldOn)}.`,
    chart: chartOf(alert),
    evidence: evidence.map(
      (each) =>
        `${words.sentence(groupName(each.group) || 'the whole school')}: ${words.percent(each.observedPercent)}, where ${words.percent(each.expectedPercent)} was to be expected`,
    ),
    schools: alert.urns.flatMap((urn) => {
      const found = directory.find(urn);
      return found && names && found.laCode === alert.laCode
        ? [{ text: found.name, href: `/schools/${found.urn}/morning` }]
        : [];
    }),
    provedRight: provedRight
      ? `Of ${words.number(provedRight.answered)} such alerts that somebody answered, ${words.number(provedRight.useful)} ${provedRight.useful === 1 ? 'was' : 'were'} useful (${words.percent((100 * provedRight.useful) / provedRight.answered, 0)}).`
      : '',
    said: said === null ? '' : said === 'useful' ? 'You said: useful.' : 'You said: not useful.',
    snoozed: snoozedUntil === null ? '' : `Not shown again until ${words.date(snoozedUntil)}.`,
  };

  function chartOf(of: ShownAlert): Chart | null {
    // That nothing came needs no picture.
    if (kind === 'missing') return null;
    if (of.band.filter(({ observed }) => observed !== null).length < fewestDays) return null;
    const what = isReason(group)
      ? `Sessions not missed for ${groupName(group)}`
      : group === ''
        ? 'Attendance'
        : `Attendance of ${groupName(group)}`;
    return bandChart({
      id: `alert-${id}-chart`,
      title: `${what} by day, and what was to be expected`,
      subtitle:
        'The band is where 95 such days in 100 lie, from the school’s own days before and what others did.',
      ...{ name: what, days: of.band, marked: of.happenedOn },
    });
  }
}

/** What was looked at, so that “nothing unusual” says of what. */
export function lookedText(run: Shown['run']): string {
  if (!run) return '';
  return `Looked at up to ${words.date(run.last_day)}: the whole school, each year group and each group of pupils of ten or more, and each family of reasons; single days, falls over weeks, weekdays, registers that do not come or are hard to believe, codes in place of others, late arrivals amended, part-time timetables and who leaves the roll. About ${words.number(run.alarms_a_year, run.alarms_a_year % 1 === 0 ? 0 : 1)} alert a year is to be expected by chance.`;
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
