import { writeFileSync } from 'node:fs';

/* Loaded before a command that is timed: when it ends, the most memory it held (kilobytes) is written down. */
const report = process.env['ROLLCALL_BENCH_PEAK'];
if (report) {
  process.once('exit', () => writeFileSync(report, String(process.resourceUsage().maxRSS)));
}
