import { words } from '../../ui/index.ts';
import type { Agreement, AgreementState } from '../agreement.ts';

type ToldAgreement = {
  state: AgreementState;
  tag: { text: string; classes: string };
  sentence: string;
  /** What to do next; blank where nothing is. */
  next: string;
  rules: string[];
};

const tags: Record<AgreementState, ToldAgreement['tag']> = {
  agrees: { text: 'Agrees', classes: 'govuk-tag--green' },
  'explained and accepted': { text: 'Explained and accepted', classes: 'govuk-tag--green' },
  differs: { text: 'Differs', classes: 'govuk-tag--red' },
  'no summary yet': { text: 'No summary yet', classes: 'govuk-tag--grey' },
};

/** A school’s agreement in words: where it stands and, for those alone who may do it, what to do. */
export function agreementWords(
  agreement: Agreement,
  { mayChange }: { mayChange: boolean },
): ToldAgreement {
  const { state, summary } = agreement;
  return {
    ...{ state, tag: tags[state] },
    ...{ sentence: sentenceOf(agreement), next: mayChange ? nextOf(agreement) : '' },
    rules: state === 'agrees' ? [] : (summary?.rules ?? []),
  };
}

function sentenceOf({ state, summary, accepted, changedSince }: Agreement): string {
  if (!summary) return 'Nobody has compared these figures with the school’s own system this year.';
  const period = `for ${words.date(summary.from)} to ${words.date(summary.to)}`;
  const sent = `the summary of ${words.date(summary.sentAt)}`;
  if (changedSince) {
    return `The registers have changed since ${sent} ${period} was compared.`;
  }
  if (summary.differing === 0 && summary.notInFile) {
    const told = `Every figure in ${sent} ${period} is what Rollcall counts, but it is not whole: ${words.number(summary.notInFile)} of the ${summary.form} here ${summary.notInFile === 1 ? 'is' : 'are'} not in it`;
    if (state !== 'explained and accepted') {
      return summary.outcome === 'explained' ? `${told}, and we can say why.` : `${told}.`;
    }
    return `${told}. ${accepted?.name}, ${accepted?.position}, accepted it on ${accepted ? words.date(accepted.at) : ''}: “${accepted?.reason}”`;
  }
  switch (state) {
    case 'agrees':
      return `All ${words.plural(summary.compared, 'figure')} in ${sent} ${period} are what Rollcall counts.`;
    case 'explained and accepted':
      return `${words.number(summary.differing)} of ${words.plural(summary.compared, 'figure')} in ${sent} ${period} differ. ${accepted?.name}, ${accepted?.position}, accepted it on ${accepted ? words.date(accepted.at) : ''}: “${accepted?.reason}”`;
    default:
      return `${words.number(summary.differing)} of ${words.plural(summary.compared, 'figure')} in ${sent} ${period} ${summary.differing === 1 ? 'differs' : 'differ'}${summary.outcome === 'explained' ? ', and we can say why' : `; ${words.number(summary.unexplained)} of them nothing explains`}.`;
  }
}

function nextOf({ state, summary, changedSince }: Agreement): string {
  switch (state) {
    case 'agrees':
    case 'explained and accepted':
      return '';
    case 'no summary yet':
      return 'Compare a summary from the school’s own system. Until the two agree, Rollcall issues no expectation on these registers.';
    case 'differs':
      if (changedSince) return 'Compare a new summary.';
      return summary?.outcome === 'explained'
        ? 'A person at the school can accept the difference, or correct the settings of its system and compare again.'
        : 'Look at the sessions that differ, correct the registers in either system, and compare again. Until then Rollcall issues no expectation on these registers.';
  }
}
