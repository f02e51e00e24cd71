import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from '../access/index.ts';
import { Refusal } from '../base/problem.ts';
import { words } from '../ui/index.ts';
import { demoSchoolCount } from './authorities.ts';
import { makeEngland } from './madeUpEngland.ts';
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
    out: { value: 'DIR', help: 'Writes the published files and truth.csv there.' },
  },
  example: './rollcall seed --schools 1000 --seed 7 --out made-up',
  misused: ({ values, switches }) =>
    values['out'] === undefined && !switches.has('demo')
      ? 'makes up schools for the demo’s stores only: add --demo, or --out DIR to write them as files'
      : undefined,
  async run({ stores, output, folder, settings, signal }, { values }) {
    const schools = Number(values['schools'] ?? demoSchoolCount);
    if (values['out']) {
      const into = resolve(folder, values['out']);
      const england = makeEngland({ schools, seed: values['seed'] ?? demoSeed });
      const files = await saveEngland(england, into);
      output.line(
        `${words.plural(schools, 'school')} made up: ${words.plural(files.length, 'file')} and truth.csv in ${into}.`,
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
      signal,
      visitKm: settings.visitKm,
      schools,
      say: (step) => output.line(step),
    });
    return 0;
  },
};
