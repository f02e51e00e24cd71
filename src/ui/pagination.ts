import { number, plural } from './words.ts';

type PageLink = { number: number; href: string; current: boolean } | { ellipsis: true };

/** What the macro `pagination` shows; `links` are the parameters of the design system's component. */
export type Pages = {
  page: number;
  pageCount: number;
  /** Of the results, the first shown (from 0) and the one after the last: what to slice or query. */
  start: number;
  end: number;
  summary: string;
  links: { items: PageLink[]; previous?: { href: string }; next?: { href: string } };
};

/** The page that an address asks for: the first, where it says nothing that is a page. */
export function pageNumber(text = '1'): number {
  return /^[1-9]\d{0,6}$/.test(text) ? Number(text) : 1;
}

/**
 * The pages of `total` results, `pageSize` to a page. A page beyond the last is the last; one below 1 is the first.
 * `noun` is one and many: `['school', 'schools']`.
 */
export function paginate(options: {
  total: number;
  pageSize: number;
  page: number;
  noun: [one: string, many: string];
  href: (page: number) => string;
}): Pages {
  const { total, pageSize, noun, href } = options;
  const pageCount = Math.max(1, Math.ceil(total / pageSize));
  const page = Math.min(Math.max(1, Math.trunc(options.page) || 1), pageCount);
  const start = (page - 1) * pageSize;
  const end = Math.min(start + pageSize, total);
  return {
    page,
    pageCount,
    start,
    end,
    summary: summary(start, end, total, noun),
    links: {
      items: shownPages(page, pageCount).map((shown) =>
        shown === 'gap'
          ? { ellipsis: true }
          : { number: shown, href: href(shown), current: shown === page },
      ),
      ...(page > 1 ? { previous: { href: href(page - 1) } } : {}),
      ...(page < pageCount ? { next: { href: href(page + 1) } } : {}),
    },
  };
}

function summary(start: number, end: number, total: number, noun: [string, string]): string {
  if (total === 0) return `No ${noun[1]} found`;
  if (end - start === total) return `${plural(total, ...noun)} found`;
  return `Showing ${number(start + 1)} to ${number(end)} of ${plural(total, ...noun)}`;
}

/** The first, the last, and those beside the current one; a gap where pages are left out. */
function shownPages(page: number, pageCount: number): (number | 'gap')[] {
  const shown = [...new Set([1, page - 1, page, page + 1, pageCount])]
    .filter((each) => each >= 1 && each <= pageCount)
    .sort((one, other) => one - other);
  return shown.flatMap((each, index) => {
    const before = shown[index - 1];
    return before !== undefined && each - before > 1 ? ['gap' as const, each] : [each];
  });
}
