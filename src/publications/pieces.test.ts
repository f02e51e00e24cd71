import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTestStores } from '../testing/stores.ts';
import { importFiles } from './import.ts';
import { areaRow, type Cells, csvOf, filesFolder, schoolNumber } from './testFiles.ts';

test('a new year with less than half of the schools of another year is refused, unless it is said to be partial', async () => {
  const apart = await openTestStores();
  const files = filesFolder();
  const names = (contents: Record<string, Cells[]>) =>
    Object.entries(contents).map(([name, rows]) => files.write(name, csvOf(rows)));
  const into = (contents: Record<string, Cells[]>, options = {}) =>
    importFiles(apart.stores, names(contents), { ...options, folder: files.folder });
  const year = (time_period: number, schools: number, changes: Cells = {}) =>
    Array.from({ length: schools }, (_, at) => schoolNumber(at, { time_period, ...changes }));
  const special = { school_type: 'Special' };
  try {
    const first = [...year(201213, 40), ...year(201213, 1, { ...special, urn: 910_001 })];
    await into({ 'first.csv': first });
    const line =
      'stray.csv: it has 1 row of primary schools in 2018/19, against 40 in 2012/13, and seems to be a piece of school absence, three terms, 2018/19. Get the whole file, or add --partial if there are no more schools to be had. Nothing was stored.';
    for (const options of [{}, { dryRun: true }]) {
      await assert.rejects(into({ 'stray.csv': year(201819, 1) }, options), {
        name: 'Refusal',
        message: line,
      });
    }
    await assert.rejects(
      into({ 'cut.csv': year(201314, 40) }),
      /it has 0 rows of special schools in 2013\/14, against 1 in 2012\/13/,
    );
    const whole = [...year(201415, 90), ...year(201415, 1, { ...special, urn: 910_001 })];
    await assert.rejects(
      into({ 'whole.csv': whole, 'half.csv': year(201314, 40) }),
      /half.csv: it has 40 rows of primary schools in 2013\/14, against 90 in 2014\/15/,
    );
    assert.equal((await apart.stores.receipts('school-absence')).length, 1);
    const half = [...year(201314, 20), ...year(201314, 1, { ...special, urn: 910_001 })];
    await into({ 'half.csv': half });
    await into({ 'areas.csv': [areaRow('National', 1, { time_period: 201819 })] });
    const [outcome] = await into({ 'stray.csv': year(201819, 1) }, { partial: true });
    const [part] = outcome?.parts ?? [];
    assert.deepEqual(
      part?.became === 'new' && part.lacks.map(({ schools, most }) => [schools, most]),
      [
        [1, 40],
        [0, 1],
      ],
    );
    const receipt = (await apart.stores.receipts('school-absence')).find(
      ({ scope }) => scope === '201819',
    );
    assert.equal((receipt?.detail['lacks'] as unknown[] | undefined)?.length, 2);
  } finally {
    await apart.close();
    files.remove();
  }
});
