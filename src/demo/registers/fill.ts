import type { Warehouse } from '../../warehouse/index.ts';
import type { MadeUpSchool } from '../school.ts';
import { makeEnrolments, makeMarks, withoutRolls } from './registers.sql.ts';
import { parametersOf, tellRolls } from './told.ts';
import type { RegisterYear } from './year.ts';

/**
 * The enrolments and marks of these schools straight into the warehouse’s tables, under receipts: no file, and no UPN. For
 * measuring at the size of England; what `registers import` does with files is another matter.
 */
export async function fillRegisters(
  warehouse: Pick<Warehouse, 'run' | 'append'>,
  of: RegisterYear,
  {
    schools,
    receipts,
    key,
    since = 0,
    until = 65_535,
    schoolsAtOnce = 200,
    enrolments = true,
  }: {
    schools: readonly MadeUpSchool[];
    receipts: { enrolments: number; marks: number };
    /** The two halves of the installation’s key for pupils, as whole numbers written out. */
    key: readonly [string, string];
    /** Days since 1970, both included. */
    since?: number;
    until?: number;
    schoolsAtOnce?: number;
    /** False for one more day of children who are there already. */
    enrolments?: boolean;
  },
): Promise<void> {
  const parameters = { ...parametersOf(of), key0: key[0], key1: key[1], since, until };
  for (let at = 0; at < schools.length; at += schoolsAtOnce) {
    await tellRolls(warehouse, of, schools.slice(at, at + schoolsAtOnce));
    if (enrolments)
      await warehouse.run(makeEnrolments, { ...parameters, receipt: receipts.enrolments });
    await warehouse.run(makeMarks, { ...parameters, receipt: receipts.marks });
  }
  await warehouse.run(withoutRolls, {});
}
