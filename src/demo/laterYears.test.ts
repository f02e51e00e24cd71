import assert from 'node:assert/strict';
import { test } from 'node:test';
import { demoCast } from './cast.ts';
import { broughtTo } from './laterYears.ts';
import { makeEngland } from './madeUpEngland.ts';
import { publishedFiles } from './publishedFiles.ts';
import { registerYear, rollsOf } from './registers/year.ts';
import { presentYear } from './seedRegisters.ts';

const present = 202627;
const before = makeEngland({ schools: 60, seed: 'later' });
const england = broughtTo(before, present);
const school = (urn: number) => england.schools.find((each) => each.urn === urn);
const yearsOf = (urn: number) => school(urn)?.years.map(({ year }) => year);

test('an England brought to today has three more published years, the last of them the year before last, and its past as it was', () => {
  assert.deepEqual(england.years.slice(-4), [201718, 202223, 202324, 202425]);
  for (const [at, each] of england.schools.entries()) {
    const was = before.schools[at]?.years ?? [];
    if (each.openedOn === before.schools[at]?.openedOn) {
      assert.deepEqual(each.years.slice(0, was.length), was);
    }
    if (each.closedOn !== undefined) assert.deepEqual(each.years, was);
  }
  assert.deepEqual(broughtTo(makeEngland({ schools: 60, seed: 'later' }), present), england);
  const names = [...publishedFiles(england)].map(({ name }) => name);
  assert.ok(names.includes('absence_3term_school_202425.csv'));
  assert.ok(names.includes('england_census__2025-2026.csv'));
});

test('schools whose story is that they are new are new today', () => {
  assert.deepEqual(yearsOf(demoCast.newWithoutHistory.urn), []);
  assert.equal(school(demoCast.newWithoutHistory.urn)?.openedOn, '2025-09-01');
  assert.deepEqual(yearsOf(demoCast.oneYearOnly.urn), [202425]);
  assert.deepEqual(yearsOf(demoCast.closedSchool.urn)?.at(-1), 201516);
});

test('a child of the cast stands in last year’s registers a year group lower, or at the school where it was', () => {
  const standing = (year: number) => {
    const of = registerYear(england, { year, events: new Map(), castOf: present });
    const rolls = rollsOf(of, of.schools);
    return new Map(
      rolls.named.flatMap((named, at) => {
        const [, surname = '', forename = ''] = String(named).split('|');
        const place = { urn: rolls.urn[at], years: rolls.years[at] };
        return surname === '' ? [] : [[forename, place]];
      }),
    );
  };
  const [then, now] = [standing(202526), standing(present)];
  const { improvingSecondary, academisedChain } = demoCast;
  assert.deepEqual(then.get('Corvane'), { urn: improvingSecondary.urn, years: [10] });
  assert.deepEqual(now.get('Corvane'), { urn: improvingSecondary.urn, years: [11] });
  assert.deepEqual(then.get('Merrin'), { urn: academisedChain.urn, years: [6] });
  assert.deepEqual(now.get('Merrin'), { urn: improvingSecondary.urn, years: [7] });
  // He left last summer.
  assert.deepEqual(then.get('Caspian'), { urn: improvingSecondary.urn, years: [11] });
  assert.equal(now.get('Caspian'), undefined);
});

test('the demo’s year begins in September', () => {
  assert.equal(presentYear('2026-08-31'), 202526);
  assert.equal(presentYear('2026-09-01'), present);
});
