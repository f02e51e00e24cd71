import type { Ask, Route } from '../access/index.ts';
import { correctionsOf } from '../records/index.ts';
import { words } from '../ui/index.ts';
import {
  askCorrection,
  correctable,
  type CorrectionAsked,
  correctionFault,
  correctionShown,
  decideCorrection,
  personText,
} from './correction.ts';
import { censusWords } from './censusWords.ts';
import { pupilNumber, type PupilPagesOptions, subjectOfAddress } from './page.ts';
import { isFamily, mayChangeRecord, restrictPupil } from './rights.ts';
import { pupilsFor } from './scoped.ts';

/** Putting a record right (asked, decided, its history), and restricting it. */
export function rightsPages(options: PupilPagesOptions): Route[] {
  const about = {
    needs: 'pupil characteristics',
    purpose: 'record-keeping',
    subject: subjectOfAddress(options),
  } as const satisfies Partial<Route>;
  const asked = { ...about, needs: 'request for correction' } as const;
  return [
    {
      ...asked,
      method: 'GET',
      path: '/pupils/:id/corrections',
      summary: 'What was asked to be put right in a record, and what became of it',
      answer: (ask) => correctionsPage(options, ask),
    },
    {
      ...asked,
      method: 'POST',
      path: '/pupils/:id/corrections',
      summary: 'Ask for something in a record to be put right',
      async answer(ask) {
        const { viewer, purpose, form, from } = ask;
        const pupil = pupilNumber(ask.params['id']);
        const asked = {
          field: form['field'] ?? '',
          wanted: form['wanted'] ?? '',
          because: form['because'] ?? '',
        };
        if (correctionFault(asked)) return correctionsPage(options, ask, asked);
        await askCorrection(options, { ...asked, viewer, purpose, pupil, from });
        return { kind: 'redirect', to: `/pupils/${pupil}/corrections` };
      },
    },
    {
      ...about,
      method: 'POST',
      path: '/pupils/:id/corrections/:correction',
      summary: 'Decide what was asked to be put right',
      async answer({ viewer, purpose, params, form, from }) {
        const pupil = pupilNumber(params['id']);
        await decideCorrection(options, {
          ...{ viewer, purpose, pupil, id: pupilNumber(params['correction']) },
          ...{ outcome: form['outcome'] ?? '', answer: form['answer'] ?? '', from },
        });
        return { kind: 'redirect', to: `/pupils/${pupil}/corrections` };
      },
    },
    {
      ...about,
      method: 'GET',
      changes: true,
      path: '/pupils/:id/restriction',
      summary: 'Restrict a record, or lift that',
      async answer({ viewer, purpose, params }) {
        const shown = await pupilsFor(options, viewer, purpose).get(pupilNumber(params['id']));
        const { restriction } = shown;
        return {
          kind: 'page',
          template: 'pupils/restriction.njk',
          model: {
            number: shown.id,
            restriction: restriction
              ? { on: words.date(restriction.at), because: restriction.because }
              : null,
          },
        };
      },
    },
    {
      ...about,
      method: 'POST',
      path: '/pupils/:id/restriction',
      summary: 'Restrict a record, or lift that: the reason',
      async answer({ viewer, purpose, params, form, from }) {
        const pupil = pupilNumber(params['id']);
        const because = form['lift'] === 'yes' ? null : (form['because'] ?? '');
        await restrictPupil(options, { viewer, purpose, pupil, because, from });
        return { kind: 'redirect', to: `/pupils/${pupil}` };
      },
    },
  ];
}

async function correctionsPage(options: PupilPagesOptions, ask: Ask, asked?: CorrectionAsked) {
  const { viewer, purpose, params } = ask;
  const shown = await pupilsFor(options, viewer, purpose).get(pupilNumber(params['id']));
  const fault = asked ? correctionFault(asked) : undefined;
  const member = isFamily(viewer) ? personText(viewer) : undefined;
  const corrections = (await correctionsOf(options.records, shown.id)).map((each) =>
    correctionShown(each, member),
  );
  return {
    kind: 'page',
    template: 'pupils/corrections.njk',
    model: {
      number: shown.id,
      path: `/pupils/${shown.id}`,
      mayDecide: mayChangeRecord(viewer, shown.subject),
      fields: Object.entries(correctable).map(([value, { label, hint }]) => ({
        ...{
          value,
          text: label,
          hint: { text: words.sentence(hint) },
        },
        checked: asked?.field === value,
      })),
      asked: asked ?? { field: '', wanted: '', because: '' },
      fault: fault ?? { field: '', text: '' },
      errors: fault ? [{ text: fault.text, href: `#${fault.field}` }] : null,
      corrections: corrections.toReversed().map((each) => ({
        id: each.id,
        label: correctable[each.field]?.label ?? each.field,
        was: censusWords(each.field, each.was),
        wanted:
          each.wanted !== null
            ? censusWords(each.field, each.wanted)
            : 'not shown: somebody else’s words',
        because: each.because,
        asked: `${words.date(each.asked_at)} by ${each.asked_by}`,
        decided: each.decided_at
          ? {
              outcome: each.outcome === 'accepted' ? 'Accepted' : 'Refused',
              text: `${words.date(each.decided_at)} by ${each.decided_by}`,
              answer: each.answer ?? '',
            }
          : null,
      })),
    },
  } as const;
}
