/** Marks: how they come in, are looked at before they count, are kept, and are withdrawn. */
import type { Route } from '../../access/index.ts';
import type { UploadRow } from '../../records/index.ts';
import { uploadJobs } from './jobs.ts';
import { uploadPages, type UploadPagesOptions } from './pages.ts';
import { pushRoute } from './push.ts';

export { marksCommands } from './commands.ts';
export { subjectOfSender } from './push.ts';
export type { UploadPagesOptions } from './pages.ts';
export type { UploadParts } from './receive.ts';
export { daysToMend } from './upload.ts';

/** The pages by which a school sends marks, and the API by which its system does. */
export function marksRoutes(options: UploadPagesOptions): Route[] {
  return [...uploadPages(options), pushRoute(options)];
}

/** At the start of a site: what the one before it was working on is taken up again. */
export async function resumeUploads(options: UploadPagesOptions): Promise<void> {
  const ownUrns = async ({ urn }: UploadRow) =>
    (await options.directories()).find(urn ?? 0)?.chain.map((record) => record.urn) ?? [urn ?? 0];
  await uploadJobs(options).resume(ownUrns);
}
