import type { Day } from '../../base/day.ts';
import { isClassName } from '../../base/className.ts';
import type { Urn } from '../../base/identifiers.ts';
import { regionNames } from '../../base/region.ts';
import { holdsUpn, parseUpn, type Upn, upnFault } from '../../base/upn.ts';
import { urnNotRead, type Fault } from '../read/problems.ts';
import { urnOf } from '../read/markCells.ts';
import type { TableShape } from './table.ts';

/** A cell that is not what it should be. */
export type CellFault = Fault & { column: string };

/**
 * How the cells of one row are read: each gives its value, or notes what is wrong and gives nothing of use. `remark` notes
 * what is left out without refusing the row for it.
 */
export type Cells = {
  text(column: string): string;
  day(column: string): Day | undefined;
  wrong(column: string, fault: Fault): undefined;
  remark(column: string, fault: Fault): null;
};

export type SchoolRow = {
  urn: Urn;
  laestab: number;
  name: string;
  phase: string;
  laCode: string;
  regionCode: string;
};

export type CalendarRow = { urn: Urn; date: Day; am: boolean; pm: boolean; reason: string };

export type PupilRow = {
  urn: Urn;
  upn: Upn;
  surname: string;
  forename: string;
  dateOfBirth: Day;
  sex: string | null;
  /** `R`, `1` to `14`; `N` for nursery. */
  yearGroup: string;
  className: string | null;
  fsm: boolean | null;
  sen: string | null;
  eal: boolean | null;
  ethnicity: string | null;
  entryDate: Day;
  leavingDate: Day | null;
};

const urnColumn = {
  name: 'urn',
  also: ['schoolurn', 'establishmenturn', 'uniquereferencenumber'],
} as const;

export const schoolsShape: TableShape = {
  what: 'A list of schools',
  columns: [
    urnColumn,
    { name: 'laestab', also: ['schoollaestab', 'estab', 'laestabnumber'] },
    { name: 'name', also: ['schoolname', 'school', 'establishmentname'] },
    { name: 'phase', also: ['phaseofeducation', 'schoolphase'] },
    { name: 'la_code', also: ['lacode', 'oldlacode', 'lanumber'] },
    { name: 'region_code', also: ['regioncode', 'gorcode'] },
  ],
};

export const calendarsShape: TableShape = {
  what: 'A calendar',
  columns: [
    urnColumn,
    { name: 'date', also: ['day', 'calendardate'], date: true },
    { name: 'am', also: ['morning', 'amsession'] },
    { name: 'pm', also: ['afternoon', 'pmsession'] },
    { name: 'reason', also: ['why', 'note', 'notes'], optional: true },
  ],
};

export const pupilsShape: TableShape = {
  what: 'A roll of pupils',
  columns: [
    urnColumn,
    { name: 'upn', also: ['uniquepupilnumber', 'pupilupn', 'studentupn'] },
    { name: 'surname', also: ['lastname', 'familyname', 'legalsurname'] },
    { name: 'forename', also: ['firstname', 'givenname', 'legalforename'] },
    { name: 'date_of_birth', also: ['dob', 'birthdate', 'dateofbirth'], date: true },
    { name: 'sex', also: ['gender', 'legalsex'] },
    { name: 'year_group', also: ['year', 'ncyear', 'ncyearactual', 'nationalcurriculumyear'] },
    { name: 'fsm', also: ['fsmeligible', 'freeschoolmeals'] },
    { name: 'sen', also: ['senprovision', 'senstatus', 'senprovisioncode'] },
    { name: 'eal', also: ['englishasanadditionallanguage'] },
    { name: 'ethnicity', also: ['ethnicitycode', 'ethniccode'] },
    { name: 'entry_date', also: ['admissiondate', 'startdate', 'dateofentry'], date: true },
    { name: 'leaving_date', also: ['leavedate', 'enddate', 'dateofleaving'], date: true },
    { name: 'class', also: ['classname', 'reggroup', 'registrationgroup', 'form'], optional: true },
  ],
};

const fault = (kind: string, message: string): Fault => ({ kind, message });

function urnIn(cells: Cells): Urn | undefined {
  return urnOf(cells.text('urn')) ?? cells.wrong('urn', urnNotRead);
}

const longestName = 120;
const plainText = new RegExp(`^[^\\p{C}<>]{1,${longestName}}$`, 'u');

function nameIn(cells: Cells, column: string, whose: string): string | undefined {
  const text = cells.text(column);
  if (plainText.test(text)) return text;
  return cells.wrong(
    column,
    text === ''
      ? fault(`${column}-missing`, `There is no ${whose}: fill it in.`)
      : fault(
          `${column}-not-read`,
          `This is no ${whose}: it has to be up to ${longestName} characters without < and >.`,
        ),
  );
}

const phases = ['primary', 'secondary', 'special', 'all-through'];

/** A region of England, or of the made-up one, whose codes nobody else has. */
const isRegion = (code: string) => Object.hasOwn(regionNames, code) || /^E9990\d{4}$/.test(code);
const noRegion = `There is no region with this code: write one of ${Object.entries(regionNames)
  .map(([code, name]) => `${code} (${name})`)
  .join(', ')}.`;

export function readSchool(cells: Cells): SchoolRow | undefined {
  const urn = urnIn(cells);
  const name = nameIn(cells, 'name', 'name of a school');
  const laestabText = cells.text('laestab').replace('/', '');
  const laestab = /^[1-9]\d{6}$/.test(laestabText)
    ? Number(laestabText)
    : cells.wrong(
        'laestab',
        fault(
          'laestab-not-read',
          'A LAESTAB has seven digits, the authority’s three and the school’s four: correct it.',
        ),
      );
  const phaseText = cells.text('phase').toLowerCase();
  const phase = phases.includes(phaseText)
    ? phaseText
    : cells.wrong(
        'phase',
        fault(
          'phase-not-read',
          'The phase is not one there is: write primary, secondary, special or all-through.',
        ),
      );
  const laCode = shaped(cells, 'la_code', /^\d{3}$/, 'An authority’s code has three digits');
  const regionText = cells.text('region_code');
  const regionCode = isRegion(regionText)
    ? regionText
    : cells.wrong('region_code', fault('region-code-not-read', noRegion));
  if (laestab !== undefined && laCode !== undefined && !String(laestab).startsWith(laCode)) {
    return cells.wrong(
      'la_code',
      fault(
        'laestab-of-another-authority',
        'The first three digits of the LAESTAB are not the authority’s code: correct one of them.',
      ),
    );
  }
  if (urn === undefined || name === undefined || laestab === undefined) return undefined;
  if (phase === undefined || laCode === undefined || regionCode === undefined) return undefined;
  return { urn, laestab, name, phase, laCode, regionCode };
}

function shaped(cells: Cells, column: string, shape: RegExp, what: string): string | undefined {
  const text = cells.text(column);
  const kind = `${column.replaceAll('_', '-')}-not-read`;
  return shape.test(text) ? text : cells.wrong(column, fault(kind, `${what}: correct it.`));
}

const openWords = new Map([
  ['open', true],
  ['closed', false],
]);

export function readCalendarDay(cells: Cells): CalendarRow | undefined {
  const urn = urnIn(cells);
  const date = cells.day('date');
  const half = (column: 'am' | 'pm') =>
    openWords.get(cells.text(column).toLowerCase()) ??
    cells.wrong(
      column,
      fault('open-not-read', 'A session is open or closed, and this says neither: write which.'),
    );
  const am = half('am');
  const pm = half('pm');
  const reason = cells.text('reason');
  if (reason !== '' && !plainText.test(reason)) {
    return cells.wrong(
      'reason',
      fault(
        'reason-not-read',
        `A reason has up to ${longestName} characters without < and >: shorten it.`,
      ),
    );
  }
  if (urn === undefined || date === undefined || am === undefined || pm === undefined) {
    return undefined;
  }
  return { urn, date, am, pm, reason };
}

const yes = new Map<string, boolean | null>([
  ...['1', 'y', 'yes', 'true', 't'].map((text) => [text, true] as const),
  ...['0', 'n', 'no', 'false', 'f'].map((text) => [text, false] as const),
  ['', null],
]);

function yesNoIn(cells: Cells, column: 'fsm' | 'eal'): boolean | null | undefined {
  const value = yes.get(cells.text(column).toLowerCase());
  if (value !== undefined) return value;
  return cells.wrong(
    column,
    fault(`${column}-not-read`, 'This is neither 1 for yes nor 0 for no: write which, or nothing.'),
  );
}

function codeIn(
  cells: Cells,
  column: string,
  codes: Readonly<Record<string, string>> | RegExp,
  what: string,
): string | null | undefined {
  const text = cells.text(column).toUpperCase();
  if (text === '') return null;
  const code = codes instanceof RegExp ? (codes.test(text) ? text : undefined) : ownOf(codes, text);
  return code ?? cells.wrong(column, fault(`${column}-not-read`, `${what}: correct it.`));
}

const ownOf = (codes: Readonly<Record<string, string>>, text: string) =>
  Object.hasOwn(codes, text) ? codes[text] : undefined;

const sexes = { F: 'F', M: 'M', FEMALE: 'F', MALE: 'M' };
const needs = { N: 'N', K: 'K', E: 'E' };

/** `R`, `1`–`14` or `N`, however it is written: `Year 7`, `07`, `Reception`. */
export function yearGroupOf(text: string): string | undefined {
  const plain = text.toUpperCase().replaceAll(/^(?:YEAR|YR|Y)\s*(?=[\dRN])/g, '');
  if (/^(?:R|RECEPTION)$/.test(plain)) return 'R';
  if (/^(?:N[12]?|NURSERY)$/.test(plain)) return 'N';
  const number = /^0?(\d|1[0-4])$/.exec(plain)?.[1];
  return number === undefined || number === '0' ? undefined : number;
}

const firstBirth = '1985-01-01';

export function readPupil(cells: Cells): PupilRow | undefined {
  const urn = urnIn(cells);
  const upn = upnIn(cells);
  const surname = nameIn(cells, 'surname', 'surname');
  const forename = nameIn(cells, 'forename', 'first name');
  const born = dayIn(cells, 'date_of_birth');
  const entryDate = dayIn(cells, 'entry_date');
  const leavingDate = cells.text('leaving_date') === '' ? null : dayIn(cells, 'leaving_date');
  const sex = codeIn(cells, 'sex', sexes, 'The sex is F, M or left empty');
  const yearGroup =
    yearGroupOf(cells.text('year_group')) ??
    cells.wrong(
      'year_group',
      fault('year-group-not-read', 'A year group is R or a number from 1 to 14: write which.'),
    );
  const sen = codeIn(cells, 'sen', needs, 'Special educational needs are N, K, E or left empty');
  const ethnicity = codeIn(
    ...([cells, 'ethnicity', /^[A-Z]{4}$/] as const),
    'An ethnicity is a code of four letters, as WBRI, or left empty',
  );
  const [fsm, eal] = [yesNoIn(cells, 'fsm'), yesNoIn(cells, 'eal')];
  const className = classIn(cells);
  if (urn === undefined || upn === undefined || surname === undefined || forename === undefined) {
    return undefined;
  }
  if (born === undefined || entryDate === undefined || leavingDate === undefined) return undefined;
  if (sex === undefined || yearGroup === undefined || sen === undefined) return undefined;
  if (ethnicity === undefined || fsm === undefined || eal === undefined) return undefined;
  if (leavingDate !== null && leavingDate < entryDate) {
    return cells.wrong(
      'leaving_date',
      fault('left-before-entry', 'The leaving date is before the entry date: correct one of them.'),
    );
  }
  if (born >= entryDate) {
    return cells.wrong(
      'date_of_birth',
      fault('born-after-entry', 'The date of birth is not before the entry date: correct one.'),
    );
  }
  return {
    ...{ urn, upn, surname, forename, dateOfBirth: born, sex, yearGroup, fsm, sen, eal },
    ...{ ethnicity, entryDate, leavingDate, className },
  };
}

/** Whatever a school calls its classes, it is no reason to refuse a child. */
function classIn(cells: Cells): string | null {
  const text = cells.text('class').replaceAll(/\s+/g, ' ');
  if (text === '') return null;
  if (isClassName(text) && !holdsUpn(text)) return text;
  return cells.remark(
    'class',
    fault(
      'class-not-read',
      'A class has up to 40 letters, digits, spaces and signs such as - and /: the child is taken without this one. Correct it.',
    ),
  );
}

function upnIn(cells: Cells): Upn | undefined {
  const text = cells.text('upn');
  const upn = parseUpn(text);
  if (upn !== undefined) return upn;
  if (text === '') {
    return cells.wrong('upn', fault('upn-missing', 'There is no UPN: fill in the pupil’s.'));
  }
  const why = upnFault(text.toUpperCase()) ?? 'it is none';
  return cells.wrong('upn', fault('upn-wrong', `This is no UPN: ${why}. Correct it.`));
}

function dayIn(cells: Cells, column: string): Day | undefined {
  const day = cells.day(column);
  if (day === undefined || (day >= firstBirth && day < '2100-01-01')) return day;
  return cells.wrong(
    column,
    fault('date-out-of-range', 'The date is of another century: correct its year.'),
  );
}
