import { words } from '../../ui/index.ts';
import { weekdayOf } from '../model/series.ts';
import type { Alert } from './alert.ts';
import { groupName, isReason } from './families.ts';
import type { AlertKind } from './seen.ts';

/** What each kind is called. */
export const kindNames: Record<AlertKind, string> = {
  shock: 'A day far from what was expected',
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
};

const weekdays = [
  ...['Mondays', 'Tuesdays', 'Wednesdays', 'Thursdays'],
  ...['Fridays', 'Saturdays', 'Sundays'],
];

/** An alert as one sentence, with the day on which it happened and the numbers that it rests on. */
export function sentenceOf(alert: Alert): string {
  const { kind, group, happenedOn, startedOn, counts } = alert;
  const [on, since] = [words.date(happenedOn), words.date(startedOn)];
  const [came, usual] = [
    words.percent(alert.observedPercent),
    words.percent(alert.expectedPercent),
  ];
  const what = whatOf(alert);
  const between =
    alert.lowerPercent === null || alert.upperPercent === null
      ? ''
      : `, and 95 times in 100 it lies between ${words.percent(alert.lowerPercent)} and ${words.percent(alert.upperPercent)}`;
  switch (kind) {
    case 'shock':
      return `On ${on} ${what} ${came}, where ${usual} was to be expected${between}.`;
    case 'drift':
      return `${words.sentence(what)} ${came} over the 20 school days up to ${on}, and has been falling, likely since ${since}: ${usual} was to be expected${between}.`;
    case 'weekday':
      return `More are away on ${weekdays[weekdayOf(happenedOn)]} than there used to be: over the last six up to ${on} ${what} ${came}, where ${usual} was to be expected${between}.`;
    case 'missing':
      return missingText(alert, on, since);
    case 'implausible':
      return startedOn === happenedOn
        ? `On ${on} ${what} ${came}, which is too good to be likely: ${usual} was to be expected${between}.`
        : `From ${since} to ${on} ${what} ${came}, or the very figure of the day before, which is not likely: ${usual} was to be expected.`;
    case 'code_swap':
      return `Since about ${since}, ${came} of what two reasons explain is entered as ${groupName(group)}, where it was ${usual} before, and no more is missed for the two together (told from ${on} on).`;
    case 'outbreak':
      return `From ${since} to ${on} more was missed than expected ${isReason(group) ? `for ${groupName(group)} ` : ''}${counts['schools'] === undefined ? 'in more schools of the area than usual' : `in most of ${counts['schools']} neighbouring schools`}: ${what} ${came}, where ${usual} was to be expected${between}.`;
    case 'late_edits':
      return `Of late arrivals in the 20 school days up to ${on}, ${came} have been amended to present, where it was ${usual} before (${words.plural(counts['cases'] ?? 0, 'amendment')}, likely since ${since}).`;
    case 'part_time':
      return `${words.sentence(words.percent(alert.observedPercent, 2))} of sessions in the 20 school days up to ${on} were missed on a part-time timetable, where it was ${words.percent(alert.expectedPercent, 2)} before (likely since ${since}).`;
    case 'off_rolling':
      return `Of ${words.plural(counts['leavers'] ?? 0, 'pupil')} of Years 10 and 11 who left the roll in the weeks up to ${on}, ${counts['often'] ?? 0} had missed 15% or more: ${came}, where ${usual} of all these pupils had.`;
    case 'apart':
      return `Attendance of ${groupName(group)} was ${came} over the 20 school days up to ${on}: it has been parting from that of the rest of the school, likely since ${since}. Had it kept its distance, it would have been ${usual}.`;
    case 'recovery':
      return `${words.sentence(what)} ${came} over the 20 school days up to ${on}, better than the ${usual} of the weeks before, beyond what others did: worth asking what helped.`;
  }
}

/** `attendance of Year 7 was`; of a reason, what was left after those who missed for it. */
function whatOf({ group }: Alert): string {
  if (group === '') return 'attendance was';
  return isReason(group)
    ? `the share of sessions not missed for ${groupName(group)} was`
    : `attendance of ${groupName(group)} was`;
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
