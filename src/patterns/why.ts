import { words } from '../ui/index.ts';
import { weekdayIndex } from './model/series.ts';
import type { Finding } from './model/detect.ts';

const weekdays = [
  ...['Mondays', 'Tuesdays', 'Wednesdays', 'Thursdays'],
  ...['Fridays', 'Saturdays', 'Sundays'],
];

/** A finding as one sentence, with the numbers that it rests on. */
export function why(finding: Finding): string {
  return `${words.date(finding.date)}, ${whoseOf(finding)}: ${whatOf(finding)}.`;
}

function whoseOf({ scope, school, area, group }: Finding): string {
  const whose = scope === 'school' ? school : scope === 'area' ? `area ${area}` : 'everywhere';
  return group === '' ? whose : `${whose}, ${group}`;
}

function whatOf(finding: Finding): string {
  const { kind, startedOn } = finding;
  const since = words.date(startedOn);
  const [came, usual] = [
    words.percent(finding.observedPercent || 0),
    words.percent(finding.expectedPercent),
  ];
  const between = `between ${words.percent(finding.lowerPercent)} and ${words.percent(finding.upperPercent)}`;
  switch (kind) {
    case 'shock':
      return startedOn < finding.date
        ? `attendance has been ${came} since ${since}, where ${usual} was to be expected (${between}, 95 times in 100)`
        : `attendance was ${came}; ${usual} was to be expected, and 95 such days in 100 lie ${between}`;
    case 'drift':
      return `attendance has been falling, likely since ${since}: ${came} over the last 30 school days, later ones counting for more, where ${usual} was to be expected (${between}, 95 times in 100)`;
    case 'weekday':
      return `more are away on ${weekdays[weekdayIndex(finding.date)]} than there used to be: ${came} came on the last six, where ${usual} was to be expected (${between}, 95 times in 100)`;
    case 'missing':
      return startedOn === finding.date
        ? 'the register did not come, and others did'
        : `no register has come since ${since}, and others did`;
    case 'implausible':
      return startedOn === finding.date
        ? `attendance was ${came}, which is too good to be likely: ${usual} was to be expected (${between}, 95 times in 100)`
        : `attendance has been ${came}, or the very figure of the day before, since ${since}, which is not likely: ${usual} was to be expected`;
    case 'code_swap':
      return `${came} of what two reasons explain is now given this one, where it was ${usual} before ${since}, while what the other explains fell`;
    case 'outbreak':
      return `more schools than usual have more away than expected since ${since}: attendance was ${came}, where ${usual} was to be expected (${between}, 95 times in 100)`;
  }
}
