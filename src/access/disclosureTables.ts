import { hideAlso, type Part, safeToShow, type Total } from './disclosure.ts';
import type { AuditedTable, Margin } from './disclosureAudit.ts';
import { hideWhatFollows } from './disclosureMore.ts';

/*
 * Small numbers in tables of groups of pupils: by year group, by free school meals, by two of these at once, of schools,
 * trusts, authorities, regions and England. What is hidden stays hidden from whoever has all these tables: see
 * docs/decisions/018-small-groups.md.
 *
 * The means is an exchange: d more pupils in one hidden cell and d fewer in another, and the other way round elsewhere, so
 * that every number shown stays as it is. A cell that takes part in such an exchange cannot be worked out. For a table of
 * one division an exchange is between two values (a *swap*) of two neighbours; for one of two divisions it is between two
 * values of each (a *block*). An area without a neighbour to exchange with hides the same of the area above it.
 */

/** An area with its parts; a school has none. `groups` are trusts it belongs to, which lie across areas. */
export type TableArea = {
  key: string;
  parts: readonly TableArea[];
  groups: readonly string[];
  /** Of a school that has figures under more than one URN: what these have in common. */
  school?: string;
};

/** A table of a number of pupils: by one division, or by two in the order in which their names stand. */
export type CellCounts = {
  /** Of schools: key of the school → division (`fsm`, `fsm,sen`) → value (`1`, `1,K`) → count. */
  of(school: string): ReadonlyMap<string, ReadonlyMap<string, number>>;
};

export type HiddenCells = {
  /** Is the total of an area, or of a trust, hidden? Then so is all that divides it. */
  isTotalHidden(area: string): boolean;
  /** Is this value of a division hidden there? */
  isHidden(area: string, division: string, value: string): boolean;
};

export const totalDivision = 'total';

/**
 * What must be hidden of numbers of pupils, and of how many of them are something, each among those named before it (who is
 * severely absent is persistently absent): where there are none of the one there are none of the other. Where it takes a
 * cell without pupils to exchange with, nothing of it is shown, so that nobody sees that there are none.
 */
export function hideTogether<Name extends string>(
  country: TableArea,
  pupils: CellCounts,
  among: Readonly<Record<Name, CellCounts>>,
): Record<Name | 'everything', HiddenCells> {
  const forced: Wanted[] = [];
  const known = new Set<string>();
  for (;;) {
    const everything = hide(country, { counts: pupils, pupils, forced });
    const others: [string, Hiding][] = [];
    for (const [name, counts] of Object.entries<CellCounts>(among)) {
      const above = [everything, ...others.map(([, hiding]) => hiding)];
      others.push([name, hide(country, { counts, pupils, above, forced: [] })]);
    }
    const wanted = others
      .flatMap(([, hiding]) => hiding.wanted)
      .filter(({ area, block }) => !known.has(`${area} ${idOf(block)}`));
    if (wanted.length === 0) {
      hideMore(country, [everything, ...others.map(([, hiding]) => hiding)]);
      const all = { everything, ...Object.fromEntries(others) };
      return all as Record<Name | 'everything', HiddenCells>;
    }
    for (const { area, block } of wanted) known.add(`${area} ${idOf(block)}`);
    forced.push(...wanted);
  }
}

type Given = {
  counts: CellCounts;
  pupils: CellCounts;
  /** What is hidden of those that these are among, pupils first. */
  above?: readonly Hiding[];
  forced: readonly Wanted[];
};

function hide(country: TableArea, { counts, pupils, above = [], forced }: Given): Hiding {
  const tables = new Tables(country, counts, pupils);
  const hiding = new Hiding(tables, totalsToHide(country, tables, above[0]), { above, forced });
  hiding.protect(country);
  hiding.hideInGroups();
  return hiding;
}

/** Whatever an attack on all the tables together still finds is hidden too: those of one division first, then of two. */
function hideMore(country: TableArea, hidings: readonly Hiding[]): void {
  const { divisions, pairs } = (hidings[0] as Hiding).tables;
  const single = pairs.length === 0 ? divisions : [...new Set(pairs.flat())];
  for (const division of [...single, ...pairs.map((pair) => pair.join())]) {
    hideWhatFollows(auditedTable(country, hidings, division), (measure, area, value) => {
      for (const each of measure === 0 ? hidings : [hidings[measure] as Hiding]) {
        each.hideCell(area, division, value);
      }
    });
  }
}

/** A table as an attack reads it. */
function auditedTable(
  country: TableArea,
  hidings: readonly Hiding[],
  division: string,
): AuditedTable {
  const { tables } = hidings[0] as Hiding;
  const divisions = division.split(',');
  const valuesOf = divisions.map((each) => tables.values(country.key, each));
  const values = valuesOf.reduce((all, each) =>
    all.flatMap((first) => each.map((second) => `${first},${second}`)),
  );
  const margin = (of: readonly number[], name: string, value: string): Margin => ({
    of,
    numbers: hidings.map((hiding) => ({
      count: (area) => hiding.tables.count(area, name, value),
      isHidden: (area) => hiding.isHidden(area, name, value),
    })),
  });
  const single = divisions.length === 1 ? [] : divisions;
  const areas: { key: string; parent: number }[] = [];
  const places = new Map<string, number>();
  const walk = (area: TableArea): number => {
    const parts = area.parts.map(walk);
    const at = areas.push({ key: area.key, parent: -1 }) - 1;
    places.set(area.key, at);
    for (const part of parts) (areas[part] as { parent: number }).parent = at;
    return at;
  };
  walk(country);
  return {
    ...{ areas, values },
    groups: new Map(
      [...tables.groups].map(([group, members]) => [
        group,
        members.map((member) => places.get(member) as number),
      ]),
    ),
    numbers: hidings.map((hiding) => ({
      count: (area, value) => hiding.tables.count(area, division, value),
      isHidden: (area, value) => hiding.isHidden(area, division, value),
    })),
    margins: [
      margin([...values.keys()], totalDivision, totalDivision),
      ...single.flatMap((each, at) =>
        (valuesOf[at] as string[]).map((value) =>
          margin(
            [...values.keys()].filter((place) => values[place]?.split(',')[at] === value),
            each,
            value,
          ),
        ),
      ),
    ],
    mayBe: (area, value) =>
      divisions.every((each, at) =>
        tables.has(area, each, (values[value] as string).split(',')[at] as string),
      ),
  };
}

type Sums = Map<string, Map<string, number>>;

/** Counts of every area and trust, added up from the schools. */
class Tables {
  readonly counts = new Map<string, Sums>();
  readonly pupils = new Map<string, Sums>();
  readonly groups = new Map<string, string[]>();
  private readonly trusts = new Map<string, readonly string[]>();
  readonly divisions: readonly string[];
  readonly pairs: readonly (readonly [string, string])[];

  constructor(country: TableArea, counts: CellCounts, pupils: CellCounts) {
    this.addUp(country, counts, pupils);
    const names = [...(this.pupils.get(country.key)?.keys() ?? [])];
    this.divisions = names.filter((name) => name !== totalDivision && !name.includes(','));
    this.pairs = names
      .filter((name) => name.includes(','))
      .map((name) => name.split(',') as [string, string]);
  }

  private addUp(area: TableArea, counts: CellCounts, pupils: CellCounts): void {
    for (const part of area.parts) this.addUp(part, counts, pupils);
    for (const [sums, given] of [
      [this.counts, counts],
      [this.pupils, pupils],
    ] as const) {
      const own: Sums = new Map();
      sums.set(area.key, own);
      if (area.parts.length === 0) addTo(own, given.of(area.key));
      for (const part of area.parts) addTo(own, sums.get(part.key) as Sums);
      for (const group of area.groups) {
        if (!sums.has(group)) sums.set(group, new Map());
        addTo(sums.get(group) as Sums, own);
      }
    }
    this.trusts.set(area.key, area.groups);
    for (const group of area.groups) {
      this.groups.set(group, [...(this.groups.get(group) ?? []), area.key]);
    }
  }

  count(area: string, division: string, value: string): number {
    return this.counts.get(area)?.get(division)?.get(value) ?? 0;
  }

  groupsOf(area: string): readonly string[] {
    return this.trusts.get(area) ?? [];
  }

  total(area: string): number {
    return this.count(area, totalDivision, totalDivision);
  }

  /** The values that pupils of an area have, in one order everywhere. */
  values(area: string, division: string): string[] {
    return [...(this.pupils.get(area)?.get(division)?.entries() ?? [])]
      .filter(([, count]) => count > 0)
      .map(([value]) => value)
      .toSorted();
  }

  has(area: string, division: string, value: string): boolean {
    return (this.pupils.get(area)?.get(division)?.get(value) ?? 0) > 0;
  }
}

function addTo(sums: Sums, given: ReadonlyMap<string, ReadonlyMap<string, number>>): void {
  for (const [division, values] of given) {
    const own = sums.get(division) ?? new Map<string, number>();
    sums.set(division, own);
    for (const [value, count] of values) own.set(value, (own.get(value) ?? 0) + count);
  }
}

const isSmall = (count: number) => !safeToShow(count, null);

/** Totals that are small, and as many others as it takes; with one of a school, that of its trust. */
function totalsToHide(
  country: TableArea,
  tables: Tables,
  base: HiddenCells | undefined,
): Set<string> {
  const small = new Set<string>();
  const totalOf = (area: TableArea, above: readonly string[]): Part<string> | Total<string> => {
    const count = tables.total(area.key);
    if (area.parts.length > 0) {
      if (isSmall(count) || base?.isTotalHidden(area.key)) small.add(area.key);
      return {
        key: area.key,
        parts: area.parts.map((part) => totalOf(part, [...above, area.key])),
      };
    }
    if (isSmall(count) || base?.isTotalHidden(area.key)) small.add(area.key);
    return { key: area.key, count, circles: [area.key, ...above.slice(-1), ...area.groups] };
  };
  const hidden = hideAlso(totalOf(country, []) as Total<string>, small);
  for (const [group, members] of tables.groups) {
    if (members.some((member) => hidden.has(member))) hidden.add(group);
  }
  return hidden;
}

type Swap = { division: string; values: readonly [string, string] };
type Block = {
  divisions: readonly [string, string];
  values: readonly [Swap['values'], Swap['values']];
};
type Exchange = Swap | Block;

/** A block of which nothing is to be shown, not even that nobody is in one of its cells. */
type Wanted = { area: string; block: Block };

const isSwap = (exchange: Exchange): exchange is Swap => 'division' in exchange;
const idOf = (exchange: Exchange) => JSON.stringify(exchange);

class Hiding implements HiddenCells {
  readonly tables: Tables;
  private readonly hiddenTotals: ReadonlySet<string>;
  private readonly above: readonly Hiding[];
  private readonly base: HiddenCells | undefined;
  private readonly exchanges = new Map<string, Map<string, Exchange>>();
  /** Trusts of the schools that an area’s exchange is for: it must be with a school of another, or theirs would tell. */
  private readonly trusts = new Map<string, Set<string>>();
  private readonly cells = new Set<string>();
  /** Tables of two divisions of which an area shows nothing, because nothing in it could be exchanged. */
  private readonly whole = new Set<string>();
  private readonly forced: ReadonlyMap<string, readonly Wanted[]>;
  private readonly parents = new Map<string, string>();
  /** What numbers of pupils have to be hidden for these numbers among them. */
  readonly wanted: Wanted[] = [];

  constructor(
    tables: Tables,
    hiddenTotals: ReadonlySet<string>,
    { above, forced }: { above: readonly Hiding[]; forced: readonly Wanted[] },
  ) {
    this.tables = tables;
    this.hiddenTotals = hiddenTotals;
    this.above = above;
    this.base = above[0];
    this.forced = Map.groupBy(forced, ({ area }) => area);
  }

  isTotalHidden(area: string): boolean {
    return this.hiddenTotals.has(area);
  }

  isHidden(area: string, division: string, value: string): boolean {
    if (this.hiddenTotals.has(area)) return true;
    if (division === totalDivision) return false;
    if (this.cells.has(`${area} ${division} ${value}`)) return true;
    if (!division.includes(',')) return false;
    if (this.whole.has(`${area} ${division}`)) return true;
    const [one = '', other = ''] = division.split(',');
    const [first = '', second = ''] = value.split(',');
    return this.isHidden(area, one, first) || this.isHidden(area, other, second);
  }

  /** From the schools up: what is small is exchanged within the area, then with a neighbour, or above. */
  protect(area: TableArea, above: readonly string[] = []): void {
    if (above[0] !== undefined) this.parents.set(area.key, above[0]);
    for (const part of area.parts) this.protect(part, [area.key, ...above]);
    this.hideSmall(area, above);
    for (const { block } of this.forced.get(area.key) ?? []) this.addBlock(area.key, block);
    if (area.parts.length === 0) return;
    this.exchangeTotals(area);
    // A companion may come to need one itself, and only ever gets more: it ends.
    for (let before = -1; before !== this.cells.size; ) {
      before = this.cells.size;
      for (const part of area.parts) {
        for (const exchange of [...(this.exchanges.get(part.key)?.values() ?? [])]) {
          this.share(area, part, exchange);
        }
      }
      this.meetSwaps(area);
    }
  }

  /** A trust adds up other areas than those that exchange: it hides what any of its schools does. */
  hideInGroups(): void {
    for (const [group, members] of this.tables.groups) {
      for (const member of members) {
        for (const exchange of this.exchanges.get(member)?.values() ?? [])
          this.add(group, exchange);
      }
    }
  }

  /** One cell more, and of each trust that the area is of. */
  hideCell(area: string, division: string, value: string): void {
    for (const each of [area, ...this.tables.groupsOf(area)]) {
      this.cells.add(`${each} ${division} ${value}`);
    }
  }

  private hideSmall({ key: area, parts }: TableArea, above: readonly string[]): void {
    if (this.hiddenTotals.has(area)) return;
    const { divisions, pairs } = this.tables;
    for (const division of divisions) {
      for (const value of this.tables.values(area, division)) {
        if (!this.mustHide(area, division, value)) continue;
        const exchange =
          this.swapOfParts(parts, division, value) ?? this.ownSwap(area, parts, division, value);
        if (exchange) this.addSwap(area, exchange);
      }
    }
    for (const pair of pairs) {
      for (const value of this.tables.values(area, pair.join())) {
        if (!this.mustHide(area, pair.join(), value)) continue;
        const of = value.split(',') as [string, string];
        if (parts.length === 0) {
          const block = this.ownBlock(area, pair, of);
          if (block) this.addBlock(area, block); // else the table of one division is all there is, and hides it
          continue;
        }
        if (this.isHidden(area, pair[0], of[0]) || this.isHidden(area, pair[1], of[1])) continue;
        const block = this.blockOfParts(parts, pair, of);
        if (block) this.addBlock(area, block);
        else for (const each of [area, ...above]) this.whole.add(`${each} ${pair.join()}`);
      }
    }
  }

  private ownSwap(
    area: string,
    parts: readonly TableArea[],
    division: string,
    value: string,
  ): Swap | undefined {
    const other =
      this.valueOfHidden(parts, division, value) ?? this.otherValue(area, division, value);
    return other === undefined ? undefined : { division, values: ordered(value, other) };
  }

  /** Another value that an area whose total is hidden has: best one that has both. */
  private valueOfHidden(
    parts: readonly TableArea[],
    division: string,
    value: string,
  ): string | undefined {
    const hidden = parts.filter(({ key }) => this.hiddenTotals.has(key));
    const having = hidden.filter(({ key }) => this.tables.has(key, division, value));
    return [...having, ...(having.length > 0 ? hidden : [])]
      .flatMap(({ key }) => this.tables.values(key, division))
      .find((other) => other !== value);
  }

  private ownBlock(
    area: string,
    divisions: readonly [string, string],
    [first, second]: readonly [string, string],
  ): Block | undefined {
    let best: { block: Block; open: number } | undefined;
    for (const a of this.otherValues(area, divisions[0], first)) {
      for (const b of this.otherValues(area, divisions[1], second)) {
        const block: Block = { divisions, values: [ordered(first, a), ordered(second, b)] };
        const cells = cellsOf(block);
        if (cells.every((value) => this.tables.count(area, divisions.join(), value) > 0))
          return block;
        const open = cells.filter((value) => this.isOpen(area, divisions.join(), value)).length;
        if (best === undefined || open > best.open) best = { block, open };
      }
    }
    return best?.block;
  }

  /** May a cell have more than nought, for all that is shown? */
  private isOpen(area: string, division: string, value: string): boolean {
    if (this.tables.count(area, division, value) > 0) return true;
    if (this.isEmpty(area, division, value)) return false;
    if (this.above.slice(1).some((each) => each.isShownNought(area, division, value))) return false;
    const values = value.split(',');
    const isNought = division.split(',').some((each, at) => {
      const of = values[at] ?? '';
      return this.tables.count(area, each, of) === 0 && !this.isHidden(area, each, of);
    });
    if (isNought) return false;
    const parent = this.parents.get(area);
    if (parent === undefined || this.tables.count(parent, division, value) > 0) return true;
    return this.isHidden(parent, division, value) && this.isOpen(parent, division, value);
  }

  /** Has it nobody, as everybody can see? */
  private isEmpty(area: string, division: string, value: string): boolean {
    if (this.tables.has(area, division, value)) return false;
    if (!this.hasValues(area, division, value)) return true;
    return this.base?.isHidden(area, division, value) === false;
  }

  /** Are there shown to be none of a value, or of one of the two? */
  private isShownNought(area: string, division: string, value: string): boolean {
    const values = value.split(',');
    const of = [
      [division, value] as const,
      ...division.split(',').map((each, at) => [each, values[at] ?? ''] as const),
    ];
    return of.some(
      ([each, one]) => this.tables.count(area, each, one) === 0 && !this.isHidden(area, each, one),
    );
  }

  private hasValues(area: string, division: string, value: string): boolean {
    const values = value.split(',');
    return division.split(',').every((each, at) => this.tables.has(area, each, values[at] ?? ''));
  }

  /** An area that is known to have nought of a value would tell that its parts have: it hides that too. */
  private addSwap(area: string, swap: Swap): void {
    this.add(area, swap);
    const parent = this.parents.get(area);
    if (parent === undefined || this.hiddenTotals.has(parent)) return;
    const { division, values } = swap;
    if (values.some((value) => this.tables.count(parent, division, value) === 0)) {
      this.addSwap(parent, swap);
    }
  }

  /** With all that it takes for each of its cells to be open: what is above hides it too, or the numbers of pupils. */
  private addBlock(area: string, block: Block): void {
    this.add(area, block);
    const pair = block.divisions.join();
    const shut = cellsOf(block).filter((value) => !this.isOpen(area, pair, value));
    if (this.base && shut.some((value) => this.isEmpty(area, pair, value))) {
      this.wanted.push({ area, block });
    }
    const parent = this.parents.get(area);
    if (parent === undefined) return;
    const isShown = (value: string) =>
      this.tables.count(parent, pair, value) === 0 && !this.isHidden(parent, pair, value);
    if (shut.some(isShown)) this.addBlock(parent, block);
  }

  /**
   * Two parts that swap the same values do so within one value of each other division. Where there is none in which both
   * can, the area hides the block that it makes of their two.
   */
  private meetSwaps(area: TableArea): void {
    for (const part of area.parts) {
      if (this.hiddenTotals.has(part.key)) continue;
      for (const swap of this.exchanges.get(part.key)?.values() ?? []) {
        if (!isSwap(swap) || this.hides(area, swap)) continue;
        const others = area.parts.filter((other) => other !== part && this.hides(other, swap));
        for (const pair of this.tables.pairs) {
          if (pair.includes(swap.division)) this.meet(area, { part, others, swap, pair });
        }
      }
    }
  }

  private meet(
    area: TableArea,
    {
      part,
      others,
      swap,
      pair,
    }: {
      part: TableArea;
      others: readonly TableArea[];
      swap: Swap;
      pair: readonly [string, string];
    },
  ): void {
    const at = pair[0] === swap.division ? 0 : 1;
    const within = pair[1 - at] as string;
    const cell = (moved: string, fixed: string) =>
      at === 0 ? `${moved},${fixed}` : `${fixed},${moved}`;
    const canAt = (of: TableArea, fixed: string) =>
      swap.values.every((value) => this.isOpen(of.key, pair.join(), cell(value, fixed)));
    const waysOf = (of: TableArea) =>
      this.tables.values(of.key, within).filter((fixed) => canAt(of, fixed));
    const own = waysOf(part);
    const theirs = others.map((other) => waysOf(other));
    if (theirs.some((ways) => ways.some((way) => own.includes(way)))) return;
    const one = own[0] ?? this.tables.values(part.key, within)[0];
    const other =
      theirs.flat()[0] ??
      others.flatMap(({ key }) => this.tables.values(key, within)).find((each) => each !== one);
    if (one === undefined || other === undefined || one === other) return;
    const values = ordered(one, other);
    const block: Block = {
      divisions: pair,
      values: at === 0 ? [swap.values, values] : [values, swap.values],
    };
    this.addBlock(area.key, block);
    if (own.length === 0 && this.base) this.wanted.push({ area: part.key, block });
    for (const [index, each] of others.entries()) {
      if (theirs[index]?.length === 0 && this.base) this.wanted.push({ area: each.key, block });
    }
  }

  /** What is small in an area is small in each part that has any: the area hides as one of them does. */
  private swapOfParts(
    parts: readonly TableArea[],
    division: string,
    value: string,
  ): Swap | undefined {
    return this.exchangesOf(parts).find(
      (each): each is Swap =>
        isSwap(each) && each.division === division && each.values.includes(value),
    );
  }

  private exchangesOf(parts: readonly TableArea[]): Exchange[] {
    return parts.flatMap(({ key }) => [...(this.exchanges.get(key)?.values() ?? [])]);
  }

  /**
   * The same for two divisions. A part that has one value alone of a division swaps within the other; with a part that
   * swaps the same and has another value, that makes a block of the area.
   */
  private blockOfParts(
    parts: readonly TableArea[],
    divisions: readonly [string, string],
    of: readonly [string, string],
  ): Block | undefined {
    const block = this.exchangesOf(parts).find(
      (each): each is Block =>
        !isSwap(each) &&
        each.divisions.join() === divisions.join() &&
        each.values[0].includes(of[0]) &&
        each.values[1].includes(of[1]),
    );
    if (block) return block;
    for (const at of [0, 1] as const) {
      const fixed = divisions[1 - at] as string;
      const value = of[1 - at] as string;
      const swap = this.swapOfParts(parts, divisions[at], of[at]);
      const other = parts
        .filter((part) => swap && this.hides(part, swap))
        .flatMap((part) => this.tables.values(part.key, fixed))
        .find((each) => each !== value);
      if (!swap || other === undefined) continue;
      const pair = ordered(value, other);
      return { divisions, values: at === 0 ? [swap.values, pair] : [pair, swap.values] };
    }
    return undefined;
  }

  private mustHide(area: string, division: string, value: string): boolean {
    return (
      isSmall(this.tables.count(area, division, value)) ||
      this.base?.isHidden(area, division, value) === true
    );
  }

  /** The first that is not small itself, or else any: one of nought at last. */
  private otherValue(area: string, division: string, value: string): string | undefined {
    return this.otherValues(area, division, value)[0];
  }

  private otherValues(area: string, division: string, value: string): string[] {
    const others = this.tables.values(area, division).filter((other) => other !== value);
    const rank = (other: string) => {
      const count = this.tables.count(area, division, other);
      return count === 0 ? 2 : isSmall(count) ? 1 : 0;
    };
    return others.toSorted((one, other) => rank(one) - rank(other));
  }

  private add(area: string, exchange: Exchange): boolean {
    const known = this.exchanges.get(area) ?? new Map<string, Exchange>();
    this.exchanges.set(area, known);
    const id = idOf(exchange);
    if (known.has(id)) return false;
    known.set(id, exchange);
    if (isSwap(exchange)) {
      for (const value of exchange.values) this.cells.add(`${area} ${exchange.division} ${value}`);
    } else {
      for (const value of cellsOf(exchange)) {
        this.cells.add(`${area} ${exchange.divisions.join()} ${value}`);
      }
    }
    return true;
  }

  /** Has a neighbour hide the same, down to one of its schools; or where none can, the area above. */
  private share(parent: TableArea, area: TableArea, exchange: Exchange): void {
    const avoided = this.trustsOf(area, exchange);
    if (this.hides(parent, exchange)) {
      for (const trust of avoided) this.trustsOf(parent, exchange).add(trust);
      return;
    }
    const others = parent.parts.filter((other) => other !== area);
    if (others.some((other) => this.carries(other, area, exchange, avoided))) return;
    for (const other of others) {
      const path = this.pathTo(other, area, exchange, avoided);
      if (!path) continue;
      for (const each of path) this.add(each.key, exchange);
      return;
    }
    this.add(parent.key, exchange);
    for (const trust of avoided) this.trustsOf(parent, exchange).add(trust);
  }

  private trustsOf(area: TableArea, exchange: Exchange): Set<string> {
    const key = `${area.key} ${idOf(exchange)}`;
    const known = this.trusts.get(key) ?? new Set(area.groups);
    this.trusts.set(key, known);
    return known;
  }

  private hides(area: TableArea, exchange: Exchange): boolean {
    return this.exchanges.get(area.key)?.has(idOf(exchange)) === true;
  }

  /** Hides it already, or all there is. */
  private carries(
    other: TableArea,
    area: TableArea,
    exchange: Exchange,
    avoided: ReadonlySet<string>,
  ): boolean {
    if (other.groups.some((trust) => avoided.has(trust))) return false;
    if (this.hiddenTotals.has(other.key)) return this.canExchange(area, other, exchange);
    if (!this.hides(other, exchange) || !this.canTake(other, exchange)) return false;
    return (
      other.parts.length === 0 ||
      other.parts.some((part) => this.carries(part, area, exchange, avoided))
    );
  }

  /** An area and its parts down to a school that can exchange; those whose total is hidden are left out. */
  private pathTo(
    other: TableArea,
    area: TableArea,
    exchange: Exchange,
    avoided: ReadonlySet<string>,
  ): TableArea[] | undefined {
    if (this.hiddenTotals.has(other.key) || !this.canExchange(area, other, exchange))
      return undefined;
    if (other.groups.some((trust) => avoided.has(trust))) return undefined;
    if (other.parts.length === 0) return [other];
    for (const part of other.parts) {
      const path = this.pathTo(part, area, exchange, avoided);
      if (path) return [other, ...path];
    }
    return undefined;
  }

  /** Both have pupils of each value, and pupils of one value in common in every other division. */
  private canExchange(area: TableArea, other: TableArea, exchange: Exchange): boolean {
    const { tables } = this;
    const wanted = isSwap(exchange)
      ? exchange.values.map((value) => [exchange.division, value] as const)
      : exchange.divisions.flatMap((division, at) =>
          (exchange.values[at] as Swap['values']).map((value) => [division, value] as const),
        );
    const moved = isSwap(exchange) ? [exchange.division] : exchange.divisions;
    return (
      wanted.every(([division, value]) => tables.has(other.key, division, value)) &&
      this.canTake(other, exchange) &&
      tables.divisions
        .filter((division) => !moved.includes(division))
        .every((division) =>
          tables.values(area.key, division).some((value) => tables.has(other.key, division, value)),
        )
    );
  }

  /** Is none of what it would exchange known to be nought? */
  private canTake({ key }: TableArea, exchange: Exchange): boolean {
    if (this.hiddenTotals.has(key)) return true;
    if (isSwap(exchange)) return this.tables.total(key) > 0;
    return cellsOf(exchange).every((value) => this.isOpen(key, exchange.divisions.join(), value));
  }

  /** Of an area whose total is hidden: may it have any of a value beyond what its parts show? */
  private mayHold(area: TableArea, division: string, value: string): boolean {
    if (!this.tables.has(area.key, division, value)) return false;
    if (area.parts.length === 0) return true;
    return area.parts.some((part) =>
      this.hiddenTotals.has(part.key)
        ? this.mayHold(part, division, value)
        : this.tables.has(part.key, division, value) && this.isHidden(part.key, division, value),
    );
  }

  /** An area whose total is hidden exchanges with another such; for a value that none of these has, the area above helps. */
  private exchangeTotals(parent: TableArea): void {
    const hidden = parent.parts.filter(({ key }) => this.hiddenTotals.has(key));
    for (const area of hidden) {
      const others = hidden.filter((other) => other !== area);
      for (const division of this.tables.divisions) {
        for (const value of this.tables.values(area.key, division)) {
          if (others.some((other) => this.mayHold(other, division, value))) continue;
          const theirs = others
            .flatMap((other) =>
              this.tables
                .values(other.key, division)
                .filter((each) => this.mayHold(other, division, each)),
            )
            .find((each) => each !== value);
          const other = theirs ?? this.otherValue(parent.key, division, value);
          if (other !== undefined && !this.hiddenTotals.has(parent.key)) {
            this.add(parent.key, { division, values: ordered(value, other) });
          }
        }
      }
    }
  }
}

function ordered(one: string, other: string): [string, string] {
  return one < other ? [one, other] : [other, one];
}

function cellsOf({ values: [firsts, seconds] }: Block): string[] {
  return firsts.flatMap((first) => seconds.map((second) => `${first},${second}`));
}
