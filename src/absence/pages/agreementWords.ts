import { words } from '../../ui/index.ts';
import type { Agreement, AgreementState, KeptSummary } from '../agreement.ts';
import { differWords } from '../compare/told.ts';

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
  'agrees in part': { text: 'Agrees in part', classes: 'govuk-tag--yellow' },
  'changed since': { text: 'Changed since', classes: 'govuk-tag--yellow' },
  'no summary yet': { text: 'No summary yet', classes: 'govuk-tag--grey' },
};

/**
 * A school’s agreement in words: where it stands and, for those alone who may do it, what to do. `isInside`: of the school’s
 * own circle. Others are told whether the figures are agreed and nothing that was counted, said or written: how many pupils
 * there are, or how a child was marked, would come back from it.
 */
export function agreementWords(
  agreement: Agreement,
  { mayChange, isInside }: { mayChange: boolean; isInside: boolean },
): ToldAgreement {
  const { state, summary } = agreement;
  if (!isInside) return { ...outside[state], state, next: '', rules: [] };
  return {
    ...{ state, tag: tags[state] },
    ...{ sentence: sentenceOf(agreement), next: mayChange ? nextOf(agreement) : '' },
    rules: summary?.outcome === 'explained' ? summary.rules : [],
  };
}

const agreed = {
  tag: { text: 'Agreed', classes: 'govuk-tag--green' },
  sentence: 'The school says that these figures are those of its own system.',
};
const partly = {
  tag: { text: 'Not agreed yet', classes: 'govuk-tag--yellow' },
  sentence: 'These figures were compared with the school’s own system, and are not agreed yet.',
};
const outside: Record<AgreementState, Pick<ToldAgreement, 'tag' | 'sentence'>> = {
  agrees: agreed,
  'explained and accepted': agreed,
  'agrees in part': partly,
  'changed since': partly,
  differs: {
    tag: tags.differs,
    sentence: 'These figures differ from those of the school’s own system.',
  },
  'no summary yet': {
    tag: tags['no summary yet'],
    sentence: 'Nobody has compared these figures with the school’s own system this year.',
  },
};

function sentenceOf({ state, summary, accepted, changed }: Agreement): string {
  if (!summary) return 'Nobody has compared these figures with the school’s own system this year.';
  const period = `for ${words.date(summary.from)} to ${words.date(summary.to)}`;
  const sent = `the summary of ${words.date(summary.sentAt)}`;
  if (changed === 'large') {
    return `The registers have changed since ${sent} ${period} was compared${summary.isFine ? '' : ', which differed from them'}.`;
  }
  const found = foundWords(summary, `in ${sent} ${period}`);
  const said = accepted
    ? ` ${accepted.name}, ${accepted.position}, accepted it on ${words.date(accepted.at)}: “${accepted.reason}”`
    : '';
  const little =
    changed === 'small'
      ? ' The registers have changed a little since: no further than this still holds.'
      : '';
  return `${found}${said}${partWords(state, summary)}${little}`;
}

/** What came out of the comparison. */
function foundWords(summary: KeptSummary, where: string): string {
  const { compared, differing, notInFile = 0, outcome, form } = summary;
  const all =
    compared === 1
      ? `The one figure ${where} is`
      : `All ${words.plural(compared, 'figure')} ${where} are`;
  if (outcome === 'agrees') return `${all} what Rollcall counts.`;
  const why = outcome === 'explained' ? ', and we can say why.' : `${unexplainedWords(summary)}.`;
  if (differing === 0) {
    return `${all} what Rollcall counts, but the summary is not whole: ${words.number(notInFile)} of the ${form} here ${notInFile === 1 ? 'is' : 'are'} not in it${why}`;
  }
  return `${differWords(differing, compared, ` ${where}`)}${why}`;
}

function unexplainedWords({ unexplained, differing, ways = 0 }: KeptSummary): string {
  if (ways > 1)
    return `: any of ${words.number(ways)} ways of counting would give that, and the figures cannot tell which`;
  if (ways === 1) return ': it could be a way of counting, but the figures do not show it';
  if (unexplained === 0 || differing === 0) return '';
  if (unexplained < differing) {
    return `; ${words.number(unexplained)} of them nothing explains`;
  }
  return ', and nothing explains it';
}

/** Why what agrees is not enough. */
function partWords(state: AgreementState, { isOfYear, tellsCounts }: KeptSummary): string {
  if (state !== 'agrees in part') return '';
  const missing = [
    ...(isOfYear ? [] : ['it is not of all the days of the year that have registers']),
    ...(tellsCounts
      ? []
      : ['it does not give sessions possible, and absent or attended, as numbers']),
  ];
  return ` That is not enough for the year to agree: ${words.list(missing)}.`;
}

function nextOf({ state, summary, changed }: Agreement): string {
  switch (state) {
    case 'agrees':
    case 'explained and accepted':
      return changed === 'small' ? 'Compare a new summary when you can.' : '';
    case 'no summary yet':
      return 'Compare a summary from the school’s own system. Until the two agree, Rollcall issues no expectation on these registers.';
    case 'agrees in part':
      return 'Compare a summary of the whole year, with possible and absent sessions as numbers. Until then Rollcall issues no expectation on these registers.';
    case 'changed since':
      return 'Compare a new summary. Until then no new expectation is issued on these registers.';
    case 'differs':
      return differsNext(summary, changed);
  }
}

function differsNext(summary: Agreement['summary'], changed: Agreement['changed']): string {
  if (changed === 'large') return 'Compare a new summary.';
  if (summary?.outcome === 'explained') {
    return 'A person at the school can accept the difference, or correct the settings of its system and compare again.';
  }
  const until =
    'A summary of fewer days or figures does not take this one’s place. Until then Rollcall issues no expectation on these registers.';
  return (summary?.ways ?? 0) > 0
    ? `Compare a summary with a row for each session, or with more figures. ${until}`
    : `Look at the sessions that differ, correct the registers in either system, and compare again. ${until}`;
}
