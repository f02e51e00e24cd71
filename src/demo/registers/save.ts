import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import type { AcademicYear } from '../../base/academicYear.ts';
import type { Day } from '../../base/day.ts';
import { Refusal } from '../../base/problem.ts';
import { type Cell, csv } from '../files/csv.ts';
import { makeEngland } from '../madeUpEngland.ts';
import type { MadeUpSchool } from '../school.ts';
import { numberOfDay } from './calendar.ts';
import type { EventKind, EventSettings } from './events.ts';
import { schoolTruths } from './truths.ts';
import type { RegisterFiles, Written } from './write.ts';
import { type RegisterYear, registerYear, schoolCalendar } from './year.ts';

/** What one process writes: the schools from one place to another. */
export type Share = {
  england: { schools: number; seed: number | string };
  year: AcademicYear;
  events: [EventKind, { size: number; share: number }][];
  from: number;
  to: number;
  until: number;
  files: RegisterFiles;
};

const headers = {
  pupils:
    'urn,upn,surname,forename,date_of_birth,sex,year_group,fsm,sen,eal,ethnicity,entry_date,leaving_date',
  marks: 'urn,upn,date,session,code',
  amendments: 'urn,upn,date,session,code,entered_on',
  truth: 'kind,urn,la_code,upn,start,end,size',
} as const;
const kinds = Object.keys(headers) as (keyof RegisterFiles)[];

/** Two processes: one for each core of the smallest machine this is meant for. */
const processes = 2;
/** Below this, a second process costs more than it saves. */
const schoolsWorthSharing = 120;
const bytesAMark = 42;
const marksASchool = 150_000;

/**
 * Writes `schools.csv`, `calendars.csv`, `pupils.csv`, `marks.csv`, `amendments.csv` and `truth.csv` into a folder. The same
 * seed, schools, year and events give the same bytes, however many processes write them.
 */
export async function saveRegisters(
  folder: string,
  {
    england,
    year,
    events,
    until,
    say = () => {},
    signal,
  }: {
    england: Share['england'];
    year: AcademicYear;
    events: EventSettings;
    /** The last day with marks; without it, the whole year. */
    until?: Day;
    say?(written: Written): void;
    signal?: AbortSignal;
  },
): Promise<Written> {
  await mkdir(folder, { recursive: true });
  const of = registerYear(makeEngland(england), { year, events });
  await mustHaveRoom(folder, of.schools.length);
  await writeFile(join(folder, 'schools.csv'), schoolsFile(of));
  await writeFile(join(folder, 'calendars.csv'), calendarsFile(of));
  const count = of.schools.length < schoolsWorthSharing ? 1 : processes;
  const path = (kind: keyof RegisterFiles, part: number) =>
    join(folder, part === 0 ? `${kind}.csv` : `.${kind}-${part}.part`);
  const shares = Array.from({ length: count }, (_, part): Share => {
    const place = (at: number) => Math.round((of.schools.length * at) / count);
    return {
      ...{ england, year, events: [...events], from: place(part), to: place(part + 1) },
      until: until === undefined ? 65_535 : numberOfDay(until),
      files: Object.fromEntries(kinds.map((kind) => [kind, path(kind, part + 1)])) as RegisterFiles,
    };
  });
  const soFar = shares.map((): Written => ({ enrolments: 0, marks: 0 }));
  try {
    await Promise.all(
      shares.map((share, part) =>
        writeShare(share, signal, (written) => {
          soFar[part] = written;
          say(sumOf(soFar));
        }),
      ),
    );
    for (const kind of kinds) {
      const ofSchools = kind === 'truth' ? schoolTruths(of) : '';
      await writeFile(path(kind, 0), `${headers[kind]}\n${ofSchools}`);
      for (let part = 1; part <= count; part++) {
        const into = createWriteStream(path(kind, 0), { flags: 'a' });
        await pipeline(createReadStream(path(kind, part), { highWaterMark: 1 << 22 }), into);
        await rm(path(kind, part));
      }
    }
  } finally {
    const parts = kinds.flatMap((kind) => shares.map((_, part) => path(kind, part + 1)));
    await Promise.all(parts.map((part) => rm(part, { force: true })));
  }
  return sumOf(soFar);
}

function sumOf(written: readonly Written[]): Written {
  return {
    enrolments: written.reduce((sum, each) => sum + each.enrolments, 0),
    marks: written.reduce((sum, each) => sum + each.marks, 0),
  };
}

/** A whole England is more than most disks hold: better said before than after an hour. */
async function mustHaveRoom(folder: string, schools: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const needed = 1.5 * schools * marksASchool * bytesAMark;
  if (bavail * bsize > needed) return;
  throw new Refusal(
    'bad-input',
    `The registers of ${schools} schools need about ${Math.ceil(needed / 1e9)} GB, and ${folder} has less. Make room, ask for fewer --schools, or leave them out with --without registers.`,
  );
}

async function writeShare(
  share: Share,
  signal: AbortSignal | undefined,
  say: (written: Written) => void,
): Promise<void> {
  const worker = fileURLToPath(new URL('write.worker.ts', import.meta.url));
  const child = fork(worker, [JSON.stringify(share)], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    ...(signal && { signal }),
  });
  let said = '';
  child.stderr?.on('data', (text) => (said += text));
  child.on('message', (written) => say(written as Written));
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0)
    throw new Error(
      `the made-up registers were not written: ${said.replaceAll(/\s+/g, ' ').trim()}`,
    );
}

const phaseWords = {
  'State-funded primary': 'primary',
  'State-funded secondary': 'secondary',
  Special: 'special',
} as const;

export const phaseOf = ({ schoolType, allThrough }: MadeUpSchool) =>
  allThrough && schoolType !== 'Special' ? 'all-through' : phaseWords[schoolType];

export function schoolsFile({ schools }: RegisterYear): string {
  return csv(
    'urn,laestab,name,phase,la_code,region_code',
    schools.map((school): Cell[] => {
      const { urn, laestab, name, authority } = school;
      return [urn, laestab, name, phaseOf(school), authority.laCode, authority.region.code];
    }),
  );
}

export function calendarsFile(of: RegisterYear): string {
  return csv(
    'urn,date,am,pm,reason',
    of.schools.flatMap((school) =>
      schoolCalendar(of, school).weekdays.map(({ date, open, reason }): Cell[] => {
        const word = open ? 'open' : 'closed';
        return [school.urn, date, word, word, reason];
      }),
    ),
  );
}
