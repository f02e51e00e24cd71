import { randomStream } from '../../stats/randomStream.ts';
import { castMembers } from '../cast.ts';
import type { MadeUpSchool } from '../school.ts';

/** What can be built into the made-up registers, for somebody to find. `share` is of schools unless it says otherwise. */
export const eventKinds = {
  flu: {
    /** How many times the usual number of children fall ill at the height of it. */
    size: 4,
    /** Of authorities, at least one; it moves on to the next a week later. */
    share: 0.1,
    says: 'An outbreak of flu that moves from one area to its neighbour, a week later each.',
  },
  drift: {
    /** Times the absence that there would have been, in the last weeks of the year; from no more at its start. */
    size: 1.8,
    share: 0.01,
    says: 'A school whose attendance gets worse from the middle of autumn, week by week.',
  },
  silence: {
    /** School days without a register. */
    size: 15,
    share: 0.01,
    says: 'A school that stops sending registers for a while.',
  },
  'holiday-habit': {
    /** Times the usual holidays in term time, at the ends of terms. */
    size: 4,
    share: 0.01,
    says: 'A school whose families go on holiday in term time.',
  },
  'code-swap': {
    /** Share of the spells of O that are written down as illness. */
    size: 0.6,
    share: 0.01,
    says: 'A school that from one day on writes I for O.',
  },
  'late-edit': {
    /** Share of late arrivals that are changed to present some days later. */
    size: 0.7,
    share: 0.01,
    says: 'A school that from one day on amends late to present.',
  },
  'off-rolling': {
    /** Share of its pupils of Years 10 and 11 with a tendency to more than 15 % absence who leave before the January census. */
    size: 0.6,
    share: 0.01,
    says: 'A secondary school from whose roll pupils of Years 10 and 11 who tend to be absent go in January.',
  },
  'decline-after-move': {
    /** Times the child’s tendency to absence after the move. */
    size: 4,
    /** Of the pupils who move. */
    share: 0.1,
    says: 'A pupil who changes school and from then on tends to be absent more.',
  },
} as const satisfies Record<string, { size: number; share: number; says: string }>;

export type EventKind = keyof typeof eventKinds;
export type EventSettings = ReadonlyMap<EventKind, { size: number; share: number }>;

export const everyEvent: EventSettings = new Map(
  Object.entries(eventKinds).map(([kind, { size, share }]) => [kind as EventKind, { size, share }]),
);

/**
 * Every event as usual, but for those told: `drift:2.5:0.05` is a size of 2.5 at five schools in a hundred. Undefined when
 * something is asked that there is not.
 */
export function eventsAsked(
  asked: readonly string[],
  without: readonly string[],
): EventSettings | undefined {
  const events = new Map(everyEvent);
  for (const each of without) {
    if (each === 'events') events.clear();
    else if (isKind(each)) events.delete(each);
    else if (each !== 'registers') return undefined;
  }
  for (const each of asked) {
    const [kind = '', sizeText, shareText] = each.split(':');
    if (!isKind(kind)) return undefined;
    const size = sizeText === undefined ? eventKinds[kind].size : Number(sizeText);
    const share = shareText === undefined ? eventKinds[kind].share : Number(shareText);
    if (!(size > 0) || !(share > 0 && share <= 1)) return undefined;
    events.set(kind, { size, share });
  }
  return events;
}

function isKind(text: string): text is EventKind {
  return Object.hasOwn(eventKinds, text);
}

/** Which event befalls which school: nothing of this is in its published figures. */
export type Plan = {
  /** By authority: when the outbreak is at its height, as a share of the school year. */
  fluAt: ReadonlyMap<number, number>;
  /** By school: what befalls it, and when it starts, as a share of the school year. */
  ofSchools: ReadonlyMap<number, { kind: EventKind; at: number }>;
};

/** A week, as a share of the school year. */
const week = 5 / 190;

/** The same for the same seed and schools; each school has one event at most, and the cast none where others are there. */
export function planEvents(
  seed: number | string,
  schools: readonly MadeUpSchool[],
  events: EventSettings,
): Plan {
  const chance = randomStream(seed, 'events');
  const cast = new Set(castMembers.map(({ urn }) => urn));
  const others = schools.filter(({ urn }) => !cast.has(urn));
  const left = chance.shuffled(others.length >= 8 ? others : schools);
  const ofSchools = new Map<number, { kind: EventKind; at: number }>();
  for (const kind of Object.keys(eventKinds) as EventKind[]) {
    const at = () => 0.2 + 0.4 * chance.uniform();
    const setting = events.get(kind);
    if (!setting || kind === 'flu' || kind === 'decline-after-move') continue;
    for (
      let wanted = Math.max(1, Math.round(setting.share * schools.length));
      wanted > 0;
      wanted--
    ) {
      const place = left.findIndex(
        ({ schoolType }) => kind !== 'off-rolling' || schoolType === 'State-funded secondary',
      );
      const [school] = place < 0 ? [] : left.splice(place, 1);
      if (school) ofSchools.set(school.urn, { kind, at: kind === 'drift' ? 0.2 : at() });
    }
  }
  return { fluAt: planFlu(seed, schools, events), ofSchools };
}

function planFlu(
  seed: number | string,
  schools: readonly MadeUpSchool[],
  events: EventSettings,
): Map<number, number> {
  const chance = randomStream(seed, 'flu');
  const areas = [...new Set(schools.map(({ authority }) => authority.index))];
  const share = events.get('flu')?.share;
  if (share === undefined) return new Map();
  const reached = Math.min(
    areas.length,
    Math.max(Math.min(4, areas.length), Math.round(share * areas.length)),
  );
  const first = chance.integer(areas.length - reached + 1);
  const begins = 0.28 + 0.1 * chance.uniform();
  // Authorities next to each other in the list are next to each other on the map. Not past the last week but two.
  return new Map(
    areas
      .slice(first, first + reached)
      .map((area, step) => [area, Math.min(0.95, begins + (step % 20) * week)]),
  );
}
