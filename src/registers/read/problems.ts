import type { Day } from '../../base/day.ts';
import type { DateText, OrderFound } from './dates.ts';
import type { DateOrder } from './reading.ts';

/** What is wrong with a date, and how to mend it. None of these repeats what a cell holds: it might be a name. */
export type Fault = { kind: string; message: string };

const unread: Record<Exclude<DateText['reads'], 'one-day' | 'by-order'>, Fault> = {
  'no-date': {
    kind: 'date-not-read',
    message: 'There is no date here that can be read: write it as 2025-09-08 or 08/09/2025.',
  },
  'no-year': {
    kind: 'date-without-year',
    message: 'The date has no year: write it as 08/09/2025.',
  },
  'two-digit-year': {
    kind: 'two-digit-year',
    message: 'The year has two digits: write all four, as 08/09/2025.',
  },
  'another-weekday': {
    kind: 'weekday-differs',
    message: 'The weekday and the date beside it are not of one day: correct one of them.',
  },
};

/** Why a text is no day in the order of its file. */
export function dateFault(date: DateText, order: DateOrder): Fault {
  if (date.reads === 'by-order') {
    const words = order === 'dmy' ? 'day before month' : 'month before day';
    return {
      kind: 'date-not-in-order',
      message: `No calendar has this date when it is read ${words}: correct it, or choose the other order for the file.`,
    };
  }
  if (date.reads === 'one-day') throw new TypeError('this date can be read');
  return unread[date.reads];
}

const longDay = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });

/** `8 September 2025` */
export function plainDay(day: Day): string {
  return longDay.format(new Date(`${day}T00:00:00Z`));
}

/** The question that a file leaves open. */
export function orderFault({ order, spans }: OrderFound): Fault {
  if (order === 'mixed') {
    return {
      kind: 'date-orders-mixed',
      message:
        'Some dates have the day first and others the month, so none of them is read: export them in one order, or choose the order and correct the rest.',
    };
  }
  const span = (of: DateOrder) => `${plainDay(spans[of].first)} to ${plainDay(spans[of].last)}`;
  return {
    kind: 'date-order-ambiguous',
    message: `The dates can be read with the day first (${span('dmy')}) or the month first (${span('mdy')}): choose which.`,
  };
}

export const urnMissing: Fault = {
  kind: 'urn-missing',
  message: 'The file does not say whose register it is: add a column URN, or choose the school.',
};
export const laestabNotRead: Fault = {
  kind: 'laestab-not-read',
  message:
    'The school’s number has not the authority’s three digits and the establishment’s four: correct it.',
};
export const anotherSchool: Fault = {
  kind: 'marks-of-another-school',
  message:
    'The file says by its number that this is of another school, so it is not read: that school sends its own.',
};
export const perhapsAnotherSchool: Fault = {
  kind: anotherSchool.kind,
  message:
    'The four digits that name the school are another school’s number here: where they are the system’s own, leave them out; where they are not, that school sends its own.',
};
export const urnNotRead: Fault = {
  kind: 'urn-not-read',
  message: 'A URN has six digits, and this has not: correct it.',
};
export const upnMissing: Fault = {
  kind: 'upn-missing',
  message: 'There is a mark but no UPN: fill in the pupil’s UPN.',
};
export const sessionMissing: Fault = {
  kind: 'session-missing',
  message: 'There is no session: write AM or PM.',
};
export const sessionMissingInHeading: Fault = {
  kind: 'session-missing-in-heading',
  message:
    'The heading has a day but no session, so its column is not read: put AM or PM beside the day.',
};
export const headingMissing: Fault = {
  kind: 'heading-missing',
  message:
    'There is a mark but no heading over it, so its column is not read: put the day and AM or PM there.',
};
export const headingNotRead: Fault = {
  kind: 'heading-not-read',
  message:
    'There is a mark, but the heading over it is no day and session, so its column is not read: write it as Mon 08/09/2025 AM.',
};
export const headingsNotRead: Fault = {
  kind: headingNotRead.kind,
  message:
    'It does not stand under headings whose days and sessions could be read, so nothing of it is read: write the headings over it as UPN and Mon 08/09/2025 AM, or send it as a file of its own.',
};
export const sessionNotRead: Fault = {
  kind: 'session-not-read',
  message: 'The session is not one that can be read: write AM or PM.',
};
export const enteredOnNotRead: Fault = {
  kind: 'entered-on-not-read',
  message:
    'The day on which this was entered cannot be read: write it as 2025-09-08, or leave it out.',
};
export const codeNotRead: Fault = {
  kind: 'mark-not-read',
  message:
    'This is not a register code, which is one to four characters without spaces: write the code.',
};

export function cellTooLong(most: number): Fault {
  return {
    kind: 'cell-too-long',
    message: `The cell has more than ${most.toLocaleString('en-GB')} characters: it is not what its column is for. Correct it.`,
  };
}

export const tooFewCells: Fault = {
  kind: 'too-few-cells',
  message: 'The row breaks off before its mark: complete it, or leave it out if it is no mark.',
};
export const tooManyCells: Fault = {
  kind: 'too-many-cells',
  message:
    'The row has more cells than there are headings, so that they no longer stand under them: put quotation marks around a cell that holds the delimiter.',
};

export const badQuotes: Record<'misplaced-quote' | 'quote-not-closed', Fault> = {
  'misplaced-quote': {
    kind: 'misplaced-quote',
    message:
      'Something follows the quotation mark that ends a cell: double the marks that are part of the text.',
  },
  'quote-not-closed': {
    kind: 'quote-not-closed',
    message:
      'A quotation mark opens a cell in this line and is not closed before the next row begins, so this line is not read: take it away, or close it.',
  },
};
