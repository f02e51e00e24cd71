import type { ColumnType, Generated } from 'kysely';

/**
 * A receipt: what was brought in, when, and whether it counts. It counts from `committed_at` until `withdrawn_at`;
 * the warehouse's rows carry its `id`.
 */
export type ReceiptsTable = {
  id: Generated<number>;
  /** What sort of thing was brought: a publication's kind, `targets`. */
  kind: string;
  /** What it replaces when it comes again: `201718`, `2019-01`. One receipt counts per kind and scope. */
  scope: string;
  /** For people: the file's name, the year fitted. */
  title: string;
  /** SHA-256 of the content, so that the same file again is known; empty for what is computed. */
  digest: string;
  /** Counts and notes that belong to it, as JSON. */
  detail: ColumnType<ReceiptDetail, string, string>;
  started_at: Date;
  committed_at: Date | null;
  withdrawn_at: Date | null;
};

export type ReceiptDetail = Record<string, unknown>;

/** A day as `2026-11-22`. */
type Day = ColumnType<string, string, string>;

/** One thing done: see `access/trail.ts`. `hash` covers every other column and the hash of the entry before. */
export type AuditEntriesTable = {
  number: number;
  at: Date;
  person: number | null;
  role: string;
  scope: string | null;
  action: string;
  data_class: string | null;
  purpose: string | null;
  subject_kind: string | null;
  subject_id: string | null;
  from_address: string;
  /** JSON. */
  detail: string;
  hash: string;
};

export type PeopleTable = {
  id: Generated<number>;
  /** Who vouches for them, and their name there (OpenID Connect `iss` and `sub`). */
  issuer: string;
  subject: string;
  name: string;
  email: string;
  /** For whom they act by the word of who vouches for them: shown to who gives appointments, and decides nothing. */
  organisation: ColumnType<string | null, string | null | undefined, string | null>;
  created_at: Date;
  closed_at: Date | null;
};

export type AppointmentsTable = {
  id: Generated<number>;
  person: number;
  role: string;
  scope: string | null;
  starts_on: Day;
  ends_on: Day | null;
  given_by: number | null;
  given_at: Date;
  /** Taken back: counts no longer from here on, whatever its days. */
  ended_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
};

export type SignInsTable = {
  state_hash: string;
  browser_hash: string;
  nonce: string;
  verifier: string;
  return_to: string;
  step_up: boolean;
  started_at: Date;
};

export type SessionsTable = {
  token_hash: string;
  person: number;
  appointment: number | null;
  purpose: string | null;
  csrf: string;
  id_token: string | null;
  started_at: Date;
  seen_at: Date;
  /** When the person last proved to who vouches for them who they are; null when that was not said. */
  stepped_up_at: Date | null;
};

export type ApiKeysTable = {
  id: Generated<number>;
  key_hash: string;
  name: string;
  /** `system:100000`. */
  viewer: string;
  /** What it may do, with spaces between. */
  abilities: string;
  created_at: Date;
  expires_at: Date;
  revoked_at: Date | null;
  last_used_at: Date | null;
};

export type PupilsTable = {
  id: Generated<number>;
  upn: string | null;
  surname: string | null;
  forename: string | null;
  date_of_birth: Day | null;
  sex: string | null;
  person: number | null;
  restricted_at: Date | null;
  restricted_because: string | null;
  erased_at: Date | null;
  created_at: Date;
};

export type EnrolmentsTable = {
  id: Generated<number>;
  pupil: number;
  urn: number;
  year_group: string;
  class_name: string | null;
  entry_date: Day;
  leaving_date: Day | null;
};

export type CharacteristicsTable = {
  pupil: number;
  fsm: boolean | null;
  sen: string | null;
  eal: boolean | null;
  ethnicity: string | null;
};

export type ContactsTable = {
  id: Generated<number>;
  pupil: number;
  name: string;
  relationship: string;
  telephone: string | null;
  email: string | null;
  parental_responsibility: boolean;
  person: number | null;
  starts_on: Day;
  ends_on: Day | null;
};

export type CasesTable = {
  id: Generated<number>;
  pupil: number;
  person: number;
  /** `social care` or `early help`. */
  service: string;
  starts_on: Day;
  ends_on: Day | null;
};

/** A record that was opened in an emergency closes after so many minutes, whatever its row says. */
export const emergencyMinutes = 60;

export type EmergenciesTable = {
  id: Generated<number>;
  pupil: number;
  person: number;
  viewer: string;
  reason: string;
  opened_at: Date;
  closes_at: Date;
  reviewed_at: Date | null;
  reviewed_by: number | null;
  review: string | null;
};

export type CorrectionsTable = {
  id: Generated<number>;
  pupil: number;
  field: string;
  was: string | null;
  wanted: string | null;
  because: string;
  asked_at: Date;
  asked_by: string;
  decided_at: Date | null;
  decided_by: string | null;
  outcome: string | null;
  answer: string | null;
};

/** One thing said of one suggestion. What stands is the last row of it. */
export type OverrulesTable = {
  id: Generated<number>;
  urn: number;
  year: number;
  /** Of the issue that it was said of: the year can have been issued again since. */
  receipt: number;
  /** Its kind, and for a school that is suggested that school: see `targets/suggestion.ts`. */
  suggestion: string;
  other_urn: number | null;
  /** What had been suggested, in the words of that day. */
  suggested: string;
  /** The kind of reason it is set aside for, and the reason; both null where that is taken back. */
  because: string | null;
  reason: string | null;
  /** The academic year in which a shock was. */
  shock_year: number | null;
  person: number | null;
  role: string;
  scope: string | null;
  /** Entered at the command line, in the name of whoever `role` and `scope` say. */
  by_operator: boolean;
  at: Date;
};

/** See `uploads.sql.ts`. */
export type UploadsTable = {
  id: Generated<number>;
  /** Whose page it was sent from; null at the command line, where a file can have many schools. */
  urn: number | null;
  /** The file’s name. */
  title: string;
  /** `page`, `command line`, `system`. */
  source: string;
  /** See `registers/marks/upload.ts`. */
  state: string;
  digest: string;
  bytes: number;
  person: number | null;
  person_name: string;
  position: string;
  viewer: string;
  /** What a person answered where the file left a question open. */
  answers: ColumnType<Record<string, unknown>, string | undefined, string>;
  /** What was found in it. */
  outcome: ColumnType<Record<string, unknown>, string | undefined, string>;
  /** From 0 to 1. */
  progress: Generated<number>;
  /** Why it came to nothing. */
  failure: ColumnType<string | null, string | null | undefined, string | null>;
  receipt: ColumnType<number | null, number | null | undefined, number | null>;
  /** Of a system that may send the same again: see `Idempotency-Key`. */
  idempotency_key: ColumnType<string | null, string | null | undefined, string | null>;
  received_at: Date;
  changed_at: Date;
};

/** See `amendments.sql.ts`. */
export type AmendmentsTable = {
  id: Generated<number>;
  /** Which receipt brought the new entry. */
  receipt: number;
  urn: number;
  /** The pupil key, in digits. */
  pupil: string;
  date: Day;
  /** 0 in the morning, 1 in the afternoon. */
  session: number;
  /** Null where there was none. */
  original: string | null;
  entry: string;
  reason: string;
  /** Null where it was nobody who signs in. */
  person: number | null;
  person_name: string;
  position: string;
  at: Date;
};

/** Entries of a school’s registers, of one academic year, that were deleted at one time. */
export type RegisterDeletionsTable = {
  id: Generated<number>;
  urn: number;
  /** Of the sessions that they were of. */
  first_day: Day;
  last_day: Day;
  entries: number;
  /** All that had been made before this moment. */
  made_before: Date;
  begun_at: Date;
  /** Null until the last of them is gone. */
  finished_at: Date | null;
};

/** A summary of a school’s own information system against its registers here. What stands is the last row of a school and year. */
export type MisSummariesTable = {
  id: Generated<number>;
  urn: number;
  year: number;
  first_day: Day;
  last_day: Day;
  /** Of what its rows were: `totals`, `sessions`, `codes` or `pupils`. */
  form: string;
  /** What was found, as JSON: counts, rules and differences, and no child. */
  found: string;
  /** `agrees`, `explained` or `differs`. */
  outcome: string;
  /** What the registers here said then. */
  possible: number;
  absent: number;
  /** Who sent it. */
  person: number | null;
  role: string;
  scope: string | null;
  at: Date;
};

/** That a person at the school accepted an explained difference. */
export type AcceptedDifferencesTable = {
  summary: number;
  person_name: string;
  position: string;
  reason: string;
  person: number | null;
  role: string;
  scope: string | null;
  at: Date;
};

/** Something that was told of patterns in registers, of a school (`urn`), of an area or of everybody (neither). */
export type PatternAlertsTable = {
  id: Generated<number>;
  scope: string;
  /** 0 where it is of no single school. */
  urn: number;
  la_code: string;
  pupil_group: string;
  kind: string;
  started_on: Day;
  happened_on: Day;
  told_on: Day;
  /** What was found, as JSON: see `patterns/registers/alert.ts`. No child stands in it. */
  found: string;
  at: Date;
};

/** What somebody who got an alert said of it. What stands is the last row. */
export type PatternAnswersTable = {
  id: Generated<number>;
  alert: number;
  said: string;
  snoozed_until: Day | null;
  person: number | null;
  role: string;
  scope: string | null;
  at: Date;
};

/** That registers were looked at: at the end of which day, and what had come. */
export type PatternRunsTable = {
  id: Generated<number>;
  on_day: Day;
  /** The last day with marks. */
  last_day: Day;
  schools: number;
  series: number;
  told: number;
  alarms_a_year: number;
  at: Date;
};

/** Of somebody who was sent a digest: what the link to stop them carries, and since when they get none. */
export type DigestPeopleTable = { person: number; token: string; stopped_at: Date | null };

/** A digest of one week to one person in one role: sent once, or never. */
export type DigestsTable = {
  id: Generated<number>;
  person: number;
  role: string;
  /** Blank where the role has none. */
  scope: string;
  week: Day;
  state: 'begun' | 'sent' | 'unsure';
  at: Date;
};

/** What somebody at a school wrote of a child there: that school’s own. */
export type WorklistNotesTable = {
  id: Generated<number>;
  urn: number;
  pupil: number;
  text: string;
  person: number;
  role: string;
  at: Date;
};

/** Who has a child on a school’s worklist. What stands is the last row of a child and school. */
export type WorklistHoldersTable = {
  id: Generated<number>;
  urn: number;
  pupil: number;
  /** Null where it was let go. */
  holder: number | null;
  /** Who said so. */
  person: number;
  role: string;
  at: Date;
};

/** How many children a school says that it can see to. What stands is the last row. */
export type WorklistCapacitiesTable = {
  id: Generated<number>;
  urn: number;
  children: number;
  person: number;
  role: string;
  at: Date;
};

export type RecordsTables = {
  receipts: ReceiptsTable;
  installation: { id: string };
  audit_entries: AuditEntriesTable;
  audit_head: { only: boolean; number: number; hash: string };
  people: PeopleTable;
  appointments: AppointmentsTable;
  sign_ins: SignInsTable;
  sessions: SessionsTable;
  api_keys: ApiKeysTable;
  pupils: PupilsTable;
  enrolments: EnrolmentsTable;
  characteristics: CharacteristicsTable;
  contacts: ContactsTable;
  cases: CasesTable;
  emergencies: EmergenciesTable;
  corrections: CorrectionsTable;
  overrules: OverrulesTable;
  mis_summaries: MisSummariesTable;
  accepted_differences: AcceptedDifferencesTable;
  pattern_alerts: PatternAlertsTable;
  pattern_answers: PatternAnswersTable;
  pattern_runs: PatternRunsTable;
  digest_people: DigestPeopleTable;
  digests: DigestsTable;
  worklist_notes: WorklistNotesTable;
  worklist_holders: WorklistHoldersTable;
  worklist_capacities: WorklistCapacitiesTable;
  uploads: UploadsTable;
  amendments: AmendmentsTable;
  register_deletions: RegisterDeletionsTable;
  erased_pupils: { key: string; at: Date };
  pupil_secret: { only: boolean; secret: string };
};
