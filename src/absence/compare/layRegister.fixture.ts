import { parseUpn } from '../../base/upn.ts';
import { pupilKey } from '../../base/pupilKey.ts';
import { pupilSecretOf } from '../../records/index.ts';
import type { Stores } from '../../stores/index.ts';
import { madeUpRegister } from './informationSystem.fixture.ts';

/** Keeps the made-up register as an upload would: pupils under their keys. Gives its receipt. */
export async function layRegister(
  stores: Stores,
  school: { urn: number; laestab: number; laCode: string; regionCode: string },
): Promise<number> {
  const secret = await pupilSecretOf(stores.records);
  const register = madeUpRegister();
  const keyOf = (text: string) => String(pupilKey(parseUpn(text) ?? '', secret));
  const { urn, laestab, laCode, regionCode } = school;
  return stores.write(async ({ warehouse, begin }) => {
    const scope = String(urn);
    const receipt = await begin({ kind: 'marks', scope, title: 'A half-term', digest: scope });
    receipt.detail['history'] = true;
    const { id } = receipt;
    await warehouse.append(
      'register_schools',
      ['receipt', 'urn', 'laestab', 'name', 'phase', 'la_code', 'region_code'],
      [[id, urn, laestab, 'A school', 'secondary', laCode, regionCode]],
    );
    await warehouse.append(
      'register_days',
      ['receipt', 'urn', 'date', 'session', 'open', 'reason'],
      register.calendar.map(({ date, session, open }) => [id, urn, date, session, open, '']),
    );
    await warehouse.append(
      'enrolments',
      [
        ...['receipt', 'urn', 'pupil', 'entry_date', 'leaving_date', 'year_group', 'sex', 'fsm'],
        ...['sen', 'eal', 'ethnicity', 'born'],
      ],
      register.enrolments.map((each, at) => [
        ...[id, urn, keyOf(each.pupil), each.entry_date, each.leaving_date, each.year_group],
        ...[at % 2 ? 'F' : 'M', at % 3 === 0, at % 5 === 0 ? 'K' : 'N', false, 'WBRI', each.born],
      ]),
    );
    await warehouse.append(
      'marks',
      ['receipt', 'urn', 'pupil', 'date', 'session', 'code', 'entered_at', 'entry'],
      register.marks.flatMap(({ pupil, dates, sessions, codes }) =>
        dates.map((date, at) => [
          ...[id, urn, keyOf(pupil), date, sessions[at] as number, codes[at] as string],
          ...[`${date} 09:00:00`, 0],
        ]),
      ),
    );
    return id;
  });
}
