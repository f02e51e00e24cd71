import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { absenceCommands, countFigures, countingYear, keepUp } from '../absence/index.ts';
import { operator } from '../access/index.ts';
import { type AcademicYear, academicYear, startYearOf, yearsAfter } from '../base/academicYear.ts';
import { type Clock, dayInEngland } from '../base/clock.ts';
import type { Day } from '../base/day.ts';
import { marksCommands, rollCommands } from '../registers/index.ts';
import type { Stores } from '../stores/index.ts';
import { castMembers, demoCast } from './cast.ts';
import type { MadeUpEngland } from './madeUpEngland.ts';
import { numberOfDay } from './registers/calendar.ts';
import { type EventKind, eventsAsked } from './registers/events.ts';
import { calendarsFile, schoolsFile } from './registers/save.ts';
import { withoutRolls } from './registers/registers.sql.ts';
import { type RegisterFiles, writeRegisters } from './registers/write.ts';
import { type RegisterYear, registerYear, schoolCalendar } from './registers/year.ts';
import type { MadeUpSchool } from './school.ts';

/** A befallen school larger than this would take long. */
const mostPupils = 300;

/** The academic year that a day of the demo is in: in August the one that is over. */
export function presentYear(today: Day): AcademicYear {
  const year = Number(today.slice(0, 4));
  return academicYear(Number(today.slice(5, 7)) >= 9 ? year : year - 1);
}

/** The cast, and a school for each thing that can befall one: few, so that a first start is soon done. */
function schoolsWithRegisters({ schools, plan }: RegisterYear): MadeUpSchool[] {
  const cast = new Set<number>(castMembers.map(({ urn }) => urn));
  const told = new Set<EventKind>();
  return schools.filter(({ urn, hidden }) => {
    if (cast.has(urn)) return true;
    const kind = plan.ofSchools.get(urn)?.kind;
    if (kind === undefined || told.has(kind) || (hidden?.enrolments ?? 0) > mostPupils)
      return false;
    told.add(kind);
    return true;
  });
}

/**
 * The registers of last year and of this one up to a day, of a few schools of an England that was brought to it: written as
 * files and taken in by the verbs by which real ones come.
 */
export async function seedRegisters(
  stores: Stores,
  england: MadeUpEngland,
  { folder, clock, signal }: { folder: string; clock: Clock; signal?: AbortSignal },
): Promise<void> {
  const today = dayInEngland(clock());
  const present = presentYear(today);
  const seam = numberOfDay(`${startYearOf(present)}-09-01`);
  const lastYear = yearOf(england, yearsAfter(present, -1), present, { rollTo: seam - 1 });
  const thisYear = withSickDay(today, yearOf(england, present, present, { rollFrom: seam }));
  const years = [
    { of: lastYear, until: seam - 1 },
    { of: thisYear, until: numberOfDay(today) },
  ];
  const schools = schoolsWithRegisters(thisYear);
  await mkdir(folder, { recursive: true });
  const type = typist(stores, { folder, clock, ...(signal ? { signal } : {}) });
  // Begun again after it was cut off: what is kept already is not sent twice.
  const kept = (await stores.receipts('marks')).length;
  const left = ['marks.csv', 'amendments.csv'].slice(kept);
  if (left.length > 0) {
    await saveFewRegisters(folder, { years, schools, stores });
    await type('schools import', ['schools.csv']);
    await type('calendars import', ['calendars.csv']);
    await type('pupils import', ['pupils.csv']);
  }
  for (const file of left) await type('registers import', [file], {}, ['history']);
  await keepUp(stores);
  await sendSummaries(stores, { year: lastYear.year, schools, folder, type });
}

function yearOf(
  england: MadeUpEngland,
  year: AcademicYear,
  castOf: AcademicYear,
  roll: NonNullable<RegisterYear['roll']>,
): RegisterYear {
  const events = eventsAsked([], []) ?? new Map();
  return { ...registerYear(england, { year, events, castOf }), roll };
}

/** On the last day that is over many of the cast’s children fall ill, so that whoever signs in finds something new. */
function withSickDay(today: Day, of: RegisterYear): RegisterYear {
  const school = of.schools.find(({ urn }) => urn === demoCast.improvingSecondary.urn);
  const day = school && schoolCalendar(of, school).openDays.findLast((each) => each < today);
  return school && day ? { ...of, sickDay: { urn: school.urn, day, share: 0.12 } } : of;
}

const headers = {
  pupils:
    'urn,upn,surname,forename,date_of_birth,sex,year_group,fsm,sen,eal,ethnicity,entry_date,leaving_date',
  marks: 'urn,upn,date,session,code',
  amendments: 'urn,upn,date,session,code,entered_on',
  truth: 'kind,urn,la_code,upn,start,end,size',
} as const;
const kinds = Object.keys(headers) as (keyof RegisterFiles)[];

type Year = { of: RegisterYear; until: number };

async function saveFewRegisters(
  folder: string,
  {
    years,
    schools,
    stores,
  }: { years: readonly Year[]; schools: readonly MadeUpSchool[]; stores: Stores },
): Promise<void> {
  const few = years.map(({ of }) => ({ ...of, schools }));
  await writeFile(join(folder, 'schools.csv'), schoolsFile(few[1] as RegisterYear));
  await writeFile(
    join(folder, 'calendars.csv'),
    few.map((of, at) => withoutHeader(calendarsFile(of), at)).join(''),
  );
  for (const kind of kinds) await writeFile(join(folder, `${kind}.csv`), `${headers[kind]}\n`);
  for (const { of, until } of years) {
    const files = Object.fromEntries(
      kinds.map((kind) => [kind, join(folder, `${kind}-${of.year}.part`)]),
    ) as RegisterFiles;
    await stores.write(({ warehouse }) =>
      writeRegisters(warehouse, of, { schools, files, until, say() {} }),
    );
    for (const kind of kinds) {
      const into = createWriteStream(join(folder, `${kind}.csv`), { flags: 'a' });
      await pipeline(createReadStream(files[kind]), into);
      await rm(files[kind]);
    }
  }
  await stores.write(({ warehouse }) => warehouse.run(withoutRolls, {}));
}

/** Of several files as one, the first alone has a header. */
function withoutHeader(text: string, at: number): string {
  return at === 0 ? text : text.slice(text.indexOf('\n') + 1);
}

type Type = (
  verb: string,
  files: string[],
  values?: Record<string, string>,
  switches?: string[],
) => Promise<void>;

/** Carries out verbs as if they had been typed in a folder. */
function typist(
  stores: Stores,
  { folder, clock, signal }: { folder: string; clock: Clock; signal?: AbortSignal },
): Type {
  const commands = [...rollCommands(), ...marksCommands(undefined), ...absenceCommands];
  const said: string[] = [];
  const say = (text: string) => void said.push(text);
  return async (verb, files, values = {}, switches = []) => {
    const command = commands.find((each) => each.verb === verb);
    if (!command) throw new Error(`there is no verb “${verb}”`);
    signal?.throwIfAborted();
    said.length = 0;
    const code = await command.run(
      {
        ...{ stores, viewer: operator, clock, folder },
        output: { line: say, error: say, progress() {}, isTerminal: false },
        settings: { demo: true, visitKm: 0, dataFolder: folder },
        writeFile: async () => {},
        signal: signal ?? new AbortController().signal,
      },
      { values, switches: new Set(switches), files },
    );
    // A summary that differs is part of the demo.
    if (code !== 0 && verb !== 'absence compare') throw new Error(`${verb}: ${said.join(' ')}`);
  };
}

/** What the cast’s own systems say of last year: most the same, one something else. Nobody has compared at the others yet. */
async function sendSummaries(
  stores: Stores,
  {
    year,
    schools,
    folder,
    type,
  }: { year: AcademicYear; schools: readonly MadeUpSchool[]; folder: string; type: Type },
): Promise<void> {
  const period = countingYear(year);
  const rows = await countFigures(stores, {
    ...{ level: 'school', by: [], series: 'daily', year, time: 'year', asKnownOn: null, urns: [] },
    ...period,
  });
  const cast = new Set<number>(castMembers.map(({ urn }) => urn));
  for (const { urn } of schools.filter((school) => cast.has(school.urn))) {
    const row = rows.find((each) => each.urn === urn);
    if (!row || withoutSummary.has(urn)) continue;
    const absent = row.authorised + row.unauthorised - (missing.get(urn)?.(row.codes) ?? 0);
    const name = `summary-${urn}.csv`;
    await writeFile(join(folder, name), `Possible sessions,Absences\n${row.possible},${absent}\n`);
    await type('absence compare', [name], { urn: String(urn), ...period }, ['keep']);
  }
}

/** Nobody at this school has compared yet. */
const withoutSummary = new Set<number>([demoCast.allThrough.urn]);

/** How many absences a school’s own system has fewer, by what its codes come to. */
const missing = new Map<number, (codes: Record<string, number>) => number>([
  [demoCast.sponsoredChain.urn, (codes) => Math.round((codes['I'] ?? 0) / 3)],
]);
