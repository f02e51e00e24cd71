import { type DataFlow, dataClasses, dataClassNames, type Door } from '../access/index.ts';
import { absenceFlows } from '../absence/index.ts';
import { auditFlows } from '../audit/index.ts';
import { cliFlows } from '../cli/index.ts';
import { earlyWarningFlows } from '../earlyWarning/index.ts';
import { digestFlows } from '../digest/index.ts';
import { patternFlows } from '../patterns/index.ts';
import { publicationFlows } from '../publications/index.ts';
import { pupilFlows } from '../pupils/index.ts';
import { registerFlows } from '../registers/index.ts';
import { signInFlows } from '../signIn/index.ts';
import { targetFlows } from '../targets/index.ts';
import { words } from '../ui/index.ts';
import { webFlows } from '../web/index.ts';
import { type Arrow, type Block, type Document, list, tableOf, text } from './document.ts';
import { purposesOf, shownTo } from './shownTo.ts';

/** Every way in which data come in, are held and go out, as each part of Rollcall tells it of itself. */
export const dataFlows: readonly DataFlow[] = [
  ...pupilFlows,
  ...registerFlows,
  ...signInFlows,
  ...auditFlows,
  ...absenceFlows,
  ...earlyWarningFlows,
  ...patternFlows,
  ...digestFlows,
  ...targetFlows,
  ...publicationFlows,
  ...webFlows,
  ...cliFlows,
];

export const toConfirm = 'To be confirmed by the controller';

export function dataFlowsDocument(): Document {
  return {
    name: 'data-flows',
    title: 'Data flows and lawful bases',
    about:
      'Which data come into Rollcall and from whom, whose they are, where they are held and for how long, on which basis, and who gets to see them. Each part of the program describes its own; who may see what is read from the table that decides every request.',
    sections: [
      { heading: 'At a glance', blocks: [overview(), { kind: 'arrows', arrows: arrows() }] },
      { heading: 'Lawful bases', blocks: bases() },
      { heading: 'Who may see which class of data', blocks: [classes()] },
      ...dataFlows.map((flow) => ({
        heading: flow.title,
        blocks: [...text(flow.about), facts(flow), ...columns(flow)],
      })),
    ],
  };
}

function overview(): Block {
  return tableOf(
    'What is held',
    ['What', 'Whose', 'From', 'Held in'],
    dataFlows.map((flow) => [
      flow.title,
      words.sentence(flow.whose ?? 'nobody’s: no personal data'),
      flow.comesFrom.map(({ who }) => who).join('; '),
      heldIn(flow),
    ]),
  );
}

export function tablesOf({ holds }: DataFlow): { records: string[]; warehouse: string[] } {
  return {
    records: Object.keys(holds.records ?? {}),
    warehouse: Object.keys(holds.warehouse ?? {}),
  };
}

function heldIn(flow: DataFlow): string {
  const { records, warehouse } = tablesOf(flow);
  const parts = [
    ...(records.length > 0 ? [`records: ${records.join(', ')}`] : []),
    ...(warehouse.length > 0 ? [`warehouse: ${warehouse.join(', ')}`] : []),
  ];
  return parts.length > 0 ? words.sentence(parts.join('; ')) : 'Nowhere: no table';
}

/** Who gives → what → who gets. */
function arrows(): Arrow[] {
  const found = dataFlows.flatMap(({ title, comesFrom, goesTo }) => [
    ...comesFrom.map(({ who }) => ({ from: who, to: title })),
    ...goesTo.map(({ who }) => ({ from: title, to: who })),
  ]);
  return [...new Map(found.map((arrow) => [`${arrow.from} → ${arrow.to}`, arrow])).values()];
}

function bases(): Block[] {
  const personal = dataFlows.filter(({ basis }) => basis !== null);
  return [
    tableOf(
      'On which basis personal data are processed',
      ['What', 'UK GDPR', 'The law it rests on', 'Special category', toConfirm],
      personal.map(({ title, basis }) => [
        title,
        basis?.article6 ?? '',
        basis?.law.join('; ') ?? '',
        basis?.special ? `${basis.special.what} ${basis.special.condition}` : 'None',
        basis?.toConfirm.join(' ') ?? '',
      ]),
    ),
    ...text(
      `The controller is whoever runs this system. What stands under “${toConfirm}” is our reading of the law and no legal advice.`,
    ),
  ];
}

function classes(): Block {
  return tableOf(
    'Who may see it, from the policy’s table',
    ['Class of data', 'What it is', 'Who may see it', 'For what'],
    dataClassNames.map((data) => [
      words.sentence(data),
      dataClasses[data],
      words.sentence(shownTo(data).join('; ')),
      purposesOf(data).join('; ') || 'No purpose is asked for',
    ]),
  );
}

function facts(flow: DataFlow): Block {
  const doors = (all: readonly Door[]) => all.map(({ who, how }) => `${who}: ${how}`).join(' ');
  return tableOf(
    `${flow.title}: in, held, out`,
    ['Question', 'Answer'],
    [
      ['Whose data', words.sentence(flow.whose ?? 'nobody’s: no personal data')],
      ['Comes from', doors(flow.comesFrom)],
      ['Held in', heldIn(flow)],
      ['Kept', flow.kept],
      ['Classes of the policy', flow.classes.map(words.sentence).join(', ') || 'Shown to nobody'],
      ['Leaves the system', doors(flow.goesTo) || 'Only as pages that are shown'],
    ],
  );
}

function columns(flow: DataFlow): Block[] {
  const { records = {}, warehouse = {} } = flow.holds;
  const ofRecords = Object.entries(records).map(([table, meanings]) =>
    tableOf(`Table ${table}`, ['Column', 'What it holds'], Object.entries(meanings)),
  );
  const ofWarehouse = Object.entries(warehouse).map(([table, what]) => `${table}: ${what}`);
  return [...ofRecords, ...(ofWarehouse.length > 0 ? [list(ofWarehouse)] : [])];
}
