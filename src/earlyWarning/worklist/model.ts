import type { Viewer } from '../../access/index.ts';
import type { WorklistPerson } from '../../records/index.ts';
import { paginate, sessionStrip, stripLegend, stripSentences, words } from '../../ui/index.ts';
import { modelText } from '../model.ts';
import { canHave } from './people.ts';
import {
  type KnownPupil,
  type ListPart,
  listParts,
  pageSize,
  type ShownEntry,
  type ShownWorklist,
} from './show.ts';

/** What somebody typed that cannot be kept, in which field, and why. `chosen`: who was to have the child. */
export type Typed = {
  field: 'note' | 'holder' | 'capacity';
  pupil: number;
  text: string;
  chosen: string;
  fault: string;
};

/** What can be kept here: of a child, or how many children the school can see to. */
export const keptKinds = ['child', 'capacity'] as const;
export type Kept = (typeof keptKinds)[number];

type Around = {
  viewer: Viewer;
  mayChange: boolean;
  /** Who can have a child, where they may see it. */
  people: readonly WorklistPerson[];
  /** What was kept just now. */
  kept: Kept | null;
  typed: Typed | null;
};

/** So many notes stand on the page at once; earlier ones are folded away. */
const notesAtOnce = 3;

/** A worklist as its page shows it. */
export function worklistModel(shown: ShownWorklist, around: Around) {
  const { school, counts, part, scored, usual, capacity, restricted, page } = shown;
  const { mayChange, typed } = around;
  const path = `/schools/${school.urn}/worklist`;
  const children = (count: number) => words.plural(count, 'child', 'children');
  return {
    school: { name: school.name, href: `/schools/${school.urn}` },
    ...{ path, mayChange },
    today: words.date(shown.today),
    kept: keptText(shown, around.kept),
    place: { show: part, page },
    summary: summaryOf(shown),
    parts: listParts.map((each) => ({
      text: `${partNames[each]} (${words.number(counts[each])})`,
      href: each === 'all' ? path : `${path}?show=${each}`,
      current: each === part,
    })),
    model: modelText(shown.model),
    isMadeUp: shown.model.fittedOn === null,
    entries: shown.entries.map((entry) => entryModel(entry, around)),
    legend: stripLegend(shown.entries.flatMap(({ strip }) => strip)),
    restricted:
      restricted === 0
        ? ''
        : `${words.sentence(words.plural(restricted, 'restricted record'))} of this school ${restricted === 1 ? 'is' : 'are'} kept and not looked at here.`,
    capacity: {
      value: typed?.field === 'capacity' ? typed.text : String(capacity?.children ?? usual),
      wrong: typed?.field === 'capacity' ? typed.fault : '',
      text: capacity
        ? `${children(capacity.children)}, as ${capacity.name} said on ${words.date(capacity.on)}.`
        : `Nobody has said yet: a twentieth of the ${children(scored)} is taken, ${words.number(usual)}.`,
    },
    errors: typed ? [{ text: typed.fault, href: hrefOf(typed) }] : null,
    pages: paginate({
      ...{ total: counts[part], pageSize, page, noun: ['child', 'children'] },
      href: (number) => `${path}?${part === 'all' ? '' : `show=${part}&`}page=${number}`,
    }),
  };
}

const hrefOf = ({ field, pupil }: Typed) =>
  field === 'capacity' ? '#children' : `#${field}-${pupil}`;

/**
 * What the viewer kept just now, of whom, and where the child has gone; where it stands on the page, its place there. It is
 * read off what stands, so that an address that is opened once more, or by somebody else, says nothing that is not so.
 */
function keptText(
  { asked, capacity }: ShownWorklist,
  kept: Kept | null,
): { text: string; href: string; name: string } | null {
  if (kept === null) return null;
  if (kept === 'capacity') {
    return capacity?.keptNow
      ? { text: 'The number of children is kept.', href: '', name: '' }
      : null;
  }
  if (!asked?.kept.note && !asked?.kept.holder) return null;
  const name = nameOf(asked.child);
  const done = [
    ...(asked.kept.note ? [`What you wrote of ${name} is kept.`] : []),
    ...(asked.kept.holder
      ? [`${asked.holder ? asked.holder.name : 'Nobody'} has ${name} now.`]
      : []),
  ].join(' ');
  if (asked.isShown) return { text: done, href: `#child-${asked.child.id}`, name };
  const gone = asked.isListed ? 'stands on another part of the list' : 'is not listed any more';
  return { text: `${done} ${asked.child.forename} ${gone}.`, href: '', name };
}

const nameOf = ({ forename, surname }: KnownPupil) => `${forename} ${surname}`;

const partNames: Record<ListPart, string> = {
  all: 'All',
  unwritten: 'Nobody has written anything yet',
  held: 'Somebody has it',
  mine: 'You have it',
};

function summaryOf({ counts, scored, unscored, room }: ShownWorklist): string[] {
  if (scored === 0 && unscored === 0) return [];
  const { all, unwritten } = counts;
  const listed = all - unscored;
  return [
    listed === 0
      ? `None of ${words.plural(scored, 'child', 'children')} with a probability is listed.`
      : `${words.plural(listed, 'child', 'children')} of ${words.number(scored)} ${listed === 1 ? 'is' : 'are'} listed${roomText(room, listed)}.`,
    ...(unscored === 0
      ? []
      : [
          `${words.plural(unscored, 'child', 'children')} ${unscored === 1 ? 'stands' : 'stand'} at the end, with too few half days this year for a probability.`,
        ]),
    ...(unwritten === 0
      ? []
      : [
          `First ${unwritten === 1 ? 'comes the one' : `come the ${words.number(unwritten)}`} who missed a tenth or more this year and of whom nobody has written anything yet.`,
        ]),
  ];
}

function roomText(room: number, all: number): string {
  if (room >= all) return '';
  if (room === 0) return ', and the school says that it can see to none';
  return room === 1
    ? ': the school can see to the first of them'
    : `: the first ${words.number(room)} are as many as the school can see to`;
}

function entryModel(entry: ShownEntry, { viewer, mayChange, people, typed }: Around) {
  const { child, score, holder, strip } = entry;
  const own = typed?.pupil === child.id ? typed : null;
  const wrong = (field: Typed['field']) => (own?.field === field ? own.fault : '');
  const me = viewer.person;
  const canHaveIt = mayChange ? canHave(people, child.subject) : [];
  const canTakeOn = canHaveIt.some(({ id }) => id === me);
  const notes = entry.notes.map(({ text, by, on }) => ({ text, by, on: words.date(on) }));
  return {
    id: child.id,
    name: nameOf(child),
    href: `/pupils/${child.id}`,
    place: [yearText(child.yearGroup), child.className ? `class ${child.className}` : '']
      .filter((part) => part !== '')
      .join(', '),
    unseen: entry.unseen,
    why: entry.why.map((text) => words.sentence(text)),
    chances: score
      ? `${words.sentence(chanceText(score.probability_persistent))} to be persistently absent at the end of the year; ${chanceText(score.probability_next_4_weeks)} to miss three half days or more in the next four weeks.`
      : '',
    arithmetic: entry.arithmetic === null ? '' : `${words.sentence(entry.arithmetic)}.`,
    strip: sessionStrip(strip),
    weeks: stripSentences(strip),
    notes: notes.slice(0, notesAtOnce),
    earlier: notes.slice(notesAtOnce),
    holder: holder ? { ...holder, since: words.date(holder.since) } : null,
    lastSaid: entry.lastSaid,
    choices: [
      { value: '', text: holder ? `As it is: ${holder.name}` : 'As it is: nobody' },
      // Whoever looks can take a child on; all others can be handed it.
      ...(canTakeOn && holder?.person !== me ? [{ value: `${me}`, text: 'I take it on' }] : []),
      ...canHaveIt
        .filter(({ id }) => id !== me && id !== holder?.person)
        .map(({ id, name }) => ({
          value: `${id}`,
          text: `${holder ? 'Hand over to' : 'Give to'} ${name}`,
        })),
      ...(holder ? [{ value: 'nobody', text: 'Let it go: nobody has it' }] : []),
    ].map((each) => ({ ...each, selected: each.value === (own?.chosen ?? '') })),
    isOpen: own !== null,
    typed: own?.text ?? '',
    wrong: { note: wrong('note'), holder: wrong('holder') },
  };
}

function yearText(yearGroup: string): string {
  if (yearGroup === '') return '';
  return yearGroup === 'R' ? 'Reception' : `Year ${yearGroup}`;
}

/** `about 6 in 10 (62%)`: never all or none of what is not certain. */
function chanceText(probability: number): string {
  if (probability === 1) return 'certain, by the arithmetic,';
  if (probability === 0) return 'impossible, by the arithmetic,';
  const percent =
    probability > 0.99
      ? 'over 99%'
      : probability < 0.01
        ? 'under 1%'
        : words.percent(100 * probability, 0);
  return `${words.chance(probability)} (${percent})`;
}
