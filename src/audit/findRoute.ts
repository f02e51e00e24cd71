import type { Route } from '../access/index.ts';

export type FoundRoute = { route: Route; params: Record<string, string> };

/** The page that answers a path of this site, as the web shell would find it; undefined for none, or for another site. */
export function findRoute(routes: readonly Route[], path: string): FoundRoute | undefined {
  const parts = partsOf(path.replace(/[?#].*$/s, ''));
  if (!parts) return undefined;
  const found = routes.flatMap((route) => {
    const params = route.method === 'GET' ? match(route.path.split('/'), parts) : undefined;
    return params ? [{ route, params }] : [];
  });
  // `/pupils/new` before `/pupils/:id`
  return found.sort((a, b) => Object.keys(a.params).length - Object.keys(b.params).length)[0];
}

function partsOf(path: string): string[] | undefined {
  if (!/^\/(?![/\\])/.test(path)) return undefined;
  try {
    return path.split('/').map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

function match(
  pattern: readonly string[],
  parts: readonly string[],
): Record<string, string> | undefined {
  if (pattern.length !== parts.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, wanted] of pattern.entries()) {
    const part = parts[index] ?? '';
    if (!wanted.startsWith(':')) {
      if (part !== wanted) return undefined;
    } else if (part === '' || part.length > 100) return undefined;
    else params[wanted.slice(1)] = part;
  }
  return params;
}
