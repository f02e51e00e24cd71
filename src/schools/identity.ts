import type { AcademicYear } from '../base/academicYear.ts';
import type { LaEstab, Urn } from '../base/identifiers.ts';

/** A URN as published figures and registers know it. */
export type UrnRecord = {
  urn: Urn;
  laestab: LaEstab | null;
  schoolType: string | null;
  /** First and last year with published absence; null when there is none. */
  firstYear: AcademicYear | null;
  lastYear: AcademicYear | null;
  /** ISO dates, null when not known. */
  openDate: string | null;
  closeDate: string | null;
};

/** GIAS says that `successor` came from `predecessor`. `establishedOn` is ISO, null when not known. */
export type PredecessorLink = { predecessor: Urn; successor: Urn; establishedOn: string | null };

/** The URNs that one school has had, oldest first. */
export type Chain = Urn[];

/**
 * Joins the URNs of one school through academisation and other changes of URN. A URN continues another when
 * - GIAS links them and it is the only predecessor (several predecessors make a new school, unless one of them keeps
 *   its LAESTAB), or
 * - it carries the same LAESTAB, and the other had gone when it came;
 * and both are of one school type, and no published years of the URNs before and after the change overlap by more than
 * the year of the change.
 * Each URN continues at most one and is continued by at most one. Gives every URN exactly once; order by first URN.
 */
export function chainSchools(
  records: readonly UrnRecord[],
  links: readonly PredecessorLink[],
): Chain[] {
  const byUrn = new Map(records.map((record) => [record.urn, record]));
  const continuedBy = new Map<Urn, Urn>();
  const continues = new Map<Urn, Urn>();
  const join = (earlier: Urn, later: Urn) => {
    if (continuedBy.has(earlier) || continues.has(later)) return;
    const before = followed(earlier, continues).map((urn) => byUrn.get(urn) as UrnRecord);
    const after = followed(later, continuedBy).map((urn) => byUrn.get(urn) as UrnRecord);
    if (!yearsFollow(before, after)) return;
    continuedBy.set(earlier, later);
    continues.set(later, earlier);
  };
  for (const [successor, predecessors] of predecessorsBySuccessor(links, byUrn)) {
    const later = byUrn.get(successor) as UrnRecord;
    const candidates = predecessors.filter((earlier) => canContinue(earlier, later));
    const same = candidates.filter((earlier) => earlier.laestab === later.laestab);
    const one = predecessors.length === 1 ? candidates[0] : same.length === 1 ? same[0] : undefined;
    if (one) join(one.urn, later.urn);
  }
  for (const [earlier, later] of successorsByLaestab(records)) {
    if (canContinue(earlier, later)) join(earlier.urn, later.urn);
  }
  return chainsFrom(records, continuedBy, continues);
}

function predecessorsBySuccessor(
  links: readonly PredecessorLink[],
  byUrn: ReadonlyMap<Urn, UrnRecord>,
): [Urn, UrnRecord[]][] {
  const grouped = new Map<Urn, UrnRecord[]>();
  const seen = new Set<string>();
  for (const { predecessor, successor } of links) {
    const earlier = byUrn.get(predecessor);
    const pair = `${predecessor} ${successor}`;
    if (!earlier || !byUrn.has(successor) || seen.has(pair)) continue;
    seen.add(pair);
    grouped.set(successor, [...(grouped.get(successor) ?? []), earlier]);
  }
  return [...grouped].sort(([a], [b]) => a - b);
}

/** Pairs of URNs that carried one LAESTAB, each with the next in time. */
function successorsByLaestab(records: readonly UrnRecord[]): [UrnRecord, UrnRecord][] {
  const grouped = new Map<LaEstab, UrnRecord[]>();
  for (const record of records) {
    if (record.laestab === null || record.firstYear === null) continue;
    grouped.set(record.laestab, [...(grouped.get(record.laestab) ?? []), record]);
  }
  return [...grouped.values()].flatMap((group) => {
    const inTime = group.toSorted(
      (a, b) => (a.firstYear ?? 0) - (b.firstYear ?? 0) || a.urn - b.urn,
    );
    return inTime.slice(1).map((later, index): [UrnRecord, UrnRecord] => {
      return [inTime[index] as UrnRecord, later];
    });
  });
}

function canContinue(earlier: UrnRecord, later: UrnRecord): boolean {
  if (earlier.urn === later.urn) return false;
  const types = earlier.schoolType === null || later.schoolType === null;
  if (!types && earlier.schoolType !== later.schoolType) return false;
  return yearsFollow([earlier], [later]);
}

function yearsFollow(before: readonly UrnRecord[], after: readonly UrnRecord[]): boolean {
  const lasts = before.flatMap(({ lastYear }) => lastYear ?? []);
  const firsts = after.flatMap(({ firstYear }) => firstYear ?? []);
  return Math.max(...lasts, 0) <= Math.min(...firsts, Infinity);
}

/** A URN and all that are joined to it on one side. */
function followed(urn: Urn, joined: ReadonlyMap<Urn, Urn>): Urn[] {
  const urns = new Set<Urn>();
  for (let next: Urn | undefined = urn; next !== undefined && !urns.has(next); ) {
    urns.add(next);
    next = joined.get(next);
  }
  return [...urns];
}

function chainsFrom(
  records: readonly UrnRecord[],
  continuedBy: ReadonlyMap<Urn, Urn>,
  continues: ReadonlyMap<Urn, Urn>,
): Chain[] {
  const chains: Chain[] = [];
  const urns = records.map((record) => record.urn).toSorted((a, b) => a - b);
  const placed = new Set<Urn>();
  const follow = (first: Urn) => {
    const chain: Chain = [];
    for (let urn: Urn | undefined = first; urn !== undefined && !placed.has(urn); ) {
      placed.add(urn);
      chain.push(urn);
      urn = continuedBy.get(urn);
    }
    if (chain.length > 0) chains.push(chain);
  };
  for (const urn of urns) if (!continues.has(urn)) follow(urn);
  for (const urn of urns) if (!placed.has(urn)) follow(urn); // a ring of links that contradict each other
  return chains;
}

/**
 * For each chain the URNs of all that it came from or that came of it, by any link and at any remove, which are not itself:
 * schools merged into it or split from it.
 */
export function linkedBeyond(chains: readonly Chain[], links: readonly PredecessorLink[]): Urn[][] {
  const chainOf = new Map(chains.flatMap((chain) => chain.map((urn) => [urn, chain] as const)));
  const successors = Map.groupBy(links, ({ predecessor }) => predecessor);
  const predecessors = Map.groupBy(links, ({ successor }) => successor);
  const reached = (chain: Chain, next: (urn: Urn) => Urn[] | undefined) => {
    const urns = new Set(chain);
    // A set gives what is added to it on the way, too.
    for (const urn of urns) {
      for (const linked of next(urn) ?? []) {
        for (const each of chainOf.get(linked) ?? [linked]) urns.add(each);
      }
    }
    return urns;
  };
  return chains.map((chain) => {
    const later = reached(chain, (urn) => successors.get(urn)?.map((link) => link.successor));
    const earlier = reached(chain, (urn) => predecessors.get(urn)?.map((link) => link.predecessor));
    return [...later.union(earlier)].filter((urn) => !chain.includes(urn)).sort((a, b) => a - b);
  });
}

/**
 * The URN by which published figures of `year` name the school: the one under which they are published. Of several, and
 * where none is published yet, the newest that was open on 31 January of that year; the oldest when none was.
 */
export function urnInYear(chain: readonly UrnRecord[], year: AcademicYear): Urn {
  const published = chain.filter(
    ({ firstYear, lastYear }) => (firstYear ?? Infinity) <= year && year <= (lastYear ?? 0),
  );
  const known = published.length > 0 ? published : chain;
  const day = `${Math.floor(year / 100) + 1}-01-31`;
  const open = known.filter((record) => startOf(record) <= day);
  return (open.at(-1) ?? (known[0] as UrnRecord)).urn;
}

function startOf(record: UrnRecord): string {
  if (record.openDate !== null) return record.openDate;
  return record.firstYear === null ? '9999-12-31' : `${Math.floor(record.firstYear / 100)}-09-01`;
}
