import { percentOf, roundHalfUp } from '../../base/rate.ts';
import { type SchoolType, schoolTypes } from '../../base/schoolType.ts';
import type { MadeUpEngland } from '../madeUpEngland.ts';
import type { MadeUpSchool } from '../school.ts';
import { type Cell, csv } from './csv.ts';

/** The layout of January 2019; the file starts with a byte-order mark. */
export const censusHeader =
  'URN,LA,ESTAB,SCHOOLTYPE,NOR,NORG,NORB,PNORG,PNORB,TSENELSE,PSENELSE,TSENELK,PSENELK,NUMEAL,NUMENGFL,NUMUNCFL,' +
  'PNUMEAL,PNUMENGFL,PNUMUNCFL,NUMFSM,NUMFSMEVER,PNUMFSMEVER';

const censusTypes: Record<SchoolType, { name: string; code: string }> = {
  'State-funded primary': { name: 'State-funded primary', code: 'PRI' },
  'State-funded secondary': { name: 'State-funded secondary', code: 'SEC' },
  Special: { name: 'State-funded special school', code: 'SPE' },
};

type CensusCounts = {
  onRoll: number;
  girls: number;
  ehcPlan: number;
  senSupport: number;
  eal: number;
  firstLanguageUnknown: number;
  fsmNow: number;
  fsmEver: number;
  /** Pupils among whom free school meals in the last six years are counted: not those in nursery classes. */
  fsmCounted: number;
};

/** Schools with pupils in January 2019, then the national rows. */
export function census(england: MadeUpEngland): string {
  const rows: Cell[][] = [];
  const national = new Map<SchoolType, CensusCounts>();
  const open = england.schools
    .filter((school) => school.hidden !== undefined)
    .toSorted((a, b) => a.urn - b.urn);
  for (const school of open) {
    const counts = censusCounts(school);
    const sum = national.get(school.schoolType);
    national.set(school.schoolType, sum ? addCensus(sum, counts) : counts);
    rows.push([
      school.urn,
      school.authority.laCode,
      String(school.laestab % 10_000).padStart(4, '0'),
      censusTypes[school.schoolType].name,
      ...censusCells(counts),
    ]);
  }
  for (const schoolType of schoolTypes) {
    const sum = national.get(schoolType);
    const { name, code } = censusTypes[schoolType];
    if (sum) rows.push(['NAT', '', code, name, ...censusCells(sum)]);
  }
  return `\uFEFF${csv(censusHeader, rows)}`;
}

function censusCounts({ intake, schoolType }: MadeUpSchool): CensusCounts {
  const { onRoll } = intake;
  const of = (percent: number, whole = onRoll) => Math.round((whole * percent) / 100);
  const fsmCounted = schoolType === 'State-funded primary' ? of(94) : onRoll;
  const ehcPlan = of(intake.ehcPlanPercent);
  const eal = of(intake.ealPercent);
  const fsmEver = of(intake.fsmPercent, fsmCounted);
  return {
    onRoll,
    girls: of(schoolType === 'Special' ? intake.girlsPercent - 21 : intake.girlsPercent),
    ehcPlan,
    senSupport: Math.min(onRoll - ehcPlan, of(intake.senSupportPercent)),
    eal,
    firstLanguageUnknown: Math.min(onRoll - eal, of(0.2)),
    fsmNow: Math.round(0.62 * fsmEver),
    fsmEver,
    fsmCounted,
  };
}

function addCensus(a: CensusCounts, b: CensusCounts): CensusCounts {
  const sum = { ...a };
  for (const key of Object.keys(a) as (keyof CensusCounts)[]) sum[key] += b[key];
  return sum;
}

function censusCells(counts: CensusCounts): Cell[] {
  const { onRoll, girls, ehcPlan, senSupport, eal, firstLanguageUnknown } = counts;
  const percent = (part: number, whole = onRoll) => roundHalfUp(percentOf(part, whole) ?? 0, 1);
  const english = onRoll - eal - firstLanguageUnknown;
  return [
    onRoll,
    girls,
    onRoll - girls,
    percent(girls),
    percent(onRoll - girls),
    ehcPlan,
    percent(ehcPlan),
    senSupport,
    percent(senSupport),
    eal,
    english,
    firstLanguageUnknown,
    percent(eal),
    percent(english),
    percent(firstLanguageUnknown),
    counts.fsmNow,
    counts.fsmEver,
    percent(counts.fsmEver, counts.fsmCounted),
  ];
}
