import type { AuditEntry } from '../records/index.ts';
import { type Pages, paginate } from '../ui/index.ts';

type Found = { entries: AuditEntry[]; total: number };

/** One page of what is found; the last where there are not so many. */
export async function pageOf(
  wanted: number,
  options: {
    look(page: { from: number; size: number }): Promise<Found>;
    pageSize: number;
    noun: [one: string, many: string];
    href: (page: number) => string;
  },
): Promise<{ found: Found; pages: Pages }> {
  const { look, pageSize: size } = options;
  const found = await look({ from: (wanted - 1) * size, size });
  const pages = paginate({ ...options, total: found.total, page: wanted });
  if (pages.page === wanted) return { found, pages };
  return { found: await look({ from: pages.start, size }), pages };
}
