import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { randomStream } from '../../stats/randomStream.ts';
import { compareWith, type Sums } from './compare.ts';
import { madeUpRegister, pupilsCsv } from './informationSystem.fixture.ts';
import type { SchoolRegister } from './register.ts';
import { readSummary } from './summary.ts';
import { outcomeOf } from './told.ts';

const { calendar, ...rest } = madeUpRegister();
const codes = ['N', 'U', 'E', 'I', 'O', 'I', 'N'];

/** Pupils of whom most miss little in 40 sessions, with codes that other systems count as another kind of absence. */
function registerOf(seed: number, pupils = 60): SchoolRegister {
  const stream = randomStream('made-up figures', seed);
  const names = Array.from({ length: pupils }, (_, at) => `pupil ${at}`);
  const open = calendar.filter((each) => each.open).slice(0, 40);
  return {
    ...{ ...rest, calendar },
    enrolments: names.map((pupil) => ({
      ...{ pupil, entry_date: '2020-09-01', leaving_date: '2149-06-06' },
      ...{ year_group: 7, born: '2013-03-01' },
    })),
    marks: names.map((pupil) => {
      const missed = stream.uniform() ** 3 / 3;
      return {
        pupil,
        dates: open.map(({ date }) => date),
        sessions: open.map(({ session }) => session),
        codes: open.map(({ session }) =>
          stream.uniform() < missed ? stream.pick(codes) : session === 0 ? '/' : '\\',
        ),
      };
    }),
  };
}

const outcome = (register: SchoolRegister, csv: string) =>
  outcomeOf(compareWith(register, readSummary(csv)));

const sumsOf = (register: SchoolRegister) =>
  compareWith(register, readSummary('Possible,Absent\n1,1\n'), { rules: [] }).ours;

const isExplained = (register: SchoolRegister, csv: string) =>
  outcome(register, csv) === 'explained';

function csvOf({ possible, absent }: Sums, figures: Record<string, string>): string {
  return `Possible,Absent,${Object.keys(figures).join()}\n${possible},${absent},${Object.values(figures).join()}\n`;
}

const upTo = (most: number) => Array.from({ length: most }, (_, at) => [at + 1, -1 - at]).flat();

describe('figures that somebody made up, beside counts that agree', () => {
  const made = [1, 2, 3].map((seed) => {
    const register = registerOf(seed);
    return { register, ours: sumsOf(register) };
  });

  test('are explained no more often than 3 times in 100, each percentage of sessions', () => {
    const kinds = [
      { heading: 'Unauthorised %', of: 'unauthorised', decimals: 1, most: 15 },
      { heading: 'Unauthorised %', of: 'unauthorised', decimals: 2, most: 30 },
      { heading: 'Authorised absence %', of: 'authorised', decimals: 1, most: 15 },
      { heading: 'Absence %', of: 'absent', decimals: 1, most: 15 },
    ] as const;
    for (const { heading, of, decimals, most } of kinds) {
      const explained = made.flatMap(({ register, ours }) =>
        upTo(most).map((steps) => {
          const percent = (100 * ours[of]) / ours.possible + steps / 10 ** decimals;
          return isExplained(register, csvOf(ours, { [heading]: percent.toFixed(decimals) }));
        }),
      );
      const share = explained.filter(Boolean).length / explained.length;
      assert.ok(share <= 0.03, `${heading} to ${decimals} decimals: ${share}`);
    }
  });

  test('are explained no more often where two percentages of one row are made up', () => {
    const explained = made.flatMap(({ register, ours }) =>
      upTo(20).map((steps) => {
        const percent = (count: number) => ((100 * count) / ours.possible + steps / 10).toFixed(1);
        const figures = {
          'Unauthorised %': percent(ours.unauthorised),
          'Attendance %': percent(ours.attended),
        };
        return isExplained(register, csvOf(ours, figures));
      }),
    );
    assert.ok(explained.filter(Boolean).length <= 0.03 * explained.length);
  });

  test('a percentage of pupils says what the number of them says, and no more', () => {
    for (const { register, ours } of made) {
      for (const more of upTo(12)) {
        const number = ours.persistent + more;
        const percent = (100 * number) / ours.enrolments;
        const ofNumber = outcome(register, csvOf(ours, { PA: String(number) }));
        const ofPercent = outcome(register, csvOf(ours, { 'PA %': percent.toFixed(2) }));
        assert.equal(ofPercent, ofNumber, `${more} pupils`);
        if (Math.abs(more) < 3) assert.equal(ofPercent, 'differs');
      }
    }
  });

  test('a whole percentage of many pupils stands for none of those that are as near', () => {
    const register = registerOf(6, 300);
    const ours = sumsOf(register);
    for (const more of upTo(2)) {
      const percent = Math.round((100 * ours.persistent) / ours.enrolments) + more;
      assert.equal(outcome(register, csvOf(ours, { 'PA %': String(percent) })), 'differs');
    }
  });

  test('are not explained by two rules, whatever their decimals', () => {
    const { register, ours } = made[0] as { register: SchoolRegister; ours: Sums };
    const other = sumsOf({
      ...register,
      marks: register.marks.map((each) => ({
        ...each,
        codes: each.codes.map((code) => (code === 'N' || code === 'U' ? 'I' : code)),
      })),
    });
    const percent = ((100 * other.unauthorised) / other.possible).toFixed(4);
    const csv = csvOf(ours, { 'Unauthorised %': percent });
    assert.deepEqual(
      compareWith(register, readSummary(csv)).explanations.map((way) => way.map(({ id }) => id)),
      [['U-authorised', 'N-authorised']],
    );
    assert.equal(outcome(register, csv), 'differs');
  });
});

describe('what is true of percentages is still explained', () => {
  test('a code of many sessions, in a percentage to two decimals', () => {
    const register = registerOf(5);
    const ours = sumsOf(register);
    const withoutN = register.marks.flatMap((each) => each.codes).filter((code) => code === 'N');
    const percent = (100 * (ours.unauthorised - withoutN.length)) / ours.possible;
    const csv = csvOf(ours, { 'Unauthorised %': percent.toFixed(2) });
    const { nearest } = compareWith(register, readSummary(csv));
    assert.deepEqual(
      [nearest.map(({ id }) => id), outcome(register, csv)],
      [['N-authorised'], 'explained'],
    );
  });

  test('percentages that are cut off, in a row for each pupil', () => {
    assert.equal(outcome(madeUpRegister(), pupilsCsv({ cutOff: true })), 'explained');
  });

  test('pupils at exactly 90%, told as a percentage of all pupils', () => {
    const register = registerOf(6, 300);
    const open = register.marks[0]?.codes.length ?? 0;
    const isAtThreshold = (marks: readonly string[]) =>
      10 * marks.filter((code) => codes.includes(code)).length === open;
    const at = register.marks.filter((each) => isAtThreshold(each.codes)).length;
    const ours = sumsOf(register);
    const percent = (100 * (ours.persistent - at)) / ours.enrolments;
    const csv = csvOf(ours, { 'PA %': percent.toFixed(1) });
    assert.ok(at >= 3, String(at));
    const { nearest } = compareWith(register, readSummary(csv));
    assert.deepEqual(
      [nearest.map(({ id }) => id), outcome(register, csv)],
      [['persistent-below-90'], 'explained'],
    );
  });
});
