import type { Migration } from '../migrate.ts';
import { publications } from './001_publications.ts';
import { targets } from './002_targets.ts';

/** In order. A step that has landed is never edited. */
export const migrations: readonly Migration[] = [publications, targets];
