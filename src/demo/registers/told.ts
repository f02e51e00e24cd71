import { startYearOf } from '../../base/academicYear.ts';
import type { Cell, Warehouse } from '../../warehouse/index.ts';
import type { MadeUpSchool } from '../school.ts';
import { fieldWords } from '../names.ts';
import { propensities } from './propensities.ts';
import { createRolls, type RegisterParameters, withoutRolls } from './registers.sql.ts';
import { type RegisterYear, rollColumns, rollsOf } from './year.ts';

// biome-ignore format: beginnings and ends of names that nobody has
const beginnings = ['Mer', 'Tam', 'Cor', 'Ys', 'Per', 'Lin', 'Is', 'Row', 'Jor', 'Dev', 'Fen', 'Os', 'Bry', 'Cas', 'Sid', 'Hal', 'Wil', 'Ed', 'Nor', 'Ael'];
// biome-ignore format: the same
const ends = ['rin', 'sel', 'vane', 'olda', 'egrin', 'net', 'bel', 'anne', 'ren', 'erell', 'ella', 'win', 'ony', 'pian', 'mund', 'wen', 'eth', 'ador', 'lynn', 'ick'];
const forenames = beginnings.flatMap((beginning) => ends.map((end) => `${beginning}${end}`));

/** Every school there can be. */
const everySchool = { from: 0, to: 4_294_967_295 };

/** What every statement about these registers takes, for the schools whose rolls the engine was told. */
export function parametersOf(of: RegisterYear): RegisterParameters {
  return {
    ...{ seed: String(of.seed), start: startYearOf(of.year), forenames, surnames: [...fieldWords] },
    middles: propensities.flatMap(({ middle }) => middle),
    spreads: propensities.flatMap(({ spread }) => spread),
    severes: propensities.flatMap(({ severe }) => severe),
    ...everySchool,
    ...{ rollFrom: 0, rollTo: 65_535, ...of.roll },
  };
}

/** Tells the engine of these schools, and of no others. */
export async function tellRolls(
  warehouse: Pick<Warehouse, 'run' | 'append'>,
  of: RegisterYear,
  schools: readonly MadeUpSchool[],
): Promise<void> {
  await warehouse.run(withoutRolls, {});
  await warehouse.run(createRolls, {});
  const rolls = rollsOf(of, schools);
  const rows = rolls.urn.map((_, row) => rollColumns.map((column) => rolls[column][row] as Cell));
  await warehouse.append('made_up_rolls', rollColumns, rows);
}
