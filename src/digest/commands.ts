import { type Command, trailOf, viewerText } from '../access/index.ts';
import { dayInEngland } from '../base/clock.ts';
import { mondayOnOrBefore, parseDay } from '../base/day.ts';
import { Refusal } from '../base/problem.ts';
import { directoriesOf } from '../schools/index.ts';
import type { Stores } from '../stores/index.ts';
import { words } from '../ui/index.ts';
import { type Alerts, lastWeekBefore } from './compose.ts';
import { previewDigests, sendDigests } from './send.ts';

/** The verb `digest send`, which the operator has. */
export function digestCommands(alertsOf: (stores: Stores) => Alerts): Command[] {
  return [
    {
      verb: 'digest send',
      summary: 'Sends the weekly digest by e-mail to heads, authorities and the department, once.',
      options: {
        'dry-run': { help: 'Prints what would be sent, and sends and keeps nothing.' },
        week: {
          value: 'DATE',
          help: 'A day of the week that it is of; the last week that is over where none is said.',
          accepts: (text) => parseDay(text) !== undefined,
        },
      },
      example: './rollcall digest send --dry-run',
      async run({ stores, clock, output, settings, signal }, { values, switches }) {
        const parts = {
          ...{ stores, clock, directories: directoriesOf(stores) },
          alerts: alertsOf(stores),
        };
        const today = dayInEngland(clock());
        const latest = lastWeekBefore(today);
        const week = values['week'] ? mondayOnOrBefore(values['week']) : latest;
        if (week > latest) {
          throw new Refusal('bad-input', `The week of ${week} is not over. Give an earlier day.`);
        }
        if (switches.has('dry-run')) {
          const mail = settings.mail ?? { server: '', from: '', site: '' };
          const previews = await previewDigests({ ...parts, mail }, week);
          for (const { person, viewer, isNew, message } of previews) {
            output.line(
              `To person ${person}, ${viewerText(viewer)}${isNew ? '' : ', who has it already'}:`,
            );
            output.line(message.text);
          }
          output.line(`${words.plural(previews.length, 'digest')}. Nothing was sent.`);
          return 0;
        }
        if (!settings.mail) {
          throw new Refusal(
            'not-ready',
            'No mail server is set, so nothing can be sent. Set ROLLCALL_MAIL_SERVER and ROLLCALL_MAIL_FROM (docs/settings.md), or add --dry-run.',
          );
        }
        const trail = trailOf(stores, clock);
        const done = await sendDigests({ ...parts, trail, mail: settings.mail }, week, signal);
        output.line(
          `Week of ${week}: ${done.sent} sent, ${done.before} had it before, ${done.nothing} with nothing to tell, ${done.refused} not taken by the mail server, ${done.unsure} unsure and not sent again, ${done.withoutAddress} without an address that can be written to, ${done.failed} failed (--dry-run says why).`,
        );
        return done.refused + done.unsure + done.withoutAddress + done.failed > 0 ? 1 : 0;
      },
    },
  ];
}
