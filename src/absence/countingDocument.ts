import { attendanceCodes, isPossible } from '../base/attendanceCodes.ts';
import { type Case, type CasePupil, cases } from './cases.ts';
import { steps } from './absence.sql.ts';
import { halfTerms } from './windows.ts';

/** docs/counting/definitions.md: how absence is counted, from what the tests hold every implementation against. */
export function countingMarkdown(): string {
  return [
    '# How absence is counted',
    '',
    '<!-- Written by npm run docs from src/absence/cases.ts and src/base/attendanceCodes.ts: change those. -->',
    '',
    'Every figure is a pooled sum of sessions over enrolments, and says which of the two official series it is: `daily`, as the daily feed counts, or `census`, as the school census and the accredited statistics do. For the same term the two differ; outside the school’s own circle only the daily one is given, because taking one from the other would tell of the few pupils that the census leaves out. Percentages in files are not rounded; on pages they are rounded half away from zero, as the department does (1.005 is 1.01).',
    '',
    'The definitions stand once, as steps of SQL (`src/absence/absence.sql.ts`; `./rollcall absence --level school --explain` prints them). They run on the embedded engine and on a ClickHouse server, and a naive reference (`src/absence/reference.ts`) says the same without SQL. Each table below is a test of all three, and so are random registers.',
    '',
    '## The steps',
    '',
    ...steps.map(({ name, about }) => `- **${name}**: ${about}`),
    '',
    '## Rules, each with a register that shows it',
    '',
    'Columns are those of `./rollcall absence`. Pupils are 11 years old and enrolled at one school all the time, and the school is open, where nothing else is said. A mark is entered on its day, before any amendment.',
    '',
    ...cases.flatMap(caseMarkdown),
    '## What registers cannot tell',
    '',
    '- Boarders are not in the census series. The pupils file does not say who boards; they are counted.',
    '- Terms of a school before it became an academy are kept out by the census to avoid counting twice. Registers are of one URN each; nothing is counted twice.',
    '- In 2022/23 the published feed counted X as authorised absence. We follow the regulations: not possible.',
    '- A few schools went on using F after 2013, and the feed counts it as authorised. Here it is no code of those days.',
    '- The census matches the characteristics of pupils once, from the first census of the year. Here they are those of the newest pupils file.',
    '',
    '## Half-terms',
    '',
    'The census fixes 1 January, Easter Monday, the spring bank holiday (the last Monday of May, also in 2022, when the holiday itself was moved) and 31 July. The seams inside autumn and spring are our choice: the last Monday of October and the third of February. A year begins on 1 August, with the first term after July (Education Act 1996, section 579). In 2025/26:',
    '',
    table(
      ['half-term', 'from', 'to'],
      halfTerms(202526).map(({ from, to }, at) => [String(at + 1), from, to]),
    ),
    '',
    '## Codes',
    '',
    'A code that changed its meaning has a row for each. Possible: the session counts in the denominator.',
    '',
    table(
      ['code', 'from', 'to', 'category', 'possible', 'column', 'meaning', 'source'],
      attendanceCodes.map((each) => [
        `\`${each.code}\``,
        each.from ?? '',
        each.to ?? '',
        each.category,
        isPossible(each) ? 'yes' : 'no',
        `sess_${each.column}`,
        each.session === null ? each.meaning : `${each.meaning} (${each.session} alone)`,
        each.source,
      ]),
    ),
    '',
  ].join('\n');
}

function caseMarkdown({ title, says, pupils, closed, ask, rows }: Case): string[] {
  const asked = Object.entries(ask ?? {}).map(([name, value]) => `${name} ${String(value)}`);
  const names = Object.keys(rows[0] ?? {});
  return [
    `### ${title}`,
    '',
    says,
    '',
    table(['pupil', 'of whom', 'register'], pupils.map(pupilCells)),
    '',
    ...(closed ? [`Closed: ${closed.join(', ')}.`, ''] : []),
    `Asked: ${asked.length > 0 ? asked.join(', ') : 'the year 2025/26'}. What comes of it:`,
    '',
    table(
      names,
      rows.map((row) => names.map((name) => String(row[name] ?? '(blank)'))),
    ),
    '',
  ];
}

function pupilCells({ name, marks, amended, ...about }: CasePupil): string[] {
  const facts = Object.entries(about).map(([fact, value]) => `${fact} ${value ?? 'not known'}`);
  const register = [
    ...marks,
    ...(amended ?? []).map((text) => text.replace(' @ ', ', entered on ')),
  ];
  return [name, facts.join(', '), register.map((text) => `\`${text}\``).join('<br>')];
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}
