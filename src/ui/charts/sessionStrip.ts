import { date, list, plural } from '../words.ts';
import { colours, steps } from './palette.ts';

/** What a half day was. Blank is one of which nothing is to be said: closed, still to come, or not on the roll. */
export type SessionKind =
  | 'present'
  | 'late'
  | 'authorised'
  | 'late after close'
  | 'no reason yet'
  | 'unauthorised'
  | 'not counted'
  | 'no mark'
  | 'blank';

/** A week: ten half days, Monday morning to Friday afternoon. */
export type StripWeek = { monday: string; cells: readonly SessionKind[] };

/**
 * Each kind as it is drawn and told: by a letter as well as by its colour, so that it is read on paper and by everybody.
 * L, U and N are the letters of the register itself.
 */
export const sessionKinds: Readonly<
  Record<Exclude<SessionKind, 'blank'>, { letter: string; text: string }>
> = {
  present: { letter: '', text: 'present' },
  late: { letter: 'L', text: 'late' },
  authorised: { letter: 'A', text: 'away with leave' },
  'late after close': { letter: 'U', text: 'in after the register closed (counts as away)' },
  'no reason yet': { letter: 'N', text: 'away with no reason yet' },
  unauthorised: { letter: 'O', text: 'away without leave' },
  'not counted': { letter: '–', text: 'not counted' },
  'no mark': { letter: '?', text: 'no mark' },
};
type Drawn = keyof typeof sessionKinds;
const drawn = Object.keys(sessionKinds) as Drawn[];

const withoutLeave = { fill: colours.expectation, ink: '#ffffff' };
const looks: Readonly<Record<Drawn, { fill: string; ink: string }>> = {
  present: { fill: steps[0].fill, ink: steps[0].ink },
  late: { fill: '#ffe8a3', ink: colours.text },
  authorised: { fill: steps[2].fill, ink: steps[2].ink },
  'late after close': withoutLeave,
  'no reason yet': withoutLeave,
  unauthorised: withoutLeave,
  'not counted': { fill: '#ffffff', ink: colours.quietText },
  'no mark': { fill: '#ffffff', ink: colours.text },
};

const size = { left: 32, top: 30, width: 25, height: 15, dayGap: 3 } as const;
const weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday'] as const;
const halves = ['morning', 'afternoon'] as const;

/** A few weeks as columns, each half day as a cell. Hidden from screen readers: `stripSentences` says the same. */
export function sessionStrip(weeks: readonly StripWeek[]): string {
  const width = size.left + weeks.length * size.width;
  const height = size.top + 10 * size.height + 4 * size.dayGap;
  const days = weekdays
    .map(
      (day, at) => `<text x="0" y="${topOf(2 * at) + size.height + 4}">${day.slice(0, 3)}</text>`,
    )
    .join('');
  const heads = weeks.map(({ monday }, column) => headOf(monday, column)).join('');
  const cells = drawn.map((kind) => cellsOf(weeks, kind)).join('');
  return `<svg class="rollcall-strip" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" aria-hidden="true" focusable="false" font-family="Arial, Helvetica, sans-serif" font-size="12" fill="${colours.text}">${days}${heads}${cells}</svg>`;
}

const topOf = (row: number) => size.top + row * size.height + Math.floor(row / 2) * size.dayGap;
const leftOf = (column: number) => size.left + column * size.width;

/** The day of the Monday, and below it its month where that is a new one. */
function headOf(monday: string, column: number): string {
  const [day = '', month = ''] = date(monday).split(' ');
  const x = leftOf(column) + size.width / 2;
  const word = column === 0 || Number(day) <= 7 ? month.slice(0, 3) : '';
  return `<text text-anchor="middle" x="${x}" y="24">${day}</text>${word && `<text text-anchor="middle" x="${x}" y="11">${word}</text>`}`;
}

/** All cells of a kind as one path and one text: a list of many strips stays small. */
function cellsOf(weeks: readonly StripWeek[], kind: Drawn): string {
  const at = weeks.flatMap(({ cells }, column) =>
    cells.flatMap((cell, row) => (cell === kind ? [{ x: leftOf(column), y: topOf(row) }] : [])),
  );
  if (at.length === 0) return '';
  const { fill, ink } = looks[kind];
  const { letter } = sessionKinds[kind];
  const [width, height] = [size.width - 2, size.height - 2];
  const path = at.map(({ x, y }) => `M${x + 1} ${y + 1}h${width}v${height}h-${width}z`).join('');
  const dashes = kind === 'no mark' ? ' stroke-dasharray="2 2"' : '';
  const boxes = `<path d="${path}" fill="${fill}" stroke="${colours.axis}" stroke-width="0.75"${dashes}/>`;
  if (letter === '') return boxes;
  const texts = at
    .map(({ x, y }) => `<tspan x="${x + size.width / 2}" y="${y + 11.5}">${letter}</tspan>`)
    .join('');
  return `${boxes}<text fill="${ink}" font-size="11" font-weight="700" text-anchor="middle">${texts}</text>`;
}

/** What the kinds among these weeks mean, for a legend. */
export function stripLegend(
  weeks: readonly StripWeek[],
): { className: string; letter: string; text: string }[] {
  const found = new Set(weeks.flatMap(({ cells }) => cells));
  return drawn
    .filter((kind) => found.has(kind))
    .map((kind) => ({ className: kind.replaceAll(' ', '-'), ...sessionKinds[kind] }));
}

const away = ['authorised', 'late after close', 'no reason yet', 'unauthorised'] as const;

/** Each week in a sentence: how often the child came, and every half day that is anything else. */
export function stripSentences(weeks: readonly StripWeek[]): string[] {
  return weeks.map(({ monday, cells }) => {
    const count = (...kinds: SessionKind[]) => cells.filter((cell) => kinds.includes(cell)).length;
    const came = count('present', 'late');
    const possible = came + count(...away);
    const others = drawn
      .slice(1)
      .filter((kind) => count(kind) > 0)
      .map((kind) => `${sessionKinds[kind].text} ${daysOf(cells, kind)}`);
    const first =
      possible > 0 ? `came to ${came} of ${plural(possible, 'half day')}` : 'no half day counted';
    return `Week of ${date(monday)}: ${[first, ...others].join('; ')}.`;
  });
}

/** `Monday and Tuesday morning`: a day alone is both of its halves. */
function daysOf(cells: readonly SessionKind[], kind: SessionKind): string {
  return list(
    weekdays.flatMap((day, at) => {
      const own = halves.filter((_, half) => cells[2 * at + half] === kind);
      if (own.length === 0) return [];
      return own.length === 2 ? [day] : [`${day} ${own[0]}`];
    }),
  );
}
