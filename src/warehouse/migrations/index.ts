import type { Migration } from '../migrate.ts';
import { publications } from './001_publications.ts';
import { targets } from './002_targets.ts';
import { anchors } from './003_anchors.ts';
import { registers } from './004_registers.ts';
import { uploads } from './005_uploads.ts';
import { weeks } from './006_weeks.ts';

/** In order. A step that has landed is never edited. */
export const migrations: readonly Migration[] = [
  publications,
  targets,
  anchors,
  registers,
  uploads,
  weeks,
];
