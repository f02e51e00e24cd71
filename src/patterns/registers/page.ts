import { type Ask, decide, type Route, type Subject, type Trail } from '../../access/index.ts';
import { type Clock, dayInEngland } from '../../base/clock.ts';
import { daysAfter } from '../../base/day.ts';
import { type Directories, type School, subjectOf } from '../../schools/index.ts';
import type { Stores } from '../../stores/index.ts';
import { words } from '../../ui/index.ts';
import { sayOfAlert, sayings } from './answer.ts';
import { alertModel, lookedText, notInTable } from './model.ts';
import { registersNotIn } from './notIn.ts';
import { alertsOfAuthority, alertsOfSchool, type Shown } from './show.ts';

export type PatternPagesOptions = {
  stores: Stores;
  directories: Directories;
  clock: Clock;
  trail: Trail;
};

type Params = Readonly<Record<string, string>>;

/** A school’s morning page, an authority’s week, and what is said of an alert there. */
export function patternPages(options: PatternPagesOptions): Route[] {
  const { directories } = options;
  const schoolOf = async (params: Params) => (await directories()).getTyped(params['urn'] ?? '');
  const ofSchool = {
    needs: 'attendance pattern',
    subject: async (params: Params) => subjectOf(await schoolOf(params)),
  } as const satisfies Partial<Route>;
  const ofAuthority = {
    needs: 'attendance pattern',
    subject: async (params: Params) =>
      subjectOfAuthority(params['laCode'] ?? '', await directories()),
  } as const satisfies Partial<Route>;
  return [
    {
      ...ofSchool,
      method: 'GET',
      path: '/schools/:urn/morning',
      summary: 'A school’s morning: what is unusual in its registers, and which have not come',
      answer: async (ask) => morningPage(options, ask, await schoolOf(ask.params)),
    },
    {
      ...ofSchool,
      method: 'POST',
      path: '/schools/:urn/morning/answer',
      summary: 'Say whether an alert was useful, or put it off',
      async answer({ viewer, params, form, from }) {
        const school = await schoolOf(params);
        const urns = school.chain.map((record) => record.urn);
        await sayOfAlert(
          options,
          {
            ...{ viewer, from, subject: subjectOf(school) },
            of: { kind: 'school', id: String(school.urn) },
          },
          {
            ...{ alert: form['alert'] ?? '', saying: form['saying'] ?? '' },
            isTheirs: (alert) => alert.scope === 'school' && urns.includes(alert.urn),
          },
        );
        return { kind: 'redirect', to: `/schools/${school.urn}/morning` };
      },
    },
    {
      ...ofAuthority,
      method: 'GET',
      path: '/authorities/:laCode/week',
      summary: 'An authority’s week: what is unusual in its area and in its schools',
      answer: async (ask) => weekPage(options, ask),
    },
    {
      ...ofAuthority,
      method: 'POST',
      path: '/authorities/:laCode/week/answer',
      summary: 'Say whether an alert of an area or of a school in it was useful, or put it off',
      async answer({ viewer, params, form, from }) {
        const directory = await directories();
        const { laCode } = directory.getAuthority(params['laCode'] ?? '');
        await sayOfAlert(
          options,
          {
            ...{ viewer, from, subject: subjectOfAuthority(laCode, directory) },
            of: { kind: 'area', id: laCode },
          },
          {
            ...{ alert: form['alert'] ?? '', saying: form['saying'] ?? '' },
            isTheirs: ({ scope, urn, laCode: of }) =>
              scope === 'area' ? of === laCode : directory.find(urn)?.laCode === laCode,
          },
        );
        return { kind: 'redirect', to: `/authorities/${laCode}/week` };
      },
    },
  ];
}

/** Refuses with `not-found`. */
export function subjectOfAuthority(
  code: string,
  directory: Awaited<ReturnType<Directories>>,
): Subject {
  const { laCode, regionCode } = directory.getAuthority(code);
  return { laCodes: [laCode], regionCodes: [regionCode] };
}

async function morningPage(
  { stores, directories, clock }: PatternPagesOptions,
  { viewer }: Ask,
  school: School,
) {
  const directory = await directories();
  const today = dayInEngland(clock());
  const shown = await alertsOfSchool(stores, viewer, { school, directory, today });
  const mayChange = decide(viewer, 'attendance pattern', subjectOf(school), {
    act: 'change',
  }).allowed;
  const registers = await registersNotIn(stores, school, daysAfter(today, -1));
  return {
    kind: 'page',
    template: 'patterns/registers/morning.njk',
    model: {
      school: { name: school.name, href: `/schools/${school.urn}` },
      path: `/schools/${school.urn}/morning`,
      today: words.date(today),
      ...modelOf(shown, { directory, names: false }),
      ...{ mayChange, sayings },
      worklist: decide(viewer, 'worklist', subjectOf(school), { purpose: 'attendance' }).allowed,
      lead: leadOf(shown, registers),
      registers: registers
        ? { since: words.date(registers.since), table: notInTable(registers.notIn) }
        : null,
    },
  } as const;
}

/** The morning in one sentence. */
function leadOf({ run, alerts }: Shown, registers: Awaited<ReturnType<typeof registersNotIn>>) {
  const fresh = alerts.filter(({ isNew }) => isNew).length;
  const news =
    run === undefined
      ? 'Nothing has been looked at yet'
      : fresh === 0
        ? 'Nothing unusual is new'
        : `${words.sentence(words.plural(fresh, 'alert'))} ${fresh === 1 ? 'is' : 'are'} new`;
  const days = registers?.notIn.length ?? 0;
  if (!registers) return `${news}.`;
  return days === 0
    ? `${news}, and every register is in.`
    : `${news}, and ${words.plural(days, 'day')} of registers ${days === 1 ? 'is' : 'are'} not in.`;
}

function modelOf(
  { run, alerts, snoozed }: Shown,
  of: { directory: Awaited<ReturnType<Directories>>; names: boolean },
) {
  return {
    upTo: run ? words.date(run.last_day) : null,
    looked: lookedText(run),
    fresh: alerts.filter(({ isNew }) => isNew).map((alert) => alertModel(alert, of)),
    earlier: alerts.filter(({ isNew }) => !isNew).map((alert) => alertModel(alert, of)),
    snoozed: snoozed.map((alert) => alertModel(alert, of)),
  };
}

async function weekPage(
  { stores, directories, clock }: PatternPagesOptions,
  { viewer, params }: Ask,
) {
  const directory = await directories();
  const authority = directory.getAuthority(params['laCode'] ?? '');
  const { laCode } = authority;
  const today = dayInEngland(clock());
  const week = daysAfter(today, -7);
  const shown = await alertsOfAuthority(stores, viewer, { laCode, directory, today });
  // A week’s page: what was told in its last seven days is new, whoever looked when.
  const alerts = shown.alerts.map((alert) => ({ ...alert, isNew: alert.toldOn >= week }));
  const isOfAll = ({ scope }: { scope: string }) => scope !== 'school';
  const subject = subjectOfAuthority(laCode, directory);
  return {
    kind: 'page',
    template: 'patterns/registers/week.njk',
    model: {
      authority: { name: authority.name, href: `/authorities/${laCode}` },
      path: `/authorities/${laCode}/week`,
      ...{ today: words.date(today), since: words.date(week) },
      mayChange: decide(viewer, 'attendance pattern', subject, { act: 'change' }).allowed,
      sayings,
      area: modelOf(
        { ...shown, alerts: alerts.filter(isOfAll), snoozed: shown.snoozed.filter(isOfAll) },
        { directory, names: true },
      ),
      schools: modelOf(
        {
          ...shown,
          alerts: alerts.filter((alert) => !isOfAll(alert)),
          snoozed: shown.snoozed.filter((alert) => !isOfAll(alert)),
        },
        { directory, names: true },
      ),
    },
  } as const;
}
