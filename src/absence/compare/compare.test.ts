import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compareWith } from './compare.ts';
import {
  codesCsv,
  type Counting,
  madeUpRegister,
  pupilsCsv,
  sessionsCsv,
  totalsCsv,
  upns,
} from './informationSystem.fixture.ts';
import { readSummary } from './summary.ts';
import { toldOf } from './told.ts';
import fc from '../../testing/chance.ts';

const register = madeUpRegister();
const compare = (csv: string) => compareWith(register, readSummary(csv));
const named = (csv: string) =>
  compare(csv).explanations.map((way) =>
    way
      .map(({ id }) => id)
      .toSorted()
      .join(' + '),
  );

const forms = { totals: totalsCsv, sessions: sessionsCsv, codes: codesCsv, pupils: pupilsCsv };

test('a system that counts as the definition says agrees, in each form', () => {
  for (const [form, csv] of Object.entries(forms)) {
    const { differences, compared } = compare(csv({}));
    assert.deepEqual(differences, [], form);
    assert.ok(compared >= 7, `${form}: ${compared}`);
  }
});

/** Each rule, the system that counts so, and in which forms its figures can tell. */
const cases: [rule: string, how: Counting, told: (keyof typeof forms)[]][] = [
  ['persistent-below-90', { below: true }, ['totals']],
  ['persistent-rounded-0', { roundedTo: 0 }, ['totals']],
  ['D-possible-present', { codes: { D: 'present' } }, ['totals', 'sessions', 'pupils']],
  ['D-possible-neither', { codes: { D: 'possible' } }, ['totals', 'sessions']],
  ['D-possible-absent', { codes: { D: 'authorised' } }, ['totals', 'sessions', 'pupils']],
  ['X-possible-present', { codes: { X: 'present' } }, ['totals', 'sessions', 'pupils']],
  ['X-possible-unauthorised', { codes: { X: 'unauthorised' } }, ['totals', 'sessions']],
  ['Q-possible-present', { codes: { Q: 'present' } }, ['totals', 'sessions', 'pupils']],
  ['Q-possible-absent', { codes: { Q: 'authorised' } }, ['totals', 'sessions', 'pupils']],
  ['Y-possible-present', { codes: { Y: 'present' } }, ['totals', 'sessions', 'pupils']],
  ['Y-possible-absent', { codes: { Y: 'authorised' } }, ['totals', 'sessions', 'pupils']],
  ['Z-possible-present', { codes: { Z: 'present' } }, ['totals', 'sessions', 'pupils']],
  ['hash-possible-present', { codes: { '#': 'present' } }, ['totals', 'sessions', 'pupils']],
  ['J1-attended', { codes: { J1: 'present' } }, ['totals', 'sessions', 'pupils']],
  ['C2-attended', { codes: { C2: 'present' } }, ['totals', 'sessions', 'pupils']],
  ['K-absent-authorised', { codes: { K: 'authorised' } }, ['totals', 'sessions', 'pupils']],
  ['B-absent-authorised', { codes: { B: 'authorised' } }, ['totals', 'sessions', 'pupils']],
  ['V-absent-authorised', { codes: { V: 'authorised' } }, ['totals', 'sessions', 'pupils']],
  ['P-absent-authorised', { codes: { P: 'authorised' } }, ['totals', 'sessions', 'pupils']],
  ['W-absent-unauthorised', { codes: { W: 'unauthorised' } }, ['totals', 'sessions']],
  ['L-absent-unauthorised', { codes: { L: 'unauthorised' } }, ['totals', 'sessions', 'pupils']],
  ['U-attended', { codes: { U: 'present' } }, ['totals', 'sessions', 'pupils']],
  ['N-out', { codes: { N: 'out' } }, ['totals', 'sessions', 'codes', 'pupils']],
  ['missing-absent', { missing: 'unauthorised' }, ['totals', 'sessions', 'pupils']],
  ['missing-attended', { missing: 'present' }, ['totals', 'sessions', 'pupils']],
  ['under-5', { under5: true }, ['totals', 'sessions', 'codes', 'pupils']],
  ['over-15', { over15: true }, ['totals', 'sessions', 'codes', 'pupils']],
  ['all-ages', { under5: true, over15: true }, ['totals', 'sessions', 'codes', 'pupils']],
  ['leavers-left-out', { withoutLeavers: true }, ['totals', 'sessions', 'codes', 'pupils']],
  ['joiners-from-start-absent', { joiners: 'unauthorised' }, ['totals', 'sessions', 'pupils']],
  ['joiners-from-start-possible', { joiners: 'present' }, ['totals', 'sessions', 'pupils']],
  ['marks-outside', { outside: true }, ['totals', 'sessions', 'codes', 'pupils']],
  ['closed-counted', { closed: true }, ['totals', 'sessions', 'codes', 'pupils']],
  ['census', { census: true }, ['totals', 'sessions', 'codes', 'pupils']],
  ['other-half', { otherHalf: true }, ['totals', 'sessions', 'pupils']],
  ['mean-of-pupils', { means: true }, ['totals']],
  ['cut-off', { cutOff: true }, ['pupils']],
  ['days', { inDays: true }, ['totals']],
];

/** A row for each pupil has absences, and not of which kind they are. */
const ofEitherKind = (rule: string) =>
  rule
    .replace(/-possible-absent$/, '-possible-either')
    .replace(/-absent-(un)?authorised$/, '-absent');

describe('each rule in which systems differ is named, and no other', () => {
  for (const [rule, how, told] of cases) {
    test(rule, () => {
      for (const form of told) {
        const expected = form === 'pupils' ? ofEitherKind(rule) : rule;
        assert.deepEqual(named(forms[form](how)), [expected], form);
      }
    });
  }
});

test('two rules at once are named together, as the smallest set that explains all', () => {
  const csv = totalsCsv({ below: true, codes: { D: 'present' } });
  assert.deepEqual(named(csv), ['D-possible-present + persistent-below-90']);
  const bySession = sessionsCsv({ withoutLeavers: true, codes: { N: 'out', U: 'present' } });
  assert.deepEqual(named(bySession), ['N-out + U-attended + leavers-left-out']);
});

test('what no rule explains is listed where it is, and nothing else', () => {
  const csv = sessionsCsv({ codes: { D: 'present' } }).replace(
    /^12\/05\/2026\tAM\t(\d+)\t/m,
    (_, possible: string) => `12/05/2026\tAM\t${Number(possible) + 3}\t`,
  );
  const { explanations, nearest, remaining } = compare(csv);
  assert.deepEqual(explanations, []);
  assert.deepEqual(
    nearest.map(({ id }) => id),
    ['D-possible-present'],
  );
  assert.deepEqual(
    remaining.map(({ where, figure, theirs, ours }) => [
      where,
      figure,
      (theirs ?? 0) - (ours ?? 0),
    ]),
    [['2026-05-12 AM', 'possible sessions', 3]],
  );
});

describe('whether absence is authorised is said where the figures tell it', () => {
  const saysIn = (csv: string) =>
    toldOf(compare(csv), readSummary(csv))
      .explanations.flat()
      .map(({ says }) => says);
  const countsOf = (how: Counting, ...fields: ('possible' | 'absent' | 'unauthorised')[]) => {
    const { theirs } = compare(totalsCsv(how));
    return `${fields.join()}\n${fields.map((field) => theirs[field]).join()}\n`;
  };
  const ways: Counting[] = [
    ...['D', 'X', 'Y', 'Q', 'Z', '#'].map(
      (code): Counting => ({ codes: { [code]: 'authorised' } }),
    ),
    ...['K', 'L'].map((code): Counting => ({ codes: { [code]: 'unauthorised' } })),
    { missing: 'unauthorised' },
  ];

  test('and of sums of all absence it is said that they do not tell', () => {
    for (const how of ways) {
      const [says = '', ...others] = saysIn(countsOf(how, 'possible', 'absent'));
      assert.match(says, /absence, authorised or unauthorised: the summary does not tell which\.$/);
      assert.deepEqual(others, []);
    }
  });

  const columnsOf = (csv: string, ...places: number[]) =>
    csv
      .split('\n')
      .map((line) => places.map((place) => line.split('\t')[place]).join('\t'))
      .join('\n');
  const notPresent = (csv: string) => saysIn(columnsOf(csv, 0, 1, 2, 3));

  test('and what is possible and not present is not said to be absence, or neither', () => {
    const codes = ['D', 'X', 'Q', 'Y', 'Z', '#'];
    for (const as of ['unauthorised', 'authorised', 'possible'] as const) {
      for (const code of codes) {
        const [says = '', ...others] = notPresent(sessionsCsv({ codes: { [code]: as } }));
        assert.match(
          says,
          /as a possible session, and not as present: the summary does not tell as what\.$/,
        );
        assert.deepEqual(others, []);
      }
    }
    for (const how of [
      { codes: { K: 'possible' } },
      { codes: { L: 'authorised' } },
      { missing: 'unauthorised' },
      { joiners: 'unauthorised' },
    ] as Counting[]) {
      const [says = '', ...others] = notPresent(sessionsCsv(how));
      assert.match(says, /\bnot .*present: the summary does not tell as what\.$/);
      assert.doesNotMatch(says, /absen/);
      assert.deepEqual(others, []);
    }
  });

  test('nor with one of the two kinds of absence, where that is not what it is counted as', () => {
    const [says = ''] = saysIn(
      columnsOf(sessionsCsv({ codes: { D: 'unauthorised' } }), 0, 1, 2, 3, 4),
    );
    assert.match(says, /not as present: the summary does not tell as what/);
    const both = saysIn(sessionsCsv({ codes: { D: 'unauthorised' } })).join();
    assert.match(both, /as a possible session and as unauthorised absence/);
    assert.match(
      saysIn(sessionsCsv({ codes: { D: 'possible' } })).join(),
      /as neither present nor absent/,
    );
  });

  test('and with one of the two it is told', () => {
    for (const how of ways) {
      const says = saysIn(countsOf(how, 'possible', 'absent', 'unauthorised')).join();
      assert.match(
        says,
        how.codes && !how.codes['K'] && !how.codes['L'] ? /authorised/ : /unauthorised/,
      );
      assert.doesNotMatch(says, /does not tell/);
    }
  });

  test('and where possible sessions are all there is, nothing is said of absence', () => {
    const says = saysIn(countsOf({ missing: 'unauthorised' }, 'possible')).join();
    assert.match(says, /Counts a session without a mark as possible\./);
    assert.doesNotMatch(says, /absen/);
  });
});

test('a summary that stops on an earlier day is told from one that counts otherwise', () => {
  const whole = madeUpRegister();
  const { ours } = compareWith({ ...whole, ...upTo('2026-06-10') }, readSummary(totalsCsv({})));
  const csv = `Possible,Absent\n${ours.possible},${ours.absent}\n`;
  assert.equal(compare(csv).stopsOn, '2026-06-10');
  assert.equal(compare(totalsCsv({ codes: { D: 'present' } })).stopsOn, null);
});

test('a summary whose counts agree is not told to stop on the day on which they do', () => {
  const { possible, absent } = compare(totalsCsv({})).ours;
  for (const percent of ['1.0', '99.9']) {
    const csv = `Possible,Absent,Absence %\n${possible},${absent},${percent}\n`;
    const summary = readSummary(csv);
    for (const to of [register.to, '2026-07-31']) {
      const comparison = compareWith({ ...register, to }, summary);
      assert.equal(comparison.stopsOn, null);
      assert.doesNotMatch(toldOf(comparison, summary).sentences.join(), /as its last day/);
    }
  }
});

/** The same register without what came later. */
function upTo(to: string) {
  const { marks, calendar, ...rest } = madeUpRegister();
  return {
    ...rest,
    to,
    calendar: calendar.filter(({ date }) => date <= to),
    marks: marks.map(({ pupil, dates, sessions, codes }) => {
      const count = dates.filter((date) => date <= to).length;
      const [first, second, third] = [dates, sessions, codes].map((each) => each.slice(0, count));
      return {
        pupil,
        dates: first as string[],
        sessions: second as number[],
        codes: third as string[],
      };
    }),
  };
}

test('figures that have nothing to do with the register are not explained by anything', () => {
  const { explanations, nearest } = compare('Possible,Absent\n12,7\n');
  assert.deepEqual([explanations, nearest], [[], []]);
});

test('a pupil is told by the row of the file, and never by a UPN', () => {
  const [first = ''] = upns;
  const csv = pupilsCsv({}).replace(new RegExp(`^"${first}",(\\d+),`, 'm'), `"${first}",1,`);
  const { remaining } = compare(csv);
  assert.match(remaining[0]?.where ?? '', /^row 2$/);
  assert.ok(!JSON.stringify(remaining).includes(first));
});

test('who is in the file and not on the register differs; who is only on the register is counted apart', () => {
  const lines = pupilsCsv({}).split('\n');
  const { differences, notInFile } = compare(
    [...lines.slice(0, 1), ...lines.slice(2), '"Z999999999999",10,1,"90.0%"'].join('\n'),
  );
  assert.ok(differences.some(({ theirs, ours }) => theirs === 10 && ours === 0));
  assert.deepEqual([notInFile.rows, notInFile.left, notInFile.where], [1, 1, []]);
});

describe('what is no explanation', () => {
  const told = (csv: string) => {
    const summary = readSummary(csv);
    return toldOf(compareWith(register, summary), summary);
  };

  test('one figure that some ways of counting would give', () => {
    const { ours } = compare(totalsCsv({}));
    const other = compare('Possible\n1\n').tried.find(({ possible }) => possible !== 0);
    const { outcome, headline, couldBe, explanations } = told(
      `Possible\n${ours.possible + (other?.possible ?? 0)}\n`,
    );
    assert.deepEqual([outcome, couldBe, explanations.length > 0], ['differs', true, true]);
    assert.match(headline, /^The one figure differs, and (any of|it could be)/);
  });

  test('several ways that each would give the figures', () => {
    const { possible } = compare(totalsCsv({})).ours;
    const several = Array.from({ length: 40 }, (_, more) => `Possible\n${possible + more}\n`)
      .map(told)
      .find(({ explanations }) => explanations.length > 1);
    assert.deepEqual([several?.outcome, several?.couldBe], ['differs', true]);
    assert.match(several?.headline ?? '', /any of \w+ ways of counting would give it$/);
    assert.match(several?.sentences.join(' ') ?? '', /none of them can be accepted/);
  });

  const amended = (marks: readonly [of: number, code: string][]) => {
    const other = structuredClone(register);
    for (const [of, code] of marks) {
      const own = other.marks[of % other.marks.length];
      if (own) own.codes[of % own.codes.length] = code;
    }
    const { possible, absent, authorised, unauthorised, persistent } = compareWith(
      other,
      readSummary('Possible,Absent\n1,1\n'),
    ).ours;
    return `Possible,Absent,Authorised,Unauthorised,Persistently absent pupils\n${[possible, absent, authorised, unauthorised, persistent].join()}\n`;
  };

  test('marks that were amended in one of the systems: some rules always give their few sessions', () => {
    const mark = fc.tuple(fc.nat(100_000), fc.constantFrom('I', 'O', 'M', 'L', 'U'));
    fc.assert(
      fc.property(fc.array(mark, { minLength: 1, maxLength: 6 }), (marks) => {
        assert.notEqual(told(amended(marks)).outcome, 'explained');
      }),
      { numRuns: 20 },
    );
  });

  test('a rule about one pupil in sums, which a row for each session shows', () => {
    const { outcome, headline, sentences } = told(totalsCsv({ codes: { D: 'present' } }));
    assert.equal(outcome, 'differs');
    assert.match(headline, /it could be a way of counting, but your figures are not enough/);
    assert.match(sentences.join(' '), /so few sessions or pupils that marks amended/);
    assert.match(sentences.join(' '), /Send a summary with a row for each session or each pupil/);
    assert.equal(told(sessionsCsv({ codes: { D: 'present' } })).outcome, 'explained');
  });

  test('a rule about many sessions is one, also in sums, and two such rules at once', () => {
    const elsewhere = Object.fromEntries(
      ['K', 'B', 'V', 'P', 'W'].map((code) => [code, 'authorised'] as const),
    );
    const closed = { closed: true };
    for (const how of [closed, { codes: elsewhere }, { ...closed, codes: elsewhere }]) {
      assert.equal(told(totalsCsv(how)).outcome, 'explained', JSON.stringify(how));
    }
  });

  test('and what is one: two counts that one way of counting gives, and no other', () => {
    const { theirs } = compare(totalsCsv({ missing: 'unauthorised' }));
    const { outcome, couldBe } = told(`Possible,Absent\n${theirs.possible},${theirs.absent}\n`);
    assert.deepEqual([outcome, couldBe], ['explained', false]);
  });

  test('figures that remain are told one by one or several, as they are', () => {
    const [words = ''] = told('Possible\n1\n').sentences;
    assert.match(words, /Below is the figure that remains\./);
    assert.match(
      told('Possible,Absent\n1,1\n').sentences.join(),
      /Below are the 2 figures that remain\./,
    );
  });
});

describe('a summary that is not whole', () => {
  const told = (csv: string, of = register) => {
    const summary = readSummary(csv);
    const comparison = compareWith(of, summary);
    return { comparison, told: toldOf(comparison, summary) };
  };
  const [heading = '', ...rows] = sessionsCsv({}).split('\n').filter(Boolean);
  const wrong = (row = '') => row.replace(/^([^\t]+\t[AP]M)\t(\d+)/, '$1\t999');

  test('never has more figures that differ than it has figures, in any form', () => {
    const codes = told('code,sessions\nI,5900\nO,5925\nJ1,47\nQ,3\nC2,0\n');
    const { compared, differences } = codes.comparison;
    assert.deepEqual([compared, differences.length <= compared], [5, true]);
    assert.match(codes.told.headline, /^[1-5] of 5 figures differ/);
    assert.match(
      codes.told.sentences[0] ?? '',
      /^The summary has \d+ of the \d+ codes of this period; the others were not compared/,
    );
    const two = told([heading, wrong(rows[0]), rows[1]].join('\n'));
    assert.equal(two.comparison.differences.length, 1);
    assert.match(two.told.headline, /^1 of \d+ figures differs/);
    assert.match(
      two.told.sentences[0] ?? '',
      /^The summary has 2 of the \d+ sessions of this period; the others were not compared\. Its rows are of .+: compare it again with that as its first and last day/,
    );
  });

  test('and one of more days than were asked for is compared on those days alone', () => {
    const within = (from: string, to: string, csv = sessionsCsv({})) =>
      told(csv, { ...upTo(to), from, to });
    const whole = within('2026-05-11', '2026-06-10');
    assert.deepEqual([whole.told.outcome, whole.comparison.notInFile.rows], ['agrees', 0]);
    assert.equal(
      whole.told.sentences[0],
      '14 rows of the summary are of sessions before 11 May 2026 or after 10 June 2026: not compared.',
    );
    assert.match(whole.told.readAs[0] ?? '', /^A row for each session: 34 rows, /);
    assert.equal(whole.comparison.theirs.possible, whole.comparison.ours.possible);
    const counted = sessionsCsv({ codes: { D: 'present' } });
    const { comparison } = within('2026-05-13', '2026-06-17', counted);
    assert.deepEqual(
      [comparison.setAside, comparison.explanations.map((way) => way.map(({ id }) => id))],
      [8, [['D-possible-present']]],
    );
    const one = within('2026-05-11', '2026-06-18', [heading, ...rows.slice(0, -1)].join('\n'));
    assert.match(one.told.sentences[0] ?? '', /^1 row of the summary is of a session before/);
  });

  test('agrees in what it has and is not taken for one that agrees', () => {
    const part = told([heading, ...rows.slice(0, 4)].join('\n'));
    assert.deepEqual(part.comparison.differences, []);
    assert.equal(part.told.outcome, 'differs');
    assert.equal(
      part.told.headline,
      'The figures in your summary agree with Rollcall’s, but it is not whole',
    );
    const { from = '', to = '' } = readSummary([heading, ...rows.slice(0, 4)].join('\n'));
    const within = told([heading, ...rows.slice(0, 4)].join('\n'), { ...upTo(to), from, to });
    assert.deepEqual([within.told.outcome, within.comparison.notInFile.rows], ['agrees', 0]);
  });

  test('is explained in what it has, and still is not whole', () => {
    const counted = sessionsCsv({ codes: { D: 'present' } })
      .split('\n')
      .filter(Boolean);
    const part = told(counted.slice(0, -6).join('\n'));
    assert.deepEqual(
      part.comparison.explanations.map((way) => way.map(({ id }) => id)),
      [['D-possible-present']],
    );
    assert.deepEqual([part.comparison.notInFile.rows, part.told.outcome], [6, 'differs']);
    assert.match(part.told.headline, /and we can say why; but the summary is not whole$/);
  });

  test('is explained where a way of counting would leave out what is not there', () => {
    const pupils = told(pupilsCsv({ withoutLeavers: true }));
    assert.equal(pupils.told.outcome, 'explained');
    assert.ok(pupils.comparison.notInFile.rows > 0);
    assert.equal(pupils.comparison.notInFile.left, 0);
  });
});

describe('totals of a period', () => {
  test('in several rows are not taken for one: each is of its own days', () => {
    const { rows, problems } = readSummary(
      'Possible,Absent,From,To\n80,3,2026-11-16,2026-11-20\n90,5,2026-11-23,2026-11-27\n',
    );
    assert.deepEqual(rows, []);
    assert.match(problems[0]?.message ?? '', /^The summary has 2 rows of totals.* Send each row/);
  });

  test('may stand upright, with their days', () => {
    for (const days of [
      'Period from,2026-11-16\nPeriod to,2026-11-20\n',
      'School,A (made-up)\nPeriod:,16/11/2026 - 20/11/2026\n',
    ]) {
      const { rows, from, to, problems } = readSummary(`${days}Possible sessions,80\nAbsent,3\n`);
      assert.deepEqual([from, to, problems], ['2026-11-16', '2026-11-20', []]);
      const { possible, absent } = rows[0]?.figures ?? {};
      assert.deepEqual([possible?.value, absent?.value], [80, 3]);
    }
  });

  test('may have a line below them that is of no figure', () => {
    const { rows, notUsed } = readSummary('Possible,Absent\n80,3\nPrinted by the office,\n');
    assert.deepEqual([rows.length, [...notUsed]], [1, [['rows without a figure', 1]]]);
  });
});
