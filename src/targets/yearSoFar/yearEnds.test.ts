import assert from 'node:assert/strict';
import { test } from 'node:test';
import { realFiles, withoutRealData } from '../../testing/realData.ts';
import { feedMoments, judge } from './yearEnds.fixture.ts';

test('on the department’s feed of 2024/25, the year’s end is told several times better before Christmas than by the year so far', {
  skip: withoutRealData,
}, () => {
  const judged = judge(feedMoments(realFiles('dfe-attendance-feed/ytd')));
  const between = (from: string, to: string) =>
    judged.filter(({ when }) => when >= from && when < to);
  for (const each of between('2024-10-01', '2024-12-10')) {
    const told = `${each.schoolType} ${each.when}: ${each.ours} and ${each.asItStands}`;
    const isSpecial = each.schoolType === 'Special';
    assert.ok(each.ours < (isSpecial ? 0.65 : 0.4) * each.asItStands, told);
    assert.ok(Math.abs(each.bias) < 0.35 * Math.abs(each.biasAsItStands), told);
  }
  for (const each of between('2025-02-01', '2025-08-01')) {
    assert.ok(each.ours < each.asItStands + 0.1, `${each.schoolType} ${each.when}`);
  }
  const inside = judged.reduce((sum, each) => sum + each.inside80 * each.count, 0);
  const all = judged.reduce((sum, each) => sum + each.count, 0);
  assert.ok(inside / all > 0.75 && inside / all < 0.95, String(inside / all));
});
