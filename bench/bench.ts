import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { benchCommands } from './commands.ts';
import { benchPages } from './pages.ts';

const { values } = parseArgs({
  options: {
    files: { type: 'string', multiple: true },
    schools: { type: 'string', default: '21000' },
    rate: { type: 'string', default: '20' },
    seconds: { type: 'string', default: '30' },
    only: { type: 'string' },
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
  --only WHAT    pages or commands
  --profile      writes a CPU profile of the server into data/bench/profile`);
} else {
  console.log(
    `${availableParallelism()} cores, load ${loadavg()
      .map((load) => load.toFixed(1))
      .join(' ')} before it starts: what else runs here makes it slower.`,
  );
  const schools = Number(values.schools);
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
