import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { changeOf, decisive, type Shown, type Sums } from './standing.ts';

const sums: Sums = {
  ...{ possible: 70_000, authorised: 3000, unauthorised: 1500 },
  ...{ enrolments: 200, persistent: 40, severe: 4, codes: { i: 3000 }, days: 'as they were' },
};

describe('the registers have changed since', () => {
  const cases: [string, Partial<Sums>, string][] = [
    ['nothing', {}, 'none'],
    ['one mark', { unauthorised: 1499 }, 'small'],
    ['a mark that went from one day to another', { days: 'others' }, 'small'],
    ['a code for another of its kind', { codes: { i: 2999, m: 1 } }, 'small'],
    ['a tenth of a percentage point of absence', { authorised: 3070 }, 'small'],
    ['more than that', { authorised: 3071 }, 'large'],
    [
      'authorised for unauthorised, as many in all',
      { authorised: 2900, unauthorised: 1600 },
      'large',
    ],
    [
      'a hundredth of the sessions, absence with them',
      { possible: 70_700, authorised: 3030, unauthorised: 1515 },
      'small',
    ],
    ['more of them', { possible: 70_701, authorised: 3030, unauthorised: 1515 }, 'large'],
    ['a hundredth of the pupils persistently absent', { persistent: 42 }, 'small'],
    ['more of them persistently', { persistent: 43 }, 'large'],
    ['severely', { severe: 7 }, 'large'],
    ['who is enrolled', { enrolments: 203 }, 'large'],
    ['all of it gone', { possible: 0, authorised: 0, unauthorised: 0 }, 'large'],
  ];
  for (const [name, changes, expected] of cases) {
    test(`${name}: ${expected}`, () => {
      assert.equal(changeOf(sums, { ...sums, ...changes }), expected);
    });
  }

  test('in a small school one pupil may tip over a threshold', () => {
    const small = { ...sums, enrolments: 20 };
    assert.equal(changeOf(small, { ...small, persistent: 39 }), 'small');
    assert.equal(changeOf(small, { ...small, persistent: 38 }), 'large');
  });
});

describe('which summary says where a year stands', () => {
  const whole = { from: '2025-09-03', to: '2026-07-21', isOfYear: true };
  const day = { from: '2025-09-08', to: '2025-09-08', isOfYear: false };
  const counts = { tellsCounts: true, isFine: true };
  const cases: [string, Shown[], number][] = [
    ['the only one', [{ ...day, ...counts }], 0],
    [
      'a day that agrees leaves a year that differs',
      [
        { ...whole, ...counts, isFine: false },
        { ...day, ...counts },
      ],
      0,
    ],
    [
      'a percentage of the year leaves its counts that differ',
      [
        { ...whole, ...counts, isFine: false },
        { ...whole, tellsCounts: false, isFine: true },
      ],
      0,
    ],
    [
      'a year that agrees takes the place of one that differs',
      [
        { ...whole, ...counts, isFine: false },
        { ...whole, ...counts },
      ],
      1,
    ],
    [
      'a day that differs speaks against a year that agrees',
      [
        { ...whole, ...counts },
        { ...day, ...counts, isFine: false },
      ],
      1,
    ],
    [
      'until that day agrees',
      [
        { ...whole, ...counts },
        { ...day, ...counts, isFine: false },
        { ...day, ...counts },
      ],
      0,
    ],
    [
      'a day that agrees changes nothing of a year that does',
      [
        { ...whole, ...counts },
        { ...day, ...counts },
      ],
      0,
    ],
  ];
  for (const [name, summaries, expected] of cases) {
    test(name, () => assert.equal(decisive(summaries), summaries[expected]));
  }

  test('none where there is none', () => assert.equal(decisive([]), undefined));
});
