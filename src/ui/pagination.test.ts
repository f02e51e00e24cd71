import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../testing/chance.ts';
import { paginate } from './pagination.ts';

const of = (total: number, page: number) =>
  paginate({ total, pageSize: 20, page, noun: ['school', 'schools'], href: (n) => `?page=${n}` });

test('says how many there are', () => {
  assert.equal(of(0, 1).summary, 'No schools found');
  assert.equal(of(1, 1).summary, '1 school found');
  assert.equal(of(20, 1).summary, '20 schools found');
  assert.equal(of(2345, 3).summary, 'Showing 41 to 60 of 2,345 schools');
});

test('links to the first, the last and the neighbours', () => {
  assert.deepEqual(of(345, 7).links, {
    items: [
      { number: 1, href: '?page=1', current: false },
      { ellipsis: true },
      { number: 6, href: '?page=6', current: false },
      { number: 7, href: '?page=7', current: true },
      { number: 8, href: '?page=8', current: false },
      { ellipsis: true },
      { number: 18, href: '?page=18', current: false },
    ],
    previous: { href: '?page=6' },
    next: { href: '?page=8' },
  });
});

test('any page asked for, however wild, is a page there is', () => {
  fc.assert(
    fc.property(fc.nat(1000), fc.oneof(fc.integer(), fc.double()), (total, page) => {
      const pages = of(total, page);
      assert.ok(pages.page >= 1 && pages.page <= pages.pageCount);
      assert.ok(pages.start >= 0 && pages.start <= pages.end && pages.end <= total);
    }),
  );
});
