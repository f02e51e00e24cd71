import { confirmBasis, type DataFlow, publicTask } from '../access/index.ts';
import { longestKeyDays } from './keys.ts';
import { minutesToSignIn } from './routes.ts';
import { signInDefaults } from './settings.ts';

const { idleMinutes, absoluteHours } = signInDefaults;

const basis = {
  article6: publicTask,
  law: [
    'UK GDPR, Article 5(1)(f) and Article 32 (security: nobody reads a child’s data without being known)',
  ],
  toConfirm: [confirmBasis],
} as const;

const people: DataFlow = {
  name: 'people',
  title: 'People and appointments',
  about:
    'Who may sign in, as what, for which school, class, area or service, and from when to when.',
  whose: 'staff of schools, trusts, authorities and the department; parents and pupils who sign in',
  comesFrom: [
    {
      who: 'The identity provider (DfE Sign-in, say)',
      how: 'OpenID Connect claims at each sign-in: iss, sub, given_name, family_name, email, organisation. None of them decides what somebody may see.',
    },
    {
      who: 'An administrator, or the operator',
      how: 'Gives and ends appointments, on a page or by command.',
    },
  ],
  classes: ['administration'],
  holds: {
    records: {
      people: {
        id: 'The person’s number here.',
        issuer: 'Who vouches for them.',
        subject: 'Their name there: a code.',
        name: 'Name.',
        email: 'E-mail address. It identifies nobody: addresses change hands.',
        organisation: 'For whom they act by the word of who vouches for them; decides nothing.',
        created_at: 'When they first signed in.',
        closed_at: 'When their access was taken away.',
      },
      appointments: {
        id: 'Its number.',
        person: 'Whose.',
        role: 'As what they may act.',
        scope: 'For which school, class, area, trust or hub.',
        starts_on: 'First day.',
        ends_on: 'Last day.',
        given_by: 'By whom it was given.',
        given_at: 'When.',
        ended_at: 'When it was taken back.',
      },
    },
  },
  basis: {
    ...basis,
    toConfirm: [confirmBasis, 'For how long people whose access has ended are kept.'],
  },
  kept: 'As long as the system is kept: access is closed, and the row stays, because the trail names people by their numbers. No command removes a person.',
  goesTo: [],
};

const sessions: DataFlow = {
  name: 'sessions',
  title: 'Sessions',
  about: 'Who is signed in now, as what and for which purpose.',
  whose: 'everybody who signs in',
  comesFrom: [
    {
      who: 'The person’s browser and the identity provider',
      how: 'Signing in (OpenID Connect, authorization code with PKCE).',
    },
  ],
  classes: ['own sign-in'],
  holds: {
    records: {
      sign_ins: {
        state_hash: 'Of a sign-in under way: a hash.',
        browser_hash: 'The same, of the browser.',
        nonce: 'By chance.',
        verifier: 'By chance.',
        return_to: 'The page to go back to.',
        step_up: 'Whether somebody proves again who they are.',
        started_at: 'When it was begun.',
      },
      sessions: {
        token_hash: 'SHA-256 of the cookie: a copy of the records opens no session.',
        person: 'Whose.',
        appointment: 'As what they act now.',
        purpose: 'For what they look at children’s data now.',
        csrf: 'By chance: comes back with every form.',
        id_token: 'The provider’s token, to sign out there as well.',
        started_at: 'When it was begun.',
        seen_at: 'When it was last used, to the minute.',
        stepped_up_at: 'When the person last proved who they are.',
      },
    },
  },
  basis,
  kept: `A session is over ${idleMinutes} minutes after it was last used and at the latest after ${absoluteHours} hours, unless set otherwise, and its row goes when it is shown again or somebody else signs in; a sign-in under way after ${minutesToSignIn} minutes. Never in a backup.`,
  goesTo: [
    { who: 'The identity provider', how: 'Being sent there to sign in and to sign out.' },
    { who: 'The person’s browser', how: 'A cookie that holds nothing but chance.' },
  ],
};

const keys: DataFlow = {
  name: 'keys',
  title: 'Keys of other systems',
  about: 'Which system of which school may send what, and until when.',
  whose: null,
  comesFrom: [{ who: 'An administrator, or the operator', how: 'Makes and revokes them.' }],
  classes: ['administration'],
  holds: {
    records: {
      api_keys: {
        id: 'Its number.',
        key_hash: 'SHA-256 of its secret, which is shown once and not kept.',
        name: 'What an administrator called the system.',
        viewer: 'For which school.',
        abilities: 'What it may do.',
        created_at: 'When it was made.',
        expires_at: `Until when, at most ${longestKeyDays} days.`,
        revoked_at: 'When it was revoked.',
        last_used_at: 'When it was last used, to the minute.',
      },
    },
  },
  basis: null,
  kept: `A key works for at most ${longestKeyDays} days; that it was there is kept as long as the system.`,
  goesTo: [{ who: 'Whoever runs the school’s system', how: 'The secret, once, from who made it.' }],
};

/** What is held of who signs in. */
export const signInFlows: readonly DataFlow[] = [people, sessions, keys];
