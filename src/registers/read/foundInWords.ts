import { plainDay } from './problems.ts';
import type { Delimiter, Form, Found, FurtherHeadings } from './reading.ts';

const forms: Record<Form, string> = {
  'long-csv': 'Table with a row for each mark or each day of a pupil',
  'wide-csv': 'Table with a row for each pupil and a column for each session',
  'marks-json': 'Marks in JSON',
  'wonde-json': 'Pages of session attendance in JSON, as the Wonde API gives them',
  'ctf-xml': 'Common Transfer File (XML)',
  'census-xml': 'Census return by reason (XML): counts, no marks',
};
const delimiters: Record<Delimiter, string> = {
  ',': 'commas',
  ';': 'semicolons',
  '\t': 'tabs',
  '|': 'vertical bars',
};
const orders: Record<NonNullable<Found['dateOrder']>, string> = {
  dmy: 'day before month',
  mdy: 'month before day',
  ambiguous: 'could be either: choose one',
  mixed: 'some one way, some the other: choose one, or mend the file',
};

/** What was found out about a file, as pairs of a name and a value for the page and the terminal. */
export function foundInWords(found: Found): [name: string, value: string][] {
  const { form, delimiter, quoted, dateOrder, dateOrderFrom, headings, pages } = found;
  const order = dateOrder && `${orders[dateOrder]} (as ${dateOrderFrom} says)`;
  const marked = quoted ? ', some or all in quotation marks' : '';
  const all: [string, string | undefined][] = [
    ['Form', form ? forms[form] : 'not recognised'],
    ['Checked', found.checkedAgainstXsd === false ? 'unverified against XSD' : undefined],
    ['Characters', found.encoding],
    ['Cells between', delimiter && `${delimiters[delimiter]}${marked}`],
    ['Headings', headings && `in row ${headings.row}: ${headings.columns.join(', ')}`],
    ['Further headings', headings?.further && furtherText(headings.further)],
    ['Sessions', headings?.sessions?.toLocaleString('en-GB')],
    ['Dates', order],
    ['Days', daysText(found)],
    ['Days in a week', found.daysInAWeek?.toString()],
    ['Pages', pages && `${pages.read}${pages.more ? ', and more follow' : ''}`],
    ['School (LAESTAB)', found.laestab?.toString()],
    ['Schools (URN)', found.urns.length > 0 ? urnsText(found.urns) : undefined],
  ];
  return all.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
}

function daysText({ firstDay, lastDay }: Found): string | undefined {
  if (firstDay === undefined || lastDay === undefined) return undefined;
  const first = plainDay(firstDay);
  return firstDay === lastDay ? first : `${first} to ${plainDay(lastDay)}`;
}

function furtherText({ count, first }: FurtherHeadings): string {
  const more = count - first.length;
  const rows = first.map((row) => row.toLocaleString('en-GB')).join(', ');
  return `in row${count === 1 ? '' : 's'} ${rows}${more > 0 ? ` and ${more.toLocaleString('en-GB')} more` : ''}`;
}

function urnsText(urns: readonly number[]): string {
  const more = urns.length - 5;
  return `${urns.slice(0, 5).join(', ')}${more > 0 ? ` and ${more.toLocaleString('en-GB')} more` : ''}`;
}
