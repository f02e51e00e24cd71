import { makeUpn } from '../../base/upn.ts';
import type { DateOrder, Delimiter, Encoding, RawMark, Source } from './reading.ts';

/* Writes registers in every form that is read, for the tests. Schools, pupils and marks are made up: there is no authority 999. */

export type Told = Pick<RawMark, 'urn' | 'upn' | 'date' | 'session' | 'code'>;

export const madeUpUpn = (serial: number) =>
  makeUpn({ laCode: '999', establishment: 1234, year: 2020, serial });

/** Names that no child has, with all that makes a table hard to read. */
export const awkwardNames = [
  'Zzyx',
  'Élan-Vitæ',
  'Semi;colon, Comma',
  'Quo"te',
  'Pi|pe',
  'Ta\tb',
  'Two\nlines',
];

export type DateForm =
  | 'iso'
  | 'compact'
  | 'slashes'
  | 'points'
  | 'short month'
  | 'with time'
  | 'day number';

export function dateText(day: string, form: DateForm, order: DateOrder): string {
  const [year = '', month = '', date = ''] = day.split('-');
  const [first, second] = order === 'dmy' ? [date, month] : [month, date];
  const names = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
  const texts: Record<DateForm, string> = {
    iso: day,
    compact: `${year}${month}${date}`,
    slashes: `${first}/${second}/${year}`,
    points: `${Number(first)}.${Number(second)}.${year}`,
    'short month': `${Number(date)}-${names[Number(month) - 1]}-${year}`,
    'with time': `${first}/${second}/${year} 00:00:00`,
    'day number': String(Date.parse(day) / 86_400_000 + 25_569),
  };
  return texts[form];
}

export const sessionForms: Record<string, [am: string, pm: string]> = {
  capitals: ['AM', 'PM'],
  small: ['am', 'pm'],
  words: ['Morning', 'Afternoon'],
  numbers: ['1', '2'],
};

export type TableStyle = {
  delimiter: Delimiter;
  quotes: 'all' | 'where needed';
  lineEnd: '\n' | '\r\n' | '\r';
  dates: DateForm;
  order: DateOrder;
  sessions: keyof typeof sessionForms;
};

function cellsText(cells: readonly string[], { delimiter, quotes }: TableStyle): string {
  return cells
    .map((cell) =>
      quotes === 'all' || cell.includes(delimiter) || /["\r\n]/.test(cell)
        ? `"${cell.replaceAll('"', '""')}"`
        : cell,
    )
    .join(delimiter);
}

function tableText(rows: readonly (readonly string[])[], style: TableStyle): string {
  return rows.map((row) => cellsText(row, style) + style.lineEnd).join('');
}

/** A row a mark. Columns nobody needs stand between those that are used. */
export function longTable(marks: readonly Told[], style: TableStyle): string {
  const [am = '', pm = ''] = sessionForms[style.sessions] ?? [];
  const headings = ['Surname', 'URN', 'Mark Date', 'Session', 'UPN', 'Mark', 'Comments'];
  const rows = marks.map((mark, at) => [
    awkwardNames[at % awkwardNames.length] ?? '',
    String(mark.urn),
    dateText(mark.date, style.dates, style.order),
    mark.session === 'AM' ? am : pm,
    mark.upn,
    mark.code,
    '',
  ]);
  return tableText([headings, ...rows], style);
}

/** A row a pupil and a column a session, under one row of headings or two. */
export function wideTable(marks: readonly Told[], style: TableStyle, headingRows: 1 | 2): string {
  const sessions = [...new Set(marks.map(({ date, session }) => `${date} ${session}`))].sort();
  const columns = sessions.map((text) => {
    const [date = '', session = ''] = text.split(' ');
    const [am = '', pm = ''] = sessionForms[style.sessions] ?? [];
    return {
      text,
      day: dateText(date, style.dates, style.order),
      word: session === 'AM' ? am : pm,
    };
  });
  const one = [['UPN', 'Name', ...columns.map(({ day, word }) => `${day} ${word}`)]];
  const two = [
    ['UPN', 'Name', ...columns.map(({ day }, at) => (columns[at - 1]?.day === day ? '' : day))],
    ['', '', ...columns.map(({ word }) => word)],
  ];
  const pupils = [...Map.groupBy(marks, ({ upn }) => upn)];
  const rows = pupils.map(([upn, own], at) => [
    upn,
    awkwardNames[at % awkwardNames.length] ?? '',
    ...columns.map(
      ({ text }) => own.find(({ date, session }) => `${date} ${session}` === text)?.code ?? '-',
    ),
  ]);
  return tableText([...(headingRows === 1 ? one : two), ...rows], style);
}

const asRecord = ({ urn, upn, date, session, code }: Told) => ({ urn, upn, date, session, code });

export const jsonArray = (marks: readonly Told[]) => JSON.stringify(marks.map(asRecord), null, 1);

export const jsonLines = (marks: readonly Told[]) =>
  marks.map((mark) => `${JSON.stringify(asRecord(mark))}\n`).join('');

/** Pages of a few marks each; pupils and codes are in them, or only referred to and on pages of their own. */
export function wondePages(marks: readonly Told[], included: boolean): string {
  const perPage = 3;
  const pages: unknown[] = [];
  const meta = (more: boolean) => ({
    pagination: { next: null, previous: null, more, per_page: perPage },
  });
  for (let at = 0; at < marks.length; at += perPage) {
    const data = marks.slice(at, at + perPage).map(({ upn, date, session, code }, place) => ({
      id: `A${at + place}`,
      date: { date: `${date} 00:00:00.000000`, timezone_type: 3, timezone: 'Europe/London' },
      session,
      student: included
        ? { data: { id: `S${upn}`, surname: 'Zzyx', education_details: { data: { upn } } } }
        : `S${upn}`,
      attendance_code: included ? { data: { id: `C${code}`, code } } : `C${code}`,
    }));
    pages.push({ data, meta: meta(false) });
  }
  const upns = [...new Set(marks.map(({ upn }) => upn))];
  const codes = [...new Set(marks.map(({ code }) => code))];
  if (!included) {
    const students = upns.map((upn) => ({ id: `S${upn}`, upi: 'x', education_details: { upn } }));
    pages.push({ data: students, meta: meta(false) });
    pages.push({
      data: codes.map((code) => ({ id: `C${code}`, code, type: 'x' })),
      meta: meta(false),
    });
  }
  return pages.map((page) => JSON.stringify(page)).join('\n');
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

export type CtfPupil = { upn: string; firstDay: string; marks: string };

export function ctf(pupils: readonly CtfPupil[]): string {
  const data = pupils.map(
    ({ upn, firstDay, marks }) => `
    <Pupil><UPN>${escaped(upn)}</UPN><Surname>Zzyx &amp; Sons</Surname>
      <Attendance><YearData><Year>2025</Year><LEA>999</LEA><Estab>1234</Estab><SchoolName>Nowhere</SchoolName>
        <SessionsPossible>${marks.length}</SessionsPossible>
        <AttendSessions><AttendanceStartDate>${firstDay}</AttendanceStartDate><AttendanceMarks>${escaped(marks)}</AttendanceMarks></AttendSessions>
      </YearData></Attendance>
    </Pupil>`,
  );
  return `<?xml version="1.0" encoding="utf-8"?>
<CTfile><Header><DocumentName>Common Transfer File</DocumentName><CTFversion>25.0</CTFversion>
  <SourceSchool><LEA>999</LEA><Estab>1234</Estab><SchoolName>Nowhere</SchoolName></SourceSchool></Header>
  <CTFpupilData>${data.join('')}
  </CTFpupilData>
</CTfile>
`;
}

export function encoded(text: string, encoding: Encoding): Buffer {
  switch (encoding) {
    case 'UTF-8':
      return Buffer.from(text);
    case 'UTF-8 with a byte-order mark':
      return Buffer.from(`\uFEFF${text}`);
    case 'UTF-16 LE':
      return Buffer.from(`\uFEFF${text}`, 'utf16le');
    case 'UTF-16 BE':
      return Buffer.from(`\uFEFF${text}`, 'utf16le').swap16();
    case 'Windows-1252':
      return Buffer.from(text, 'latin1');
  }
}

/** Bytes that come in pieces of so many. */
export function inPieces(bytes: Buffer, piece: number): Source {
  return async function* () {
    for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
  };
}

export const wholeText = (text: string): Source => inPieces(Buffer.from(text), 1e9);
