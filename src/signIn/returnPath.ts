const longest = 500;
/** Nobody belongs to this one: what leads to it stays on the site. */
const nowhere = 'https://own.invalid';

/**
 * Where to go back to: a path of this site, with its query, or the start page when the text is anything else. An address of
 * another site, however it is disguised, is something else.
 */
export function ownPath(text: string | undefined): string {
  if (!text || text.length > longest || !/^\/[\x21-\x7e]*$/.test(text)) return '/';
  if (!URL.canParse(text, nowhere)) return '/';
  const { origin, pathname, search } = new URL(text, nowhere);
  // Taking out `.` and `..` can leave two slashes in front, which would be a host.
  if (origin !== nowhere || /^\/[/\\]/.test(pathname)) return '/';
  if (/^\/(sign-in|sign-out|signed-out)(\/|$)/i.test(pathname)) return '/';
  return pathname + search;
}
