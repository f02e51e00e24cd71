import { type Command, openTrail, operator } from '../../access/index.ts';
import { parseAcademicYear, yearLabel } from '../../base/academicYear.ts';
import { dayInEngland } from '../../base/clock.ts';
import { type Acceptance, acceptanceFaults, acceptExplained, agreementOf } from '../agreement.ts';
import { countingYearOf } from '../windows.ts';

/**
 * The verb `absence accept`: what the page “Why don’t my numbers match?” does, for a school whose attendance officer is on
 * the telephone. The operator types it; the name, the position and the reason are those of the person at the school.
 */
export const acceptCommand: Command = {
  verb: 'absence accept',
  summary:
    'Accepts the explained difference between a school’s figures and its own system’s, in the name of a person at the school.',
  options: {
    urn: {
      value: 'URN',
      help: 'The school.',
      required: true,
      accepts: (text) => /^[1-9]\d{5}$/.test(text),
    },
    year: {
      value: 'YYYYYY',
      help: 'The year of the summary, as 202526.',
      required: true,
      accepts: (text) => parseAcademicYear(text) !== undefined,
    },
    name: { value: 'NAME', help: 'Who at the school accepts it.', required: true },
    position: { value: 'POSITION', help: 'Their position there.', required: true },
    reason: {
      value: 'TEXT',
      help: 'Why the difference can stand, in 10 to 500 characters. Name no child.',
      required: true,
    },
  },
  example:
    './rollcall absence accept --urn 900001 --year 202526 --name "A. Person (made-up)" --position "Head" --reason "Our system counts dual registration; the registers here do not."',
  misused({ values }) {
    const fault = acceptanceFaults(saidIn(values))[0];
    return fault && `needs --${fault.field}: ${fault.text.toLowerCase()}`;
  },
  async run({ stores, clock, output }, { values }) {
    const urn = Number(values['urn']);
    const year = parseAcademicYear(values['year'] ?? '') ?? 0;
    const trail = openTrail(stores.records, clock, stores.anchors.note);
    const { summary } = await agreementOf(stores, urn, year);
    await acceptExplained(
      { stores, trail, clock },
      { viewer: operator, subject: { urns: [urn] }, from: 'command line' },
      { urn, year, summary: summary?.id ?? 0 },
      saidIn(values),
    );
    const isOver = countingYearOf(dayInEngland(clock())) > year;
    const { state } = await agreementOf(stores, urn, year, { isOver });
    output.line(
      `Accepted for school ${urn}, ${yearLabel(year)}, until a newer summary is kept or the registers change. ${
        state === 'explained and accepted'
          ? 'The school’s registers of the year may now be rested on.'
          : 'The summary is not of all the year: until one is, nothing rests on the school’s registers of it.'
      }`,
    );
    return 0;
  },
};

function saidIn(values: Record<string, string | undefined>): Acceptance {
  const { name = '', position = '', reason = '' } = values;
  return { name, position, reason };
}
