import { type Ask, decide, purposesFor, type Route, type Viewer } from '../access/index.ts';
import { parseDay } from '../base/day.ts';
import { Refusal } from '../base/problem.ts';
import {
  emergencyMinutes,
  type EmergencyRow,
  listEmergencies,
  namesOfPeople,
  pupilsNamed,
  searchAudit,
} from '../records/index.ts';
import { pageNumber, paginate, words } from '../ui/index.ts';
import {
  leastReason,
  openEmergency,
  reasonFault,
  refuseEmergencyTo,
  reviewEmergency,
} from './emergency.ts';
import { clockTime, pupilNumber, type PupilPagesOptions, subjectOfAddress } from './page.ts';
import { type Registry, subjectOfPupil } from './subject.ts';

const pageSize = 25;

/** Opening somebody else’s child’s record in an emergency, by its number or by name, and the list on which each is reviewed. */
export function emergencyPages(options: PupilPagesOptions): Route[] {
  return [
    {
      method: 'GET',
      path: '/pupils/:id/emergency',
      summary: 'Open a child’s record in an emergency',
      needs: 'opening in an emergency',
      subject: subjectOfAddress(options),
      async answer({ viewer, params }) {
        refuseEmergencyTo(viewer);
        return formPage({ number: pupilNumber(params['id']) });
      },
    },
    {
      method: 'POST',
      path: '/pupils/:id/emergency',
      summary: 'Open a child’s record in an emergency: the reason',
      needs: 'opening in an emergency',
      subject: subjectOfAddress(options),
      async answer({ viewer, params, form, from }) {
        refuseEmergencyTo(viewer);
        const pupil = pupilNumber(params['id']);
        const reason = form['reason'] ?? '';
        const fault = reasonFault(reason);
        if (fault) return formPage({ number: pupil, reason, errors: { reason: fault } });
        return openedPage(options, { viewer, pupil, reason, from });
      },
    },
    {
      method: 'GET',
      path: '/emergency',
      summary: 'Find a child in an emergency',
      needs: 'opening in an emergency',
      async answer({ viewer }) {
        refuseEmergencyTo(viewer);
        return formPage({ number: null });
      },
    },
    {
      method: 'POST',
      path: '/emergency',
      summary: 'Find a child in an emergency: who and why',
      needs: 'opening in an emergency',
      answer: (ask) => openByName(options, ask),
    },
    {
      method: 'GET',
      path: '/emergencies',
      summary: 'Records that were opened in an emergency, to be reviewed',
      needs: 'audit',
      purpose: 'oversight',
      async answer({ query }) {
        const page = pageNumber(query['page']);
        const found = await listEmergencies(options.records, {
          ...{ from: (page - 1) * pageSize, size: pageSize },
        });
        return {
          kind: 'page',
          template: 'pupils/emergencies.njk',
          model: {
            emergencies: await listModel(options, found.emergencies),
            leastReason,
            pages: paginate({
              ...{ total: found.total, pageSize, page, noun: ['emergency', 'emergencies'] },
              href: (number) => `/emergencies?page=${number}`,
            }),
          },
        };
      },
    },
    {
      method: 'POST',
      path: '/emergencies/:emergency/review',
      summary: 'Write down what the review of an emergency found',
      needs: 'audit',
      purpose: 'oversight',
      async answer({ viewer, params, form, from }) {
        const id = pupilNumber(params['emergency']);
        await reviewEmergency(options, { viewer, id, note: form['note'] ?? '', from });
        return { kind: 'redirect', to: '/emergencies' };
      },
    },
  ];
}

type FormFields = {
  /** Null: the child is found by name. */
  number: number | null;
  surname?: string;
  dateOfBirth?: string;
  reason?: string;
  errors?: { surname?: string; date_of_birth?: string; reason?: string };
};

function formPage({ number, surname = '', dateOfBirth = '', reason = '', errors }: FormFields) {
  return {
    kind: 'page',
    template: 'pupils/emergency.njk',
    model: {
      ...{ number, surname, dateOfBirth, reason, minutes: emergencyMinutes, leastReason },
      action: number === null ? '/emergency' : `/pupils/${number}/emergency`,
      fieldErrors: { surname: '', date_of_birth: '', reason: '', ...errors },
      errors: errors
        ? Object.entries(errors).map(([field, text]) => ({ text, href: `#${field}` }))
        : null,
    },
  } as const;
}

async function openedPage(options: PupilPagesOptions, asked: Parameters<typeof openEmergency>[1]) {
  const { viewer, pupil } = asked;
  if (!(await isOwn(options, viewer, pupil))) await openEmergency(options, asked);
  return { kind: 'redirect', to: `/pupils/${pupil}` } as const;
}

/** Whoever sees the record anyway needs no emergency, for whichever purpose. */
async function isOwn(options: PupilPagesOptions, viewer: Viewer, pupil: number): Promise<boolean> {
  const subject = await subjectOfPupil(options, pupil);
  return purposesFor(viewer.role, 'pupil attendance').some(
    (purpose) => decide(viewer, 'pupil attendance', subject, { purpose }).allowed,
  );
}

/** Names come in the body of a form and go into no address; a try that finds nobody is as loud as one that does. */
async function openByName(options: PupilPagesOptions, { viewer, form, from }: Ask) {
  refuseEmergencyTo(viewer);
  const surname = (form['surname'] ?? '').trim();
  const typedDay = (form['date_of_birth'] ?? '').trim();
  const dateOfBirth = parseDay(typedDay);
  const reason = form['reason'] ?? '';
  const formAgain = (errors: FormFields['errors'] & {}) =>
    formPage({ number: null, surname, dateOfBirth: typedDay, reason, errors });
  const why = reasonFault(reason);
  const errors = {
    ...(surname === '' || surname.length > 100 ? { surname: 'Give the surname' } : {}),
    ...(dateOfBirth === undefined
      ? { date_of_birth: 'Give the date of birth, as 2014-03-27' }
      : {}),
    ...(why ? { reason: why } : {}),
  };
  if (dateOfBirth === undefined || Object.keys(errors).length > 0) {
    return formAgain(errors);
  }
  await options.trail.leave({
    ...{ viewer, action: 'emergency', data: 'opening in an emergency', purpose: 'emergency', from },
    subject: { kind: 'page', id: '/emergency' },
  });
  await refuseManyTries(options, viewer);
  const [pupil, ...others] = await childrenNamed(options, surname, dateOfBirth);
  if (pupil === undefined) {
    return formAgain({
      surname:
        'No child of this surname and date of birth is on a register here. Check the spelling and the date.',
    });
  }
  if (others.length > 0) {
    return formAgain({
      surname:
        'More than one child of this surname and date of birth is on a register here. Ask the child’s school. If the child is in danger now, ring 999.',
    });
  }
  return openedPage(options, { viewer, pupil, reason, from });
}

/** Behind every surname of the demonstration; nobody types it. */
const madeUpMark = ' (made-up)';

async function childrenNamed({ records }: Registry, surname: string, dateOfBirth: string) {
  const ways = [surname, `${surname}${madeUpMark}`];
  const found = ways.map((each) => pupilsNamed(records, { surname: each, dateOfBirth }));
  return (await Promise.all(found)).flat();
}

/** A surname and every birthday there is are soon tried. Each try is in the trail before it is counted. */
const mostTriesAnHour = 20;

async function refuseManyTries(
  { records, clock }: PupilPagesOptions,
  { person }: Viewer,
): Promise<void> {
  const from = new Date(clock().getTime() - 3_600_000);
  const tries = { ...(person === undefined ? {} : { person }), actions: ['emergency'], from };
  const { total } = await searchAudit(records, tries, { from: 0, size: 1 });
  if (total <= mostTriesAnHour) return;
  throw new Refusal(
    'not-allowed',
    'You have looked for many children within the hour. If a child is in danger now, ring 999.',
  );
}

async function listModel({ records }: PupilPagesOptions, emergencies: readonly EmergencyRow[]) {
  const people = emergencies.flatMap(({ person, reviewed_by }) =>
    reviewed_by === null ? [person] : [person, reviewed_by],
  );
  const names = await namesOfPeople(records, people);
  const nameOf = (person: number) => names.get(person) ?? `Person ${person}`;
  return emergencies.map((each) => ({
    id: each.id,
    pupil: each.pupil,
    who: `${nameOf(each.person)} (${each.viewer})`,
    reason: each.reason,
    when: `${words.date(each.opened_at)}, ${clockTime(each.opened_at)} to ${clockTime(each.closes_at)}`,
    reviewed:
      each.reviewed_at === null
        ? null
        : {
            on: words.date(each.reviewed_at),
            by: each.reviewed_by === null ? 'the operator' : nameOf(each.reviewed_by),
            note: each.review ?? '',
          },
  }));
}
