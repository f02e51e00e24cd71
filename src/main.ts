import {
  UsageError,
  describeVerb,
  failureText,
  listVerbs,
  parseCall,
  runRemotely,
  socketPath,
  terminalOutput,
} from './cli/index.ts';
import { configFromEnvironment } from './config.ts';
import { commands, runHere, serve } from './wiring.ts';

const words = process.argv.slice(2);
const output = terminalOutput();
process.exitCode = await run();

async function run(): Promise<number> {
  try {
    if (words.length === 0 || (words.length === 1 && words[0] === '--help')) {
      output.line(listVerbs(commands));
      return 0;
    }
    const call = parseCall(words, commands);
    if (call.help) {
      output.line(describeVerb(call.command));
      return 0;
    }
    const config = configFromEnvironment({ demo: call.demo });
    if (call.command.verb === 'serve') return await serve(config, call, output);
    const folder = process.cwd();
    const remote = await runRemotely(socketPath(config.dataFolder), words, { folder, output });
    return remote ?? (await runHere(config, call, { folder, output }));
  } catch (error) {
    if (error instanceof UsageError) {
      output.error(error.message);
      return 2;
    }
    output.error(failureText(error));
    return 1;
  }
}
