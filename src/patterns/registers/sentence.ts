import { words } from '../../ui/index.ts';
import { weekdayIndex } from '../model/series.ts';
import type { Alert } from './alert.ts';
import { groupName, isReason } from './families.ts';
import type { AlertKind, Figures } from './seen.ts';

/** What each kind is called. */
export const kindNames: Record<AlertKind, string> = {
  shock: 'Far more away than expected',
  drift: 'Attendance has been falling',
  weekday: 'One weekday is worse than it was',
  missing: 'Registers have not come',
  implausible: 'A register that is hard to believe',
  code_swap: 'One code in place of another',
  outbreak: 'More absence than usual among neighbouring schools',
  late_edits: 'Late arrivals amended to present',
  part_time: 'More sessions on part-time timetables',
  off_rolling: 'Often-absent pupils leaving the roll',
  apart: 'A group parting from the rest',
  recovery: 'Attendance has recovered',
  around_holidays: 'Many away around holidays',
};

/** What an alert is headed by: its kind, and of whom or of which reason it is. */
export function headingOf({ kind, group, scope }: Pick<Alert, 'kind' | 'group' | 'scope'>): string {
  const name = kindNames[kind];
  const what = scope === 'national' ? `Everywhere: ${words.inSentence(name)}` : name;
  // Of a swap the group is the code that is used, and stands in the sentence.
  return group === '' || kind === 'code_swap' ? what : `${what} (${groupName(group)})`;
}

const weekdays = [
  ...['Mondays', 'Tuesdays', 'Wednesdays', 'Thursdays'],
  ...['Fridays', 'Saturdays', 'Sundays'],
];

/** An alert as one sentence, with the day on which it happened and the numbers that it rests on. */
export function sentenceOf(alert: Alert): string {
  const { kind, group, happenedOn, startedOn, counts } = alert;
  const [on, since] = [words.date(happenedOn), words.date(startedOn)];
  const { came, usual, between, isOfReason } = told(alert);
  const was = `${came}, where ${usual} was to be expected${between}`;
  switch (kind) {
    case 'shock':
      return startedOn < happenedOn
        ? `From ${since} to ${on} ${was}, which is unusual of these days together.`
        : `On ${on} ${was}.`;
    case 'drift':
      return `${words.sentence(came)} over the ${counts['days'] ?? 30} school days up to ${on}, and ${isOfReason ? 'that has been rising' : 'it has been falling'}, likely since ${since}: ${usual} was to be expected${between}.`;
    case 'weekday':
      return `More are away on ${weekdays[weekdayIndex(happenedOn)]} than there used to be: over the last six up to ${on} ${was}.`;
    case 'missing':
      return missingText(alert, on, since);
    case 'implausible':
      return startedOn === happenedOn
        ? `On ${on} ${came}, which is too good to be likely: ${usual} was to be expected${between}.`
        : `From ${since} to ${on} ${came}, or the very figure of the day before, which is not likely: ${usual} was to be expected.`;
    case 'code_swap':
      return `Since about ${since}, ${words.percent(alert.observedPercent)} of what two reasons explain is entered as ${groupName(group)}, where it was ${words.percent(alert.expectedPercent)} before, while what the other explains fell (told from ${on} on).`;
    case 'outbreak':
      return `From ${since} to ${on} more was missed than expected in ${counts['schools'] === undefined ? 'more schools of the area than usual' : `most of ${counts['schools']} neighbouring schools`}: ${was}.`;
    case 'late_edits':
      return `Of late arrivals in the 20 school days up to ${on}, ${words.percent(alert.observedPercent)} have been amended to present, where it was ${words.percent(alert.expectedPercent)} before (${words.plural(counts['cases'] ?? 0, 'amendment')}, likely since ${since}).`;
    case 'part_time':
      return `${words.sentence(words.percent(alert.observedPercent, 2))} of sessions in the 20 school days up to ${on} were missed on a part-time timetable, where it was ${words.percent(alert.expectedPercent, 2)} before (likely since ${since}).`;
    case 'off_rolling':
      return `Of ${words.plural(counts['leavers'] ?? 0, 'pupil')} of Years 10 and 11 who left the roll in the weeks up to ${on}, ${counts['often'] ?? 0} had missed 15% or more: ${words.percent(alert.observedPercent)}, where ${words.percent(alert.expectedPercent)} of all these pupils had.`;
    case 'apart':
      return `Over the 20 school days up to ${on} ${came}: it has been falling behind the rest of the school, likely since ${since}. Had it kept its distance, it would have been ${usual}.`;
    case 'recovery':
      return `${words.sentence(came)} over the 20 school days up to ${on}, better than the ${usual} of the weeks before, beyond what others did: worth asking what helped.`;
    case 'around_holidays':
      return `In the five school days before each of the last ${counts['holidays'] ?? 2} holidays and the two after it, ${came}, where other schools around theirs would have it at ${usual}${between}.`;
  }
}

/** Figures in words: attendance, or of a reason what was missed for it. */
export function told(alert: Pick<Alert, 'group'> & Partial<Figures>) {
  const { group, observedPercent = null, expectedPercent = null } = alert;
  const { lowerPercent = null, upperPercent = null } = alert;
  const isOfReason = isReason(group);
  const percent = (of: number | null) => words.percent(of !== null && isOfReason ? 100 - of : of);
  const [low, high] = isOfReason ? [upperPercent, lowerPercent] : [lowerPercent, upperPercent];
  const whose = group === '' ? '' : ` of ${groupName(group)}`;
  return {
    isOfReason,
    came: isOfReason
      ? `${percent(observedPercent)} of sessions were missed for ${groupName(group)}`
      : `attendance${whose} was ${percent(observedPercent)}`,
    usual: percent(expectedPercent),
    between:
      low === null || high === null
        ? ''
        : ` (95 times in 100 it lies between ${percent(low)} and ${percent(high)})`,
  };
}

function missingText(
  { scope, group, counts, happenedOn, startedOn }: Alert,
  on: string,
  since: string,
): string {
  if (scope === 'area') {
    return `On ${on} the registers of ${words.plural(counts['schools'] ?? 0, 'school')} stopped coming together, though these schools were open: look for one cause, such as a system that they share.`;
  }
  const whose = group === '' ? 'The register' : `The register of ${groupName(group)}`;
  return startedOn === happenedOn
    ? `${whose} of ${on} has not come, and others have.`
    : `${whose} has not come since ${since}, and others have.`;
}
