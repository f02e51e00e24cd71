import { type AuditedTable, type Found, workOut } from './disclosureAudit.ts';

/* What can still be worked out of tables of small numbers is hidden with more, until an attack on them finds nothing. */

/** Cells to hide, of one measure: these values of these areas, by their places in the list. */
type Remedy = { measure: number; areas: readonly number[]; values: readonly number[] };

/** Tries one remedy after another on whatever is found, each wider than the one before. */
export function hideWhatFollows(
  table: AuditedTable,
  hide: (measure: number, area: string, value: string) => void,
): void {
  const remedies = new Map<string, Iterator<Remedy>>();
  const search = new Search(table);
  for (;;) {
    const found = workOut(table).flatMap((each) => {
      const key = `${each.measure} ${each.area} ${each.values.join()}`;
      const own = remedies.get(key) ?? search.remediesFor(each);
      remedies.set(key, own);
      const { value, done } = own.next();
      return done ? [] : [value];
    });
    if (found.length === 0) return;
    for (const { measure, areas, values } of found) {
      for (const area of areas) {
        for (const value of values) {
          hide(measure, table.areas[area]?.key as string, table.values[value] as string);
        }
      }
    }
  }
}

/** Can a cell take part in an exchange? */
type Takes = (area: number, value: number) => boolean;

/** How many schools, and exchanges of each, are looked at: beyond that more is hidden rather than looked for longer. */
const most = 8;

class Search {
  private readonly table: AuditedTable;
  private readonly parts: readonly number[][];
  private readonly groupsOf: readonly Set<string>[];
  private readonly placeOf: ReadonlyMap<string, number>;

  constructor(table: AuditedTable) {
    this.table = table;
    this.parts = table.areas.map(() => []);
    for (const [at, { parent }] of table.areas.entries()) this.parts[parent]?.push(at);
    this.groupsOf = table.areas.map(() => new Set<string>());
    for (const [group, members] of table.groups) {
      for (const member of members) this.groupsOf[member]?.add(group);
    }
    this.placeOf = new Map(table.areas.map(({ key }, at) => [key, at]));
  }

  /**
   * A school within exchanges with one outside, as near as can be, and whatever they are parts of hides that too; else all
   * areas above do. It is between cells that have some, or else between such as may have, for all that is shown then. Where
   * nothing can be exchanged, nothing of the table is shown.
   */
  *remediesFor({ measure, area, values }: Found): Generator<Remedy> {
    const place = this.placeOf.get(area);
    const members = place === undefined ? (this.table.groups.get(area) ?? []) : [place];
    const lowest = members[0];
    if (lowest === undefined) return;
    const schools = members.flatMap((member) => [...this.schoolsIn(member)]);
    const cells = schools.flatMap((school) => values.map((value) => ({ school, value })));
    for (const takes of [this.has(measure), this.mayHave]) {
      const carriers = cells
        .flatMap((cell) => ({ ...cell, exchanges: this.exchangesOf(takes, cell) }))
        .filter(({ exchanges }) => exchanges.length > 0)
        .slice(0, most);
      for (const level of this.chainOf(lowest)) {
        const remedy = this.exchange(takes, carriers, level);
        if (remedy) yield { measure, ...remedy };
      }
      for (const { school, exchanges } of carriers) {
        yield { measure, areas: this.chainOf(school), values: exchanges[0] as number[] };
      }
    }
    const all = [...this.table.values.keys()];
    const near = [...new Set(schools.flatMap((school) => this.chainOf(school)))];
    yield { measure, areas: near, values: all };
    yield { measure: 0, areas: near, values: all };
    yield { measure: 0, areas: [...this.table.areas.keys()], values: all };
  }

  /** With a school outside this area, in another part of the one above. */
  private exchange(
    takes: Takes,
    carriers: readonly { school: number; exchanges: readonly number[][] }[],
    level: number,
  ): Omit<Remedy, 'measure'> | undefined {
    const above = this.table.areas[level]?.parent ?? -1;
    if (above < 0) return undefined;
    const others = (this.parts[above] as number[]).filter((part) => part !== level);
    for (const { school, exchanges } of carriers) {
      const trusts = this.groupsOf[school] as Set<string>;
      for (const part of others) {
        for (const other of this.schoolsIn(part)) {
          if (!trusts.isDisjointFrom(this.groupsOf[other] as Set<string>)) continue;
          const values = exchanges.find((each) => each.every((value) => takes(other, value)));
          if (!values) continue;
          const below = (of: number) => this.chainOf(of).slice(0, this.chainOf(of).indexOf(above));
          return { areas: [...below(school), ...below(other)], values };
        }
      }
    }
    return undefined;
  }

  /** A value with another, or with three others that make a block of two divisions. */
  private exchangesOf(takes: Takes, { school, value }: { school: number; value: number }) {
    if (!takes(school, value)) return [];
    const { values } = this.table;
    const [first, second] = (values[value] as string).split(',');
    const here = [...values.keys()].filter((other) => other !== value && takes(school, other));
    if (second === undefined) return here.slice(0, most).map((other) => [value, other]);
    return here
      .map((other): number[] => {
        const [a, b] = (values[other] as string).split(',');
        if (a === first || b === second) return [];
        return [value, other, values.indexOf(`${first},${b}`), values.indexOf(`${a},${second}`)];
      })
      .filter((block) => block.length > 0 && block.every((each) => takes(school, each)))
      .slice(0, most);
  }

  private has(measure: number): Takes {
    const { areas, values, numbers } = this.table;
    return (area, value) => {
      const { key } = areas[area] as { key: string };
      return (numbers[measure]?.count(key, values[value] as string) ?? 0) > 0;
    };
  }

  private readonly mayHave: Takes = (area, value) =>
    this.table.mayBe((this.table.areas[area] as { key: string }).key, value);

  private *schoolsIn(area: number): Generator<number> {
    const parts = this.parts[area] as number[];
    if (parts.length === 0) yield area;
    for (const part of parts) yield* this.schoolsIn(part);
  }

  /** An area and all it is part of, up to the whole country. */
  private chainOf(area: number): number[] {
    const { parent } = this.table.areas[area] as { parent: number };
    return parent < 0 ? [area] : [area, ...this.chainOf(parent)];
  }
}
