import {
  type Command,
  type CommandContext,
  type CommandInput,
  trailOf,
  operator,
  viewerText,
} from '../access/index.ts';
import { parseAcademicYear } from '../base/academicYear.ts';
import { Refusal } from '../base/problem.ts';
import { directoriesOf } from '../schools/index.ts';
import { setAside, takeBack } from './overrule.ts';
import { findIssued } from './show.ts';
import { overruleReasons, type Suggestion } from './suggestion.ts';

const isYear = (text: string) => parseAcademicYear(text) !== undefined;

/** Setting a suggestion aside at the command line, in the name of the school’s head. */
export const overruleCommand: Command = {
  verb: 'targets overrule',
  summary: 'Sets a suggestion to a school aside, with the reason of its head (--as head:URN).',
  options: {
    urn: {
      value: 'URN',
      help: 'The school, by any URN it has had.',
      required: true,
      accepts: (text) => /^\d{6}$/.test(text),
    },
    year: { value: 'YYYYYY', help: 'The year it is for.', required: true, accepts: isYear },
    suggestion: {
      value: 'NAME',
      help: 'expectation, forecast, ladder, reasons, similar:URN or learn-from:URN.',
      required: true,
    },
    because: {
      value: 'KIND',
      help: `${Object.keys(overruleReasons).join(', ')}.`,
      accepts: (text) => Object.hasOwn(overruleReasons, text),
    },
    reason: { value: 'TEXT', help: 'Why, in 10 to 500 characters. Name no child.' },
    'shock-year': {
      value: 'YYYYYY',
      help: 'The year in which something happened.',
      accepts: isYear,
    },
    'take-back': { help: 'Lets it stand again. That it was set aside, and why, is kept.' },
  },
  example:
    './rollcall targets overrule --urn 100000 --year 201819 --suggestion forecast --because closure --shock-year 201718 --reason "Closed for three weeks after a fire" --as head:100000',
  open: true,
  misused({ values, switches }) {
    const given = ['because', 'reason', 'shock-year'].some((name) => values[name] !== undefined);
    if (switches.has('take-back')) {
      return given ? 'takes --take-back without a reason' : undefined;
    }
    return values['because'] === undefined || values['reason'] === undefined
      ? 'needs --because and --reason, or --take-back'
      : undefined;
  },
  async run(context, input) {
    const { says } = await overrule(context, input);
    context.output.line(
      input.switches.has('take-back')
        ? `It stands again: ${says}.`
        : `Set aside: ${says}. What was issued stays as it was.`,
    );
    return 0;
  },
};

const from = 'command line';

/** Whoever types it is the operator; who may say it is the head in whose name it is typed. A refusal leaves a trace. */
async function overrule(
  { stores, clock, viewer }: CommandContext,
  { values, switches }: CommandInput,
): Promise<Suggestion> {
  const school = (await directoriesOf(stores)()).get(Number(values['urn']));
  const trail = trailOf(stores, clock);
  const speaking = { stores, trail, clock };
  const speaker = { viewer, operator, from, key: values['suggestion'] ?? '' };
  try {
    const issued = await findIssued(stores, viewer, school);
    if (issued?.figures.time_period !== parseAcademicYear(values['year'] ?? '')) {
      const why = `That is not the year of what was issued last to ${school.name}.`;
      throw new Refusal('not-found', why);
    }
    if (switches.has('take-back')) return await takeBack(speaking, school, speaker);
    const shock = values['shock-year'];
    return await setAside(speaking, school, {
      ...speaker,
      because: values['because'] ?? '',
      shockYear: shock === undefined ? '' : String(parseAcademicYear(shock)),
      reason: values['reason'] ?? '',
    });
  } catch (error) {
    if (error instanceof Refusal && error.reason === 'not-allowed') {
      await trail.leave({
        ...{ viewer: operator, action: 'refused', data: 'issued expectation', from },
        subject: { kind: 'school', id: String(school.urn) },
        detail: viewer.role === 'operator' ? {} : { as: viewerText(viewer) },
      });
    }
    throw error;
  }
}
