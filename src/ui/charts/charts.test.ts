import assert from 'node:assert/strict';
import { test } from 'node:test';
import { everyChart, history, ladder, spread } from '../gallery.fixture.ts';
import { tableCsv } from '../table.ts';
import { calibrationChart } from './calibrationChart.ts';
import { chanceChart } from './chanceChart.ts';
import { coverageChart } from './coverageChart.ts';
import { historyChart } from './historyChart.ts';
import { type LadderRung, ladderChart } from './ladderChart.ts';
import { colours } from './palette.ts';
import { binned, spreadChart } from './spreadChart.ts';

/** The drawings in a chart's markup. */
function drawings(markup: string): string[] {
  return markup.match(/<svg.*?<\/svg>/gs) ?? [];
}

test('every chart is drawn wide and narrow, each named and described', () => {
  for (const chart of everyChart()) {
    const drawn = drawings(chart.svg);
    assert.equal(drawn.length, 2, chart.id);
    drawn.forEach((svg, index) => {
      const variant = ['wide', 'narrow'][index];
      const id = `${chart.id}-${variant}`;
      assert.match(svg, new RegExp(`class="rollcall-chart__${variant}"`));
      assert.match(svg, /role="img"/);
      assert.match(svg, new RegExp(`aria-labelledby="${id}-title ${id}-description"`));
      assert.match(svg, new RegExp(`<title id="${id}-title">[^<]+</title>`));
      assert.match(svg, new RegExp(`<desc id="${id}-description">[^<]{20,}</desc>`));
      assert.match(svg, /viewBox="0 0 \d+ \d+"/);
    });
  }
});

test('no chart carries a style, a script or a warning of the drawing library', () => {
  for (const chart of everyChart()) {
    assert.doesNotMatch(chart.svg, /style|<script|⚠|NaN|undefined|null/, chart.id);
  }
});

test('the same data give the same bytes', () => {
  assert.deepEqual(everyChart(), everyChart());
});

test('a name cannot smuggle markup into a chart', () => {
  const attack = '</title><script>alert(1)</script>';
  for (const { svg } of [
    historyChart({
      ...history,
      schoolName: attack,
      authority: {
        name: attack,
        schoolsText: 'primary schools',
        years: [{ year: 201718, percent: 5 }],
      },
    }),
    ladderChart({
      ...ladder,
      schoolName: attack,
      authorityAverage: { ...ladder.authorityAverage, name: attack },
    }),
    spreadChart({ ...spread, areaName: attack }),
    coverageChart({
      id: 'x',
      title: attack,
      groups: [{ name: attack, coverage80: 0.8, coverage95: 0.95, schools: 9 }],
    }),
  ]) {
    assert.doesNotMatch(svg, /<script/);
    assert.match(svg, /&lt;script/);
  }
});

test('the history’s table has a row a year, gaps included, and the forecast’s year last', () => {
  const { table } = historyChart(history);
  assert.deepEqual(
    table.rows.map((row) => row[0]),
    [201213, 201314, 201415, 201516, 201617, 201718, 201819],
  );
  const lines = tableCsv(table).split('\n');
  assert.match(lines[0]!, /^time_period,school_percent,similar_lower_quartile_percent,/);
  assert.equal(lines[1], '201213,5.92,,,,5.7,,,,,,');
  assert.equal(lines[4], '201516,,4.7,5.15,5.7,,,,,,,');
  assert.equal(lines[7], '201819,,,,,,5.2,4.4,6,3.9,6.5,4.9');
});

test('a year without a figure is a gap in the line, and said to be one', () => {
  const withGap = historyChart(history);
  assert.match(withGap.description, /no figures for 2015\/16/i);
  const schoolLine = /<path[^>]* d="([^"]*)"[^>]*\/>/g;
  const moves = [...drawings(withGap.svg)[0]!.matchAll(schoolLine)].map(
    (path) => path[1]!.split('M').length - 1,
  );
  assert.ok(moves.includes(2), `one line in two pieces: ${moves}`);
});

test('without the right to see it, nothing of a forecast or an expectation is in the chart', () => {
  // The expectation is given here, by mistake: without a forecast it is not shown either.
  const { svg, description, subtitle, table } = historyChart({ ...history, forecast: null });
  const everything = JSON.stringify({ svg, description, subtitle, table });
  assert.doesNotMatch(everything, /forecast|expectation|2018\/19|4\.9%/i);
});

test('the history says in words what it shows', () => {
  assert.equal(
    historyChart(history).description,
    'Absence at Ashgrove Academy was 5.9% in 2012/13 and 5.3% in 2017/18. There are no figures for 2015/16. ' +
      'In 2017/18 half of similar schools were between 5.0% and 6.1%, with 5.5% in the middle. ' +
      'All secondary schools in Elmbridge had 5.2% in 2017/18. The forecast for 2018/19 is 5.2%: between 4.4% and 6.0%, 8 years in 10. The expectation is 4.9%.',
  );
});

test('a school of which nothing or one year is known still has a chart', () => {
  const none = {
    ...history,
    school: [],
    similar: [],
    authority: null,
    forecast: null,
    expectationPercent: null,
  };
  assert.match(historyChart(none).description, /No figures/);
  assert.doesNotMatch(historyChart(none).svg, /NaN/);
  const one = historyChart({ ...none, school: [{ year: 201718, percent: 5 }] });
  assert.match(one.description, /was 5\.0% in 2017\/18\./);
  assert.doesNotMatch(one.svg, /NaN/);
});

test('many years, a pandemic in between, and high levels are drawn without overlapping ticks', () => {
  const years = [201213, 201314, 201415, 201516, 201617, 201718, 201819, 202223, 202324, 202425];
  const { svg, table } = historyChart({
    ...history,
    school: years.map((year, index) => ({ year, percent: 10 + 2 * index })),
    forecast: null,
    expectationPercent: null,
  });
  assert.equal(table.rows.length, 13);
  assert.doesNotMatch(svg, /NaN/);
});

test('the ladder tells each step against the forecast, its year, what is passed and what is not known', () => {
  const { description, table } = ladderChart(ladder);
  for (const said of [
    'Last year known (2017/18): 5.3%.',
    'Expectation (2018/19): 4.9%, 0.3 percentage points lower than the forecast.',
    'Average of secondary schools in Elmbridge (2017/18): 5.4%, 0.2 percentage points higher than the forecast, already there.',
    'Before the pandemic (2018/19): not known.',
  ]) {
    assert.ok(description.includes(said), said);
  }
  assert.equal(table.rows.length, 6);
  assert.equal(ladderChart({ ...ladder, prePandemic: null }).table.rows.length, 5);
  const none = { year: null, percent: null, stands: 'no further', whyNotKnown: 'no good match' };
  assert.match(
    ladderChart({ ...ladder, similarBestQuarter: none as LadderRung }).description,
    /Best quarter of similar schools: no good match/,
  );
});

test('a long name of an authority stands in the words, not across the drawing', () => {
  const name = 'Bournemouth, Christchurch and Poole';
  const { svg, description } = ladderChart({
    ...ladder,
    authorityAverage: { ...ladder.authorityAverage, name },
  });
  assert.match(description, new RegExp(name));
  assert.doesNotMatch(svg.replaceAll(/<desc.*?<\/desc>/gs, ''), new RegExp(name));
});

test('the spread counts every school once and names none', () => {
  const { table, description } = spreadChart(spread);
  const counted = table.rows.reduce((sum, row) => sum + Number(row[2]), 0);
  assert.equal(counted, spread.schoolPercents.length);
  assert.match(description, /^38 schools, from /);
});

test('a school on the edge of a step is counted in the higher one', () => {
  const bins = binned([4, 4.2, 4.4]);
  assert.deepEqual(
    bins.map((bin) => [bin.from, bin.count]),
    [
      [4, 1],
      [4.2, 1],
      [4.4, 1],
    ],
  );
});

test('an area without schools has a chart that says so', () => {
  const { svg, description } = spreadChart({ ...spread, schoolPercents: [], averagePercent: null });
  assert.match(description, /No figures are known/);
  assert.doesNotMatch(svg, /NaN|Infinity/);
});

test('ten dots show the chance in tenths, the words without false certainty', () => {
  const chart = chanceChart({ id: 'c', probability: 0.31, expectationPercent: 4.9 });
  assert.match(chart.description, /3 of them filled: about 3 in 10/);
  const never = chanceChart({ id: 'c', probability: 0.01, expectationPercent: 4.9 });
  assert.match(never.subtitle, /fewer than 1 in 20 schools like this/);
});

test('calibration leaves out tenths that nobody was told', () => {
  const chart = calibrationChart({
    id: 'c',
    what: 'meeting it',
    tenths: [
      { told: 0.05, happened: 0.04, schools: 100 },
      { told: 0.15, happened: 0, schools: 0 },
    ],
  });
  assert.equal(chart.table.rows.length, 1);
});

test('coverage gives each group both shares', () => {
  const chart = coverageChart({
    id: 'c',
    title: 'Held',
    groups: [{ name: 'Special', coverage80: 0.771, coverage95: 0.938, schools: 980 }],
  });
  assert.match(
    chart.description,
    /Special, 980 schools: 77\.1% inside the 80% interval and 93\.8%/,
  );
});

test('colours that carry meaning stand out 3 to 1 from white and from the panel', () => {
  for (const name of [
    'school',
    'schoolRange',
    'similar',
    'authority',
    'expectation',
    'axis',
  ] as const) {
    for (const ground of ['#ffffff', colours.panel, colours.band]) {
      assert.ok(contrast(colours[name], ground) >= 3, `${name} on ${ground}`);
    }
  }
  for (const name of [
    'text',
    'quietText',
    'school',
    'similar',
    'authority',
    'expectation',
  ] as const) {
    assert.ok(contrast(colours[name], '#ffffff') >= 4.5, `text in ${name}`);
  }
});

/** WCAG 2.2's contrast ratio. */
function contrast(one: string, other: string): number {
  const [lighter, darker] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [
    number,
    number,
  ];
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(hex: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
