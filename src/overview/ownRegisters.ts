import type { AgreementState } from '../absence/index.ts';
import { type AcademicYear, yearLabel, yearsAfter } from '../base/academicYear.ts';
import type { School } from '../schools/index.ts';
import type { Stores } from '../stores/index.ts';
import { mayBeUsed, type OwnYear, ownYearsIn } from '../targets/index.ts';
import type { Table } from '../ui/index.ts';
import type { ShownYear } from './schoolFacts.ts';

/** What a school’s own registers say of last year, and what became of it. Only for its own circle. */
export type OwnRegisters = {
  year: AcademicYear;
  own: OwnYear;
  published: ShownYear | undefined;
};

/** Undefined where last year’s registers are not here, or not whole. */
export async function ownRegistersOf(
  stores: Stores,
  school: School,
  { present, years }: { present: AcademicYear; years: readonly ShownYear[] },
): Promise<OwnRegisters | undefined> {
  const year = yearsAfter(present, -1);
  const urns = school.chain.map((record) => record.urn);
  const [own] = await ownYearsIn(stores, year, urns);
  return own && { year, own, published: years.find((each) => each.year === year) };
}

/** As the page has it. */
export function ownRegistersModel(
  school: School,
  { year, own, published }: OwnRegisters,
  restsOn: readonly AcademicYear[] = [],
) {
  const label = yearLabel(year);
  return {
    yearText: label,
    /** Why no expectation is issued: the words of `kit.nothing`. */
    held: !published && !mayBeUsed(own) ? heldText(own, label) : '',
    used: usedText(own, published, { year: label, isUsed: restsOn.includes(year) }),
    compare: {
      text: compareText(own),
      href: `/schools/${school.urn}/absence/compare?year=${year}`,
    },
    table: tableOf(own, published),
  };
}

function heldText({ state }: OwnYear, year: string): string {
  const then =
    'Until then Rollcall tells this school no expectation: one that rests on figures which the school does not know as its own would be worth nothing.';
  return `The school’s own registers of ${year} are here, ${heldWhy[state] ?? ''} ${then}`;
}

const heldWhy: Partial<Record<AgreementState, string>> = {
  differs:
    'and they differ from the summary of its own system. Look at what makes the difference, and either mend it or say why it can stand.',
  'changed since':
    'and they have changed since they were set beside the summary of its own system. Compare a new summary.',
  'agrees in part':
    'and only a part of them has been set beside the summary of its own system: it agrees. Compare a summary of the whole year, with possible and absent sessions as numbers.',
  'no summary yet':
    'and nobody has set them beside the summary of its own system yet. Do that first: it takes a few minutes.',
};

function usedText(
  own: OwnYear,
  published: ShownYear | undefined,
  { year, isUsed }: { year: string; isUsed: boolean },
): string {
  const rests = `the forecast and the expectation rest on them${isUsed ? '' : ' from the next issue on'}`;
  if (published) {
    return `What is published of ${year} is used, and not these: both are shown so that a difference is seen.`;
  }
  if (own.state === 'agrees') {
    return `${year} is not published yet. These figures agree with the school’s own system: ${rests}.`;
  }
  if (own.state === 'explained and accepted') {
    return `${year} is not published yet. The difference from the school’s own system was explained and accepted at the school: ${rests}.`;
  }
  return isUsed
    ? `${year} is not published yet. The expectation above rests on these figures as they were when it was issued. ${sinceWords(own)} The next issue will not rest on them until they agree again with the school’s own system, or a difference is explained and accepted at the school.`
    : `${year} is not published yet. These figures are not used: nothing rests on them until they agree with the school’s own system, or the difference is explained and accepted at the school.`;
}

function sinceWords({ state }: OwnYear): string {
  return state === 'changed since'
    ? 'The registers have changed since they were set beside the school’s own system.'
    : 'They do not agree with the school’s own system as it was last compared, or not all of them were compared.';
}

function compareText({ state }: OwnYear): string {
  return state === 'no summary yet'
    ? 'Set them beside your own system’s summary'
    : 'How they stand beside your own system’s summary';
}

function tableOf(own: OwnYear, published: ShownYear | undefined): Table {
  const row = (name: string, of: Pick<ShownYear, 'absencePercent' | 'persistentPercent'>) => [
    name,
    of.absencePercent,
    of.persistentPercent,
  ];
  return {
    caption: 'Last year by your own registers',
    columns: [
      { name: 'source', heading: 'From', kind: 'text' },
      { name: 'sess_overall_percent', heading: 'Absence', kind: 'percent' },
      { name: 'enrolments_pa_10_exact_percent', heading: 'Persistently absent', kind: 'percent' },
    ],
    rows: [
      row('The school’s own registers, counted as the school census counts', own),
      ...(published ? [row('Published', published)] : []),
    ],
  };
}
