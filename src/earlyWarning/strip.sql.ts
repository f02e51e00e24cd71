import { kernel } from '../absence/index.ts';
import { type Statement, statement } from '../warehouse/index.ts';

/** A child’s week at a school: ten bytes (`base/attendanceCodes.ts`), Monday morning to Friday afternoon. */
export type StripRow = { urn: number; pupil: string; monday: string; bytes: number[] };

/** The weeks from one Monday to a day of these children at these schools, as they are kept. */
export const stripWeeks: Statement<
  StripRow,
  { urns: number[]; pupils: string[]; from: string; to: string }
> = statement(
  'stripWeeks',
  `WITH ${kernel.named([kernel.weeksKept])}
   SELECT urn, toString(pupil) AS pupil, toString(monday) AS monday,
          arrayFlatten(arrayMap(day -> if(addDays(monday, day) > {to:Date}, [0, 0],
            [bitAnd(bitShiftRight(morning, 8 * day), 255), bitAnd(bitShiftRight(afternoon, 8 * day), 255)]), range(5))) AS bytes
   FROM weeks WHERE pupil IN {pupils:Array(UInt64)}
   ORDER BY urn, pupil, monday`,
);
