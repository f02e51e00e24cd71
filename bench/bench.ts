import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { benchCommands } from './commands.ts';
import { benchFolder } from './rollcall.ts';
import {
  type EarlyWarningMeasured,
  measureEarlyWarning,
  printEarlyWarning,
} from './earlyWarning.ts';
import { type EnglandMeasured, measureEngland, printEngland } from './england.ts';
import { benchPages } from './pages.ts';
import { benchPatternRegisters } from './patternRegisters.ts';
import { benchPatterns } from './patterns.ts';
import { benchRegisters } from './registers.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    files: { type: 'string', multiple: true },
    schools: { type: 'string', default: '21000' },
    rate: { type: 'string', default: '20' },
    seconds: { type: 'string', default: '30' },
    only: { type: 'string' },
    england: { type: 'boolean', default: false },
    'early-warning': { type: 'boolean', default: false },
    patterns: { type: 'boolean', default: false },
    registers: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    share: { type: 'string', multiple: true },
    profile: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(`npm run bench -- [options]

  --schools N    made-up schools to load (21000)
  --rate N       requests a second for the pages (20)
  --seconds N    for how long (30)
  --files DIR    published files to time import, reconcile and publish with, in place of made-up ones; may be repeated
  --only WHAT    pages, commands or registers (a file of marks, from the disk to committed; also: npm run bench -- registers)
  --england      a year of all England’s registers and their official statistics, and nothing else
  --early-warning  the scores of all England’s children, and nothing else
  --patterns     what is found of faults put by seed (--seed N) into New York’s daily attendance, where that lies beside the project
  --patterns --registers  what is found of what is built into the made-up England’s registers, of --schools N (at most 2000)
  --share N      of England: 1, 0.1 or 0.01 (all three; of --early-warning 0.01); may be repeated
  --profile      writes a CPU profile of the server into data/bench/profile`);
} else {
  console.log(
    `${availableParallelism()} cores, load ${loadavg()
      .map((load) => load.toFixed(1))
      .join(' ')} before it starts: what else runs here makes it slower.`,
  );
  const schools = Number(values.schools);
  if (values.england) {
    const measured: EnglandMeasured[] = [];
    for (const share of values.share ?? ['0.01', '0.1', '1']) {
      measured.push(await measureEngland(Number(share), benchFolder, { say: console.log }));
      printEngland(measured);
    }
    process.exit();
  }
  if (values['early-warning']) {
    const measured: EarlyWarningMeasured[] = [];
    for (const share of values.share ?? ['0.01']) {
      measured.push(await measureEarlyWarning(Number(share), benchFolder, { say: console.log }));
      printEarlyWarning(measured);
    }
    process.exit();
  }
  if (values.patterns && values.registers) {
    await benchPatternRegisters({ schools: Math.min(schools, 2000), seed: values.seed });
    process.exit();
  }
  if (values.patterns) {
    benchPatterns({ seed: values.seed });
    process.exit();
  }
  if (positionals.includes('registers') || values.only === 'registers') {
    // A school has some 150,000 marks a year.
    await benchRegisters({ schools: Math.min(schools, 40) });
    process.exit();
  }
  if (values.only !== 'commands') {
    await benchPages({
      schools,
      rate: Number(values.rate),
      seconds: Number(values.seconds),
      profile: values.profile,
    });
  }
  if (values.only !== 'pages') await benchCommands({ schools, folders: values.files ?? [] });
}
