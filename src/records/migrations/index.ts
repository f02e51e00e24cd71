import type { Migration } from 'kysely/migration';
import { receipts } from './001_receipts.ts';
import { installation } from './002_installation.ts';
import { audit } from './003_audit.ts';
import { people } from './004_people.ts';
import { pupils } from './005_pupils.ts';
import { overrules } from './006_overrules.ts';
import { registers } from './007_registers.ts';
import { amendments } from './008_amendments.ts';
import { agreement } from './009_agreement.ts';
import { patterns } from './010_patterns.ts';
import { digests } from './011_digests.ts';
import { worklist } from './012_worklist.ts';

/** In order. A step that has landed is never edited. */
export const migrations: Record<string, Migration> = {
  '001_receipts': receipts,
  '002_installation': installation,
  '003_audit': audit,
  '004_people': people,
  '005_pupils': pupils,
  '006_overrules': overrules,
  '007_registers': registers,
  '008_amendments': amendments,
  '009_agreement': agreement,
  '010_patterns': patterns,
  '011_digests': digests,
  '012_worklist': worklist,
};
