import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../testing/chance.ts';
import { chainSchools, type PredecessorLink, type UrnRecord, urnInYear } from './identity.ts';

const record = (urn: number, more: Partial<UrnRecord> = {}): UrnRecord => ({
  urn,
  laestab: null,
  schoolType: 'State-funded primary',
  firstYear: 201213,
  lastYear: 201718,
  openDate: null,
  closeDate: null,
  ...more,
});
const link = (predecessor: number, successor: number): PredecessorLink => ({
  predecessor,
  successor,
  establishedOn: null,
});

test('a school that becomes an academy stays one school, by its link', () => {
  const records = [
    record(900001, { lastYear: 201415 }),
    record(900002, { firstYear: 201516 }),
    record(900003),
  ];
  assert.deepEqual(chainSchools(records, [link(900001, 900002)]), [[900001, 900002], [900003]]);
});

test('a school that becomes an academy stays one school, by its LAESTAB, when no link says so', () => {
  const records = [
    record(900001, { laestab: 9902001, lastYear: 201415 }),
    record(900002, { laestab: 9902001, firstYear: 201516 }),
  ];
  assert.deepEqual(chainSchools(records, []), [[900001, 900002]]);
});

test('a school of several predecessors is a new school, unless one of them keeps its LAESTAB', () => {
  const records = [
    record(900001, { laestab: 9902001, lastYear: 201415 }),
    record(900002, { laestab: 9902002, lastYear: 201415 }),
    record(900003, { laestab: 9902003, firstYear: 201516 }),
  ];
  const links = [link(900001, 900003), link(900002, 900003)];
  assert.deepEqual(chainSchools(records, links), [[900001], [900002], [900003]]);
  const kept = records.with(2, record(900003, { laestab: 9902002, firstYear: 201516 }));
  assert.deepEqual(chainSchools(kept, links), [[900001], [900002, 900003]]);
});

test('schools of two types, and schools that were open side by side, are never chained', () => {
  const otherType = [
    record(900001, { lastYear: 201415 }),
    record(900002, { firstYear: 201516, schoolType: 'Special' }),
  ];
  assert.equal(chainSchools(otherType, [link(900001, 900002)]).length, 2);
  const sideBySide = [record(900001), record(900002, { firstYear: 201516 })];
  assert.equal(chainSchools(sideBySide, [link(900001, 900002)]).length, 2);
});

test('schools that were open side by side are not chained through a URN of no published years', () => {
  const records = [
    record(900001, { closeDate: '2018-08-31' }),
    record(900002, { laestab: 9902001 }),
    record(900003, { firstYear: null, lastYear: null, openDate: '2018-09-01' }),
  ];
  const links = [link(900001, 900003), link(900003, 900002)];
  const chains = chainSchools(records, links);
  assert.equal(chains.length, 2, JSON.stringify(chains));
});

test('whatever the links say, every URN is in exactly one chain, whatever their order', () => {
  const urns = fc.integer({ min: 900001, max: 900012 });
  const records = Array.from({ length: 12 }, (_, index) =>
    record(900001 + index, {
      laestab: 9902000 + (index % 5),
      firstYear: 201213 + 101 * (index % 6),
      lastYear: 201213 + 101 * Math.min(5, (index % 6) + (index % 3)),
    }),
  );
  fc.assert(
    fc.property(
      fc.array(fc.tuple(urns, urns), { maxLength: 15 }),
      fc.shuffledSubarray(records, { minLength: 12 }),
      (pairs, shuffled) => {
        const links = pairs.map(([from, to]) => link(from, to));
        const chains = chainSchools(records, links);
        assert.deepEqual(
          chains.flat().toSorted((a, b) => a - b),
          records.map(({ urn }) => urn),
        );
        assert.deepEqual(chainSchools(shuffled, links), chains);
      },
    ),
  );
});

test('a school is named by the URN of its published figures, whatever the dates say', () => {
  const chain = [
    record(900001, { lastYear: 201314, openDate: '1970-09-01' }),
    record(900002, { firstYear: 201415, openDate: '2013-11-01' }),
  ];
  assert.equal(urnInYear(chain, 201314), 900001, 'published under the old one once more');
  assert.equal(urnInYear(chain, 201415), 900002);
  assert.equal(urnInYear(chain, 201819), 900002, 'of a year not published, the dates tell');
  const both = [
    record(900001, { lastYear: 201617, openDate: '1970-09-01' }),
    record(900002, { firstYear: 201617, openDate: '2017-04-01' }),
  ];
  assert.equal(urnInYear(both, 201617), 900001, 'published under both: open on 31 January');
});

test('a school is named by the URN that was open on 31 January of the year', () => {
  const chain = [
    record(900001, { openDate: '1970-09-01' }),
    record(900002, { openDate: '2017-02-01' }),
    record(900003, { openDate: '2018-01-31' }),
  ];
  assert.equal(urnInYear(chain, 201516), 900001);
  assert.equal(urnInYear(chain, 201617), 900001);
  assert.equal(urnInYear(chain, 201718), 900003);
  assert.equal(urnInYear([record(900004, { openDate: '2020-09-01' })], 201718), 900004);
});
