import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from '../access/index.ts';
import { Refusal } from '../base/problem.ts';
import { words } from '../ui/index.ts';
import { parseAcademicYear } from '../base/academicYear.ts';
import { parseDay } from '../base/day.ts';
import { demoSchoolCount } from './authorities.ts';
import { makeEngland } from './madeUpEngland.ts';
import { eventKinds, eventsAsked } from './registers/events.ts';
import { saveRegisters } from './registers/save.ts';
import { firstRegisterYear, usualRegisterYear } from './registers/year.ts';
import { saveEngland } from './saveEngland.ts';
import { demoSeed, seedDemo } from './seed.ts';

/** Into stores only in the demo: made-up and real schools never meet. */
export const seedCommand: Command = {
  verb: 'seed',
  summary: 'Makes up an England: with --out as files, with --demo into the demo’s stores.',
  options: {
    schools: {
      value: 'N',
      help: `How many schools, 1 to 24000 (default ${demoSchoolCount}).`,
      accepts: (text) => /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 24_000,
    },
    seed: { value: 'S', help: 'Any text or number: the same seed gives the same bytes.' },
    out: {
      value: 'DIR',
      help: 'Writes the published files, the schools, calendars, pupils and marks of one year, and truth.csv there.',
    },
    year: {
      value: 'YYYYYY',
      help: `The year of the registers, from ${firstRegisterYear} (default ${usualRegisterYear}).`,
      accepts: (text) => (parseAcademicYear(text) ?? 0) >= firstRegisterYear,
    },
    to: {
      value: 'DATE',
      help: 'The last day with marks (default: the whole year).',
      accepts: (text) => parseDay(text) !== undefined,
    },
    with: {
      value: 'KIND[:SIZE[:SHARE]]',
      many: true,
      help: `How much of what is built in: ${Object.keys(eventKinds).join(', ')}. All are, as usual, unless told otherwise.`,
      accepts: (text) => text.split(',').every((each) => eventsAsked([each], []) !== undefined),
    },
    without: {
      value: 'KIND',
      many: true,
      help: 'What is not built in; “events” for none of it, “registers” for no pupils and marks at all.',
      accepts: (text) =>
        text
          .split(',')
          .every((each) => each === 'registers' || eventsAsked([], [each]) !== undefined),
    },
  },
  example: './rollcall seed --schools 1000 --seed 7 --out made-up',
  misused: ({ values, switches }) =>
    values['out'] === undefined && !switches.has('demo')
      ? 'makes up schools for the demo’s stores only: add --demo, or --out DIR to write them as files'
      : undefined,
  async run({ stores, output, folder, settings, signal, clock }, { values }) {
    const listed = (name: string) => values[name]?.split(',') ?? [];
    const schools = Number(values['schools'] ?? demoSchoolCount);
    if (values['out']) {
      const into = resolve(folder, values['out']);
      const england = { schools, seed: values['seed'] ?? demoSeed };
      const files = await saveEngland(makeEngland(england), into);
      output.line(
        `${words.plural(schools, 'school')} made up: ${words.plural(files.length, 'published file')} and truth_schools.csv in ${into}.`,
      );
      const without = listed('without');
      if (without.includes('registers')) return 0;
      const began = performance.now();
      const until = values['to'];
      const { enrolments, marks } = await saveRegisters(into, {
        england,
        year: parseAcademicYear(values['year'] ?? '') ?? usualRegisterYear,
        events: eventsAsked(listed('with'), without) ?? new Map(),
        say: (written) => output.progress(`${words.plural(written.marks, 'mark')} …`),
        signal,
        ...(until === undefined ? {} : { until }),
      });
      output.progress('');
      const seconds = (performance.now() - began) / 1000;
      output.line(
        `${words.plural(enrolments, 'enrolment')} and ${words.plural(marks, 'mark')} in schools.csv, calendars.csv, pupils.csv, marks.csv and amendments.csv, what was built in in truth.csv: ${words.plural(Math.round(marks / seconds), 'mark')} a second.`,
      );
      return 0;
    }
    if (!settings.demo) {
      throw new Refusal(
        'bad-input',
        'Made-up schools go into the demo’s stores only: add --demo, or --out DIR to write them as files.',
      );
    }
    await seedDemo(stores, {
      folder: await mkdtemp(join(tmpdir(), 'rollcall-demo-')),
      ...{ signal, clock },
      visitKm: settings.visitKm,
      schools,
      say: (step) => output.line(step),
    });
    return 0;
  },
};
