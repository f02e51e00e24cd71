import { confirmBasis, type DataFlow, publicTask, registrationLaw } from '../access/index.ts';
import { registerYears } from '../pupils/index.ts';
import { schoolDaysToExplain } from './book/index.ts';
import { daysToMend } from './marks/index.ts';

const registration = {
  article6: publicTask,
  law: [
    ...registrationLaw,
    'School Attendance (Pupil Registration) (England) Regulations 2024, regulation 10 (codes; a reason within five school days)',
  ],
  special: {
    what: 'A code can tell of health (I, M), of religion (R), of travelling families (T) and of a suspension (E); ethnicity stands with an enrolment.',
    condition:
      'Article 9(2)(g), substantial public interest: Data Protection Act 2018, Schedule 1, Part 2',
  },
  toConfirm: [
    confirmBasis,
    'That a keyed number in place of the UPN is enough for the warehouse, and who may hold its key.',
  ],
} as const;

const kept = `Every entry for ${registerYears} years from the day on which it was made; then “./rollcall registers tidy” deletes it with the amendments made that day, and writes down, by school and year, how many and when, and no child. Nothing else deletes an entry, and nothing does so by itself: whoever runs the system says when. What was worked out from deleted entries goes with them, so that figures of those years are no longer given. A backup made before still has them: it is to be kept no longer than the registers.`;

const marks: DataFlow = {
  name: 'registers',
  title: 'Attendance registers',
  about: `Who was expected in each session, whether they came, and by which code; every change of an entry, with the original, the reason, the day, and the name and position of who made it. An N that stands for more than ${schoolDaysToExplain} school days is listed for the school. In the warehouse a child is a number made from its UPN with a secret of this installation: no name and no UPN stands there.`,
  whose: 'children, and the staff of schools who send and amend registers',
  comesFrom: [
    {
      who: 'A school’s information system',
      how: 'A file on the school’s page or at the command line, or a push with a key of its own.',
    },
    { who: 'Staff of the school', how: 'An entry amended on a page, by a person who signed in.' },
  ],
  classes: ['pupil attendance', 'registers sent', 'school statistic'],
  holds: {
    warehouse: {
      marks:
        'Each entry as it was made: school, child (a keyed number), day, session, code, when it was entered, and which amendment it is.',
      marks_arriving: 'Nothing: a file that is being read takes its place.',
      marks_staged:
        'Marks of an upload that is being read, with the name and position that a file gives of who amended; removed when it is kept, refused, cancelled or withdrawn.',
      marks_checked: `The same, with what was found of each mark; removed with them, but for what is refused: that waits ${daysToMend} days to be mended.`,
      census_counts:
        'Sessions of a child (a keyed number) over a term by reason, where a school sends counts and no marks.',
    },
    records: {
      amendments: {
        id: 'Its number.',
        receipt: 'What brought it.',
        urn: 'At which school.',
        pupil: 'Of which child: a keyed number.',
        date: 'Of which day.',
        session: 'Morning or afternoon.',
        original: 'What was entered before.',
        entry: 'What is entered now.',
        reason: 'Why, in somebody’s words; emptied when the child’s record is erased.',
        person: 'Who made it, where they signed in.',
        person_name: 'Their name.',
        position: 'Their position at the school.',
        at: 'When.',
      },
      register_deletions: {
        id: 'Its number.',
        urn: 'Of which school entries were deleted.',
        first_day: 'The first day they were of.',
        last_day: 'The last day they were of.',
        entries: 'How many.',
        made_before: 'All that were made before this moment.',
        begun_at: 'When it was begun.',
        finished_at: 'When none of them was left.',
      },
      uploads: {
        id: 'Its number.',
        urn: 'From which school’s page it came.',
        title: 'What the file is called.',
        source: 'From a page, the command line or a system.',
        state: 'How far it is.',
        digest: 'A checksum of the file, to know it again.',
        bytes: 'How large it was.',
        person: 'Who sent it, where they signed in.',
        person_name: 'Their name.',
        position: 'Their position at the school.',
        viewer: 'As what they acted.',
        answers: 'What they answered where the file left a question open.',
        outcome:
          'How many marks were new, the same, amended and refused, by kind; in which rows and columns something could not be read; no child.',
        progress: 'How far it is.',
        failure: 'Why it came to nothing.',
        receipt: 'Under which receipt it counts.',
        idempotency_key: 'By which a system may send the same again, unless it came to nothing.',
        received_at: 'When it came.',
        changed_at: 'When it last went on.',
      },
    },
  },
  basis: registration,
  kept: `${kept} A file that is sent on a page or by a system lies in the data folder, in uploads/, as it came and with the names in it, until it is kept, refused, cancelled or has failed. Nobody having confirmed it or answered its question for ${daysToMend} days, it is cancelled. Neither the file nor what is read of it is in a backup.`,
  goesTo: [],
};

const rolls: DataFlow = {
  name: 'rolls',
  title: 'Rolls, calendars and schools',
  about:
    'Which schools send registers, the days on which each is open, and who is on each roll. A roll names its children: their names go to the pupil registry alone, and to the warehouse a keyed number with what figures need, born to the month.',
  whose: 'children',
  comesFrom: [
    {
      who: 'A school’s information system',
      how: 'Files with schools, calendars and pupils: on the school’s page or by the operator (“./rollcall pupils import”). A roll takes the place of the one before; who has marks and is left out stays until the last of them.',
    },
  ],
  classes: ['pupil attendance', 'pupil characteristics', 'school statistic'],
  holds: {
    warehouse: {
      register_schools: 'Each school’s number, name, phase, authority and region.',
      register_days: 'Whether each school is open on a morning and an afternoon, and why not.',
      enrolments:
        'Who is on a roll from when to when: child (a keyed number), year group, sex, free school meals, special needs, first language, ethnicity, month of birth.',
    },
    records: {
      pupil_secret: {
        only: 'That there is one.',
        secret:
          'The sixteen bytes with which a UPN becomes a keyed number. Whoever has them and the UPNs can tell whose the marks are: they are in a backup, and in no log.',
      },
      erased_pupils: {
        key: 'The keyed number of a child whose record was erased: so that a roll does not bring it back unnoticed.',
        at: 'When it was erased.',
      },
    },
  },
  basis: registration,
  kept: `A roll counts until the next one comes; what was told before stays with its receipt, under the keyed number. Names follow the pupil registry.`,
  goesTo: [],
};

/** What is held of registers, and how it comes and goes. */
export const registerFlows: readonly DataFlow[] = [marks, rolls];
