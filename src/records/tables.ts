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
};
