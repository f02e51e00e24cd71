import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTestStores } from '../testing/stores.ts';
import { publishedYearsToDate } from './areaTotals.ts';
import { importFiles } from './import.ts';
import { findSource } from './sources/index.ts';
import { type Cells, csvOf, filesFolder } from './testFiles.ts';

const columns = (findSource('year-to-date')?.columns ?? []).map(({ name }) => name);

function phase(school_type: string, changes: Cells = {}): Cells {
  return {
    ...Object.fromEntries(columns.map((name) => [name, name.endsWith('_perc') ? 5 : 0])),
    ...{ time_period: 202425, time_identifier: 'Academic year' },
    ...{ geographic_level: 'Local authority', country_code: 'E92000001', country_name: 'England' },
    ...{ region_code: 'E12000008', region_name: 'South East' },
    ...{ new_la_code: 'E06000036', old_la_code: 867, la_name: 'Bracknell Forest' },
    ...{ school_type, num_schools: 12, enrolments: 3000, possible_sessions: 100_000 },
    ...{ overall_attendance: 94_000, present_sessions: 94_000, reason_present: 94_000 },
    ...{ reason_present_am: 50_000, reason_present_pm: 44_000, overall_absence: 6000 },
    ...{ authorised_absence: 6000, reason_i_authorised_illness: 6000 },
    ...changes,
  };
}

test('an authority is summed without the phases whose figures are withheld, and it is said how many these are', async () => {
  const files = filesFolder();
  const { stores, close } = await openTestStores();
  const withheld = Object.fromEntries(
    columns
      .filter((name) => /sessions|absence|attendance|reason|num_schools|enrolments/.test(name))
      .map((name) => [name, 'c']),
  );
  const rows = [
    phase('Primary'),
    // Possible sessions alone would lower the rate.
    phase('Secondary', { overall_absence: 'c' }),
    phase('Special', withheld),
  ];
  const [told] = await importFiles(
    stores,
    [files.write('ytd__2025-03-06.csv', csvOf(rows, columns))],
    {
      folder: files.folder,
    },
  );
  assert.equal(told?.parts.length, 1);
  const [found] = await publishedYearsToDate(stores);
  assert.equal(found?.laCode, '867');
  assert.deepEqual([found.possible, found.absent, found.withheld], [100_000, 6000, 2]);
  assert.equal(found.absencePercent, 6);
  await close();
});
