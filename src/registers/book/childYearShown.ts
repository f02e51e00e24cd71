import type { ChildAttendance } from '../../pupils/index.ts';
import { sessionStrip, stripLegend, stripSentences, type Table, words } from '../../ui/index.ts';
import type { CountedMark, Reason, Spell, StripPart } from './childYear.ts';

const halfTerms = [
  ...['Autumn, first half', 'Autumn, second half', 'Spring, first half'],
  ...['Spring, second half', 'Summer, first half', 'Summer, second half'],
];
/** So many spells stand on the page at once; earlier ones are folded away. */
const spellsAtOnce = 10;

/** A child’s year as its page shows it. */
export function yearShown({
  strip,
  spells,
  reasons,
}: {
  strip: readonly StripPart[];
  spells: readonly Spell[];
  reasons: readonly Reason[];
}): Pick<ChildAttendance, 'strips' | 'legend' | 'spells' | 'reasons'> {
  return {
    strips: strip.map(({ halfTerm, weeks }) => ({
      heading: halfTerms[halfTerm] ?? '',
      svg: sessionStrip(weeks),
      weeks: stripSentences(weeks),
    })),
    legend: stripLegend(strip.flatMap(({ weeks }) => weeks)),
    spells: {
      newest: spellsTable(spells.slice(0, spellsAtOnce), 'Absences in a row, the newest first'),
      earlier: spellsTable(spells.slice(spellsAtOnce), 'Earlier absences'),
    },
    reasons: {
      caption: 'What the absence of this year was for',
      columns: [
        { name: 'reason', heading: 'Reason', kind: 'text' },
        { name: 'half_days', heading: 'Half days', kind: 'count' },
      ],
      rows: reasons.map(({ code, meaning, sessions }) => [`${meaning} (${code})`, sessions]),
    },
  };
}

function spellsTable(spells: readonly Spell[], caption: string): Table {
  return {
    caption,
    columns: [
      { name: 'from', heading: 'From', kind: 'text' },
      { name: 'to', heading: 'To', kind: 'text' },
      { name: 'half_days', heading: 'Half days', kind: 'count' },
      { name: 'reasons', heading: 'Reasons', kind: 'text' },
    ],
    rows: spells.map(({ from, to, sessions, reasons }) => [
      ...[sessionText(from), sessionText(to), sessions],
      reasons
        .map((each) =>
          reasons.length === 1
            ? `${each.meaning} (${each.code})`
            : `${each.meaning} (${each.code}): ${words.number(each.sessions)}`,
        )
        .join('; '),
    ]),
  };
}

function sessionText({ date, session }: CountedMark): string {
  return `${words.date(date)}, ${session === 0 ? 'morning' : 'afternoon'}`;
}
