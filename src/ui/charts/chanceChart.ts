import type { Table } from '../table.ts';
import { roundHalfUp } from '../../base/rate.ts';
import { chance, percent } from '../words.ts';
import type { Chart, Variant } from './chart.ts';
import { type Drawing, draw, points } from './draw.ts';
import { colours } from './palette.ts';

export type ChanceData = {
  id: string;
  /** 0–1: coming out at or below the expectation if nothing special happens. */
  probability: number;
  expectationPercent: number;
};

/** The chance of meeting an expectation by luck, as ten schools of which so many would. */
export function chanceChart(data: ChanceData): Chart {
  const inWords = chance(data.probability);
  const named = {
    id: data.id,
    title: 'How much of this could be luck?',
    description: `Ten dots, ${filledOf(data.probability)} of them filled: ${inWords}.`,
  };
  return {
    ...named,
    subtitle: `If nothing changed, ${inWords} schools like this would still come out at ${percent(data.expectationPercent)} or less.`,
    get svg() {
      return draw(named, (variant) => drawing(data.probability, variant));
    },
    table: {
      caption: 'Chance of meeting the expectation if nothing changes',
      columns: [
        { name: 'expectation_percent', heading: 'Expectation', kind: 'percent' },
        { name: 'probability', heading: 'Chance', kind: 'chance' },
      ],
      rows: [[data.expectationPercent, data.probability]],
    } satisfies Table,
  };
}

function filledOf(probability: number): number {
  return roundHalfUp(probability * 10);
}

function drawing(probability: number, variant: Variant): Drawing {
  const filled = filledOf(probability);
  const { step, r } = variant === 'wide' ? { step: 44, r: 16 } : { step: 31, r: 12 };
  const at = Array.from({ length: 10 }, (_, index) => ({ x: step * index + r + 3, y: r + 3 }));
  return {
    width: variant === 'wide' ? 720 : 320,
    height: 2 * r + 6,
    marks: [
      points(at.slice(0, filled), { r, fill: colours.school, stroke: colours.school }),
      points(at.slice(filled), { r, fill: 'white', stroke: colours.school }),
    ],
  };
}
