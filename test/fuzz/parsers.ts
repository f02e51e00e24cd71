import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { Type } from 'typebox';
import { apiRoute, parseViewer, roleNames, roles, viewerText } from '../../src/access/index.ts';
import { parseBy } from '../../src/absence/ask.ts';
import { readSummary } from '../../src/absence/compare/summary.ts';
import { readChoice } from '../../src/absence/pages/choice.ts';
import { startOfDay } from '../../src/audit/days.ts';
import { findRoute } from '../../src/audit/findRoute.ts';
import { readSearch, searchFieldNames } from '../../src/audit/wanted.ts';
import { academicYear, parseAcademicYear, yearLabel } from '../../src/base/academicYear.ts';
import { csvText } from '../../src/base/csv.ts';
import { parseDay } from '../../src/base/day.ts';
import { holdsUpn, makeUpn, parseUpn, upnFault } from '../../src/base/upn.ts';
import { listenForCommands, parseWords } from '../../src/cli/index.ts';
import { readConfig, settings } from '../../src/config.ts';
import { readSeries } from '../../src/patterns/readSeries.ts';
import { csvRows } from '../../src/publications/csvRows.ts';
import { usualLimits } from '../../src/publications/limits.ts';
import { readPublication } from '../../src/publications/read.ts';
import { recognise } from '../../src/publications/recognise.ts';
import { sources } from '../../src/publications/sources/index.ts';
import { asUtf8, type Characters } from '../../src/publications/utf8.ts';
import { correctable, correctionFault } from '../../src/pupils/correction.ts';
import { parseRecordsAddress } from '../../src/records/connect.ts';
import type { Records, UploadRow } from '../../src/records/index.ts';
import { readOptionsOf } from '../../src/registers/marks/receive.ts';
import { dayIn, readDate } from '../../src/registers/read/dates.ts';
import { readMarks } from '../../src/registers/read/read.ts';
import type { ReadOptions } from '../../src/registers/read/reading.ts';
import { importRoll } from '../../src/registers/roll/import.ts';
import { calendarsKind, pupilsKind } from '../../src/registers/roll/kinds.ts';
import { recordsOf } from '../../src/registers/roll/push.ts';
import {
  type Cells,
  readCalendarDay,
  readPupil,
  readSchool,
} from '../../src/registers/roll/rows.ts';
import { checkDay, checkLastDay, parseAppointment } from '../../src/signIn/appointments.ts';
import { findKey, makeKey } from '../../src/signIn/keys.ts';
import { organisationText } from '../../src/signIn/provider.ts';
import { ownPath } from '../../src/signIn/returnPath.ts';
import { checkSignInSettings, signInDefaults } from '../../src/signIn/settings.ts';
import { createBackup, openBackup } from '../../src/stores/backupFile.ts';
import type { Stores } from '../../src/stores/index.ts';
import { parseWarehouseAddress } from '../../src/warehouse/connect.ts';
import { cookiesOf } from '../../src/web/asker.ts';
import { readForm } from '../../src/web/form.ts';
import { boundaryOf, readMultipart } from '../../src/web/multipart.ts';
import { commands } from '../../src/wiring.ts';
import { mustBeASentence, mustNotTell, readOrRefused } from './fuzz.ts';
import type { HostileProvider } from './hostileProvider.fixture.ts';
import { damaged, damagedBytes, hostileText, mostly, nowhereChild } from './hostile.ts';

/** What some readers need to stand on. */
export type Ground = {
  folder: string;
  records: Records;
  stores: Stores;
  /** Good publications, one of each kind. */
  publications: readonly { name: string; bytes: Buffer }[];
  provider: HostileProvider;
};

/**
 * Everything that reads what comes from outside: `file export`, and what has to hold whatever it is given. One that
 * is new and not here fails a test (parsers.test.ts), unless it reads nothing from outside and says so below.
 */
export const parsers: Record<string, (ground: Ground) => fc.IRawProperty<unknown>> = {
  'base/upn.ts parseUpn': () =>
    fc.property(fc.oneof(hostileText, damaged(nowhereChild.upn)), (text) => {
      const upn = parseUpn(text);
      const fault = upnFault(text.trim().toUpperCase());
      assert.equal(upn === undefined, fault !== undefined);
      if (upn !== undefined) assert.equal(parseUpn(` ${upn.toLowerCase()}\n`), upn);
      if (fault !== undefined) mustNotTell(fault);
    }),

  'base/upn.ts makeUpn': () =>
    fc.property(
      fc.record({
        laCode: fc.integer({ min: 100, max: 999 }).map(String),
        establishment: fc.integer({ min: 0, max: 9999 }),
        year: fc.integer({ min: 1990, max: 2040 }),
        serial: fc.integer({ min: 0, max: 999 }),
      }),
      (given) => assert.equal(parseUpn(makeUpn(given)), makeUpn(given)),
    ),

  'base/day.ts parseDay': () =>
    fc.property(fc.oneof(hostileText, damaged('2026-11-22')), aDay, (text, day) => {
      assert.ok([text, undefined].includes(parseDay(text)));
      assert.equal(parseDay(day), day);
    }),

  'base/academicYear.ts parseAcademicYear': () =>
    fc.property(hostileText, fc.integer({ min: 1000, max: 2998 }), (text, start) => {
      const read = parseAcademicYear(text);
      if (read !== undefined && read >= 100_000) {
        assert.equal(parseAcademicYear(yearLabel(read)), read);
      }
      assert.equal(parseAcademicYear(String(academicYear(start))), academicYear(start));
    }),

  'base/csv.ts csvText': () =>
    fc.asyncProperty(
      fc.array(fc.tuple(hostileText, hostileText), { maxLength: 5 }),
      async (rows) => {
        const text = csvText(
          ['one', 'two'],
          rows.map(([one, two]) => ({ one, two })),
        );
        const read = await rowsOf([Buffer.from(text)]);
        const shown = (cell: string) => cell.toWellFormed();
        const told = rows.map((row) => row.map(shown));
        assert.deepEqual(
          read.slice(1).map((row) => row.map((cell) => cell.replace(/^'/, ''))),
          told.map((row) => row.map((cell) => cell.replace(/^'/, ''))),
        );
        for (const cell of read.flat()) assert.doesNotMatch(cell, /^[=+@\t\r]|^-(?![\d.]+$)/);
      },
    ),

  'publications/csvRows.ts csvRows': () =>
    fc.asyncProperty(hostileText, cuts, async (text, at) => {
      const whole = await readOrRefused(() => rowsOf([Buffer.from(text)]));
      const pieces = await readOrRefused(() => rowsOf(cutUp(Buffer.from(text.toWellFormed()), at)));
      // A piece can end within a character: only text of single bytes is the same however it is cut.
      if (/^[\x20-\x7e\n\r]*$/.test(text)) assert.deepEqual(pieces, whole);
    }),

  'patterns/readSeries.ts readSeries': () =>
    fc.asyncProperty(
      fc.array(
        fc.array(
          mostly([
            ...['school', 'area', 'date', 'group', 'possible', 'absent', 'attendance_percent'],
            ...['2026-09-07', '', '100', '93.5', nowhereChild.name, nowhereChild.upn],
          ]),
          { maxLength: 7 },
        ),
        { maxLength: 8 },
      ),
      async (rows) => {
        const read = await readSeries(given([rows]), 'series.csv');
        const lost = [...read.notUsed.values()].reduce((all, times) => all + times, 0);
        const blank = rows.slice(1).filter((row) => row.every((cell) => cell === '')).length;
        if (!read.notUsed.has('columns')) {
          assert.equal(read.rows + lost + blank, rows.length - 1);
        }
        for (const { message } of read.problems) {
          mustBeASentence(message);
          mustNotTell(message);
        }
      },
    ),

  'publications/utf8.ts asUtf8': () =>
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 300 }),
      hostileText,
      cuts,
      async (bytes, text, at) => {
        await readOrRefused(() => textOf(cutUp(Buffer.from(bytes), at)));
        const wellFormed = text.toWellFormed().replaceAll(/[\0\ufeff]/g, '');
        const whole = Buffer.from(`\ufeff${wellFormed}`);
        assert.equal(await textOf(cutUp(whole, at)), wellFormed);
      },
    ),

  'publications/recognise.ts recognise': () =>
    fc.property(fc.array(mostly(everyColumn), { maxLength: 40 }), (header) => {
      const found = recognise(header);
      if ('fault' in found) mustBeASentence(found.fault.message);
      else assert.ok(found.sources.length > 0);
    }),

  'publications/recognise.ts recognise of a file about children': () =>
    fc.property(
      fc.shuffledSubarray(
        [nowhereChild.name, nowhereChild.upn, nowhereChild.birthday, '7', 'F', ''],
        {
          minLength: 3,
        },
      ),
      (row) => {
        // A list of pupils without its header, sent by mistake: its first row is taken for the names of columns.
        if (!row.includes(nowhereChild.upn) && !row.includes(nowhereChild.birthday)) return;
        const found = recognise(row);
        assert.ok('fault' in found);
        mustNotTell(found.fault.message);
      },
    ),

  'publications/read.ts readPublication': ({ folder, publications }) =>
    fc.asyncProperty(
      fc
        .constantFrom(...publications)
        .chain(({ name, bytes }) => damagedBytes(bytes).map((damage) => ({ name, damage }))),
      async ({ name, damage }) => {
        writeFileSync(join(folder, name), damage);
        const reading = await readPublication(name, { folder });
        for (const { message } of reading.problems) mustBeASentence(message);
        await mustCountEveryRow(reading, damage);
      },
    ),

  'cli/parse.ts parseWords': () =>
    fc.asyncProperty(hostileWords, async (words) => {
      const asked = await readOrRefused(() => parseWords(words, commands));
      if (asked?.what === 'call') assert.ok(commands.includes(asked.call.command));
    }),

  'cli/remote.ts listenForCommands': ({ folder }) =>
    fc.asyncProperty(hostileMessages, async (messages) => {
      const path = join(folder, 'commands.sock');
      const listener = await listenForCommands(path, async ({ words }, { output }) => {
        output.line(words.join(' '));
        return 0;
      });
      try {
        await sendTo(path, messages);
        const good = {
          words: ['still', 'there'],
          folder,
          isTerminal: false,
          settings: { visitKm: 1 },
        };
        const told = await sendTo(path, `${JSON.stringify(good)}\n`);
        assert.equal(
          told,
          `${JSON.stringify({ line: 'still there' })}\n${JSON.stringify({ exit: 0 })}\n`,
        );
      } finally {
        await listener.close();
      }
    }),

  'access/viewer.ts parseViewer': () =>
    fc.asyncProperty(fc.oneof(hostileText, hostileViewer), async (text) => {
      const viewer = await readOrRefused(() => parseViewer(text));
      if (!viewer) return;
      assert.ok(Object.hasOwn(roles, viewer.role));
      assert.deepEqual(parseViewer(viewerText(viewer)), viewer);
    }),

  'access/apiRoute.ts apiRoute': () => {
    const route = apiRoute({
      path: '/api/v1/fuzzed',
      summary: 'Anything',
      needs: 'public statistic',
      params: Type.Object({ urn: Type.Integer({ minimum: 100_000, maximum: 999_999 }) }),
      query: Type.Object(
        {
          q: Type.Optional(Type.String({ maxLength: 100, description: 'words' })),
          page: Type.Integer({ minimum: 1, maximum: 100_000, default: 1, description: 'a page' }),
        },
        { additionalProperties: false },
      ),
      reply: Type.Object({ page: Type.Integer(), urn: Type.Integer() }),
      answer: async ({ params, query }) => ({ body: { page: query.page, urn: params.urn } }),
    });
    return fc.asyncProperty(
      mostly(['100000', '999999']),
      fc.dictionary(mostly(['q', 'page']), mostly(['1', '99999'])),
      async (urn, query) => {
        const ask = { params: { urn }, query } as unknown as Parameters<typeof route.answer>[0];
        await readOrRefused(() => route.answer(ask));
      },
    );
  },

  'config.ts readConfig': () =>
    fc.asyncProperty(
      fc.dictionary(fc.constantFrom(...Object.keys(settings)), mostly(rightSettings)),
      fc.boolean(),
      async (environment, demo) => {
        const config = await readOrRefused(() => readConfig(environment, { demo }));
        if (config) assert.ok(Number.isInteger(config.port) && config.visitKm >= 1);
      },
    ),

  'warehouse/connect.ts parseWarehouseAddress': () =>
    fc.asyncProperty(mostly(rightSettings), async (text) => {
      await readOrRefused(() => parseWarehouseAddress(text));
    }),

  'records/connect.ts parseRecordsAddress': () =>
    fc.asyncProperty(mostly(rightSettings), async (text) => {
      await readOrRefused(() => parseRecordsAddress(text));
    }),

  'signIn/settings.ts checkSignInSettings': () =>
    fc.asyncProperty(
      fc.record({
        issuer: mostly(rightSettings),
        site: mostly(rightSettings),
        clientId: hostileText,
        clientSecret: hostileText,
        scopes: mostly([signInDefaults.scopes]),
        idleMinutes: fc.double(),
        absoluteHours: fc.double(),
      }),
      async (given) => {
        await readOrRefused(() => checkSignInSettings(given, { demo: false }));
      },
    ),

  'signIn/appointments.ts parseAppointment': () =>
    fc.asyncProperty(fc.oneof(hostileText, hostileViewer), async (text) => {
      const given = await readOrRefused(() => parseAppointment(text));
      if (given) assert.ok(!['operator', 'system', 'public'].includes(given.role));
    }),

  'signIn/appointments.ts checkDay and checkLastDay': () =>
    fc.asyncProperty(
      mostly(['2026-09-01']),
      fc.option(mostly(['2027-08-31']), { nil: null }),
      async (from, to) => {
        await readOrRefused(() => {
          checkDay(from);
          checkLastDay('head', from, to);
        });
      },
    ),

  'signIn/returnPath.ts ownPath': () =>
    fc.property(fc.oneof(hostileText, damaged('/schools/900001?a=b'), slashes), (text) => {
      const path = ownPath(text);
      assert.match(path, /^\/(?![/\\])[\x21-\x7e]*$/);
      assert.equal(new URL(path, 'https://own.invalid').origin, 'https://own.invalid');
      assert.equal(ownPath(path), path);
    }),

  'signIn/keys.ts findKey': ({ records }) =>
    fc.asyncProperty(fc.context(), fc.nat(3), hostileText, async (context, kind, text) => {
      const now = new Date('2026-11-22T09:00:00Z');
      const wanted = { name: 'fuzz', urn: '900001', abilities: ['registers:write'], days: 1 };
      const key = await makeKey(records, wanted, now);
      const headers = [
        `Bearer ${text}`,
        `Bearer ${key.text}${text || 'x'}`,
        `Bearer ${key.text.replace(/_\d+_/, `_${text || 0}_`)}`,
        `Bearer ${key.text.slice(0, -1)}`,
      ];
      context.log(String(headers[kind]));
      assert.equal((await findKey(records, `Bearer ${key.text}`, now))?.id, key.id);
      const found = await findKey(records, headers[kind], now);
      // Letters that stand for nothing in the last place are a part of no key.
      assert.equal(found, null);
    }),

  'signIn/provider.ts organisationText': () =>
    fc.property(
      fc.oneof(
        hostileText,
        fc.jsonValue().map((value) => JSON.stringify(value)),
        fc.anything(),
      ),
      (claim) => {
        const text = organisationText(claim);
        if (text !== null) assert.match(text, /^\P{Cc}{1,400}$/u);
      },
    ),

  'signIn/provider.ts connectProvider': ({ provider }) =>
    fc.asyncProperty(provider.lies, async (lie) => {
      const vouched = await readOrRefused(() => provider.finishWith(lie));
      if (!vouched) return;
      for (const text of [vouched.issuer, vouched.subject, vouched.name, vouched.email]) {
        assert.equal(typeof text, 'string');
        assert.ok([...text].length <= 255, 'a claim is shortened');
      }
      assert.ok(vouched.provedAt === null || Number.isFinite(vouched.provedAt.getTime()));
    }),

  'stores/backupFile.ts openBackup': ({ folder }) => {
    const path = join(folder, 'damaged.backup');
    return fc.asyncProperty(
      fc.constant(null).chain(() => damagedBytes(goodBackup.bytes)),
      async (bytes) => {
        writeFileSync(path, bytes);
        const read = await readOrRefused(async () => {
          const { manifest, parts } = await openBackup(path);
          const told: string[] = [];
          await parts(async ({ table, lines }) => void told.push(`${table} ${lines}`));
          return { manifest, told };
        });
        // What is read is what was written, or nothing is.
        if (read) assert.ok(bytes.equals(goodBackup.bytes));
      },
    );
  },

  'stores/backupFile.ts openBackup of one made to do harm': ({ folder }) => {
    const path = join(folder, 'hostile.backup');
    const part = fc.record({ table: mostly(['pupils']), lines: hostileText });
    return fc.asyncProperty(
      hostileManifest,
      fc.array(part, { maxLength: 3 }),
      async (manifest, added) => {
        // Its checksums are right: whoever made it knows how.
        const file = await createBackup(path, { madeAt: '2026-11-22', ...manifest } as never).catch(
          () => null,
        );
        if (!file) return;
        for (const { table, lines } of added) {
          await file.addTable('records', table.replaceAll('\0', ''), [Buffer.from(`${lines}\n`)]);
        }
        await file.finish({ rows: {}, counters: {} });
        const read = await readOrRefused(async () => {
          const backup = await openBackup(path);
          await backup.parts(async () => {});
          return backup.manifest;
        });
        if (read)
          assert.ok(Array.isArray(read.records.migrations) && Array.isArray(read.warehouse.tables));
      },
    );
  },

  'audit/wanted.ts readSearch': () =>
    fc.asyncProperty(
      fc.dictionary(
        fc.constantFrom(...searchFieldNames),
        mostly(['1', 'head', 'read', '2026-11-22']),
      ),
      async (typed) => {
        await readOrRefused(() => readSearch(typed));
      },
    ),

  'audit/days.ts startOfDay': () =>
    fc.asyncProperty(hostileText, aDay, async (text, day) => {
      await readOrRefused(() => startOfDay(text));
      assert.ok(Number.isFinite(startOfDay(day).getTime()));
    }),

  'audit/findRoute.ts findRoute': () =>
    fc.property(fc.oneof(hostileText, damaged('/schools/900001'), slashes), (path) => {
      const found = findRoute([{ method: 'GET', path: '/schools/:urn' } as never], path);
      if (found) assert.deepEqual(Object.keys(found.params), ['urn']);
    }),

  'absence/ask.ts parseBy': () =>
    fc.property(hostileText, (text) => {
      const by = parseBy(text);
      if (by !== undefined) assert.equal(by.join() || 'total', text);
    }),

  'absence/compare/summary.ts readSummary': () =>
    fc.property(fc.oneof(hostileText, damaged(goodSummary)), (text) => {
      const { rows, problems, understood, notUsed } = readSummary(text);
      for (const { figures } of rows) {
        for (const { value } of Object.values(figures)) assert.ok(Number.isFinite(value));
      }
      for (const each of [
        ...problems.map(({ message }) => message),
        ...understood,
        ...notUsed.keys(),
      ]) {
        mustBeASentence(each);
        mustNotTell(each);
      }
    }),

  'absence/pages/choice.ts readChoice': () =>
    fc.property(
      fc.dictionary(
        fc.constantFrom('year', 'from', 'to', 'by', 'and', 'time', 'series', 'known'),
        fc.oneof(hostileText, aDay),
      ),
      fc.boolean(),
      (query, periods) => {
        const clock = () => new Date('2026-11-22T09:00:00Z');
        const { question, faults } = readChoice(query, clock, { periods });
        assert.ok(question.from <= question.to && question.by.length <= 2);
        for (const { text } of faults) mustBeASentence(text);
      },
    ),

  'web/multipart.ts readMultipart': () => {
    const fieldsAndFile = fc.record({
      fields: fc.dictionary(
        mostly(['csrf', 'what', 'do', '__proto__']).filter(isPartName),
        hostileText,
        {
          maxKeys: 4,
        },
      ),
      name: hostileText.map((text) =>
        text
          .replaceAll(/["\r\n]/g, '')
          .toWellFormed()
          .slice(0, 500),
      ),
      bytes: fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        hostileText.map((text) => Buffer.from(text)),
      ),
    });
    return fc.asyncProperty(
      fieldsAndFile,
      cuts,
      fc.nat(),
      async ({ fields, name, bytes }, at, blow) => {
        const short = Object.entries(fields).map(([key, text]): [string, string] => [
          key,
          text.toWellFormed().slice(0, 4000),
        ]);
        const whole = multipart(short, { name, bytes: Buffer.from(bytes) });
        const read = await readMultipart(given(cutUp(whole, at)), partsEnd);
        assert.deepEqual(new Map(Object.entries(read.fields)), new Map(short));
        assert.equal(read.file?.name, name);
        const file = read.file && (await wholeOf(read.file.bytes));
        assert.ok(file?.equals(Buffer.from(bytes)), 'another file came out than went in');
        // Cut off anywhere before its last boundary it is refused: half a file is none.
        const end = blow % whole.lastIndexOf(`\r\n--${partsEnd}`);
        const half = await readOrRefused(async () => {
          const { fields: some, file: rest } = await readMultipart(
            given(cutUp(whole.subarray(0, end), at)),
            partsEnd,
          );
          return { some, rest: rest && (await wholeOf(rest.bytes)) };
        });
        assert.equal(half, undefined, 'half a form is read as a whole one');
      },
    );
  },

  'web/multipart.ts boundaryOf': () =>
    fc.asyncProperty(hostileText, damagedBytes(goodForm), cuts, async (type, bytes, at) => {
      const boundary = boundaryOf(`multipart/form-data; boundary=${type}`) ?? partsEnd;
      assert.ok(boundary.length >= 1 && boundary.length <= 70);
      await readOrRefused(async () => {
        const { fields, file } = await readMultipart(given(cutUp(bytes, at)), boundary);
        assert.ok(Object.values(fields).every((text) => text.length <= 16_384));
        if (file) await wholeOf(file.bytes);
      });
    }),

  'registers/read/read.ts readRegister': () => {
    const options = fc.record(
      {
        urn: fc.constant(900_001),
        urnOfLaestab: fc.constantFrom(
          () => undefined,
          () => 900_002,
        ),
        laestabOf: fc.constantFrom(
          () => undefined,
          () => 9_904_001,
        ),
        dateOrder: fc.constantFrom('dmy', 'mdy'),
        twoDigitYears: fc.constant('20xx'),
        daysInAWeek: fc.constantFrom(5, 7),
      },
      { requiredKeys: [] },
    ) as fc.Arbitrary<Omit<ReadOptions, 'file'>>;
    const bytes = fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...registers).chain(damagedBytes) },
      { weight: 3, arbitrary: tableOf(['urn', 'upn', 'date', 'session', 'code'], markCells) },
      hostileText.map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 300 }).map((some) => Buffer.from(some)),
    );
    return fc.asyncProperty(bytes, options, cuts, async (sent, given, at) => {
      const whole = await readAll([sent], given);
      mustAccountForEveryCell(whole);
      assert.deepEqual(await readAll(cutUp(sent, at), given), whole, 'read otherwise in pieces');
    });
  },

  'registers/read/dates.ts readDate': () =>
    fc.property(
      fc.oneof(hostileText, damaged('Mon 08/09/2025'), damaged('8 Sep 2025 00:00:00')),
      (text) => {
        for (const rules of [{}, { twoDigitYears: '20xx' as const }]) {
          const read = readDate(text, rules);
          for (const day of [dayIn(read, 'dmy'), dayIn(read, 'mdy')]) {
            if (day !== undefined) assert.equal(parseDay(day), day);
            if (day !== undefined) assert.match(day, /^20/);
          }
        }
      },
    ),

  'registers/roll/rows.ts readSchool': () =>
    rowsRead(readSchool, {
      ...{ urn: ['900001'], laestab: ['9904001', '990/4001'], name: ['A school'] },
      ...{ phase: ['primary', 'All-through'], la_code: ['990'], region_code: ['E12000007'] },
    }),

  'registers/roll/rows.ts readCalendarDay': () =>
    rowsRead(readCalendarDay, {
      ...{ urn: ['900001'], date: ['2026-11-16'], am: ['open', 'Closed'], pm: ['closed'] },
      reason: ['', 'training'],
    }),

  'registers/roll/rows.ts readPupil': () =>
    rowsRead(readPupil, {
      ...{ urn: ['900001'], upn: [nowhereChild.upn], surname: [nowhereChild.name] },
      ...{ forename: ['A'], date_of_birth: [nowhereChild.birthday], sex: ['F', ''] },
      ...{ year_group: ['7', 'Reception'], fsm: ['1', ''], sen: ['K', ''], eal: ['no'] },
      ...{
        ethnicity: ['WBRI', ''],
        entry_date: ['2024-09-01'],
        leaving_date: [''],
        class: ['7B', 'Oak Class'],
      },
    }),

  'registers/roll/import.ts importRoll': ({ stores }) => {
    const file = fc.oneof(
      tableOf(['urn', 'date', 'am', 'pm'], calendarCells).map((bytes) => ({
        what: 'calendars',
        bytes,
      })),
      tableOf(Object.keys(pupilCells), pupilCells).map((bytes) => ({ what: 'pupils', bytes })),
      damagedBytes(goodCalendar).map((bytes) => ({ what: 'calendars', bytes })),
    );
    const clock = () => new Date('2026-11-22T09:00:00Z');
    return fc.asyncProperty(file, cuts, async ({ what, bytes }, at) => {
      const sent = [{ name: 'roll.csv', source: () => given(cutUp(bytes, at)) }];
      const options = { clock, dryRun: true };
      const outcome = await readOrRefused(() =>
        what === 'pupils'
          ? importRoll(stores, pupilsKind, sent, options)
          : importRoll(stores, calendarsKind, sent, options),
      );
      if (!outcome) return;
      const { rows, refused, counts, problems, remarks } = outcome;
      assert.ok(refused >= 0 && counts.new + counts.same + counts.changed + refused <= rows);
      for (const { first } of problems) {
        for (const { message } of first) {
          mustBeASentence(message);
          mustNotTell(message);
        }
      }
      for (const remark of remarks) mustBeASentence(remark);
    });
  },

  'registers/roll/push.ts recordsOf': () =>
    fc.asyncProperty(
      fc.oneof(
        hostileText,
        fc.json(),
        fc.array(fc.json(), { maxLength: 4 }).map((lines) => lines.join('\n')),
        damaged(`[{"urn":900001,"upn":"${nowhereChild.upn}"}]`),
      ),
      async (text) => {
        const records = (await readOrRefused(() => recordsOf(text))) ?? [];
        for (const record of records) {
          assert.ok(typeof record === 'object' && record !== null && !Array.isArray(record));
        }
      },
    ),

  'registers/marks/receive.ts readOptionsOf': ({ stores }) =>
    fc.asyncProperty(
      fc.dictionary(
        mostly(['dateOrder', 'twoDigitYears', 'urn', 'daysInAWeek', 'history']),
        fc.oneof(fc.jsonValue(), mostly(['dmy', '20xx', '900009', '5'])),
      ),
      fc.array(fc.integer({ min: 100_000, max: 999_999 }), { maxLength: 2 }),
      async (answers, own) => {
        const upload = { title: 'register.csv', answers } as unknown as UploadRow;
        const options = await readOptionsOf({ stores }, upload, own);
        const { dateOrder, twoDigitYears, urn, daysInAWeek } = options;
        assert.ok([undefined, 'dmy', 'mdy'].includes(dateOrder));
        assert.ok([undefined, '20xx'].includes(twoDigitYears));
        assert.ok([undefined, 5, 7].includes(daysInAWeek));
        assert.ok(urn === undefined || (urn >= 100_000 && urn <= 999_999));
        assert.equal(options.urnOfLaestab?.(1), undefined);
      },
    ),

  'web/form.ts readForm': () =>
    fc.asyncProperty(hostileText, fc.dictionary(hostileText, hostileText), async (text, fields) => {
      await readOrRefused(() => readForm(text));
      const sent = new URLSearchParams(fields);
      const read = await readOrRefused(() => readForm(sent.toString()));
      assert.deepEqual(new Map(Object.entries(read ?? {})), new Map(sent));
    }),

  'web/asker.ts cookiesOf': () =>
    fc.property(hostileText, (header) => {
      for (const [name, value] of cookiesOf(header))
        assert.ok(header.includes(name) && header.includes(value));
      assert.equal(cookiesOf(`${header};rollcall_session=1`).get('rollcall_session'), '1');
    }),

  'pupils/correction.ts correctionFault': () => {
    const aboutAChild = fc.constantFrom(...Object.values(nowhereChild));
    const text = fc.oneof(hostileText, aboutAChild);
    return fc.property(mostly(Object.keys(correctable)), text, text, (field, wanted, because) => {
      const fault = correctionFault({ field, wanted, because });
      if (fault) mustNotTell(fault.text);
    });
  },
};

/** Named like readers, and reading nothing that somebody sends; each with the reason. */
export const readsNothingFromOutside: Record<string, string> = {
  'transparency/evaluation.ts readEvaluation': 'a file of the project itself, held true by a test',
  'transparency/organisation.ts readOrganisation': 'a file of the project itself',
  'transparency/organisation.ts parseOrganisation':
    'the text of that file: whoever runs the system writes it, and a wrong one is a bug',
};

/** Named like readers, and reached by another that is fuzzed above: what it is given comes to them. */
export const fuzzedWithin: Record<string, string> = {
  'registers/read/read.ts readMarks': 'registers/read/read.ts readRegister',
  'registers/read/table.ts readTable': 'registers/read/read.ts readRegister',
  'registers/read/json.ts readJson': 'registers/read/read.ts readRegister',
  'registers/read/ctf.ts readCtf': 'registers/read/read.ts readRegister',
  'registers/read/census.ts readCensus': 'registers/read/read.ts readRegister',
};

// What is tried

const partsEnd = 'zyx-parts-end';
const isPartName = (name: string) => /^[^"\r\n\ud800-\udfff]{1,500}$/.test(name);

/** A form with a file, as a browser sends it. */
function multipart(
  fields: readonly [string, string][],
  file: { name: string; bytes: Buffer },
): Buffer {
  const head = (text: string) =>
    Buffer.from(`--${partsEnd}\r\nContent-Disposition: form-data; ${text}\r\n\r\n`);
  const lineEnd = Buffer.from('\r\n');
  return Buffer.concat([
    ...fields.flatMap(([name, text]) => [head(`name="${name}"`), Buffer.from(text), lineEnd]),
    head(`name="file"; filename="${file.name}"`),
    ...[file.bytes, lineEnd, Buffer.from(`--${partsEnd}--\r\n`)],
  ]);
}

const goodForm = multipart([['csrf', 'token']], {
  name: 'a.csv',
  bytes: Buffer.from('a,b\n1,2\n'),
});

async function wholeOf(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of bytes) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}

/** One register of each form that is read. */
const registers = [
  'wide.csv',
  'long.csv',
  'push.ndjson',
  'wonde.json',
  'census.xml',
  'transfer.xml',
]
  .map((name) => new URL(`../../src/registers/read/examples/${name}`, import.meta.url))
  .map((url) => readFileSync(url));

const markCells: Record<string, string[]> = {
  ...{ urn: ['900001', '900002'], upn: [nowhereChild.upn], session: ['AM', 'PM', '1', 'pm'] },
  ...{ date: ['2025-09-08', '08/09/2025', '9/25/2025', 'Mon 8 Sep 2025'] },
  code: ['/', '\\', 'I', '-', '.', 'QQ'],
};

const calendarCells: Record<string, string[]> = {
  ...{ urn: ['900001', '900002'], date: ['2026-11-16', '16/11/2026', '11/17/2026'] },
  ...{ am: ['open', 'closed'], pm: ['open', 'closed'] },
};
const goodCalendar = Buffer.from('urn,date,am,pm\n900001,2026-11-16,open,closed\n');

const pupilCells: Record<string, string[]> = {
  ...{ urn: ['900001'], upn: [nowhereChild.upn], surname: [nowhereChild.name], forename: ['A'] },
  ...{ date_of_birth: [nowhereChild.birthday], sex: ['F'], year_group: ['7'], fsm: ['1'] },
  ...{ sen: ['K'], eal: ['no'], ethnicity: ['WBRI'], entry_date: ['2024-09-01'] },
  leaving_date: ['', '2026-07-21'],
};

/** A table of these columns, most of whose cells are right; each cell quoted as it has to be. */
function tableOf(
  columns: readonly string[],
  right: Readonly<Record<string, readonly string[]>>,
): fc.Arbitrary<Buffer> {
  const cell = (column: string) =>
    fc.oneof(
      { weight: 12, arbitrary: fc.constantFrom(...(right[column] ?? [''])) },
      mostly(right[column] ?? ['']),
    );
  const row = fc.tuple(...columns.map(cell));
  return fc.array(row, { minLength: 1, maxLength: 6 }).map((rows) => {
    const quoted = rows.map((cells) =>
      cells.map((text) => `"${text.slice(0, 3000).replaceAll('"', '""')}"`).join(','),
    );
    return Buffer.from([columns.join(','), ...quoted].join('\n'));
  });
}

/** The same bytes, as often as they are asked for, in the same pieces. */
async function readAll(pieces: readonly Buffer[], options: Omit<ReadOptions, 'file'>) {
  const reading = await readOrRefused(() =>
    readMarks(() => given(pieces), { ...options, file: 'register' }),
  );
  assert.ok(reading, 'a register is read or told of, and never refused by throwing');
  return reading;
}

function mustAccountForEveryCell(reading: Awaited<ReturnType<typeof readAll>>): void {
  const { counted, problems, marks, counts, complete, found } = reading;
  const { cells, blank, notRead, byKind } = counted;
  if (complete) assert.equal(cells, counted.marks + blank + notRead, 'a place for a mark is lost');
  assert.equal(
    Object.values(byKind).reduce((sum, some) => sum + some, 0),
    notRead,
  );
  // Of a census return that breaks off no count is handed out.
  const all = complete || found.form !== 'census-xml';
  if (all) assert.equal(counted.marks, marks.length + counts.length);
  for (const { message, column = '' } of problems) {
    mustBeASentence(message);
    mustNotTell(message);
    assert.ok(!holdsUpn(column), 'a problem repeats a UPN');
  }
  for (const { urn, upn, date, session, code, reason = '' } of marks) {
    assert.ok(urn >= 100_000 && urn <= 999_999 && upn !== '');
    assert.equal(parseDay(date), date);
    assert.ok(session === 'AM' || session === 'PM');
    assert.ok(code.length >= 1 && code.length <= 4 && reason.length <= 200);
  }
}

/** A row is read, or what is wrong with its cells is told without repeating them; never both, never neither. */
function rowsRead(
  read: (cells: Cells) => object | undefined,
  right: Readonly<Record<string, readonly string[]>>,
): fc.IRawProperty<unknown> {
  const cellsOf = Object.entries(right).map(([column, values]) =>
    fc.tuple(
      fc.constant(column),
      fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...values) }, mostly(values)),
    ),
  );
  return fc.property(fc.tuple(...cellsOf), (row) => {
    const texts = new Map(row);
    const faults: string[] = [];
    const text = (column: string) => texts.get(column)?.trim() ?? '';
    const wrong = (_column: string, { message }: { message: string }) =>
      void faults.push(message) as undefined;
    const day = (column: string) =>
      parseDay(text(column)) ?? wrong(column, { message: 'There is no date here.' });
    const remark = (_column: string, { message }: { message: string }) => {
      mustBeASentence(message);
      mustNotTell(message);
      return null;
    };
    const found = read({ text, day, wrong, remark });
    assert.equal(found === undefined, faults.length > 0, faults.join(' '));
    for (const message of faults) {
      mustBeASentence(message);
      mustNotTell(message);
    }
    // What is read is a value of its own kind, and nothing that the language has by that name.
    for (const value of Object.values(found ?? {})) {
      assert.ok(value === null || ['string', 'number', 'boolean'].includes(typeof value));
    }
  });
}

const goodSummary = [
  'UPN,Name,Possible,Absent,Attendance %',
  `${nowhereChild.upn},${nowhereChild.name},120,12,90.0%`,
  `${nowhereChild.upn},${nowhereChild.birthday},120,${nowhereChild.name},90.0%`,
].join('\n');

const aDay = fc
  .date({ min: new Date('1900-01-01'), max: new Date('2199-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));

const slashes = fc.string({
  unit: fc.constantFrom('/', '\\', '.', '%2f', '%5c', ':', '@', '?', '#', 'a', '\t', '\n', '%'),
  maxLength: 12,
});

const cuts = fc.array(fc.nat(400), { maxLength: 4 });

function cutUp(bytes: Buffer, at: readonly number[]): Buffer[] {
  const ends = [...at.filter((end) => end < bytes.length), bytes.length].sort((a, b) => a - b);
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

async function* given<Piece extends { length: number }>(
  chunks: readonly Piece[],
): AsyncGenerator<Piece> {
  for (const chunk of chunks) if (chunk.length > 0) yield chunk;
}

async function rowsOf(chunks: readonly Buffer[]): Promise<string[][]> {
  const rows: string[][] = [];
  for await (const some of csvRows(given(chunks), usualLimits)) rows.push(...some);
  return rows;
}

async function textOf(chunks: readonly Buffer[]): Promise<string> {
  const characters: Characters = { encoding: 'UTF-8' };
  const parts: Buffer[] = [];
  for await (const part of asUtf8(given(chunks), characters)) parts.push(part);
  return Buffer.concat(parts).toString();
}

const everyColumn = sources.flatMap((source) => source.columns.map((column) => column.name));

/** No row is lost: each is used, or not used for a reason that is counted, or a problem tells of it. */
async function mustCountEveryRow(
  reading: Awaited<ReturnType<typeof readPublication>>,
  bytes: Buffer,
): Promise<void> {
  if (!reading.toTheEnd || reading.sources.length === 0) return;
  const brokeOff = reading.problems.some(
    ({ row, kind }) => row === undefined || kind === 'not-utf-8',
  );
  const characters: Characters = { encoding: 'UTF-8' };
  let rows = 0;
  try {
    for await (const some of csvRows(asUtf8(given([bytes]), characters), usualLimits))
      rows += some.length;
  } catch {
    return;
  }
  if (brokeOff || rows === 0) return;
  const sum = (counts: Iterable<number>) => [...counts].reduce((total, count) => total + count, 0);
  const used = sum(reading.parts.map((part) => part.rows));
  const withProblems = new Set(reading.problems.map(({ row }) => row)).size;
  assert.equal(used + sum(reading.notUsed.values()) + withProblems, rows - 1, 'a row is lost');
}

const hostileWords = fc
  .constantFrom(...commands)
  .chain(({ verb, options }) =>
    fc.tuple(
      fc.oneof(
        { weight: 5, arbitrary: fc.constant(verb.split(' ')) },
        fc.array(hostileText, { maxLength: 3 }),
      ),
      fc.array(
        fc.oneof(
          mostly(Object.keys(options).map((name) => `--${name}`)),
          mostly([
            '1',
            '2026-11-22',
            'head:900001',
            '--as',
            '--demo',
            '--',
            '--help',
            '-x',
            '--as=',
          ]),
        ),
        { maxLength: 8 },
      ),
    ),
  )
  .map(([verb, rest]) => [...verb, ...rest]);

const hostileMessages = fc.oneof(
  hostileText,
  fc.jsonValue().map((value) => `${JSON.stringify(value)}\n`),
  fc
    .record({
      words: fc.oneof(fc.jsonValue(), fc.array(hostileText, { maxLength: 2 })),
      folder: fc.jsonValue(),
      settings: fc.jsonValue(),
    })
    .map((message) => `${JSON.stringify(message)}\nnull\n{"interrupt":true}\n`),
);

async function sendTo(path: string, text: string): Promise<string> {
  const socket = createConnection(path).setEncoding('utf8');
  let told = '';
  socket.on('data', (part) => (told += String(part)));
  socket.on('error', () => {});
  socket.end(text);
  await once(socket, 'close');
  return told;
}

const hostileViewer = fc
  .tuple(
    fc.constantFrom(...roleNames),
    mostly(['900001', '990', '12', '900001/7B', 'E12000009', 'north-coast']),
  )
  .map(([role, scope]) => `${role}:${scope}`);

const rightSettings = [
  ...[
    'embedded:./x',
    'embedded:',
    'http://user:secret@host:8123/database?cluster=a',
    'https://[::1]',
  ],
  ...[
    'postgres://user:secret@host:5432/database',
    'postgres://',
    'https://site.example',
    '1',
    '3000',
  ],
];

const tables = fc.array(fc.record({ table: mostly(['pupils']), columns: fc.jsonValue() }), {
  maxLength: 2,
});
const hostileManifest = fc.oneof(
  fc.dictionary(hostileText, fc.jsonValue()),
  fc.record(
    {
      format: fc.oneof(fc.constant(1), fc.jsonValue()),
      madeAt: fc.oneof(fc.constant('2026-11-22T09:00:00Z'), fc.constant('never')),
      demo: fc.oneof(fc.constant(true), fc.jsonValue()),
      records: fc.oneof(
        fc.jsonValue(),
        fc.record({ migrations: fc.array(hostileText), tables, leftOut: fc.array(hostileText) }),
      ),
      warehouse: fc.oneof(
        fc.jsonValue(),
        fc.record({ migrations: fc.array(fc.integer()), tables }),
      ),
    },
    { requiredKeys: [] },
  ),
);

/** Filled before the first property runs (`makeGoodBackup`). */
const goodBackup: { bytes: Buffer } = { bytes: Buffer.alloc(0) };

export async function makeGoodBackup(path: string, read: (path: string) => Buffer): Promise<void> {
  const file = await createBackup(path, {
    ...{ format: 1, madeAt: '2026-11-22T09:00:00.000Z', demo: true },
    records: { migrations: ['001_receipts'], tables: [], leftOut: [] },
    warehouse: { migrations: [1], tables: [] },
  });
  await file.addTable('records', 'pupils', [Buffer.from('{"id":1}\n{"id":2}\n')]);
  await file.addTable('warehouse', 'absence', [Buffer.from('1\t2\n'.repeat(400))]);
  await file.finish({ rows: { 'records/pupils': 2, 'warehouse/absence': 400 }, counters: {} });
  goodBackup.bytes = read(path);
}
