import { listUploads, type UploadRow } from '../../records/index.ts';
import type { Stores } from '../../stores/index.ts';
import { words } from '../../ui/index.ts';
import { amendedLater } from './check.sql.ts';
import { outcomeOf } from './upload.ts';

/** What rests on an upload that was kept, for who would withdraw it. */
export type Resting = {
  /** Marks of it that would count no longer. */
  marks: number;
  /** Later uploads that said marks that were here already: they may have been these, which were kept once. */
  later: number[];
  /** Marks of it that were amended later. */
  amended: number;
};

export async function restingOn(stores: Stores, upload: UploadRow): Promise<Resting> {
  const { verdicts, censusCounts } = outcomeOf(upload);
  const kept = (verdicts.new ?? 0) + (verdicts.amended ?? 0) + (verdicts.earlier ?? 0);
  if (upload.receipt === null || censusCounts > 0) {
    return { marks: upload.receipt === null ? 0 : kept, later: [], amended: 0 };
  }
  const [found] = await stores.read(
    amendedLater,
    { receipt: upload.receipt, ...spanOfUrns(upload) },
    { work: true },
  );
  return { marks: kept, later: await repeatedLater(stores, upload), amended: found?.marks ?? 0 };
}

/** So many URNs are kept with an upload: of one with more, any school may be in it. */
const urnsKept = 100;

function spanOfUrns(upload: UploadRow): { fromUrn: number; toUrn: number } {
  const { urns } = outcomeOf(upload);
  return urns.length === 0 || urns.length >= urnsKept
    ? { fromUrn: 0, toUrn: 999_999 }
    : { fromUrn: Math.min(...urns), toUrn: Math.max(...urns) };
}

async function repeatedLater({ records }: Stores, upload: UploadRow): Promise<number[]> {
  const { uploads } = await listUploads(records, { from: 0, size: 1000 });
  const { firstDay, lastDay, urns } = outcomeOf(upload);
  return uploads
    .filter((each) => {
      const other = outcomeOf(each);
      const ofDays =
        (other.firstDay ?? '') <= (lastDay ?? '') && (other.lastDay ?? '') >= (firstDay ?? '');
      const ofSchools =
        Math.max(urns.length, other.urns.length) >= urnsKept ||
        urns.some((urn) => other.urns.includes(urn));
      const isLater = each.id > upload.id && each.state === 'kept';
      return isLater && (other.verdicts.same ?? 0) > 0 && ofDays && ofSchools;
    })
    .map((each) => each.id)
    .toSorted((a, b) => a - b);
}

/** What withdrawing would do, or did: one sentence on the marks, and one on amendments where there are any. */
export function restingInWords({ marks, later, amended }: Resting, withdrawn = false): string {
  const noun = later.length === 1 ? 'upload' : 'uploads';
  const again =
    later.length === 0
      ? ''
      : `, save for marks that ${noun} ${words.list(later.map(String))} said again: they were kept once, with this one, so send ${later.length === 1 ? 'it' : 'them'} again if they shall stand`;
  const count = words.plural(marks, 'mark');
  const isOne = marks === 1;
  const main = withdrawn
    ? `${count} of it ${isOne ? 'counts' : 'count'} no longer, and what stood before stands again${again}.`
    : `If it is withdrawn, ${count} of it ${isOne ? 'counts' : 'count'} no longer, and what stood before stands again${again}.`;
  if (amended === 0) return main;
  return `${main} ${words.plural(amended, 'mark')} of it ${amended === 1 ? 'was' : 'were'} amended later: the amendments ${withdrawn ? 'stay' : 'would stay'}.`;
}
