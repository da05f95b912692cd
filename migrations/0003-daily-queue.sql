-- The daily queue: drafts, holds, taking a decision back, possible duplicates, consents, yearly renewal.

-- Questionnaires that aren't sent yet: a librarian's draft, or one filled in at home and called up by its code.
create table drafts (
  -- The key of its form: sending under it ends the draft.
  id uuid primary key default uuidv7(),
  origin text not null check (origin in ('desk', 'home')),
  library_id uuid references libraries,
  created_by uuid references staff,
  -- Blinded: the table tells nobody's code.
  code_hash bytea unique,
  -- A library's working copy of what was filled in at home: it goes when that goes.
  from_home uuid references drafts on delete cascade,
  -- As they were typed.
  fields jsonb not null,
  -- A tab that shows an older one doesn't overwrite it.
  revision integer not null default 1,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  expires_at timestamptz not null,
  check ((origin = 'home') = (code_hash is not null)),
  check ((origin = 'desk') = (created_by is not null and library_id is not null))
);
create index drafts_library on drafts (library_id, changed_at desc) where origin = 'desk';
create index drafts_from_home on drafts (from_home) where from_home is not null;
create index drafts_expiry on drafts (expires_at);

alter table applications
  -- What was filled in at home becomes one questionnaire at most; the draft itself is gone by then.
  add column home_draft_id uuid unique,
  -- Who has it open; others see it until the hold runs out.
  add column held_by uuid references staff,
  add column held_until timestamptz,
  -- A new reader, or one who was on record already.
  add column outcome text check (outcome in ('new', 'existing')),
  -- Until then the decision can be taken back; null with an `undo` beside it: somebody has seen what came of it.
  add column undo_until timestamptz,
  -- What the decision changed, without readable passwords.
  add column undo jsonb,
  -- The operators were told that it waits too long.
  add column overdue_told_at timestamptz;
create index applications_decided on applications (decided_at desc) where decided_at is not null;
create index applications_undo on applications (undo_until) where undo is not null;
-- The queue: of one library, and the other states' lists.
create index applications_waiting_library on applications (library_id, sent_at, id) where state = 'sent';
create index applications_sent on applications (sent_at desc, id desc);
create index applications_state on applications (state, sent_at desc, id desc);

alter table application_events
  -- A step taken at home has no staff member.
  alter column staff_id drop not null,
  -- The step undid the one before it.
  add column takes_back boolean not null default false;
create index application_events_staff on application_events (staff_id, at desc);

-- Hints at the same person: a shared contact, the same name with another date, the same date with another name.
create index readers_birth_date on readers (birth_date);
create index readers_phone on readers (phone) where phone is not null;
create index readers_email on readers (email) where email is not null;
-- A reader is found by the beginnings of his name's words.
create index readers_words on readers using gin (to_tsvector('simple', name_key));
create index applications_person on applications (birth_date) where state in ('sent', 'returned');

alter table readers
  -- The record that this one was merged into; it keeps its key, so the same person is found through it.
  add column merged_into uuid references readers on delete cascade,
  -- The yearly re-registration.
  add column renewed_at timestamptz;
update readers set renewed_at = created_at;
alter table readers alter column renewed_at set not null;
create index readers_merged on readers (merged_into) where merged_into is not null;

-- Two records that somebody decided to be two people: not asked again.
create table distinct_readers (
  first_id uuid not null references readers on delete cascade,
  second_id uuid not null references readers on delete cascade,
  decided_by uuid not null references staff,
  decided_at timestamptz not null,
  primary key (first_id, second_id),
  check (first_id < second_id)
);

-- Two records that turned out to be one person; `moved` names by id what went over, so that it can go back.
create table reader_merges (
  id uuid primary key default uuidv7(),
  kept_id uuid not null references readers on delete cascade,
  -- Not a reference: the dropped record is gone in the end.
  dropped_id uuid not null,
  merged_by uuid not null references staff,
  merged_at timestamptz not null,
  moved jsonb not null,
  -- After that the dropped record is removed, `moved` emptied, and the merge stays.
  final_after timestamptz not null,
  final_at timestamptz,
  undone_by uuid references staff,
  undone_at timestamptz
);
create index reader_merges_kept on reader_merges (kept_id);
create unique index reader_merges_standing on reader_merges (dropped_id) where undone_at is null;

-- Why a record was mended; names of fields only.
create table reader_changes (
  id uuid primary key default uuidv7(),
  reader_id uuid not null references readers on delete cascade,
  fields text[] not null,
  -- In words, or '' where a questionnaire was the reason.
  reason text not null,
  application_id uuid references applications on delete set null,
  changed_by uuid references staff,
  changed_at timestamptz not null
);
create index reader_changes_reader on reader_changes (reader_id, changed_at desc);

-- Consent to processing, and a separate one to handing data over to a provider or gateway.
alter table consent_texts
  add column kind text not null default 'processing' check (kind in ('processing', 'handover')),
  add column created_by uuid references staff;
-- What somebody has signed never changes: a text that is mended is a new version.
create function consent_text_stays() returns trigger language plpgsql as $$
begin
  raise exception 'a consent text never changes';
end $$;
create trigger consent_text_stays before update or delete on consent_texts
  for each row execute function consent_text_stays();
alter table consents
  add column kind text not null default 'processing' check (kind in ('processing', 'handover')),
  -- On paper before a librarian, or by the reader's own hand in the app.
  add column channel text not null default 'paper' check (channel in ('paper', 'app')),
  add column revoked_at timestamptz,
  alter column taken_by drop not null,
  add check ((channel = 'paper') = (taken_by is not null)),
  -- `both`: the teenager together with the representative.
  drop constraint consents_basis_check,
  add constraint consents_basis_check check (basis in ('self', 'guardian', 'both')),
  drop constraint consents_check,
  add constraint consents_guardian_check
    check ((basis = 'self') = (guardian_name is null) and (guardian_name is null) = (guardian_relation is null));
alter table consents alter column channel drop default;

-- Statistics count loans after their reader is gone: without him, their times coarsened to the day.
alter table loans
  alter column reader_id drop not null,
  add check (reader_id is not null or ended_at is not null);

-- Lists that showed a person, for the question who saw what.
create index audit_shown on audit_log using gin ((details -> 'ids')) where details ? 'ids';
create index audit_shown_applications on audit_log using gin ((details -> 'applications'))
  where details ? 'applications';

-- A reader's wish to be forgotten, and its fulfilment. Outlives the reader: no name, only ids and counts.
create table destructions (
  id uuid primary key default uuidv7(),
  -- Not a reference: the record it names is gone afterwards.
  reader_id uuid not null,
  card_numbers text[] not null,
  -- The one that was valid: it becomes so again when the destruction is called off.
  blocked_card text,
  library_id uuid not null references libraries,
  -- Why: the consent was revoked, or the purpose has ended.
  reason text not null check (reason in ('revoked', 'ended')),
  asked_by_staff uuid references staff,
  asked_at timestamptz not null,
  due_at timestamptz not null,
  done_by uuid references staff,
  done_at timestamptz,
  -- What was destroyed: counts by category, and the ids under which the audit log knows the person.
  destroyed jsonb,
  called_off_by uuid references staff,
  called_off_at timestamptz,
  called_off_reason text,
  check (done_at is null or called_off_at is null),
  check ((done_at is null) = (destroyed is null)),
  check ((called_off_at is null) = (called_off_by is null) and (called_off_at is null) = (called_off_reason is null))
);
create unique index destructions_open on destructions (reader_id) where done_at is null and called_off_at is null;
create index destructions_due on destructions (due_at) where done_at is null and called_off_at is null;
create index destructions_done on destructions (done_at desc) where done_at is not null;

-- A reader asks for his data to be corrected.
create table correction_requests (
  id uuid primary key default uuidv7(),
  reader_id uuid not null references readers on delete cascade,
  text text not null,
  asked_at timestamptz not null,
  answer text,
  answered_by uuid references staff,
  answered_at timestamptz
);
create index correction_requests_open on correction_requests (asked_at) where answered_at is null;
create index correction_requests_reader on correction_requests (reader_id, asked_at desc);
