import { parseDay } from '../base/day.ts';
import { words } from '../ui/index.ts';

/** What the codes of the school census say, by the field of a record. */
const codes: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  sex: { F: 'Female', M: 'Male' },
  sen: {
    N: 'No special educational needs recorded',
    K: 'Special educational needs support',
    E: 'Education, health and care plan',
  },
  ethnicity: {
    WBRI: 'White British',
    WIRI: 'White Irish',
    WIRT: 'Traveller of Irish heritage',
    WROM: 'Gypsy or Roma',
    WOTH: 'Any other White background',
    MWBC: 'White and Black Caribbean',
    MWBA: 'White and Black African',
    MWAS: 'White and Asian',
    MOTH: 'Any other mixed background',
    AIND: 'Indian',
    APKN: 'Pakistani',
    ABAN: 'Bangladeshi',
    AOTH: 'Any other Asian background',
    BCRB: 'Black Caribbean',
    BAFR: 'Black African',
    BOTH: 'Any other Black background',
    CHNE: 'Chinese',
    OOTH: 'Any other ethnic group',
    REFU: 'Not given: the family or the pupil preferred not to say',
    NOBT: 'Not known yet',
  },
};

/** `WBRI` → `White British (WBRI)`, `F` → `Female`, `2014-03-27` → `27 March 2014`; as it is, where it has no other words. */
export function censusWords(field: string, value: string | null): string {
  if (value === null || value === '') return words.notKnown;
  if (field === 'date_of_birth' && parseDay(value)) return words.date(value);
  const known = Object.hasOwn(codes, field) ? codes[field] : undefined;
  const said = known && Object.hasOwn(known, value) ? known[value] : undefined;
  if (said === undefined) return field === 'fsm' || field === 'eal' ? words.sentence(value) : value;
  return field === 'ethnicity' ? `${said} (${value})` : said;
}
