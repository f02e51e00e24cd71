import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../testing/chance.ts';
import { hideAlso, type Part, safeToShow, type Total } from './disclosure.ts';

test('a percentage of one to five pupils is not shown, nor any of fewer than six', () => {
  for (const [part, whole, shown] of [
    [0, 40, true],
    [1, 40, false],
    [5, 40, false],
    [6, 40, true],
    [0, 5, false],
    [5, 5, false],
    [6, 6, true],
    [null, 40, true],
    [null, 5, false],
    [3, null, false],
    [null, null, true],
  ] as const) {
    assert.equal(safeToShow(part, whole), shown, `${part} of ${whole}`);
  }
});

/** England of two regions, each of three authorities, each of up to seven schools, some of them of one trust. */
type Country = { total: Total<string>; schools: Part<string>[]; small: Set<string> };

const countries: fc.Arbitrary<Country> = fc
  .array(
    fc.array(fc.record({ count: fc.integer({ min: 0, max: 14 }), trust: fc.nat(4) }), {
      maxLength: 7,
    }),
    { minLength: 6, maxLength: 6 },
  )
  .map((authorities) => {
    const totals = authorities.map((ofAuthority, authority) => ({
      key: `authority ${authority}`,
      parts: ofAuthority.map(({ count, trust }, school) => {
        const key = `school ${authority}-${school}`;
        const circles = [key, `authority ${authority}`, ...(trust > 0 ? [`trust ${trust}`] : [])];
        return { key, count, circles };
      }),
    }));
    const regions = [totals.slice(0, 3), totals.slice(3)].map((parts, region) => ({
      key: `region ${region}`,
      parts,
    }));
    const schools = totals.flatMap((total) => total.parts);
    const small = schools.filter(({ count }) => !safeToShow(count, 100)).map(({ key }) => key);
    return { total: { key: 'England', parts: regions }, schools, small: new Set(small) };
  });

function schoolsOf(total: Total<string>): Part<string>[] {
  return total.parts.flatMap((part) => ('parts' in part ? schoolsOf(part) : [part]));
}

function totalsOf(total: Total<string>): Total<string>[] {
  return [total, ...total.parts.flatMap((part) => ('parts' in part ? totalsOf(part) : []))];
}

/**
 * What somebody works out who takes from every total that is shown the schools that are shown, those they know, and other
 * totals that are shown, again and again: every school that is left alone.
 */
function workedOut(
  { total, schools }: Country,
  hidden: ReadonlySet<string>,
  knows: (school: Part<string>) => boolean,
): Set<string> {
  const known = new Set(
    schools.filter((school) => !hidden.has(school.key) || knows(school)).map(({ key }) => key),
  );
  const sets = totalsOf(total)
    .filter(({ key }) => !hidden.has(key))
    .map((each) => new Set(schoolsOf(each).map(({ key }) => key)));
  const before = new Set(known);
  for (let more = true; more; ) {
    more = false;
    for (const key of known) for (const set of sets) set.delete(key);
    for (const set of sets) {
      for (const other of sets) {
        if (other === set || other.size === 0 || other.size >= set.size) continue;
        if ([...other].every((key) => set.has(key))) for (const key of other) set.delete(key);
      }
      const [alone] = set;
      if (set.size !== 1 || alone === undefined || known.has(alone)) continue;
      known.add(alone);
      more = true;
    }
  }
  return known.difference(before);
}

test('nobody works out a hidden count: neither the public nor whoever knows a school, a trust or an authority', () => {
  fc.assert(
    fc.property(countries, (country) => {
      const hidden = hideAlso(country.total, country.small);
      const circles = new Set(country.schools.flatMap((school) => school.circles));
      for (const circle of ['nobody', ...circles]) {
        const found = workedOut(country, hidden, (school) => school.circles.includes(circle));
        assert.deepEqual([...found], [], circle);
      }
    }),
    { numRuns: 500 },
  );
});

test('nor from a sum of small numbers that only ones, or only fives, can have', () => {
  for (const count of [1, 2, 5]) {
    for (const schools of [2, 3, 6, 8]) {
      const parts = Array.from({ length: schools }, (_, at) => ({
        key: `${at}`,
        count,
        circles: [`school ${at}`],
      }));
      const hidden = hideAlso({ key: 'total', parts }, new Set(parts.map(({ key }) => key)));
      assert.equal(hidden.has('total'), count !== 2 || schools < 6, `${schools} of ${count}`);
    }
  }
});

test('which others are hidden does not go by how large they are', () => {
  fc.assert(
    fc.property(
      countries,
      fc.array(fc.integer({ min: 6, max: 99 }), { minLength: 42, maxLength: 42 }),
      (country, larger) => {
        const numbers = new Map(country.schools.map(({ key }, at) => [key, larger[at] as number]));
        const change = <Each extends Part<string> | Total<string>>(part: Each): Each =>
          'parts' in part
            ? { ...part, parts: part.parts.map(change) }
            : { ...part, count: part.count > 5 ? (numbers.get(part.key) as number) : part.count };
        assert.deepEqual(
          hideAlso(change(country.total), country.small),
          hideAlso(country.total, country.small),
        );
      },
    ),
  );
});

test('nothing is hidden where nothing is small, and few others where something is', () => {
  fc.assert(
    fc.property(countries, ({ total, schools, small }) => {
      const hidden = hideAlso(total, small);
      if (small.size === 0) assert.equal(hidden.size, 0);
      const others = schools.filter(({ key }) => hidden.has(key) && !small.has(key));
      assert.ok(others.length <= 3 * small.size);
    }),
  );
});
