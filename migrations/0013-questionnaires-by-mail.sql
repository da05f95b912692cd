-- Letters with questionnaires: what they were, and whose.
create table mailed_letters (
  id uuid primary key default uuidv7(),
  -- Null while nobody has said whose it is.
  library_id uuid references libraries,
  state text not null check (state in ('waiting', 'open', 'unreadable', 'dismissed')),
  -- Why an operator says whose it is.
  doubt text check (doubt in ('unknown_sender', 'not_authenticated', 'several_libraries')),
  sender text not null,
  -- What an answer needs to stand in the same thread.
  subject text not null,
  message_id text not null,
  reference_ids text[] not null,
  -- SHA-256 of sender, text and files: a letter that is sent once more is known by it.
  fingerprint bytea not null,
  received_at timestamptz not null,
  -- Then whatever of its questionnaires wasn't sent goes, and so does what is below.
  expires_at timestamptz not null,
  -- How many questionnaires were read out of it, and how many of them without a doubt.
  found integer not null,
  sure integer not null,
  original bytea,
  body text not null,
  -- Name, media type and size of each file, in the order of the letter.
  parts jsonb not null,
  -- Files that gave nothing, and why.
  faults jsonb not null,
  reminded_at timestamptz,
  decided_by uuid references staff,
  decided_at timestamptz,
  dismiss_reason text,
  check (state not in ('open', 'unreadable') or library_id is not null)
);
create index mailed_letters_fingerprint on mailed_letters (fingerprint, sender);
create index mailed_letters_library on mailed_letters (library_id, received_at desc);
create index mailed_letters_waiting on mailed_letters (received_at) where state = 'waiting';
create index mailed_letters_expiry on mailed_letters (expires_at);

-- A mailed questionnaire is a draft until its library says that the consent was signed.
alter table drafts
  add column letter_id uuid references mailed_letters on delete cascade,
  -- Its place among the letter's.
  add column letter_place integer,
  -- What stood in each field, and why it may not be trusted.
  add column read jsonb,
  drop constraint drafts_origin_check,
  drop constraint drafts_check1;
alter table drafts
  add constraint drafts_origin_check check (origin in ('desk', 'home', 'mail')),
  add constraint drafts_desk_check check ((origin = 'desk') = (created_by is not null)),
  add constraint drafts_library_check check (origin != 'desk' or library_id is not null),
  add constraint drafts_mail_check
    check ((origin = 'mail') = (letter_id is not null and letter_place is not null and read is not null));
create unique index drafts_letter on drafts (letter_id, letter_place) where letter_id is not null;

alter table applications add column letter_id uuid references mailed_letters;
create index applications_letter on applications (letter_id) where letter_id is not null;

-- Answers to a letter.
alter table messages add column letter_id uuid references mailed_letters on delete cascade;
create index messages_letter on messages (letter_id) where letter_id is not null;
