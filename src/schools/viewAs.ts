import type { Viewer } from '../access/index.ts';
import { Refusal } from '../base/problem.ts';
import type { Directory } from './directory.ts';

/** Refuses with `not-found` to be a school, a trust or an authority that there is none of. */
export function refuseUnknownViewer({ role, scope }: Viewer, directory: Directory): void {
  const code = scope ?? '';
  const named = {
    head: { words: `school with the URN ${code}`, found: directory.find(Number(code)) },
    system: { words: `school with the URN ${code}`, found: directory.find(Number(code)) },
    school: { words: `school with the URN ${code}`, found: directory.find(Number(code)) },
    trust: { words: `trust with the UID ${code}`, found: directory.findTrust(code) },
    authority: { words: `local authority ${code}`, found: directory.findAuthority(code) },
    analyst: { words: `local authority ${code}`, found: directory.findAuthority(code) },
    inspector: { words: `local authority ${code}`, found: directory.findAuthority(code) },
  };
  if (!(role in named)) return;
  const { words, found } = named[role as keyof typeof named];
  if (found) return;
  throw new Refusal(
    'not-found',
    directory.schools.length === 0
      ? `There is no ${words} to be: no schools are loaded yet. Load published files first: ./rollcall publications import FILE…`
      : `There is no ${words} among the schools that are loaded. Find one that is at /schools of the site, without --as.`,
  );
}
