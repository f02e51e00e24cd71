import type { Purpose, Viewer } from '../../access/index.ts';
import { codeOn, type AttendanceCode, sessions } from '../../base/attendanceCodes.ts';
import { type Day, isWithin, parseDay } from '../../base/day.ts';
import type { Urn } from '../../base/identifiers.ts';
import { Refusal } from '../../base/problem.ts';
import { type EntriesOf, pupilsFor, type ShownPupil } from '../../pupils/index.ts';
import { type AmendmentRow, amendmentsOf } from '../../records/index.ts';
import type { School } from '../../schools/index.ts';
import { entriesOfPupil, entriesOfSession, sessionsOfDays } from './book.sql.ts';
import { type BookParts, keysOf, urnsOf } from './show.ts';

/** One entry of one session, as it was made at one time. */
export type EntryMade = {
  code: string;
  meaning: AttendanceCode | undefined;
  at: Date;
  /** What brought it: the title of an upload, import or push. */
  cameWith: { receipt: number; kind: string; title: string } | null;
  /** What the file, or the person who changed it, says of who and why. */
  amendment: Pick<AmendmentRow, 'original' | 'reason' | 'person_name' | 'position' | 'at'> | null;
  /**
   * What it is in place of; null where there was nothing. A person who amends an entry here changes what they see, which is
   * kept as it was then (domain.md §2.3) and never written anew. A file tells when its entries were made: whichever came
   * first, each is in place of the one made before it.
   */
  inPlaceOf: string | null;
  /** An entry made before it came here after a person had made it. */
  overtaken: boolean;
};

/** A session of a child at one school, with everything that was ever entered of it. */
export type SessionHistory = {
  pupil: ShownPupil;
  /** What the child is called in the warehouse. */
  key: string;
  school: School;
  urn: Urn;
  date: Day;
  session: 0 | 1;
  /** Why the school is closed then; null where it is open. */
  closed: string | null;
  /** Oldest first: the last stands. */
  entries: EntryMade[];
  /** The newest amendment of it that there is, for who would make another. */
  lastAmendment: number;
};

/** Reads `2026-11-02` and `AM` as they stand in an address; refuses with `not-found`. */
export function sessionAsked(params: Readonly<Record<string, string>>): {
  date: Day;
  session: 0 | 1;
} {
  const date = parseDay(params['day'] ?? '');
  const session = sessions.indexOf((params['session'] ?? '') as 'AM');
  if (date === undefined || session < 0) {
    throw new Refusal('not-found', 'A session is a day, as 2026-11-02, and AM or PM.');
  }
  return { date, session: session as 0 | 1 };
}

/**
 * Everything that was entered of one session of a child whom the viewer may see: at the viewer’s own school where the child
 * is at two. Refuses as `pupilsFor` does, and with `not-found` a day on which the child was on no roll.
 */
export async function sessionHistory(
  parts: BookParts,
  asked: {
    viewer: Viewer;
    purpose: Purpose | null;
    pupil: number;
    date: Day;
    session: 0 | 1;
    urn?: Urn | undefined;
  },
): Promise<SessionHistory> {
  const { viewer, purpose, date, session } = asked;
  const { stores, records, directories } = parts;
  const pupil = await pupilsFor(parts, viewer, purpose).get(asked.pupil);
  const directory = await directories();
  const here = pupil.enrolments
    .filter((each) => isWithin(date, each.entry_date, each.leaving_date))
    .flatMap(({ urn }) => ({ urn, school: directory.find(urn) }));
  const isOwn = (school: School) =>
    asked.urn === undefined
      ? urnsOf(school)
          .map(String)
          .includes(viewer.scope?.slice(0, 6) ?? '')
      : urnsOf(school).includes(asked.urn);
  const place =
    here.find(({ school }) => school && isOwn(school)) ?? here.find(({ school }) => school);
  if (!place?.school) {
    throw new Refusal('not-found', 'The child was on no roll on that day: there is no entry.');
  }
  const { urn, school } = place;
  const key = (await keysOf(records, [asked.pupil])).get(asked.pupil) ?? '0';
  const urns = urnsOf(school);
  const [made, days, amendments, receipts] = await Promise.all([
    stores.read(entriesOfSession, { urns, pupil: key, date, session }),
    stores.read(sessionsOfDays, { urns, from: date, to: date }),
    amendmentsOf(records, { urns, from: date, to: date, pupil: key }),
    stores.receipts(),
  ]);
  const ofSession = amendments.filter((each) => each.session === session);
  const byReceipt = new Map(receipts.map((receipt) => [receipt.id, receipt]));
  const day = days.find((each) => each.session === session);
  return {
    ...{ pupil, key, school, urn, date, session },
    closed: day && !day.open ? day.reason || 'closed' : null,
    lastAmendment: Math.max(0, ...ofSession.map(({ id }) => id)),
    entries: made.map(({ receipt, code, entered, entry }, at) => {
      const came = byReceipt.get(receipt);
      const amendment = amendmentOf({ receipt, entry, code }, made, ofSession);
      const isByHand = came?.kind === 'amendment';
      const before = made[at - 1]?.code;
      return {
        ...{ code, meaning: codeOn(code, date), at: new Date(entered * 1000) },
        cameWith: came ? { receipt, kind: came.kind, title: came.title } : null,
        amendment: amendment ?? null,
        inPlaceOf: (isByHand ? undefined : before) ?? amendment?.original ?? null,
        overtaken: isByHand && made.slice(0, at).some((earlier) => earlier.receipt > receipt),
      };
    }),
  };
}

type Made = { receipt: number; entry: number; code: string };

/** By its number; an entry without one can be an amendment’s of its receipt that no other entry is numbered for. */
function amendmentOf<Amendment extends AmendmentRow>(
  { receipt, entry, code }: Made,
  ofSession: readonly Made[],
  amendments: readonly Amendment[],
): Amendment | undefined {
  if (entry > 0) return amendments.find(({ id }) => id === entry);
  const numbered = new Set(ofSession.map((each) => each.entry));
  return amendments.find(
    (each) => each.receipt === receipt && each.entry === code && !numbered.has(each.id),
  );
}

const everyDay = { from: '1970-01-01', to: '2149-06-06' };

/** Everything that registers hold of a child, for who is given all that is held of it. */
export function entriesOf({ stores, directories }: BookParts): EntriesOf {
  const { records } = stores;
  return async ({ id, enrolments }) => {
    const key = (await keysOf(records, [id])).get(id);
    if (key === undefined) return [];
    const directory = await directories();
    const urns = [
      ...new Set(
        enrolments.flatMap(({ urn }) => {
          const school = directory.find(urn);
          return school ? urnsOf(school) : [urn];
        }),
      ),
    ];
    const made = await stores.read(entriesOfPupil, { urns, pupil: key });
    const amendments = await amendmentsOf(records, { urns, ...everyDay, pupil: key });
    return made.map(({ urn, date, session, code, entered, receipt, entry }) => {
      const isOfSession = (each: { urn: number; date: string; session: number }) =>
        each.urn === urn && each.date === date && each.session === session;
      const ofSession = made.filter(isOfSession);
      const at = ofSession.findIndex(
        (each) => each.receipt === receipt && each.entry === entry && each.entered === entered,
      );
      const before = ofSession[at - 1]?.code;
      const changed = amendmentOf(
        { receipt, entry, code },
        ofSession,
        amendments.filter(isOfSession),
      );
      const original = (changed?.person === null ? before : undefined) ?? changed?.original ?? null;
      return {
        ...{ date, session: sessions[session] ?? '', urn, code },
        entered_at: new Date(entered * 1000).toISOString(),
        changed: changed ? { original, reason: changed.reason, position: changed.position } : null,
      };
    });
  };
}
