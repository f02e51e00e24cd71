import { type Command, type CommandContext, type CommandInput } from '../../access/index.ts';
import { csvText } from '../../base/csv.ts';
import { dayInEngland } from '../../base/clock.ts';
import { daysAfter, parseDay } from '../../base/day.ts';
import { alertsTold } from '../../records/index.ts';
import { directoriesOf } from '../../schools/index.ts';
import { words } from '../../ui/index.ts';
import { alertOfRow, type ToldAlert } from './alert.ts';
import { maySeeAlert } from './maySee.ts';
import { runPatterns } from './run.ts';
import { sentenceOf } from './sentence.ts';

const isDay = (text: string) => parseDay(text) !== undefined;
const isPositive = (text: string) => /^\d{1,4}(\.\d{1,6})?$/.test(text) && Number(text) > 0;

/** The verbs on our own registers: `patterns run` looks and keeps, `patterns list` says what was told. */
export const registerPatternCommands: readonly Command[] = [
  {
    verb: 'patterns run',
    summary:
      'Looks at every school’s registers for what is unusual, and keeps what is new of it. A running site does so once a day after registers came; after an import where none runs, this does.',
    options: {
      on: {
        value: 'DATE',
        help: 'At the end of which day, with what had come by then; yesterday, with what stands now.',
        accepts: isDay,
      },
      alarms: {
        value: 'N',
        help: 'About how many false alarms a school may have in a year (1).',
        accepts: isPositive,
      },
      'false-share': {
        value: 'SHARE',
        help: 'Of what is told of one day, at most this share is to be chance, as 0.2; no such limit without it.',
        accepts: (text) => isPositive(text) && Number(text) < 1,
      },
    },
    example: './rollcall patterns run --on 2026-11-20',
    run,
  },
  {
    verb: 'patterns list',
    summary: 'Lists what was told of patterns in registers, the newest first.',
    options: {
      level: {
        value: 'school|la',
        help: 'Of schools, or of areas and of everybody; both without it.',
        accepts: (text) => text === 'school' || text === 'la',
      },
      since: {
        value: 'DATE',
        help: 'From this day on; of the last four weeks without it.',
        accepts: isDay,
      },
      why: { help: 'Prints each as a sentence with its numbers.' },
      out: { value: 'FILE', help: 'Writes every one as CSV.' },
      json: { help: 'Prints every one as JSON.' },
    },
    example: './rollcall patterns list --level school --why',
    open: true,
    run: list,
  },
];

async function run({ stores, output, clock, signal }: CommandContext, { values }: CommandInput) {
  const share = values['false-share'];
  const ran = await runPatterns(
    { stores, directories: directoriesOf(stores), clock },
    {
      ...{ on: values['on'], signal, alarmsAYear: Number(values['alarms'] ?? 1) },
      falseShare: share === undefined ? undefined : Number(share),
    },
  );
  for (const alert of ran.told) output.line(`${placeOf(alert)}: ${sentenceOf(alert)}`);
  output.line(
    ran.lastDay === null
      ? `No register had come by ${ran.on}, so nothing was looked at.`
      : `${words.plural(ran.schools, 'school')} in ${words.number(ran.series)} series were looked at, up to ${ran.lastDay}: ${words.plural(ran.told.length, 'new alert')}. About ${Number(values['alarms'] ?? 1)} a school and year would come by chance.`,
  );
  return 0;
}

const listColumns = [
  ...['id', 'scope', 'urn', 'la_code', 'group', 'kind', 'happened_on', 'started_on', 'told_on'],
  ...[
    'observed_percent',
    'expected_percent',
    'lower_percent',
    'upper_percent',
    'score',
    'sentence',
  ],
];

async function list(context: CommandContext, { values, switches }: CommandInput): Promise<number> {
  const { stores, viewer, output, clock, writeFile } = context;
  const since = values['since'] ?? daysAfter(dayInEngland(clock()), -28);
  const rows = await alertsTold(stores.records, {
    since,
    ...(values['level'] === 'school' ? { scopes: ['school' as const] } : {}),
    ...(values['level'] === 'la' ? { scopes: ['area' as const, 'national' as const] } : {}),
  });
  const directory = await directoriesOf(stores)();
  const alerts = rows.map(alertOfRow).filter((alert) => maySeeAlert(viewer, alert, directory));
  if (values['out'] !== undefined)
    await writeFile(values['out'], csvText(listColumns, alerts.map(rowOf)));
  if (switches.has('json')) output.line(JSON.stringify(alerts.map(rowOf), null, 2));
  else {
    for (const alert of alerts)
      output.line(
        switches.has('why')
          ? `${alert.toldOn} ${placeOf(alert)}: ${sentenceOf(alert)}`
          : `${alert.toldOn} ${placeOf(alert)}: ${alert.kind}, ${alert.happenedOn}`,
      );
    output.line(`${words.plural(alerts.length, 'alert')} since ${since}.`);
  }
  return 0;
}

function placeOf({ scope, urn, laCode }: Pick<ToldAlert, 'scope' | 'urn' | 'laCode'>): string {
  return scope === 'school' ? `School ${urn}` : scope === 'area' ? `Area ${laCode}` : 'Everywhere';
}

function rowOf(alert: ToldAlert) {
  return {
    ...{
      id: alert.id,
      scope: alert.scope,
      urn: alert.urn || null,
      la_code: alert.laCode,
      group: alert.group,
    },
    ...{
      kind: alert.kind,
      happened_on: alert.happenedOn,
      started_on: alert.startedOn,
      told_on: alert.toldOn,
    },
    ...{ observed_percent: alert.observedPercent, expected_percent: alert.expectedPercent },
    ...{ lower_percent: alert.lowerPercent, upper_percent: alert.upperPercent },
    ...{ score: alert.score, sentence: sentenceOf(alert) },
  };
}
